/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of mixup: pairs of classes times mixing values, equal targets
   merged. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "core/error.h"
#include "problem/columns.h"

/* The distinct values of lam and 1 - lam, ascending, each with the weight of
   both: for i < j the pairs (i, j) and (j, i) together have target
   v e_i + (1 - v) e_j with this weight. */
typedef struct values {
  size_t n;
  mpq_t *v, *weight;
} values;

static void values_clear(values *s)
{
  for (size_t i = 0; s->v != NULL && s->weight != NULL && i < s->n; i++)
    mpq_clears(s->v[i], s->weight[i], (mpq_ptr)NULL);
  free(s->v);
  free(s->weight);
}

/* Adds `weight` to the value v = lam or 1 - lam. */
static void add_value(values *s, mpq_srcptr v, mpq_srcptr weight)
{
  size_t i = 0;

  while (i < s->n && mpq_cmp(s->v[i], v) < 0)
    i++;
  if (i < s->n && mpq_equal(s->v[i], v)) {
    mpq_add(s->weight[i], s->weight[i], weight);
    return;
  }
  mpq_inits(s->v[s->n], s->weight[s->n], (mpq_ptr)NULL);
  mpq_set(s->v[s->n], v);
  mpq_set(s->weight[s->n], weight);
  for (size_t l = s->n++; l > i; l--) {
    mpq_swap(s->v[l], s->v[l - 1]);
    mpq_swap(s->weight[l], s->weight[l - 1]);
  }
}

static ufm_status values_init(values *s, const ufm_mixing *mixing,
                              ufm_error *error)
{
  mpq_t mirror, one;

  *s = (values){0};
  s->v = calloc(2 * mixing->nodes, sizeof *s->v);
  s->weight = calloc(2 * mixing->nodes, sizeof *s->weight);
  if (s->v == NULL || s->weight == NULL) {
    values_clear(s);
    return ufm__no_memory(error, "mixing values");
  }
  mpq_inits(mirror, one, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  for (size_t l = 0; l < mixing->nodes; l++) {
    add_value(s, mixing->lam[l], mixing->weight[l]);
    mpq_sub(mirror, one, mixing->lam[l]);
    add_value(s, mirror, mixing->weight[l]);
  }
  mpq_clears(mirror, one, (mpq_ptr)NULL);
  return UFM_OK;
}

/* Palette: 0, 1, the inner values, the weights of e_k by group, the weights of
   pairs by groups and value. */
typedef struct palette {
  size_t first, inner; /* inner values are first..first + inner - 1 in `v` */
  size_t values, same, pairs, size;
  size_t G;
} palette;

enum { PALETTE_ZERO, PALETTE_ONE, PALETTE_VALUES };

static palette palette_plan(size_t G, size_t first, size_t inner)
{
  palette p = {.first = first, .inner = inner, .values = PALETTE_VALUES};

  p.G = G;
  p.same = p.values + inner;
  p.pairs = p.same + G;
  p.size = p.pairs + G * G * inner;
  return p;
}

/* scale = (1 - same)/(N^2 - sum n^2), same_scale = same/sum n^2: a pair (i, j)
   has weight scale n_i n_j, and (k, k) same_scale n_k^2. */
static void pair_scales(size_t K, const size_t *counts,
                        const ufm_mixing *mixing, mpq_t scale, mpq_t same_scale)
{
  mpz_t samples, squares;
  mpq_t part;

  mpz_inits(samples, squares, (mpz_ptr)NULL);
  mpq_init(part);
  for (size_t k = 0; k < K; k++) {
    mpz_add_ui(samples, samples, counts[k]);
    mpz_set_ui(mpq_numref(part), counts[k]);
    mpz_addmul(squares, mpq_numref(part), mpq_numref(part));
  }
  mpq_set_z(part, squares);
  mpq_div(same_scale, mixing->same, part);
  mpz_mul(samples, samples, samples);
  mpz_sub(samples, samples, squares);
  mpq_set_z(part, samples);
  mpq_set_ui(scale, 1, 1);
  mpq_sub(scale, scale, mixing->same);
  mpq_div(scale, scale, part);
  mpz_clears(samples, squares, (mpz_ptr)NULL);
  mpq_clear(part);
}

/* Pairs with values 0 and 1 are e_j and e_i: class k takes part in
   sum_{l != k} n_k n_l = n_k (N - n_k) of each. */
static void set_palette(ufm_columns *out, const palette *p, const values *s,
                        const ufm_groups *groups, size_t samples,
                        mpq_srcptr scale, mpq_srcptr same_scale)
{
  mpq_t x;

  mpq_init(x);
  mpq_set_ui(out->palette[PALETTE_ONE], 1, 1);
  for (size_t l = 0; l < p->inner; l++)
    mpq_set(out->palette[p->values + l], s->v[p->first + l]);
  for (size_t g = 0; g < p->G; g++) {
    mpq_ptr same = out->palette[p->same + g];

    mpq_set_ui(same, groups->count[g], 1);
    mpq_mul(same, same, same);
    mpq_mul(same, same, same_scale);
    if (p->first > 0) {
      mpq_set_ui(x, groups->count[g], 1);
      mpq_mul(x, x, scale);
      mpz_mul_ui(mpq_numref(x), mpq_numref(x), samples - groups->count[g]);
      mpq_canonicalize(x);
      mpq_mul(x, x, s->weight[0]);
      mpq_add(same, same, x);
    }
    for (size_t h = 0; h < p->G; h++) {
      mpq_set_ui(x, groups->count[g], 1);
      mpz_mul_ui(mpq_numref(x), mpq_numref(x), groups->count[h]);
      mpq_mul(x, x, scale);
      for (size_t l = 0; l < p->inner; l++)
        mpq_mul(out->palette[p->pairs + (g * p->G + h) * p->inner + l], x,
                s->weight[p->first + l]);
    }
  }
  mpq_clear(x);
  ufm__columns_round(out);
}

static void set_columns(ufm_columns *out, const palette *p,
                        const ufm_groups *groups, bool classes)
{
  size_t j = 0, entry = 0, K = out->K;

  for (size_t k = 0; k < K && classes; k++, j++) {
    out->row[entry] = k;
    out->value[entry++] = PALETTE_ONE;
    out->weight[j] = p->same + groups->of[k];
    out->label[j] = k;
    out->first[j + 1] = entry;
  }
  for (size_t i = 0; i < K; i++)
    for (size_t k = i + 1; k < K; k++)
      for (size_t l = 0; l < p->inner; l++, j++) {
        size_t pair = groups->of[i] * p->G + groups->of[k];

        out->row[entry] = i;
        out->value[entry++] = p->values + l;
        out->row[entry] = k;
        out->value[entry++] = p->values + p->inner - 1 - l; /* 1 - v */
        out->weight[j] = p->pairs + pair * p->inner + l;
        out->label[j] = UFM_NO_LABEL;
        out->first[j + 1] = entry;
      }
}

/* J, or 0 when there are too many. */
static size_t number_of_columns(size_t K, size_t inner, bool classes)
{
  double n = (classes ? (double)K : 0.0) +
             0.5 * (double)K * (double)(K - 1) * (double)inner;

  return n > UFM__MOST_COLUMNS ? 0 : (size_t)n;
}

static ufm_status build(ufm_columns *out, size_t K, const size_t *counts,
                        const ufm_groups *groups, const ufm_mixing *mixing,
                        const values *s, ufm_error *error)
{
  bool mixed = mpq_cmp_ui(mixing->same, 1, 1) < 0;
  size_t first = mpq_sgn(s->v[0]) == 0; /* value 0, and its mirror image 1 */
  size_t inner = mixed ? s->n - 2 * first : 0;
  bool classes = mpq_sgn(mixing->same) > 0 || (mixed && first > 0);
  size_t J = number_of_columns(K, inner, classes), samples = 0;
  palette p = palette_plan(groups->G, first, J > 0 ? inner : 0);
  ufm_status status;
  mpq_t scale, same_scale;

  for (size_t k = 0; k < K; k++)
    samples += counts[k];
  status = ufm__columns_alloc(out, K, J, 2 * J, p.size, error);
  if (status != UFM_OK)
    return status;
  mpq_inits(scale, same_scale, (mpq_ptr)NULL);
  pair_scales(K, counts, mixing, scale, same_scale);
  set_palette(out, &p, s, groups, samples, scale, same_scale);
  mpq_set_ui(out->ratio, 1, 1);
  if (J > 0)
    set_columns(out, &p, groups, classes);
  mpq_clears(scale, same_scale, (mpq_ptr)NULL);
  return UFM_OK;
}

ufm_status ufm__columns_from_pairs(ufm_columns *out, size_t K,
                                   const size_t *counts,
                                   const ufm_groups *groups,
                                   const ufm_mixing *mixing, ufm_error *error)
{
  values s;
  ufm_status status = values_init(&s, mixing, error);

  if (status != UFM_OK)
    return status;
  status = build(out, K, counts, groups, mixing, &s, error);
  values_clear(&s);
  return status;
}
