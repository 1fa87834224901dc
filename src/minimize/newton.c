/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trust-region Newton-CG as a GSL minimizer.  A rejected step is shortened
   along its line before anything is solved again (Nocedal and Yuan, Combining
   trust region and line search techniques, 1998): Hessian products are what is
   expensive. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include <ufm/minimize.h>

#include "linalg/blas.h"
#include "minimize/precondition.h"
#include "minimize/steihaug.h"

enum { VECTORS = 5, MAX_TRIALS = 40, MAX_PRODUCTS = 1000 };

typedef struct newton_state {
  size_t n;
  double first_radius, tol;
  double previous, forcing; /* gradient norm and forcing term before, or 0 */
  double largest;           /* gradient norm so far */
  int (*hessian)(const gsl_vector *x, void *params, const gsl_vector *v,
                 gsl_vector *out);
  void *hessian_params;
  ufm_preconditioner preconditioner;
  ufm_newton_report report;
  ufm__steihaug cg;
  double *block;     /* its vectors */
  gsl_vector *x, *g; /* a trial point and its gradient */
} newton_state;

static void newton_free(void *vstate)
{
  newton_state *state = vstate;

  if (state->x != NULL)
    gsl_vector_free(state->x);
  if (state->g != NULL)
    gsl_vector_free(state->g);
  free(state->block);
}

static int newton_alloc(void *vstate, size_t n)
{
  newton_state *state = vstate;

  *state = (newton_state){.n = n};
  state->block = calloc(VECTORS * n, sizeof *state->block);
  state->x = gsl_vector_alloc(n);
  state->g = gsl_vector_alloc(n);
  if (state->block == NULL || state->x == NULL || state->g == NULL) {
    newton_free(state);
    return GSL_ENOMEM;
  }
  state->cg = (ufm__steihaug){.n = n,
                              .p = state->block,
                              .r = state->block + n,
                              .z = state->block + 2 * n,
                              .d = state->block + 3 * n,
                              .Bd = state->block + 4 * n,
                              .most = MAX_PRODUCTS};
  return GSL_SUCCESS;
}

static int newton_restart(void *vstate)
{
  newton_state *state = vstate;

  state->cg.radius = -state->first_radius;
  state->previous = 0.0;
  return GSL_SUCCESS;
}

static int newton_set(void *vstate, gsl_multimin_function_fdf *fdf,
                      const gsl_vector *x, double *f, gsl_vector *gradient,
                      double step_size, double tol)
{
  newton_state *state = vstate;

  if (!(tol > 0.0 && tol < 1.0) || !(step_size > 0.0))
    return GSL_EINVAL;
  state->first_radius = step_size;
  state->tol = tol;
  state->report = (ufm_newton_report){.outcome = UFM_NEWTON_NEW};
  state->largest = 0.0;
  GSL_MULTIMIN_FN_EVAL_F_DF(fdf, x, f, gradient);
  return newton_restart(state);
}

/* The function at the point of an iteration. */
typedef struct newton_point {
  newton_state *state;
  gsl_multimin_function_fdf *fdf;
  const gsl_vector *x, *gradient;
  double f;
} newton_point;

/* (g(x + h v) - g(x)) / h: rounding eps |g| / h and the third derivative times
   h balance for h |v| near sqrt(eps) (1 + |x|). */
static int difference(newton_point *at, const double *v, double *out)
{
  newton_state *state = at->state;
  size_t n = state->n;
  double h =
      sqrt(DBL_EPSILON) * (1.0 + ufm__norm(n, at->x->data)) / ufm__norm(n, v);

  memcpy(state->x->data, at->x->data, n * sizeof *out);
  ufm__axpy(n, h, v, state->x->data);
  GSL_MULTIMIN_FN_EVAL_DF(at->fdf, state->x, state->g);
  memcpy(out, state->g->data, n * sizeof *out);
  ufm__axpy(n, -1.0, at->gradient->data, out);
  ufm__scale(n, 1.0 / h, out);
  return GSL_SUCCESS;
}

static int product(void *params, const double *v, double *out)
{
  newton_point *at = params;
  newton_state *state = at->state;
  gsl_vector_const_view from = gsl_vector_const_view_array(v, state->n);
  gsl_vector_view to = gsl_vector_view_array(out, state->n);

  state->report.products++;
  if (state->hessian == NULL)
    return difference(at, v, out);
  return state->hessian(at->x, state->hessian_params, &from.vector, &to.vector);
}

static int precondition(void *params, const double *r, double *z)
{
  newton_point *at = params;

  return ufm__precondition(&at->state->preconditioner, at->state->n, r, z);
}

/* Eisenstat and Walker's choice 2 with their safeguard: quadratic in the end,
   and no better than the model deserves before. */
static double forcing_term(const newton_state *state, double norm,
                           const gsl_vector *x)
{
  const double gamma = 0.9;
  double term, least, parts;

  if (!(state->previous > 0.0))
    return state->tol;
  term = gamma * (norm / state->previous) * (norm / state->previous);
  least = gamma * state->forcing * state->forcing;
  if (least > 0.1)
    term = fmax(term, least);
  /* Gradients are sums of parts of the size they once had, or that of Bx: what
     is below the rounding of these cannot be solved for, and along invariances
     the conjugate gradients would run away with it. */
  parts = fmax(4.0 * state->largest,
               state->cg.stiffest * ufm__norm(state->n, x->data));
  term = fmax(term, 8.0 * DBL_EPSILON * parts / norm);
  return fmin(term, state->tol);
}

static ufm_newton_outcome outcome_of(ufm__steihaug_end end)
{
  switch (end) {
  case UFM__STEIHAUG_INTERIOR:
    return UFM_NEWTON_INTERIOR;
  case UFM__STEIHAUG_BOUNDARY:
    return UFM_NEWTON_BOUNDARY;
  case UFM__STEIHAUG_CURVATURE:
    return UFM_NEWTON_CURVATURE;
  case UFM__STEIHAUG_FLAT:
    return UFM_NEWTON_FLAT;
  case UFM__STEIHAUG_NOT_FINITE:
    return UFM_NEWTON_NOT_FINITE;
  case UFM__STEIHAUG_FAILED:
    break;
  }
  return UFM_NEWTON_OPERATOR;
}

/* A trial point x + a p and what the model said of it. */
typedef struct trial {
  double a, f, norm, predicted;
  bool finite;
} trial;

static trial evaluate(newton_point *at, double a, double slope)
{
  newton_state *state = at->state;
  /* p'Bp, from the decrease that the whole step promises */
  double bend = -2.0 * (state->cg.predicted + slope);
  trial t = {.a = a, .predicted = -a * (slope + 0.5 * a * bend)};

  memcpy(state->x->data, at->x->data, state->n * sizeof(double));
  ufm__axpy(state->n, a, state->cg.p, state->x->data);
  GSL_MULTIMIN_FN_EVAL_F_DF(at->fdf, state->x, &t.f, state->g);
  t.norm = ufm__norm(state->n, state->g->data);
  t.finite = isfinite(t.f) && isfinite(t.norm);
  return t;
}

static double noise(double f)
{
  return 8.0 * DBL_EPSILON * fabs(f);
}

/* Enough of the promised decrease, or, where values cannot show it, none lost
   and a smaller gradient. */
static bool acceptable(const newton_point *at, const trial *t, double norm)
{
  if (!t->finite)
    return false;
  if (at->f - t->f >= 1e-4 * t->predicted && t->f < at->f)
    return true;
  return t->predicted <= 1e3 * noise(at->f) && t->f <= at->f + noise(at->f) &&
         t->norm < norm;
}

/* Minimiser of the parabola through f, its slope and the trial, kept inside. */
static double shorter(const newton_point *at, const trial *t, double slope)
{
  double part = -0.5 * slope * t->a / (t->f - at->f - slope * t->a);

  if (!t->finite || !isfinite(part))
    return 0.2 * t->a;
  return fmin(fmax(part, 0.1), 0.5) * t->a;
}

static void update_radius(newton_state *state, const newton_point *at,
                          const trial *t)
{
  ufm__steihaug *cg = &state->cg;
  double ratio = (at->f - t->f) / t->predicted;

  if (t->predicted <= 1e3 * noise(at->f))
    ratio = fmax(ratio, 0.5); /* values cannot judge the model */
  if (t->a < 1.0)
    cg->radius = t->a * cg->length;
  else if (ratio < 0.25)
    cg->radius = 0.25 * cg->length;
  else if (ratio > 0.75)
    cg->radius = fmax(cg->radius, 2.5 * cg->length);
}

/* Searches along p for a point to accept; fills x and g of the state. */
static int search(newton_point *at, double norm, trial *found)
{
  newton_state *state = at->state;
  double slope = ufm__dot(state->n, at->gradient->data, state->cg.p), a = 1.0;
  bool finite_once = false, floor = false;

  for (int i = 0; i < MAX_TRIALS && slope < 0.0; i++) {
    *found = evaluate(at, a, slope);
    finite_once = finite_once || found->finite;
    if (acceptable(at, found, norm)) {
      if (i > 0)
        state->report.outcome = UFM_NEWTON_SHORTENED;
      return GSL_SUCCESS;
    }
    state->report.rejected++;
    if (i == 0)
      floor = found->predicted <= 1e3 * noise(at->f);
    if (finite_once && found->predicted <= noise(at->f))
      break;
    a = shorter(at, found, slope);
  }
  state->report.outcome = !finite_once && slope < 0.0 ? UFM_NEWTON_NOT_FINITE
                          : floor                     ? UFM_NEWTON_FLOOR
                                                      : UFM_NEWTON_NO_DECREASE;
  return !finite_once && slope < 0.0 ? GSL_EBADFUNC : GSL_ENOPROG;
}

static int newton_iterate(void *vstate, gsl_multimin_function_fdf *fdf,
                          gsl_vector *x, double *f, gsl_vector *gradient,
                          gsl_vector *dx)
{
  newton_state *state = vstate;
  newton_point at = {state, fdf, x, gradient, *f};
  ufm__steihaug *cg = &state->cg;
  double norm = ufm__norm(state->n, gradient->data);
  trial found = {0};
  int code = GSL_SUCCESS;

  if (norm == 0.0) {
    state->report.outcome = UFM_NEWTON_ZERO_GRADIENT;
    return GSL_ENOPROG;
  }
  if (state->preconditioner.prepare != NULL)
    code = state->preconditioner.prepare(x, state->preconditioner.params);
  if (code != GSL_SUCCESS) {
    state->report.outcome = UFM_NEWTON_OPERATOR;
    return code;
  }
  cg->product = product;
  cg->precondition = state->preconditioner.apply != NULL ? precondition : NULL;
  cg->params = &at;
  state->largest = fmax(state->largest, norm);
  cg->forcing = forcing_term(state, norm, x);
  state->report.outcome = outcome_of(ufm__steihaug_solve(cg, gradient->data));
  state->report.radius = cg->radius;
  if (state->report.outcome == UFM_NEWTON_OPERATOR)
    return cg->code;
  if (state->report.outcome == UFM_NEWTON_NOT_FINITE)
    return GSL_EBADFUNC;
  code = search(&at, norm, &found);
  if (code != GSL_SUCCESS)
    return code;
  update_radius(state, &at, &found);
  state->report.radius = cg->radius;
  state->previous = norm;
  state->forcing = cg->forcing;
  memcpy(dx->data, cg->p, state->n * sizeof(double));
  ufm__scale(state->n, found.a, dx->data);
  memcpy(x->data, state->x->data, state->n * sizeof(double));
  memcpy(gradient->data, state->g->data, state->n * sizeof(double));
  *f = found.f;
  return GSL_SUCCESS;
}

static const gsl_multimin_fdfminimizer_type newton_type = {
    "newton",       sizeof(newton_state), newton_alloc, newton_set,
    newton_iterate, newton_restart,       newton_free};

const gsl_multimin_fdfminimizer_type *const ufm_minimizer_newton = &newton_type;

ufm_preconditioner *ufm__newton_preconditioner(void *vstate)
{
  return &((newton_state *)vstate)->preconditioner;
}

int ufm_newton_set_hessian(gsl_multimin_fdfminimizer *minimizer,
                           int (*hessian)(const gsl_vector *x, void *params,
                                          const gsl_vector *v, gsl_vector *out),
                           void *params)
{
  newton_state *state = minimizer->state;

  if (minimizer->type != &newton_type)
    return GSL_EINVAL;
  state->hessian = hessian;
  state->hessian_params = params;
  return GSL_SUCCESS;
}

int ufm_newton_report_get(const gsl_multimin_fdfminimizer *minimizer,
                          ufm_newton_report *report)
{
  const newton_state *state = minimizer->state;

  if (minimizer->type != &newton_type)
    return GSL_EINVAL;
  *report = state->report;
  return GSL_SUCCESS;
}
