/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_START_FACTORS_H
#define UFM_SOLVE_START_FACTORS_H

#include <ufm/layout.h>

/* Balanced factors x of the logits with singular value decomposition
   Z'^T = V diag(s) U^T: V is J x r, U^T r x K, both row-major; only the first
   min(r, widths) directions fit.  Every factor gets the singular values
   s^{1/L}, as at a stationary point.  The bias part of x is not touched. */
void ufm__factors_from_svd(const ufm_layout *layout, size_t r, const double *V,
                           const double *s, const double *Ut, double *x);

#endif
