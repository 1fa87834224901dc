/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: a GSL minimizer driven to its stop test. */
#include <config.h>

#include <float.h>
#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>

#include <ufm/minimize.h>
#include <ufm/support.h>

#include "linalg/blas.h"
#include "objective/size.h"
#include "solve/handover.h"
#include "solve/narrow.h"
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

static int run_prepare(const gsl_vector *x, void *params)
{
  ufm__runner *runner = params;
  ufm_error error = {{0}};

  return ufm_objective_precondition_at(runner->objective, x->data, &error) ==
                 UFM_OK
             ? GSL_SUCCESS
             : GSL_ENOMEM;
}

static int run_precondition(const gsl_vector *r, void *params, gsl_vector *z)
{
  ufm__runner *runner = params;

  ufm_objective_precondition(runner->objective, r->data, z->data);
  return GSL_SUCCESS;
}

bool ufm__advise(ufm__runner *runner, gsl_multimin_fdfminimizer *minimizer)
{
  const ufm_preconditioner preconditioner = {run_prepare, run_precondition,
                                             runner};
  ufm_error error = {{0}};

  /* Types that take none of it say so; there is nothing to do then. */
  ufm_newton_set_hessian(minimizer, run_hessian, runner);
  if (!ufm_objective_preconditioned(runner->objective) ||
      ufm_minimizer_set_preconditioner(minimizer, &preconditioner) !=
          GSL_SUCCESS)
    return true;
  /* Gradients gather for it from the first on: no run depends on those before
     it. */
  return ufm_objective_precondition_at(runner->objective, NULL, &error) ==
         UFM_OK;
}

bool ufm__runner_minimizers(ufm__runner *runner, size_t size)
{
  const ufm_method *about;
  ufm_error error = {{0}};

  if (runner->method.second != NULL &&
      ufm__newton_alone(ufm_objective_layout(runner->objective),
                        ufm__objective_loss(runner->objective)) &&
      ufm__method_find("newton", &about, &runner->method, &error) != UFM_OK)
    return false;
  runner->minimizer =
      gsl_multimin_fdfminimizer_alloc(*runner->method.type, size);
  if (runner->minimizer == NULL || !ufm__advise(runner, runner->minimizer))
    return false;
  if (runner->method.second == NULL)
    return true;
  runner->second =
      gsl_multimin_fdfminimizer_alloc(*runner->method.second, size);
  return runner->second != NULL && ufm__advise(runner, runner->second);
}

static int set_minimizer(ufm__runner *runner, const gsl_vector *x)
{
  double step = runner->method.first_step * gsl_blas_dnrm2(x);

  return gsl_multimin_fdfminimizer_set(runner->minimizer, runner->function, x,
                                       step > 0.0 ? step : 1.0,
                                       runner->method.tol);
}

/* Reads the minimizer; false when its point is not finite. */
static bool measure(ufm__runner *runner, ufm_run *run)
{
  const gsl_multimin_fdfminimizer *m = runner->active;

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

/* Goes on from the point reached with the second minimizer, if there is one
   that has not had its turn. */
static bool hand_over(ufm__runner *runner, ufm_run *run)
{
  gsl_multimin_fdfminimizer *from = runner->active, *to = runner->second;

  if (to == NULL || from == to ||
      gsl_multimin_fdfminimizer_set(to, runner->function, from->x,
                                    runner->method.second_step *
                                        gsl_blas_dnrm2(from->x),
                                    runner->method.second_tol) != GSL_SUCCESS)
    return false;
  runner->active = to;
  run->used = runner->method.both;
  return true;
}

/* What a failed iteration means; false when another attempt is worthwhile. */
static bool give_up(ufm__runner *runner, ufm_run *run, bool *restarted,
                    ufm_termination *reason)
{
  bool floor;

  *reason = UFM_TERMINATION_FAILED;
  if (!measure(runner, run))
    return true;
  *reason = UFM_TERMINATION_GRADIENT;
  if (run->relative_gradient <= runner->settings->tol)
    return true;
  floor =
      ufm__at_rounding_floor(&runner->stop, run->objective, run->gradient_norm);
  if (hand_over(runner, run))
    return false;
  *reason = floor ? UFM_TERMINATION_ROUNDOFF : UFM_TERMINATION_STALLED;
  /* A method may be misled by its memory: once forgotten, a second failure
     from the same point is final. */
  if (floor || *restarted ||
      gsl_multimin_fdfminimizer_restart(runner->active) != GSL_SUCCESS)
    return true;
  *restarted = true;
  return false;
}

/* What Newton says of the iteration that ended the run; NULL from others. */
static const char *reason_of(const ufm__runner *runner)
{
  ufm_newton_report report;

  return ufm_newton_report_get(runner->active, &report) == GSL_SUCCESS
             ? ufm_newton_outcome_meaning(report.outcome)
             : NULL;
}

/* Iterations between looks at the rank of the factors, which cost some
   evaluations. */
enum { LOOK = 16 };

/* Goes on in a narrower problem, if there is one, and comes back to where that
   ended.  True when it did; the run is done unless *reason is a small gradient,
   which is that of the narrow problem. */
static bool narrowed(ufm__runner *runner, size_t start, gsl_vector *x,
                     ufm_run *run, ufm_termination *reason)
{
  gsl_vector_memcpy(x, runner->active->x);
  if (!ufm__narrow_run(runner, start, x, run))
    return false;
  *reason = run->termination;
  runner->active = runner->minimizer;
  if (set_minimizer(runner, x) != GSL_SUCCESS || !measure(runner, run))
    *reason = UFM_TERMINATION_FAILED;
  return true;
}

/* Iterates until a reason to stop is found; x is for points on the way. */
static ufm_termination iterate(ufm__runner *runner, size_t start, gsl_vector *x,
                               ufm_run *run)
{
  const ufm_solve_settings *s = runner->settings;
  floor_watch watch = {0.0, 0};
  ufm__pace pace = {0, 0.0, false};
  size_t look = ufm__narrow_applies(runner) ? LOOK : (size_t)-1;
  double newton = ufm__newton_cost(ufm_objective_layout(runner->objective));
  bool restarted = false;

  for (;;) {
    ufm_termination reason;

    if (run->iterations >= look) {
      look = run->iterations + LOOK;
      if (narrowed(runner, start, x, run, &reason) &&
          reason != UFM_TERMINATION_GRADIENT)
        return reason;
    }

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
    if (runner->active != runner->second && runner->second != NULL &&
        ufm__too_slow(&pace,
                      ufm_objective_evaluations(runner->objective).values,
                      run->relative_gradient, s->tol, newton))
      hand_over(runner, run);
    if (gsl_multimin_fdfminimizer_iterate(runner->active) == GSL_SUCCESS) {
      run->iterations++;
      restarted = false;
    } else if (give_up(runner, run, &restarted, &reason)) {
      if (reason != UFM_TERMINATION_GRADIENT)
        run->why = reason_of(runner);
      return reason;
    }
  }
}

/* A run towards Z = 0 ends in noise whose spectrum and cosines mean nothing.
   When the penalties of its factors are below rounding and zero factors are no
   worse, zero is the point. */
static void settle_at_zero(ufm__runner *runner, gsl_vector *x, ufm_run *run)
{
  const ufm_layout *layout = ufm_objective_layout(runner->objective);
  gsl_multimin_fdfminimizer *m = runner->active;
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

void ufm__run(ufm__runner *runner, size_t start, gsl_vector *x, ufm_run *run)
{
  gsl_multimin_function_fdf function = {run_f, run_df, run_fdf, x->size,
                                        runner};
  ufm_evaluations before = ufm_objective_evaluations(runner->objective), after;
  double begin = ufm_clock();

  *run = (ufm_run){.objective = (double)NAN,
                   .gradient_norm = (double)NAN,
                   .relative_gradient = (double)NAN};
  run->used = (*runner->method.type)->name;
  runner->active = runner->minimizer;
  runner->function = &function;
  if (set_minimizer(runner, x) != GSL_SUCCESS) {
    run->termination = UFM_TERMINATION_FAILED;
  } else {
    run->termination = iterate(runner, start, x, run);
    gsl_vector_memcpy(x, runner->active->x);
    settle_at_zero(runner, x, run);
  }
  after = ufm_objective_evaluations(runner->objective);
  run->evaluations = (ufm_evaluations){
      after.values - before.values, after.gradients - before.gradients,
      after.hessian_products - before.hessian_products};
  run->seconds = ufm_clock() - begin;
}
