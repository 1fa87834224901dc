/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar problem every singular direction of an MSE problem reduces to:

     min over t in [0, 1] of (1 - t)^2 + L c t^{2/L},   L = M + 1. */
#ifndef UFM_THEORY_SCALAR_H
#define UFM_THEORY_SCALAR_H

#include <stddef.h>

#include <mpfr.h>

/* The global minimiser t, and 1 - t with full relative accuracy, for c > 0.
   t = 0 past the threshold, as far as a double can tell. */
double ufm__scalar_root_double(double c, size_t M, double *one_minus_t);

/* The nonzero minimiser, for a c that is known to be active.  t and
   one_minus_t get about 2 log2(M + 2) bits less than their precision; for
   M = 1, t = 1 - c loses -log2 t bits more, and t <= 0 means that the
   precision cannot resolve it. */
void ufm__scalar_root(mpfr_t t, mpfr_t one_minus_t, mpfr_srcptr c, size_t M);

/* Exactly at the threshold: t = (M-1)/M. */
void ufm__scalar_root_at_threshold(mpfr_t t, mpfr_t one_minus_t, size_t M);

/* penalty = N Lam^{1/L} in c = penalty m^{-M/L}. */
void ufm__scalar_penalty(mpfr_t penalty, mpq_srcptr ratio,
                         mpq_srcptr lambda_product, size_t M);

/* c for m > 0; +inf for m = 0. */
void ufm__scalar_c(mpfr_t c, mpfr_srcptr penalty, mpfr_srcptr m, size_t M);

/* psi = (m/2N) (1-t)(1 + M t), which is m/2N at t = 0. */
void ufm__scalar_value(mpfr_t psi, mpfr_srcptr m, mpq_srcptr ratio,
                       mpfr_srcptr t, mpfr_srcptr one_minus_t, size_t M);

/* Bits that n needs: floor(log2 n) + 1, and 0 for 0. */
long ufm__bit_length(size_t n);

#endif
