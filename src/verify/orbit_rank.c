/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lower bound of the rank of what groups have in common: the G x C matrix of
   sums of the logits over the classes of each group, S up to positive factors
   of rows and columns.  Gaussian elimination with complete pivoting in
   intervals: as many pivots as surely are not 0, so large is the rank of every
   matrix in them. */
#include <config.h>

#include "core/error.h"
#include "verify/orbit_bars.h"
#include "verify/proof.h"

/* Beyond this many multiplications the elimination takes longer than the rest
   of the proof. */
static const double most_products = 4e6;

/* Distance of x from 0; 0 when it contains 0. */
static void mignitude(const iv *x, mpfr_t out)
{
  if (mpfr_sgn(x->lo) > 0)
    mpfr_set(out, x->lo, MPFR_RNDD);
  else if (mpfr_sgn(x->hi) < 0)
    mpfr_neg(out, x->hi, MPFR_RNDD);
  else
    mpfr_set_zero(out, 1);
}

/* Sums over the groups of each column of z, G x C. */
static void sums(const ufm__orbit_proof *proof, iv *out)
{
  const ufm__orbit_model *m = &proof->model;

  for (size_t c = 0; c < m->C; c++) {
    const ufm_column_orbit *column = &m->column[c];
    const iv *z = proof->z + c * ufm__orbit_entries(m);

    for (size_t f = 0; f < m->G; f++)
      ufm__iv_mul_ui(&out[f * m->C + c], &z[f], ufm__orbit_many(m, c, f));
    for (size_t l = 0; l < column->marks; l++) {
      iv *x = &out[column->group[l] * m->C + c];

      ufm__iv_add(x, x, &z[m->G + l]);
    }
  }
}

static void exchange(iv *a, iv *b)
{
  mpfr_swap(a->lo, b->lo);
  mpfr_swap(a->hi, b->hi);
}

/* Brings the entry of the largest distance from 0 among rows and columns from k
   on, of an m x n matrix, to (k, k); false when all contain 0. */
static bool pivot(iv *a, size_t m, size_t n, size_t k)
{
  size_t row = k, column = k;
  mpfr_t best, size;
  bool found;

  mpfr_init2(best, 64);
  mpfr_init2(size, 64);
  mpfr_set_zero(best, 1);
  for (size_t i = k; i < m; i++)
    for (size_t j = k; j < n; j++) {
      mignitude(&a[i * n + j], size);
      if (mpfr_greater_p(size, best)) {
        mpfr_set(best, size, MPFR_RNDN);
        row = i;
        column = j;
      }
    }
  found = mpfr_sgn(best) > 0;
  for (size_t j = 0; found && row != k && j < n; j++)
    exchange(&a[k * n + j], &a[row * n + j]);
  for (size_t i = 0; found && column != k && i < m; i++)
    exchange(&a[i * n + k], &a[i * n + column]);
  mpfr_clear(best);
  mpfr_clear(size);
  return found;
}

static size_t pivots(iv *a, size_t m, size_t n)
{
  size_t k = 0;
  iv factor, term;

  ufm__iv_init(&factor, mpfr_get_prec(a[0].lo));
  ufm__iv_init(&term, mpfr_get_prec(a[0].lo));
  for (; k < m && k < n && pivot(a, m, n, k); k++)
    for (size_t i = k + 1; i < m; i++) {
      ufm__iv_div(&factor, &a[i * n + k], &a[k * n + k]);
      for (size_t j = k + 1; j < n; j++) {
        ufm__iv_mul(&term, &factor, &a[k * n + j]);
        ufm__iv_sub(&a[i * n + j], &a[i * n + j], &term);
      }
    }
  ufm__iv_clear(&factor);
  ufm__iv_clear(&term);
  return k;
}

ufm_status ufm__orbit_rank(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  size_t G = proof->model.G, C = proof->model.C, rank;
  size_t most = certificate->rank_hi - certificate->rank_lo;
  iv *a;

  if (!certificate->bars || most == 0 ||
      (double)G * (double)G * (double)C > most_products)
    return UFM_OK;
  a = ufm__iv_new(G * C, mpfr_get_prec(proof->z[0].lo));
  if (a == NULL)
    return ufm__no_memory(error, "verify: rank");
  sums(proof, a);
  rank = pivots(a, G, C);
  ufm__iv_free(a, G * C);
  if (rank > most)
    return ufm__fail(error, UFM_EINTERNAL,
                     "verify: a rank of %zu above its bound %zu", rank, most);
  certificate->rank_lo += rank;
  return UFM_OK;
}
