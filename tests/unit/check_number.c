/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact and strict number reading. */
#include <config.h>

#include <string.h>

#include "core/number.h"
#include "run.h"

static void expect_rational(const char *text, const char *expected)
{
  ufm_error error;
  mpq_t got, want;

  mpq_inits(got, want, (mpq_ptr)NULL);
  ck_assert_msg(ufm__parse_rational(text, "x", got, &error) == UFM_OK,
                "'%s' refused", text);
  ck_assert_int_eq(mpq_set_str(want, expected, 10), 0);
  ck_assert_msg(mpq_equal(got, want), "'%s' is not %s", text, expected);
  mpq_clears(got, want, (mpq_ptr)NULL);
}

START_TEST(decimals_and_fractions_are_exact)
{
  expect_rational("5e-4", "1/2000");
  expect_rational("0.1", "1/10");
  expect_rational("1/3", "1/3");
  expect_rational("624/10000", "39/625");
  expect_rational("-2.50", "-5/2");
  expect_rational("+7", "7");
  expect_rational(".5", "1/2");
  expect_rational("3.", "3");
  expect_rational("1E2", "100");
  expect_rational("2.5e+1", "25");
  expect_rational("0", "0");
  expect_rational("000.10", "1/10");
}
END_TEST

START_TEST(everything_else_is_refused)
{
  static const char *const bad[] = {
      "",      " 1",   "1 ",    "1e",      "1e+",   "e5",   ".",
      "1/0",   "1/",   "/2",    "1/2/3",   "0x10",  "nan",  "inf",
      "1,5",   "--1",  "1/-2",  "1e99999", "1e+-3", "1e 3", "1.2.3",
      "5e-4x", "1/2x", "1e0.5", "+",       "-",     "1d3",  "1e-99999"};

  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ufm_error error = {{0}};
    mpq_t got;

    mpq_init(got);
    mpq_set_ui(got, 7, 1);
    ck_assert_msg(ufm__parse_rational(bad[i], "lambda-H", got, &error) ==
                      UFM_EINVAL,
                  "'%s' accepted", bad[i]);
    ck_assert_msg(mpq_cmp_ui(got, 7, 1) == 0, "'%s' changed the output",
                  bad[i]);
    ck_assert_ptr_nonnull(strstr(error.text, "lambda-H"));
    mpq_clear(got);
  }
}
END_TEST

START_TEST(very_long_numbers_are_refused)
{
  enum { LENGTH = 100000 };
  char *text = malloc(LENGTH + 1);
  mpq_t got;

  ck_assert_ptr_nonnull(text);
  memset(text, '9', LENGTH);
  text[LENGTH] = '\0';
  mpq_init(got);
  ck_assert_int_eq(ufm__parse_rational(text, "x", got, NULL), UFM_EINVAL);
  mpq_clear(got);
  free(text);
}
END_TEST

START_TEST(sizes_are_whole_and_in_range)
{
  size_t got = 99;
  uint64_t seed = 0;

  ck_assert_int_eq(ufm__parse_size("12", "n", 1, 20, &got, NULL), UFM_OK);
  ck_assert_uint_eq(got, 12);
  ck_assert_int_eq(ufm__parse_size("0", "n", 1, 20, &got, NULL), UFM_EINVAL);
  ck_assert_int_eq(ufm__parse_size("21", "n", 1, 20, &got, NULL), UFM_EINVAL);
  ck_assert_int_eq(ufm__parse_size("-1", "n", 0, 20, &got, NULL), UFM_EINVAL);
  ck_assert_int_eq(ufm__parse_size("1.0", "n", 0, 20, &got, NULL), UFM_EINVAL);
  ck_assert_int_eq(
      ufm__parse_size("99999999999999999999999", "n", 0, SIZE_MAX, &got, NULL),
      UFM_EINVAL);
  ck_assert_uint_eq(got, 12);
  ck_assert_int_eq(ufm__parse_u64("18446744073709551615", "s", &seed, NULL),
                   UFM_OK);
  ck_assert_uint_eq(seed, UINT64_MAX);
  ck_assert_int_eq(ufm__parse_u64("18446744073709551616", "s", &seed, NULL),
                   UFM_EINVAL);
}
END_TEST

START_TEST(doubles_are_the_nearest)
{
  double got = 0.0;
  mpq_t x;

  ck_assert_int_eq(ufm__parse_positive("1e-10", "tol", &got, NULL), UFM_OK);
  ck_assert(got == 1e-10);
  ck_assert_int_eq(ufm__parse_positive("0.1", "tol", &got, NULL), UFM_OK);
  ck_assert(got == 0.1);
  ck_assert_int_eq(ufm__parse_positive("0", "tol", &got, NULL), UFM_EINVAL);
  ck_assert_int_eq(ufm__parse_positive("-1", "tol", &got, NULL), UFM_EINVAL);
  ck_assert_int_eq(ufm__parse_positive("1e-4000", "tol", &got, NULL),
                   UFM_EINVAL);
  mpq_init(x);
  mpq_set_ui(x, 2, 3); /* mpq_get_d would give the double below */
  ck_assert(ufm__rational_double(x) == 2.0 / 3.0);
  mpq_clear(x);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("number");

  tcase_add_test(tests, decimals_and_fractions_are_exact);
  tcase_add_test(tests, everything_else_is_refused);
  tcase_add_test(tests, very_long_numbers_are_refused);
  tcase_add_test(tests, sizes_are_whole_and_in_range);
  tcase_add_test(tests, doubles_are_the_nearest);
  return run_case("number", tests);
}
