/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-check: enclosures, compared with MPFR and with exact fractions. */
#include <config.h>

#include <mpfr.h>

#include "check/explog.h"
#include "run.h"

static const mp_bitcnt_t precisions[] = {1, 8, 64, 128, 333, 1000, 3400, 12000};

enum { PRECISIONS = sizeof precisions / sizeof *precisions };

/* want 2^f must lie in [lo, hi], and both ends within `units` of it. */
static void expect_enclosed(const chk_interval *got, mpfr_srcptr want,
                            mp_bitcnt_t f, unsigned long units,
                            const char *what)
{
  mpfr_t x;
  mpz_t down, up;

  mpfr_init2(x, mpfr_get_prec(want));
  mpz_inits(down, up, (mpz_ptr)NULL);
  mpfr_mul_2ui(x, want, f, MPFR_RNDN);
  mpfr_get_z(down, x, MPFR_RNDD);
  mpfr_get_z(up, x, MPFR_RNDU);
  ck_assert_msg(mpz_cmp(got->lo, down) <= 0 && mpz_cmp(got->hi, up) >= 0,
                "%s: outside at %lu digits", what, f);
  mpz_sub_ui(down, down, units);
  mpz_add_ui(up, up, units);
  ck_assert_msg(mpz_cmp(got->lo, down) >= 0 && mpz_cmp(got->hi, up) <= 0,
                "%s: too wide at %lu digits", what, f);
  mpfr_clear(x);
  mpz_clears(down, up, (mpz_ptr)NULL);
}

/* x 2^-f exactly, with room for the digits of a result. */
static void to_mpfr(mpfr_t out, mpz_srcptr x, mp_bitcnt_t f)
{
  mpfr_init2(out, (mpfr_prec_t)(mpz_sizeinbase(x, 2) + f + 64));
  mpfr_set_z_2exp(out, x, -(mpfr_exp_t)f, MPFR_RNDN);
}

static void check_exp(chk_explog *t, mpz_srcptr x)
{
  chk_interval point;
  mpfr_t value;

  chk_interval_init(&point);
  mpz_set(point.lo, x);
  mpz_set(point.hi, x);
  chk_exp(&point, &point, t);
  to_mpfr(value, x, t->f);
  mpfr_exp(value, value, MPFR_RNDN);
  expect_enclosed(&point, value, t->f, 2, "exp");
  mpfr_clear(value);
  chk_interval_clear(&point);
}

static void check_log(chk_explog *t, mpz_srcptr x)
{
  chk_interval point;
  mpfr_t value;

  chk_interval_init(&point);
  mpz_set(point.lo, x);
  mpz_set(point.hi, x);
  chk_log(&point, &point, t);
  to_mpfr(value, x, t->f);
  mpfr_log(value, value, MPFR_RNDN);
  expect_enclosed(&point, value, t->f, 2, "log");
  mpfr_clear(value);
  chk_interval_clear(&point);
}

START_TEST(exp_is_enclosed)
{
  gmp_randstate_t random;

  gmp_randinit_default(random);
  gmp_randseed_ui(random, 20231);
  for (size_t k = 0; k < PRECISIONS; k++) {
    mp_bitcnt_t f = precisions[k];
    chk_explog t;
    mpz_t x;

    chk_explog_init(&t, f);
    mpz_init(x);
    check_exp(&t, x); /* 0 */
    mpz_set_si(x, -1);
    check_exp(&t, x);
    for (int i = 0; i < 60; i++) {
      mpz_rrandomb(x, random, f / 2 + (mp_bitcnt_t)i % (f / 2 + 12));
      mpz_neg(x, x);
      check_exp(&t, x);
    }
    for (long n = (long)f - 4; n < (long)f + 5; n++) { /* near -n log 2 */
      mpz_mul_si(x, t.ln2, -n);
      mpz_fdiv_q_2exp(x, x, t.w - f);
      if (mpz_sgn(x) <= 0)
        check_exp(&t, x);
    }
    mpz_set_si(x, -1);
    mpz_mul_2exp(x, x, f + 5000);
    check_exp(&t, x);
    mpz_clear(x);
    chk_explog_clear(&t);
  }
  gmp_randclear(random);
}
END_TEST

START_TEST(log_is_enclosed)
{
  gmp_randstate_t random;

  gmp_randinit_default(random);
  gmp_randseed_ui(random, 20232);
  for (size_t k = 0; k < PRECISIONS; k++) {
    mp_bitcnt_t f = precisions[k];
    chk_explog t;
    mpz_t x;

    chk_explog_init(&t, f);
    mpz_init(x);
    for (mp_bitcnt_t n = 0; n < f + 1100; n += 1 + f / 7)
      for (int side = -1; side <= 1; side++) { /* 2^n - 1, 2^n, 2^n + 1 */
        mpz_set_ui(x, 1);
        mpz_mul_2exp(x, x, n);
        if (side < 0)
          mpz_sub_ui(x, x, 1);
        else
          mpz_add_ui(x, x, (unsigned long)side);
        if (mpz_sgn(x) > 0)
          check_log(&t, x);
      }
    for (int i = 0; i < 60; i++) {
      mpz_rrandomb(x, random, 1 + (mp_bitcnt_t)i * (f + 40) / 60);
      if (mpz_sgn(x) > 0)
        check_log(&t, x);
    }
    mpz_clear(x);
    chk_explog_clear(&t);
  }
  gmp_randclear(random);
}
END_TEST

/* -x log x at random points of random intervals, also at 0 and 1. */
START_TEST(entropy_is_enclosed)
{
  gmp_randstate_t random;

  gmp_randinit_default(random);
  gmp_randseed_ui(random, 20233);
  for (int round = 0; round < 400; round++) {
    mp_bitcnt_t f = 64 + (mp_bitcnt_t)round % 200;
    chk_interval p, result;
    chk_explog t;
    mpfr_t x, log;
    mpz_t down, up;

    chk_explog_init(&t, f);
    chk_interval_init(&p);
    chk_interval_init(&result);
    mpz_inits(down, up, (mpz_ptr)NULL);
    mpz_urandomb(p.lo, random, 1 + (mp_bitcnt_t)round * 7 % f);
    mpz_urandomb(p.hi, random, (mp_bitcnt_t)round * 3 % f);
    mpz_add(p.hi, p.lo, p.hi);
    if (round % 11 == 0)
      mpz_set_si(p.lo, -3);
    if (round % 13 == 0) {
      mpz_set_ui(p.hi, 1);
      mpz_mul_2exp(p.hi, p.hi, f);
    }
    chk_entropy(&result, &p, &t);
    for (int end = 0; end < 3; end++) { /* lo, middle, hi */
      mpz_add(down, p.lo, p.hi);
      mpz_fdiv_q_2exp(down, down, 1);
      mpz_set(down, end == 0 ? p.lo : end == 1 ? down : p.hi);
      if (mpz_sgn(down) < 0 || mpz_sizeinbase(down, 2) > f)
        mpz_set_ui(down, 0);
      to_mpfr(x, down, f);
      to_mpfr(log, down, f);
      if (mpfr_zero_p(x)) {
        mpfr_set_zero(log, 1);
      } else {
        mpfr_log(log, x, MPFR_RNDN);
        mpfr_mul(log, log, x, MPFR_RNDN);
        mpfr_neg(log, log, MPFR_RNDN);
      }
      mpfr_mul_2ui(log, log, f, MPFR_RNDN);
      mpfr_get_z(up, log, MPFR_RNDU);
      mpfr_get_z(down, log, MPFR_RNDD);
      if (mpz_sgn(p.lo) <= 0 || mpz_sgn(down) > 0)
        ck_assert_msg(mpz_cmp(result.hi, up) >= 0 &&
                          mpz_cmp(result.lo, down) <= 0,
                      "round %d, end %d", round, end);
      mpfr_clears(x, log, (mpfr_ptr)NULL);
    }
    mpz_clears(down, up, (mpz_ptr)NULL);
    chk_interval_clear(&p);
    chk_interval_clear(&result);
    chk_explog_clear(&t);
  }
  gmp_randclear(random);
}
END_TEST

static void random_interval(chk_interval *x, gmp_randstate_t random, int round)
{
  mpz_rrandomb(x->lo, random, 40);
  mpz_rrandomb(x->hi, random, 12);
  if (round & 1)
    mpz_sub_ui(x->lo, x->lo, 1UL << 39);
  if (round & 2)
    mpz_neg(x->lo, x->lo);
  mpz_add(x->hi, x->hi, x->lo);
}

/* The number n 2^-F, F digits, inside x (f digits)? */
static bool contains(const chk_interval *x, mpq_srcptr value, mp_bitcnt_t f)
{
  mpz_t down, up;
  bool good;

  mpz_inits(down, up, (mpz_ptr)NULL);
  chk_rational_floor(down, value, f);
  chk_rational_ceil(up, value, f);
  good = mpz_cmp(x->lo, down) <= 0 && mpz_cmp(x->hi, up) >= 0;
  mpz_clears(down, up, (mpz_ptr)NULL);
  return good;
}

static void end_value(mpq_t out, const chk_interval *x, int end, mp_bitcnt_t f)
{
  mpq_set_z(out, end == 0 ? x->lo : x->hi);
  mpq_div_2exp(out, out, f);
}

START_TEST(arithmetic_encloses_the_ends)
{
  enum { F = 30 };
  gmp_randstate_t random;
  chk_interval a, b, r;
  mpq_t x, y, z;

  gmp_randinit_default(random);
  gmp_randseed_ui(random, 20234);
  chk_interval_init(&a);
  chk_interval_init(&b);
  chk_interval_init(&r);
  mpq_inits(x, y, z, (mpq_ptr)NULL);
  for (int round = 0; round < 2000; round++) {
    random_interval(&a, random, round);
    random_interval(&b, random, round / 4);
    for (int ends = 0; ends < 4; ends++) {
      end_value(x, &a, ends & 1, F);
      end_value(y, &b, ends >> 1, F);
      chk_interval_add(&r, &a, &b);
      mpq_add(z, x, y);
      ck_assert(contains(&r, z, F));
      chk_interval_sub(&r, &a, &b);
      mpq_sub(z, x, y);
      ck_assert(contains(&r, z, F));
      chk_interval_mul(&r, &a, &b, F);
      mpq_mul(z, x, y);
      ck_assert_msg(contains(&r, z, F), "mul, round %d", round);
      if (mpz_sgn(b.lo) != mpz_sgn(b.hi) || mpz_sgn(b.lo) == 0)
        continue;
      chk_interval_div(&r, &a, &b, F);
      mpq_div(z, x, y);
      ck_assert_msg(contains(&r, z, F), "div, round %d", round);
      chk_interval_set(&r, &a); /* in place */
      chk_interval_div(&r, &r, &b, F);
      ck_assert(contains(&r, z, F));
    }
  }
  mpq_clears(x, y, z, (mpq_ptr)NULL);
  chk_interval_clear(&a);
  chk_interval_clear(&b);
  chk_interval_clear(&r);
  gmp_randclear(random);
}
END_TEST

START_TEST(roots_are_sharp)
{
  gmp_randstate_t random;
  chk_interval r, square;
  mpq_t x, z;

  gmp_randinit_default(random);
  gmp_randseed_ui(random, 20235);
  chk_interval_init(&r);
  chk_interval_init(&square);
  mpq_inits(x, z, (mpq_ptr)NULL);
  for (int round = 0; round < 300; round++) {
    unsigned long n = 1 + (unsigned long)round % 7;

    mpz_rrandomb(mpq_numref(x), random, (mp_bitcnt_t)round % 90);
    mpz_rrandomb(mpq_denref(x), random, (mp_bitcnt_t)round * 5 % 80);
    mpz_add_ui(mpq_denref(x), mpq_denref(x), 1);
    mpq_canonicalize(x);
    chk_interval_root(&r, x, n, 50);
    for (int end = 0; end < 2; end++) { /* lo^n <= x <= hi^n */
      mpq_set_z(z, end == 0 ? r.lo : r.hi);
      mpq_div_2exp(z, z, 50);
      mpz_pow_ui(mpq_numref(z), mpq_numref(z), n);
      mpz_pow_ui(mpq_denref(z), mpq_denref(z), n);
      ck_assert(end == 0 ? mpq_cmp(z, x) <= 0 : mpq_cmp(z, x) >= 0);
    }
    mpz_sub(r.hi, r.hi, r.lo);
    ck_assert(mpz_cmp_ui(r.hi, 1) <= 0);
    chk_interval_set_rational(&square, x, 50);
    chk_interval_sqrt(&r, &square, 50);
    chk_interval_mul(&r, &r, &r, 50);
    ck_assert(contains(&r, x, 50));
  }
  mpq_set_ui(x, 9, 4);
  chk_interval_root(&r, x, 2, 10);
  ck_assert(mpz_cmp_ui(r.lo, 1536) == 0 && mpz_cmp_ui(r.hi, 1536) == 0);
  mpq_clears(x, z, (mpq_ptr)NULL);
  chk_interval_clear(&r);
  chk_interval_clear(&square);
  gmp_randclear(random);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("fixed");
  int failed;

  tcase_add_test(tests, exp_is_enclosed);
  tcase_add_test(tests, log_is_enclosed);
  tcase_add_test(tests, entropy_is_enclosed);
  tcase_add_test(tests, arithmetic_encloses_the_ends);
  tcase_add_test(tests, roots_are_sharp);
  failed = run_case("check-fixed", tests);
  mpfr_free_cache();
  return failed;
}
