/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_PRIMAL_VALUE_H
#define UFM_VERIFY_PRIMAL_VALUE_H

#include "verify/interval.h"
#include "verify/model.h"

/* Encloses the objective at the exact point x, at the precision of `out`.
   Wide or unbounded when the point is enormous, never wrong. */
UFM_MUST_CHECK ufm_status ufm__primal_value(const ufm__model *model, mpfr_t *x,
                                            iv *out, ufm_error *error);

/* Encloses the loss of column j at the logits y (bias included); y is used as
   scratch.  With r the largest logit, ce is
     log1p(sum_{i != r} exp(y_i - y_r)) + sum_i t_i (y_r - y_i),
   which keeps its relative accuracy when the loss is small. */
void ufm__column_loss(const ufm__model *model, size_t j, iv *y, iv *out);

#endif
