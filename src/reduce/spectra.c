/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra, lengths and cosines of an invariant point: every contrast of a group
   has the same singular value, and the rest is a G x C problem. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "linalg/blas.h"
#include "linalg/svd.h"
#include "reduce/measurement.h"

static int descending(const void *a, const void *b)
{
  double x = ((const ufm__repeated *)a)->value;
  double y = ((const ufm__repeated *)b)->value;

  return x < y ? 1 : x > y ? -1 : 0;
}

/* out = the n largest of the singular values of the rows x columns matrix
   m->work and of |m->contrast_g|, K_g - 1 times each. */
static ufm_status spectrum(ufm__measurement *m, size_t rows, size_t columns,
                           double *out, size_t n, ufm_error *error)
{
  size_t count = rows < columns ? rows : columns, at = 0;
  ufm_status status = UFM_OK;

  if (count > 0)
    status = ufm__svd(rows, columns, m->work, m->values, NULL, NULL, error);
  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < count; i++)
    m->repeated[i] = (ufm__repeated){m->values[i], 1};
  for (size_t g = 0; g < m->o->G; g++)
    m->repeated[count++] =
        (ufm__repeated){fabs(m->contrast[g]), m->o->size[g] - 1};
  qsort(m->repeated, count, sizeof *m->repeated, descending);
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < m->repeated[i].times && at < n; k++)
      out[at++] = m->repeated[i].value;
  while (at < n)
    out[at++] = 0.0;
  return UFM_OK;
}

/* Rows u_i of `scale_i row_i`, n x r, into m->work. */
static void scaled_rows(ufm__measurement *m, size_t n, const double *row,
                        const double *scale)
{
  size_t r = m->o->r;

  for (size_t k = 0; k < n; k++)
    for (size_t i = 0; i < r; i++)
      m->work[k * r + i] = scale[k] * row[k * r + i];
}

ufm_status ufm__block_spectra(ufm__measurement *m, ufm_error *error)
{
  const ufm_orbits *o = m->o;
  ufm_geometry *g = m->out;
  size_t G = o->G, C = o->C, r = o->r;
  ufm_status status;

  if (r > 0)
    ufm__gemm_nt(G, C, r, o->x + o->v, o->x + o->y, 0.0, m->work);
  else
    memset(m->work, 0, G * C * sizeof *m->work);
  for (size_t u = 0; u < G; u++) {
    m->contrast[u] = o->x[o->w + u] * m->features[u];
    for (size_t c = 0; c < C; c++)
      m->work[u * C + c] *= sqrt(m->size[u]) * m->root[c];
  }
  status = spectrum(m, G, C, g->spectrum[0], g->spectrum_size[0], error);
  if (status != UFM_OK)
    return status;
  for (size_t u = 0; u < G; u++) {
    m->contrast[u] = o->x[o->w + u];
    m->norm[u] = sqrt(m->size[u]);
  }
  scaled_rows(m, G, o->x + o->v, m->norm);
  status = spectrum(m, G, r, g->spectrum[1], g->spectrum_size[1], error);
  if (status != UFM_OK)
    return status;
  memcpy(m->contrast, m->features, G * sizeof *m->contrast);
  scaled_rows(m, C, o->x + o->y, m->root);
  status = spectrum(m, C, r, g->spectrum[2], g->spectrum_size[2], error);
  while (g->rank < g->spectrum_size[0] &&
         g->spectrum[0][g->rank] > g->rank_tolerance * g->spectrum[0][0])
    g->rank++;
  return status;
}

/* Adds `pairs` pairs with the cosine x. */
static void add_cosine(ufm_cosines *c, double *count, double pairs, double x)
{
  x = fmin(fmax(x, -1.0), 1.0);
  if (!(pairs > 0.0))
    return;
  c->min = fmin(c->min, x);
  c->max = fmax(c->max, x);
  c->mean += pairs * x;
  *count += pairs;
}

void ufm__block_rows(ufm__measurement *m, const ufm__side *s, double *norm,
                     ufm_cosines *out)
{
  const ufm_orbits *o = m->o;
  size_t G = o->G, r = o->r;
  double longest = 0.0, count = 0.0;
  ufm_cosines c = {1.0, -1.0, 0.0};

  for (size_t g = 0; g < G; g++) {
    double a = s->contrast[g] * sqrt(1.0 - 1.0 / m->size[g]);

    m->norm[g] = hypot(a, ufm__norm(r, s->row + g * r));
    longest = fmax(longest, m->norm[g]);
  }
  for (size_t g = 0; g < G; g++) {
    double n = m->size[g];

    if (!(m->norm[g] > m->out->rank_tolerance * longest))
      continue;
    for (size_t f = 0; f <= g; f++) {
      double dot = ufm__dot(r, s->row + g * r, s->row + f * r);

      if (!(m->norm[f] > m->out->rank_tolerance * longest))
        continue;
      if (f == g)
        dot -= s->contrast[g] * s->contrast[g] / n;
      add_cosine(&c, &count, f == g ? n * (n - 1.0) / 2.0 : n * m->size[f],
                 dot / m->norm[g] / m->norm[f]);
    }
  }
  c.mean = fmin(fmax(c.mean / count, c.min), c.max);
  if (!(count > 0.0))
    c = (ufm_cosines){(double)NAN, (double)NAN, (double)NAN};
  *out = c;
  for (size_t k = 0; k < o->K; k++)
    norm[k] = m->norm[o->of[k]];
}

double ufm__block_balance(ufm__measurement *m)
{
  const ufm_orbits *o = m->o;
  size_t r = o->r;
  double lambda_w = ufm__rational_double(ufm_problem_lambda_w(m->problem, 1));
  double lambda_h = ufm__rational_double(ufm_problem_lambda_h(m->problem));
  double difference = 0.0, a = 0.0, b = 0.0;

  for (size_t g = 0; g < o->G; g++) {
    double x = lambda_w * o->x[o->w + g] * o->x[o->w + g];
    double y = lambda_h * m->features[g] * m->features[g];

    difference += (m->size[g] - 1.0) * (x - y) * (x - y);
    a += (m->size[g] - 1.0) * x * x;
    b += (m->size[g] - 1.0) * y * y;
  }
  if (r > 0) {
    for (size_t g = 0; g < o->G; g++)
      m->norm[g] = sqrt(m->size[g]);
    scaled_rows(m, o->G, o->x + o->v, m->norm);
    ufm__gemm_tn(r, r, o->G, m->work, m->work, 0.0, m->inner);
    scaled_rows(m, o->C, o->x + o->y, m->root);
    ufm__gemm_tn(r, r, o->C, m->work, m->work, 0.0, m->square);
  }
  for (size_t i = 0; i < r * r; i++) {
    double x = lambda_w * m->inner[i], y = lambda_h * m->square[i];

    difference += (x - y) * (x - y);
    a += x * x;
    b += y * y;
  }
  return a > 0.0 || b > 0.0 ? sqrt(difference / fmax(a, b)) : 0.0;
}
