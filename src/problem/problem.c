/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The immutable problem: checked, copied, and read through accessors. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <ufm/problem.h>

#include "core/error.h"
#include "problem/check.h"
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
  mpq_t lambda_h, lambda_b, smoothing, multiplier;
  bool fixed;         /* the classifier: W W^T = multiplier^2 (I - J/K) */
  ufm_mixing *mixing; /* NULL but for mixup */
  ufm_columns columns;
  ufm_groups groups;
};

static ufm_status copy_settings(ufm_problem *p, const ufm_problem_settings *s,
                                ufm_error *error)
{
  p->loss = s->loss;
  p->bias = s->bias;
  p->targets = s->targets;
  p->merged = !s->unmerged;
  p->K = s->K;
  for (size_t k = 0; k < s->K; k++)
    p->N += s->counts[k];
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
    if (s->lambda_w != NULL)
      mpq_set(p->lambda_w[p->M], s->lambda_w[p->M]);
  }
  mpq_set(p->lambda_h, s->lambda_h);
  if (s->lambda_b != NULL)
    mpq_set(p->lambda_b, s->lambda_b);
  if (s->targets == UFM_TARGETS_SMOOTH)
    mpq_set(p->smoothing, s->smoothing);
  p->fixed = s->multiplier != NULL;
  if (p->fixed)
    mpq_set(p->multiplier, s->multiplier);
  return UFM_OK;
}

/* Same-class pairs of independent draws: sum (n_k/N)^2. */
static void set_same(ufm_problem *p)
{
  mpz_t squares, samples;

  if (p->mixing->same_given)
    return;
  mpz_inits(squares, samples, (mpz_ptr)NULL);
  for (size_t k = 0; k < p->K; k++) {
    mpz_set_ui(samples, p->counts[k]);
    mpz_addmul(squares, samples, samples);
  }
  mpz_set_ui(samples, p->N);
  mpz_mul(samples, samples, samples);
  mpq_set_num(p->mixing->same, squares);
  mpq_set_den(p->mixing->same, samples);
  mpq_canonicalize(p->mixing->same);
  mpz_clears(squares, samples, (mpz_ptr)NULL);
}

static ufm_status set_columns(ufm_problem *p, const ufm_problem_settings *s,
                              ufm_error *error)
{
  ufm_status status;

  switch (p->targets) {
  case UFM_TARGETS_MIXUP:
    status = ufm_mixing_copy(&p->mixing, s->mixing, error);
    if (status != UFM_OK)
      return status;
    set_same(p);
    return ufm__columns_from_pairs(&p->columns, p->K, p->counts, &p->groups,
                                   p->mixing, error);
  case UFM_TARGETS_FILE:
    return ufm__columns_from_list(&p->columns, p->K, s->columns, s->target,
                                  s->target_weight, error);
  case UFM_TARGETS_ONEHOT:
  case UFM_TARGETS_SMOOTH:
    break;
  }
  return ufm__columns_from_counts(
      &p->columns, p->K, &p->groups,
      p->targets == UFM_TARGETS_SMOOTH ? p->smoothing : NULL, !p->merged,
      error);
}

ufm_status ufm_problem_new(ufm_problem **out,
                           const ufm_problem_settings *settings,
                           ufm_error *error)
{
  ufm_problem *p;
  ufm_status status = ufm__problem_check(settings, error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  p = calloc(1, sizeof *p);
  if (p == NULL)
    return ufm__no_memory(error, "problem");
  mpq_inits(p->lambda_h, p->lambda_b, p->smoothing, p->multiplier,
            (mpq_ptr)NULL);
  status = copy_settings(p, settings, error);
  if (status == UFM_OK)
    status = ufm__groups_init(&p->groups, p->K, p->counts,
                              p->targets == UFM_TARGETS_FILE, error);
  if (status == UFM_OK)
    status = set_columns(p, settings, error);
  if (status != UFM_OK) {
    ufm_problem_free(p);
    return status;
  }
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
             problem->multiplier, (mpq_ptr)NULL);
  ufm_mixing_free(problem->mixing);
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

const ufm_mixing *ufm_problem_mixing(const ufm_problem *problem)
{
  return problem->mixing;
}

mpq_srcptr ufm_problem_multiplier(const ufm_problem *problem)
{
  return problem->fixed ? problem->multiplier : NULL;
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
