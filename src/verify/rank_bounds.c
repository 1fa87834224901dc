/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of the rank of the optimal logits of depth 1 (doc/certificates.md,
   section 5).

   Above: Z* lives on the singular directions of the optimal dual matrix G* with
   sigma = sqrt(omega), and |G - G*|_F <= e sqrt(omega), so by Weyl
     rank Z* <= #{ sigma_i(G) >= sqrt(omega)(1 - e) }
             <= #{ negative eigenvalues of A^2 omega' I - s^2 sum M_j M_j^T/nu_j
   } for any omega' < omega (1 - e)^2.  If that matrix plus V V^T, V with r
   columns, is positive semidefinite, it has at most r negative eigenvalues: it
   is then nonnegative on the kernel of V^T.  V comes from a spectrum in double
   precision; the test is a proof whatever V is.

   Below: rank Z* >= r when V^T Z* has full row rank r for some V, tested on
   the enclosure of Z*. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/certificate.h"
#include "verify/spectral_test.h"

enum { TEST_BITS = 192, ATTEMPTS = 4, V_BITS = 40 };

/* omega' < omega (1 - e)^2; false when e >= 1.
   e^2 = eps r/omega (ce) or 2 eps r/omega (mse), r = max pi_j/nu_j. */
static bool shrunk_omega(const ufm_certificate *certificate, mpq_t out)
{
  const ufm__proof *proof = certificate->proof;
  mpfr_t e, tiny;
  bool good;

  mpfr_inits2(64, e, tiny, (mpfr_ptr)NULL);
  mpq_mul(out, proof->omega, proof->model.ratio);
  if (proof->model.loss == UFM_LOSS_MSE)
    mpq_div_2exp(out, out, 1);
  mpfr_div_q(e, certificate->gap, out, MPFR_RNDU);
  mpfr_sqrt(e, e, MPFR_RNDU);
  /* strictly above, also when the gap is 0 */
  mpfr_set_ui_2exp(tiny, 1, -2 * (mpfr_exp_t)proof->bits, MPFR_RNDU);
  mpfr_add(e, e, tiny, MPFR_RNDU);
  good = mpfr_cmp_ui(e, 1) < 0;
  mpfr_get_q(out, e);
  mpfr_clears(e, tiny, (mpfr_ptr)NULL);
  if (good) {
    mpq_t one;

    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    mpq_sub(one, one, out);
    mpq_mul(one, one, one);
    mpq_mul(out, proof->omega, one);
    mpq_clear(one);
  }
  return good;
}

/* B += t sum_k v_k v_k^T over the r last eigenvectors, in the scaling of the
   matrix: v_k times sqrt(bound), as integers of about V_BITS bits. */
static void add_directions(const ufm__norm *norm, size_t r, mpz_srcptr t,
                           mpz_t *B, long *v)
{
  size_t n = norm->n;
  double most = 0.0;
  mpz_t part;

  for (size_t i = 0; i < n; i++)
    most = fmax(most, ufm__rational_double(norm->bound[i]));
  mpz_init(part);
  for (size_t k = n - r; k < n; k++) {
    for (size_t i = 0; i < n; i++)
      v[i] = lrint(ldexp(norm->eigenvectors[i * n + k], V_BITS) *
                   sqrt(ufm__rational_double(norm->bound[i]) / most));
    for (size_t i = 0; i < n; i++) {
      mpz_mul_si(part, t, v[i]);
      for (size_t j = 0; j <= i; j++) {
        if (v[j] >= 0)
          mpz_addmul_ui(B[i * n + j], part, (unsigned long)v[j]);
        else
          mpz_submul_ui(B[i * n + j], part, (unsigned long)-v[j]);
      }
    }
  }
  mpz_clear(part);
}

/* Tests whether at most r eigenvalues are negative. */
static ufm_status at_most(const ufm__norm *norm, mpq_srcptr omega, size_t r,
                          bool *proved, ufm_error *error)
{
  size_t n = norm->n;
  mpz_t *B = ufm__integers_new(n * n), t, square, entry;
  long *v = calloc(n, sizeof *v);
  ufm_status status = UFM_OK;

  *proved = false;
  mpz_inits(t, square, entry, (mpz_ptr)NULL);
  if (B == NULL || v == NULL) {
    status = ufm__no_memory(error, "verify: rank");
    goto done;
  }
  ufm__norm_matrix(norm, omega, B);
  /* t |v|^2 is four times the largest entry of the diagonal before the Gram
     matrix was taken off */
  mpz_mul(square, norm->dual->s, norm->dual->s);
  for (size_t i = 0; i < n; i++) {
    mpz_mul(entry, square, norm->gram[i * n + i]);
    mpz_add(entry, entry, B[i * n + i]);
    if (mpz_cmp(entry, t) > 0)
      mpz_set(t, entry);
  }
  mpz_mul_2exp(t, t, 2);
  mpz_fdiv_q_2exp(t, t, 2 * V_BITS);
  add_directions(norm, r, t, B, v);
  status = ufm__psd_test(n, B, TEST_BITS, proved, error);
done:
  mpz_clears(t, square, entry, (mpz_ptr)NULL);
  ufm__integers_free(B, n * n);
  free(v);
  return status;
}

ufm_status ufm__rank_above(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__proof *proof = certificate->proof;
  size_t most = ufm__model_rank_possible(&proof->model), r = 0;
  double floor;
  bool proved = false;
  ufm__norm norm;
  ufm_status status;
  mpq_t omega;

  certificate->ranked = true;
  certificate->rank_lo = 0;
  certificate->rank_hi = most;
  mpq_init(omega);
  if (!shrunk_omega(certificate, omega)) {
    mpq_clear(omega);
    return UFM_OK;
  }
  status = ufm__norm_init(&norm, &proof->dual, proof->bits, error);
  if (status != UFM_OK) {
    mpq_clear(omega);
    return status;
  }
  /* spectra in double precision are good to about 1e-13 of their top */
  floor = ufm__rational_double(omega) / pow(ufm__dual_scale(&proof->dual), 2.0);
  while (r < norm.n && norm.eigenvalues[norm.n - 1 - r] >
                           floor * (1.0 - 1e-12 * (double)norm.n))
    r++;
  for (int k = 0; k < ATTEMPTS && r < most && !proved && status == UFM_OK;
       k++, r++) {
    status = at_most(&norm, omega, r, &proved, error);
    if (proved)
      certificate->rank_hi = r;
  }
  ufm__norm_clear(&norm);
  mpq_clear(omega);
  return status;
}

/* Z Z^T of the bars, in double precision; false when memory is exhausted. */
static bool double_gram(const ufm__proof *proof, gsl_matrix *out)
{
  size_t K = proof->model.K, J = proof->model.J;
  gsl_matrix *z = gsl_matrix_alloc(J, K);
  bool good = z != NULL;

  for (size_t j = 0; good && j < J; j++)
    for (size_t i = 0; i < K; i++)
      gsl_matrix_set(z, j, i, mpfr_get_d(proof->z[j * K + i].lo, MPFR_RNDN));
  good = good && gsl_blas_dsyrk(CblasLower, CblasTrans, 1.0, z, 0.0, out) == 0;
  gsl_matrix_free(z);
  return good;
}

/* Integers with z_ji 2^(TEST_BITS - top) in [x_ji, x_ji + w_ji], top the
   exponent of the largest; returns sum w_ji^2 in `spread`. */
static void fix_logits(const ufm__proof *proof, mpz_t *x, mpz_t spread)
{
  size_t n = proof->model.J * proof->model.K;
  mpfr_exp_t top = mpfr_get_emin();
  mpfr_t end;
  mpz_t width;

  mpfr_init2(end, mpfr_get_prec(proof->z[0].lo));
  mpz_init(width);
  for (size_t i = 0; i < n; i++) {
    if (mpfr_regular_p(proof->z[i].lo) && mpfr_get_exp(proof->z[i].lo) > top)
      top = mpfr_get_exp(proof->z[i].lo);
    if (mpfr_regular_p(proof->z[i].hi) && mpfr_get_exp(proof->z[i].hi) > top)
      top = mpfr_get_exp(proof->z[i].hi);
  }
  mpz_set_ui(spread, 0);
  for (size_t i = 0; i < n; i++) {
    mpfr_mul_2si(end, proof->z[i].lo, TEST_BITS - top, MPFR_RNDD);
    mpfr_get_z(x[i], end, MPFR_RNDD);
    mpfr_mul_2si(end, proof->z[i].hi, TEST_BITS - top, MPFR_RNDU);
    mpfr_get_z(width, end, MPFR_RNDU);
    mpz_sub(width, width, x[i]);
    mpz_addmul(spread, width, width);
  }
  mpfr_clear(end);
  mpz_clear(width);
}

/* C = V^T x (r x J) for V of about V_BITS bits; returns |V|_F^2 in `size`. */
static void project(const gsl_matrix *V, size_t r, size_t J, const mpz_t *x,
                    mpz_t *C, mpz_t size)
{
  size_t K = V->size1;
  mpz_t square;

  mpz_init(square);
  mpz_set_ui(size, 0);
  for (size_t k = 0; k < r; k++)
    for (size_t i = 0; i < K; i++) {
      long v = lrint(ldexp(gsl_matrix_get(V, i, k), V_BITS));
      unsigned long part = v >= 0 ? (unsigned long)v : (unsigned long)-v;

      mpz_set_ui(square, part);
      mpz_addmul_ui(size, square, part);
      for (size_t j = 0; j < J; j++)
        if (v >= 0)
          mpz_addmul_ui(C[k * J + j], x[j * K + i], part);
        else
          mpz_submul_ui(C[k * J + j], x[j * K + i], part);
    }
  mpz_clear(square);
}

/* Tests whether rank Z* >= r with the first r columns of V.  Up to a power of
   2, V^T Z* = C + V^T D with |V^T D|_F^2 <= |V|_F^2 sum w^2 = t; when C C^T -
   (t + 1) I is positive semidefinite, |C^T y|^2 > t |y|^2 for all y != 0, and C
   + V^T D has full row rank. */
static ufm_status at_least(const ufm__proof *proof, const gsl_matrix *V,
                           size_t r, const mpz_t *x, mpz_srcptr spread,
                           bool *proved, ufm_error *error)
{
  size_t J = proof->model.J;
  mpz_t *C = ufm__integers_new(r * J), *B = ufm__integers_new(r * r), t;
  ufm_status status;

  *proved = false;
  mpz_init(t);
  if (C != NULL && B != NULL) {
    project(V, r, J, x, C, t);
    mpz_mul(t, t, spread);
    mpz_add_ui(t, t, 1);
    for (size_t k = 0; k < r; k++) {
      for (size_t l = 0; l <= k; l++)
        for (size_t j = 0; j < J; j++)
          mpz_addmul(B[k * r + l], C[k * J + j], C[l * J + j]);
      mpz_sub(B[k * r + k], B[k * r + k], t);
    }
    status = ufm__psd_test(r, B, TEST_BITS, proved, error);
  } else {
    status = ufm__no_memory(error, "verify: rank");
  }
  mpz_clear(t);
  ufm__integers_free(C, r * J);
  ufm__integers_free(B, r * r);
  return status;
}

ufm_status ufm__rank_below(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__proof *proof = certificate->proof;
  size_t K = proof->model.K, r = certificate->rank_hi;
  mpz_t *x = ufm__integers_new(K * proof->model.J), spread;
  gsl_matrix *a = gsl_matrix_alloc(K, K), *V = gsl_matrix_alloc(K, K);
  gsl_vector *e = gsl_vector_alloc(K);
  gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(K);
  ufm_status status = UFM_OK;
  bool proved = false;

  mpz_init(spread);
  if (a == NULL || V == NULL || e == NULL || w == NULL || x == NULL) {
    status = ufm__no_memory(error, "verify: rank");
    goto done;
  }
  fix_logits(proof, x, spread);
  if (!double_gram(proof, a)) {
    status = ufm__no_memory(error, "verify: rank");
    goto done;
  }
  if (gsl_eigen_symmv(a, e, V, w) != 0 ||
      gsl_eigen_symmv_sort(e, V, GSL_EIGEN_SORT_VAL_DESC) != 0) {
    status = ufm__fail(error, UFM_EINTERNAL, "verify: GSL found no spectrum");
    goto done;
  }
  for (; r > 0 && !proved && status == UFM_OK; r--) {
    if (r < K && gsl_vector_get(e, r - 1) < 1e-14 * gsl_vector_get(e, 0))
      continue;
    status = at_least(proof, V, r, x, spread, &proved, error);
    if (proved)
      certificate->rank_lo = r;
  }
done:
  mpz_clear(spread);
  ufm__integers_free(x, K * proof->model.J);
  gsl_matrix_free(a);
  gsl_matrix_free(V);
  gsl_vector_free(e);
  gsl_eigen_symmv_free(w);
  return status;
}
