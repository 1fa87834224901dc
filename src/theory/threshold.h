/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The squared singular value at which a direction becomes active, exactly. */
#ifndef UFM_THEORY_THRESHOLD_H
#define UFM_THEORY_THRESHOLD_H

#include <stdbool.h>
#include <stddef.h>

#include <mpfr.h>

/* theta > 0 with theta^M rational: a direction with m = scale mu is active iff
   mu > theta, tied (M >= 2) or just vanishing (M = 1) iff mu = theta. */
typedef struct ufm__threshold {
  size_t M;
  mpq_t power;   /* theta^M */
  bool rational; /* theta itself is */
  mpq_t theta;   /* when it is */
} ufm__threshold;

/* theta^M = N^{M+1} Lam M^{2M} / ((M-1)^{M-1} scale^M) for the ratio N. */
void ufm__threshold_init(ufm__threshold *threshold, mpq_srcptr ratio,
                         mpq_srcptr lambda_product, size_t M, mpq_srcptr scale);
void ufm__threshold_clear(ufm__threshold *threshold);

/* Sign of mu - theta for an integer mu. */
int ufm__threshold_compare(const ufm__threshold *threshold, size_t mu);

/* lo <= theta <= hi, as close as their precision allows. */
void ufm__threshold_enclose(const ufm__threshold *threshold, mpfr_t lo,
                            mpfr_t hi);

#endif
