/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a run is done: the relative gradient and the rounding floor. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "solve/stop.h"

ufm_status ufm__stop_init(ufm__stop_test *stop, ufm_objective *objective,
                          ufm_error *error)
{
  const ufm_layout *layout = ufm_objective_layout(objective);
  double *zero = calloc(layout->size, sizeof *zero), at_zero;

  *stop = (ufm__stop_test){.n = layout->size};
  if (zero == NULL)
    return ufm__no_memory(error, "stop test");
  at_zero = ufm_objective_value(objective, zero);
  /* Penalties are kappa/2 |.|^2, so their gradient at the unit vector of a
     feature is kappa times that. */
  stop->penalty = calloc(layout->size, sizeof *stop->penalty);
  if (stop->penalty == NULL) {
    free(zero);
    return ufm__no_memory(error, "stop test");
  }
  zero[layout->h] = 1.0;
  ufm_objective_penalty_gradient(objective, zero, stop->penalty);
  stop->kappa = stop->penalty[layout->h];
  stop->floor = 1e-3 * sqrt(2.0 * stop->kappa * at_zero);
  free(zero);
  return UFM_OK;
}

void ufm__stop_clear(ufm__stop_test *stop)
{
  free(stop->penalty);
  *stop = (ufm__stop_test){0};
}

double ufm__relative_gradient(ufm__stop_test *stop,
                              const ufm_objective *objective, const double *x,
                              const double *g)
{
  double norm = ufm__norm(stop->n, g), penalty, loss;

  ufm_objective_penalty_gradient(objective, x, stop->penalty);
  penalty = ufm__norm(stop->n, stop->penalty);
  ufm__axpy(stop->n, -1.0, g, stop->penalty);
  loss = ufm__norm(stop->n, stop->penalty);
  return norm / fmax(stop->floor, fmax(penalty, loss));
}

bool ufm__at_rounding_floor(const ufm__stop_test *stop, double F,
                            double gradient_norm)
{
  /* |g|^2 itself may overflow or underflow */
  return gradient_norm <=
             sqrt(2000.0 * DBL_EPSILON) * sqrt(stop->kappa) * sqrt(fabs(F)) &&
         isfinite(F);
}
