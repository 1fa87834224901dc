/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exp and log on fixed-point integers with proved error bounds.  Errors are
   counted in units of 2^-w; every division below rounds down, so one operation
   adds less than one unit to the errors of its operands. */
#include <config.h>

#include "check/explog.h"

enum { GUARD = 64 };

static mp_bitcnt_t halvings(mp_bitcnt_t f)
{
  mp_bitcnt_t root = 1;

  while (root * root < f)
    root++;
  return root / 2 + 2; /* about as many series terms as halvings */
}

double chk_explog_cost(mp_bitcnt_t f)
{
  return 6.0 * (double)halvings(f) + 8.0;
}

/* Adds c 2^w atanh(1/m) to `sum`, |c| <= 18.  The term 2^w/m^(2i+1) is below
   its exact value by less than 1 + 1/m^2 + ... < 1.01, its quotient by 2i+1 by
   less than 2; after n terms the rest of the series is below 2.  The error is
   therefore at most |c| (2n + 2). */
static unsigned long add_atanh(mpz_t sum, long c, unsigned long m,
                               chk_explog *t)
{
  unsigned long terms = 0;

  mpz_set_ui(t->term, 1);
  mpz_mul_2exp(t->term, t->term, t->w);
  mpz_fdiv_q_ui(t->term, t->term, m);
  for (; mpz_sgn(t->term) != 0; terms++) {
    mpz_fdiv_q_ui(t->part, t->term, 2 * terms + 1);
    mpz_mul_si(t->part, t->part, c);
    mpz_add(sum, sum, t->part);
    mpz_fdiv_q_ui(t->term, t->term, m * m);
  }
  return (unsigned long)(c < 0 ? -c : c) * (2 * terms + 2);
}

void chk_explog_init(chk_explog *t, mp_bitcnt_t f)
{
  t->f = f;
  t->k = halvings(f);
  t->w = f + t->k + GUARD;
  mpz_init(t->ln2);
  mpz_init(t->term);
  mpz_init(t->sum);
  mpz_init(t->part);
  mpz_init(t->power);
  /* log 2 = 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749), since
     (27/25)^9 (4802/4800)^-1 (8750/8748)^4 = 2. */
  t->ln2_error = add_atanh(t->ln2, 18, 26, t);
  t->ln2_error += add_atanh(t->ln2, -2, 4801, t);
  t->ln2_error += add_atanh(t->ln2, 8, 8749, t);
}

void chk_explog_clear(chk_explog *t)
{
  mpz_clear(t->ln2);
  mpz_clear(t->term);
  mpz_clear(t->sum);
  mpz_clear(t->part);
  mpz_clear(t->power);
}

/* [value - error, value + error] from w digits to f digits. */
static void enclose(mpz_t lo, mpz_t hi, mpz_srcptr value, mpz_srcptr error,
                    mp_bitcnt_t drop)
{
  mpz_sub(lo, value, error);
  mpz_add(hi, value, error);
  mpz_fdiv_q_2exp(lo, lo, drop);
  mpz_cdiv_q_2exp(hi, hi, drop);
}

/* exp(x 2^-f) for x <= 0.
   x 2^-f = -n log 2 + r with 0 <= r < log 2 up to the error of n ln2, and
   exp(x) = 2^-n (exp(r/2^k))^(2^k).
   r: wrong by at most 1 + n ln2_error, so r/2^k by at most
      r_error = (1 + n ln2_error)/2^k + 1; exp multiplies this by less than 2.
   Series: each term is below its exact value by less than 2 (the error of the
      term before is halved at least, and one unit is added for each of the
      two divisions), the rest of the series is below 4: 2 m + 4 for m terms.
   Squarings: relative errors double; y >= 1, so a unit is a relative error of
      at most 2^-w, and products of errors are far below one unit:
      after k squarings at most 2^k (series error + 2) relative, and y < 2.1.
   The scaling by 2^-n divides the error; the final rounding adds one unit. */
static void exp_point(mpz_t lo, mpz_t hi, mpz_srcptr x, chk_explog *t)
{
  unsigned long n, terms = 0;
  mpz_t y, error;

  mpz_init(y);
  mpz_init(error);
  mpz_mul_2exp(y, x, t->w - t->f);
  mpz_fdiv_q(t->part, y, t->ln2); /* -n, or one less than that */
  mpz_neg(t->part, t->part);
  if (mpz_cmp_ui(t->part, t->f + 2) > 0) { /* exp(x) < 2^-f */
    mpz_set_ui(lo, 0);
    mpz_set_ui(hi, 1);
    goto done;
  }
  n = mpz_get_ui(t->part);
  mpz_addmul_ui(y, t->ln2, n);
  mpz_fdiv_q_2exp(y, y, t->k);
  mpz_set_ui(error, n);
  mpz_mul_ui(error, error, t->ln2_error);
  mpz_fdiv_q_2exp(error, error, t->k);
  mpz_add_ui(error, error, 3); /* r_error */
  mpz_mul_2exp(error, error, 1);

  mpz_set_ui(t->sum, 0);
  mpz_set_ui(t->term, 1);
  mpz_mul_2exp(t->term, t->term, t->w);
  while (mpz_sgn(t->term) != 0) {
    mpz_add(t->sum, t->sum, t->term);
    mpz_mul(t->term, t->term, y);
    mpz_fdiv_q_2exp(t->term, t->term, t->w);
    mpz_fdiv_q_ui(t->term, t->term, ++terms);
  }
  mpz_add_ui(error, error, 2 * terms + 6);
  for (mp_bitcnt_t i = 0; i < t->k; i++) {
    mpz_mul(t->sum, t->sum, t->sum);
    mpz_fdiv_q_2exp(t->sum, t->sum, t->w);
  }
  mpz_mul_2exp(error, error, t->k);
  mpz_mul_ui(error, error, 3);
  enclose(lo, hi, t->sum, error, t->w - t->f + n);
done:
  mpz_clear(y);
  mpz_clear(error);
}

/* log(x 2^-f) for x > 0.
   x 2^-f = 2^n y with y in [1/2, 1); log = n log 2 + 2^k log(y^(1/2^k)).
   y: rounding x to w digits and k square roots; the derivative of sqrt on
      [1/2, 1] is at most 0.71, so the error stays below 1/(1 - 0.71) < 4.
   u = (1 - y)/(1 + y) in [0, 1/3]: derivative at most 0.89 where y >= 1/2
      (0.9 with the error of y), so its error is below 0.9 * 4 + 1 < 5.
   log y = -2 atanh(u): derivative of atanh at most 9/8, so 6 units; the terms
      u^(2i+1) are below their exact value by at most 2 (an error shrinks by
      u^2 <= 1/9, u^2 itself is one unit off), their quotients by at most 3;
      the rest of the series is below 4: 3 m + 10 for m terms.
   All that times 2^(k+1), plus |n| ln2_error. */
static void log_point(mpz_t lo, mpz_t hi, mpz_srcptr x, chk_explog *t)
{
  unsigned long terms = 0;
  mp_bitcnt_t length = mpz_sizeinbase(x, 2);
  long n = (long)length - (long)t->f;
  mpz_t y, error;

  mpz_init(y);
  mpz_init(error);
  if (length <= t->w)
    mpz_mul_2exp(y, x, t->w - length);
  else
    mpz_fdiv_q_2exp(y, x, length - t->w);
  for (mp_bitcnt_t i = 0; i < t->k; i++) {
    mpz_mul_2exp(y, y, t->w);
    mpz_sqrt(y, y);
  }
  mpz_set_ui(t->part, 1);
  mpz_mul_2exp(t->part, t->part, t->w);
  mpz_sub(t->term, t->part, y);
  mpz_mul_2exp(t->term, t->term, t->w);
  mpz_add(t->part, t->part, y);
  mpz_fdiv_q(t->term, t->term, t->part); /* u */
  mpz_mul(t->power, t->term, t->term);
  mpz_fdiv_q_2exp(t->power, t->power, t->w); /* u^2 */

  mpz_set_ui(t->sum, 0);
  for (; mpz_sgn(t->term) != 0; terms++) {
    mpz_fdiv_q_ui(t->part, t->term, 2 * terms + 1);
    mpz_add(t->sum, t->sum, t->part);
    mpz_mul(t->term, t->term, t->power);
    mpz_fdiv_q_2exp(t->term, t->term, t->w);
  }
  mpz_mul_2exp(t->sum, t->sum, t->k + 1);
  mpz_mul_si(y, t->ln2, n);
  mpz_sub(t->sum, y, t->sum);

  mpz_set_ui(error, 3 * terms + 10);
  mpz_mul_2exp(error, error, t->k + 1);
  mpz_set_si(t->part, n < 0 ? -n : n);
  mpz_addmul_ui(error, t->part, t->ln2_error);
  enclose(lo, hi, t->sum, error, t->w - t->f);
  mpz_clear(y);
  mpz_clear(error);
}

/* Both functions increase: the ends of x give the ends of the result. */
static void at_ends(chk_interval *out, const chk_interval *x, chk_explog *t,
                    void (*point)(mpz_t, mpz_t, const mpz_t, chk_explog *))
{
  chk_interval result;
  mpz_t unused;

  chk_interval_init(&result);
  point(result.lo, result.hi, x->lo, t);
  if (mpz_cmp(x->lo, x->hi) != 0) {
    mpz_init(unused);
    point(unused, result.hi, x->hi, t);
    mpz_clear(unused);
  }
  chk_interval_set(out, &result);
  chk_interval_clear(&result);
}

void chk_exp(chk_interval *out, const chk_interval *x, chk_explog *t)
{
  at_ends(out, x, t, exp_point);
}

void chk_log(chk_interval *out, const chk_interval *x, chk_explog *t)
{
  at_ends(out, x, t, log_point);
}

bool chk_log_probability(chk_interval *p, chk_explog *t)
{
  mpz_t one;

  if (mpz_sgn(p->lo) <= 0)
    return false;
  mpz_init_set_ui(one, 1);
  mpz_mul_2exp(one, one, t->f);
  if (mpz_cmp(p->hi, one) > 0)
    mpz_set(p->hi, one);
  mpz_clear(one);
  chk_log(p, p, t);
  return true;
}

/* The part of p in [0, 1]; false when it is {0} or empty. */
static bool clip(chk_interval *out, const chk_interval *p, mp_bitcnt_t f)
{
  chk_interval unit;

  chk_interval_init(&unit);
  chk_interval_set_si(&unit, 1, f);
  mpz_set_ui(unit.lo, 0);
  chk_interval_meet(out, p, &unit);
  chk_interval_clear(&unit);
  return mpz_sgn(out->hi) > 0;
}

void chk_entropy(chk_interval *out, const chk_interval *p, chk_explog *t)
{
  chk_interval x, minus_log;
  bool from_zero;

  chk_interval_init(&x);
  chk_interval_init(&minus_log);
  if (clip(&x, p, t->f)) {
    /* -x log x increases up to 1/e > 1/3, where it is below 1/2. */
    from_zero = mpz_sgn(x.lo) <= 0;
    if (from_zero)
      mpz_set(x.lo, x.hi);
    chk_log(&minus_log, &x, t);
    mpz_neg(minus_log.lo, minus_log.lo);
    mpz_neg(minus_log.hi, minus_log.hi);
    mpz_swap(minus_log.lo, minus_log.hi);
    if (mpz_sgn(minus_log.lo) < 0)
      mpz_set_ui(minus_log.lo, 0);
    chk_interval_mul(&minus_log, &minus_log, &x, t->f);
    if (from_zero) {
      mpz_set_ui(minus_log.lo, 0);
      mpz_mul_ui(x.hi, x.hi, 3);
      if (mpz_sizeinbase(x.hi, 2) > t->f) { /* x.hi >= 1/3 */
        mpz_set_ui(minus_log.hi, 1);
        mpz_mul_2exp(minus_log.hi, minus_log.hi, t->f);
      }
    }
    chk_interval_set(out, &minus_log);
  } else {
    chk_interval_set_si(out, 0, t->f);
  }
  chk_interval_clear(&x);
  chk_interval_clear(&minus_log);
}
