/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_INTERVAL_H
#define UFM_CHECK_INTERVAL_H

#include "check/number.h"

/* The real numbers between lo 2^-f and hi 2^-f, lo <= hi.  The number f of
   binary digits is an argument of every operation that rounds; each result
   contains all results of the exact operation, and is at most one unit
   (2^-f) wider on either side.  Results may share storage with operands. */
typedef struct chk_interval {
  mpz_t lo, hi;
} chk_interval;

void chk_interval_init(chk_interval *x);
void chk_interval_clear(chk_interval *x);
chk_interval *chk_intervals_new(size_t n);
void chk_intervals_free(chk_interval *x, size_t n);

void chk_interval_set(chk_interval *out, const chk_interval *x);
void chk_interval_set_si(chk_interval *out, long value, mp_bitcnt_t f);
void chk_interval_set_number(chk_interval *out, const chk_number *x,
                             mp_bitcnt_t f);
void chk_interval_set_rational(chk_interval *out, mpq_srcptr x, mp_bitcnt_t f);

void chk_interval_add(chk_interval *out, const chk_interval *a,
                      const chk_interval *b);
void chk_interval_sub(chk_interval *out, const chk_interval *a,
                      const chk_interval *b);
void chk_interval_mul(chk_interval *out, const chk_interval *a,
                      const chk_interval *b, mp_bitcnt_t f);
/* b must not contain 0. */
void chk_interval_div(chk_interval *out, const chk_interval *a,
                      const chk_interval *b, mp_bitcnt_t f);
/* x n for an integer n, exactly. */
void chk_interval_times(chk_interval *x, unsigned long n);
/* out = x n / d for integers n >= 0 and d > 0. */
void chk_interval_scale(chk_interval *out, const chk_interval *x, mpz_srcptr n,
                        mpz_srcptr d);
/* out = x / d, d > 0. */
void chk_interval_over(chk_interval *out, const chk_interval *x, mpq_srcptr d);
/* Parts of x below 0 are ignored; x->hi >= 0. */
void chk_interval_sqrt(chk_interval *out, const chk_interval *x, mp_bitcnt_t f);
/* x >= 0, n >= 1. */
void chk_interval_power(chk_interval *out, const chk_interval *x,
                        unsigned long n, mp_bitcnt_t f);
/* The n-th root of a rational x >= 0; intermediate numbers have n f bits. */
void chk_interval_root(chk_interval *out, mpq_srcptr x, unsigned long n,
                       mp_bitcnt_t f);

/* The smaller of two numbers; what is in both intervals (not empty). */
void chk_interval_min(chk_interval *out, const chk_interval *a,
                      const chk_interval *b);
void chk_interval_meet(chk_interval *out, const chk_interval *a,
                       const chk_interval *b);

#endif
