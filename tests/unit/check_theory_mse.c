/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE predictions: thresholds, ties, rank cuts, smoothing, refusals. */
#include <config.h>

#include <string.h>

#include "digits.h"
#include "problem.h"
#include "run.h"
#include "theory/mse.h"

enum { PREC = 400, MOST_LAYERS = 6 };

/* One width and one penalty for all factors unless said otherwise. */
typedef struct mse_case {
  size_t K, M;
  const size_t *counts;
  size_t width; /* of every layer; 0: K */
  const char *lambda;
  const char *lambda_h; /* NULL: lambda */
  ufm_bias bias;
  const char *smoothing;
  size_t width_last; /* d_M; 0: width */
  bool unmerged;
} mse_case;

static ufm_problem *make_mse(const mse_case *c)
{
  size_t widths[MOST_LAYERS];
  const char *lambda_w[MOST_LAYERS];
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = c->bias,
                    .K = c->K,
                    .counts = c->counts,
                    .M = c->M,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = c->lambda_h ? c->lambda_h : c->lambda,
                    .smoothing = c->smoothing,
                    .unmerged = c->unmerged};

  for (size_t m = 0; m < c->M; m++) {
    widths[m] = c->width ? c->width : c->K;
    lambda_w[m] = c->lambda;
  }
  if (c->width_last)
    widths[c->M - 1] = c->width_last;
  return make_problem(&t);
}

static ufm_prediction *predict(const ufm_problem *problem, size_t digits)
{
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_theory_predict(&p, problem, digits, &error) == UFM_OK, "%s",
                error.text);
  return p;
}

static void expect_value(mpfr_srcptr got, const char *want, long digits)
{
  mpfr_t x;

  mpfr_init2(x, PREC);
  ck_assert_int_eq(mpfr_set_str(x, want, 10, MPFR_RNDN), 0);
  ck_assert_msg(same_digits(got, x, digits), "got %.30g, want %s",
                mpfr_get_d(got, MPFR_RNDN), want);
  mpfr_clear(x);
}

/* Objectives, claims and states of a case. */
static void expect(const mse_case *c, ufm_claim claim, size_t rank,
                   const char *states)
{
  ufm_problem *problem = make_mse(c);
  ufm_prediction *p = predict(problem, 40);
  char got[256] = "";

  for (size_t i = 0; i < p->directions; i++)
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s%zu %s",
             i ? ", " : "", p->direction[i].multiplicity,
             ufm_direction_state_name(p->direction[i].state));
  ck_assert_str_eq(got, states);
  ck_assert_str_eq(ufm_claim_name(p->claim), ufm_claim_name(claim));
  ck_assert_uint_eq(p->rank, rank);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}

static const size_t four[] = {4, 4, 4, 4};
static const size_t threes[] = {3, 3, 3, 3};

/* 4^2 = 16^3 Lam 16 at lambda = 1/16; one unit in the 40th digit of lambda_H
   decides, and the objective passes through 1/2. */
START_TEST(one_digit_either_side_of_a_threshold)
{
  mse_case c = {.K = 4, .M = 2, .counts = four, .lambda = "1/16"};
  ufm_problem *problem = make_mse(&c);
  ufm_prediction *p = predict(problem, 40);

  expect(&c, UFM_CLAIM_TIE, 4, "4 tie");
  ck_assert(mpfr_cmp_d(p->objective, 0.5) == 0);
  ck_assert(mpfr_cmp_d(p->direction[0].t, 0.5) == 0);
  ck_assert_ptr_nonnull(p->note);
  ck_assert_ptr_nonnull(strstr(p->note, "direction 1 (multiplicity 4)"));
  ck_assert(p->grams);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
  c.lambda_h = "62500000000000000000000000000000000000001/"
               "1000000000000000000000000000000000000000000";
  expect(&c, UFM_CLAIM_ZERO, 0, "4 collapsed");
  c.lambda_h = "62499999999999999999999999999999999999999/"
               "1000000000000000000000000000000000000000000";
  expect(&c, UFM_CLAIM_UNIQUE, 4, "4 active");
}
END_TEST

/* Depth 1: c = 1 exactly is t = 0, and unique. */
START_TEST(depth_one_thresholds_are_unique)
{
  static const size_t counts[] = {16, 4};
  mse_case all = {.K = 4, .M = 1, .counts = four, .lambda = "1/8"};
  mse_case one = {.K = 2, .M = 1, .counts = counts, .lambda = "1/10"};

  expect(&all, UFM_CLAIM_ZERO, 0, "4 threshold");
  expect(&one, UFM_CLAIM_UNIQUE, 1, "1 active, 1 threshold");
}
END_TEST

/* lambda_H one unit in the last of 60 digits below the threshold: t is of the
   order of 1e-60 and keeps all its digits, for a count and for a root. */
START_TEST(barely_active_directions_are_accurate)
{
  enum { UNIT = 60 };
  static const size_t pair[] = {1, 2};
  char nines[UNIT + 1], lambda_h[160];
  const char *lead = _i == 0 ? "124" : "3";
  mse_case c = {.K = 4, .M = 1, .counts = four, .lambda = "1/8"};
  ufm_prediction *p, *fine;
  ufm_problem *problem;

  if (_i == 1) /* 9 lambda_W lambda_H = 4/3 */
    c = (mse_case){.K = 2,
                   .M = 1,
                   .counts = pair,
                   .lambda = "1/27",
                   .bias = UFM_BIAS_FREE};
  memset(nines, '9', UNIT);
  nines[UNIT - (_i == 0 ? 3 : 0)] = '\0';
  snprintf(lambda_h, sizeof lambda_h, "%s%s/1%0*d", lead, nines, UNIT, 0);
  c.lambda_h = lambda_h;
  problem = make_mse(&c);
  p = predict(problem, 40);
  fine = predict(problem, 150);
  ck_assert_int_eq(p->direction[0].state, UFM_DIRECTION_ACTIVE);
  ck_assert(mpfr_get_d(p->direction[0].t, MPFR_RNDN) < 1e-58);
  ck_assert(same_digits(p->direction[0].t, fine->direction[0].t, 40));
  ck_assert(same_digits(p->sv[0], fine->sv[0], 40));
  ck_assert(same_digits(p->gram_h.block[0], fine->gram_h.block[0], 40));
  ck_assert(same_digits(p->gram_h.extra[0], fine->gram_h.extra[0], 40));
  ufm_prediction_free(p);
  ufm_prediction_free(fine);
  ufm_problem_free(problem);
}
END_TEST

/* Two classes of 2 and 1 with a free bias: mu = 4/3, tie at Lam = 1/243. */
START_TEST(ties_of_secular_roots)
{
  static const size_t counts[] = {1, 2};
  mse_case c = {.K = 2,
                .M = 2,
                .counts = counts,
                .lambda = "1/9",
                .lambda_h = "1/3",
                .bias = UFM_BIAS_FREE};

  expect(&c, UFM_CLAIM_TIE, 1, "1 tie, 1 null");
  c.lambda_h = "1000000000000000000000000001/3000000000000000000000000000";
  expect(&c, UFM_CLAIM_ZERO, 0, "1 collapsed, 1 null");
  c.lambda_h = "999999999999999999999999999/3000000000000000000000000000";
  expect(&c, UFM_CLAIM_UNIQUE, 1, "1 active, 1 null");
}
END_TEST

/* (9/10)^2 mu, mu = 4/3: smoothing moves the threshold of a free bias. */
START_TEST(ties_of_smoothed_targets)
{
  static const size_t counts[] = {1, 2};
  mse_case c = {.K = 2,
                .M = 1,
                .counts = counts,
                .lambda = "1",
                .lambda_h = "3/25",
                .bias = UFM_BIAS_FREE,
                .smoothing = "1/10"};

  /* (81/100) 4/3 = 27/25 = 9 lambda_W lambda_H */
  expect(&c, UFM_CLAIM_ZERO, 0, "1 threshold, 1 null");
  c.smoothing = "99/1000";
  expect(&c, UFM_CLAIM_UNIQUE, 1, "1 active, 1 null");
}
END_TEST

START_TEST(rank_cuts)
{
  static const size_t apart[] = {10, 6, 5, 1};
  mse_case c = {.K = 4, .M = 1, .counts = threes, .lambda = "1/100"};

  c.width = 2;
  expect(&c, UFM_CLAIM_DEGENERATE, 2, "2 active, 2 rank-cut");
  c.bias = UFM_BIAS_FREE;
  expect(&c, UFM_CLAIM_DEGENERATE, 2, "2 active, 1 rank-cut, 1 null");
  c.width = 3;
  expect(&c, UFM_CLAIM_UNIQUE, 3, "3 active, 1 null");
  /* inactive directions may be cut */
  c.width = 2;
  c.lambda = "9/10";
  expect(&c, UFM_CLAIM_ZERO, 0, "2 collapsed, 1 rank-cut, 1 null");
  c = (mse_case){.K = 4, .M = 1, .counts = apart, .lambda = "1/100"};
  c.width = 2;
  expect(&c, UFM_CLAIM_UNIQUE, 2, "1 active, 1 active, 1 rank-cut, 1 rank-cut");
  /* a cut through a tie stays a tie, and its matrices are open */
  c = (mse_case){.K = 4, .M = 2, .counts = four, .lambda = "1/16", .width = 3};
  expect(&c, UFM_CLAIM_TIE, 3, "3 tie, 1 rank-cut");
}
END_TEST

START_TEST(degenerate_matrices_are_withheld)
{
  mse_case c = {
      .K = 4, .M = 1, .counts = threes, .width = 2, .lambda = "1/100"};
  ufm_problem *problem = make_mse(&c);
  ufm_prediction *p = predict(problem, 20);

  ck_assert(!p->grams);
  ck_assert_ptr_null(p->gram_w.block);
  ck_assert_ptr_nonnull(strstr(p->note, "rank 2"));
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

static void expect_equal(const mse_case *a, const mse_case *b)
{
  ufm_problem *first = make_mse(a), *second = make_mse(b);
  ufm_prediction *p = predict(first, 40), *q = predict(second, 40);

  ck_assert(mpfr_equal_p(p->objective, q->objective));
  ck_assert_uint_eq(p->spectra, q->spectra);
  for (size_t i = 0; i < (p->M + 2) * p->spectra; i++)
    ck_assert(mpfr_equal_p(p->sv[i], q->sv[i]));
  for (size_t i = 0; p->grams && i < p->gram_w.G * p->gram_w.G; i++) {
    ck_assert(mpfr_equal_p(p->gram_w.block[i], q->gram_w.block[i]));
    ck_assert(mpfr_equal_p(p->logits.block[i], q->logits.block[i]));
  }
  ufm_prediction_free(p);
  ufm_prediction_free(q);
  ufm_problem_free(first);
  ufm_problem_free(second);
}

/* Only the smallest width counts, and merging changes nothing. */
START_TEST(widths_and_merging)
{
  static const size_t counts[] = {40, 20, 10, 5};
  mse_case inner = {.K = 4,
                    .M = 3,
                    .counts = counts,
                    .lambda = "1/500",
                    .bias = UFM_BIAS_FREE,
                    .width = 2,
                    .width_last = 9};
  mse_case outer = inner, unmerged = inner;

  outer.width = 9;
  outer.width_last = 2;
  expect_equal(&inner, &outer);
  unmerged.unmerged = true;
  expect_equal(&inner, &unmerged);
}
END_TEST

START_TEST(depths_agree_with_stored_values)
{
  static const size_t counts[] = {40, 20, 10, 5};
  static const struct {
    size_t M;
    const char *lambda, *objective;
  } rows[] = {{1, "1/200", "0.0772251845650225354261210082"},
              {2, "1/200", "0.07334016050015509556777820891"},
              {3, "1/100", "0.1533778942845246413655585158"},
              {2, "3/100", "0.351265657801020114875312842"}};

  for (size_t i = 0; i < 4; i++) {
    mse_case c = {
        .K = 4, .M = rows[i].M, .counts = counts, .lambda = rows[i].lambda};
    ufm_problem *problem = make_mse(&c);
    ufm_prediction *p = predict(problem, 40);

    expect_value(p->objective, rows[i].objective, 26);
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
}
END_TEST

/* Section 5.5, balanced without bias: m = n along 1 and n e^2, e = 1 - eps,
   where logits are t_1 J/K + e t_2 (I - J/K).  The off-diagonal is of the order
   of eps, and an eps of 1e-67 costs no digits. */
START_TEST(balanced_smoothing)
{
  static const char *const eps[] = {
      "1/10", "9/10",
      "1/10000000000000000000000000000000000000000000000000000000000000000000"};
  mse_case c = {
      .K = 4, .M = 2, .counts = four, .lambda = "1/200", .smoothing = eps[_i]};
  ufm_problem *problem = make_mse(&c);
  ufm_prediction *p = predict(problem, 40), *fine = predict(problem, 150);
  mpfr_t x, y;
  mpq_t fit;

  mpfr_inits2(700, x, y, (mpfr_ptr)NULL);
  mpq_init(fit);
  mpq_set_ui(fit, 1, 1);
  mpq_sub(fit, fit, ufm_problem_smoothing(problem));
  ck_assert_uint_eq(p->directions, 2);
  ck_assert_uint_eq(p->direction[0].multiplicity, 1);
  mpfr_set_ui(x, 4, MPFR_RNDN);
  ck_assert(same_digits(p->direction[0].m, x, 40));
  mpfr_mul_q(x, x, fit, MPFR_RNDN);
  mpfr_mul_q(x, x, fit, MPFR_RNDN);
  ck_assert(same_digits(p->direction[1].m, x, 40));
  mpfr_mul_q(x, fine->direction[1].t, fit, MPFR_RNDN);
  ck_assert(same_digits(p->logits.extra[0], x, 40));
  mpfr_sub(y, fine->direction[0].t, x, MPFR_RNDN);
  mpfr_div_ui(y, y, 4, MPFR_RNDN);
  ck_assert(same_digits(p->logits.block[0], y, 40));
  mpfr_clears(x, y, (mpfr_ptr)NULL);
  mpq_clear(fit);
  ufm_prediction_free(p);
  ufm_prediction_free(fine);
  ufm_problem_free(problem);
}
END_TEST

/* With a free bias the bias is the mean target, and the rest scales. */
START_TEST(smoothing_with_free_bias)
{
  static const size_t counts[] = {9, 4, 4, 1};
  mse_case c = {.K = 4,
                .M = 2,
                .counts = counts,
                .lambda = "1/1000",
                .bias = UFM_BIAS_FREE,
                .smoothing = "1/5"};
  ufm_problem *problem = make_mse(&c);
  ufm_prediction *p = predict(problem, 40), *q;
  ufm_problem *plain;
  mpfr_t x;

  c.smoothing = NULL;
  plain = make_mse(&c);
  q = predict(plain, 40);
  mpfr_init2(x, PREC);
  expect_value(p->bias[0], "0.45", 40); /* (4/5) 9/18 + 1/20 */
  ck_assert_uint_eq(p->directions, q->directions);
  for (size_t i = 0; i + 1 < p->directions; i++) {
    mpfr_mul_ui(x, q->direction[i].m, 16, MPFR_RNDN);
    mpfr_div_ui(x, x, 25, MPFR_RNDN);
    ck_assert(same_digits(p->direction[i].m, x, 40));
  }
  mpfr_clear(x);
  ufm_prediction_free(p);
  ufm_prediction_free(q);
  ufm_problem_free(problem);
  ufm_problem_free(plain);
}
END_TEST

/* lambda_H such that theta is within 2^-140000 of an irrational mu: the claim
   is tie_undecided, and the objective is that of the zero branch. */
START_TEST(undecided_thresholds_are_admitted)
{
  enum { BITS = 140100 };
  static const size_t counts[] = {4, 2, 1}, widths[] = {3, 3};
  mse_case c = {
      .K = 3, .M = 2, .counts = counts, .lambda = "1", .bias = UFM_BIAS_FREE};
  ufm_problem *near, *problem = make_mse(&c);
  ufm__secular s = {.groups = ufm_problem_groups(problem)};
  ufm__secular_root root;
  ufm_prediction *p;
  mpq_t lambdas[2], lambda_h;
  mpfr_t mu;
  ufm_problem_settings settings = {.loss = UFM_LOSS_MSE,
                                   .bias = UFM_BIAS_FREE,
                                   .K = 3,
                                   .counts = counts,
                                   .M = 2,
                                   .widths = widths,
                                   .lambda_w = (const mpq_t *)lambdas,
                                   .lambda_h = lambda_h};

  mpq_inits(s.kappa, lambdas[0], lambdas[1], lambda_h, (mpq_ptr)NULL);
  mpfr_inits2(BITS, mu, root.offset, (mpfr_ptr)NULL);
  ufm__secular_solve(&s, 1, &root);
  ufm__secular_mu(mu, &s, &root);
  mpfr_sqr(mu, mu, MPFR_RNDN);
  mpfr_div_ui(mu, mu, 343 * 16, MPFR_RNDN); /* mu^2 = N^3 Lam 16 */
  mpfr_get_q(lambda_h, mu);
  mpq_set_ui(lambdas[0], 1, 1);
  mpq_set_ui(lambdas[1], 1, 1);
  ck_assert_int_eq(ufm_problem_new(&near, &settings, NULL), UFM_OK);
  p = predict(near, 40);
  ck_assert_int_eq(p->claim, UFM_CLAIM_TIE_UNDECIDED);
  ck_assert_int_eq(p->direction[0].state, UFM_DIRECTION_UNDECIDED);
  ck_assert_int_eq(p->direction[1].state, UFM_DIRECTION_COLLAPSED);
  ck_assert_ptr_nonnull(strstr(p->note, "direction 1"));
  mpfr_set_ui(mu, 7 * 7 - 16 - 4 - 1, MPFR_RNDN); /* trace(B)/2N, B = D-nn'/N */
  mpfr_div_ui(mu, mu, 7 * 14, MPFR_RNDN);
  ck_assert(same_digits(p->objective, mu, 40));
  ufm_prediction_free(p);
  mpfr_clears(mu, root.offset, (mpfr_ptr)NULL);
  mpq_clears(s.kappa, lambdas[0], lambdas[1], lambda_h, (mpq_ptr)NULL);
  ufm_problem_free(near);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(refusals_say_why)
{
  static const size_t counts[] = {3, 2};
  static const char *const lambda_w[] = {"1"};
  static const size_t widths[] = {2};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = UFM_BIAS_RIDGE,
                    .K = 2,
                    .counts = counts,
                    .M = 1,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = "1",
                    .lambda_b = "1"};
  ufm_problem *problem = make_problem(&t);
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_theory_predict(&p, problem, 20, &error),
                   UFM_EUNSUPPORTED);
  ck_assert_ptr_null(p);
  ck_assert_str_eq(error.text, "mse: no closed form is known for a ridge bias "
                               "and imbalanced counts");
  ck_assert_int_eq(ufm_theory_predict(&p, problem, 0, &error), UFM_EINVAL);
  ck_assert_str_eq(error.text, "digits: got 0, want 1 to 100000");
  ck_assert_int_eq(ufm_theory_predict(&p, problem, 100001, &error), UFM_EINVAL);
  ufm_problem_free(problem);
}
END_TEST

/* 3 G^2 numbers that fit no machine are refused before any work. */
START_TEST(huge_matrices_are_refused)
{
  enum { K = 1000000 };
  size_t *counts = calloc(K, sizeof *counts);
  mse_case c = {.K = K,
                .M = 1,
                .counts = counts,
                .lambda = "1/1000",
                .bias = UFM_BIAS_FREE};
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};
  ufm_problem *problem;

  ck_assert_ptr_nonnull(counts);
  for (size_t k = 0; k < K; k++)
    counts[k] = k + 1;
  problem = make_mse(&c);
  ck_assert_int_eq(ufm_theory_predict(&p, problem, 20, &error), UFM_ERANGE);
  ck_assert_ptr_null(p);
  ck_assert_ptr_nonnull(strstr(error.text, "memory"));
  ufm_problem_free(problem);
  free(counts);
}
END_TEST

/* Many distinct counts: 30 and 50 digits agree in a row of every matrix. */
START_TEST(many_groups)
{
  enum { K = 150 };
  size_t counts[K];
  mse_case c = {.K = K, .M = 2, .counts = counts, .lambda = "1/100000"};

  for (size_t k = 0; k < K; k++)
    counts[k] = 2 + k + (k % 7) * (k % 7) * k;
  for (size_t variant = 0; variant < 2; variant++) {
    ufm_prediction *p, *q;
    ufm_problem *problem;

    c.bias = variant == 0 ? UFM_BIAS_FREE : UFM_BIAS_NONE;
    c.smoothing = variant == 0 ? NULL : "1/10";
    problem = make_mse(&c);
    p = predict(problem, 30);
    q = predict(problem, 50);
    ck_assert_uint_ge(p->gram_w.G, K - 20);
    for (size_t i = 0; i < p->gram_w.G * p->gram_w.G; i++) {
      ck_assert(same_digits(p->gram_w.block[i], q->gram_w.block[i], 30));
      ck_assert(same_digits(p->gram_h.block[i], q->gram_h.block[i], 30));
      ck_assert(same_digits(p->logits.block[i], q->logits.block[i], 30));
    }
    ufm_prediction_free(p);
    ufm_prediction_free(q);
    ufm_problem_free(problem);
  }
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory-mse");

  tcase_add_test(tests, one_digit_either_side_of_a_threshold);
  tcase_add_test(tests, depth_one_thresholds_are_unique);
  tcase_add_loop_test(tests, barely_active_directions_are_accurate, 0, 2);
  tcase_add_test(tests, ties_of_secular_roots);
  tcase_add_test(tests, ties_of_smoothed_targets);
  tcase_add_test(tests, rank_cuts);
  tcase_add_test(tests, degenerate_matrices_are_withheld);
  tcase_add_test(tests, widths_and_merging);
  tcase_add_test(tests, depths_agree_with_stored_values);
  tcase_add_loop_test(tests, balanced_smoothing, 0, 3);
  tcase_add_test(tests, smoothing_with_free_bias);
  tcase_add_test(tests, undecided_thresholds_are_admitted);
  tcase_add_test(tests, refusals_say_why);
  tcase_add_test(tests, huge_matrices_are_refused);
  tcase_add_test(tests, many_groups);
  return run_case("theory-mse", tests);
}
