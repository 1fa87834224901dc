/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix of the norm condition, in integers, and its rigorous test. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_eigen.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/dual_norm.h"
#include "verify/spectral_test.h"

static bool by_columns(const ufm__model *model)
{
  return model->J < model->K;
}

static void form_by_columns(ufm__norm *norm)
{
  const ufm__model *model = norm->dual->model;
  size_t K = model->K, J = model->J;
  mpz_t *mass = norm->dual->mass;

  for (size_t i = 0; i < J; i++) {
    for (size_t j = 0; j <= i; j++)
      for (size_t k = 0; k < K; k++)
        mpz_addmul(norm->gram[i * J + j], mass[i * K + k], mass[j * K + k]);
    mpq_mul(norm->bound[i], norm->bound[i], model->nu[i]);
  }
}

/* sum_j ceil(2^extra / nu_j) M_j M_j^T */
static void form_by_rows(ufm__norm *norm, mpfr_prec_t bits)
{
  const ufm__model *model = norm->dual->model;
  size_t K = model->K;
  mpz_t weight, part;

  mpz_inits(weight, part, (mpz_ptr)NULL);
  for (size_t j = 0; j < model->J; j++) {
    long size = (long)mpz_sizeinbase(mpq_numref(model->nu[j]), 2) -
                (long)mpz_sizeinbase(mpq_denref(model->nu[j]), 2);

    if (size > norm->extra)
      norm->extra = size;
  }
  norm->extra += bits;
  for (size_t j = 0; j < model->J; j++) {
    mpz_t *mass = norm->dual->mass + j * K;

    mpz_mul_2exp(weight, mpq_denref(model->nu[j]), (mp_bitcnt_t)norm->extra);
    mpz_cdiv_q(weight, weight, mpq_numref(model->nu[j]));
    for (size_t i = 0; i < K; i++) {
      mpz_mul(part, weight, mass[i]);
      for (size_t k = 0; k <= i; k++)
        mpz_addmul(norm->gram[i * K + k], part, mass[k]);
    }
  }
  mpz_clears(weight, part, (mpz_ptr)NULL);
}

/* Spectrum in double precision of bound^(-1/2) gram bound^(-1/2): it chooses
   candidates and bases, and proves nothing. */
static ufm_status estimate(ufm__norm *norm, ufm_error *error)
{
  size_t n = norm->n;
  gsl_matrix *a = gsl_matrix_alloc(n, n), *v = gsl_matrix_alloc(n, n);
  gsl_vector *e = gsl_vector_alloc(n);
  gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(n);
  ufm_status status = UFM_OK;
  bool finite = true;
  mpfr_t x;

  norm->eigenvalues = calloc(n, sizeof(double));
  norm->eigenvectors = calloc(n * n, sizeof(double));
  if (a == NULL || v == NULL || e == NULL || w == NULL ||
      norm->eigenvalues == NULL || norm->eigenvectors == NULL) {
    status = ufm__no_memory(error, "verify: spectrum");
    goto done;
  }
  mpfr_init2(x, 64);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      double scale = sqrt(ufm__rational_double(norm->bound[i])) *
                     sqrt(ufm__rational_double(norm->bound[j]));

      mpfr_set_z_2exp(x, norm->gram[i * n + j],
                      -2 * norm->dual->grid - norm->extra, MPFR_RNDN);
      mpfr_div_d(x, x, scale, MPFR_RNDN);
      gsl_matrix_set(a, i, j, mpfr_get_d(x, MPFR_RNDN));
      gsl_matrix_set(a, j, i, mpfr_get_d(x, MPFR_RNDN));
      finite = finite && isfinite(gsl_matrix_get(a, i, j));
    }
  mpfr_clear(x);
  norm->top = HUGE_VAL;
  if (!finite) /* GSL would never return */
    goto done;
  if (gsl_eigen_symmv(a, e, v, w) != 0 ||
      gsl_eigen_symmv_sort(e, v, GSL_EIGEN_SORT_VAL_ASC) != 0) {
    status = ufm__fail(error, UFM_EINTERNAL, "verify: GSL found no spectrum");
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    norm->eigenvalues[i] = gsl_vector_get(e, i);
    for (size_t j = 0; j < n; j++)
      norm->eigenvectors[i * n + j] = gsl_matrix_get(v, i, j);
  }
  norm->top = norm->eigenvalues[n - 1];
done:
  gsl_matrix_free(a);
  gsl_matrix_free(v);
  gsl_vector_free(e);
  gsl_eigen_symmv_free(w);
  return status;
}

ufm_status ufm__norm_init(ufm__norm *out, const ufm__dual *dual,
                          mpfr_prec_t bits, ufm_error *error)
{
  const ufm__model *model = dual->model;
  size_t n = by_columns(model) ? model->J : model->K;
  ufm_status status;

  *out = (ufm__norm){.dual = dual, .n = n};
  out->gram = calloc(n * n, sizeof *out->gram);
  out->bound = calloc(n, sizeof *out->bound);
  for (size_t i = 0; out->gram != NULL && i < n * n; i++)
    mpz_init(out->gram[i]);
  for (size_t i = 0; out->bound != NULL && i < n; i++) {
    mpq_init(out->bound[i]);
    mpz_mul(mpq_numref(out->bound[i]), model->total, model->total);
  }
  if (out->gram == NULL || out->bound == NULL) {
    ufm__norm_clear(out);
    return ufm__no_memory(error, "verify: norm condition");
  }
  if (by_columns(model))
    form_by_columns(out);
  else
    form_by_rows(out, bits);
  status = estimate(out, error);
  if (status != UFM_OK)
    ufm__norm_clear(out);
  return status;
}

void ufm__norm_clear(ufm__norm *norm)
{
  size_t n = norm->n;

  for (size_t i = 0; norm->gram != NULL && i < n * n; i++)
    mpz_clear(norm->gram[i]);
  for (size_t i = 0; norm->bound != NULL && i < n; i++)
    mpq_clear(norm->bound[i]);
  free(norm->gram);
  free(norm->bound);
  free(norm->eigenvalues);
  free(norm->eigenvectors);
  *norm = (ufm__norm){0};
}

void ufm__norm_matrix(const ufm__norm *norm, mpq_srcptr omega, mpz_t *B)
{
  const ufm__dual *dual = norm->dual;
  size_t n = norm->n;
  mp_bitcnt_t shift =
      (mp_bitcnt_t)(2 * dual->grid + norm->extra + 2 * dual->s_shift);
  mpz_t square, diagonal;
  mpq_t bound;

  mpz_inits(square, diagonal, (mpz_ptr)NULL);
  mpq_init(bound);
  mpz_mul(square, dual->s, dual->s);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) {
      mpz_mul(B[i * n + j], norm->gram[i * n + j], square);
      mpz_neg(B[i * n + j], B[i * n + j]);
    }
    mpq_mul(bound, norm->bound[i], omega);
    mpz_mul_2exp(diagonal, mpq_numref(bound), shift);
    mpz_fdiv_q(diagonal, diagonal, mpq_denref(bound));
    mpz_add(B[i * n + i], B[i * n + i], diagonal);
  }
  mpq_clear(bound);
  mpz_clears(square, diagonal, (mpz_ptr)NULL);
}

ufm_status ufm__norm_test(const ufm__norm *norm, mpq_srcptr omega,
                          mpfr_prec_t bits, bool *proved, ufm_error *error)
{
  size_t n = norm->n;
  mpz_t *B = ufm__integers_new(n * n);
  ufm_status status;

  if (B == NULL)
    return ufm__no_memory(error, "verify: norm condition");
  ufm__norm_matrix(norm, omega, B);
  status = ufm__psd_test(n, B, bits, proved, error);
  ufm__integers_free(B, n * n);
  return status;
}
