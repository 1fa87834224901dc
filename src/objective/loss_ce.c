/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cross entropy -sum_k t_k log softmax(y)_k.
   With r = argmax y and rest = sum_{i != r} exp(y_i - y_r),

     loss       = log1p(rest) + sum_i t_i (y_r - y_i)      (sum t = 1),
     p_i        = exp(y_i - y_r) / (1 + rest),
     p_r - t_r  = (1 - t_r) - rest / (1 + rest),

   a sum of non-negative terms and a residual without cancellation when p_r is
   close to 1: both keep their relative accuracy for small losses.  Second
   derivative: diag(p) - p p^T. */
#include <config.h>

#include <math.h>

#include "objective/loss.h"

static size_t argmax(size_t n, const double *y)
{
  size_t r = 0;

  for (size_t i = 1; i < n; i++)
    if (y[i] > y[r])
      r = i;
  return r;
}

/* sum_i t_i (y_r - y_i) */
static double target_gap(const ufm_columns *columns, size_t j, const double *y,
                         double top)
{
  double background = columns->rounded[columns->background[j]], gap = 0.0;

  if (background != 0.0) {
    for (size_t i = 0; i < columns->K; i++)
      gap += top - y[i];
    gap *= background;
  }
  for (size_t e = columns->first[j]; e < columns->first[j + 1]; e++)
    gap += columns->rounded[columns->value[e]] * (top - y[columns->row[e]]);
  return gap;
}

static double ce_value(const ufm_columns *columns, size_t j, const double *y)
{
  size_t r = argmax(columns->K, y);
  double rest = 0.0;

  for (size_t i = 0; i < columns->K; i++)
    if (i != r)
      rest += exp(y[i] - y[r]);
  return log1p(rest) + target_gap(columns, j, y, y[r]);
}

/* gradient := p - t, given gradient = p except at r, where p_r = 1 - missing.
 */
static void subtract_target(const ufm_columns *columns, size_t j, size_t r,
                            double missing, double *gradient)
{
  double background = columns->rounded[columns->background[j]];
  double target_r = background;

  if (background != 0.0)
    for (size_t i = 0; i < columns->K; i++)
      gradient[i] -= background;
  for (size_t e = columns->first[j]; e < columns->first[j + 1]; e++) {
    double value = columns->rounded[columns->value[e]];

    gradient[columns->row[e]] -= value;
    if (columns->row[e] == r)
      target_r += value;
  }
  gradient[r] = (1.0 - target_r) - missing;
}

static double ce_gradient(const ufm_columns *columns, size_t j, const double *y,
                          double *gradient)
{
  size_t K = columns->K, r = argmax(K, y);
  double top = y[r], gap = target_gap(columns, j, y, top), rest = 0.0, scale;

  for (size_t i = 0; i < K; i++) {
    gradient[i] = i == r ? 0.0 : exp(y[i] - top);
    rest += gradient[i];
  }
  scale = 1.0 / (1.0 + rest);
  for (size_t i = 0; i < K; i++)
    gradient[i] *= scale;
  subtract_target(columns, j, r, rest * scale, gradient);
  return log1p(rest) + gap;
}

/* p (1 - p), with p = gradient + t. */
static void ce_diagonal(const ufm_columns *columns, size_t j,
                        const double *gradient, double *out)
{
  double background = columns->rounded[columns->background[j]];

  for (size_t i = 0; i < columns->K; i++)
    out[i] = (gradient[i] + background) * (1.0 - background - gradient[i]);
  for (size_t e = columns->first[j]; e < columns->first[j + 1]; e++) {
    size_t i = columns->row[e];
    double t = background + columns->rounded[columns->value[e]];

    out[i] = (gradient[i] + t) * ((1.0 - t) - gradient[i]);
  }
}

/* p = gradient + t takes the place of the gradient. */
static void ce_hessian(const ufm_columns *columns, size_t j, double *p,
                       double *v)
{
  double background = columns->rounded[columns->background[j]], mean = 0.0;
  size_t K = columns->K;

  if (background != 0.0)
    for (size_t i = 0; i < K; i++)
      p[i] += background;
  for (size_t e = columns->first[j]; e < columns->first[j + 1]; e++)
    p[columns->row[e]] += columns->rounded[columns->value[e]];
  for (size_t i = 0; i < K; i++)
    mean += p[i] * v[i];
  for (size_t i = 0; i < K; i++)
    v[i] = p[i] * (v[i] - mean);
}

const ufm__loss ufm__loss_ce = {ce_value, ce_gradient, ce_diagonal, ce_hessian};
