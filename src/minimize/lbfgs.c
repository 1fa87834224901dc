/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limited-memory BFGS (Nocedal 1980; Liu and Nocedal 1989) as a GSL minimizer:
   two-loop recursion on s'y/y'Py times the preconditioner P, or the identity.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include <ufm/minimize.h>

#include "linalg/blas.h"
#include "minimize/line_search.h"
#include "minimize/precondition.h"

/* One slot more than pairs in use, so that a pair which is rejected has not
   overwritten one that is kept.  Fewer pairs are in use with a preconditioner
   that changes with the point: what they add to it is soon out of date. */
enum { MEMORY = 20, PRECONDITIONED = 4, SLOTS = MEMORY + 1 };

typedef struct lbfgs_state {
  size_t n;
  size_t pairs, newest; /* number kept, and index of the last one */
  double first_step, sigma;
  double *s, *y;       /* SLOTS x n: differences of points and gradients */
  double rho[SLOTS];   /* 1 / s'y */
  double alpha[SLOTS]; /* of the two-loop recursion */
  double *direction;   /* n */
  double *work;        /* n: what P gives */
  ufm_preconditioner preconditioner;
  double *block;     /* everything above that is allocated */
  gsl_vector *x, *g; /* the trial point and its gradient */
} lbfgs_state;

static void lbfgs_free(void *vstate)
{
  lbfgs_state *state = vstate;

  if (state->x != NULL)
    gsl_vector_free(state->x);
  if (state->g != NULL)
    gsl_vector_free(state->g);
  free(state->block);
}

static int lbfgs_alloc(void *vstate, size_t n)
{
  lbfgs_state *state = vstate;

  *state = (lbfgs_state){.n = n};
  state->block = calloc((2 * SLOTS + 2) * n, sizeof *state->block);
  state->x = gsl_vector_alloc(n);
  state->g = gsl_vector_alloc(n);
  if (state->block == NULL || state->x == NULL || state->g == NULL) {
    lbfgs_free(state);
    return GSL_ENOMEM;
  }
  state->s = state->block;
  state->y = state->s + SLOTS * n;
  state->direction = state->y + SLOTS * n;
  state->work = state->direction + n;
  return GSL_SUCCESS;
}

static int lbfgs_set(void *vstate, gsl_multimin_function_fdf *fdf,
                     const gsl_vector *x, double *f, gsl_vector *gradient,
                     double step_size, double tol)
{
  lbfgs_state *state = vstate;

  if (!(tol > 0.0 && tol < 1.0) || !(step_size > 0.0))
    return GSL_EINVAL;
  state->first_step = step_size;
  state->sigma = tol;
  state->pairs = 0;
  GSL_MULTIMIN_FN_EVAL_F_DF(fdf, x, f, gradient);
  return GSL_SUCCESS;
}

static int lbfgs_restart(void *vstate)
{
  ((lbfgs_state *)vstate)->pairs = 0;
  return GSL_SUCCESS;
}

/* p := s'y/y'Py P p with the newest pair, P p without one; P = I unless there
   is a preconditioner. */
static int initial_matrix(lbfgs_state *state, double *p)
{
  const double *y = state->y + state->newest * state->n;
  bool given = state->preconditioner.apply != NULL;
  double scale = 1.0;
  int code = GSL_SUCCESS;

  if (state->pairs > 0) {
    if (given)
      code =
          ufm__precondition(&state->preconditioner, state->n, y, state->work);
    scale = 1.0 / (state->rho[state->newest] *
                   ufm__dot(state->n, y, given ? state->work : y));
  }
  if (given && code == GSL_SUCCESS) {
    code = ufm__precondition(&state->preconditioner, state->n, p, state->work);
    memcpy(p, state->work, state->n * sizeof *p);
  }
  ufm__scale(state->n, scale, p);
  return code;
}

/* direction = -H g by the two-loop recursion. */
static int set_direction(lbfgs_state *state, const double *g)
{
  size_t n = state->n, i;
  double *p = state->direction;
  int code;

  memcpy(p, g, n * sizeof *p);
  for (size_t k = 0; k < state->pairs; k++) {
    i = (state->newest + SLOTS - k) % SLOTS;
    state->alpha[i] = state->rho[i] * ufm__dot(n, state->s + i * n, p);
    ufm__axpy(n, -state->alpha[i], state->y + i * n, p);
  }
  code = initial_matrix(state, p);
  for (size_t k = state->pairs; k-- > 0;) {
    double beta;

    i = (state->newest + SLOTS - k) % SLOTS;
    beta = state->rho[i] * ufm__dot(n, state->y + i * n, p);
    ufm__axpy(n, state->alpha[i] - beta, state->s + i * n, p);
  }
  ufm__scale(n, -1.0, p);
  return code;
}

/* direction and its slope, without the memory when that leads uphill. */
static int choose_direction(lbfgs_state *state, const gsl_vector *x,
                            const double *g, double *slope)
{
  int code = GSL_SUCCESS;

  if (state->preconditioner.prepare != NULL)
    code = state->preconditioner.prepare(x, state->preconditioner.params);
  if (code == GSL_SUCCESS)
    code = set_direction(state, g);
  *slope = ufm__dot(state->n, state->direction, g);
  if (code == GSL_SUCCESS && !(*slope < 0.0) && state->pairs > 0) {
    state->pairs = 0;
    code = set_direction(state, g);
    *slope = ufm__dot(state->n, state->direction, g);
  }
  return code;
}

/* The line from x along the direction; trial points live in state->x. */
typedef struct lbfgs_line {
  lbfgs_state *state;
  gsl_multimin_function_fdf *fdf;
  const gsl_vector *x;
} lbfgs_line;

static bool evaluate(void *params, double a, double *value, double *slope)
{
  lbfgs_line *line = params;
  lbfgs_state *state = line->state;

  memcpy(state->x->data, line->x->data, state->n * sizeof(double));
  ufm__axpy(state->n, a, state->direction, state->x->data);
  GSL_MULTIMIN_FN_EVAL_F_DF(line->fdf, state->x, value, state->g);
  *slope = ufm__dot(state->n, state->direction, state->g->data);
  return isfinite(*value) && isfinite(*slope);
}

/* Keeps the pair (s, y) unless its curvature is not safely positive. */
static void remember(lbfgs_state *state, const gsl_vector *dx,
                     const gsl_vector *gradient)
{
  size_t n = state->n, i = state->pairs > 0 ? (state->newest + 1) % SLOTS : 0;
  size_t most = state->preconditioner.prepare != NULL ? PRECONDITIONED : MEMORY;
  double *s = state->s + i * n, *y = state->y + i * n, curvature;

  memcpy(s, dx->data, n * sizeof *s);
  memcpy(y, state->g->data, n * sizeof *y);
  ufm__axpy(n, -1.0, gradient->data, y);
  curvature = ufm__dot(n, s, y);
  if (!(curvature > DBL_EPSILON * ufm__norm(n, s) * ufm__norm(n, y)))
    return;
  state->rho[i] = 1.0 / curvature;
  state->newest = i;
  state->pairs = state->pairs < most ? state->pairs + 1 : most;
}

static int lbfgs_iterate(void *vstate, gsl_multimin_function_fdf *fdf,
                         gsl_vector *x, double *f, gsl_vector *gradient,
                         gsl_vector *dx)
{
  lbfgs_state *state = vstate;
  lbfgs_line params = {state, fdf, x};
  ufm__line line = {evaluate, &params};
  ufm__line_point start = {0.0, *f, 0.0}, found;
  double first = 1.0;
  int code;

  code = choose_direction(state, x, gradient->data, &start.slope);
  if (code != GSL_SUCCESS)
    return code;
  if (!(start.slope < 0.0) || !isfinite(start.slope))
    return GSL_ENOPROG;
  if (state->pairs == 0) {
    first = state->first_step / ufm__norm(state->n, state->direction);
    if (state->preconditioner.apply != NULL)
      first = fmin(first, 1.0);
  }
  switch (ufm__line_search(&line, &start, first, state->sigma, &found)) {
  case UFM__LINE_FOUND:
    break;
  case UFM__LINE_NO_PROGRESS:
    return GSL_ENOPROG;
  case UFM__LINE_NOT_FINITE:
    return GSL_EBADFUNC;
  }
  memcpy(dx->data, state->x->data, state->n * sizeof(double));
  ufm__axpy(state->n, -1.0, x->data, dx->data);
  remember(state, dx, gradient);
  memcpy(x->data, state->x->data, state->n * sizeof(double));
  memcpy(gradient->data, state->g->data, state->n * sizeof(double));
  *f = found.value;
  return GSL_SUCCESS;
}

static const gsl_multimin_fdfminimizer_type lbfgs_type = {
    "lbfgs",       sizeof(lbfgs_state), lbfgs_alloc, lbfgs_set,
    lbfgs_iterate, lbfgs_restart,       lbfgs_free};

ufm_preconditioner *ufm__lbfgs_preconditioner(void *vstate)
{
  return &((lbfgs_state *)vstate)->preconditioner;
}

const gsl_multimin_fdfminimizer_type *const ufm_minimizer_lbfgs = &lbfgs_type;
