/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spherical codes by repulsion. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_randist.h>

#include <ufm/minimize.h>

#include "core/error.h"
#include "core/memory.h"
#include "linalg/blas.h"
#include "solve/repulsion.h"

/* A soft start orders the vectors, a hard end makes the code; each stage is
   cut short because the next one moves on anyway. */
static const double hardness[] = {2.0, 8.0, 32.0, 128.0, 512.0};
enum { STAGES = sizeof hardness / sizeof hardness[0], ITERATIONS = 60 };

/* The energy in free vectors y_i, x_i = y_i/|y_i|. */
typedef struct energy {
  size_t N, d;
  double b;
  double *X;      /* N x d */
  double *length; /* N: |y_i| */
  double *G;      /* N x N: cosines, then weights */
  double *pull;   /* N x d: derivative with respect to x_i */
} energy;

static ufm_status energy_init(energy *e, size_t N, size_t d, ufm_error *error)
{
  size_t need = 0;
  ufm_status status = UFM_ERANGE;

  *e = (energy){.N = N, .d = d};
  if (ufm__add_product(&need, N, N) && ufm__add_product(&need, 3 * N, d))
    status = ufm__check_doubles_fit(need, "repulsion", error);
  if (status != UFM_OK)
    return status;
  e->X = malloc(N * d * sizeof *e->X);
  e->length = malloc(N * sizeof *e->length);
  e->G = malloc(N * N * sizeof *e->G);
  e->pull = malloc(N * d * sizeof *e->pull);
  return e->X != NULL && e->length != NULL && e->G != NULL && e->pull != NULL
             ? UFM_OK
             : ufm__no_memory(error, "repulsion");
}

static void energy_clear(energy *e)
{
  free(e->X);
  free(e->length);
  free(e->G);
  free(e->pull);
}

/* G becomes the softmax weights of its pairs; returns the energy. */
static double weigh(energy *e)
{
  size_t N = e->N;
  double top = -1.0, sum = 0.0;

  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < i; j++)
      top = fmax(top, e->G[i * N + j]);
  for (size_t i = 0; i < N; i++) {
    e->G[i * N + i] = 0.0;
    for (size_t j = 0; j < i; j++)
      sum += e->G[i * N + j] = exp(e->b * (e->G[i * N + j] - top));
  }
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < i; j++)
      e->G[j * N + i] = e->G[i * N + j] /= sum;
  return top + log(sum) / e->b;
}

static double energy_gradient(energy *e, const double *y, double *g)
{
  size_t N = e->N, d = e->d;
  double value;

  for (size_t i = 0; i < N; i++) {
    e->length[i] = ufm__norm(d, y + i * d);
    for (size_t k = 0; k < d; k++)
      e->X[i * d + k] = y[i * d + k] / e->length[i];
  }
  ufm__gemm_nt(N, N, d, e->X, e->X, 0.0, e->G);
  value = weigh(e);
  if (g == NULL)
    return value;
  ufm__gemm(N, d, N, e->G, e->X, 0.0, e->pull);
  for (size_t i = 0; i < N; i++) {
    const double *x = e->X + i * d, *p = e->pull + i * d;
    double radial = ufm__dot(d, p, x);

    for (size_t k = 0; k < d; k++)
      g[i * d + k] = (p[k] - radial * x[k]) / e->length[i];
  }
  return value;
}

static double energy_f(const gsl_vector *y, void *params)
{
  return energy_gradient(params, y->data, NULL);
}

static void energy_fdf(const gsl_vector *y, void *params, double *f,
                       gsl_vector *g)
{
  *f = energy_gradient(params, y->data, g->data);
}

static void energy_df(const gsl_vector *y, void *params, gsl_vector *g)
{
  energy_gradient(params, y->data, g->data);
}

static void descend(energy *e, gsl_multimin_fdfminimizer *m, gsl_vector *y)
{
  gsl_multimin_function_fdf function = {energy_f, energy_df, energy_fdf,
                                        y->size, e};

  for (int stage = 0; stage < STAGES; stage++) {
    e->b = hardness[stage];
    if (gsl_multimin_fdfminimizer_set(m, &function, y, 0.1, 0.9) != GSL_SUCCESS)
      return;
    for (int i = 0; i < ITERATIONS; i++)
      if (gsl_multimin_fdfminimizer_iterate(m) != GSL_SUCCESS)
        break;
    /* on the sphere again, so that steps keep their size */
    energy_gradient(e, m->x->data, NULL);
    for (size_t i = 0; i < y->size; i++)
      y->data[i] = e->X[i];
  }
}

ufm_status ufm__repulsion(size_t N, size_t d, gsl_rng *rng, double *X,
                          ufm_error *error)
{
  energy e;
  gsl_multimin_fdfminimizer *m = NULL;
  gsl_vector_view y = gsl_vector_view_array(X, N * d);
  ufm_status status = energy_init(&e, N, d, error);

  if (status == UFM_OK) {
    m = gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, N * d);
    if (m == NULL)
      status = ufm__no_memory(error, "repulsion");
  }
  if (status == UFM_OK) {
    for (size_t i = 0; i < N; i++)
      gsl_ran_dir_nd(rng, d, X + i * d);
    descend(&e, m, &y.vector);
  }
  if (m != NULL)
    gsl_multimin_fdfminimizer_free(m);
  energy_clear(&e);
  return status;
}
