/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points to start from, in balanced variables. */
#ifndef UFM_SOLVE_START_H
#define UFM_SOLVE_START_H

#include <gsl/gsl_rng.h>

#include <ufm/solve.h>

/* x = independent normal entries.  Each factor is scaled so that its singular
   values are near tau^{1/L}, tau = sqrt(samples per class) times the size of
   the logits: then those of Z are near tau, as at an optimum.  The bias starts
   at 0. */
void ufm__start_random(const ufm_problem *problem, const ufm_layout *layout,
                       gsl_rng *rng, double *x);

/* x = start of run `index`, as the settings ask. */
UFM_MUST_CHECK ufm_status ufm__start(const ufm_problem *problem,
                                     const ufm_objective *objective,
                                     const ufm_solve_settings *settings,
                                     size_t index, double *x, ufm_error *error);

#endif
