/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The immutable problem: checked, copied, and read through accessors. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/problem.h>

#include "core/error.h"
#include "problem/columns.h"
#include "problem/groups.h"

struct ufm_problem {
  ufm_loss loss;
  ufm_bias bias;
  ufm_targets targets;
  bool merged;
  size_t K, M, N;
  size_t *counts;  /* K */
  size_t *widths;  /* M + 1, the last is K */
  mpq_t *lambda_w; /* M */
  mpq_t lambda_h, lambda_b, smoothing;
  ufm_columns columns;
  ufm_groups groups;
};

static ufm_status check_sizes(const ufm_problem_settings *s, ufm_error *error)
{
  if (s->K < 2)
    return ufm__fail(error, UFM_EINVAL, "classes: got %zu, want at least 2",
                     s->K);
  if (s->M < 1)
    return ufm__fail(error, UFM_EINVAL, "depth: got 0, want at least 1");
  for (size_t k = 0; k < s->K; k++)
    if (s->counts[k] < 1)
      return ufm__fail(error, UFM_EINVAL,
                       "counts: class %zu has 0 samples, want at least 1", k);
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

  for (size_t m = 0; m < s->M && status == UFM_OK; m++)
    status = check_positive(s->lambda_w[m], "lambda-W", m + 1, error);
  if (status == UFM_OK && s->bias == UFM_BIAS_RIDGE)
    status = check_positive(s->lambda_b, "lambda-b", 0, error);
  if (status == UFM_OK && s->bias != UFM_BIAS_RIDGE && s->lambda_b != NULL)
    status = ufm__fail(error, UFM_EINVAL,
                       "lambda-b: got a value with bias %s, want it only with "
                       "bias ridge",
                       ufm_bias_name(s->bias));
  if (status == UFM_OK && s->targets == UFM_TARGETS_SMOOTH &&
      (s->smoothing == NULL || mpq_sgn(s->smoothing) < 0 ||
       mpq_cmp_ui(s->smoothing, 1, 1) >= 0))
    status = ufm__fail(error, UFM_EINVAL,
                       "targets: smooth wants EPS with 0 <= EPS < 1");
  return status;
}

static ufm_status copy_settings(ufm_problem *p, const ufm_problem_settings *s,
                                ufm_error *error)
{
  p->loss = s->loss;
  p->bias = s->bias;
  p->targets = s->targets;
  p->merged = !s->unmerged;
  p->K = s->K;
  p->counts = calloc(s->K, sizeof *p->counts);
  p->widths = calloc(s->M + 1, sizeof *p->widths);
  p->lambda_w = calloc(s->M, sizeof *p->lambda_w);
  if (p->counts == NULL || p->widths == NULL || p->lambda_w == NULL)
    return ufm__no_memory(error, "problem");
  memcpy(p->counts, s->counts, s->K * sizeof *p->counts);
  memcpy(p->widths, s->widths, s->M * sizeof *p->widths);
  p->widths[s->M] = s->K;
  for (; p->M < s->M; p->M++) {
    mpq_init(p->lambda_w[p->M]);
    mpq_set(p->lambda_w[p->M], s->lambda_w[p->M]);
  }
  mpq_set(p->lambda_h, s->lambda_h);
  if (s->lambda_b != NULL)
    mpq_set(p->lambda_b, s->lambda_b);
  if (s->targets == UFM_TARGETS_SMOOTH)
    mpq_set(p->smoothing, s->smoothing);
  return UFM_OK;
}

ufm_status ufm_problem_new(ufm_problem **out,
                           const ufm_problem_settings *settings,
                           ufm_error *error)
{
  ufm_problem *p;
  ufm_status status = check_sizes(settings, error);

  *out = NULL;
  if (status == UFM_OK)
    status = check_penalties(settings, error);
  if (status != UFM_OK)
    return status;
  p = calloc(1, sizeof *p);
  if (p == NULL)
    return ufm__no_memory(error, "problem");
  mpq_inits(p->lambda_h, p->lambda_b, p->smoothing, (mpq_ptr)NULL);
  status = copy_settings(p, settings, error);
  if (status == UFM_OK)
    status = ufm__columns_from_counts(
        &p->columns, p->K, p->counts,
        p->targets == UFM_TARGETS_SMOOTH ? p->smoothing : NULL, !p->merged,
        error);
  if (status == UFM_OK)
    status = ufm__groups_init(&p->groups, p->K, p->counts, error);
  if (status != UFM_OK) {
    ufm_problem_free(p);
    return status;
  }
  for (size_t k = 0; k < p->K; k++)
    p->N += p->counts[k];
  *out = p;
  return UFM_OK;
}

void ufm_problem_free(ufm_problem *problem)
{
  if (problem == NULL)
    return;
  for (size_t m = 0; m < problem->M; m++)
    mpq_clear(problem->lambda_w[m]);
  mpq_clears(problem->lambda_h, problem->lambda_b, problem->smoothing,
             (mpq_ptr)NULL);
  ufm__columns_clear(&problem->columns);
  ufm__groups_clear(&problem->groups);
  free(problem->counts);
  free(problem->widths);
  free(problem->lambda_w);
  free(problem);
}

ufm_loss ufm_problem_loss(const ufm_problem *problem)
{
  return problem->loss;
}

ufm_bias ufm_problem_bias(const ufm_problem *problem)
{
  return problem->bias;
}

ufm_targets ufm_problem_targets(const ufm_problem *problem)
{
  return problem->targets;
}

size_t ufm_problem_classes(const ufm_problem *problem)
{
  return problem->K;
}

size_t ufm_problem_samples(const ufm_problem *problem)
{
  return problem->N;
}

const size_t *ufm_problem_counts(const ufm_problem *problem)
{
  return problem->counts;
}

size_t ufm_problem_depth(const ufm_problem *problem)
{
  return problem->M;
}

size_t ufm_problem_width(const ufm_problem *problem, size_t m)
{
  return problem->widths[m - 1];
}

size_t ufm_problem_rank_limit(const ufm_problem *problem)
{
  size_t R = problem->K;

  for (size_t m = 0; m < problem->M; m++)
    if (problem->widths[m] < R)
      R = problem->widths[m];
  return R;
}

mpq_srcptr ufm_problem_lambda_w(const ufm_problem *problem, size_t m)
{
  return problem->lambda_w[m - 1];
}

mpq_srcptr ufm_problem_lambda_h(const ufm_problem *problem)
{
  return problem->lambda_h;
}

mpq_srcptr ufm_problem_lambda_b(const ufm_problem *problem)
{
  return problem->bias == UFM_BIAS_RIDGE ? problem->lambda_b : NULL;
}

mpq_srcptr ufm_problem_smoothing(const ufm_problem *problem)
{
  return problem->targets == UFM_TARGETS_SMOOTH ? problem->smoothing : NULL;
}

void ufm_problem_lambda_product(const ufm_problem *problem, mpq_t out)
{
  mpq_set(out, problem->lambda_h);
  for (size_t m = 0; m < problem->M; m++)
    mpq_mul(out, out, problem->lambda_w[m]);
}

bool ufm_problem_merged(const ufm_problem *problem)
{
  return problem->merged;
}

const ufm_columns *ufm_problem_columns(const ufm_problem *problem)
{
  return &problem->columns;
}

const ufm_groups *ufm_problem_groups(const ufm_problem *problem)
{
  return &problem->groups;
}
