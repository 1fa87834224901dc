/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns given one by one. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "problem/columns.h"

/* A column of double-precision probabilities sums to 1 about as well as this
   whatever K is in practice; more is a mistake in the data. */
static const double sum_tolerance = 1e-9;

static ufm_status check_column(size_t K, size_t J, size_t j,
                               const double *target, ufm_error *error)
{
  double sum = 0.0;

  for (size_t i = 0; i < K; i++) {
    double t = target[i * J + j];

    if (!(t >= 0.0) || !isfinite(t))
      return ufm__fail(error, UFM_EINVAL,
                       "targets: column %zu, class %zu: got %g, want a number "
                       ">= 0",
                       j, i, t);
    sum += t;
  }
  if (fabs(sum - 1.0) <= sum_tolerance)
    return UFM_OK;
  return ufm__fail(error, UFM_EINVAL,
                   "targets: column %zu: got the sum %.12g, want 1 within %g",
                   j, sum, sum_tolerance);
}

static ufm_status check_weights(size_t J, const double *weight,
                                ufm_error *error)
{
  for (size_t j = 0; j < J; j++)
    if (!(weight[j] > 0.0) || !isfinite(weight[j]))
      return ufm__fail(error, UFM_EINVAL,
                       "targets: weight of column %zu: got %g, want a number "
                       "above 0",
                       j, weight[j]);
  return UFM_OK;
}

/* Exactly t_ij / sum_i t_ij; returns the next free palette entry. */
static size_t set_column(ufm_columns *out, size_t j, const double *target,
                         size_t next)
{
  size_t K = out->K, J = out->J, entry = out->first[j], begin = next;
  mpq_t sum;

  mpq_init(sum);
  out->label[j] = UFM_NO_LABEL;
  for (size_t i = 0; i < K; i++) {
    double t = target[i * J + j];

    if (t == 0.0)
      continue;
    out->row[entry] = i;
    out->value[entry++] = next;
    mpq_set_d(out->palette[next], t);
    mpq_add(sum, sum, out->palette[next]);
    next++;
  }
  for (size_t e = begin; e < next; e++)
    mpq_div(out->palette[e], out->palette[e], sum);
  if (next == begin + 1)
    out->label[j] = out->row[entry - 1];
  out->first[j + 1] = entry;
  mpq_clear(sum);
  return next;
}

static void set_weights(ufm_columns *out, const double *weight, size_t next)
{
  mpq_t sum;

  mpq_init(sum);
  for (size_t j = 0; j < out->J; j++) {
    mpq_ptr w = out->palette[next + j];

    if (weight != NULL)
      mpq_set_d(w, weight[j]);
    else
      mpq_set_ui(w, 1, 1);
    mpq_add(sum, sum, w);
    out->weight[j] = next + j;
  }
  for (size_t j = 0; j < out->J; j++)
    mpq_div(out->palette[next + j], out->palette[next + j], sum);
  mpq_clear(sum);
}

ufm_status ufm__columns_from_list(ufm_columns *out, size_t K, size_t J,
                                  const double *target, const double *weight,
                                  ufm_error *error)
{
  size_t entries = 0, next = 1; /* palette entry 0 is 0, the background */
  ufm_status status = UFM_OK;

  if (J < 1)
    return ufm__fail(error, UFM_EINVAL,
                     "targets: got no columns, want at least 1");
  for (size_t j = 0; j < J && status == UFM_OK; j++)
    status = check_column(K, J, j, target, error);
  if (status == UFM_OK && weight != NULL)
    status = check_weights(J, weight, error);
  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < K * J; i++)
    entries += target[i] != 0.0;
  status = ufm__columns_alloc(out, K, J, entries, 1 + entries + J, error);
  if (status != UFM_OK)
    return status;
  for (size_t j = 0; j < J; j++)
    next = set_column(out, j, target, next);
  set_weights(out, weight, next);
  mpq_set_ui(out->ratio, 1, 1);
  ufm__columns_round(out);
  return UFM_OK;
}
