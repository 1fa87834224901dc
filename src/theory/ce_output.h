/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What CE predictions share: from the one singular value of the logits to the
   factors, and the matrices of a simplex ETF.  Balanced counts throughout. */
#ifndef UFM_THEORY_CE_OUTPUT_H
#define UFM_THEORY_CE_OUTPUT_H

#include <stdbool.h>

#include "theory/prediction.h"

/* Cross entropy of labels, smoothed or not, with a free classifier. */
bool ufm__ce_labels(const ufm_problem *problem);

/* Balanced counts; the hypothesis all CE theorems share. */
bool ufm__ce_balanced(const ufm_problem *problem);

/* Targets that are one-hot, eps = 0 included. */
bool ufm__ce_onehot(const ufm_problem *problem);

/* n Lam, exactly; `out` is initialised. */
void ufm__ce_weight(const ufm_problem *problem, mpq_t out);

/* `rank` equal singular values of Z, and those of every factor:
   lambda_i sigma(factor_i)^2 = Lam^{1/L} sigma(Z)^{2/L}
   (doc/mathematics.md, section 2, fact B). */
UFM_MUST_CHECK ufm_status ufm__ce_spectra(ufm_prediction *p,
                                          const ufm_problem *problem,
                                          size_t rank, mpfr_srcptr sigma,
                                          ufm_error *error);

/* Gram matrices and logits of Zbar = alpha (I - J/K), after the spectra; all
   zero for alpha NULL. */
UFM_MUST_CHECK ufm_status ufm__ce_etf_grams(ufm_prediction *p,
                                            mpfr_srcptr alpha,
                                            ufm_error *error);

/* A bias of zeros when the problem has one.  (A free bias of CE is determined
   up to a constant; this is its centred form.) */
UFM_MUST_CHECK ufm_status ufm__ce_zero_bias(ufm_prediction *p,
                                            const ufm_problem *problem,
                                            ufm_error *error);

#endif
