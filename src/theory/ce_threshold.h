/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_THEORY_CE_THRESHOLD_H
#define UFM_THEORY_CE_THRESHOLD_H

#include <gmp.h>
#include <mpfr.h>

typedef enum ufm__ce_side {
  UFM__CE_NONZERO,  /* the minimum is at one a > 0, below log K */
  UFM__CE_ZERO,     /* the minimum is at a = 0 only */
  UFM__CE_UNDECIDED /* too close to call at the precision cap */
} ufm__ce_side;

/* Where f(a) = log(1 + (K-1) e^{-a}) + (L/2) weight^{1/L} a^{2/L} has its
   minimum over a >= 0, for L >= 3 and weight > 0: proved, by comparing the
   exact weight with an enclosure of its threshold at growing precision, up to
   `cap` bits. */
ufm__ce_side ufm__ce_zero_test(unsigned long K, unsigned long L,
                               mpq_srcptr weight, mpfr_prec_t cap);

/* Lower and upper bound of the threshold weight, each with its precision;
   0 and infinity if the precision is too low. */
void ufm__ce_threshold(unsigned long K, unsigned long L, mpfr_ptr lower,
                       mpfr_ptr upper);

#endif
