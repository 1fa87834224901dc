/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cblas.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/orbit_curvature.h"

/* sqrt(kappa/(lambda n)), or 0 where there is no such variable */
static double scale_of(double kappa, double lambda, double n)
{
  return n > 0.0 ? sqrt(kappa / (lambda * n)) : 0.0;
}

static void set_scales(ufm__orbit_curvature *c)
{
  const ufm__orbit_model *m = c->model;
  double lambda_w = ufm__rational_double(m->lambda_w);
  double lambda_h = ufm__rational_double(m->lambda_h);

  c->kappa = sqrt(lambda_w) * sqrt(lambda_h);
  for (size_t g = 0; g < m->G; g++) {
    double K = (double)m->classes[g], nu = ufm__rational_double(m->nu[g]);

    c->pi[g] = ufm__rational_double(m->pi[g]);
    c->scale[m->w + g] = scale_of(c->kappa, lambda_w, K - 1.0);
    c->scale[m->h + g] = scale_of(c->kappa, lambda_h * nu, K - 1.0);
    for (size_t i = 0; i < m->r; i++) {
      c->scale[m->v + g * m->r + i] = scale_of(c->kappa, lambda_w, K);
      c->scale[m->y + g * m->r + i] = scale_of(c->kappa, lambda_h * nu, K);
    }
    if (m->bias == UFM_BIAS_NONE)
      continue;
    c->scale[m->b + g] = 1.0 / sqrt(K);
    c->ridge[g] = ufm__rational_double(m->lambda_b);
  }
}

ufm_status ufm__orbit_curvature_init(ufm__orbit_curvature *out,
                                     const ufm__orbit_model *model,
                                     ufm_error *error)
{
  size_t G = model->G;

  *out = (ufm__orbit_curvature){.model = model};
  out->scale = calloc(model->size, sizeof(double));
  out->ridge = calloc(G, sizeof(double));
  out->pi = calloc(G, sizeof(double));
  out->x = calloc(model->size, sizeof(double));
  out->p = calloc(G * (G + 1), sizeof(double));
  out->pull = calloc(G, sizeof(double));
  out->sum = calloc(G * G, sizeof(double));
  out->dx = calloc(model->size, sizeof(double));
  out->dz = calloc(G * G, sizeof(double));
  out->dy = calloc(G + 1, sizeof(double));
  if (out->scale == NULL || out->ridge == NULL || out->pi == NULL ||
      out->x == NULL || out->p == NULL || out->pull == NULL ||
      out->sum == NULL || out->dx == NULL || out->dz == NULL ||
      out->dy == NULL) {
    ufm__orbit_curvature_clear(out);
    return ufm__no_memory(error, "verify: Hessian");
  }
  set_scales(out);
  return UFM_OK;
}

void ufm__orbit_curvature_clear(ufm__orbit_curvature *c)
{
  free(c->scale);
  free(c->ridge);
  free(c->pi);
  free(c->x);
  free(c->p);
  free(c->pull);
  free(c->sum);
  free(c->dx);
  free(c->dz);
  free(c->dy);
  *c = (ufm__orbit_curvature){0};
}

void ufm__orbit_curvature_at(ufm__orbit_curvature *c, mpfr_t *x,
                             const ufm__orbit_evaluation *ev)
{
  const ufm__orbit_model *m = c->model;
  size_t G = m->G;

  for (size_t i = 0; i < m->size; i++)
    c->x[i] = mpfr_get_d(x[i], MPFR_RNDN);
  for (size_t i = 0; i < G * (G + 1); i++)
    c->p[i] = mpfr_get_d(ev->p[i], MPFR_RNDN);
  for (size_t i = 0; i < G * G; i++)
    c->sum[i] = mpfr_get_d(ev->sum[i], MPFR_RNDN);
  for (size_t g = 0; g < G; g++)
    c->pull[g] = ((double)m->classes[g] - 1.0) * c->pi[g] *
                 (mpfr_get_d(ev->E[g * (G + 1) + G], MPFR_RNDN) -
                  mpfr_get_d(ev->E[g * (G + 1) + g], MPFR_RNDN));
}

/* C = beta C + A B, or A B^T, or A^T B; C is m x n, k is summed. */
static void gemm(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, size_t m,
                 size_t n, size_t k, const double *a, const double *b,
                 double beta, double *c)
{
  if (m > 0 && n > 0 && k > 0)
    cblas_dgemm(CblasRowMajor, ta, tb, (int)m, (int)n, (int)k, 1.0, a,
                (int)(ta == CblasNoTrans ? k : m), b,
                (int)(tb == CblasNoTrans ? n : k), beta, c, (int)n);
}

/* Tangent of column g: c->dz holds those of v_f . y_g.  Writes the tangents of
   column g of sum there, of the biases' gradient into out, and returns that of
   pull. */
static double column(ufm__orbit_curvature *c, size_t g, double *out)
{
  const ufm__orbit_model *m = c->model;
  size_t G = m->G;
  const double *p = c->p + g * (G + 1);
  double *dy = c->dy, mean = 0.0, K = (double)m->classes[g];
  double dc =
      c->dx[m->w + g] * c->x[m->h + g] + c->x[m->w + g] * c->dx[m->h + g];

  for (size_t f = 0; f < G; f++) {
    dy[f] = c->dz[f * G + g];
    if (m->bias != UFM_BIAS_NONE)
      dy[f] += c->dx[m->b + f];
  }
  dy[G] = dy[g] + dc * ((K - 1.0) / K);
  dy[g] -= dc / K;
  for (size_t f = 0; f <= G && m->loss == UFM_LOSS_CE; f++)
    mean += (double)ufm__orbit_many(m, g, f) * p[f] * dy[f];
  for (size_t f = 0; f <= G && m->loss == UFM_LOSS_CE; f++)
    dy[f] = p[f] * (dy[f] - mean);
  for (size_t f = 0; f < G; f++) {
    double sum = (double)ufm__orbit_many(m, g, f) * dy[f];

    if (f == g)
      sum += dy[G];
    sum *= K * c->pi[g];
    c->dz[f * G + g] = sum;
    if (m->bias != UFM_BIAS_NONE)
      out[m->b + f] += sum;
  }
  return -(K - 1.0) * c->pi[g] * (dy[G] - dy[g]);
}

void ufm__orbit_curvature_product(ufm__orbit_curvature *c, const double *v,
                                  double *out)
{
  const ufm__orbit_model *m = c->model;
  size_t G = m->G, r = m->r;

  for (size_t i = 0; i < m->size; i++)
    c->dx[i] = c->scale[i] * v[i];
  memset(out, 0, m->size * sizeof *out);
  memset(c->dz, 0, G * G * sizeof *c->dz);
  gemm(CblasNoTrans, CblasTrans, G, G, r, c->dx + m->v, c->x + m->y, 0.0,
       c->dz);
  gemm(CblasNoTrans, CblasTrans, G, G, r, c->x + m->v, c->dx + m->y, 1.0,
       c->dz);
  for (size_t g = 0; g < G; g++) {
    double dpull = column(c, g, out);

    out[m->w + g] = -dpull * c->x[m->h + g] - c->pull[g] * c->dx[m->h + g];
    out[m->h + g] = -dpull * c->x[m->w + g] - c->pull[g] * c->dx[m->w + g];
  }
  gemm(CblasNoTrans, CblasNoTrans, G, r, G, c->dz, c->x + m->y, 0.0,
       out + m->v);
  gemm(CblasNoTrans, CblasNoTrans, G, r, G, c->sum, c->dx + m->y, 1.0,
       out + m->v);
  gemm(CblasTrans, CblasNoTrans, G, r, G, c->dz, c->x + m->v, 0.0, out + m->y);
  gemm(CblasTrans, CblasNoTrans, G, r, G, c->sum, c->dx + m->v, 1.0,
       out + m->y);
  for (size_t i = 0; i < m->size; i++) {
    double penalty = i < m->b ? c->kappa : c->ridge[i - m->b];

    out[i] = c->scale[i] * out[i] + penalty * v[i];
  }
}
