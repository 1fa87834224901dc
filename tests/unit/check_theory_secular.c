/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roots of the secular equation, and their exact comparison with thresholds. */
#include <config.h>

#include "core/rng.h"
#include "linalg/eigen.h"
#include "theory/secular.h"

#include "digits.h"
#include "matrix.h"
#include "run.h"

enum { SEED = 7, ROUNDS = 60, MOST = 9 };

/* Groups written out by a test: counts descending. */
typedef struct test_groups {
  ufm_groups groups;
  size_t count[MOST], size[MOST];
} test_groups;

static ufm__secular make_secular(test_groups *g, size_t G, const char *kappa)
{
  ufm__secular secular = {.groups = &g->groups};

  g->groups = (ufm_groups){.G = G, .count = g->count, .size = g->size};
  mpq_init(secular.kappa);
  ck_assert_int_eq(mpq_set_str(secular.kappa, kappa, 10), 0);
  mpq_canonicalize(secular.kappa);
  return secular;
}

static void solve(const ufm__secular *s, size_t g, ufm__secular_root *root,
                  mpfr_prec_t bits)
{
  mpfr_init2(root->offset, bits);
  ck_assert_int_lt(ufm__secular_solve(s, g, root), 100);
}

/* The roots are eigenvalues: of D - n n^T/N (kappa = 0, one root 0 apart), or
   of D + sqrt(n) sqrt(n)^T/kappa, written out class by class. */
static void compare_with_lapack(const ufm__secular *s, double kappa, int round)
{
  const ufm_groups *g = s->groups;
  size_t K = 0, first = kappa > 0.0 ? 0 : 1;
  double n[MOST * MOST], N = 0.0, *A, *w;

  for (size_t i = 0; i < g->G; i++)
    for (size_t k = 0; k < g->size[i]; k++) {
      n[K++] = (double)g->count[i];
      N += (double)g->count[i];
    }
  A = new_array(K * K);
  w = new_array(K);
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++)
      A[i * K + k] =
          (i == k ? n[i] : 0.0) +
          (kappa > 0.0 ? sqrt(n[i] * n[k]) / kappa : -n[i] * n[k] / N);
  ck_assert_int_eq(ufm__eigen(K, A, w, false, NULL), UFM_OK);
  for (size_t i = first; i < g->G; i++) {
    double nearest = HUGE_VAL, mu;
    ufm__secular_root root;
    mpfr_t value;

    solve(s, i, &root, 120);
    mpfr_init2(value, 120);
    ufm__secular_mu(value, s, &root);
    mu = mpfr_get_d(value, MPFR_RNDN);
    for (size_t k = 0; k < K; k++)
      nearest = fmin(nearest, fabs(w[k] - mu));
    ck_assert_msg(nearest <= 1e-13 * w[K - 1],
                  "seed %d, round %d: root %zu is %.17g, off by %g", SEED,
                  round, i, mu, nearest);
    ck_assert(mu > n[0] * (i == 0) && mu <= w[K - 1] * (1.0 + 1e-13));
    mpfr_clears(value, root.offset, (mpfr_ptr)NULL);
  }
  free(A);
  free(w);
}

START_TEST(roots_are_eigenvalues)
{
  static const char *const kappas[] = {"0", "1/3", "7", "500"};
  static const double values[] = {0.0, 1.0 / 3.0, 7.0, 500.0};
  gsl_rng *rng = ufm__rng_new(SEED, 0);

  ck_assert_ptr_nonnull(rng);
  for (int round = 0; round < ROUNDS; round++) {
    size_t G = 1 + gsl_rng_uniform_int(rng, MOST), last = 0;
    test_groups g;
    ufm__secular s;

    for (size_t i = G; i-- > 0;) {
      last += 1 + gsl_rng_uniform_int(rng, round % 2 ? 3 : 400);
      g.count[i] = last;
      g.size[i] = 1 + gsl_rng_uniform_int(rng, MOST);
    }
    s = make_secular(&g, G, kappas[round % 4]);
    compare_with_lapack(&s, values[round % 4], round);
    mpq_clear(s.kappa);
  }
  gsl_rng_free(rng);
}
END_TEST

/* |s(mu)| against the size of its terms; returns the residual's log2. */
static mpfr_exp_t residual(const ufm__secular *s, const ufm__secular_root *root,
                           mpfr_prec_t bits)
{
  mpfr_t sum, size, term;
  mpfr_exp_t log2;

  mpfr_inits2(bits, sum, size, term, (mpfr_ptr)NULL);
  mpfr_set_q(sum, s->kappa, MPFR_RNDN);
  mpfr_abs(size, sum, MPFR_RNDN);
  for (size_t k = 0; k < s->groups->G; k++) {
    ufm__secular_gap(term, s, k, root);
    mpfr_ui_div(term, s->groups->size[k] * s->groups->count[k], term,
                MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
    mpfr_abs(term, term, MPFR_RNDN);
    mpfr_add(size, size, term, MPFR_RNDN);
  }
  log2 = mpfr_zero_p(sum) ? -bits : mpfr_get_exp(sum) - mpfr_get_exp(size);
  mpfr_clears(sum, size, term, (mpfr_ptr)NULL);
  return log2;
}

/* Counts that differ by nine orders of magnitude, weights by eight, kappa from
   nothing to 1e60: residuals vanish and offsets keep their relative digits. */
START_TEST(extreme_roots_are_accurate)
{
  static const char *const kappas[] = {
      "0", "1/1000000000000000000000000000000", "1",
      "1000000000000000000000000000000000000000000000000000000000000"};
  test_groups g = {
      .count = {4000000001, 4000000000, 3999999999, 50000, 3, 2, 1},
      .size = {1, 2, 1, 70000000, 1, 100000000, 1}};

  for (size_t i = 0; i < sizeof kappas / sizeof kappas[0]; i++) {
    ufm__secular s = make_secular(&g, 7, kappas[i]);

    for (size_t k = i == 0 ? 1 : 0; k < 7; k++) {
      ufm__secular_root low, high;

      solve(&s, k, &low, 256);
      solve(&s, k, &high, 512);
      ck_assert_uint_eq(low.pole, high.pole);
      ck_assert_msg(same_digits(low.offset, high.offset, 60),
                    "kappa %s, root %zu", kappas[i], k);
      ck_assert_int_lt(residual(&s, &high, 512), -450);
      ck_assert(mpfr_sgn(high.offset) * (high.pole == k ? 1 : -1) > 0);
      mpfr_clears(low.offset, high.offset, (mpfr_ptr)NULL);
    }
    mpq_clear(s.kappa);
  }
}
END_TEST

/* Sign of root g minus theta, theta^M = power * unit. */
static int compare(const ufm__secular *s, size_t g, size_t M, mpq_srcptr power,
                   mpfr_prec_t cap)
{
  ufm__threshold threshold;
  mpq_t one, factor;
  int sign;

  /* N = 1, and Lam such that theta^M is `power` */
  mpq_inits(one, factor, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  mpz_ui_pow_ui(mpq_numref(factor), M - 1, M - 1);
  mpz_ui_pow_ui(mpq_denref(factor), M, 2 * M);
  mpq_canonicalize(factor);
  mpq_mul(factor, factor, power);
  ufm__threshold_init(&threshold, one, factor, M, one);
  ck_assert(mpq_equal(threshold.power, power));
  sign = ufm__secular_compare(s, g, &threshold, cap);
  ufm__threshold_clear(&threshold);
  mpq_clears(one, factor, (mpq_ptr)NULL);
  return sign;
}

/* Two classes: the root is 2ab/(a + b).  Ties are found for every depth, and a
   change of 1e-100 is seen. */
START_TEST(rational_ties_are_exact)
{
  test_groups g = {.count = {20, 7}, .size = {1, 1}};
  ufm__secular s = make_secular(&g, 2, "0");
  mpq_t power, tiny;

  mpq_inits(power, tiny, (mpq_ptr)NULL);
  for (size_t M = 1; M <= 6; M++) {
    mpz_ui_pow_ui(mpq_numref(power), 280, M);
    mpz_ui_pow_ui(mpq_denref(power), 27, M);
    mpq_canonicalize(power);
    ck_assert_int_eq(compare(&s, 1, M, power, 4096), 0);
    ck_assert_int_eq(compare(&s, 1, M, power, 64), UFM__UNDECIDED);
    mpq_set_ui(tiny, 1, 1);
    mpz_ui_pow_ui(mpq_denref(tiny), 10, 100);
    mpq_add(power, power, tiny);
    ck_assert_int_eq(compare(&s, 1, M, power, 4096), -1);
    mpq_sub(power, power, tiny);
    mpq_sub(power, power, tiny);
    ck_assert_int_eq(compare(&s, 1, M, power, 4096), 1);
  }
  mpq_clears(power, tiny, s.kappa, (mpq_ptr)NULL);
}
END_TEST

/* Irrational roots: thresholds 2^-200 above and below, at depths 1 to 3, are
   told apart when the precision allows it and only then. */
START_TEST(irrational_thresholds_need_precision)
{
  static const char *const kappas[] = {"0", "3/5"};
  test_groups g = {.count = {9, 5, 4, 1}, .size = {1, 3, 1, 2}};

  for (size_t i = 0; i < 2; i++) {
    ufm__secular s = make_secular(&g, 4, kappas[i]);
    mpq_t power;

    mpq_init(power);
    for (size_t k = 1; k < 4; k++)
      for (size_t M = 1; M <= 3; M++)
        for (int side = -1; side <= 1; side += 2) {
          ufm__secular_root root;
          mpfr_t mu;

          solve(&s, k, &root, 400);
          mpfr_init2(mu, 400);
          ufm__secular_mu(mu, &s, &root);
          mpfr_pow_ui(mu, mu, M, MPFR_RNDN);
          mpfr_set_si_2exp(root.offset, side, -200, MPFR_RNDN);
          mpfr_add(mu, mu, root.offset, MPFR_RNDN);
          mpfr_get_q(power, mu);
          ck_assert_int_eq(compare(&s, k, M, power, 128), UFM__UNDECIDED);
          ck_assert_int_eq(compare(&s, k, M, power, 1024), -side);
          mpfr_clears(mu, root.offset, (mpfr_ptr)NULL);
        }
    mpq_clears(power, s.kappa, (mpq_ptr)NULL);
  }
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory-secular");

  tcase_add_test(tests, roots_are_eigenvalues);
  tcase_add_test(tests, extreme_roots_are_accurate);
  tcase_add_test(tests, rational_ties_are_exact);
  tcase_add_test(tests, irrational_thresholds_need_precision);
  return run_case("theory-secular", tests);
}
