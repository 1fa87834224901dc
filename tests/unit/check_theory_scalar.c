/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar problem of one singular direction, and its exact threshold. */
#include <config.h>

#include <math.h>

#include "digits.h"
#include "run.h"
#include "theory/scalar.h"
#include "theory/threshold.h"

enum { PREC = 400 };

static const size_t depths[] = {1, 2, 3, 4, 6, 9, 40, 1000};
enum { DEPTHS = sizeof depths / sizeof depths[0] };

/* c* = (1/M) ((M-1)/M)^{(M-1)/L}, and 1 for M = 1. */
static void critical(mpfr_t out, size_t M)
{
  mpfr_set_ui(out, M - 1, MPFR_RNDN);
  mpfr_div_ui(out, out, M, MPFR_RNDN);
  mpfr_pow_ui(out, out, M - 1, MPFR_RNDN);
  mpfr_rootn_ui(out, out, M + 1, MPFR_RNDN);
  mpfr_div_ui(out, out, M, MPFR_RNDN);
}

/* (1-t)^2 + L c t^{2/L} */
static void definition(mpfr_t out, mpfr_srcptr t, mpfr_srcptr c, size_t M)
{
  mpfr_t power;

  mpfr_init2(power, PREC);
  mpfr_sqr(power, t, MPFR_RNDN);
  mpfr_rootn_ui(power, power, M + 1, MPFR_RNDN);
  mpfr_mul(power, power, c, MPFR_RNDN);
  mpfr_mul_ui(power, power, M + 1, MPFR_RNDN);
  mpfr_ui_sub(out, 1, t, MPFR_RNDN);
  mpfr_sqr(out, out, MPFR_RNDN);
  mpfr_add(out, out, power, MPFR_RNDN);
  mpfr_clear(power);
}

/* Fractions of c*: next to the threshold and far from it. */
static const double fractions[] = {1.0 - 1e-12, 0.999, 0.9,   0.5,   0.1,
                                   1e-3,        1e-8,  1e-20, 1e-150};
enum { FRACTIONS = sizeof fractions / sizeof fractions[0] };

/* psi from its definition and from (1-t)(1+Mt); 1 - t from t where that can be
   formed; no t on a grid is better. */
START_TEST(root_is_the_minimum)
{
  size_t M = depths[_i];
  mpfr_t c, t, r, value, other, one;
  mpq_t half;

  mpfr_inits2(PREC, c, t, r, value, other, one, (mpfr_ptr)NULL);
  mpq_init(half);
  mpq_set_ui(half, 1, 2);
  mpfr_set_ui(one, 1, MPFR_RNDN);
  for (size_t f = 0; f < FRACTIONS; f++) {
    critical(c, M);
    mpfr_mul_d(c, c, fractions[f], MPFR_RNDN);
    ufm__scalar_root(t, r, c, M);
    mpfr_add(other, t, r, MPFR_RNDN);
    ck_assert(same_digits(other, one, 100));
    definition(value, t, c, M);
    ufm__scalar_value(other, one, half, t, r, M); /* m/2N = 1 */
    ck_assert_msg(same_digits(other, value, 90), "M = %zu, fraction %g", M,
                  fractions[f]);
    ck_assert(mpfr_cmp_ui(value, 1) < 0);
    for (int i = 1; i <= 40; i++) {
      mpfr_set_ui(t, (unsigned long)i, MPFR_RNDN);
      mpfr_div_ui(t, t, 40, MPFR_RNDN);
      definition(other, t, c, M);
      ck_assert(mpfr_lessequal_p(value, other));
    }
  }
  mpfr_clears(c, t, r, value, other, one, (mpfr_ptr)NULL);
  mpq_clear(half);
}
END_TEST

/* The fixed point r = c (1-r)^{-(M-1)/L} holds in relative terms down to c of
   1e-150, and does not change with the precision. */
START_TEST(small_residuals_keep_their_digits)
{
  size_t M = depths[_i];
  mpfr_t c, t, r, again, low_t, low_r;

  mpfr_inits2(PREC, c, t, r, again, (mpfr_ptr)NULL);
  mpfr_inits2(150, low_t, low_r, (mpfr_ptr)NULL);
  for (size_t f = 0; f < FRACTIONS; f++) {
    critical(c, M);
    mpfr_mul_d(c, c, fractions[f], MPFR_RNDN);
    ufm__scalar_root(t, r, c, M);
    mpfr_ui_sub(again, 1, r, MPFR_RNDN);
    mpfr_pow_ui(again, again, M - 1, MPFR_RNDN);
    mpfr_rootn_ui(again, again, M + 1, MPFR_RNDN);
    mpfr_div(again, c, again, MPFR_RNDN);
    ck_assert_msg(same_digits(again, r, 100), "M = %zu, fraction %g", M,
                  fractions[f]);
    mpfr_set_prec(again, 150);
    mpfr_set(again, c, MPFR_RNDN);
    mpfr_set(c, again, MPFR_RNDN);
    ufm__scalar_root(t, r, c, M);
    ufm__scalar_root(low_t, low_r, c, M);
    ck_assert_msg(same_digits(low_r, r, 38), "M = %zu, fraction %g", M,
                  fractions[f]);
    ck_assert_msg(same_digits(low_t, t, M == 1 ? 30 : 38), "M = %zu", M);
    mpfr_set_prec(again, PREC);
  }
  mpfr_clears(c, t, r, again, low_t, low_r, (mpfr_ptr)NULL);
}
END_TEST

START_TEST(doubles_agree)
{
  size_t M = depths[_i];
  mpfr_t c, t, r;

  mpfr_inits2(PREC, c, t, r, (mpfr_ptr)NULL);
  for (size_t f = 1; f < FRACTIONS; f++) {
    double got_r, got_t, want_t, want_r, m = (double)M;

    critical(c, M);
    mpfr_mul_d(c, c, fractions[f], MPFR_RNDN);
    mpfr_set_d(c, mpfr_get_d(c, MPFR_RNDN), MPFR_RNDN);
    got_t = ufm__scalar_root_double(mpfr_get_d(c, MPFR_RNDN), M, &got_r);
    ufm__scalar_root(t, r, c, M);
    want_t = mpfr_get_d(t, MPFR_RNDN);
    want_r = mpfr_get_d(r, MPFR_RNDN);
    ck_assert_double_le(fabs(got_t - want_t), 1e-14 * m * want_t);
    ck_assert_double_le(fabs(got_r - want_r), 1e-14 * m * want_r);
  }
  critical(c, M);
  for (int i = 0; i < 3; i++) {
    double r_past, past = mpfr_get_d(c, MPFR_RNDN) * (1.0 + pow(10, 3 * i - 9));

    ck_assert(ufm__scalar_root_double(past, M, &r_past) == 0.0);
    ck_assert(r_past == 1.0);
  }
  mpfr_clears(c, t, r, (mpfr_ptr)NULL);
}
END_TEST

/* dt/dc = -L u^M / P'(u), by central differences. */
START_TEST(sensitivity_matches_differences)
{
  size_t M = depths[_i];
  mpfr_t c, h, t, r, up, down, slope;

  mpfr_inits2(PREC, c, h, t, r, up, down, slope, (mpfr_ptr)NULL);
  for (size_t f = 1; f < 5; f++) {
    critical(c, M);
    mpfr_mul_d(c, c, fractions[f], MPFR_RNDN);
    mpfr_set_str(h, "1e-40", 10, MPFR_RNDN);
    mpfr_add(up, c, h, MPFR_RNDN);
    ufm__scalar_root(up, r, up, M);
    mpfr_sub(down, c, h, MPFR_RNDN);
    ufm__scalar_root(down, r, down, M);
    mpfr_sub(slope, up, down, MPFR_RNDN);
    mpfr_div(slope, slope, h, MPFR_RNDN);
    mpfr_div_2ui(slope, slope, 1, MPFR_RNDN);
    /* u^M/P'(u) = u^2/(2 M u^L - M + 1), u^L = t */
    ufm__scalar_root(t, r, c, M);
    mpfr_rootn_ui(up, t, M + 1, MPFR_RNDN);
    mpfr_sqr(up, up, MPFR_RNDN);
    mpfr_mul_ui(down, t, 2 * M, MPFR_RNDN);
    mpfr_sub_ui(down, down, M - 1, MPFR_RNDN);
    mpfr_div(up, up, down, MPFR_RNDN);
    mpfr_mul_si(up, up, -(long)(M + 1), MPFR_RNDN);
    ck_assert_msg(same_digits(slope, up, 50), "M = %zu, fraction %g", M,
                  fractions[f]);
  }
  mpfr_clears(c, h, t, r, up, down, slope, (mpfr_ptr)NULL);
}
END_TEST

/* u - P(u)/P'(u) decreases from u = 1 to the root, never below it. */
START_TEST(newton_is_monotone)
{
  size_t M = depths[_i];
  mpfr_t c, t, r, root, u, P, slope;

  mpfr_inits2(PREC, c, t, r, root, u, P, slope, (mpfr_ptr)NULL);
  for (size_t f = 0; M > 1 && f < 6; f++) {
    critical(c, M);
    mpfr_mul_d(c, c, fractions[f], MPFR_RNDN);
    ufm__scalar_root(t, r, c, M);
    mpfr_rootn_ui(root, t, M + 1, MPFR_RNDN);
    mpfr_set_ui(u, 1, MPFR_RNDN);
    for (int step = 0; step < 6; step++) {
      mpfr_pow_ui(P, u, 2 * M, MPFR_RNDN);
      mpfr_pow_ui(slope, u, M - 1, MPFR_RNDN);
      mpfr_sub(P, P, slope, MPFR_RNDN);
      mpfr_add(P, P, c, MPFR_RNDN);
      mpfr_pow_ui(slope, u, 2 * M - 1, MPFR_RNDN);
      mpfr_mul_ui(slope, slope, 2 * M, MPFR_RNDN);
      mpfr_pow_ui(t, u, M - 2, MPFR_RNDN);
      mpfr_mul_ui(t, t, M - 1, MPFR_RNDN);
      mpfr_sub(slope, slope, t, MPFR_RNDN);
      mpfr_div(P, P, slope, MPFR_RNDN);
      if (mpfr_get_exp(P) < -200)
        break;
      ck_assert(mpfr_sgn(P) > 0);
      mpfr_sub(u, u, P, MPFR_RNDN);
      ck_assert(mpfr_greater_p(u, root));
    }
  }
  mpfr_clears(c, t, r, root, u, P, slope, (mpfr_ptr)NULL);
}
END_TEST

/* The table of section 3, and t = (M-1)/M there with psi = m/2N. */
START_TEST(threshold_values)
{
  static const double table[][2] = {
      {2, 0.396850}, {3, 0.272166}, {6, 0.146316}};
  mpfr_t c, t, r, value;

  mpfr_inits2(PREC, c, t, r, value, (mpfr_ptr)NULL);
  for (size_t i = 0; i < 3; i++) {
    size_t M = (size_t)table[i][0];

    critical(c, M);
    ck_assert_double_le(fabs(mpfr_get_d(c, MPFR_RNDN) - table[i][1]), 5e-7);
    ufm__scalar_root_at_threshold(t, r, M);
    definition(value, t, c, M);
    mpfr_sub_ui(value, value, 1, MPFR_RNDN);
    ck_assert(mpfr_zero_p(value) || mpfr_get_exp(value) < -380);
  }
  mpfr_clears(c, t, r, value, (mpfr_ptr)NULL);
}
END_TEST

static void set_rational(mpq_t out, const char *text)
{
  ck_assert_int_eq(mpq_set_str(out, text, 10), 0);
  mpq_canonicalize(out);
}

static int sign_at(const char *ratio, const char *lambda, size_t M,
                   const char *scale, size_t mu, int *rational)
{
  ufm__threshold threshold;
  mpq_t N, product, s;
  int sign;

  mpq_inits(N, product, s, (mpq_ptr)NULL);
  set_rational(N, ratio);
  set_rational(product, lambda);
  set_rational(s, scale);
  ufm__threshold_init(&threshold, N, product, M, s);
  sign = ufm__threshold_compare(&threshold, mu);
  if (rational != NULL)
    *rational = threshold.rational;
  ufm__threshold_clear(&threshold);
  mpq_clears(N, product, s, (mpq_ptr)NULL);
  return sign;
}

/* One unit in the last digit of a rational penalty decides. */
START_TEST(threshold_is_exact)
{
  int rational;

  /* M = 1: m against N^2 lambda_W lambda_H */
  ck_assert_int_eq(sign_at("16", "1/64", 1, "1", 4, &rational), 0);
  ck_assert(rational);
  ck_assert_int_eq(sign_at("16", "100000000000000000001/6400000000000000000000",
                           1, "1", 4, NULL),
                   -1);
  ck_assert_int_eq(sign_at("16", "99999999999999999999/6400000000000000000000",
                           1, "1", 4, NULL),
                   1);
  /* M = 2: m^2 against N^3 Lam 16 */
  ck_assert_int_eq(sign_at("16", "1/4096", 2, "1", 4, &rational), 0);
  ck_assert(rational);
  ck_assert_int_eq(sign_at("16", "1/4095", 2, "1", 4, &rational), -1);
  ck_assert(!rational);
  ck_assert_int_eq(sign_at("16", "1/4097", 2, "1", 4, NULL), 1);
  /* m = scale mu: 4 = (4/9) 9 */
  ck_assert_int_eq(sign_at("16", "1/4096", 2, "4/9", 9, NULL), 0);
  /* M = 3: 4 m^3 against N^4 Lam 3^6, N = 2: 4 m^3 = 11664 Lam */
  ck_assert_int_eq(sign_at("2", "1/108", 3, "1", 3, &rational), 0);
  ck_assert(rational);
}
END_TEST

/* The exact test is c against c*, evaluated to 100 digits. */
START_TEST(threshold_agrees_with_c)
{
  mpq_t N, lambda, one;
  mpfr_t penalty, c, at, m;

  mpq_inits(N, lambda, one, (mpq_ptr)NULL);
  mpfr_inits2(PREC, penalty, c, at, m, (mpfr_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  for (unsigned long i = 1; i <= 200; i++) {
    size_t M = 1 + i % 5, mu = 1 + i * 7 % 50;
    ufm__threshold threshold;
    int sign;

    mpq_set_ui(N, 3 + i % 30, 1 + i % 2);
    mpq_canonicalize(N);
    mpq_set_ui(lambda, 1 + i * 13 % 29, 1 + i * i * (i % 3 + 1));
    mpq_canonicalize(lambda);
    ufm__threshold_init(&threshold, N, lambda, M, one);
    sign = ufm__threshold_compare(&threshold, mu);
    ufm__threshold_clear(&threshold);
    ufm__scalar_penalty(penalty, N, lambda, M);
    mpfr_set_ui(m, mu, MPFR_RNDN);
    ufm__scalar_c(c, penalty, m, M);
    critical(at, M);
    if (same_digits(c, at, 90))
      ck_assert_int_eq(sign, 0);
    else
      ck_assert_int_eq(sign, mpfr_less_p(c, at) ? 1 : -1);
  }
  mpq_clears(N, lambda, one, (mpq_ptr)NULL);
  mpfr_clears(penalty, c, at, m, (mpfr_ptr)NULL);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory-scalar");

  tcase_add_loop_test(tests, root_is_the_minimum, 0, DEPTHS);
  tcase_add_loop_test(tests, small_residuals_keep_their_digits, 0, DEPTHS);
  tcase_add_loop_test(tests, doubles_agree, 0, DEPTHS);
  tcase_add_loop_test(tests, sensitivity_matches_differences, 0, DEPTHS);
  tcase_add_loop_test(tests, newton_is_monotone, 0, DEPTHS);
  tcase_add_test(tests, threshold_values);
  tcase_add_test(tests, threshold_is_exact);
  tcase_add_test(tests, threshold_agrees_with_c);
  return run_case("theory-scalar", tests);
}
