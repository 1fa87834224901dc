/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared error |y - t|^2 / 2: gradient y - t, second derivative I. */
#include <config.h>

#include "objective/loss.h"

/* r = y - t, entry by entry; `out` may be y or NULL.  Returns |r|^2 / 2. */
static double residual(const ufm_columns *columns, size_t j, const double *y,
                       double *out)
{
  double background = columns->rounded[columns->background[j]], sum = 0.0;
  size_t e = columns->first[j], end = columns->first[j + 1];

  for (size_t i = 0; i < columns->K; i++) {
    double r = y[i] - background;

    if (e < end && columns->row[e] == i)
      r = y[i] - (background + columns->rounded[columns->value[e++]]);
    sum += r * r;
    if (out != NULL)
      out[i] = r;
  }
  return 0.5 * sum;
}

static double mse_value(const ufm_columns *columns, size_t j, const double *y)
{
  return residual(columns, j, y, NULL);
}

static double mse_gradient(const ufm_columns *columns, size_t j,
                           const double *y, double *gradient)
{
  return residual(columns, j, y, gradient);
}

static void mse_diagonal(const ufm_columns *columns, size_t j,
                         const double *gradient, double *out)
{
  (void)j;
  (void)gradient;
  for (size_t i = 0; i < columns->K; i++)
    out[i] = 1.0;
}

static void mse_hessian(const ufm_columns *columns, size_t j, double *gradient,
                        double *v)
{
  (void)columns;
  (void)j;
  (void)gradient;
  (void)v;
}

const ufm__loss ufm__loss_mse = {mse_value, mse_gradient, mse_diagonal,
                                 mse_hessian};
