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

static void set_scales(ufm__orbit_curvature *s)
{
  const ufm__orbit_model *m = s->model;
  double lambda_w = ufm__rational_double(m->lambda_w);
  double lambda_h = ufm__rational_double(m->lambda_h);

  s->kappa = sqrt(lambda_w) * sqrt(lambda_h);
  for (size_t g = 0; g < m->G; g++) {
    double K = (double)m->classes[g];

    s->scale[m->w + g] = scale_of(s->kappa, lambda_w, K - 1.0);
    for (size_t i = 0; i < m->r; i++)
      s->scale[m->v + g * m->r + i] = scale_of(s->kappa, lambda_w, K);
    if (m->bias == UFM_BIAS_NONE)
      continue;
    s->scale[m->b + g] = 1.0 / sqrt(K);
    s->ridge[g] = ufm__rational_double(m->lambda_b);
  }
  for (size_t c = 0; c < m->C; c++) {
    double penalty = lambda_h * ufm__rational_double(m->column[c].nu);

    s->share[c] = ufm__rational_double(m->share[c]);
    for (size_t i = 0; i < m->r; i++)
      s->scale[m->y + c * m->r + i] =
          scale_of(s->kappa, penalty, (double)m->column[c].columns);
    for (size_t q = m->column[c].contrast; q < ufm__orbit_contrasts_end(m, c);
         q++) {
      double dimension = (double)m->classes[m->contrast[q].group] - 1.0;

      s->scale[m->h + q] =
          scale_of(s->kappa, penalty, dimension * (double)m->contrast[q].times);
    }
  }
}

ufm_status ufm__orbit_curvature_init(ufm__orbit_curvature *out,
                                     const ufm__orbit_model *model,
                                     ufm_error *error)
{
  size_t G = model->G, C = model->C;

  *out = (ufm__orbit_curvature){.model = model};
  out->scale = calloc(model->size, sizeof(double));
  out->ridge = calloc(G, sizeof(double));
  out->share = calloc(C, sizeof(double));
  out->x = calloc(model->size, sizeof(double));
  out->p = calloc(C * ufm__orbit_entries(model), sizeof(double));
  out->pull = calloc(2 * C, sizeof(double));
  out->sum = calloc(C * G, sizeof(double));
  out->dx = calloc(model->size, sizeof(double));
  out->dz = calloc(C * G, sizeof(double));
  if (out->scale == NULL || out->ridge == NULL || out->share == NULL ||
      out->x == NULL || out->p == NULL || out->pull == NULL ||
      out->sum == NULL || out->dx == NULL || out->dz == NULL) {
    ufm__orbit_curvature_clear(out);
    return ufm__no_memory(error, "verify: Hessian");
  }
  set_scales(out);
  return UFM_OK;
}

void ufm__orbit_curvature_clear(ufm__orbit_curvature *s)
{
  free(s->scale);
  free(s->ridge);
  free(s->share);
  free(s->x);
  free(s->p);
  free(s->pull);
  free(s->sum);
  free(s->dx);
  free(s->dz);
  *s = (ufm__orbit_curvature){0};
}

void ufm__orbit_curvature_at(ufm__orbit_curvature *s, mpfr_t *x,
                             const ufm__orbit_evaluation *ev)
{
  const ufm__orbit_model *m = s->model;
  size_t n = ufm__orbit_entries(m);

  for (size_t i = 0; i < m->size; i++)
    s->x[i] = mpfr_get_d(x[i], MPFR_RNDN);
  for (size_t c = 0; c < m->C; c++)
    for (size_t e = 0; e < n; e++) {
      double many = (double)ufm__orbit_many(m, c, e);

      s->p[c * n + e] = m->loss == UFM_LOSS_MSE || !(many > 0.0)
                            ? many
                            : many * mpfr_get_d(ev->p[c * n + e], MPFR_RNDN);
    }
  for (size_t i = 0; i < m->C * m->G; i++)
    s->sum[i] = mpfr_get_d(ev->sum[i], MPFR_RNDN);
  for (size_t i = 0; i < 2 * m->C; i++)
    s->pull[i] = mpfr_get_d(ev->pull[i], MPFR_RNDN);
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

/* A pair of numbers that belong to the marks of a column. */
typedef struct marks {
  double of[2];
} marks;

/* Sum of alpha_l x_l */
static double combine(const ufm_contrast *contrast, const double *x)
{
  return contrast->alpha[0] * x[0] + contrast->alpha[1] * x[1];
}

/* Tangents of rho_cl = w a_cl. */
static marks rho_tangent(const ufm__orbit_curvature *s, size_t c)
{
  const ufm__orbit_model *m = s->model;
  marks out = {{0.0, 0.0}};

  for (size_t q = m->column[c].contrast; q < ufm__orbit_contrasts_end(m, c);
       q++) {
    size_t w = m->w + m->contrast[q].group, h = m->h + q;
    double both = s->dx[w] * s->x[h] + s->x[w] * s->dx[h];

    for (size_t l = 0; l < 2; l++)
      out.of[l] += m->contrast[q].alpha[l] * both;
  }
  return out;
}

/* Column of orbit c: its row of s->dz holds the tangents of v_f . y_c and
   becomes those of sum.  Adds to the biases' part of out, and returns the
   tangents of pull. */
static marks column(ufm__orbit_curvature *s, size_t c, double *out)
{
  const ufm__orbit_model *m = s->model;
  const ufm_column_orbit *orbit = &m->column[c];
  size_t G = m->G;
  const double *p = s->p + c * ufm__orbit_entries(m);
  double *dy = s->dz + c * G, mean = 0.0, share = s->share[c];
  marks own = rho_tangent(s, c), pull = {{0.0, 0.0}};

  if (m->bias != UFM_BIAS_NONE)
    cblas_daxpy((int)G, 1.0, s->dx + m->b, 1, dy, 1);
  for (size_t l = 0; l < orbit->marks; l++)
    dy[orbit->group[l]] -= own.of[l] / (double)m->classes[orbit->group[l]];
  for (size_t l = 0; l < orbit->marks; l++)
    own.of[l] += dy[orbit->group[l]];
  if (m->loss == UFM_LOSS_CE) {
    for (size_t f = 0; f < G; f++)
      mean += p[f] * dy[f];
    for (size_t l = 0; l < orbit->marks; l++)
      mean += p[G + l] * own.of[l];
  }
  for (size_t f = 0; f < G; f++)
    dy[f] = share * (p[f] * (dy[f] - mean));
  for (size_t l = 0; l < orbit->marks; l++) {
    pull.of[l] = -share * (p[G + l] * (own.of[l] - mean));
    dy[orbit->group[l]] -= pull.of[l];
  }
  for (size_t l = 0; l < orbit->marks; l++)
    pull.of[l] += dy[orbit->group[l]] / (double)m->classes[orbit->group[l]];
  if (m->bias != UFM_BIAS_NONE)
    cblas_daxpy((int)G, 1.0, dy, 1, out + m->b, 1);
  return pull;
}

/* The rows of w and h that orbit c has part in. */
static void add_contrasts(const ufm__orbit_curvature *s, size_t c,
                          const double *dpull, double *out)
{
  const ufm__orbit_model *m = s->model;

  for (size_t q = m->column[c].contrast; q < ufm__orbit_contrasts_end(m, c);
       q++) {
    size_t w = m->w + m->contrast[q].group, h = m->h + q;
    double pull = combine(&m->contrast[q], s->pull + 2 * c);
    double change = combine(&m->contrast[q], dpull);

    out[w] -= change * s->x[h] + pull * s->dx[h];
    out[h] = -change * s->x[w] - pull * s->dx[w];
  }
}

void ufm__orbit_curvature_product(ufm__orbit_curvature *s, const double *v,
                                  double *out)
{
  const ufm__orbit_model *m = s->model;
  size_t G = m->G, C = m->C, r = m->r;

  for (size_t i = 0; i < m->size; i++)
    s->dx[i] = s->scale[i] * v[i];
  memset(out, 0, m->size * sizeof *out);
  memset(s->dz, 0, C * G * sizeof *s->dz);
  gemm(CblasNoTrans, CblasTrans, C, G, r, s->x + m->y, s->dx + m->v, 0.0,
       s->dz);
  gemm(CblasNoTrans, CblasTrans, C, G, r, s->dx + m->y, s->x + m->v, 1.0,
       s->dz);
  for (size_t c = 0; c < C; c++) {
    marks dpull = column(s, c, out);

    add_contrasts(s, c, dpull.of, out);
  }
  gemm(CblasTrans, CblasNoTrans, G, r, C, s->dz, s->x + m->y, 0.0, out + m->v);
  gemm(CblasTrans, CblasNoTrans, G, r, C, s->sum, s->dx + m->y, 1.0,
       out + m->v);
  gemm(CblasNoTrans, CblasNoTrans, C, r, G, s->dz, s->x + m->v, 0.0,
       out + m->y);
  gemm(CblasNoTrans, CblasNoTrans, C, r, G, s->sum, s->dx + m->v, 1.0,
       out + m->y);
  for (size_t i = 0; i < m->size; i++) {
    double penalty = i < m->b ? s->kappa : s->ridge[i - m->b];

    out[i] = s->scale[i] * out[i] + penalty * v[i];
  }
}
