/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_THEORY_CE_DEEP_H
#define UFM_THEORY_CE_DEEP_H

#include <ufm/problem.h>

#include <mpfr.h>

/* LB1 (doc/mathematics.md, section 7.3): no point of a balanced one-hot CE
   problem of depth M >= 2 has a smaller objective, whatever widths and bias (a
   ridge bias costs more than the free one the bound allows):

     min_a log(1 + (K-1) e^{-a}) + (L/2) ((K-1)^2 n Lam)^{1/L} a^{2/L}.

   Correct to the precision of `bound`.  At depth 1 (L = 2) the same minimum is
   the optimum. */
UFM_MUST_CHECK ufm_status ufm__ce_lower_bound(const ufm_problem *problem,
                                              mpfr_ptr bound, ufm_error *error);

#endif
