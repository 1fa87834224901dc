/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interval arithmetic on fixed-point integers, rounded outward. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/interval.h"

void chk_interval_init(chk_interval *x)
{
  mpz_init(x->lo);
  mpz_init(x->hi);
}

void chk_interval_clear(chk_interval *x)
{
  mpz_clear(x->lo);
  mpz_clear(x->hi);
}

chk_interval *chk_intervals_new(size_t n)
{
  chk_interval *x = chk_alloc(n, sizeof *x);

  for (size_t i = 0; i < n; i++)
    chk_interval_init(&x[i]);
  return x;
}

void chk_intervals_free(chk_interval *x, size_t n)
{
  if (x == NULL)
    return;
  for (size_t i = 0; i < n; i++)
    chk_interval_clear(&x[i]);
  free(x);
}

void chk_interval_set(chk_interval *out, const chk_interval *x)
{
  mpz_set(out->lo, x->lo);
  mpz_set(out->hi, x->hi);
}

void chk_interval_set_si(chk_interval *out, long value, mp_bitcnt_t f)
{
  mpz_set_si(out->lo, value);
  mpz_mul_2exp(out->lo, out->lo, f);
  mpz_set(out->hi, out->lo);
}

void chk_interval_set_number(chk_interval *out, const chk_number *x,
                             mp_bitcnt_t f)
{
  chk_number_floor(out->lo, x, f);
  chk_number_ceil(out->hi, x, f);
}

void chk_interval_set_rational(chk_interval *out, mpq_srcptr x, mp_bitcnt_t f)
{
  chk_rational_floor(out->lo, x, f);
  chk_rational_ceil(out->hi, x, f);
}

void chk_interval_add(chk_interval *out, const chk_interval *a,
                      const chk_interval *b)
{
  mpz_add(out->lo, a->lo, b->lo);
  mpz_add(out->hi, a->hi, b->hi);
}

void chk_interval_sub(chk_interval *out, const chk_interval *a,
                      const chk_interval *b)
{
  mpz_t low;

  mpz_init(low);
  mpz_sub(low, a->lo, b->hi);
  mpz_sub(out->hi, a->hi, b->lo);
  mpz_swap(out->lo, low);
  mpz_clear(low);
}

/* The extremes of a product or quotient are at end points. */
static void widen(chk_interval *range, mpz_srcptr value, bool first)
{
  if (first || mpz_cmp(value, range->lo) < 0)
    mpz_set(range->lo, value);
  if (first || mpz_cmp(value, range->hi) > 0)
    mpz_set(range->hi, value);
}

void chk_interval_mul(chk_interval *out, const chk_interval *a,
                      const chk_interval *b, mp_bitcnt_t f)
{
  chk_interval range;
  mpz_t value;

  chk_interval_init(&range);
  mpz_init(value);
  mpz_mul(value, a->lo, b->lo);
  widen(&range, value, true);
  mpz_mul(value, a->lo, b->hi);
  widen(&range, value, false);
  mpz_mul(value, a->hi, b->lo);
  widen(&range, value, false);
  mpz_mul(value, a->hi, b->hi);
  widen(&range, value, false);
  mpz_fdiv_q_2exp(out->lo, range.lo, f);
  mpz_cdiv_q_2exp(out->hi, range.hi, f);
  mpz_clear(value);
  chk_interval_clear(&range);
}

void chk_interval_div(chk_interval *out, const chk_interval *a,
                      const chk_interval *b, mp_bitcnt_t f)
{
  const mpz_t *const tops[2] = {&a->lo, &a->hi};
  const mpz_t *const bottoms[2] = {&b->lo, &b->hi};
  chk_interval range;
  mpz_t top, value;

  chk_interval_init(&range);
  mpz_init(top);
  mpz_init(value);
  for (int i = 0; i < 2; i++) {
    mpz_mul_2exp(top, *tops[i], f);
    for (int k = 0; k < 2; k++) {
      bool first = i == 0 && k == 0;

      mpz_fdiv_q(value, top, *bottoms[k]);
      if (first || mpz_cmp(value, range.lo) < 0)
        mpz_set(range.lo, value);
      mpz_cdiv_q(value, top, *bottoms[k]);
      if (first || mpz_cmp(value, range.hi) > 0)
        mpz_set(range.hi, value);
    }
  }
  chk_interval_set(out, &range);
  mpz_clear(top);
  mpz_clear(value);
  chk_interval_clear(&range);
}

void chk_interval_times(chk_interval *x, unsigned long n)
{
  mpz_mul_ui(x->lo, x->lo, n);
  mpz_mul_ui(x->hi, x->hi, n);
}

void chk_interval_scale(chk_interval *out, const chk_interval *x, mpz_srcptr n,
                        mpz_srcptr d)
{
  mpz_mul(out->lo, x->lo, n);
  mpz_fdiv_q(out->lo, out->lo, d);
  mpz_mul(out->hi, x->hi, n);
  mpz_cdiv_q(out->hi, out->hi, d);
}

void chk_interval_over(chk_interval *out, const chk_interval *x, mpq_srcptr d)
{
  chk_interval_scale(out, x, mpq_denref(d), mpq_numref(d));
}

void chk_interval_sqrt(chk_interval *out, const chk_interval *x, mp_bitcnt_t f)
{
  mpz_t rest;

  mpz_init(rest);
  mpz_mul_2exp(out->hi, x->hi, f);
  mpz_sqrtrem(out->hi, rest, out->hi);
  if (mpz_sgn(rest) != 0)
    mpz_add_ui(out->hi, out->hi, 1);
  if (mpz_sgn(x->lo) > 0) {
    mpz_mul_2exp(out->lo, x->lo, f);
    mpz_sqrt(out->lo, out->lo);
  } else {
    mpz_set_ui(out->lo, 0);
  }
  mpz_clear(rest);
}

void chk_interval_power(chk_interval *out, const chk_interval *x,
                        unsigned long n, mp_bitcnt_t f)
{
  chk_interval base;

  chk_interval_init(&base);
  chk_interval_set(&base, x);
  chk_interval_set(out, x);
  for (unsigned long i = 1; i < n; i++)
    chk_interval_mul(out, out, &base, f);
  chk_interval_clear(&base);
}

void chk_interval_root(chk_interval *out, mpq_srcptr x, unsigned long n,
                       mp_bitcnt_t f)
{
  chk_rational_floor(out->lo, x, f * n);
  chk_rational_ceil(out->hi, x, f * n);
  mpz_root(out->lo, out->lo, n);
  if (mpz_root(out->hi, out->hi, n) == 0) /* rounded down */
    mpz_add_ui(out->hi, out->hi, 1);
}

void chk_interval_min(chk_interval *out, const chk_interval *a,
                      const chk_interval *b)
{
  mpz_set(out->lo, mpz_cmp(a->lo, b->lo) < 0 ? a->lo : b->lo);
  mpz_set(out->hi, mpz_cmp(a->hi, b->hi) < 0 ? a->hi : b->hi);
}

void chk_interval_meet(chk_interval *out, const chk_interval *a,
                       const chk_interval *b)
{
  mpz_set(out->lo, mpz_cmp(a->lo, b->lo) > 0 ? a->lo : b->lo);
  mpz_set(out->hi, mpz_cmp(a->hi, b->hi) < 0 ? a->hi : b->hi);
}
