/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE with a ridge bias and balanced counts: the closed form of depth 1, and
   the symmetric candidate against a scan over the bias. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/theory.h>

#include "digits.h"
#include "problem.h"
#include "run.h"
#include "theory/scalar.h"

enum { LAYERS = 3, CLASSES = 5 };

typedef struct ridge_case {
  size_t K, n, M, width;
  const char *lambda_w, *lambda_h, *lambda_b;
  const char *smoothing;
  ufm_bias bias;
} ridge_case;

static ufm_problem *make_ridge(const ridge_case *c)
{
  size_t counts[CLASSES], widths[LAYERS];
  const char *lambda_w[LAYERS];
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = c->bias,
                    .K = c->K,
                    .counts = counts,
                    .M = c->M,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = c->lambda_h,
                    .lambda_b = c->bias == UFM_BIAS_RIDGE ? c->lambda_b : NULL,
                    .smoothing = c->smoothing};

  for (size_t k = 0; k < c->K; k++)
    counts[k] = c->n;
  for (size_t m = 0; m < c->M; m++) {
    widths[m] = c->width;
    lambda_w[m] = c->lambda_w;
  }
  return make_problem(&t);
}

static ufm_prediction *predict(const ufm_problem *problem)
{
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_theory_predict(&p, problem, 40, &error) == UFM_OK, "%s",
                error.text);
  return p;
}

static double value(const char *rational)
{
  mpq_t q;
  double x;

  mpq_init(q);
  ck_assert_int_eq(mpq_set_str(q, rational, 10), 0);
  x = mpq_get_d(q);
  mpq_clear(q);
  return x;
}

/* Section 12. */
START_TEST(stored_values)
{
  static const char *const rows[][2] = {
      {"1/10", "0.0812483286471317065822821586048"},
      {"1/1000", "0.0700095674083704678210433973661"}};

  for (size_t i = 0; i < 2; i++) {
    ridge_case c = {
        4, 3, 1, 4, "1/100", "1/50", rows[i][0], NULL, UFM_BIAS_RIDGE};
    ufm_problem *problem = make_ridge(&c);
    ufm_prediction *p = predict(problem);
    mpfr_t want;

    mpfr_init2(want, 200);
    mpfr_set_str(want, rows[i][1], 10, MPFR_RNDN);
    ck_assert(same_digits(p->objective, want, 29));
    ck_assert_int_eq(p->claim, UFM_CLAIM_UNIQUE);
    if (i == 0) {
      mpfr_set_ui(want, 5, MPFR_RNDN);
      mpfr_div_ui(want, want, 22, MPFR_RNDN);
      ck_assert(same_digits(p->bias[0], want, 40));
    }
    mpfr_clear(want);
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
}
END_TEST

/* The best rank-R value for the bias beta 1, by the scalar problem at ratio N
   in double: all directions of the target with this bias, largest kept. */
static double value_at(const ridge_case *c, double beta)
{
  double K = (double)c->K, n = (double)c->n, N = K * n, L = (double)c->M + 1.0;
  double e = 1.0 - (c->smoothing ? value(c->smoothing) : 0.0);
  double y = 1.0 - K * beta, one = n * y * y, other = n * e * e;
  double lambda = pow(value(c->lambda_w), (double)c->M) * value(c->lambda_h);
  double total = value(c->lambda_b) * K * beta * beta / 2.0;
  size_t left = c->width < c->K ? c->width : c->K;
  bool one_done = false;

  for (size_t k = 0; k < c->K; k++) {
    bool take = !one_done && (one >= other || k == c->K - 1);
    double m = take ? one : other, r, t = 0.0;

    one_done = one_done || take;
    r = 1.0;
    if (k < left && m > 0.0)
      t = ufm__scalar_root_double(
          N * pow(lambda, 1.0 / L) * pow(m, -(double)c->M / L), c->M, &r);
    total += m / (2.0 * N) * r * (1.0 + (double)c->M * t);
  }
  return total;
}

static const ridge_case cases[] = {
    {4, 3, 1, 4, "1/100", "1/50", "1/10", NULL, UFM_BIAS_RIDGE},
    {4, 3, 1, 4, "1/10", "1/50", "1/10", NULL, UFM_BIAS_RIDGE},  /* 1 off */
    {4, 3, 1, 3, "1/10", "1/50", "1/10", NULL, UFM_BIAS_RIDGE},  /* fits */
    {4, 3, 1, 2, "1/100", "1/50", "1/10", NULL, UFM_BIAS_RIDGE}, /* cut */
    {4, 3, 1, 4, "2", "3", "1/10", NULL, UFM_BIAS_RIDGE},        /* zero */
    {5, 7, 2, 5, "1/200", "1/100", "1/3", NULL, UFM_BIAS_RIDGE},
    {5, 7, 3, 6, "1/200", "1/100", "3", NULL, UFM_BIAS_RIDGE},
    {5, 7, 2, 3, "1/200", "1/100", "3", NULL, UFM_BIAS_RIDGE},
    {5, 7, 2, 4, "1/200", "1/100", "3", NULL, UFM_BIAS_RIDGE},
    {4, 3, 1, 4, "1/100", "1/50", "2", "1/5", UFM_BIAS_RIDGE},
    {4, 3, 2, 4, "1/300", "1/300", "2", "7/10", UFM_BIAS_RIDGE},
    {4, 3, 2, 3, "1/300", "1/300", "90", "7/10", UFM_BIAS_RIDGE},
    {4, 3, 2, 1, "1/300", "1/300", "90", "7/10", UFM_BIAS_RIDGE},
    {2, 1, 3, 2, "1/50", "1/50", "1/7", "1/3", UFM_BIAS_RIDGE}};
enum { CASES = sizeof cases / sizeof cases[0] };

/* The predicted bias gives the predicted value, and no other gives less. */
START_TEST(no_bias_is_better)
{
  const ridge_case *c = &cases[_i];
  ufm_problem *problem = make_ridge(c);
  ufm_prediction *p = predict(problem);
  double best = mpfr_get_d(p->objective, MPFR_RNDN);
  double at = value_at(c, mpfr_get_d(p->bias[0], MPFR_RNDN));

  ck_assert_double_le(fabs(at - best), 1e-14 * best);
  for (int i = -2000; i <= 4000; i++) {
    double other = value_at(c, 0.5 * i / 1000.0);

    ck_assert_msg(other >= best * (1.0 - 1e-13), "beta %g: %.17g < %.17g",
                  0.5 * i / 1000.0, other, best);
  }
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* Each direction solves the scalar problem of the target at this bias; spectra
   and matrices follow from t. */
START_TEST(directions_are_those_at_the_bias)
{
  const ridge_case *c = &cases[_i];
  ufm_problem *problem = make_ridge(c);
  ufm_prediction *p = predict(problem);
  double N = (double)(c->K * c->n), L = (double)c->M + 1.0, rank = 0.0;
  double trace = 0.0, diagonal = 0.0, y;
  double lambda = pow(value(c->lambda_w), (double)c->M) * value(c->lambda_h);

  y = 1.0 - (double)c->K * mpfr_get_d(p->bias[0], MPFR_RNDN);
  for (size_t i = 0; i < p->directions; i++) {
    const ufm_direction *d = &p->direction[i];
    double m = mpfr_get_d(d->m, MPFR_RNDN), cc = mpfr_get_d(d->c, MPFR_RNDN);
    double t = mpfr_get_d(d->t, MPFR_RNDN), r, want;

    ck_assert(i == 0 || mpfr_lessequal_p(d->m, p->direction[i - 1].m));
    ck_assert_double_le(
        fabs(cc / (N * pow(lambda, 1.0 / L) * pow(m, -(double)c->M / L)) - 1.0),
        1e-13);
    want = ufm__scalar_root_double(cc, c->M, &r);
    if (d->state == UFM_DIRECTION_ACTIVE) {
      ck_assert_double_le(fabs(t - want), 1e-13);
      ck_assert_double_le(fabs(mpfr_get_d(d->one_minus_t, MPFR_RNDN) / r - 1.0),
                          1e-12);
      rank += (double)d->multiplicity;
      trace += (double)d->multiplicity * m / N * t * r / value(c->lambda_w);
    } else {
      ck_assert(mpfr_zero_p(d->t) != 0);
    }
    if (d->multiplicity == 1 && c->K > 2 && d->state != UFM_DIRECTION_RANK_CUT)
      ck_assert_double_le(fabs(m - (double)c->n * y * y), 1e-13 * m);
  }
  ck_assert(rank == (double)p->rank);
  if (p->grams) {
    diagonal = mpfr_get_d(p->gram_w.block[0], MPFR_RNDN) +
               mpfr_get_d(p->gram_w.extra[0], MPFR_RNDN);
    ck_assert_double_le(fabs((double)c->K * diagonal - trace),
                        1e-13 * (1.0 + trace));
  }
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(claims)
{
  static const ufm_claim want[CASES] = {
      UFM_CLAIM_UNIQUE,    UFM_CLAIM_UNIQUE,    UFM_CLAIM_UNIQUE,
      UFM_CLAIM_CANDIDATE, UFM_CLAIM_ZERO,      UFM_CLAIM_CANDIDATE,
      UFM_CLAIM_CANDIDATE, UFM_CLAIM_CANDIDATE, UFM_CLAIM_CANDIDATE,
      UFM_CLAIM_UNIQUE,    UFM_CLAIM_CANDIDATE, UFM_CLAIM_CANDIDATE,
      UFM_CLAIM_CANDIDATE, UFM_CLAIM_CANDIDATE};

  for (size_t i = 0; i < CASES; i++) {
    ufm_problem *problem = make_ridge(&cases[i]);
    ufm_prediction *p = predict(problem);

    ck_assert_msg(p->claim == want[i], "case %zu: %s", i,
                  ufm_claim_name(p->claim));
    ck_assert((p->note != NULL) == (p->claim == UFM_CLAIM_CANDIDATE));
    ck_assert_str_eq(p->theorem, "mse-ridge");
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
}
END_TEST

/* F*(free) <= F*(ridge) <= F*(none), and the ends are limits. */
START_TEST(between_free_and_none)
{
  ridge_case c = cases[_i];
  mpfr_t previous;
  static const char *const penalties[] = {"1/1000000000000", "1/100", "1",
                                          "1000000000000"};
  double free_value, none_value;
  ufm_problem *problem;
  ufm_prediction *p;

  mpfr_init2(previous, 200);
  c.bias = UFM_BIAS_FREE;
  problem = make_ridge(&c);
  p = predict(problem);
  mpfr_set(previous, p->objective, MPFR_RNDN);
  free_value = mpfr_get_d(p->objective, MPFR_RNDN);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
  c.bias = UFM_BIAS_NONE;
  problem = make_ridge(&c);
  p = predict(problem);
  none_value = mpfr_get_d(p->objective, MPFR_RNDN);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
  c.bias = UFM_BIAS_RIDGE;
  for (size_t i = 0; i < 4; i++) {
    double now;

    c.lambda_b = penalties[i];
    problem = make_ridge(&c);
    p = predict(problem);
    now = mpfr_get_d(p->objective, MPFR_RNDN);
    ck_assert(mpfr_greater_p(p->objective, previous));
    mpfr_set(previous, p->objective, MPFR_RNDN);
    if (i == 0)
      ck_assert_double_le(fabs(now - free_value), 1e-11);
    ck_assert_double_le(now, none_value);
    if (i == 3)
      ck_assert_double_le(fabs(now - none_value), 1e-11);
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
  mpfr_clear(previous);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory-mse-ridge");

  tcase_add_test(tests, stored_values);
  tcase_add_loop_test(tests, no_bias_is_better, 0, CASES);
  tcase_add_loop_test(tests, directions_are_those_at_the_bias, 0, CASES);
  tcase_add_test(tests, claims);
  tcase_add_loop_test(tests, between_free_and_none, 0, CASES);
  return run_case("theory-mse-ridge", tests);
}
