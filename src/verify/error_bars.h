/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_ERROR_BARS_H
#define UFM_VERIFY_ERROR_BARS_H

#include "verify/proof.h"

/* Enclosures from the bars of a proof (recovery at the optimum, depth 1):
     W W^T = (1/lambda_W) sum_j pi_j E_j z_j^T,
     h_i . h_j = (pi_j / (nu_j lambda_H)) z_i . E_j. */
void ufm__gram_w(const ufm__proof *proof, size_t i, size_t k, iv *out);
void ufm__gram_h(const ufm__proof *proof, size_t i, size_t j, iv *out);

/* gram / sqrt(a b) cut to [-1, 1]; `out` may be `gram`.  NaN when a b may
   be 0. */
void ufm__cosine(const iv *gram, const iv *a, const iv *b, iv *out);

#endif
