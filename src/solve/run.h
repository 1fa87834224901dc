/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_RUN_H
#define UFM_SOLVE_RUN_H

#include <stdbool.h>

#include <gsl/gsl_multimin.h>

#include <ufm/solve.h>

#include "solve/methods.h"
#include "solve/stop.h"

/* What all runs of a solve share. */
typedef struct ufm__runner {
  ufm_objective *objective; /* in balanced variables */
  const ufm_solve_settings *settings;
  ufm__method method;
  ufm__stop_test stop;
  gsl_multimin_fdfminimizer *minimizer;
  gsl_multimin_fdfminimizer *second; /* takes over in method auto; or NULL */
  /* of the run that is under way */
  gsl_multimin_fdfminimizer *active; /* one of the two */
  gsl_multimin_function_fdf *function;
} ufm__runner;

/* Makes the minimizers of the method for points of `size` numbers, with exact
   products and the preconditioner of the objective where they can use them;
   false without memory. */
bool ufm__runner_minimizers(ufm__runner *runner, size_t size);

/* Tells a minimizer of ours what it can use beyond gradients; nothing for other
   types. False without memory. */
bool ufm__advise(ufm__runner *runner, gsl_multimin_fdfminimizer *minimizer);

/* One run from x (size numbers); x becomes the last point.  A run that
   fails says so in its termination; nothing here is an error. */
void ufm__run(ufm__runner *runner, size_t start, gsl_vector *x, ufm_run *run);

/* Adds the effort (iterations, evaluations, seconds) of `part` to `run`. */
void ufm__run_add(ufm_run *run, const ufm_run *part);

#endif
