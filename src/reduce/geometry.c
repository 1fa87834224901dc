/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The geometry of an invariant point, from its blocks: what
   ufm_geometry_measure finds for the expanded point, without expanding it. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/reduce.h>

#include "core/error.h"
#include "core/number.h"
#include "linalg/blas.h"
#include "linalg/eigen.h"
#include "reduce/blocks.h"
#include "reduce/measurement.h"

static const double rank_tolerance = 1e-6; /* as in geometry/measure.c */

/* The blocks of A B^T. */
static ufm__blocks product(ufm__measurement *m, const ufm__side *a,
                           const ufm__side *b)
{
  size_t G = m->o->G, r = m->o->r;

  if (r > 0)
    ufm__gemm_nt(G, G, r, a->row, b->row, 0.0, m->inner);
  else
    memset(m->inner, 0, G * G * sizeof *m->inner);
  for (size_t g = 0; g < G; g++) {
    m->contrast[g] = a->contrast[g] * b->contrast[g];
    for (size_t f = 0; f < G; f++)
      m->inner[f * G + g] *= sqrt(m->size[f] * m->size[g]);
  }
  return (ufm__blocks){G, m->size, m->contrast, m->inner};
}

/* Distance of A B^T to the nearest orthogonal frame. */
static ufm_status to_orthogonal(ufm__measurement *m, const ufm__side *a,
                                const ufm__side *b, double *out,
                                ufm_error *error)
{
  ufm__blocks x = product(m, a, b);
  size_t G = x.G, missing = m->o->K - ufm_problem_rank_limit(m->problem);
  ufm_status status;

  for (size_t f = 0; f < G; f++)
    for (size_t g = 0; g < G; g++)
      m->work[f * G + g] = 0.5 * (x.inner[f * G + g] + x.inner[g * G + f]);
  status = ufm__eigen(G, m->work, m->values, false, error);
  if (status == UFM_OK)
    *out = ufm__blocks_to_projector(&x, missing, m->values);
  return status;
}

/* |hat(W) - hat(diag(1/(1 - t)) Hbar^T)|_F */
static double duality(ufm__measurement *m, const ufm__side *w,
                      const ufm__side *h, const double *t)
{
  size_t r = m->o->r;
  double a = 0.0, b = 0.0, sum = 0.0;

  for (int pass = 0; pass < 2; pass++) {
    for (size_t g = 0; g < m->o->G; g++) {
      double n = m->size[g], scale = 1.0 / (1.0 - t[g]);

      for (size_t i = 0; i <= r; i++) {
        double many = i < r ? n : n - 1.0;
        double x = i < r ? w->row[g * r + i] : w->contrast[g];
        double y = scale * (i < r ? h->row[g * r + i] : h->contrast[g]);

        if (pass == 0) {
          a += many * x * x;
          b += many * y * y;
        } else {
          sum += many * (x / a - y / b) * (x / a - y / b);
        }
      }
    }
    if (pass == 0) {
      a = sqrt(a);
      b = sqrt(b);
    }
  }
  return a > 0.0 && b > 0.0 ? sqrt(sum) : (double)NAN;
}

static void measure_gof(ufm__measurement *m, const ufm__side *w,
                        const ufm__side *h, const double *t)
{
  size_t G = m->o->G;
  double *target = m->values;
  ufm__blocks x = product(m, w, w);

  for (size_t g = 0; g < G; g++)
    target[g] = t[g] / (1.0 - t[g]);
  m->out->nc2_gof_w = ufm__blocks_to_diagonal(&x, target);
  if (!m->means)
    return;
  for (size_t g = 0; g < G; g++)
    target[g] = t[g] * (1.0 - t[g]);
  x = product(m, h, h);
  m->out->nc2_gof_h = ufm__blocks_to_diagonal(&x, target);
  x = product(m, w, h);
  m->out->nc3_gof_wh = ufm__blocks_to_diagonal(&x, t);
  m->out->nc3_gof_w_h = duality(m, w, h, t);
}

/* Distances that take class means. */
static ufm_status measure_means(ufm__measurement *m, const ufm__side *w,
                                const ufm__side *h, ufm_error *error)
{
  ufm__side centred = {h->contrast, m->centred};
  ufm__blocks x = product(m, w, &centred);
  ufm_geometry *g = m->out;

  ufm__block_rows(m, h, g->norm_h, &g->cos_h);
  g->nc3_etf = ufm__blocks_to_simplex(&x);
  return to_orthogonal(m, w, h, &g->nc3_of, error);
}

static ufm_status measure(ufm__measurement *m, const double *t,
                          ufm_error *error)
{
  const ufm_orbits *o = m->o;
  ufm_geometry *g = m->out;
  ufm__side w = {o->x + o->w, o->x + o->v}, h = {o->x + o->h, o->x + o->y};
  ufm__blocks x;
  ufm_status status = ufm__block_spectra(m, error);

  if (status != UFM_OK)
    return status;
  ufm__block_rows(m, &w, g->norm_w, &g->cos_w);
  x = product(m, &w, &w);
  g->nc2_etf = ufm__blocks_to_simplex(&x);
  status = to_orthogonal(m, &w, &w, &g->nc2_of, error);
  if (status == UFM_OK && m->means)
    status = measure_means(m, &w, &h, error);
  if (status == UFM_OK && t != NULL)
    measure_gof(m, &w, &h, t);
  g->balancedness = ufm__block_balance(m);
  return status;
}

/* Class means minus their mean, weighted as the columns they are of. */
static void centre(ufm__measurement *m)
{
  const ufm_orbits *o = m->o;
  double *weight = m->norm, all = 0.0;

  for (size_t g = 0; g < o->G; g++) {
    weight[g] = m->size[g] * ufm__rational_double(o->column[g].pi);
    all += weight[g];
  }
  for (size_t i = 0; i < o->r; i++) {
    double mean = 0.0;

    for (size_t g = 0; g < o->G; g++)
      mean += weight[g] / all * o->x[o->y + g * o->r + i];
    for (size_t g = 0; g < o->G; g++)
      m->centred[g * o->r + i] = o->x[o->y + g * o->r + i] - mean;
  }
}

static ufm_status geometry_new(ufm_geometry **out, const ufm_problem *problem,
                               const ufm_orbits *o, ufm_error *error)
{
  size_t K = o->K, d = ufm_problem_width(problem, 1);
  const double undefined = (double)NAN;
  ufm_geometry *g = calloc(1, sizeof *g);

  *out = g;
  if (g == NULL)
    return ufm__no_memory(error, "geometry");
  *g = (ufm_geometry){.K = K,
                      .M = 1,
                      .rank_tolerance = rank_tolerance,
                      .cos_h = {undefined, undefined, undefined},
                      .nc1 = undefined,
                      .nc2_gof_w = undefined,
                      .nc2_gof_h = undefined,
                      .nc3_etf = undefined,
                      .nc3_of = undefined,
                      .nc3_gof_wh = undefined,
                      .nc3_gof_w_h = undefined};
  g->spectrum = calloc(3, sizeof *g->spectrum);
  g->spectrum_size = calloc(3, sizeof *g->spectrum_size);
  g->norm_w = calloc(K, sizeof *g->norm_w);
  g->norm_h = calloc(K, sizeof *g->norm_h);
  if (g->spectrum == NULL || g->spectrum_size == NULL || g->norm_w == NULL ||
      g->norm_h == NULL)
    return ufm__no_memory(error, "geometry");
  for (size_t k = 0; k < K; k++)
    g->norm_h[k] = undefined;
  for (size_t f = 0; f < 3; f++) {
    size_t rows = f == 2 ? d : K, other = f == 1 ? d : ufm_orbits_columns(o);

    g->spectrum_size[f] = rows < other ? rows : other;
    g->spectrum[f] = calloc(g->spectrum_size[f], sizeof **g->spectrum);
    if (g->spectrum[f] == NULL)
      return ufm__no_memory(error, "geometry");
  }
  return UFM_OK;
}

static ufm_status measurement_alloc(ufm__measurement *m, ufm_error *error)
{
  size_t G = m->o->G, C = m->o->C, r = m->o->r;

  if (!ufm__blas_fits(C))
    return ufm__fail(error, UFM_ERANGE,
                     "geometry: got %zu orbits of columns, too many for BLAS",
                     C);
  m->size = calloc(G, sizeof *m->size);
  m->centred = calloc(G, (r + 1) * sizeof *m->centred);
  m->features = calloc(G, sizeof *m->features);
  m->root = calloc(C, sizeof *m->root);
  m->work = calloc(G > C ? G : C, G * sizeof *m->work);
  m->values = calloc(G, sizeof *m->values);
  m->norm = calloc(G, sizeof *m->norm);
  m->repeated = calloc(2 * G, sizeof *m->repeated);
  m->contrast = calloc(G, sizeof *m->contrast);
  m->inner = calloc(G, G * sizeof *m->inner);
  m->square = calloc(r + 1, (r + 1) * sizeof *m->square);
  if (m->size == NULL || m->centred == NULL || m->features == NULL ||
      m->root == NULL || m->work == NULL || m->values == NULL ||
      m->norm == NULL || m->repeated == NULL || m->contrast == NULL ||
      m->inner == NULL || m->square == NULL)
    return ufm__no_memory(error, "geometry");
  return UFM_OK;
}

static void measurement_fill(ufm__measurement *m)
{
  const ufm_orbits *o = m->o;

  for (size_t g = 0; g < o->G; g++)
    m->size[g] = (double)o->size[g];
  for (size_t c = 0; c < o->C; c++)
    m->root[c] = sqrt((double)o->column[c].columns *
                      ufm__rational_double(o->column[c].nu));
  ufm_reduce_contrasts(o, m->features);
  m->means = o->column[0].marks == 1;
  if (m->means)
    centre(m);
}

static void measurement_clear(ufm__measurement *m)
{
  free(m->size);
  free(m->centred);
  free(m->features);
  free(m->root);
  free(m->work);
  free(m->values);
  free(m->norm);
  free(m->repeated);
  free(m->contrast);
  free(m->inner);
  free(m->square);
}

ufm_status ufm_reduce_geometry(ufm_geometry **out, const ufm_problem *problem,
                               const ufm_orbits *orbits, const double *gof_t,
                               ufm_error *error)
{
  ufm__measurement m = {.o = orbits, .problem = problem};
  double *t = NULL;
  ufm_status status = geometry_new(&m.out, problem, orbits, error);

  *out = NULL;
  if (status == UFM_OK)
    status = measurement_alloc(&m, error);
  if (status == UFM_OK && gof_t != NULL) {
    t = calloc(orbits->G, sizeof *t);
    if (t == NULL)
      status = ufm__no_memory(error, "geometry");
    for (size_t k = 0; status == UFM_OK && k < orbits->K; k++)
      t[orbits->of[k]] = gof_t[k];
  }
  if (status == UFM_OK) {
    measurement_fill(&m);
    status = measure(&m, t, error);
  }
  measurement_clear(&m);
  free(t);
  if (status == UFM_OK)
    *out = m.out;
  else
    ufm_geometry_free(m.out);
  return status;
}
