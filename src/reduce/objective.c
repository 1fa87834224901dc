/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Value and gradient on invariant points.  A column of group g has G + 1
   different logits: its own, once; those of its group, K_g - 1 times; those of
   group f, K_f times. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "linalg/blas.h"
#include "linalg/sums.h"
#include "objective/size.h"
#include "reduce/objective.h"

static double inverse_root(double x)
{
  return x > 0.0 ? 1.0 / sqrt(x) : 0.0;
}

static void set_scales(ufm__reduced *s, const ufm_problem *problem)
{
  const ufm_orbits *o = s->orbits;
  double lambda_w = ufm__rational_double(ufm_problem_lambda_w(problem, 1));
  double lambda_h = ufm__rational_double(ufm_problem_lambda_h(problem));
  mpq_srcptr lambda_b = ufm_problem_lambda_b(problem);
  double ridge = lambda_b != NULL ? ufm__rational_double(lambda_b) : 0.0;
  double root_w = sqrt(s->kappa / lambda_w), root_h = sqrt(s->kappa / lambda_h);
  /* as in objective/scaling.c */
  double b2 = 8.0 * ufm__logit_size(problem) *
              inverse_root(ufm__class_size(problem)) / (double)o->K;

  for (size_t g = 0; g < o->G; g++) {
    double size = s->size[g], nu = (double)o->count[g];

    s->scale[o->w + g] = root_w * inverse_root(size - 1.0);
    s->scale[o->h + g] = root_h * inverse_root((size - 1.0) * nu);
    for (size_t i = 0; i < o->r; i++) {
      s->scale[o->v + g * o->r + i] = root_w * inverse_root(size);
      s->scale[o->y + g * o->r + i] = root_h * inverse_root(size * nu);
    }
    if (o->b < o->length)
      s->scale[o->b + g] = sqrt(b2 / size);
    s->ridge[g] = ridge * b2;
  }
}

ufm_status ufm__reduced_init(ufm__reduced *out, const ufm_problem *problem,
                             const ufm_orbits *orbits, ufm_error *error)
{
  size_t G = orbits->G;
  mpq_srcptr smoothing = ufm_problem_smoothing(problem);
  double eps = smoothing != NULL ? ufm__rational_double(smoothing) : 0.0;

  *out = (ufm__reduced){.orbits = orbits,
                        .loss = ufm_problem_loss(problem),
                        .kappa = ufm__balanced_penalty(problem),
                        .on = 1.0 - eps,
                        .off = eps / (double)orbits->K};
  out->scale = calloc(orbits->length, sizeof *out->scale);
  out->x = calloc(orbits->length, sizeof *out->x);
  out->size = calloc(G, sizeof *out->size);
  out->pi = calloc(G, sizeof *out->pi);
  out->ridge = calloc(G, sizeof *out->ridge);
  out->z = calloc(G * G, sizeof *out->z);
  out->p = calloc(G, sizeof *out->p);
  out->term = calloc(G + 1, sizeof *out->term);
  if (out->scale == NULL || out->x == NULL || out->size == NULL ||
      out->pi == NULL || out->ridge == NULL || out->z == NULL ||
      out->p == NULL || out->term == NULL) {
    ufm__reduced_clear(out);
    return ufm__no_memory(error, "reduced objective");
  }
  for (size_t g = 0; g < G; g++) {
    out->size[g] = (double)orbits->size[g];
    out->pi[g] =
        (double)orbits->count[g] / (double)ufm_problem_samples(problem);
  }
  set_scales(out, problem);
  return UFM_OK;
}

void ufm__reduced_clear(ufm__reduced *s)
{
  free(s->scale);
  free(s->x);
  free(s->size);
  free(s->pi);
  free(s->ridge);
  free(s->z);
  free(s->p);
  free(s->term);
  *s = (ufm__reduced){0};
}

void ufm__reduced_to_plain(const ufm__reduced *s, const double *x,
                           double *plain)
{
  for (size_t i = 0; i < s->orbits->length; i++)
    plain[i] = s->scale[i] * x[i];
}

/* The different residuals t - p (ce) or t - y (mse) of a column. */
typedef struct residuals {
  double own, in; /* of its class, and of the others of its group */
  double loss;
} residuals;

/* Cross entropy of logits `own`, `in`, s->p (group g excluded); s->p becomes
   the residuals of the other groups.  The one of the class is minus the sum of
   the others: no cancellation when its probability is near 1. */
static residuals ce_column(ufm__reduced *s, size_t g, double own, double in)
{
  size_t G = s->orbits->G, top = G; /* G: the class itself; g: its group */
  double inside = s->size[g] - 1.0, most = own, first = 1.0, rest, all;
  double *y = s->p;
  residuals r = {0.0, 0.0, 0.0};

  y[g] = inside > 0.0 ? in : -HUGE_VAL;
  for (size_t f = 0; f < G; f++)
    if (y[f] > most) {
      most = y[f];
      first = f == g ? inside : s->size[f];
      top = f;
    }
  rest = top == G ? 0.0 : exp(own - most);
  for (size_t f = 0; f < G; f++)
    if (f != top)
      rest += (f == g ? inside : s->size[f]) * exp(y[f] - most);
  all = first + rest;
  r.loss = log(first) + log1p(rest / first) + (s->on + s->off) * (most - own);
  for (size_t f = 0; f < G; f++) {
    double count = f == g ? inside : s->size[f];

    if (count > 0.0 && s->off > 0.0)
      r.loss += s->off * count * (most - y[f]);
    y[f] = s->off - exp(y[f] - most) / all;
    r.own -= count * y[f];
  }
  r.in = y[g];
  return r;
}

static residuals mse_column(ufm__reduced *s, size_t g, double own, double in)
{
  double inside = s->size[g] - 1.0;
  residuals r = {s->on + s->off - own, s->off - in, 0.0};

  r.loss = r.own * r.own + inside * r.in * r.in;
  for (size_t f = 0; f < s->orbits->G; f++)
    if (f != g) {
      s->p[f] = s->off - s->p[f];
      r.loss += s->size[f] * s->p[f] * s->p[f];
    }
  r.loss *= 0.5;
  return r;
}

/* Column g: its loss into s->term; minus pi_g times the sums of its residuals
   over the blocks into column g of s->z; the derivative by the contrast. */
static double column(ufm__reduced *s, size_t g)
{
  const ufm_orbits *o = s->orbits;
  size_t G = o->G;
  double size = s->size[g], c = s->x[o->w + g] * s->x[o->h + g];
  double weight = s->pi[g] * size, middle = s->z[g * G + g];
  const double *b = o->b < o->length ? s->x + o->b : NULL;
  residuals r;

  if (b != NULL)
    middle += b[g];
  for (size_t f = 0; f < G; f++)
    s->p[f] = s->z[f * G + g] + (b != NULL ? b[f] : 0.0);
  r = s->loss == UFM_LOSS_CE
          ? ce_column(s, g, middle + c * ((size - 1.0) / size),
                      middle - c / size)
          : mse_column(s, g, middle + c * ((size - 1.0) / size),
                       middle - c / size);
  s->term[g] = weight * r.loss;
  for (size_t f = 0; f < G; f++)
    s->z[f * G + g] = -weight * s->size[f] * s->p[f];
  s->z[g * G + g] = -weight * (r.own + (size - 1.0) * r.in);
  return -s->pi[g] * (size - 1.0) * (r.own - r.in);
}

/* Penalties and their gradient, in balanced variables. */
static void add_penalties(ufm__reduced *s, const double *x, double *g)
{
  const ufm_orbits *o = s->orbits;
  double sum = s->kappa * ufm__sum_of_squares(o->b, x);

  if (g != NULL)
    ufm__axpy(o->b, s->kappa, x, g);
  for (size_t i = o->b; i < o->length; i++) {
    double ridge = s->ridge[i - o->b];

    sum += ridge * x[i] * x[i];
    if (g != NULL)
      g[i] += ridge * x[i];
  }
  s->term[o->G] = 0.5 * sum;
}

double ufm__reduced_value(ufm__reduced *s, const double *x, double *g)
{
  const ufm_orbits *o = s->orbits;
  size_t G = o->G, r = o->r;

  s->values++;
  ufm__reduced_to_plain(s, x, s->x);
  if (r > 0)
    ufm__gemm_nt(G, G, r, s->x + o->v, s->x + o->y, 0.0, s->z);
  else
    s->z[0] = 0.0;
  for (size_t k = 0; k < G; k++) {
    double contrast = column(s, k);

    if (g != NULL) {
      g[o->w + k] = contrast * s->x[o->h + k];
      g[o->h + k] = contrast * s->x[o->w + k];
    }
  }
  if (g != NULL) {
    if (r > 0) {
      ufm__gemm(G, r, G, s->z, s->x + o->y, 0.0, g + o->v);
      ufm__gemm_tn(G, r, G, s->z, s->x + o->v, 0.0, g + o->y);
    }
    for (size_t f = 0; o->b < o->length && f < G; f++)
      g[o->b + f] = ufm__sum(G, s->z + f * G);
    for (size_t i = 0; i < o->length; i++)
      g[i] *= s->scale[i];
  }
  add_penalties(s, x, g);
  return ufm__sum(G + 1, s->term);
}

double ufm__reduced_relative_gradient(const ufm__reduced *s, double floor,
                                      const double *x, const double *g)
{
  const ufm_orbits *o = s->orbits;
  double norm = ufm__norm(o->length, g), penalty = 0.0, loss = 0.0;

  for (size_t i = 0; i < o->length; i++) {
    double part = (i < o->b ? s->kappa : s->ridge[i - o->b]) * x[i];

    penalty += part * part;
    loss += (g[i] - part) * (g[i] - part);
  }
  return norm / fmax(floor, sqrt(fmax(penalty, loss)));
}
