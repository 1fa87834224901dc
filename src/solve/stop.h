/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_STOP_H
#define UFM_SOLVE_STOP_H

#include <stdbool.h>

#include <ufm/objective.h>

/* The stop test of <ufm/solve.h>. */
typedef struct ufm__stop_test {
  double floor;    /* below this the size of the gradient's parts is not used */
  double kappa;    /* penalty coefficient of the balanced variables */
  double *penalty; /* workspace: gradient of the penalties */
  size_t n;
} ufm__stop_test;

UFM_MUST_CHECK ufm_status ufm__stop_init(ufm__stop_test *stop,
                                         ufm_objective *objective,
                                         ufm_error *error);
void ufm__stop_clear(ufm__stop_test *stop);

/* |g| over the larger of its two parts at x. */
double ufm__relative_gradient(ufm__stop_test *stop,
                              const ufm_objective *objective, const double *x,
                              const double *g);

/* True when a gradient of this norm promises a decrease that F, as a double,
   cannot show: where the penalties alone give the curvature kappa, F - F* is at
   most |g|^2 / (2 kappa). */
bool ufm__at_rounding_floor(const ufm__stop_test *stop, double F,
                            double gradient_norm);

#endif
