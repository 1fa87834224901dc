/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simple root of a smooth function of one variable, to any precision. */
#ifndef UFM_THEORY_CE_ROOT_H
#define UFM_THEORY_CE_ROOT_H

#include <stdbool.h>

#include <mpfr.h>

/* Bits of the bisection, and of every scan before it. */
enum { UFM__CE_COARSE_BITS = 64 };

typedef struct ufm__ce_function {
  /* Value and slope at x, correct to the precision of `value` up to a few
     roundings of the terms. */
  void (*eval)(const void *context, mpfr_srcptr x, mpfr_ptr value,
               mpfr_ptr slope);
  const void *context;
} ufm__ce_function;

/* Halves [lo, hi] (f(lo) <= 0 < f(hi), both of the coarse precision) until its
   ends are neighbours; `lo` and `hi` are overwritten. */
void ufm__ce_bisect(const ufm__ce_function *f, mpfr_ptr lo, mpfr_ptr hi);

/* Improves x, a root correct to about the coarse precision, to its own
   precision by Newton steps whose precision doubles, so that the last step
   costs most.  The error left is the rounding error of f divided by its slope.
   False when the steps leave [x - reach, x + reach] or do not shrink, that is
   when the root is too flat for the coarse precision. */
bool ufm__ce_newton(const ufm__ce_function *f, mpfr_ptr x, mpfr_srcptr reach);

#endif
