/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the reduced problem starts: along the negative gradient of the loss at
   zero, every singular direction of it. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "linalg/svd.h"
#include "objective/size.h"
#include "reduce/start.h"

/* Singular values below this part of the largest are raised to it: a factor of
   0 would stay 0. */
static const double least_part = 1e-3;

typedef struct direction {
  size_t n;          /* min(G, C) */
  double *gamma;     /* G x C: minus the gradient of the loss in S, then work */
  double *s, *U, *V; /* its decomposition: U diag(s) V, G x n, n x C */
  double *contrast;  /* G: singular value of the contrasts, per dimension */
  double *part;      /* Q: its parts, one for each contrast of the columns */
  double largest;
} direction;

static void direction_clear(direction *d)
{
  free(d->gamma);
  free(d->s);
  free(d->U);
  free(d->V);
  free(d->contrast);
  free(d->part);
}

static ufm_status direction_alloc(direction *d, const ufm_orbits *o,
                                  ufm_error *error)
{
  size_t n = o->G < o->C ? o->G : o->C;

  *d = (direction){.n = n,
                   .gamma = calloc(o->G, o->C * sizeof(double)),
                   .s = calloc(n, sizeof(double)),
                   .U = calloc(o->G, n * sizeof(double)),
                   .V = calloc(n, o->C * sizeof(double)),
                   .contrast = calloc(o->G, sizeof(double)),
                   .part = calloc(o->Q, sizeof(double))};
  if (d->gamma == NULL || d->s == NULL || d->U == NULL || d->V == NULL ||
      d->contrast == NULL || d->part == NULL)
    return ufm__no_memory(error, "start");
  return UFM_OK;
}

/* With w' = 1 and all else 0 the point is zero still, and the derivatives by
   h' are those of the loss by the products w' h'. */
static ufm_status direction_init(direction *d, ufm__reduced *f, double *x,
                                 double *g, ufm_error *error)
{
  const ufm_orbits *o = f->orbits;
  size_t G = o->G, C = o->C;
  ufm_status status = direction_alloc(d, o, error);

  if (status != UFM_OK)
    return status;
  memset(x, 0, o->length * sizeof *x);
  for (size_t u = 0; u < G; u++)
    x[o->w + u] = 1.0;
  ufm__reduced_value(f, x, g); /* leaves the derivatives by v_u . y_c in f->z */
  for (size_t q = 0; q < o->Q; q++) {
    double *norm = &d->contrast[o->contrast[q].group];

    d->part[q] = -g[o->h + q];
    *norm = hypot(*norm, d->part[q]);
  }
  for (size_t c = 0; c < C; c++) {
    double nu = ufm__rational_double(o->column[c].nu);

    for (size_t u = 0; u < G; u++)
      d->gamma[u * C + c] =
          -f->z[u * C + c] /
          sqrt(f->size[u] * (double)o->column[c].columns * nu);
  }
  status = ufm__svd(G, C, d->gamma, d->s, d->U, d->V, error);
  d->largest = d->s[0];
  for (size_t u = 0; u < G; u++)
    d->largest = fmax(d->largest, d->contrast[u]);
  for (size_t i = 0; i < d->n; i++)
    d->s[i] = fmax(d->s[i], least_part * d->largest);
  return status;
}

/* x = balanced factors of t times the direction; more than n dimensions of v
   and y are not needed. */
static void factors(const direction *d, const ufm__reduced *f, double t,
                    double *x)
{
  const ufm_orbits *o = f->orbits;
  size_t r = o->r, n = d->n < r ? d->n : r;

  memset(x, 0, o->length * sizeof *x);
  for (size_t u = 0; u < o->G; u++) {
    x[o->w + u] = sqrt(t * d->contrast[u] * (f->size[u] - 1.0));
    for (size_t i = 0; i < n; i++)
      x[o->v + u * r + i] = sqrt(t * d->s[i]) * d->U[u * d->n + i];
  }
  for (size_t q = 0; q < o->Q; q++) {
    size_t u = o->contrast[q].group;

    if (d->contrast[u] > 0.0)
      x[o->h + q] = d->part[q] / d->contrast[u] * x[o->w + u];
  }
  for (size_t c = 0; c < o->C; c++)
    for (size_t i = 0; i < n; i++)
      x[o->y + c * r + i] = sqrt(t * d->s[i]) * d->V[i * o->C + c];
}

ufm_status ufm__reduced_start(ufm__reduced *f, const ufm_problem *problem,
                              double *x, double *work, ufm_error *error)
{
  enum { MOST_STEPS = 60 };
  direction d;
  ufm_status status = direction_init(&d, f, x, work, error);

  if (status == UFM_OK && !(d.largest > 0.0)) {
    memset(x, 0, f->orbits->length * sizeof *x); /* which is optimal then */
  } else if (status == UFM_OK) {
    double natural = sqrt(ufm__class_size(problem)) * ufm__logit_size(problem);
    double t = natural / d.largest, step = 2.0, best;

    factors(&d, f, t, x);
    best = ufm__reduced_value(f, x, NULL);
    for (int i = 0; i < MOST_STEPS; i++) {
      double value;

      factors(&d, f, t * step, x);
      value = ufm__reduced_value(f, x, NULL);
      if (value < best) {
        best = value;
        t *= step;
      } else if (i == 0) {
        step = 0.5;
      } else {
        break;
      }
    }
    factors(&d, f, t, x);
  }
  direction_clear(&d);
  return status;
}
