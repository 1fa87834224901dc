/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar problem of one singular direction (doc/mathematics.md,
   section 3): with m the squared singular value of the target, L = M +
   1, psi = min over u in [0, 1] of (m/2N) [ (1 - u^L)^2 + L c u^2 ], c = (N^L
   Lam / m^M)^{1/L}, whose derivative is a positive multiple of u P(u), P(u) =
   u^{2M} - u^{M-1} + c. P increases on [((M-1)/M)^{1/L}, 1]; 0 and the root
   there are the candidates. */
#ifndef UFM_VERIFY_SCALAR_ROOT_H
#define UFM_VERIFY_SCALAR_ROOT_H

#include "verify/interval.h"

typedef struct ufm__scalar {
  size_t M;
  mpq_srcptr ratio;   /* N */
  mpq_srcptr product; /* Lam */
} ufm__scalar;

/* Sign of m^M (M-1)^{M-1} - N^L Lam M^{2M}: > 0 the root is optimal, < 0 zero
   is, 0 both are (M = 1: the root is 0).  0^0 = 1. */
int ufm__enclosed_scalar_threshold(const ufm__scalar *s, mpq_srcptr m);

/* A rational just below the m at which the threshold is met. */
void ufm__enclosed_scalar_threshold_below(const ufm__scalar *s,
                                          mpfr_prec_t bits, mpq_t m);

/* out = m^M (M-1)^{M-1} / (N^L Lam M^{2M}): with all penalties times s, the
   threshold is met at s^L = out. */
void ufm__enclosed_scalar_threshold_scale(const ufm__scalar *s, mpq_srcptr m,
                                          mpq_t out);

/* Brackets the root for m above the threshold: 0 <= lo <= hi <= 1,
   M lo^L >= M - 1 and P(lo) <= 0 <= P(hi), proved; about 2^-bits apart, for
   lo and hi of precision `bits`.  False when that could not be proved (m too
   close to the threshold). */
bool ufm__enclosed_scalar_root(const ufm__scalar *s, mpq_srcptr m, mpfr_t lo,
                               mpfr_t hi);

/* Encloses (m/2N) [ (1 - u^L)^2 + L c u^2 ] for u in [lo, hi]. */
void ufm__enclosed_scalar_value(const ufm__scalar *s, mpq_srcptr m,
                                mpfr_srcptr lo, mpfr_srcptr hi, iv *out);

/* Encloses m/2N, the value at u = 0. */
void ufm__enclosed_scalar_zero(const ufm__scalar *s, mpq_srcptr m, iv *out);

#endif
