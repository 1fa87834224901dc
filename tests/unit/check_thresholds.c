/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds in the scale of the penalties, against published values, exact
   values, and the closed forms on both sides of every threshold. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/theory.h>
#include <ufm/thresholds.h>

#include "problem.h"
#include "run.h"

static const size_t example[] = {200, 100, 50, 50};
static const char *const ones[] = {"1", "1", "1", "1", "1", "1"};

static ufm_thresholds *thresholds_of(const test_problem *t, size_t digits)
{
  ufm_problem *problem = make_problem(t);
  ufm_thresholds *out = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_thresholds_enclose(&out, problem, digits, &error) == UFM_OK,
                "%s", error.text);
  ufm_problem_free(problem);
  return out;
}

/* The problem with all penalties s; `text` has room for the number. */
static void set_scale(test_problem *t, mpfr_srcptr s, const char *lambda_w[6],
                      char text[], size_t size)
{
  mpq_t exact;

  mpq_init(exact);
  mpfr_get_q(exact, s);
  ck_assert_int_lt(gmp_snprintf(text, size, "%Qd", exact), (int)size);
  mpq_clear(exact);
  for (size_t m = 0; m < t->M; m++)
    lambda_w[m] = text;
  t->lambda_w = lambda_w;
  t->lambda_h = text;
}

static void check_close(const ufm_threshold *t, double value, double tolerance)
{
  ck_assert(mpfr_cmp(t->lower, t->upper) <= 0);
  ck_assert_double_eq_tol(mpfr_get_d(t->lower, MPFR_RNDN), value,
                          tolerance * value);
  ck_assert_double_eq_tol(mpfr_get_d(t->upper, MPFR_RNDN), value,
                          tolerance * value);
}

/* lambda_c of arXiv 2301.00437's settings (doc/mathematics.md, section 12). */
START_TEST(smallest_class_of_the_paper)
{
  static const struct {
    size_t M;
    double value;
  } cases[] = {{1, 0.0176777}, {3, 0.0127938}, {6, 0.0104590}};
  size_t widths[6] = {4, 4, 4, 4, 4, 4};
  test_problem t = {.K = 4,
                    .counts = example,
                    .M = cases[_i].M,
                    .widths = widths,
                    .lambda_w = ones,
                    .lambda_h = "1"};
  ufm_thresholds *all = thresholds_of(&t, 30);

  ck_assert_uint_eq(all->count, 3);
  ck_assert_int_eq(all->at[0].change, UFM_CHANGE_CLASS);
  ck_assert_uint_eq(all->at[0].count, 50);
  ck_assert_uint_eq(all->at[0].multiplicity, 2);
  ck_assert_int_eq(all->at[0].jump, cases[_i].M > 1);
  ck_assert(all->at[0].exact);
  check_close(&all->at[0], cases[_i].value, 5e-6);
  ufm_thresholds_free(all);
}
END_TEST

/* Merging of labels: s^2 = n_k / (N^2 omega), for every loss and bias. */
START_TEST(merging_is_exact)
{
  static const size_t counts[] = {7, 3, 7, 3, 3};
  static const size_t widths[] = {5};
  static const char *const lambda_w[] = {"1/3"};
  test_problem t = {.loss = (ufm_loss)(_i % 2),
                    .bias = (ufm_bias)(_i / 2),
                    .K = 5,
                    .counts = counts,
                    .M = 1,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = "2/5",
                    .lambda_b = _i / 2 == 2 ? "1/7" : NULL};
  ufm_thresholds *all = thresholds_of(&t, 30);
  size_t found = 0;
  mpq_t value;

  mpq_init(value);
  for (size_t i = 0; i < all->count; i++) {
    const ufm_threshold *at = &all->at[i];

    if (!at->exact)
      continue;
    mpq_set_ui(value, at->count, 23 * 23);
    mpq_canonicalize(value);
    mpz_mul_ui(mpq_numref(value), mpq_numref(value), 15);
    mpz_mul_ui(mpq_denref(value), mpq_denref(value), 2);
    mpq_canonicalize(value);
    ck_assert(mpq_equal(value, at->value));
    ck_assert(at->count == 7 || at->count == 3);
    found++;
  }
  ck_assert_uint_eq(found, 2);
  mpq_clear(value);
  ufm_thresholds_free(all);
}
END_TEST

/* The rank that another room predicts changes by the multiplicity. */
START_TEST(rank_of_the_closed_form_drops)
{
  static const size_t counts[] = {90, 40, 40, 40, 17, 5};
  size_t widths[3] = {6, 6, 6};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = _i % 2 == 0 ? UFM_BIAS_NONE : UFM_BIAS_FREE,
                    .K = 6,
                    .counts = counts,
                    .M = 1 + (size_t)_i / 2 % 3,
                    .widths = widths,
                    .lambda_w = ones,
                    .lambda_h = "1",
                    .smoothing = _i >= 6 ? "1/9" : NULL};
  ufm_thresholds *all = thresholds_of(&t, 25);
  size_t left = 0;

  ck_assert_uint_gt(all->count, 0);
  for (size_t i = all->count; i-- > 0;) {
    for (int above = 1; above >= 0; above--) {
      char text[512];
      const char *lambda_w[6];
      ufm_problem *problem;
      ufm_prediction *prediction = NULL;
      ufm_error error = {{0}};
      mpfr_t s;

      mpfr_init2(s, 128);
      mpfr_set(s, above ? all->at[i].upper : all->at[i].lower, MPFR_RNDN);
      mpfr_mul_d(s, s, above ? 1.0 + 0x1p-40 : 1.0 - 0x1p-40, MPFR_RNDN);
      set_scale(&t, s, lambda_w, text, sizeof text);
      problem = make_problem(&t);
      ck_assert_msg(ufm_theory_predict(&prediction, problem, 30, &error) ==
                        UFM_OK,
                    "%s", error.text);
      if (!above)
        left += all->at[i].multiplicity;
      ck_assert_msg(prediction->rank == left,
                    "case %d, threshold %zu: rank %zu, want %zu", _i, i,
                    prediction->rank, left);
      ufm_prediction_free(prediction);
      ufm_problem_free(problem);
      mpfr_clear(s);
    }
  }
  ufm_thresholds_free(all);
}
END_TEST

/* One class of 9 and four of 2: the largest eigenvalue of D^{1/2} (I - J/K)
   D^{1/2} is that of [[9 (1 - 1/5), -9 (4/5)], [-2/5, 2 (1 - 4/5)]], whose
   determinant is 0, so the trace 7.6. */
START_TEST(total_collapse_of_cross_entropy)
{
  static const size_t counts[] = {2, 9, 2, 2, 2}, widths[] = {4};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 5,
                    .counts = counts,
                    .M = 1,
                    .widths = widths,
                    .lambda_w = ones,
                    .lambda_h = "1"};
  ufm_thresholds *all = thresholds_of(&t, 20);
  const ufm_threshold *last = &all->at[all->count - 1];

  ck_assert_uint_eq(all->count, 2);
  ck_assert_int_eq(last->change, UFM_CHANGE_TOTAL);
  check_close(last, sqrt(7.6) / 17.0, 1e-15);
  ufm_thresholds_free(all);
}
END_TEST

START_TEST(refused)
{
  static const struct {
    test_problem t;
    const char *says;
  } cases[] = {
      {{.loss = UFM_LOSS_CE, .M = 2}, "depth 2"},
      {{.loss = UFM_LOSS_CE, .M = 1}, "width 2"},
      {{.loss = UFM_LOSS_MSE, .bias = UFM_BIAS_RIDGE, .M = 2, .lambda_b = "1"},
       "ridge"},
  };
  size_t widths[2] = {_i == 1 ? 2 : 4, 4};
  test_problem t = cases[_i].t;
  ufm_problem *problem;
  ufm_thresholds *out = NULL;
  ufm_error error = {{0}};

  t.K = 4;
  t.counts = example;
  t.widths = widths;
  t.lambda_w = ones;
  t.lambda_h = "1";
  problem = make_problem(&t);
  ck_assert_int_eq(ufm_thresholds_enclose(&out, problem, 20, &error),
                   UFM_EUNSUPPORTED);
  ck_assert_ptr_null(out);
  ck_assert_msg(strstr(error.text, cases[_i].says) != NULL, "%s", error.text);
  ck_assert_int_eq(ufm_thresholds_enclose(&out, problem, 0, &error),
                   UFM_EINVAL);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("thresholds");

  tcase_add_loop_test(tests, smallest_class_of_the_paper, 0, 3);
  tcase_add_loop_test(tests, merging_is_exact, 0, 6);
  tcase_add_loop_test(tests, rank_of_the_closed_form_drops, 0, 12);
  tcase_add_test(tests, total_collapse_of_cross_entropy);
  tcase_add_loop_test(tests, refused, 0, 3);
  return run_case("thresholds", tests);
}
