/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steihaug's method (SIAM J. Numer. Anal. 20, 1983) with the recurrences of
   Conn, Gould and Toint, Trust-Region Methods (2000), algorithm 7.5.1, for the
   norm of the inverse preconditioner, which is never applied. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "linalg/blas.h"
#include "minimize/steihaug.h"

/* Squared lengths and the product p'd in the norm of 1/P, by recurrence. */
typedef struct norms {
  double pp, pd, dd;
} norms;

/* The t > 0 with |p + t d| = radius. */
static double to_boundary(const norms *m, double radius)
{
  double room = radius * radius - m->pp;
  double root = sqrt(m->pd * m->pd + m->dd * fmax(room, 0.0));

  /* of the two forms of the root, the one without cancellation */
  return m->pd > 0.0 ? room / (m->pd + root) : (root - m->pd) / m->dd;
}

/* p += t d.  The model falls by t rz - t^2 curvature / 2, because the
   directions are conjugate and -g'd = r'z there. */
static void move(ufm__steihaug *s, norms *m, double t, double rz,
                 double curvature)
{
  ufm__axpy(s->n, t, s->d, s->p);
  s->predicted += t * (rz - 0.5 * t * curvature);
  m->pp += t * (2.0 * m->pd + t * m->dd);
  s->length = sqrt(fmax(m->pp, 0.0));
}

static double *residual(ufm__steihaug *s, double *rz)
{
  double *z = s->r;

  if (s->precondition != NULL) {
    z = s->z;
    s->code = s->precondition(s->params, s->r, z);
  }
  *rz = ufm__dot(s->n, s->r, z);
  return z;
}

/* d = -z at the start; false when there is nothing to follow. */
static bool begin(ufm__steihaug *s, const double *g, norms *m, double *rz)
{
  double *z;

  s->length = s->predicted = s->stiffest = 0.0;
  s->code = GSL_SUCCESS;
  memset(s->p, 0, s->n * sizeof *s->p);
  memcpy(s->r, g, s->n * sizeof *s->r);
  z = residual(s, rz);
  if (s->code != GSL_SUCCESS || !isfinite(*rz) || !(*rz > 0.0))
    return false;
  memcpy(s->d, z, s->n * sizeof *s->d);
  ufm__scale(s->n, -1.0, s->d);
  *m = (norms){0.0, 0.0, *rz};
  if (s->radius < 0.0)
    s->radius *= -sqrt(*rz) / ufm__norm(s->n, s->d);
  return true;
}

ufm__steihaug_end ufm__steihaug_solve(ufm__steihaug *s, const double *g)
{
  double rz, next, curvature, largest = 0.0, target;
  norms m;

  if (!begin(s, g, &m, &rz))
    return s->code != GSL_SUCCESS ? UFM__STEIHAUG_FAILED
                                  : UFM__STEIHAUG_NOT_FINITE;
  target = s->forcing * ufm__norm(s->n, g);
  for (size_t i = 0; i < s->most; i++) {
    double t, *z, beta;

    s->code = s->product(s->params, s->d, s->Bd);
    if (s->code != GSL_SUCCESS)
      return UFM__STEIHAUG_FAILED;
    curvature = ufm__dot(s->n, s->d, s->Bd);
    if (!isfinite(curvature))
      return UFM__STEIHAUG_NOT_FINITE;
    s->stiffest =
        fmax(s->stiffest, fabs(curvature) / ufm__dot(s->n, s->d, s->d));
    /* Along an invariance the curvature is rounding, of either sign: following
       it to the boundary would be a walk through noise. */
    largest = fmax(largest, fabs(curvature) / m.dd);
    if (i > 0 && fabs(curvature) <= 1e-12 * largest * m.dd)
      return UFM__STEIHAUG_FLAT;
    if (curvature <= 0.0) {
      move(s, &m, to_boundary(&m, s->radius), rz, curvature);
      return UFM__STEIHAUG_CURVATURE;
    }
    t = rz / curvature;
    if (m.pp + t * (2.0 * m.pd + t * m.dd) >= s->radius * s->radius) {
      move(s, &m, to_boundary(&m, s->radius), rz, curvature);
      return UFM__STEIHAUG_BOUNDARY;
    }
    move(s, &m, t, rz, curvature);
    ufm__axpy(s->n, t, s->Bd, s->r);
    if (ufm__norm(s->n, s->r) <= target)
      return UFM__STEIHAUG_INTERIOR;
    z = residual(s, &next);
    if (s->code != GSL_SUCCESS)
      return UFM__STEIHAUG_FAILED;
    if (!(next > 0.0) || !isfinite(next))
      return UFM__STEIHAUG_FLAT; /* the residual is lost in rounding */
    beta = next / rz;
    ufm__scale(s->n, beta, s->d);
    ufm__axpy(s->n, -1.0, z, s->d);
    m.pd = beta * (m.pd + t * m.dd);
    m.dd = next + beta * beta * m.dd;
    rz = next;
  }
  return UFM__STEIHAUG_INTERIOR;
}
