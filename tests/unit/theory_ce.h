/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balanced CE problems and their predictions, for tests. */
#ifndef UFM_TESTS_THEORY_CE_H
#define UFM_TESTS_THEORY_CE_H

#include <string.h>

#include "theory/theorem.h"

#include "digits.h"
#include "problem.h"

/* A balanced CE problem with one width and one penalty for all factors. */
typedef struct ce_case {
  size_t K, n, M, width; /* width 0: K */
  const char *lambda;
  ufm_bias bias;
  const char *lambda_h;  /* NULL: lambda */
  const char *smoothing; /* NULL: one-hot */
} ce_case;

static inline ufm_problem *make_ce(const ce_case *c)
{
  size_t *counts = calloc(c->K, sizeof *counts);
  size_t *widths = calloc(c->M, sizeof *widths);
  const char **lambda_w = calloc(c->M, sizeof *lambda_w);
  test_problem t = {.loss = UFM_LOSS_CE,
                    .bias = c->bias,
                    .K = c->K,
                    .counts = counts,
                    .M = c->M,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = c->lambda_h ? c->lambda_h : c->lambda,
                    .lambda_b = c->bias == UFM_BIAS_RIDGE ? "1/7" : NULL,
                    .smoothing = c->smoothing};
  ufm_problem *problem;

  ck_assert(counts != NULL && widths != NULL && lambda_w != NULL);
  for (size_t k = 0; k < c->K; k++)
    counts[k] = c->n;
  for (size_t m = 0; m < c->M; m++) {
    widths[m] = c->width ? c->width : c->K;
    lambda_w[m] = c->lambda;
  }
  problem = make_problem(&t);
  free(counts);
  free(widths);
  free(lambda_w);
  return problem;
}

static inline const ufm__theorem_rule *ce_rule(const ufm_problem *problem)
{
  return ufm_problem_depth(problem) == 1 ? &ufm__theorem_ce
                                         : &ufm__theorem_ce_deep;
}

/* The prediction of the CE theorem for the depth of the problem. */
static inline ufm_prediction *predict_ce(const ufm_problem *problem,
                                         size_t digits)
{
  const ufm__theorem_rule *rule = ce_rule(problem);
  const char *reason = NULL;
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(rule->covers(problem, &reason), "refused: %s",
                reason ? reason : "no reason");
  ck_assert_msg(rule->predict(&p, problem, &rule->about, digits, &error) ==
                    UFM_OK,
                "%s", error.text);
  ck_assert_uint_eq(p->digits, digits);
  return p;
}

/* The candidate of that name; NULL when it is not listed. */
static inline const ufm_candidate *candidate(const ufm_prediction *p,
                                             const char *family)
{
  for (size_t i = 0; i < p->candidates; i++)
    if (strcmp(p->candidate[i].family, family) == 0)
      return &p->candidate[i];
  return NULL;
}

/* The common penalty of a case, as a double. */
static inline double lambda_value(const ce_case *c)
{
  mpq_t lambda;
  double value;

  mpq_init(lambda);
  ck_assert_int_eq(mpq_set_str(lambda, c->lambda, 10), 0);
  value = mpq_get_d(lambda);
  mpq_clear(lambda);
  return value;
}

#endif
