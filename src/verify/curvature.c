/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient and Hessian products in double precision and balanced variables. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cblas.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/curvature.h"

static double *doubles(size_t n)
{
  return calloc(n > 0 ? n : 1, sizeof(double));
}

/* One J x d_{m+1} array for every m from `first` on. */
static bool layers_init(double ***out, const ufm__model *model, size_t first)
{
  bool good;

  *out = calloc(model->M + 1, sizeof **out);
  good = *out != NULL;
  for (size_t m = first; good && m <= model->M; m++) {
    (*out)[m] = doubles(model->J * model->width[m]);
    good = (*out)[m] != NULL;
  }
  return good;
}

static void layers_clear(double **layers, const ufm__model *model, size_t first)
{
  for (size_t m = first; layers != NULL && m <= model->M; m++)
    free(layers[m]);
  free(layers);
}

static void set_scales(ufm__curvature *c)
{
  const ufm__model *model = c->model;
  size_t L = model->M + 1;
  double lambda_h = ufm__rational_double(model->lambda[model->M]);

  c->kappa = 0.0;
  for (size_t m = 0; m < L; m++)
    c->kappa += log(ufm__rational_double(model->lambda[m])) / (double)L;
  c->kappa = model->fixed ? lambda_h : exp(c->kappa);
  for (size_t m = 0; m < model->M; m++)
    c->scale_w[m] =
        model->fixed ? 1.0
                     : sqrt(c->kappa / ufm__rational_double(model->lambda[m]));
  for (size_t j = 0; j < model->J; j++) {
    c->pi[j] = ufm__rational_double(model->pi[j]);
    c->root_nu[j] = sqrt(ufm__rational_double(model->nu[j]));
    c->scale_h[j] = sqrt(c->kappa / lambda_h) / c->root_nu[j];
  }
  for (size_t i = 0; i < model->J * model->K; i++)
    c->target[i] = ufm__rational_double(model->target[i]);
  if (model->bias == UFM_BIAS_RIDGE)
    c->lambda_b = ufm__rational_double(model->lambda_b);
}

ufm_status ufm__curvature_init(ufm__curvature *out, const ufm__model *model,
                               ufm_error *error)
{
  size_t JK = model->J * model->K;
  bool good;

  *out = (ufm__curvature){.model = model};
  good = layers_init(&out->act, model, 1);
  good = layers_init(&out->back, model, 0) && good;
  good = layers_init(&out->dact, model, 1) && good;
  good = layers_init(&out->dback, model, 1) && good;
  out->scale_w = doubles(model->M);
  out->scale_h = doubles(model->J);
  out->pi = doubles(model->J);
  out->root_nu = doubles(model->J);
  out->target = doubles(JK);
  out->x = doubles(model->size);
  out->p = doubles(JK);
  out->E = doubles(JK);
  if (!good || out->scale_w == NULL || out->scale_h == NULL ||
      out->pi == NULL || out->root_nu == NULL || out->target == NULL ||
      out->x == NULL || out->p == NULL || out->E == NULL) {
    ufm__curvature_clear(out);
    return ufm__no_memory(error, "verify: Hessian");
  }
  set_scales(out);
  return UFM_OK;
}

void ufm__curvature_clear(ufm__curvature *c)
{
  if (c->model == NULL)
    return;
  layers_clear(c->act, c->model, 1);
  layers_clear(c->back, c->model, 0);
  layers_clear(c->dact, c->model, 1);
  layers_clear(c->dback, c->model, 1);
  free(c->scale_w);
  free(c->scale_h);
  free(c->pi);
  free(c->root_nu);
  free(c->target);
  free(c->x);
  free(c->p);
  free(c->E);
  *c = (ufm__curvature){0};
}

/* C = beta C + A B, A^T B or A B^T; C is m x n, k is summed; row-major. */
static void gemm(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, size_t m,
                 size_t n, size_t k, const double *a, const double *b,
                 double beta, double *c)
{
  cblas_dgemm(CblasRowMajor, ta, tb, (int)m, (int)n, (int)k, 1.0, a,
              (int)(ta == CblasNoTrans ? k : m), b,
              (int)(tb == CblasNoTrans ? n : k), beta, c, (int)n);
}

static void forward(ufm__curvature *c)
{
  const ufm__model *model = c->model;

  c->act[0] = c->x + model->h;
  for (size_t m = 1; m <= model->M; m++)
    gemm(CblasNoTrans, CblasTrans, model->J, model->width[m],
         model->width[m - 1], c->act[m - 1], c->x + model->w[m - 1], 0.0,
         c->act[m]);
}

/* back[M] from E, then down to the features; g (if any) gets the gradient. */
static void backward(ufm__curvature *c, double *g)
{
  const ufm__model *model = c->model;
  size_t K = model->K, J = model->J;

  for (size_t j = 0; j < J; j++)
    for (size_t i = 0; i < K; i++)
      c->back[model->M][j * K + i] =
          -c->pi[j] * c->E[j * K + i] / c->root_nu[j];
  for (size_t m = model->M; m >= 1; m--) {
    size_t in = model->width[m - 1], out = model->width[m];

    if (g != NULL)
      gemm(CblasTrans, CblasNoTrans, out, in, J, c->back[m], c->act[m - 1], 0.0,
           g + model->w[m - 1]);
    gemm(CblasNoTrans, CblasNoTrans, J, in, out, c->back[m],
         c->x + model->w[m - 1], 0.0, c->back[m - 1]);
  }
  if (g != NULL)
    memcpy(g + model->h, c->back[0], J * model->width[0] * sizeof *g);
}

/* p, E of column j at the logits y; returns the loss. */
static double column_loss(ufm__curvature *c, size_t j, const double *y)
{
  size_t K = c->model->K, top = 0;
  const double *t = c->target + j * K;
  double *p = c->p + j * K, *E = c->E + j * K, sum = 0.0, loss = 0.0;

  if (c->model->loss == UFM_LOSS_MSE) {
    for (size_t i = 0; i < K; i++) {
      p[i] = y[i];
      E[i] = t[i] - y[i];
      loss += 0.5 * E[i] * E[i];
    }
    return loss;
  }
  for (size_t i = 1; i < K; i++)
    if (y[i] > y[top])
      top = i;
  for (size_t i = 0; i < K; i++) {
    p[i] = exp(y[i] - y[top]);
    if (i != top)
      sum += p[i];
    loss += t[i] * (y[top] - y[i]);
  }
  for (size_t i = 0; i < K; i++) {
    p[i] /= 1.0 + sum;
    E[i] = t[i] - p[i];
  }
  return loss + log1p(sum);
}

double ufm__curvature_gradient(ufm__curvature *c, const double *x, double *g)
{
  const ufm__model *model = c->model;
  size_t K = model->K, inner = model->b;
  double value = 0.0, *y = c->dback[model->M];

  memcpy(c->x, x, model->size * sizeof *x);
  forward(c);
  for (size_t j = 0; j < model->J; j++) {
    for (size_t i = 0; i < K; i++) {
      y[i] = c->act[model->M][j * K + i] / c->root_nu[j];
      if (model->bias != UFM_BIAS_NONE)
        y[i] += x[model->b + i];
    }
    value += c->pi[j] * column_loss(c, j, y);
  }
  backward(c, g);
  cblas_daxpy((int)inner, c->kappa, x, 1, g, 1);
  value += 0.5 * c->kappa * cblas_ddot((int)inner, x, 1, x, 1);
  for (size_t i = 0; i < K && model->bias != UFM_BIAS_NONE; i++) {
    g[model->b + i] = c->lambda_b * x[model->b + i];
    for (size_t j = 0; j < model->J; j++)
      g[model->b + i] -= c->pi[j] * c->E[j * K + i];
    value += 0.5 * c->lambda_b * x[model->b + i] * x[model->b + i];
  }
  return value;
}

void ufm__curvature_at(ufm__curvature *c, mpfr_t *x, mpfr_t *p, mpfr_t *E)
{
  const ufm__model *model = c->model;
  size_t d = model->width[0];

  for (size_t m = 1; m <= model->M; m++)
    for (size_t i = 0; i < model->width[m] * model->width[m - 1]; i++)
      c->x[model->w[m - 1] + i] =
          mpfr_get_d(x[model->w[m - 1] + i], MPFR_RNDN) / c->scale_w[m - 1];
  for (size_t j = 0; j < model->J; j++)
    for (size_t i = 0; i < d; i++)
      c->x[model->h + j * d + i] =
          mpfr_get_d(x[model->h + j * d + i], MPFR_RNDN) / c->scale_h[j];
  for (size_t i = model->b; i < model->size; i++)
    c->x[i] = mpfr_get_d(x[i], MPFR_RNDN);
  for (size_t i = 0; i < model->J * model->K; i++) {
    c->p[i] = mpfr_get_d(p[i], MPFR_RNDN);
    c->E[i] = mpfr_get_d(E[i], MPFR_RNDN);
  }
  forward(c);
  backward(c, NULL);
}

/* dback[M] from the tangent of the logits dy = dact[M]/sqrt(nu) + db:
   dE = -(diag p - p p^T) dy (ce), -dy (mse); bias part of the product. */
static void loss_tangent(ufm__curvature *c, const double *v, double *out)
{
  const ufm__model *model = c->model;
  size_t K = model->K;
  bool bias = model->bias != UFM_BIAS_NONE;

  for (size_t i = model->b; i < model->size; i++)
    out[i] = c->lambda_b * v[i];
  for (size_t j = 0; j < model->J; j++) {
    const double *p = c->p + j * K;
    double *dy = c->dback[model->M] + j * K, mean = 0.0;

    for (size_t i = 0; i < K; i++) {
      dy[i] = c->dact[model->M][j * K + i] / c->root_nu[j];
      if (bias)
        dy[i] += v[model->b + i];
      mean += p[i] * dy[i];
    }
    for (size_t i = 0; i < K; i++) {
      double curved =
          model->loss == UFM_LOSS_MSE ? dy[i] : p[i] * (dy[i] - mean);

      if (bias)
        out[model->b + i] += c->pi[j] * curved;
      dy[i] = c->pi[j] * curved / c->root_nu[j];
    }
  }
}

void ufm__curvature_product(ufm__curvature *c, const double *v, double *out)
{
  const ufm__model *model = c->model;
  size_t J = model->J;

  for (size_t m = 1; m <= model->M; m++) {
    size_t in = model->width[m - 1], width = model->width[m];
    const double *below = m == 1 ? v + model->h : c->dact[m - 1];

    gemm(CblasNoTrans, CblasTrans, J, width, in, below, c->x + model->w[m - 1],
         0.0, c->dact[m]);
    gemm(CblasNoTrans, CblasTrans, J, width, in, c->act[m - 1],
         v + model->w[m - 1], 1.0, c->dact[m]);
  }
  loss_tangent(c, v, out);
  for (size_t m = model->M; m >= 1; m--) {
    size_t in = model->width[m - 1], width = model->width[m];
    const double *below = m == 1 ? v + model->h : c->dact[m - 1];
    double *g = out + model->w[m - 1];
    double *next = m == 1 ? out + model->h : c->dback[m - 1];

    gemm(CblasTrans, CblasNoTrans, width, in, J, c->dback[m], c->act[m - 1],
         0.0, g);
    gemm(CblasTrans, CblasNoTrans, width, in, J, c->back[m], below, 1.0, g);
    gemm(CblasNoTrans, CblasNoTrans, J, in, width, c->dback[m],
         c->x + model->w[m - 1], 0.0, next);
    gemm(CblasNoTrans, CblasNoTrans, J, in, width, c->back[m],
         v + model->w[m - 1], 1.0, next);
  }
  cblas_daxpy((int)model->b, c->kappa, v, 1, out, 1);
  if (model->fixed)
    memset(out, 0, model->h * sizeof *out);
}

void ufm__curvature_scale(const ufm__curvature *c, double *v)
{
  const ufm__model *model = c->model;
  size_t d = model->width[0];

  for (size_t m = 1; m <= model->M; m++)
    cblas_dscal((int)(model->width[m] * model->width[m - 1]), c->scale_w[m - 1],
                v + model->w[m - 1], 1);
  for (size_t j = 0; j < model->J; j++)
    cblas_dscal((int)d, c->scale_h[j], v + model->h + j * d, 1);
}
