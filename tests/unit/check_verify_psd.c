/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proofs about spectra against exact inertia: the rounded Cholesky test on
   matrices that are singular but for a chosen shift, inertia by construction,
   enclosures of eigenvalues. */
#include <config.h>

#include <math.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"
#include "verify/eigen.h"
#include "verify/inertia.h"
#include "verify/spectral_test.h"

enum { ROUNDS = 150, MOST = 9 };

/* L L^T for a random n x r integer matrix L, times 2^shift. */
static void low_rank(mpz_t *B, gsl_rng *rng, size_t n, size_t r,
                     mp_bitcnt_t shift)
{
  long L[MOST * MOST];

  for (size_t i = 0; i < n * r; i++)
    L[i] = (long)below(rng, 2001) - 1000;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      mpz_set_si(B[i * n + j], 0);
      for (size_t k = 0; k < r; k++) {
        mpz_t part;

        mpz_init_set_si(part, L[i * r + k]);
        mpz_mul_si(part, part, L[j * r + k]);
        mpz_add(B[i * n + j], B[i * n + j], part);
        mpz_clear(part);
      }
      mpz_mul_2exp(B[i * n + j], B[i * n + j], shift);
    }
}

static ufm__inertia inertia_of(size_t n, const mpz_t *B, mpq_srcptr shift)
{
  mpq_t *a = ufm__rationals_new(n * n);
  ufm__inertia result;

  ck_assert_ptr_nonnull(a);
  for (size_t i = 0; i < n * n; i++)
    mpq_set_z(a[i], B[i]);
  for (size_t i = 0; i < n && shift != NULL; i++)
    mpq_sub(a[i * n + i], a[i * n + i], shift);
  result = ufm__inertia_exact(n, a);
  ufm__rationals_free(a, n * n);
  ck_assert_uint_eq(result.negative + result.zero + result.positive, n);
  return result;
}

/* C D C^T with C triangular and D diagonal has the signs of D. */
START_TEST(inertia_is_exact)
{
  gsl_rng *rng = ufm__rng_new(21, (uint64_t)_i);
  size_t n = 1 + below(rng, MOST);
  ufm__inertia want = {0}, got;
  mpq_t *a = ufm__rationals_new(n * n);
  long C[MOST * MOST] = {0}, D[MOST];

  for (size_t i = 0; i < n; i++) {
    D[i] = (long)below(rng, 5) - 2;
    want.negative += D[i] < 0;
    want.zero += D[i] == 0;
    want.positive += D[i] > 0;
    C[i * n + i] = 1 + (long)below(rng, 3);
    for (size_t j = 0; j < i; j++)
      C[i * n + j] = (long)below(rng, 7) - 3;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      long sum = 0;

      for (size_t k = 0; k < n; k++)
        sum += C[i * n + k] * D[k] * C[j * n + k];
      mpq_set_si(a[i * n + j], sum, 7);
      mpq_canonicalize(a[i * n + j]);
    }
  got = ufm__inertia_exact(n, a);
  ck_assert_msg(got.negative == want.negative && got.zero == want.zero &&
                    got.positive == want.positive,
                "seed %d: %zu %zu %zu, want %zu %zu %zu", _i, got.negative,
                got.zero, got.positive, want.negative, want.zero,
                want.positive);
  ufm__rationals_free(a, n * n);
  gsl_rng_free(rng);
}
END_TEST

/* A zero diagonal needs other pivots. */
START_TEST(inertia_of_zero_diagonals)
{
  mpq_t *a = ufm__rationals_new(9);
  ufm__inertia got;

  mpq_set_si(a[1], 1, 1);
  mpq_set_si(a[3], 1, 1);
  got = ufm__inertia_exact(3, a); /* eigenvalues 1, -1, 0 */
  ck_assert(got.negative == 1 && got.zero == 1 && got.positive == 1);
  ufm__rationals_free(a, 9);
}
END_TEST

static bool proved_psd(size_t n, mpz_t *B, mpfr_prec_t bits)
{
  ufm_error error = {{0}};
  bool proved = false;

  ck_assert_msg(ufm__psd_test(n, B, bits, &proved, &error) == UFM_OK, "%s",
                error.text);
  return proved;
}

/* 2^shift A + delta I, A of rank r < n: the smallest eigenvalue is delta.  What
   is proved is true; a delta above the promise of the header is proved, too. */
START_TEST(near_singular_matrices)
{
  gsl_rng *rng = ufm__rng_new(22, (uint64_t)_i);
  size_t n = 2 + below(rng, MOST - 1), r = below(rng, n);
  mpfr_prec_t bits = (mpfr_prec_t)(64 + below(rng, 200));
  mp_bitcnt_t shift = 400;
  mpz_t *B = ufm__integers_new(n * n), delta, trace, promise;
  bool proved, enough;

  mpz_inits(delta, trace, promise, (mpz_ptr)NULL);
  low_rank(B, rng, n, r, shift);
  mpz_set_ui(delta, 1);
  mpz_mul_2exp(delta, delta, below(rng, shift));
  if (below(rng, 3) == 0)
    mpz_neg(delta, delta);
  if (below(rng, 10) == 0)
    mpz_set_ui(delta, 0);
  for (size_t i = 0; i < n; i++) {
    mpz_add(B[i * n + i], B[i * n + i], delta);
    mpz_add(trace, trace, B[i * n + i]);
  }
  /* 4 (n + 8) 2^-bits tr B, with a factor 2 for "about" */
  mpz_mul_ui(promise, trace, 8 * (n + 8));
  mpz_cdiv_q_2exp(promise, promise, (mp_bitcnt_t)bits);
  enough = mpz_sgn(delta) > 0 && mpz_cmp(delta, promise) > 0;
  proved = proved_psd(n, B, bits);
  ck_assert_msg(!proved || inertia_of(n, B, NULL).negative == 0,
                "seed %d: an indefinite matrix was proved", _i);
  ck_assert_msg(!proved || mpz_sgn(delta) > 0,
                "seed %d: delta was not positive", _i);
  ck_assert_msg(proved || !enough, "seed %d: the promise was not kept", _i);
  ufm__integers_free(B, n * n);
  mpz_clears(delta, trace, promise, (mpz_ptr)NULL);
  gsl_rng_free(rng);
}
END_TEST

/* The header's limits: few bits are refused, order 0 is true. */
START_TEST(limits_of_the_test)
{
  mpz_t *B = ufm__integers_new(9);
  ufm_error error = {{0}};
  bool proved = false;

  ck_assert_int_eq(ufm__psd_test(0, B, 64, &proved, &error), UFM_OK);
  ck_assert(proved);
  ck_assert(!proved_psd(3, B, 64)); /* zero: nothing is said */
  for (int i = 0; i < 3; i++)
    mpz_set_ui(B[4 * i], 1);
  ck_assert(proved_psd(3, B, 64));
  mpz_set_si(B[0], -1);
  ck_assert(!proved_psd(3, B, 64));
  ck_assert_int_eq(ufm__psd_test(3, B, 8, &proved, &error), UFM_EINTERNAL);
  ufm__integers_free(B, 9);
}
END_TEST

/* #{eigenvalues >= lo_j} >= j and #{eigenvalues > hi_j} < j, by inertia. */
START_TEST(eigenvalues_are_enclosed)
{
  gsl_rng *rng = ufm__rng_new(23, (uint64_t)_i);
  size_t n = 1 + below(rng, MOST), r = 1 + below(rng, n);
  mpz_t *B = ufm__integers_new(n * n);
  iv *out = ufm__iv_new(n, 256);
  ufm_error error = {{0}};
  double top;
  mpq_t end;

  mpq_init(end);
  low_rank(B, rng, n, r, 0);
  if (n > 1 && below(rng, 2)) /* an eigenvalue of the plane that is double */
    for (size_t i = 0; i < n * n; i++)
      mpz_set_ui(B[i], i % (n + 1) == 0 ? 5 : 0);
  ck_assert_msg(ufm__eigen_enclose(n, B, 200, out, &error) == UFM_OK, "%s",
                error.text);
  top = mpfr_get_d(out[0].hi, MPFR_RNDU);
  for (size_t j = 0; j < n; j++) {
    ufm__inertia at;
    mpfr_t width;

    ck_assert(ufm__iv_bounded(&out[j]));
    mpfr_get_q(end, out[j].lo);
    at = inertia_of(n, B, end);
    ck_assert_msg(at.zero + at.positive > j, "seed %d: lower %zu", _i, j);
    mpfr_get_q(end, out[j].hi);
    at = inertia_of(n, B, end);
    ck_assert_msg(at.positive <= j, "seed %d: upper %zu", _i, j);
    mpfr_init2(width, 64);
    mpfr_sub(width, out[j].hi, out[j].lo, MPFR_RNDU);
    ck_assert_msg(mpfr_get_d(width, MPFR_RNDU) <= ldexp(top, -180),
                  "seed %d: eigenvalue %zu is wide", _i, j);
    mpfr_clear(width);
  }
  mpq_clear(end);
  ufm__iv_free(out, n);
  ufm__integers_free(B, n * n);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-psd");
  int failed;

  tcase_add_loop_test(tests, inertia_is_exact, 0, rounds(ROUNDS));
  tcase_add_test(tests, inertia_of_zero_diagonals);
  tcase_add_loop_test(tests, near_singular_matrices, 0, rounds(2 * ROUNDS));
  tcase_add_test(tests, limits_of_the_test);
  tcase_add_loop_test(tests, eigenvalues_are_enclosed, 0, rounds(ROUNDS / 3));
  failed = run_case("verify-psd", tests);
  mpfr_free_cache();
  return failed;
}
