/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared error |y - t|^2 / 2: gradient y - t, second derivative I. */
#include <config.h>

#include "objective/loss.h"

static double mse_gradient(const ufm_columns *columns, size_t j,
                           const double *y, double *gradient, double *curvature)
{
  double background = columns->rounded[columns->background[j]], sum = 0.0;
  size_t e = columns->first[j], end = columns->first[j + 1];

  (void)curvature;
  for (size_t i = 0; i < columns->K; i++) {
    double t = background;

    if (e < end && columns->row[e] == i)
      t += columns->rounded[columns->value[e++]];
    gradient[i] = y[i] - t;
    sum += gradient[i] * gradient[i];
  }
  return 0.5 * sum;
}

static double mse_value(const ufm_columns *columns, size_t j, const double *y)
{
  double background = columns->rounded[columns->background[j]], sum = 0.0;
  size_t e = columns->first[j], end = columns->first[j + 1];

  for (size_t i = 0; i < columns->K; i++) {
    double t = background;

    if (e < end && columns->row[e] == i)
      t += columns->rounded[columns->value[e++]];
    sum += (y[i] - t) * (y[i] - t);
  }
  return 0.5 * sum;
}

static void mse_hessian(size_t K, const double *curvature, double *v)
{
  (void)K;
  (void)curvature;
  (void)v;
}

const ufm__loss ufm__loss_mse = {mse_value, mse_gradient, mse_hessian};
