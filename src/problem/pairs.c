/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "problem/pairs.h"

void ufm__pairs_clear(ufm__pairs *s)
{
  if (s->v == NULL || s->weight == NULL)
    s->n = 0;
  else
    mpq_clears(s->scale, s->same_scale, (mpq_ptr)NULL);
  if (s->v != NULL && s->weight != NULL)
    mpz_clear(s->samples);
  for (size_t i = 0; i < s->n; i++)
    mpq_clears(s->v[i], s->weight[i], (mpq_ptr)NULL);
  free(s->v);
  free(s->weight);
  *s = (ufm__pairs){0};
}

/* Adds `weight` to the value v = lam or 1 - lam. */
static void add_value(ufm__pairs *s, mpq_srcptr v, mpq_srcptr weight)
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

static void set_values(ufm__pairs *s, const ufm_mixing *mixing)
{
  mpq_t mirror, one;

  mpq_inits(mirror, one, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  for (size_t l = 0; l < mixing->nodes; l++) {
    add_value(s, mixing->lam[l], mixing->weight[l]);
    mpq_sub(mirror, one, mixing->lam[l]);
    add_value(s, mirror, mixing->weight[l]);
  }
  mpq_clears(mirror, one, (mpq_ptr)NULL);
}

/* scale = (1 - same)/(N^2 - sum n^2), same_scale = same/sum n^2 */
static void set_scales(ufm__pairs *s, size_t K, const size_t *counts,
                       const ufm_mixing *mixing)
{
  mpz_t squares;
  mpq_t part;

  mpz_init(squares);
  mpq_init(part);
  for (size_t k = 0; k < K; k++) {
    mpz_add_ui(s->samples, s->samples, counts[k]);
    mpz_set_ui(mpq_numref(part), counts[k]);
    mpz_addmul(squares, mpq_numref(part), mpq_numref(part));
  }
  mpq_set_z(part, squares);
  mpq_div(s->same_scale, mixing->same, part);
  mpz_mul(mpq_numref(part), s->samples, s->samples);
  mpz_sub(mpq_numref(part), mpq_numref(part), squares);
  mpq_set_ui(s->scale, 1, 1);
  mpq_sub(s->scale, s->scale, mixing->same);
  mpq_div(s->scale, s->scale, part);
  mpz_clear(squares);
  mpq_clear(part);
}

ufm_status ufm__pairs_init(ufm__pairs *out, size_t K, const size_t *counts,
                           const ufm_mixing *mixing, ufm_error *error)
{
  bool mixed = mpq_cmp_ui(mixing->same, 1, 1) < 0;

  *out = (ufm__pairs){0};
  out->v = calloc(2 * mixing->nodes, sizeof *out->v);
  out->weight = calloc(2 * mixing->nodes, sizeof *out->weight);
  if (out->v == NULL || out->weight == NULL) {
    ufm__pairs_clear(out);
    return ufm__no_memory(error, "mixing values");
  }
  mpz_init(out->samples);
  mpq_inits(out->scale, out->same_scale, (mpq_ptr)NULL);
  set_values(out, mixing);
  set_scales(out, K, counts, mixing);
  out->first = mpq_sgn(out->v[0]) == 0;
  out->inner = mixed ? out->n - 2 * out->first : 0;
  out->classes = mpq_sgn(mixing->same) > 0 || (mixed && out->first > 0);
  return UFM_OK;
}

void ufm__pairs_class_weight(const ufm__pairs *s, size_t n, mpq_t out)
{
  mpq_t x;

  mpq_init(x);
  mpq_set_ui(out, n, 1);
  mpq_mul(out, out, out);
  mpq_mul(out, out, s->same_scale);
  if (s->first > 0) {
    mpz_sub_ui(mpq_numref(x), s->samples, n);
    mpz_mul_ui(mpq_numref(x), mpq_numref(x), n);
    mpq_mul(x, x, s->scale);
    mpq_mul(x, x, s->weight[0]);
    mpq_add(out, out, x);
  }
  mpq_clear(x);
}

void ufm__pairs_weight(const ufm__pairs *s, size_t n_i, size_t n_j, size_t l,
                       mpq_t out)
{
  mpq_set_ui(out, n_i, 1);
  mpz_mul_ui(mpq_numref(out), mpq_numref(out), n_j);
  mpq_mul(out, out, s->scale);
  mpq_mul(out, out, s->weight[s->first + l]);
}
