/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar problem every CE candidate of depth M >= 2 leads to: the scale of
   a fixed shape of logits,

     f(a) = phi(a) + (L/2) G a^{2/L},   L = M + 1,   a >= 0. */
#ifndef UFM_THEORY_CE_SCALAR_H
#define UFM_THEORY_CE_SCALAR_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/status.h>

/* phi: the data loss as a function of the scale, convex and decreasing, with
     phi'' <= range |phi'|   everywhere,    and
     |phi'(a)| <= K e^{-a/2}   for a >= 1.
   Every result has the precision of its output. */
typedef struct ufm__ce_loss ufm__ce_loss;
struct ufm__ce_loss {
  void (*value)(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr out);
  void (*slopes)(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr first,
                 mpfr_ptr second);
  unsigned long K; /* classes */
  double range;
};

/* The lowest local minimum of f with a > 0, for G = rank weight^{1/L} and
   L >= 3, to the precisions of `scale` and `objective`; *found is false when f
   has none or f(0) = log K is lower by more than 2^-40 of it.  A closer
   comparison with f(0) is left to the caller.  Minima are bracketed by the
   signs of f' on a grid of 32 points per e-fold of a, which covers all
   stationary points that can be minima. */
UFM_MUST_CHECK ufm_status ufm__ce_minimum(const ufm__ce_loss *phi,
                                          unsigned long L, unsigned long rank,
                                          mpq_srcptr weight, mpfr_ptr scale,
                                          mpfr_ptr objective, bool *found,
                                          ufm_error *error);

#endif
