/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conjugate gradients for the Newton systems of refinement. */
#include <config.h>

#include <string.h>

#include <gsl/gsl_cblas.h>

#include "verify/newton.h"

enum { MOST_ITERATIONS = 3000, PATIENCE = 150 };

/* P r, in z unless that is r itself. */
static double *precondition(const ufm__newton_system *system, double *r,
                            double *z)
{
  if (system->precondition == NULL)
    return r;
  system->precondition(system->context, r, z);
  return z;
}

bool ufm__newton_cg(const ufm__newton_system *system, double shift,
                    const double *right, double *x, double *work)
{
  int n = (int)system->size;
  size_t bytes = system->size * sizeof *x;
  double *r = work, *p = work + n, *hp = work + 2 * n;
  double *z, rho, best, goal;
  int limit = 4 * n + 100, last_gain = 0;

  if (limit > MOST_ITERATIONS)
    limit = MOST_ITERATIONS;
  memset(x, 0, bytes);
  memcpy(r, right, bytes);
  z = precondition(system, r, work + 3 * n);
  memcpy(p, z, bytes);
  rho = best = cblas_ddot(n, r, 1, z, 1);
  goal = 1e-26 * rho;
  for (int k = 0; k < limit && rho > goal && k < last_gain + PATIENCE; k++) {
    double curve, step, next;

    system->product(system->context, p, hp);
    cblas_daxpy(n, shift, p, 1, hp, 1);
    curve = cblas_ddot(n, p, 1, hp, 1);
    if (!(curve > 0.0))
      /* around 0 it is rounding in the null space: nothing left to gain */
      return curve > -1e-6 * system->kappa * cblas_ddot(n, p, 1, p, 1);
    step = rho / curve;
    cblas_daxpy(n, step, p, 1, x, 1);
    cblas_daxpy(n, -step, hp, 1, r, 1);
    z = precondition(system, r, work + 3 * n);
    next = cblas_ddot(n, r, 1, z, 1);
    cblas_dscal(n, next / rho, p, 1);
    cblas_daxpy(n, 1.0, z, 1, p, 1);
    rho = next;
    if (rho < 0.5 * best) {
      best = rho;
      last_gain = k;
    }
  }
  return true;
}
