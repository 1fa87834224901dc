/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lambda-homotopy. */
#include <config.h>

#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>

#include <ufm/minimize.h>

#include "linalg/blas.h"
#include "solve/homotopy.h"

/* A point on the way needs no more: gradient relative to the first, and
   iterations. */
static const double drop = 1e-3;
enum { ITERATIONS = 200, STEPS = 64 };

typedef struct path {
  ufm_objective *objective;
  size_t n;     /* variables with the penalty kappa: all but the bias */
  double extra; /* penalty beyond that of F */
} path;

static double path_f(const gsl_vector *x, void *params)
{
  path *p = params;

  return ufm_objective_value(p->objective, x->data) +
         0.5 * p->extra * ufm__sum_of_squares(p->n, x->data);
}

static void path_fdf(const gsl_vector *x, void *params, double *f,
                     gsl_vector *g)
{
  path *p = params;

  *f = ufm_objective_gradient(p->objective, x->data, g->data) +
       0.5 * p->extra * ufm__sum_of_squares(p->n, x->data);
  ufm__axpy(p->n, p->extra, x->data, g->data);
}

static void path_df(const gsl_vector *x, void *params, gsl_vector *g)
{
  double f;

  path_fdf(x, params, &f, g);
}

static int path_hessian(const gsl_vector *x, void *params, const gsl_vector *v,
                        gsl_vector *out)
{
  path *p = params;
  ufm_error error = {{0}};

  if (ufm_objective_hessian(p->objective, x->data, v->data, out->data,
                            &error) != UFM_OK)
    return GSL_ENOMEM;
  ufm__axpy(p->n, p->extra, v->data, out->data);
  return GSL_SUCCESS;
}

/* A rough minimum from x.  Whatever stops it, the point it has is a start. */
static void descend(ufm__runner *runner, path *p, gsl_vector *x, ufm_run *run)
{
  gsl_multimin_function_fdf function = {path_f, path_df, path_fdf, x->size, p};
  gsl_multimin_fdfminimizer *m = runner->minimizer;
  double step = runner->method.first_step * gsl_blas_dnrm2(x), first;

  if (gsl_multimin_fdfminimizer_set(m, &function, x, step > 0.0 ? step : 1.0,
                                    runner->method.tol) != GSL_SUCCESS)
    return;
  first = gsl_blas_dnrm2(m->gradient);
  for (int i = 0; i < ITERATIONS; i++) {
    if (!(gsl_blas_dnrm2(m->gradient) > drop * first) ||
        gsl_multimin_fdfminimizer_iterate(m) != GSL_SUCCESS)
      break;
    run->iterations++;
  }
  if (isfinite(m->f))
    gsl_vector_memcpy(x, m->x);
}

void ufm__homotopy(ufm__runner *runner, double from, gsl_vector *x,
                   ufm_run *run)
{
  path p = {runner->objective, ufm_objective_layout(runner->objective)->b, 0.0};
  double factor = from > 1.0 ? 0.5 : 2.0;

  /* Those of F do not fit the path; types that want none refuse. */
  ufm_newton_set_hessian(runner->minimizer, path_hessian, &p);
  ufm_minimizer_set_preconditioner(runner->minimizer, NULL);
  for (int i = 0; i < STEPS && from != 1.0; i++) {
    p.extra = runner->stop.kappa * (from - 1.0);
    descend(runner, &p, x, run);
    from *= factor;
    if ((factor < 1.0) == (from < 1.0))
      break;
  }
  if (!ufm__advise(runner, runner->minimizer))
    ufm_minimizer_set_preconditioner(runner->minimizer, NULL);
}
