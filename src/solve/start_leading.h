/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_START_LEADING_H
#define UFM_SOLVE_START_LEADING_H

#include <gsl/gsl_rng.h>

#include "solve/start_factors.h"

/* Minus the gradient of the loss with respect to Z' at Z' = 0, J x K: row j is
   scale_j (t_j - output)^T. */
typedef struct ufm__zero_gradient {
  const ufm_columns *columns;
  double *scale;  /* J: pi_j/sqrt(nu_j) */
  double *output; /* K: softmax of the bias (ce), the bias (mse) */
} ufm__zero_gradient;

/* out->V, s and Ut = about `rank` leading singular triplets, rank <= min(J, K):
   the Ritz triplets of subspace iteration from a random subspace, with
   out->r = min(rank + 8, J, K) of them.  The matrix is not formed: time
   O((J + K) rank^2), memory O((J + K) rank).  UFM_ENOMEM, and errors of
   ufm__svd; clear `out` then, too. */
UFM_MUST_CHECK ufm_status ufm__logits_leading(ufm__logits *out,
                                              const ufm__zero_gradient *G,
                                              size_t rank, gsl_rng *rng,
                                              ufm_error *error);

#endif
