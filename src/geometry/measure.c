/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures of a point: input checks, and which measure is asked for what. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "geometry/internal.h"
#include "linalg/blas.h"

/* Directions an optimum does not use decay to about 1e-8 in runs of first-order
   methods; active ones are far above this. */
static const double rank_tolerance = 1e-6;

static ufm_status check_layout(const ufm_problem *problem,
                               const ufm_layout *layout, ufm_error *error)
{
  size_t J = ufm_problem_columns(problem)->J;
  bool same = layout->M == ufm_problem_depth(problem) &&
              layout->K == ufm_problem_classes(problem) && layout->J == J;
  bool fits = ufm__blas_fits(J);

  for (size_t m = 1; same && m <= layout->M + 1; m++) {
    same = layout->width[m - 1] == ufm_problem_width(problem, m);
    fits = fits && ufm__blas_fits(2 * layout->width[m - 1]);
  }
  if (!same)
    return ufm__fail(error, UFM_EDIM,
                     "geometry: got the layout of another problem");
  if (!fits)
    return ufm__fail(error, UFM_ERANGE,
                     "geometry: a dimension is too large for BLAS");
  return UFM_OK;
}

static ufm_status check_input(const ufm_problem *problem,
                              const ufm_layout *layout, const double *theta,
                              const double *gof_t, ufm_error *error)
{
  ufm_status status = check_layout(problem, layout, error);

  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < layout->size; i++)
    if (!isfinite(theta[i]))
      return ufm__fail(error, UFM_ENAN,
                       "geometry: entry %zu of the point is %g, want a finite "
                       "number",
                       i, theta[i]);
  for (size_t k = 0; gof_t != NULL && k < layout->K; k++)
    if (!(gof_t[k] >= 0.0 && gof_t[k] < 1.0))
      return ufm__fail(error, isfinite(gof_t[k]) ? UFM_ERANGE : UFM_ENAN,
                       "geometry: t of class %zu is %g, want 0 <= t < 1", k,
                       gof_t[k]);
  return UFM_OK;
}

static ufm_status geometry_alloc(ufm_geometry **out, const ufm_layout *layout,
                                 ufm_error *error)
{
  ufm_geometry *g = calloc(1, sizeof *g);
  size_t K = layout->K, M = layout->M;

  *out = g;
  if (g == NULL)
    return ufm__no_memory(error, "geometry");
  *g = (ufm_geometry){.K = K, .M = M, .rank_tolerance = rank_tolerance};
  g->spectrum = calloc(M + 2, sizeof *g->spectrum);
  g->spectrum_size = calloc(M + 2, sizeof *g->spectrum_size);
  g->norm_w = calloc(K, sizeof *g->norm_w);
  g->norm_h = calloc(K, sizeof *g->norm_h);
  if (g->spectrum == NULL || g->spectrum_size == NULL || g->norm_w == NULL ||
      g->norm_h == NULL)
    return ufm__no_memory(error, "geometry");
  for (size_t m = 0; m <= M + 1; m++) {
    size_t rows = m == 0 || m == M + 1 ? layout->J : layout->width[m];
    size_t columns = m == 0 ? K : layout->width[m == M + 1 ? 0 : m - 1];

    g->spectrum_size[m] = rows < columns ? rows : columns;
    g->spectrum[m] = calloc(g->spectrum_size[m], sizeof **g->spectrum);
    if (g->spectrum[m] == NULL)
      return ufm__no_memory(error, "geometry");
  }
  return UFM_OK;
}

void ufm_geometry_free(ufm_geometry *geometry)
{
  if (geometry == NULL)
    return;
  for (size_t m = 0; geometry->spectrum != NULL && m <= geometry->M + 1; m++)
    free(geometry->spectrum[m]);
  free(geometry->spectrum);
  free(geometry->spectrum_size);
  free(geometry->norm_w);
  free(geometry->norm_h);
  free(geometry);
}

/* ETF and OF: the nearest frame of the largest rank the widths allow. */
static ufm_status measure_etf_of(ufm_geometry *g, size_t R, size_t d,
                                 const double *W, const ufm__means *means,
                                 ufm_error *error)
{
  size_t K = g->K, r = R < K - 1 ? R : K - 1;
  ufm_status status =
      ufm__distance_to_projectors(&g->nc2_etf, K, d, W, W, r, true, error);

  if (status == UFM_OK)
    status =
        ufm__distance_to_projectors(&g->nc2_of, K, d, W, W, R, false, error);
  if (status == UFM_OK && means->defined)
    status = ufm__distance_to_projectors(&g->nc3_etf, K, d, W, means->centred,
                                         r, true, error);
  if (status == UFM_OK && means->defined)
    status = ufm__distance_to_projectors(&g->nc3_of, K, d, W, means->mean, R,
                                         false, error);
  return status;
}

/* GOF (doc/mathematics.md, section 8).  Constant factors N lambda_H are left
   out of the targets: the hats remove them.  `work` has 2 K + K d numbers. */
static ufm_status measure_gof(ufm_geometry *g, size_t d, const double *W,
                              const ufm__means *means, const double *t,
                              double *work, ufm_error *error)
{
  size_t K = g->K;
  double *target = work, *row = work + K, *dual = work + 2 * K;
  ufm_status status;

  for (size_t k = 0; k < K; k++)
    target[k] = t[k] / (1.0 - t[k]);
  status =
      ufm__distance_to_diagonal(&g->nc2_gof_w, K, d, W, W, target, 0.0, error);
  if (status != UFM_OK || !means->defined)
    return status;
  for (size_t k = 0; k < K; k++)
    target[k] = t[k] * (1.0 - t[k]);
  status = ufm__distance_to_diagonal(&g->nc2_gof_h, K, d, means->mean,
                                     means->mean, target, 0.0, error);
  if (status == UFM_OK)
    status = ufm__distance_to_diagonal(&g->nc3_gof_wh, K, d, W, means->mean, t,
                                       0.0, error);
  for (size_t k = 0; k < K; k++)
    for (size_t i = 0; i < d; i++)
      dual[k * d + i] = means->mean[k * d + i] / (1.0 - t[k]);
  g->nc3_gof_w_h = ufm__distance_of_hats(K, d, W, dual, row);
  return status;
}

/* Everything that compares frames; scales the means to norm 1. */
static ufm_status measure_frames(ufm_geometry *g, const ufm_problem *problem,
                                 const double *W, ufm__means *means,
                                 const double *gof_t, ufm_error *error)
{
  size_t d = ufm_problem_width(problem, 1);
  double *work = malloc((2 + d) * g->K * sizeof *work);
  ufm_status status;

  if (work == NULL)
    return ufm__no_memory(error, "distances to frames");
  ufm__normalise(g->K * d, means->mean);
  ufm__normalise(g->K * d, means->centred);
  status =
      measure_etf_of(g, ufm_problem_rank_limit(problem), d, W, means, error);
  if (status == UFM_OK && gof_t != NULL)
    status = measure_gof(g, d, W, means, gof_t, work, error);
  free(work);
  return status;
}

static void count_rank(ufm_geometry *g)
{
  const double *s = g->spectrum[0];

  while (g->rank < g->spectrum_size[0] && s[g->rank] > g->rank_tolerance * s[0])
    g->rank++;
}

static ufm_status measure_means(ufm_geometry *g, const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                const ufm__means *means, ufm_error *error)
{
  size_t K = layout->K, d = layout->width[0];
  ufm_status status;

  if (!means->defined) {
    for (size_t k = 0; k < K; k++)
      g->norm_h[k] = (double)NAN;
    return UFM_OK;
  }
  status = ufm__measure_rows(K, d, means->mean, g->rank_tolerance, g->norm_h,
                             &g->cos_h, error);
  if (status == UFM_OK && !ufm_problem_merged(problem))
    status = ufm__measure_nc1(&g->nc1, problem, layout, theta, means, g->rank,
                              g->rank_tolerance, error);
  return status;
}

static ufm_status measure(ufm_geometry *g, const ufm_problem *problem,
                          const ufm_layout *layout, const double *theta,
                          const double *gof_t, ufm_error *error)
{
  double *W, norm;
  ufm__means means;
  ufm_status status = ufm__weight_product(layout, theta, &W, &norm, error);

  if (status != UFM_OK)
    return status;
  status = ufm__means_init(&means, problem, layout, theta, error);
  if (status == UFM_OK)
    status = ufm__measure_spectra(g, problem, layout, theta, W, norm, error);
  if (status == UFM_OK) {
    count_rank(g);
    status = ufm__measure_rows(layout->K, layout->width[layout->M - 1],
                               theta + layout->w[layout->M - 1],
                               g->rank_tolerance, g->norm_w, &g->cos_w, error);
  }
  if (status == UFM_OK)
    status = measure_means(g, problem, layout, theta, &means, error);
  if (status == UFM_OK)
    status = measure_frames(g, problem, W, &means, gof_t, error);
  if (status == UFM_OK)
    status =
        ufm__measure_balance(&g->balancedness, problem, layout, theta, error);
  ufm__means_clear(&means);
  free(W);
  return status;
}

ufm_status ufm_geometry_measure(ufm_geometry **out, const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                const double *gof_t, ufm_error *error)
{
  ufm_geometry *g = NULL;
  const double undefined = (double)NAN;
  ufm_status status = check_input(problem, layout, theta, gof_t, error);

  *out = NULL;
  if (status == UFM_OK)
    status = geometry_alloc(&g, layout, error);
  if (status == UFM_OK) {
    g->cos_h = (ufm_cosines){undefined, undefined, undefined};
    g->nc1 = g->nc2_gof_w = g->nc2_gof_h = undefined;
    g->nc3_etf = g->nc3_of = g->nc3_gof_wh = g->nc3_gof_w_h = undefined;
    status = measure(g, problem, layout, theta, gof_t, error);
  }
  if (status != UFM_OK) {
    ufm_geometry_free(g);
    return status;
  }
  *out = g;
  return UFM_OK;
}
