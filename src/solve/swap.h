/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class swap descent, for minima that differ in which class stands where. */
#ifndef UFM_SOLVE_SWAP_H
#define UFM_SOLVE_SWAP_H

#include "solve/run.h"

/* True when exchanging two classes means something and may help: one-hot or
   smoothed labels, not all counts equal, W free. */
bool ufm__swaps_apply(const ufm_problem *problem);

/* From the minimum x that `run` reached: exchanges the directions (rows of W_M
   and features, lengths kept) of two classes with different counts, minimises
   again, and keeps what is better, until no pair helps or `trials`
   minimisations were made.  Pairs are tried in ascending order of F after the
   exchange, before any minimisation.  x and `run` become those of the best
   point, but for the evaluations and seconds, which are the caller's to count;
   run->swaps counts the exchanges kept.  UFM_ENOMEM. */
UFM_MUST_CHECK ufm_status ufm__swap_descent(ufm__runner *runner,
                                            const ufm_problem *problem,
                                            size_t start, size_t trials,
                                            gsl_vector *x, ufm_run *run,
                                            ufm_error *error);

#endif
