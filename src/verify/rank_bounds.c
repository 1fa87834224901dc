/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of the rank of the optimal logits of depth 1 (rank section of the
   certificates chapter of doc/mathematics.md).

   Above: Z* lives on the singular directions of the optimal dual matrix G* with
   sigma = sqrt(omega), and |G - G*|_F <= e sqrt(omega), so by Weyl
     rank Z* <= #{ sigma_i(G) >= sqrt(omega)(1 - e) }
             <= #{ negative eigenvalues of A^2 omega' I - s^2 sum M_j M_j^T/nu_j
   } for any omega' < omega (1 - e)^2.  If that matrix plus V V^T, V with r
   columns, is positive semidefinite, it has at most r negative eigenvalues: it
   is then nonnegative on the kernel of V^T.  V comes from a spectrum in double
   precision; the test is a proof whatever V is.

   Below: rank Z* >= r when C = V^T Z* has full row rank r for some V, that is
   when C C^T is positive definite, tested on the enclosure of Z*. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

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

/* Z Z^T of the middles of the bars, in double precision. */
static void middle_gram(const ufm__proof *proof, gsl_matrix *out)
{
  size_t K = proof->model.K;

  gsl_matrix_set_zero(out);
  for (size_t j = 0; j < proof->model.J; j++)
    for (size_t i = 0; i < K; i++)
      for (size_t k = 0; k < K; k++)
        *gsl_matrix_ptr(out, i, k) +=
            mpfr_get_d(proof->z[j * K + i].lo, MPFR_RNDN) *
            mpfr_get_d(proof->z[j * K + k].lo, MPFR_RNDN);
}

/* C = V^T Z*: row k (of r) from the eigenvector `order[k]`. */
static void project(const ufm__proof *proof, const gsl_matrix *V, size_t r,
                    iv *C)
{
  size_t K = proof->model.K, J = proof->model.J;
  mpfr_t v;

  mpfr_init2(v, DBL_MANT_DIG);
  for (size_t k = 0; k < r; k++)
    for (size_t i = 0; i < K; i++) {
      mpfr_set_d(v, gsl_matrix_get(V, i, k), MPFR_RNDN);
      for (size_t j = 0; j < J; j++)
        ufm__iv_add_product(&C[k * J + j], &proof->z[j * K + i], v);
    }
  mpfr_clear(v);
}

/* Integers below C C^T - (width of the enclosure), times a power of 2:
   G >= lo - w I for w the largest row sum of the widths, and rounding r x r
   entries down costs at most r more. */
static void gram_below(const iv *C, size_t r, size_t J, iv *G, mpz_t *B)
{
  mpfr_exp_t top = mpfr_get_emin();
  mpfr_t width, most, term;
  mpz_t shift;

  mpfr_inits2(64, width, most, term, (mpfr_ptr)NULL);
  mpfr_set_zero(most, 1);
  mpz_init(shift);
  for (size_t k = 0; k < r; k++)
    for (size_t l = 0; l <= k; l++) {
      ufm__iv_dot(&G[k * r + l], J, C + k * J, 1, C + l * J, 1);
      if (mpfr_regular_p(G[k * r + l].hi) &&
          mpfr_get_exp(G[k * r + l].hi) > top)
        top = mpfr_get_exp(G[k * r + l].hi);
    }
  for (size_t k = 0; k < r; k++) {
    mpfr_set_zero(width, 1);
    for (size_t l = 0; l < r; l++) {
      const iv *entry = l <= k ? &G[k * r + l] : &G[l * r + k];

      mpfr_sub(term, entry->hi, entry->lo, MPFR_RNDU);
      mpfr_add(width, width, term, MPFR_RNDU);
    }
    mpfr_max(most, most, width, MPFR_RNDU);
  }
  mpfr_mul_2si(most, most, TEST_BITS - top, MPFR_RNDU);
  mpfr_get_z(shift, most, MPFR_RNDU);
  mpz_add_ui(shift, shift, r + 1);
  for (size_t k = 0; k < r; k++)
    for (size_t l = 0; l <= k; l++) {
      mpfr_mul_2si(G[k * r + l].lo, G[k * r + l].lo, TEST_BITS - top,
                   MPFR_RNDD);
      mpfr_get_z(B[k * r + l], G[k * r + l].lo, MPFR_RNDD);
      if (k == l)
        mpz_sub(B[k * r + l], B[k * r + l], shift);
    }
  mpz_clear(shift);
  mpfr_clears(width, most, term, (mpfr_ptr)NULL);
}

/* Tests whether rank Z* >= r with the first r columns of V. */
static ufm_status at_least(const ufm__proof *proof, const gsl_matrix *V,
                           size_t r, bool *proved, ufm_error *error)
{
  size_t J = proof->model.J;
  mpfr_prec_t bits = mpfr_get_prec(proof->z[0].lo);
  iv *C = ufm__iv_new(r * J, bits), *G = ufm__iv_new(r * r, bits);
  mpz_t *B = ufm__integers_new(r * r);
  ufm_status status;

  *proved = false;
  if (C != NULL && G != NULL && B != NULL) {
    project(proof, V, r, C);
    gram_below(C, r, J, G, B);
    status = ufm__psd_test(r, B, TEST_BITS, proved, error);
  } else {
    status = ufm__no_memory(error, "verify: rank");
  }
  ufm__iv_free(C, r * J);
  ufm__iv_free(G, r * r);
  ufm__integers_free(B, r * r);
  return status;
}

ufm_status ufm__rank_below(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__proof *proof = certificate->proof;
  size_t K = proof->model.K, r = certificate->rank_hi;
  gsl_matrix *a = gsl_matrix_alloc(K, K), *V = gsl_matrix_alloc(K, K);
  gsl_vector *e = gsl_vector_alloc(K);
  gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(K);
  ufm_status status = UFM_OK;
  bool proved = false;

  if (a == NULL || V == NULL || e == NULL || w == NULL) {
    status = ufm__no_memory(error, "verify: rank");
    goto done;
  }
  middle_gram(proof, a);
  if (gsl_eigen_symmv(a, e, V, w) != 0 ||
      gsl_eigen_symmv_sort(e, V, GSL_EIGEN_SORT_VAL_DESC) != 0) {
    status = ufm__fail(error, UFM_EINTERNAL, "verify: GSL found no spectrum");
    goto done;
  }
  for (; r > 0 && !proved && status == UFM_OK; r--) {
    if (r < K && gsl_vector_get(e, r - 1) < 1e-14 * gsl_vector_get(e, 0))
      continue;
    status = at_least(proof, V, r, &proved, error);
    if (proved)
      certificate->rank_lo = r;
  }
done:
  gsl_matrix_free(a);
  gsl_matrix_free(V);
  gsl_vector_free(e);
  gsl_eigen_symmv_free(w);
  return status;
}
