/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: a GSL minimizer driven to its stop test. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <time.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>

#include <ufm/minimize.h>

#include "linalg/blas.h"
#include "solve/run.h"

static double run_f(const gsl_vector *x, void *params)
{
  ufm__runner *runner = params;

  return ufm_objective_value(runner->objective, x->data);
}

static void run_fdf(const gsl_vector *x, void *params, double *f, gsl_vector *g)
{
  ufm__runner *runner = params;

  *f = ufm_objective_gradient(runner->objective, x->data, g->data);
}

static void run_df(const gsl_vector *x, void *params, gsl_vector *g)
{
  double f;

  run_fdf(x, params, &f, g);
}

static int run_hessian(const gsl_vector *x, void *params, const gsl_vector *v,
                       gsl_vector *out)
{
  ufm__runner *runner = params;
  ufm_error error = {{0}};

  return ufm_objective_hessian(runner->objective, x->data, v->data, out->data,
                               &error) == UFM_OK
             ? GSL_SUCCESS
             : GSL_ENOMEM;
}

/* Gives a Newton minimizer its Hessian; other types want none. */
static void give_operators(ufm__runner *runner)
{
  const ufm_newton_operators operators = {.hessian = run_hessian,
                                          .params = runner};

  if (runner->minimizer->type == ufm_minimizer_newton)
    ufm_newton_set_operators(runner->minimizer, &operators);
}

/* Reads the minimizer; false when its point is not finite. */
static bool measure(ufm__runner *runner, ufm_run *run)
{
  const gsl_multimin_fdfminimizer *m = runner->minimizer;

  run->objective = m->f;
  run->gradient_norm = gsl_blas_dnrm2(m->gradient);
  run->relative_gradient = ufm__relative_gradient(
      &runner->stop, runner->objective, m->x->data, m->gradient->data);
  return isfinite(run->objective) && isfinite(run->gradient_norm);
}

/* At the rounding floor of F a method may still lower the gradient, or wander:
   this many iterations without a new smallest gradient end the run. */
enum { PATIENCE = 200 };

typedef struct floor_watch {
  double smallest; /* gradient norm so far */
  size_t at;       /* its iteration */
} floor_watch;

static bool wandering(floor_watch *watch, const ufm__runner *runner,
                      const ufm_run *run)
{
  if (run->iterations == 0 || run->gradient_norm < watch->smallest)
    *watch = (floor_watch){run->gradient_norm, run->iterations};
  return run->iterations - watch->at >= PATIENCE &&
         ufm__at_rounding_floor(&runner->stop, run->objective,
                                run->gradient_norm);
}

/* Iterates until a reason to stop is found. */
static ufm_termination iterate(ufm__runner *runner, size_t start, ufm_run *run)
{
  const ufm_solve_settings *s = runner->settings;
  floor_watch watch = {0.0, 0};
  bool restarted = false;

  for (;;) {
    int code;

    if (!measure(runner, run))
      return UFM_TERMINATION_FAILED;
    if (run->relative_gradient <= s->tol)
      return UFM_TERMINATION_GRADIENT;
    if (wandering(&watch, runner, run))
      return UFM_TERMINATION_ROUNDOFF;
    if (s->progress != NULL &&
        s->progress(&(ufm_progress){start, run->iterations, run->objective,
                                    run->relative_gradient},
                    s->user) != 0)
      return UFM_TERMINATION_INTERRUPTED;
    if (run->iterations == s->max_iter)
      return UFM_TERMINATION_ITERATIONS;
    code = gsl_multimin_fdfminimizer_iterate(runner->minimizer);
    if (code == GSL_SUCCESS) {
      run->iterations++;
      restarted = false;
      continue;
    }
    if (!measure(runner, run))
      return UFM_TERMINATION_FAILED;
    if (run->relative_gradient <= s->tol)
      return UFM_TERMINATION_GRADIENT;
    if (ufm__at_rounding_floor(&runner->stop, run->objective,
                               run->gradient_norm))
      return UFM_TERMINATION_ROUNDOFF;
    /* A method may be misled by its memory: once forgotten, a second failure
       from the same point is final. */
    if (restarted ||
        gsl_multimin_fdfminimizer_restart(runner->minimizer) != GSL_SUCCESS)
      return UFM_TERMINATION_STALLED;
    restarted = true;
  }
}

/* A run towards Z = 0 ends in noise whose spectrum and cosines mean nothing.
   When the penalties of its factors are below rounding and zero factors are no
   worse, zero is the point. */
static void settle_at_zero(ufm__runner *runner, gsl_vector *x, ufm_run *run)
{
  const ufm_layout *layout = ufm_objective_layout(runner->objective);
  gsl_multimin_fdfminimizer *m = runner->minimizer;
  double F, penalties = 0.5 * runner->stop.kappa *
                        ufm__sum_of_squares(layout->b, x->data);

  if (!(penalties <= DBL_EPSILON * fabs(run->objective)))
    return;
  for (size_t i = 0; i < layout->b; i++)
    x->data[i] = 0.0;
  F = ufm_objective_gradient(runner->objective, x->data, m->gradient->data);
  if (!(F <= run->objective)) {
    gsl_vector_memcpy(x, m->x);
    return;
  }
  run->objective = F;
  run->gradient_norm = gsl_blas_dnrm2(m->gradient);
  run->relative_gradient = ufm__relative_gradient(
      &runner->stop, runner->objective, x->data, m->gradient->data);
}

double ufm__seconds(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void ufm__run(ufm__runner *runner, size_t start, gsl_vector *x, ufm_run *run)
{
  gsl_multimin_function_fdf function = {run_f, run_df, run_fdf, x->size,
                                        runner};
  ufm_evaluations before = ufm_objective_evaluations(runner->objective), after;
  double begin = ufm__seconds();
  double step = runner->method.first_step * gsl_blas_dnrm2(x);

  *run = (ufm_run){.objective = (double)NAN,
                   .gradient_norm = (double)NAN,
                   .relative_gradient = (double)NAN};
  give_operators(runner);
  if (gsl_multimin_fdfminimizer_set(runner->minimizer, &function, x,
                                    step > 0.0 ? step : 1.0,
                                    runner->method.tol) != GSL_SUCCESS) {
    run->termination = UFM_TERMINATION_FAILED;
  } else {
    run->termination = iterate(runner, start, run);
    gsl_vector_memcpy(x, runner->minimizer->x);
    settle_at_zero(runner, x, run);
  }
  after = ufm_objective_evaluations(runner->objective);
  run->evaluations = (ufm_evaluations){
      after.values - before.values, after.gradients - before.gradients,
      after.hessian_products - before.hessian_products};
  run->seconds = ufm__seconds() - begin;
}
