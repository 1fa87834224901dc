/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Problems: columns, groups, layout, and what is refused. */
#include <config.h>

#include <string.h>

#include <ufm/layout.h>

#include "problem.h"
#include "run.h"

static const size_t counts[] = {5, 2, 5, 9};
static const size_t widths[] = {3, 7};
static const char *const lambda_w[] = {"1/10", "1/20"};

static const test_problem base = {.loss = UFM_LOSS_CE,
                                  .bias = UFM_BIAS_FREE,
                                  .K = 4,
                                  .counts = counts,
                                  .M = 2,
                                  .widths = widths,
                                  .lambda_w = lambda_w,
                                  .lambda_h = "1/30",
                                  .smoothing = "1/5"};

/* Weights sum to exactly 1, each target too, and nu_j = N pi_j. */
static void check_columns(const ufm_problem *problem, size_t J)
{
  const ufm_columns *c = ufm_problem_columns(problem);
  mpq_t sum, entry;

  mpq_inits(sum, entry, (mpq_ptr)NULL);
  ck_assert_uint_eq(c->J, J);
  ck_assert_int_eq(mpq_cmp_ui(c->ratio, 21, 1), 0);
  for (size_t j = 0; j < J; j++)
    mpq_add(sum, sum, c->palette[c->weight[j]]);
  ck_assert_int_eq(mpq_cmp_ui(sum, 1, 1), 0);
  for (size_t j = 0; j < J; j++) {
    double target[4], total = 0.0;

    ufm_columns_target(c, j, target);
    mpq_set_ui(sum, 0, 1);
    for (size_t i = 0; i < 4; i++) {
      ufm_columns_target_exact(c, j, i, entry);
      mpq_add(sum, sum, entry);
      ck_assert_double_eq_tol(target[i], mpq_get_d(entry), 1e-15);
      total += target[i];
      ck_assert_int_eq(mpq_cmp_ui(entry, i == c->label[j] ? 17 : 1, 20), 0);
    }
    ck_assert_int_eq(mpq_cmp_ui(sum, 1, 1), 0);
    ck_assert_double_eq_tol(total, 1.0, 1e-15);
  }
  mpq_clears(sum, entry, (mpq_ptr)NULL);
}

START_TEST(columns_are_exact)
{
  test_problem t = base;
  ufm_problem *merged = make_problem(&t);
  ufm_problem *unmerged;

  t.unmerged = true;
  unmerged = make_problem(&t);
  check_columns(merged, 4);
  check_columns(unmerged, 21);
  ck_assert_uint_eq(ufm_problem_columns(merged)->count[3], 9);
  ck_assert_uint_eq(ufm_problem_columns(unmerged)->label[6], 1);
  ufm_problem_free(merged);
  ufm_problem_free(unmerged);
}
END_TEST

START_TEST(groups_descend)
{
  ufm_problem *problem = make_problem(&base);
  const ufm_groups *g = ufm_problem_groups(problem);

  ck_assert_uint_eq(g->G, 3);
  ck_assert_uint_eq(g->count[0], 9);
  ck_assert_uint_eq(g->count[1], 5);
  ck_assert_uint_eq(g->count[2], 2);
  ck_assert_uint_eq(g->size[1], 2);
  ck_assert_uint_eq(g->of[0], 1);
  ck_assert_uint_eq(g->of[1], 2);
  ck_assert_uint_eq(g->of[3], 0);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(layout_covers_every_factor)
{
  ufm_problem *problem = make_problem(&base);
  ufm_layout *layout = NULL;

  ck_assert_int_eq(ufm_layout_new(&layout, problem, NULL), UFM_OK);
  ck_assert_uint_eq(layout->w[0], 0);
  ck_assert_uint_eq(layout->w[1], 7 * 3);
  ck_assert_uint_eq(layout->h, 7 * 3 + 4 * 7);
  ck_assert_uint_eq(layout->b, 7 * 3 + 4 * 7 + 4 * 3);
  ck_assert_uint_eq(layout->size, layout->b + 4);
  ck_assert_uint_eq(ufm_problem_rank_limit(problem), 3);
  ufm_layout_free(layout);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(product_of_penalties_is_exact)
{
  ufm_problem *problem = make_problem(&base);
  mpq_t product;

  mpq_init(product);
  ufm_problem_lambda_product(problem, product);
  ck_assert_int_eq(mpq_cmp_ui(product, 1, 6000), 0);
  mpq_clear(product);
  ufm_problem_free(problem);
}
END_TEST

/* Points too large for any machine are refused before anything is allocated. */
START_TEST(absurd_sizes_are_refused)
{
  static const size_t huge[] = {(size_t)1 << 40, (size_t)1 << 40};
  test_problem t = base;
  ufm_layout *layout = NULL;
  ufm_error error = {{0}};
  ufm_problem *problem;

  t.widths = huge;
  problem = make_problem(&t);
  ck_assert_int_eq(ufm_layout_new(&layout, problem, &error), UFM_ERANGE);
  ck_assert_ptr_null(layout);
  ck_assert_ptr_nonnull(strstr(error.text, "point"));
  ufm_problem_free(problem);
}
END_TEST

static void expect_refused(const ufm_problem_settings *settings,
                           const char *word)
{
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_problem_new(&problem, settings, &error), UFM_EINVAL);
  ck_assert_ptr_null(problem);
  ck_assert_msg(strstr(error.text, word) != NULL, "'%s' lacks '%s'", error.text,
                word);
}

START_TEST(bad_settings_are_named)
{
  static const size_t zero[] = {5, 0, 5, 9};
  mpq_t lambdas[2], lambda_h, negative;
  ufm_problem_settings good = {.loss = UFM_LOSS_MSE,
                               .K = 4,
                               .counts = counts,
                               .M = 2,
                               .widths = widths,
                               .lambda_w = (const mpq_t *)lambdas,
                               .lambda_h = lambda_h};
  ufm_problem_settings bad;

  mpq_inits(lambdas[0], lambdas[1], lambda_h, negative, (mpq_ptr)NULL);
  mpq_set_ui(lambdas[0], 1, 10);
  mpq_set_ui(lambdas[1], 1, 10);
  mpq_set_ui(lambda_h, 1, 10);
  mpq_set_si(negative, -1, 3);
  bad = good, bad.K = 1;
  expect_refused(&bad, "classes: got 1");
  bad = good, bad.M = 0;
  expect_refused(&bad, "depth");
  bad = good, bad.counts = zero;
  expect_refused(&bad, "class 1 has 0");
  bad = good, bad.widths = zero;
  expect_refused(&bad, "d_2 is 0");
  bad = good, bad.lambda_h = negative;
  expect_refused(&bad, "lambda-H: got -1/3");
  bad = good, bad.lambda_h = NULL;
  expect_refused(&bad, "lambda-H: got nothing");
  bad = good, bad.bias = UFM_BIAS_RIDGE;
  expect_refused(&bad, "lambda-b");
  bad = good, bad.lambda_b = lambda_h;
  expect_refused(&bad, "only with bias ridge");
  bad = good, bad.targets = UFM_TARGETS_SMOOTH;
  expect_refused(&bad, "EPS");
  mpq_clears(lambdas[0], lambdas[1], lambda_h, negative, (mpq_ptr)NULL);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("problem");

  tcase_add_test(tests, columns_are_exact);
  tcase_add_test(tests, groups_descend);
  tcase_add_test(tests, layout_covers_every_factor);
  tcase_add_test(tests, product_of_penalties_is_exact);
  tcase_add_test(tests, absurd_sizes_are_refused);
  tcase_add_test(tests, bad_settings_are_named);
  return run_case("problem", tests);
}
