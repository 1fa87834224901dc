/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact decimals: layouts, directions, and bars that cover what they stand
   for. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <ufm/decimal.h>

#include "../prop/rounds.h"
#include "run.h"

static void read_into(mpq_t out, const char *text)
{
  ufm_error error;

  ck_assert_msg(ufm_decimal_read(text, "test", out, &error) == UFM_OK, "%s",
                error.text);
}

static void expect(const char *number, size_t digits, ufm_rounding rounding,
                   const char *wanted)
{
  char *text;
  mpq_t x;

  mpq_init(x);
  read_into(x, number);
  text = ufm_decimal_text(x, digits, rounding);
  ck_assert_str_eq(text, wanted);
  free(text);
  mpq_clear(x);
}

START_TEST(significant_digits)
{
  expect("1/3", 3, UFM_ROUND_NEAREST, "0.333");
  expect("2/3", 3, UFM_ROUND_NEAREST, "0.667");
  expect("2/3", 3, UFM_ROUND_DOWN, "0.666");
  expect("-2/3", 3, UFM_ROUND_DOWN, "-0.667");
  expect("-2/3", 3, UFM_ROUND_UP, "-0.666");
  expect("1/3", 3, UFM_ROUND_UP, "0.334");
  expect("0.05", 1, UFM_ROUND_NEAREST, "0.05");
  expect("2.5", 1, UFM_ROUND_NEAREST, "3");
  expect("-2.5", 1, UFM_ROUND_NEAREST, "-3");
  expect("9.996", 3, UFM_ROUND_NEAREST, "10.0");
  expect("9.99", 2, UFM_ROUND_UP, "10");
  expect("0.99999", 3, UFM_ROUND_NEAREST, "1.00");
  expect("0.5", 9, UFM_ROUND_NEAREST, "0.5");
  expect("1200", 9, UFM_ROUND_NEAREST, "1200");
  expect("12345", 3, UFM_ROUND_NEAREST, "1.23e4");
  expect("1e-5", 3, UFM_ROUND_NEAREST, "0.00001");
  expect("1.25e-6", 9, UFM_ROUND_NEAREST, "1.25e-6");
  expect("1e-30", 9, UFM_ROUND_NEAREST, "1e-30");
  expect("0", 5, UFM_ROUND_NEAREST, "0");
  expect("1e30", 5, UFM_ROUND_NEAREST, "1e30");
}
END_TEST

START_TEST(fixed_places)
{
  static const struct {
    const char *number;
    size_t places;
    const char *wanted;
  } cases[] = {{"1/3", 3, "0.333"},     {"2.5", 0, "3"},
               {"-0.06", 1, "-0.1"},    {"0.04", 1, "0.0"},
               {"12", 2, "12.00"},      {"0.996", 2, "1.00"},
               {"-0.001", 3, "-0.001"}, {"1e-9", 4, "0.0000"}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text;
    mpq_t x;

    mpq_init(x);
    read_into(x, cases[i].number);
    text = ufm_decimal_fixed(x, cases[i].places, UFM_ROUND_NEAREST);
    ck_assert_str_eq(text, cases[i].wanted);
    free(text);
    mpq_clear(x);
  }
}
END_TEST

static void expect_bar(const char *lower, const char *upper, size_t digits,
                       const char *wanted)
{
  char *text;
  mpq_t lo, hi;

  mpq_inits(lo, hi, (mpq_ptr)NULL);
  read_into(lo, lower);
  read_into(hi, upper);
  text = ufm_decimal_enclosure(lo, hi, digits);
  ck_assert_str_eq(text, wanted);
  free(text);
  mpq_clears(lo, hi, (mpq_ptr)NULL);
}

START_TEST(error_bars)
{
  expect_bar("0.153133778", "0.153133784", 20, "0.153133781(3)");
  expect_bar("0.153133780", "0.153133781", 20, "0.1531337805(5)");
  /* more digits are proved than are asked for */
  expect_bar("0.15313378049", "0.15313378051", 5, "0.15313(1)");
  expect_bar("0.1", "0.2", 9, "0.15(5)");
  expect_bar("0.0", "1.9", 9, "1(1)");
  expect_bar("1.5e-20", "1.7e-20", 9, "1.6(1)e-20");
  expect_bar("-0.2", "-0.1", 9, "-0.15(5)");
  expect_bar("1/4", "1/4", 9, "0.25");
  expect_bar("1/3", "1/3", 4, "0.3333(1)");
  expect_bar("12345.5", "12346.5", 9, "12346.0(5)");
  expect_bar("123455", "123465", 9, "123460(5)");
  expect_bar("123000", "124000", 9, "1.235(5)e5");
}
END_TEST

/* Value and radius that "1.23(4)e-5" stands for. */
static void parse_bar(const char *text, mpq_t value, mpq_t radius)
{
  char plain[128], unit[160];
  const char *open = strchr(text, '('), *close = strchr(text, ')');
  size_t n = 0;

  ck_assert(open != NULL && close == open + 2);
  snprintf(plain, sizeof plain, "%.*s%s", (int)(open - text), text, close + 1);
  read_into(value, plain);
  for (const char *c = text; c < open; c++)
    unit[n++] = *c == '.' || *c == '-' ? *c : '0';
  unit[n - 1] = open[1];
  snprintf(unit + n, sizeof unit - n, "%s", close + 1);
  read_into(radius, unit);
  mpq_abs(radius, radius);
}

START_TEST(random_enclosures_are_covered)
{
  unsigned long seed = 20250306;
  gmp_randstate_t state;
  mpq_t lo, hi, width, value, radius, distance;
  mpz_t z;

  gmp_randinit_default(state);
  gmp_randseed_ui(state, seed);
  mpq_inits(lo, hi, width, value, radius, distance, (mpq_ptr)NULL);
  mpz_init(z);
  for (int i = 0; i < rounds(3000); i++) {
    size_t digits = 1 + gmp_urandomm_ui(state, 30);
    char *text;

    mpz_urandomb(mpq_numref(lo), state, 1 + gmp_urandomm_ui(state, 90));
    mpz_urandomb(mpq_denref(lo), state, 1 + gmp_urandomm_ui(state, 90));
    mpz_add_ui(mpq_denref(lo), mpq_denref(lo), 1);
    mpz_urandomb(mpq_numref(width), state, 20);
    mpz_add_ui(mpq_numref(width), mpq_numref(width), 1);
    mpz_ui_pow_ui(mpq_denref(width), 10, gmp_urandomm_ui(state, 40));
    mpq_canonicalize(lo);
    mpq_canonicalize(width);
    if (gmp_urandomm_ui(state, 2) == 1)
      mpq_neg(lo, lo);
    mpq_add(hi, lo, width);
    text = ufm_decimal_enclosure(lo, hi, digits);
    ck_assert_ptr_nonnull(text);
    if (strchr(text, '(') == NULL) { /* a single exact point cannot happen */
      ck_abort_msg("seed %lu, case %d: no bar in %s", seed, i, text);
    }
    parse_bar(text, value, radius);
    mpq_sub(distance, value, lo);
    ck_assert_msg(mpq_cmp(distance, radius) <= 0, "seed %lu, case %d: %s", seed,
                  i, text);
    mpq_sub(distance, hi, value);
    ck_assert_msg(mpq_cmp(distance, radius) <= 0, "seed %lu, case %d: %s", seed,
                  i, text);
    free(text);
  }
  mpz_clear(z);
  mpq_clears(lo, hi, width, value, radius, distance, (mpq_ptr)NULL);
  gmp_randclear(state);
}
END_TEST

/* Rounded up is never below, rounded down never above, nearest in between, and
   one more unit in the last digit would pass the number. */
START_TEST(random_roundings_have_their_direction)
{
  unsigned long seed = 4711;
  gmp_randstate_t state;
  mpq_t x, down, near, up;

  gmp_randinit_default(state);
  gmp_randseed_ui(state, seed);
  mpq_inits(x, down, near, up, (mpq_ptr)NULL);
  for (int i = 0; i < rounds(3000); i++) {
    size_t digits = 1 + gmp_urandomm_ui(state, 25);
    char *a, *b, *c;

    mpz_urandomb(mpq_numref(x), state, 1 + gmp_urandomm_ui(state, 120));
    mpz_urandomb(mpq_denref(x), state, 1 + gmp_urandomm_ui(state, 120));
    mpz_add_ui(mpq_denref(x), mpq_denref(x), 1);
    mpq_canonicalize(x);
    if (gmp_urandomm_ui(state, 2) == 1)
      mpq_neg(x, x);
    read_into(down, a = ufm_decimal_text(x, digits, UFM_ROUND_DOWN));
    read_into(near, b = ufm_decimal_text(x, digits, UFM_ROUND_NEAREST));
    read_into(up, c = ufm_decimal_text(x, digits, UFM_ROUND_UP));
    ck_assert_msg(mpq_cmp(down, x) <= 0 && mpq_cmp(x, up) <= 0 &&
                      (mpq_equal(near, down) || mpq_equal(near, up)),
                  "seed %lu, case %d: %s %s %s", seed, i, a, b, c);
    /* relative distance below 10^{1 - digits} */
    mpq_sub(up, up, down);
    mpz_ui_pow_ui(mpq_numref(near), 10, digits - 1);
    mpz_set_ui(mpq_denref(near), 1);
    mpq_mul(up, up, near);
    mpq_abs(x, x);
    ck_assert_msg(mpq_cmp(up, x) <= 0, "seed %lu, case %d: %s %s", seed, i, a,
                  c);
    free(a);
    free(b);
    free(c);
  }
  mpq_clears(x, down, near, up, (mpq_ptr)NULL);
  gmp_randclear(state);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("decimal");

  tcase_add_test(tests, significant_digits);
  tcase_add_test(tests, fixed_places);
  tcase_add_test(tests, error_bars);
  tcase_add_test(tests, random_enclosures_are_covered);
  tcase_add_test(tests, random_roundings_have_their_direction);
  return run_case("decimal", tests);
}
