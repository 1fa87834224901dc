/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One start from its first point to its last. */
#ifndef UFM_SOLVE_ATTEMPT_H
#define UFM_SOLVE_ATTEMPT_H

#include "solve/run.h"
#include "solve/start_codes.h"

/* What the starts of a solve share beside the runner. */
typedef struct ufm__attempts {
  const ufm_problem *problem;
  ufm__code_starts *codes; /* NULL when no start asks for one */
  double strong; /* where a homotopy from strong penalties begins, in kappa */
  size_t trials; /* of class swaps, per start */
} ufm__attempts;

UFM_MUST_CHECK ufm_status ufm__attempts_init(ufm__attempts *attempts,
                                             ufm__runner *runner,
                                             const ufm_problem *problem,
                                             ufm_error *error);
void ufm__attempts_clear(ufm__attempts *attempts);

/* x = where start `index` ends, and how, in `run`.  Depends on the problem, the
   settings and the index alone, whatever was run before. */
UFM_MUST_CHECK ufm_status ufm__attempt(const ufm__attempts *attempts,
                                       ufm__runner *runner, size_t index,
                                       gsl_vector *x, ufm_run *run,
                                       ufm_error *error);

#endif
