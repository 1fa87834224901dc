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

/* x = one proximal gradient step from zero plus a small random part; costs some
   values of F and a decomposition of a J x K matrix, or of its leading part
   where the widths are a small part of J and K. */
UFM_MUST_CHECK ufm_status ufm__start_spectral(const ufm_problem *problem,
                                              ufm_objective *objective,
                                              gsl_rng *rng, double *x,
                                              ufm_error *error);

/* x = the closed form.  UFM_EINVAL when no theorem determines the logits. */
UFM_MUST_CHECK ufm_status ufm__start_theory(const ufm_problem *problem,
                                            const ufm_objective *objective,
                                            double *x, ufm_error *error);

/* x = start of run `index` of a kind that needs nothing but the settings:
   random for all but spectral, theory and file. */
UFM_MUST_CHECK ufm_status ufm__start(const ufm_problem *problem,
                                     ufm_objective *objective,
                                     const ufm_solve_settings *settings,
                                     ufm_start kind, size_t index, double *x,
                                     ufm_error *error);

#endif
