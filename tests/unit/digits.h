/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing multiprecision numbers. */
#ifndef UFM_TESTS_DIGITS_H
#define UFM_TESTS_DIGITS_H

#include <stdbool.h>

#include <mpfr.h>

/* |x - y| <= 10^-digits |y|. */
static inline bool same_digits(mpfr_srcptr x, mpfr_srcptr y, long digits)
{
  bool same;
  mpfr_t difference, limit;

  mpfr_init2(difference, mpfr_get_prec(x) + mpfr_get_prec(y));
  mpfr_init2(limit, 64);
  mpfr_sub(difference, x, y, MPFR_RNDN);
  mpfr_set_si(limit, -digits, MPFR_RNDN);
  mpfr_exp10(limit, limit, MPFR_RNDN);
  mpfr_mul(limit, limit, y, MPFR_RNDN);
  same = mpfr_cmpabs(difference, limit) <= 0;
  mpfr_clears(difference, limit, (mpfr_ptr)NULL);
  return same;
}

#endif
