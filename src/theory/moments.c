/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/moments.h"

enum { MOST_CLASSES = 100 };

static mpq_t *rationals(size_t n)
{
  mpq_t *x = calloc(n, sizeof *x);

  for (size_t i = 0; x != NULL && i < n; i++)
    mpq_init(x[i]);
  return x;
}

static void free_rationals(mpq_t *x, size_t n)
{
  for (size_t i = 0; x != NULL && i < n; i++)
    mpq_clear(x[i]);
  free(x);
}

void ufm__moments_clear(ufm__moments *m)
{
  free_rationals(m->mean, m->G);
  free_rationals(m->cross, m->G * m->G);
  free_rationals(m->extra, m->G);
  *m = (ufm__moments){0};
}

/* x n k for integers that may be large */
static void scaled(mpq_t out, mpq_srcptr x, size_t n, size_t k)
{
  mpq_set(out, x);
  mpz_mul_ui(mpq_numref(out), mpq_numref(out), n);
  mpz_mul_ui(mpq_numref(out), mpq_numref(out), k);
  mpq_canonicalize(out);
}

/* With pairs (k, k) of weight s n_k^2 and (i, j) of weight c n_i n_j,
     E t_k = s n_k^2 + c n_k (N - n_k),   E t_k^2 = s n_k^2 + c A n_k (N - n_k),
     E t_k t_l = c (1 - A) n_k n_l. */
static void mixup_moments(ufm__moments *m, const ufm_problem *problem)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  const ufm_mixing *mixing = ufm_problem_mixing(problem);
  size_t N = ufm_problem_samples(problem);
  mpq_t s, c, x, squares;

  mpq_inits(s, c, x, squares, (mpq_ptr)NULL);
  for (size_t g = 0; g < m->G; g++) {
    mpq_set_ui(x, groups->size[g], 1);
    scaled(x, x, groups->count[g], groups->count[g]);
    mpq_add(squares, squares, x);
  }
  mpq_div(s, mixing->same, squares);
  mpq_set_ui(x, N, 1);
  mpq_mul(x, x, x);
  mpq_sub(x, x, squares); /* 0 never: at least two classes */
  mpq_set_ui(c, 1, 1);
  mpq_sub(c, c, mixing->same);
  mpq_div(c, c, x);
  for (size_t g = 0; g < m->G; g++) {
    size_t n = groups->count[g];

    scaled(m->mean[g], s, n, n);
    scaled(x, c, n, N - n);
    mpq_mul(squares, x, mixing->moment);
    mpq_add(m->extra[g], m->mean[g], squares); /* E t_k^2 */
    mpq_add(m->mean[g], m->mean[g], x);
    for (size_t h = 0; h < m->G; h++) {
      mpq_set_ui(squares, 1, 1);
      mpq_sub(squares, squares, mixing->moment);
      mpq_mul(squares, squares, c);
      scaled(m->cross[g * m->G + h], squares, n, groups->count[h]);
    }
    mpq_sub(m->extra[g], m->extra[g], m->cross[g * m->G + g]);
  }
  mpq_clears(s, c, x, squares, (mpq_ptr)NULL);
}

/* t = (1 - eps) e_k + eps/K with frequencies f:
     E t_k t_l = (1 - eps) eps/K (f_k + f_l) + eps^2/K^2, and (1 - eps)^2 f_k
   more for k = l. */
static void label_moments(ufm__moments *m, const ufm_problem *problem)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  mpq_srcptr smoothing = ufm_problem_smoothing(problem);
  mpq_t keep, uniform;

  mpq_inits(keep, uniform, (mpq_ptr)NULL);
  mpq_set_ui(keep, 1, 1);
  if (smoothing != NULL) {
    mpq_sub(keep, keep, smoothing);
    mpq_set_ui(uniform, 1, ufm_problem_classes(problem));
    mpq_mul(uniform, uniform, smoothing);
  }
  for (size_t g = 0; g < m->G; g++) {
    mpq_set_ui(m->mean[g], groups->count[g], ufm_problem_samples(problem));
    mpq_canonicalize(m->mean[g]);
    mpq_mul(m->mean[g], m->mean[g], keep); /* keep f */
    mpq_mul(m->extra[g], m->mean[g], keep);
  }
  for (size_t g = 0; g < m->G; g++)
    for (size_t h = 0; h < m->G; h++) {
      mpq_ptr cross = m->cross[g * m->G + h];

      mpq_add(cross, m->mean[g], m->mean[h]);
      mpq_add(cross, cross, uniform);
      mpq_mul(cross, cross, uniform);
    }
  for (size_t g = 0; g < m->G; g++)
    mpq_add(m->mean[g], m->mean[g], uniform);
  mpq_clears(keep, uniform, (mpq_ptr)NULL);
}

/* Every class is its own group, so "cross" holds the diagonal too. */
static void column_moments(ufm__moments *m, const ufm_columns *columns,
                           const size_t *of)
{
  mpq_t term, *t = rationals(m->G);

  mpq_init(term);
  for (size_t j = 0; t != NULL && j < columns->J; j++) {
    mpq_srcptr pi = columns->palette[columns->weight[j]];

    for (size_t k = 0; k < m->G; k++) {
      ufm_columns_target_exact(columns, j, k, t[of[k]]);
      mpq_mul(term, t[of[k]], pi);
      mpq_add(m->mean[of[k]], m->mean[of[k]], term);
    }
    for (size_t g = 0; g < m->G; g++)
      for (size_t h = 0; h < m->G && mpq_sgn(t[g]) != 0; h++) {
        mpq_mul(term, t[g], t[h]);
        mpq_mul(term, term, pi);
        mpq_add(m->cross[g * m->G + h], m->cross[g * m->G + h], term);
      }
  }
  mpq_clear(term);
  free_rationals(t, m->G);
}

static void centre(ufm__moments *m)
{
  mpq_t term;

  mpq_init(term);
  for (size_t g = 0; g < m->G; g++)
    for (size_t h = 0; h < m->G; h++) {
      mpq_mul(term, m->mean[g], m->mean[h]);
      mpq_sub(m->cross[g * m->G + h], m->cross[g * m->G + h], term);
    }
  mpq_clear(term);
}

ufm_status ufm__moments_init(ufm__moments *out, const ufm_problem *problem,
                             ufm_error *error)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  bool file = ufm_problem_targets(problem) == UFM_TARGETS_FILE;

  *out = (ufm__moments){.G = groups->G};
  if (file && groups->G > MOST_CLASSES)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "mse: got targets of %zu classes from a file, want at "
                     "most %d for their multiprecision spectrum",
                     groups->G, MOST_CLASSES);
  out->mean = rationals(out->G);
  out->cross = rationals(out->G * out->G);
  out->extra = rationals(out->G);
  if (out->mean == NULL || out->cross == NULL || out->extra == NULL) {
    ufm__moments_clear(out);
    return ufm__no_memory(error, "moments of the targets");
  }
  if (file)
    column_moments(out, ufm_problem_columns(problem), groups->of);
  else if (ufm_problem_mixing(problem) != NULL)
    mixup_moments(out, problem);
  else
    label_moments(out, problem);
  if (ufm_problem_bias(problem) == UFM_BIAS_FREE)
    centre(out);
  return UFM_OK;
}
