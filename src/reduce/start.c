/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the reduced problem starts: along the negative gradient of the loss at
   zero, every singular direction of it. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/svd.h"
#include "objective/size.h"
#include "reduce/start.h"

/* Singular values below this part of the largest are raised to it: a factor of
   0 would stay 0. */
static const double least_part = 1e-3;

typedef struct direction {
  double *gamma;     /* G x G: minus the gradient of the loss in S, then work */
  double *s, *U, *V; /* its decomposition: U diag(s) V, all G x G */
  double *contrast;  /* G: the same for the contrasts, per dimension */
} direction;

static void direction_clear(direction *d)
{
  free(d->gamma);
  free(d->s);
  free(d->U);
  free(d->V);
  free(d->contrast);
}

/* At zero all residuals of a column but the own one of its class are equal in
   its group, and the difference is that of the targets. */
static ufm_status direction_init(direction *d, ufm__reduced *f, double *x,
                                 double *g, ufm_error *error)
{
  const ufm_orbits *o = f->orbits;
  size_t G = o->G;
  ufm_status status;

  *d = (direction){.gamma = calloc(G * G, sizeof(double)),
                   .s = calloc(G, sizeof(double)),
                   .U = calloc(G * G, sizeof(double)),
                   .V = calloc(G * G, sizeof(double)),
                   .contrast = calloc(G, sizeof(double))};
  if (d->gamma == NULL || d->s == NULL || d->U == NULL || d->V == NULL ||
      d->contrast == NULL)
    return ufm__no_memory(error, "start");
  memset(x, 0, o->length * sizeof *x);
  ufm__reduced_value(f, x, g); /* leaves the derivatives by v_f . y_g in f->z */
  for (size_t k = 0; k < G; k++) {
    double nu = (double)o->count[k];

    d->contrast[k] = f->on * f->pi[k] / sqrt(nu);
    for (size_t l = 0; l < G; l++)
      d->gamma[l * G + k] =
          -f->z[l * G + k] / sqrt(f->size[l] * f->size[k] * nu);
  }
  status = ufm__svd(G, G, d->gamma, d->s, d->U, d->V, error);
  for (size_t i = 0; i < G; i++)
    d->s[i] = fmax(d->s[i], least_part * fmax(d->s[0], d->contrast[0]));
  return status;
}

/* x = balanced factors of t times the direction. */
static void factors(const direction *d, const ufm__reduced *f, double t,
                    double *x)
{
  const ufm_orbits *o = f->orbits;
  size_t G = o->G, r = o->r;

  for (size_t g = 0; g < G; g++) {
    x[o->w + g] = x[o->h + g] = sqrt(t * d->contrast[g] * (f->size[g] - 1.0));
    for (size_t i = 0; i < r; i++) {
      x[o->v + g * r + i] = sqrt(t * d->s[i]) * d->U[g * G + i];
      x[o->y + g * r + i] = sqrt(t * d->s[i]) * d->V[i * G + g];
    }
  }
}

ufm_status ufm__reduced_start(ufm__reduced *f, const ufm_problem *problem,
                              double *x, double *work, ufm_error *error)
{
  enum { MOST_STEPS = 60 };
  direction d;
  ufm_status status = direction_init(&d, f, x, work, error);

  if (status == UFM_OK) {
    double natural = sqrt(ufm__class_size(problem)) * ufm__logit_size(problem);
    double t = natural / fmax(d.s[0], d.contrast[0]), step = 2.0, best;

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
