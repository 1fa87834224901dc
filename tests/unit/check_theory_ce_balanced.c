/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE of depth 1, balanced: optimality conditions, the exact threshold, extreme
   sizes, and what is refused. */
#include <config.h>

#include <math.h>

#include "run.h"
#include "theory_ce.h"

enum { DIGITS = 40 };

static const ce_case problems[] = {
    {.K = 2, .n = 1, .M = 1, .lambda = "1/30"},
    {.K = 3, .n = 5, .M = 1, .lambda = "1/70", .bias = UFM_BIAS_FREE},
    {.K = 7, .n = 2, .M = 1, .lambda = "1/1000", .lambda_h = "3/100"},
    {.K = 4, .n = 3, .M = 1, .lambda = "1/90", .smoothing = "1/10"},
    {.K = 9, .n = 1, .M = 1, .width = 8, .lambda = "1/50", .smoothing = "3/7"},
    {.K = 5, .n = 4, .M = 1, .lambda = "1/200", .bias = UFM_BIAS_RIDGE}};

enum { PROBLEMS = sizeof problems / sizeof problems[0] };

/* The objective of Zbar = alpha (I - J/K), written down from its definition:
   log-sum-exp of the logits of one class, its target, nuclear norm. */
static void objective_at(const ufm_problem *problem, mpfr_srcptr alpha,
                         mpfr_ptr out)
{
  size_t K = ufm_problem_classes(problem);
  size_t n = ufm_problem_counts(problem)[0];
  mpfr_prec_t bits = mpfr_get_prec(out);
  mpq_t own, other, product;
  mpfr_t z_own, z_other, sum, part;

  mpq_inits(own, other, product, (mpq_ptr)NULL);
  mpfr_inits2(bits, z_own, z_other, sum, part, (mpfr_ptr)NULL);
  ufm_columns_target_exact(ufm_problem_columns(problem), 0, 0, own);
  ufm_columns_target_exact(ufm_problem_columns(problem), 0, 1, other);
  mpfr_div_ui(z_other, alpha, K, MPFR_RNDN);
  mpfr_neg(z_other, z_other, MPFR_RNDN);
  mpfr_add(z_own, z_other, alpha, MPFR_RNDN);
  mpfr_exp(sum, z_own, MPFR_RNDN);
  mpfr_exp(part, z_other, MPFR_RNDN);
  mpfr_mul_ui(part, part, K - 1, MPFR_RNDN);
  mpfr_add(sum, sum, part, MPFR_RNDN);
  mpfr_log(out, sum, MPFR_RNDN);
  mpfr_mul_q(part, z_own, own, MPFR_RNDN);
  mpfr_sub(out, out, part, MPFR_RNDN);
  mpfr_mul_q(part, z_other, other, MPFR_RNDN);
  mpfr_mul_ui(part, part, K - 1, MPFR_RNDN);
  mpfr_sub(out, out, part, MPFR_RNDN);
  ufm_problem_lambda_product(problem, product);
  mpfr_set_q(part, product, MPFR_RNDN);
  mpfr_mul_ui(part, part, n, MPFR_RNDN);
  mpfr_sqrt(part, part, MPFR_RNDN);
  mpfr_mul_ui(part, part, K - 1, MPFR_RNDN);
  mpfr_mul(part, part, alpha, MPFR_RNDN);
  mpfr_add(out, out, part, MPFR_RNDN);
  mpfr_clears(z_own, z_other, sum, part, (mpfr_ptr)NULL);
  mpq_clears(own, other, product, (mpq_ptr)NULL);
}

/* The stored objective is that of alpha, and alpha minimises it. */
START_TEST(scale_is_stationary)
{
  ufm_problem *problem = make_ce(&problems[_i]);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  mpfr_t alpha, step, at, left, right;

  mpfr_inits2(600, alpha, step, at, left, right, (mpfr_ptr)NULL);
  ck_assert_int_eq(p->claim, UFM_CLAIM_UNIQUE);
  ck_assert_uint_eq(p->rank, p->K - 1);
  mpfr_set(alpha, p->logits.extra[0], MPFR_RNDN);
  objective_at(problem, alpha, at);
  ck_assert(same_digits(p->objective, at, DIGITS));
  /* a relative step of 1e-30 changes the objective by about 1e-60, and a
     derivative of relative size 1e-29 would show in the difference */
  mpfr_mul_d(step, alpha, 1e-30, MPFR_RNDN);
  mpfr_sub(alpha, alpha, step, MPFR_RNDN);
  objective_at(problem, alpha, left);
  mpfr_mul_2ui(step, step, 1, MPFR_RNDN);
  mpfr_add(alpha, alpha, step, MPFR_RNDN);
  objective_at(problem, alpha, right);
  ck_assert(mpfr_greater_p(left, at) && mpfr_greater_p(right, at));
  mpfr_clears(alpha, step, at, left, right, (mpfr_ptr)NULL);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* W and H multiply to Z, their Gram matrices have the stated spectra, and
   the penalties of both factors are equal. */
START_TEST(factors_fit_together)
{
  ufm_problem *problem = make_ce(&problems[_i]);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  mpfr_t x, y, trace;

  mpfr_inits2(p->bits, x, y, trace, (mpfr_ptr)NULL);
  mpfr_mul(x, p->sv[1], p->sv[2], MPFR_RNDN);
  ck_assert(same_digits(x, p->sv[0], DIGITS));
  mpfr_sqr(x, p->sv[1], MPFR_RNDN);
  mpfr_mul_ui(y, x, p->K - 1, MPFR_RNDN);
  ufm_prediction_entry(p, &p->gram_w, 1, 1, trace);
  mpfr_mul_ui(trace, trace, p->K, MPFR_RNDN);
  ck_assert(same_digits(trace, y, DIGITS));
  mpfr_mul_q(x, x, ufm_problem_lambda_w(problem, 1), MPFR_RNDN);
  mpfr_sqr(y, p->sv[2], MPFR_RNDN);
  mpfr_mul_q(y, y, ufm_problem_lambda_h(problem), MPFR_RNDN);
  ck_assert(same_digits(x, y, DIGITS));
  /* rows of (I - J/K) sum to 0 */
  ufm_prediction_entry(p, &p->logits, 0, 0, x);
  ufm_prediction_entry(p, &p->logits, 0, 1, y);
  mpfr_mul_si(y, y, 1 - (long)p->K, MPFR_RNDN);
  ck_assert(same_digits(x, y, DIGITS));
  ck_assert_int_eq(p->bias != NULL, ufm_problem_bias(problem) != UFM_BIAS_NONE);
  ck_assert(p->bias == NULL || mpfr_zero_p(p->bias[0]));
  mpfr_clears(x, y, trace, (mpfr_ptr)NULL);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* Samples kept apart change nothing. */
START_TEST(unmerged_columns_agree)
{
  static const size_t counts[] = {3, 3, 3}, width[] = {2};
  static const char *const lambda[] = {"1/40"};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 3,
                    .counts = counts,
                    .M = 1,
                    .widths = width,
                    .lambda_w = lambda,
                    .lambda_h = "1/60"};
  ufm_problem *merged = make_problem(&t), *apart;
  ufm_prediction *p = predict_ce(merged, DIGITS), *q;

  t.unmerged = true;
  apart = make_problem(&t);
  q = predict_ce(apart, DIGITS);
  ck_assert(mpfr_equal_p(p->objective, q->objective));
  ck_assert(mpfr_equal_p(p->sv[2], q->sv[2]));
  ufm_prediction_free(p);
  ufm_prediction_free(q);
  ufm_problem_free(merged);
  ufm_problem_free(apart);
}
END_TEST

/* (1 - eps)^2 = K^2 n lambda_W lambda_H is met exactly by these penalties;
   `below` and `above` differ from lambda_H in the last digit. */
static const struct {
  ce_case at;
  const char *below, *above;
} thresholds[] = {
    {{.K = 4, .n = 1, .M = 1, .lambda = "1/4"},
     "2499999999999999999999999999999999999999/"
     "10000000000000000000000000000000000000000",
     "2500000000000000000000000000000000000001/"
     "10000000000000000000000000000000000000000"},
    {{.K = 10, .n = 4, .M = 1, .lambda = "1/20", .bias = UFM_BIAS_FREE},
     "499999999999999999999999999999/10000000000000000000000000000000",
     "500000000000000000000000000001/10000000000000000000000000000000"},
    {{.K = 4, .n = 1, .M = 1, .lambda = "1/5", .smoothing = "1/5"},
     "1999999999999999999999/10000000000000000000000",
     "2000000000000000000001/10000000000000000000000"}};

static ufm_claim claim_of(const ce_case *c)
{
  ufm_problem *problem = make_ce(c);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  ufm_claim claim = p->claim;
  mpfr_t zero;

  if (claim == UFM_CLAIM_ZERO) {
    mpfr_init2(zero, 300);
    mpfr_log_ui(zero, c->K, MPFR_RNDN);
    ck_assert(same_digits(p->objective, zero, DIGITS));
    ck_assert_uint_eq(p->rank, 0);
    ck_assert_uint_eq(p->spectra, 0);
    ck_assert(p->grams && mpfr_zero_p(p->gram_w.extra[0]));
    mpfr_clear(zero);
  }
  ufm_prediction_free(p);
  ufm_problem_free(problem);
  return claim;
}

START_TEST(threshold_is_exact)
{
  ce_case c = thresholds[_i].at;

  ck_assert_int_eq(claim_of(&c), UFM_CLAIM_ZERO);
  c.lambda_h = thresholds[_i].above;
  ck_assert_int_eq(claim_of(&c), UFM_CLAIM_ZERO);
  c.lambda_h = thresholds[_i].below;
  ck_assert_int_eq(claim_of(&c), UFM_CLAIM_UNIQUE);
}
END_TEST

/* Just below the threshold alpha is about 1e-39 and keeps all digits: with
   K = 4, lambda_W = 1/4, lambda_H = (1 - d)/4: e^alpha = 1/s - 3, s = sqrt(1 -
   d)/4 and d = 4e-40. */
START_TEST(tiny_scale_keeps_its_digits)
{
  ce_case c = thresholds[0].at;
  ufm_problem *problem;
  ufm_prediction *p;
  mpfr_t want;

  c.lambda_h = thresholds[0].below;
  problem = make_ce(&c);
  p = predict_ce(problem, DIGITS);
  mpfr_init2(want, 2000);
  mpfr_set_q(want, ufm_problem_lambda_h(problem), MPFR_RNDN);
  mpfr_div_2ui(want, want, 2, MPFR_RNDN);
  mpfr_rec_sqrt(want, want, MPFR_RNDN);
  mpfr_sub_ui(want, want, 3, MPFR_RNDN);
  mpfr_log(want, want, MPFR_RNDN);
  ck_assert(mpfr_cmp_d(want, 1e-39) < 0);
  ck_assert(same_digits(p->logits.extra[0], want, DIGITS));
  mpfr_clear(want);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* A million classes and penalties beyond the range of doubles. */
START_TEST(extremes_are_exact)
{
  static const char tiny[] =
      "1/1000000000000000000000000000000000000000000000000000000000000000000000"
      "000000000000000000000000000000000000000000000000000000000000000000000000"
      "00"
      "000000000000000000000000000000000000000000000000000000000000000000000000"
      "00"
      "000000000000000000000000000000000000000000000000000000000000000000000000"
      "00"
      "000000000000000000000000000000000000000000000000000000000000000000000000"
      "00";
  ce_case c[] = {
      {.K = 1000000, .n = 2, .M = 1, .width = 999999, .lambda = "1/5000000"},
      {.K = 6, .n = 5, .M = 1, .lambda = tiny},
      {.K = 6, .n = 5, .M = 1, .lambda = tiny, .smoothing = "1/10"}};
  ufm_problem *problem = make_ce(&c[_i]);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  mpfr_t at;

  mpfr_init2(at, 3000);
  objective_at(problem, p->logits.extra[0], at);
  ck_assert_int_eq(p->claim, UFM_CLAIM_UNIQUE);
  ck_assert(same_digits(p->objective, at, DIGITS));
  mpfr_clear(at);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

static void expect_refused(const ufm_problem *problem,
                           const ufm__theorem_rule *rule, const char *word)
{
  const char *reason = NULL;

  ck_assert(!rule->covers(problem, &reason));
  if (word == NULL) {
    ck_assert_ptr_null(reason);
  } else {
    ck_assert_ptr_nonnull(reason);
    ck_assert_msg(strstr(reason, word) != NULL, "'%s' lacks '%s'", reason,
                  word);
  }
}

START_TEST(others_are_refused_with_the_reason)
{
  static const size_t counts[] = {3, 2, 3}, widths[] = {3, 3};
  static const char *const lambda[] = {"1/40", "1/40"};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 3,
                    .counts = counts,
                    .M = 1,
                    .widths = widths,
                    .lambda_w = lambda,
                    .lambda_h = "1/60"};
  ce_case narrow = {.K = 5, .n = 1, .M = 1, .width = 3, .lambda = "1/50"};
  ce_case deep = {.K = 5, .n = 1, .M = 2, .lambda = "1/50"};
  ufm_problem *problem = make_problem(&t);

  expect_refused(problem, &ufm__theorem_ce,
                 "no closed form is known for imbalanced counts");
  expect_refused(problem, &ufm__theorem_ce_deep, NULL);
  ufm_problem_free(problem);
  t.M = 2;
  problem = make_problem(&t);
  expect_refused(problem, &ufm__theorem_ce, NULL);
  expect_refused(problem, &ufm__theorem_ce_deep, "imbalanced counts");
  ufm_problem_free(problem);
  t.loss = UFM_LOSS_MSE;
  problem = make_problem(&t);
  expect_refused(problem, &ufm__theorem_ce, NULL);
  expect_refused(problem, &ufm__theorem_ce_deep, NULL);
  ufm_problem_free(problem);
  problem = make_ce(&narrow);
  expect_refused(problem, &ufm__theorem_ce, "below K - 1");
  ufm_problem_free(problem);
  narrow.width = 4;
  problem = make_ce(&narrow);
  ufm_prediction_free(predict_ce(problem, DIGITS));
  ufm_problem_free(problem);
  deep.smoothing = "1/10";
  problem = make_ce(&deep);
  expect_refused(problem, &ufm__theorem_ce_deep, "label smoothing");
  ufm_problem_free(problem);
  deep.smoothing = "0";
  problem = make_ce(&deep);
  ufm_prediction_free(predict_ce(problem, DIGITS));
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory_ce_balanced");

  tcase_add_loop_test(tests, scale_is_stationary, 0, PROBLEMS);
  tcase_add_loop_test(tests, factors_fit_together, 0, PROBLEMS);
  tcase_add_test(tests, unmerged_columns_agree);
  tcase_add_loop_test(tests, threshold_is_exact, 0, 3);
  tcase_add_test(tests, tiny_scale_keeps_its_digits);
  tcase_add_loop_test(tests, extremes_are_exact, 0, 3);
  tcase_add_test(tests, others_are_refused_with_the_reason);
  return run_case("theory_ce_balanced", tests);
}
