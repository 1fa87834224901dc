/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Problems for tests, in one line each. */
#ifndef UFM_TESTS_PROBLEM_H
#define UFM_TESTS_PROBLEM_H

#include <check.h>
#include <stdlib.h>

#include <ufm/problem.h>

/* What a test says about a problem; lambdas are GMP rationals ("1/2000"). */
typedef struct test_problem {
  ufm_loss loss;
  ufm_bias bias;
  size_t K;
  const size_t *counts; /* K */
  size_t M;
  const size_t *widths;        /* M */
  const char *const *lambda_w; /* M */
  const char *lambda_h;
  const char *lambda_b;  /* ridge only */
  const char *smoothing; /* NULL: one-hot */
  bool unmerged;
} test_problem;

/* The problem; fails the test when the library refuses it. */
static inline ufm_problem *make_problem(const test_problem *t)
{
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  mpq_t lambda_h, lambda_b, smoothing;
  mpq_t *lambda_w = calloc(t->M, sizeof *lambda_w);
  ufm_problem_settings settings = {.loss = t->loss,
                                   .bias = t->bias,
                                   .K = t->K,
                                   .counts = t->counts,
                                   .M = t->M,
                                   .widths = t->widths,
                                   .targets = t->smoothing ? UFM_TARGETS_SMOOTH
                                                           : UFM_TARGETS_ONEHOT,
                                   .unmerged = t->unmerged};

  ck_assert_ptr_nonnull(lambda_w);
  mpq_inits(lambda_h, lambda_b, smoothing, (mpq_ptr)NULL);
  for (size_t m = 0; m < t->M; m++) {
    mpq_init(lambda_w[m]);
    ck_assert_int_eq(mpq_set_str(lambda_w[m], t->lambda_w[m], 10), 0);
    mpq_canonicalize(lambda_w[m]);
  }
  ck_assert_int_eq(mpq_set_str(lambda_h, t->lambda_h, 10), 0);
  mpq_canonicalize(lambda_h);
  settings.lambda_w = (const mpq_t *)lambda_w;
  settings.lambda_h = lambda_h;
  if (t->lambda_b != NULL) {
    ck_assert_int_eq(mpq_set_str(lambda_b, t->lambda_b, 10), 0);
    mpq_canonicalize(lambda_b);
    settings.lambda_b = lambda_b;
  }
  if (t->smoothing != NULL) {
    ck_assert_int_eq(mpq_set_str(smoothing, t->smoothing, 10), 0);
    mpq_canonicalize(smoothing);
    settings.smoothing = smoothing;
  }
  ck_assert_msg(ufm_problem_new(&problem, &settings, &error) == UFM_OK, "%s",
                error.text);
  for (size_t m = 0; m < t->M; m++)
    mpq_clear(lambda_w[m]);
  mpq_clears(lambda_h, lambda_b, smoothing, (mpq_ptr)NULL);
  free(lambda_w);
  return problem;
}

#endif
