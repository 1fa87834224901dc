/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals of MPFR numbers.  Every operation rounds the lower end down and the
   upper end up, so the result contains every value the operands allow.  Ends
   may be infinite; a NaN end means "no information" and survives to the end,
   where ufm__iv_bounded refuses it.  `out` may alias an operand. */
#ifndef UFM_VERIFY_INTERVAL_H
#define UFM_VERIFY_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include "verify/arrays.h"

typedef struct iv {
  mpfr_t lo, hi;
} iv;

void ufm__iv_init(iv *x, mpfr_prec_t bits);
void ufm__iv_clear(iv *x);

/* n intervals, set to 0; NULL when memory is exhausted. */
iv *ufm__iv_new(size_t n, mpfr_prec_t bits);
void ufm__iv_free(iv *x, size_t n);

void ufm__iv_set(iv *out, const iv *x);
void ufm__iv_set_ui(iv *out, unsigned long x);
void ufm__iv_set_z(iv *out, mpz_srcptr x);
void ufm__iv_set_q(iv *out, mpq_srcptr x);
void ufm__iv_set_mp(iv *out, mpfr_srcptr x);
/* x 2^-shift */
void ufm__iv_set_z_2exp(iv *out, mpz_srcptr x, long shift);

void ufm__iv_neg(iv *out, const iv *x);
void ufm__iv_add(iv *out, const iv *x, const iv *y);
void ufm__iv_sub(iv *out, const iv *x, const iv *y);
void ufm__iv_mul(iv *out, const iv *x, const iv *y);
void ufm__iv_mul_q(iv *out, const iv *x, mpq_srcptr y);
void ufm__iv_mul_ui(iv *out, const iv *x, unsigned long y);
/* NaN when y contains 0. */
void ufm__iv_div(iv *out, const iv *x, const iv *y);
void ufm__iv_sqr(iv *out, const iv *x);
void ufm__iv_pow_ui(iv *out, const iv *x, unsigned long n);
/* Roots of a number known to be >= 0: a negative lower end, which can only come
   from rounding, is cut to 0; a wholly negative x gives NaN. */
void ufm__iv_sqrt(iv *out, const iv *x);
void ufm__iv_root(iv *out, const iv *x, unsigned long n);
void ufm__iv_exp(iv *out, const iv *x);
/* [-inf, ...] when x contains 0, NaN when x is wholly negative. */
void ufm__iv_log(iv *out, const iv *x);
void ufm__iv_log1p(iv *out, const iv *x);

/* out += x y for an exact y. */
void ufm__iv_add_product(iv *out, const iv *x, mpfr_srcptr y);
/* out = x log x, with 0 log 0 = 0; x >= 0. */
void ufm__iv_xlogx(iv *out, const iv *x);
/* out = sum_i x[i incx] y[i incy] */
void ufm__iv_dot(iv *out, size_t n, const iv *x, size_t incx, const iv *y,
                 size_t incy);

/* No information, and whether x has none. */
void ufm__iv_set_nan(iv *out);
bool ufm__iv_has_nan(const iv *x);

/* True when both ends are finite numbers and lo <= hi. */
bool ufm__iv_bounded(const iv *x);

#endif
