/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-check: exact numbers, common grids, decimal output. */
#include <config.h>

#include <string.h>

#include "check/alloc.h"
#include "check/decimal.h"
#include "check/grid.h"
#include "run.h"

static void expect_number(const char *text, const char *expected)
{
  chk_number x;
  mpq_t got, want;

  chk_number_init(&x);
  mpq_inits(got, want, (mpq_ptr)NULL);
  ck_assert_msg(chk_number_parse(&x, text), "'%s' refused", text);
  chk_number_get_mpq(got, &x);
  ck_assert_int_eq(mpq_set_str(want, expected, 10), 0);
  mpq_canonicalize(want);
  ck_assert_msg(mpq_equal(got, want), "'%s' is not %s", text, expected);
  chk_number_clear(&x);
  mpq_clears(got, want, (mpq_ptr)NULL);
}

START_TEST(numbers_are_exact)
{
  expect_number("0", "0");
  expect_number("-12", "-12");
  expect_number("0012", "12");
  expect_number("123456789012345678901234567890",
                "123456789012345678901234567890");
  expect_number("-6/4", "-3/2");
  expect_number("0/7", "0");
  expect_number("1/3", "1/3");
  expect_number("12/1", "12");
  expect_number("0x9.e8p-3", "317/256");
  expect_number("0x1p+0", "1");
  expect_number("0x1p4", "16");
  expect_number("-0x1.8p-1", "-3/4");
  expect_number("0xABCDEF.abcdefp0", "188900977659375/16777216");
  expect_number("0x0p+0", "0");
  expect_number("-0x0.00p-17", "0");
  expect_number("0x0.0001p+16", "1");
  expect_number("0x10p-0004", "1");
}
END_TEST

START_TEST(everything_else_is_refused)
{
  static const char *const bad[] = {
      "",        "-",           "+1",     " 1",
      "1 ",      "1.5",         "1e3",    "1/0",
      "1/",      "/1",          "1/-2",   "1/2/3",
      "--1",     "0x",          "0xp1",   "0x1",
      "0x1.p1",  "0x.8p1",      "0x1p",   "0x1p+",
      "0x1p1.0", "0x1p--1",     "0x1p1 ", "0xgp1",
      "nan",     "inf",         "@Inf@",  "0x1p+1024",
      "1/0x2",   "0x1p-262145", "0b1p1",  "0x1p9z",
      "0x1/2",   "0x1p999999",  "0x1P4",  "0X1p4",
      "12a",     "a",           "1_000",  "0x1p+99999999999999999999"};

  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    chk_number x;

    chk_number_init(&x);
    ck_assert_msg(!chk_number_parse(&x, bad[i]), "'%s' accepted", bad[i]);
    chk_number_clear(&x);
  }
}
END_TEST

/* Texts of the greatest allowed length are read, one more is not. */
START_TEST(length_is_limited)
{
  char *text = malloc(CHK_MAX_TEXT + 2);
  chk_number x;

  ck_assert_ptr_nonnull(text);
  memset(text, '1', CHK_MAX_TEXT + 1);
  text[1] = '/';
  text[CHK_MAX_TEXT] = '\0';
  chk_number_init(&x);
  ck_assert(chk_number_parse(&x, text));
  text[CHK_MAX_TEXT] = '1';
  text[CHK_MAX_TEXT + 1] = '\0';
  ck_assert(!chk_number_parse(&x, text));
  text[1] = '1';
  text[600] = '\0'; /* 600 decimal digits: above 2^1024 */
  ck_assert(!chk_number_parse(&x, text));
  text[300] = '\0';
  ck_assert(chk_number_parse(&x, text));
  chk_number_clear(&x);
  free(text);
}
END_TEST

static void expect_fixed(const char *text, mp_bitcnt_t f, long down, long up)
{
  chk_number x;
  mpz_t got;

  chk_number_init(&x);
  mpz_init(got);
  ck_assert(chk_number_parse(&x, text));
  chk_number_floor(got, &x, f);
  ck_assert_msg(mpz_cmp_si(got, down) == 0, "floor of %s", text);
  chk_number_ceil(got, &x, f);
  ck_assert_msg(mpz_cmp_si(got, up) == 0, "ceiling of %s", text);
  chk_number_clear(&x);
  mpz_clear(got);
}

START_TEST(fixed_point_rounds_outward)
{
  expect_fixed("1/3", 4, 5, 6);
  expect_fixed("-1/3", 4, -6, -5);
  expect_fixed("3/4", 2, 3, 3);
  expect_fixed("3/4", 1, 1, 2);
  expect_fixed("-3/4", 1, -2, -1);
  expect_fixed("0x1p-262144", 100, 0, 1);
  expect_fixed("-0x1p-262144", 100, -1, 0);
  expect_fixed("5/3072", 3, 0, 1);
  expect_fixed("0", 8, 0, 0);
}
END_TEST

static void parse_list(chk_number *x, const char *const *texts, size_t n)
{
  for (size_t i = 0; i < n; i++)
    ck_assert(chk_number_parse(&x[i], texts[i]));
}

START_TEST(grids_are_common_and_exact)
{
  static const char *const texts[] = {"1/3", "0x1p-4", "0", "-5/6"};
  chk_number *x = chk_numbers_new(4);
  chk_session session;
  chk_grid g;
  mpq_t got, want;

  parse_list(x, texts, 4);
  chk_session_start(&session, &chk_default_limits, 100);
  chk_grid_init(&g);
  mpq_inits(got, want, (mpq_ptr)NULL);
  ck_assert(chk_grid_set(&g, x, 2, 2, &session));
  for (size_t i = 0; i < 4; i++) { /* x 2^e/q, e < 0 here */
    mpz_set(mpq_numref(got), g.x[i]);
    mpz_set(mpq_denref(got), g.q);
    mpq_canonicalize(got);
    mpq_div_2exp(got, got, (mp_bitcnt_t)-g.e);
    chk_number_get_mpq(want, &x[i]);
    ck_assert(mpq_equal(got, want));
  }
  ck_assert_uint_eq(g.bits, 6); /* -5/6 = -40 / (3 * 16) */
  mpq_clears(got, want, (mpq_ptr)NULL);
  chk_grid_clear(&g);
  chk_numbers_free(x, 4);
}
END_TEST

/* One tiny number among many small ones would blow the grid up. */
START_TEST(grids_beyond_the_limits_are_refused)
{
  enum { COUNT = 2000 };
  chk_number *x = chk_numbers_new(COUNT);
  chk_session session;
  chk_grid g;

  for (size_t i = 0; i < COUNT; i++)
    ck_assert(chk_number_parse(&x[i], "1"));
  ck_assert(chk_number_parse(&x[7], "0x1p-262144"));
  chk_session_start(&session, &chk_default_limits, 10000);
  chk_grid_init(&g);
  ck_assert(!chk_grid_set(&g, x, 1, COUNT, &session));
  ck_assert_int_eq(session.outcome, CHK_MALFORMED);
  chk_grid_clear(&g);
  chk_numbers_free(x, COUNT);
}
END_TEST

static void expect_decimal(const char *fraction, size_t digits,
                           const char *down, const char *up)
{
  char *text;
  mpq_t x;

  mpq_init(x);
  ck_assert_int_eq(mpq_set_str(x, fraction, 10), 0);
  text = chk_decimal(x, digits, false);
  ck_assert_str_eq(text, down);
  free(text);
  text = chk_decimal(x, digits, true);
  ck_assert_str_eq(text, up);
  free(text);
  mpq_clear(x);
}

START_TEST(decimals_round_outward)
{
  expect_decimal("1/3", 3, "0.333", "0.334");
  expect_decimal("-1/3", 3, "-0.334", "-0.333");
  expect_decimal("2/3", 1, "0.6", "0.7");
  expect_decimal("1/8", 5, "0.125", "0.125");
  expect_decimal("0", 5, "0", "0");
  expect_decimal("100", 5, "100", "100");
  expect_decimal("12345", 3, "1.23e+4", "1.24e+4");
  expect_decimal("999", 2, "9.9e+2", "1e+3");
  expect_decimal("1999/2", 3, "999", "1e+3");
  expect_decimal("1/300000", 2, "0.0000033", "0.0000034");
  expect_decimal("1/3000000000", 4, "3.333e-10", "3.334e-10");
  expect_decimal("22/7", 6, "3.14285", "3.14286");
  expect_decimal("-22/7", 6, "-3.14286", "-3.14285");
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("exact");

  tcase_add_test(tests, numbers_are_exact);
  tcase_add_test(tests, everything_else_is_refused);
  tcase_add_test(tests, length_is_limited);
  tcase_add_test(tests, fixed_point_rounds_outward);
  tcase_add_test(tests, grids_are_common_and_exact);
  tcase_add_test(tests, grids_beyond_the_limits_are_refused);
  tcase_add_test(tests, decimals_round_outward);
  return run_case("check-exact", tests);
}
