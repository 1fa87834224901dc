/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_START_FACTORS_H
#define UFM_SOLVE_START_FACTORS_H

#include <ufm/layout.h>
#include <ufm/objective.h>

/* Logits in balanced variables, as a matrix and as its decomposition
   Z = V diag(s) U^T: Z is J x K (row j belongs to column j), V is J x r, U^T is
   r x K, all row-major, r = min(J, K). */
typedef struct ufm__logits {
  size_t r;
  double *Z, *V, *s, *Ut;
  double *bias; /* K: bias that goes with Z, in balanced variables; zeros */
} ufm__logits;

/* UFM_ENOMEM; clear it then, too. */
UFM_MUST_CHECK ufm_status ufm__logits_init(ufm__logits *logits,
                                           const ufm_layout *layout,
                                           ufm_error *error);
void ufm__logits_clear(ufm__logits *logits);

/* V, s and U^T of Z, which is overwritten. */
UFM_MUST_CHECK ufm_status ufm__logits_decompose(ufm__logits *logits,
                                                const ufm_layout *layout,
                                                ufm_error *error);

/* x = balanced factors of length * Z: every factor gets the singular values
   (length s)^{1/L}, as at a stationary point; only the first min(r, widths)
   directions fit.  The bias part of x is not touched. */
void ufm__logits_factors(const ufm__logits *logits, const ufm_layout *layout,
                         double length, double *x);

/* x = the factors, with length * bias added to the bias part that x has, for
   the best length that doubling and halving from `first` finds.  Returns F. */
double ufm__logits_search(const ufm__logits *logits, ufm_objective *objective,
                          double first, double *x);

#endif
