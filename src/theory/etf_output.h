/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the theorems with a simplex ETF classifier, fixed or optimal, share: the
   law of a problem, and its pairs and matrices in a prediction. */
#ifndef UFM_THEORY_ETF_OUTPUT_H
#define UFM_THEORY_ETF_OUTPUT_H

#include <ufm/soft.h>

#include "theory/prediction.h"

/* Labels and mixup as a law (ufm_soft_law_mixing), whatever the counts: they
   change no column but its weight.  Not for targets from a file. */
UFM_MUST_CHECK ufm_status ufm__etf_law(ufm_soft_law **out,
                                       const ufm_problem *problem,
                                       ufm_error *error);

/* Whether the pairs of type `type` of that law stand in the prediction: all but
   same-class pairs without weight. */
bool ufm__etf_listed(const ufm_soft_law *law, size_t type);

/* lam and weight of all pairs listed, in their order. */
UFM_MUST_CHECK ufm_status ufm__etf_pairs(ufm_prediction *p,
                                         const ufm_problem *problem,
                                         const ufm_soft_law *law,
                                         ufm_error *error);

/* The pair of type `type`; NULL when it is not listed. */
ufm_pair *ufm__etf_pair(ufm_prediction *p, const ufm_soft_law *law,
                        size_t type);

/* p, coefficients, |h| and value of a pair. */
void ufm__etf_set_pair(ufm_pair *pair, const ufm_soft_point_mp *at);

/* g of a fixed classifier; the objective starts with its penalty
   lambda_W (K - 1) g/2. */
void ufm__etf_fix(ufm_prediction *p, const ufm_problem *problem);

/* scale (I - J/K), on every pair of groups. */
void ufm__etf_matrix(ufm_block_matrix *matrix, size_t K, mpfr_srcptr scale);

/* W W^T = g (I - J/K), and for pure targets H^T H = (delta^2/g)(I - J/K) and
   logits delta (I - J/K), where delta = z_y - z_other. */
UFM_MUST_CHECK ufm_status ufm__etf_grams(ufm_prediction *p, mpfr_srcptr delta,
                                         ufm_error *error);

/* Balanced: the common singular values; square = E|z|^2, or E|z - b|^2. */
UFM_MUST_CHECK ufm_status ufm__etf_spectra(ufm_prediction *p,
                                           const ufm_problem *problem,
                                           mpfr_srcptr square,
                                           ufm_error *error);

#endif
