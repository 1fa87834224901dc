/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What settings must satisfy. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>

#include "core/error.h"
#include "problem/check.h"

static ufm_status check_sizes(const ufm_problem_settings *s, ufm_error *error)
{
  size_t samples = 0;

  if (s->K < 2)
    return ufm__fail(error, UFM_EINVAL, "classes: got %zu, want at least 2",
                     s->K);
  if (s->M < 1)
    return ufm__fail(error, UFM_EINVAL, "depth: got 0, want at least 1");
  for (size_t k = 0; k < s->K; k++) {
    if (s->counts[k] < 1)
      return ufm__fail(error, UFM_EINVAL,
                       "counts: class %zu has 0 samples, want at least 1", k);
    if (s->counts[k] > SIZE_MAX / sizeof(double) - samples)
      return ufm__fail(error, UFM_ERANGE, "counts: their sum exceeds %zu",
                       SIZE_MAX / sizeof(double));
    samples += s->counts[k];
  }
  for (size_t m = 0; m < s->M; m++)
    if (s->widths[m] < 1)
      return ufm__fail(error, UFM_EINVAL, "widths: d_%zu is 0, want at least 1",
                       m + 1);
  return UFM_OK;
}

/* Requires value > 0; gmp_snprintf cuts what would not fit on a line. */
static ufm_status check_positive(mpq_srcptr value, const char *name, size_t m,
                                 ufm_error *error)
{
  char text[80], place[32] = "";

  if (value != NULL && mpq_sgn(value) > 0)
    return UFM_OK;
  if (m > 0)
    snprintf(place, sizeof place, "_%zu", m);
  if (value == NULL)
    snprintf(text, sizeof text, "nothing");
  else
    gmp_snprintf(text, sizeof text, "%Qd", value);
  return ufm__fail(error, UFM_EINVAL, "%s%s: got %s, want a number above 0",
                   name, place, text);
}

static ufm_status check_penalties(const ufm_problem_settings *s,
                                  ufm_error *error)
{
  ufm_status status = check_positive(s->lambda_h, "lambda-H", 0, error);

  for (size_t m = 0; m < s->M && status == UFM_OK && s->lambda_w != NULL; m++)
    status = check_positive(s->lambda_w[m], "lambda-W", m + 1, error);
  if (status == UFM_OK && s->bias == UFM_BIAS_RIDGE)
    status = check_positive(s->lambda_b, "lambda-b", 0, error);
  if (status == UFM_OK && s->bias != UFM_BIAS_RIDGE && s->lambda_b != NULL)
    status = ufm__fail(error, UFM_EINVAL,
                       "lambda-b: got a value with bias %s, want it only with "
                       "bias ridge",
                       ufm_bias_name(s->bias));
  if (status == UFM_OK && s->lambda_w == NULL && s->multiplier == NULL)
    status = ufm__fail(error, UFM_EINVAL, "lambda-W: missing");
  return status;
}

static ufm_status check_targets(const ufm_problem_settings *s, ufm_error *error)
{
  if (s->targets == UFM_TARGETS_SMOOTH &&
      (s->smoothing == NULL || mpq_sgn(s->smoothing) < 0 ||
       mpq_cmp_ui(s->smoothing, 1, 1) >= 0))
    return ufm__fail(error, UFM_EINVAL,
                     "targets: smooth wants EPS with 0 <= EPS < 1");
  if (s->targets == UFM_TARGETS_MIXUP && s->mixing == NULL)
    return ufm__fail(error, UFM_EINVAL, "targets: mixup wants a mixing law");
  if (s->targets == UFM_TARGETS_FILE && s->target == NULL)
    return ufm__fail(error, UFM_EINVAL, "targets: file wants a matrix");
  if (s->unmerged &&
      (s->targets == UFM_TARGETS_MIXUP || s->targets == UFM_TARGETS_FILE))
    return ufm__fail(error, UFM_EINVAL,
                     "unmerged: got targets %s, want onehot or smooth, whose "
                     "columns are samples",
                     ufm_targets_name(s->targets));
  return UFM_OK;
}

static ufm_status check_fixed(const ufm_problem_settings *s, ufm_error *error)
{
  if (s->multiplier == NULL)
    return UFM_OK;
  if (mpq_sgn(s->multiplier) <= 0)
    return ufm__fail(error, UFM_EINVAL,
                     "fix-W: got a multiplier that is not above 0, want etf:M "
                     "with M > 0");
  if (s->M != 1)
    return ufm__fail(error, UFM_EINVAL, "fix-W: got depth %zu, want 1", s->M);
  if (s->widths[0] + 1 < s->K)
    return ufm__fail(error, UFM_EINVAL,
                     "fix-W: got width %zu, want at least K - 1 = %zu, the "
                     "rank of a simplex ETF",
                     s->widths[0], s->K - 1);
  return UFM_OK;
}

ufm_status ufm__problem_check(const ufm_problem_settings *settings,
                              ufm_error *error)
{
  ufm_status status = check_sizes(settings, error);

  if (status == UFM_OK)
    status = check_targets(settings, error);
  if (status == UFM_OK)
    status = check_fixed(settings, error);
  if (status == UFM_OK)
    status = check_penalties(settings, error);
  return status;
}
