/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimising over invariant points. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

#include <ufm/minimize.h>
#include <ufm/reduce.h>
#include <ufm/support.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "reduce/hessian.h"
#include "reduce/start.h"
#include "solve/settings.h"

static double value(const gsl_vector *x, void *params)
{
  return ufm__reduced_value(params, x->data, NULL);
}

static void value_gradient(const gsl_vector *x, void *params, double *f,
                           gsl_vector *g)
{
  *f = ufm__reduced_value(params, x->data, g->data);
}

static void gradient(const gsl_vector *x, void *params, gsl_vector *g)
{
  ufm__reduced_value(params, x->data, g->data);
}

/* A run goes on to this relative gradient in any case: directions about to
   vanish are flat, iterations are cheap, and a proof wants a point whose
   neighbourhood is regular. */
static const double finest = 1e-12;

/* L-BFGS takes some tens of iterations where columns have similar curvatures;
   in boundary layers of mixup they have not, and it takes any number. */
enum { LBFGS_MOST = 200 };

/* Everything one solve holds. */
typedef struct reduced_run {
  ufm__reduced objective;
  ufm__reduced_hessian hessian; /* of Newton, once it has begun */
  gsl_multimin_function_fdf function;
  const ufm_solve_settings *settings;
  gsl_multimin_fdfminimizer *minimizer;
  double floor; /* of the relative gradient, as in solve/stop.c */
  double least; /* smallest gradient so far, and its iteration */
  size_t at;
} reduced_run;

static bool measure(reduced_run *s, ufm_run *run)
{
  const gsl_multimin_fdfminimizer *m = s->minimizer;

  run->objective = m->f;
  run->gradient_norm = gsl_blas_dnrm2(m->gradient);
  run->relative_gradient = ufm__reduced_relative_gradient(
      &s->objective, s->floor, m->x->data, m->gradient->data);
  return isfinite(run->objective) && isfinite(run->gradient_norm);
}

/* The gradient promises less than F can show (solve/stop.c). */
static bool at_floor(const reduced_run *s, const ufm_run *run)
{
  return run->gradient_norm <= sqrt(2000.0 * DBL_EPSILON * s->objective.kappa) *
                                   sqrt(fabs(run->objective));
}

static bool wandering(reduced_run *s, const ufm_run *run)
{
  enum { PATIENCE = 200 };

  if (run->iterations == 0 || run->gradient_norm < s->least) {
    s->least = run->gradient_norm;
    s->at = run->iterations;
  }
  return run->iterations - s->at >= PATIENCE && at_floor(s, run);
}

static int prepare(const gsl_vector *x, void *params)
{
  return ufm__reduced_hessian_at(params, x->data) ? GSL_SUCCESS : GSL_EFAILED;
}

static int precondition(const gsl_vector *r, void *params, gsl_vector *z)
{
  ufm__reduced_hessian_precondition(params, r->data, z->data);
  return GSL_SUCCESS;
}

static int product(const gsl_vector *x, void *params, const gsl_vector *v,
                   gsl_vector *out)
{
  (void)x; /* prepared */
  ufm__reduced_hessian_product(params, v->data, out->data);
  return GSL_SUCCESS;
}

/* Goes on with Newton from the point reached; false when that is not possible,
   or was done before. */
static bool hand_over(reduced_run *s, ufm_run *run)
{
  ufm__reduced_hessian *second = &s->hessian;
  const ufm_preconditioner preconditioner = {prepare, precondition, second};
  gsl_multimin_fdfminimizer *from = s->minimizer, *to;

  if (second->f != NULL || !ufm__reduced_hessian_pays(s->objective.orbits))
    return false;
  to = gsl_multimin_fdfminimizer_alloc(ufm_minimizer_newton, from->x->size);
  if (to == NULL ||
      ufm__reduced_hessian_init(second, &s->objective, NULL) != UFM_OK ||
      ufm_minimizer_set_preconditioner(to, &preconditioner) != GSL_SUCCESS ||
      ufm_newton_set_hessian(to, product, second) != GSL_SUCCESS ||
      gsl_multimin_fdfminimizer_set(to, &s->function, from->x,
                                    0.1 * gsl_blas_dnrm2(from->x),
                                    0.5) != GSL_SUCCESS) {
    if (to != NULL)
      gsl_multimin_fdfminimizer_free(to);
    return false;
  }
  gsl_multimin_fdfminimizer_free(from);
  s->minimizer = to;
  s->least = HUGE_VAL;
  s->at = run->iterations;
  run->used = "lbfgs+newton";
  return true;
}

static ufm_termination iterate(reduced_run *s, ufm_run *run)
{
  const ufm_solve_settings *settings = s->settings;
  bool restarted = false;

  for (;;) {
    if (!measure(s, run))
      return UFM_TERMINATION_FAILED;
    if (run->relative_gradient <= fmin(settings->tol, finest))
      return UFM_TERMINATION_GRADIENT;
    if (wandering(s, run) && !hand_over(s, run))
      return UFM_TERMINATION_ROUNDOFF;
    if (settings->progress != NULL &&
        settings->progress(&(ufm_progress){0, run->iterations, run->objective,
                                           run->relative_gradient},
                           settings->user) != 0)
      return UFM_TERMINATION_INTERRUPTED;
    if (run->iterations == settings->max_iter)
      return UFM_TERMINATION_ITERATIONS;
    if (run->iterations == LBFGS_MOST)
      hand_over(s, run);
    if (gsl_multimin_fdfminimizer_iterate(s->minimizer) == GSL_SUCCESS) {
      run->iterations++;
      restarted = false;
      continue;
    }
    if (hand_over(s, run))
      continue;
    if (!restarted && !at_floor(s, run) &&
        gsl_multimin_fdfminimizer_restart(s->minimizer) == GSL_SUCCESS) {
      restarted = true;
      continue;
    }
    return at_floor(s, run) ? UFM_TERMINATION_ROUNDOFF
                            : UFM_TERMINATION_STALLED;
  }
}

/* A part that tends to 0 ends in noise whose spectrum and cosines mean nothing:
   the contrasts of a group, or all that groups have in common.  Where its
   penalty is below rounding and 0 is no worse, 0 is the point. */
static void settle_at_zero(reduced_run *s, gsl_vector *x, ufm_run *run)
{
  const ufm_orbits *o = s->objective.orbits;
  gsl_multimin_fdfminimizer *m = s->minimizer;
  double most = 2.0 * DBL_EPSILON * fabs(run->objective) / s->objective.kappa;
  double F, *size = s->objective.p; /* of the contrasts of each group */

  gsl_vector_memcpy(x, m->x);
  for (size_t g = 0; g < o->G; g++)
    size[g] = x->data[o->w + g] * x->data[o->w + g];
  for (size_t q = 0; q < o->Q; q++)
    size[o->contrast[q].group] += x->data[o->h + q] * x->data[o->h + q];
  for (size_t g = 0; g < o->G; g++)
    if (size[g] <= most)
      x->data[o->w + g] = 0.0;
  for (size_t q = 0; q < o->Q; q++)
    if (size[o->contrast[q].group] <= most)
      x->data[o->h + q] = 0.0;
  if (ufm__sum_of_squares(o->b - o->v, x->data + o->v) <= most)
    for (size_t i = o->v; i < o->b; i++)
      x->data[i] = 0.0;
  F = ufm__reduced_value(&s->objective, x->data, m->gradient->data);
  if (!(F <= run->objective)) {
    gsl_vector_memcpy(x, m->x);
    return;
  }
  run->objective = F;
  run->gradient_norm = gsl_blas_dnrm2(m->gradient);
  run->relative_gradient = ufm__reduced_relative_gradient(
      &s->objective, s->floor, x->data, m->gradient->data);
}

static ufm_status minimise(reduced_run *s, const ufm_problem *problem,
                           gsl_vector *x, ufm_run *run, ufm_error *error)
{
  const ufm_orbits *o = s->objective.orbits;
  ufm_status status;
  double step;

  s->function = (gsl_multimin_function_fdf){value, gradient, value_gradient,
                                            o->length, &s->objective};
  run->used = "lbfgs";
  s->floor = 1e-3 * sqrt(2.0 * s->objective.kappa *
                         ufm__reduced_value(&s->objective, x->data, NULL));
  status = ufm__reduced_start(&s->objective, problem, x->data,
                              s->minimizer->gradient->data, error);
  if (status != UFM_OK)
    return status;
  step = 0.1 * gsl_blas_dnrm2(x);
  if (gsl_multimin_fdfminimizer_set(s->minimizer, &s->function, x,
                                    step > 0.0 ? step : 1.0,
                                    0.9) != GSL_SUCCESS)
    run->termination = UFM_TERMINATION_FAILED;
  else
    run->termination = iterate(s, run);
  if (run->termination == UFM_TERMINATION_FAILED)
    return ufm__fail(error, UFM_ENAN,
                     "reduce: the objective or its gradient overflowed");
  settle_at_zero(s, x, run);
  run->evaluations = (ufm_evaluations){
      s->objective.values, s->objective.values - 1, s->hessian.products};
  return UFM_OK;
}

static ufm_status run(ufm_solution *solution, const ufm_problem *problem,
                      const ufm_solve_settings *settings, ufm_error *error)
{
  ufm_orbits *orbits = solution->orbits;
  reduced_run s = {.settings = settings};
  gsl_vector *x = gsl_vector_calloc(orbits->length);
  ufm_status status = ufm__reduced_init(&s.objective, problem, orbits, error);

  if (status == UFM_OK) {
    s.minimizer =
        gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, orbits->length);
    if (x == NULL || s.minimizer == NULL)
      status = ufm__no_memory(error, "reduce");
  }
  if (status == UFM_OK)
    status = minimise(&s, problem, x, &solution->run[0], error);
  if (status == UFM_OK)
    ufm__reduced_to_plain(&s.objective, x->data, orbits->x);
  if (s.minimizer != NULL)
    gsl_multimin_fdfminimizer_free(s.minimizer);
  if (x != NULL)
    gsl_vector_free(x);
  ufm__reduced_hessian_clear(&s.hessian);
  ufm__reduced_clear(&s.objective);
  return status;
}

ufm_status ufm_reduce_solve(ufm_solution **out, const ufm_problem *problem,
                            const ufm_solve_settings *settings,
                            ufm_error *error)
{
  double begin = ufm_clock();
  ufm_solution *s = NULL;
  ufm_status status = ufm__solve_settings_check(settings, error);

  *out = NULL;
  if (status == UFM_OK) {
    s = calloc(1, sizeof *s);
    if (s != NULL)
      s->run = calloc(1, sizeof *s->run);
    if (s == NULL || s->run == NULL)
      status = ufm__no_memory(error, "reduce");
  }
  if (status == UFM_OK)
    status = ufm_orbits_new(&s->orbits, problem, error);
  if (status == UFM_OK)
    status = run(s, problem, settings, error);
  if (status != UFM_OK) {
    ufm_solution_free(s);
    return status;
  }
  s->method = "auto";
  s->start = s->run[0].start = UFM_START_SPECTRAL;
  s->seed = settings->seed;
  s->used = s->run[0].used;
  s->objective = s->run[0].objective;
  s->starts = s->hits = 1;
  s->seconds = s->run[0].seconds = ufm_clock() - begin;
  *out = s;
  return UFM_OK;
}
