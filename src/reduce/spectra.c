/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra, lengths and cosines of an invariant point: every contrast of a group
   has the same singular value, and the rest is a G x G problem. */
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

ufm_status ufm__block_spectra(ufm__measurement *m, ufm_error *error)
{
  const ufm_orbits *o = m->o;
  ufm_geometry *g = m->out;
  size_t G = o->G, r = o->r;
  ufm_status status;

  if (r > 0)
    ufm__gemm_nt(G, G, r, o->x + o->v, o->x + o->y, 0.0, m->work);
  else
    memset(m->work, 0, G * G * sizeof *m->work);
  for (size_t k = 0; k < G; k++) {
    double root = sqrt((double)o->count[k]);

    m->contrast[k] = o->x[o->w + k] * o->x[o->h + k] * root;
    for (size_t f = 0; f < G; f++)
      m->work[f * G + k] *= sqrt(m->size[f] * m->size[k]) * root;
  }
  status = spectrum(m, G, G, g->spectrum[0], g->spectrum_size[0], error);
  for (size_t f = 1; f <= 2 && status == UFM_OK; f++) {
    for (size_t k = 0; k < G; k++) {
      double root = f == 1 ? 1.0 : sqrt((double)o->count[k]);

      m->contrast[k] = root * o->x[(f == 1 ? o->w : o->h) + k];
      for (size_t i = 0; i < r; i++)
        m->work[k * r + i] =
            root * sqrt(m->size[k]) * o->x[(f == 1 ? o->v : o->y) + k * r + i];
    }
    status = spectrum(m, G, r, g->spectrum[f], g->spectrum_size[f], error);
  }
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

double ufm__block_balance(const ufm__measurement *m)
{
  const ufm_orbits *o = m->o;
  size_t r = o->r;
  double lambda_w = ufm__rational_double(ufm_problem_lambda_w(m->problem, 1));
  double lambda_h = ufm__rational_double(ufm_problem_lambda_h(m->problem));
  double difference = 0.0, a = 0.0, b = 0.0;

  for (size_t g = 0; g < o->G; g++) {
    double x = lambda_w * o->x[o->w + g] * o->x[o->w + g];
    double y = lambda_h * (double)o->count[g] * o->x[o->h + g] * o->x[o->h + g];

    difference += (m->size[g] - 1.0) * (x - y) * (x - y);
    a += (m->size[g] - 1.0) * x * x;
    b += (m->size[g] - 1.0) * y * y;
  }
  for (size_t i = 0; i < r; i++)
    for (size_t k = 0; k < r; k++) {
      double x = 0.0, y = 0.0;

      for (size_t g = 0; g < o->G; g++) {
        const double *v = o->x + o->v + g * r, *f = o->x + o->y + g * r;

        x += lambda_w * m->size[g] * v[i] * v[k];
        y += lambda_h * m->size[g] * (double)o->count[g] * f[i] * f[k];
      }
      difference += (x - y) * (x - y);
      a += x * x;
      b += y * y;
    }
  return a > 0.0 || b > 0.0 ? sqrt(difference / fmax(a, b)) : 0.0;
}
