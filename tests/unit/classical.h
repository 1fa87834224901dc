/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classical problems (More, Garbow and Hillstrom, ACM TOMS 7, 1981) and hostile
   ones for minimizers of GSL's type, and a loop that counts calls. */
#ifndef UFM_TESTS_CLASSICAL_H
#define UFM_TESTS_CLASSICAL_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include <ufm/minimize.h>

#include "run.h"

enum { MAX_N = 100 };

/* A test problem: f and its gradient in one call, a start, the minimum. */
typedef struct problem {
  const char *name;
  size_t n;
  double (*fdf)(size_t n, const double *x, double *g);
  void (*start)(size_t n, double *x);
  double minimum, gradient; /* f at the solution, largest final |grad| */
} problem;

/* Extended Rosenbrock. */
static inline double rosenbrock(size_t n, const double *x, double *g)
{
  double f = 0.0;

  for (size_t i = 0; i < n; i += 2) {
    double a = x[i + 1] - x[i] * x[i], b = 1.0 - x[i];

    f += 100.0 * a * a + b * b;
    g[i] = -400.0 * a * x[i] - 2.0 * b;
    g[i + 1] = 200.0 * a;
  }
  return f;
}

static inline void rosenbrock_start(size_t n, double *x)
{
  for (size_t i = 0; i < n; i += 2) {
    x[i] = -1.2;
    x[i + 1] = 1.0;
  }
}

static inline double beale(size_t n, const double *x, double *g)
{
  static const double y[] = {1.5, 2.25, 2.625};
  double f = 0.0, power = 1.0;

  (void)n;
  g[0] = g[1] = 0.0;
  for (int i = 0; i < 3; i++) {
    double before = power, r;

    power *= x[1];
    r = y[i] - x[0] * (1.0 - power);
    f += r * r;
    g[0] -= 2.0 * r * (1.0 - power);
    g[1] += 2.0 * r * x[0] * (i + 1) * before;
  }
  return f;
}

static inline void ones(size_t n, double *x)
{
  for (size_t i = 0; i < n; i++)
    x[i] = 1.0;
}

static inline double wood(size_t n, const double *x, double *g)
{
  double a = x[1] - x[0] * x[0], b = x[3] - x[2] * x[2];
  double c = x[1] + x[3] - 2.0, d = x[1] - x[3];

  (void)n;
  g[0] = -400.0 * x[0] * a - 2.0 * (1.0 - x[0]);
  g[1] = 200.0 * a + 20.0 * c + 0.2 * d;
  g[2] = -360.0 * x[2] * b - 2.0 * (1.0 - x[2]);
  g[3] = 180.0 * b + 20.0 * c - 0.2 * d;
  return 100.0 * a * a + pow(1.0 - x[0], 2.0) + 90.0 * b * b +
         pow(1.0 - x[2], 2.0) + 10.0 * c * c + 0.1 * d * d;
}

static inline void wood_start(size_t n, double *x)
{
  for (size_t i = 0; i < n; i++)
    x[i] = i % 2 == 0 ? -3.0 : -1.0;
}

/* Singular Hessian at the solution: x = 0 is reached only like a power. */
static inline double powell_singular(size_t n, const double *x, double *g)
{
  double a = x[0] + 10.0 * x[1], b = x[2] - x[3], c = x[1] - 2.0 * x[2],
         d = x[0] - x[3];

  (void)n;
  g[0] = 2.0 * a + 40.0 * d * d * d;
  g[1] = 20.0 * a + 4.0 * c * c * c;
  g[2] = 10.0 * b - 8.0 * c * c * c;
  g[3] = -10.0 * b - 40.0 * d * d * d;
  return a * a + 5.0 * b * b + c * c * c * c + 10.0 * d * d * d * d;
}

static inline void powell_start(size_t n, double *x)
{
  static const double start[] = {3.0, -1.0, 0.0, 1.0};

  memcpy(x, start, n * sizeof *x);
}

/* Convex quadratic with condition number 1e3. */
static inline double quadratic(size_t n, const double *x, double *g)
{
  double f = 0.0;

  for (size_t i = 0; i < n; i++) {
    double weight = pow(1e3, (double)i / (double)(n - 1));

    g[i] = weight * x[i];
    f += 0.5 * weight * x[i] * x[i];
  }
  return f;
}

/* Pairs of min (wh - 1)^2/2 + 0.05 (w^2 + h^2): minimum at wh = 0.9, |w| = |h|,
   value 0.1 - 0.005 each. */
static inline double factorisation(size_t n, const double *x, double *g)
{
  double f = 0.0;

  for (size_t i = 0; i < n; i += 2) {
    double r = x[i] * x[i + 1] - 1.0;

    f += 0.5 * r * r + 0.05 * (x[i] * x[i] + x[i + 1] * x[i + 1]);
    g[i] = r * x[i + 1] + 0.1 * x[i];
    g[i + 1] = r * x[i] + 0.1 * x[i + 1];
  }
  return f;
}

static inline void uneven(size_t n, double *x)
{
  for (size_t i = 0; i < n; i++)
    x[i] = i % 2 == 0 ? 3.0 : 0.1;
}

static const problem problems[] = {
    {"rosenbrock 2", 2, rosenbrock, rosenbrock_start, 0.0, 1e-9},
    {"rosenbrock 100", 100, rosenbrock, rosenbrock_start, 0.0, 1e-9},
    {"beale", 2, beale, ones, 0.0, 1e-9},
    {"wood", 4, wood, wood_start, 0.0, 1e-9},
    {"powell singular", 4, powell_singular, powell_start, 0.0, 1e-9},
    {"quadratic", 50, quadratic, ones, 0.0, 1e-9},
    {"factorisation", 10, factorisation, uneven, 0.475, 1e-10}};
enum { PROBLEMS = sizeof problems / sizeof problems[0] };

/* Counts calls; each evaluates value and gradient together. */
typedef struct counted {
  const problem *problem;
  size_t calls;
} counted;

static inline void fdf(const gsl_vector *x, void *params, double *f,
                       gsl_vector *g)
{
  counted *c = params;

  c->calls++;
  *f = c->problem->fdf(x->size, x->data, g->data);
}

static inline double only_f(const gsl_vector *x, void *params)
{
  double g[MAX_N];
  counted *c = params;

  c->calls++;
  return c->problem->fdf(x->size, x->data, g);
}

static inline void only_df(const gsl_vector *x, void *params, gsl_vector *g)
{
  double f;

  fdf(x, params, &f, g);
}

/* Minimises; returns the last status, the point in x. */
static inline int minimise(const gsl_multimin_fdfminimizer_type *type,
                           double tol, counted *c, double *x, double *f,
                           double *norm)
{
  size_t n = c->problem->n;
  gsl_multimin_function_fdf function = {only_f, only_df, fdf, n, c};
  gsl_multimin_fdfminimizer *m = gsl_multimin_fdfminimizer_alloc(type, n);
  gsl_vector_view start = gsl_vector_view_array(x, n);
  int status;
  double before;

  ck_assert_ptr_nonnull(m);
  ck_assert_int_eq(
      gsl_multimin_fdfminimizer_set(m, &function, &start.vector, 0.1, tol), 0);
  before = m->f;
  for (int i = 0; i < 5000; i++) {
    status = gsl_multimin_fdfminimizer_iterate(m);
    if (status != GSL_SUCCESS ||
        gsl_multimin_test_gradient(m->gradient, c->problem->gradient) ==
            GSL_SUCCESS)
      break;
    ck_assert_msg(type != ufm_minimizer_lbfgs ||
                      m->f <= before + 8.0 * DBL_EPSILON * fabs(before),
                  "%s: f rose from %.17g to %.17g", c->problem->name, before,
                  m->f);
    before = m->f;
  }
  memcpy(x, m->x->data, n * sizeof *x);
  *f = m->f;
  *norm = gsl_blas_dnrm2(m->gradient);
  gsl_multimin_fdfminimizer_free(m);
  return status;
}

/* f = sum w_i (exp(x_i) - x_i - 1): minimum at 0, curvatures w_i exp(x_i) from
   1 to 1e4. */
enum { HILLS = 40 };

static inline double hill(size_t i)
{
  return pow(1e4, (double)i / (HILLS - 1));
}

static inline double hills(size_t n, const double *x, double *g)
{
  double f = 0.0;

  for (size_t i = 0; i < n; i++) {
    double e = expm1(x[i]);

    f += hill(i) * (e - x[i]);
    g[i] = hill(i) * e;
  }
  return f;
}

static const problem hilly = {"hills", HILLS, hills, ones, 0.0, 1e-10};

/* log(1 + exp(-x)) + ...: finite only left of a wall, as an overflow is. */
static inline double wall(size_t n, const double *x, double *g)
{
  (void)n;
  if (x[0] >= 2.0) {
    g[0] = (double)NAN;
    return (double)NAN;
  }
  g[0] = -1.0 + 1.0 / (2.0 - x[0]) * 0.01;
  return -x[0] - 0.01 * log(2.0 - x[0]);
}

static inline double unbounded(size_t n, const double *x, double *g)
{
  (void)n;
  g[0] = -1.0;
  return -x[0];
}

static inline double nowhere(size_t n, const double *x, double *g)
{
  (void)n;
  (void)x;
  g[0] = 1.0;
  return x[0] == 0.0 ? 1.0 : (double)NAN;
}

static inline double flat(size_t n, const double *x, double *g)
{
  (void)n;
  (void)x;
  g[0] = 0.0;
  return 3.0;
}

static inline void origin(size_t n, double *x)
{
  memset(x, 0, n * sizeof *x);
}

#endif
