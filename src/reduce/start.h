/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_REDUCE_START_H
#define UFM_REDUCE_START_H

#include "reduce/objective.h"

/* x = a multiple of the negative gradient of the loss at zero, in balanced
   factors, the best of some multiples; no direction of it is left at 0.
   `work` has as many numbers as x.  O(G C min(G, C)). */
UFM_MUST_CHECK ufm_status ufm__reduced_start(ufm__reduced *objective,
                                             const ufm_problem *problem,
                                             double *x, double *work,
                                             ufm_error *error);

#endif
