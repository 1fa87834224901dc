/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver: terminations, multi-start, settings, starts that fail. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/solve.h>

#include "problem.h"
#include "run.h"
#include "solve.h"
#include "solve/handover.h"

static const size_t counts[] = {4, 2, 1}, widths[] = {4, 4};
static const char *const lambda_w[] = {"1/100", "1/100"};

static const test_problem easy = {.loss = UFM_LOSS_CE,
                                  .K = 3,
                                  .counts = counts,
                                  .M = 1,
                                  .widths = widths,
                                  .lambda_w = lambda_w,
                                  .lambda_h = "1/100"};

START_TEST(default_solve_reaches_the_tolerance)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = must_solve(p, &settings);
  ufm_objective *o = NULL;

  ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_GRADIENT);
  ck_assert(s->run[0].relative_gradient <= 1e-10);
  ck_assert_str_eq(s->method, "auto");
  /* the objective is that of the plain point */
  ck_assert_int_eq(ufm_objective_new(&o, p, UFM_VARIABLES_PLAIN, NULL), UFM_OK);
  ck_assert_double_eq_tol(ufm_objective_value(o, s->theta), s->objective,
                          1e-15);
  ufm_objective_free(o);
  ufm_solution_free(s);
  ufm_problem_free(p);
}
END_TEST

/* Beyond what L-BFGS can tell apart auto goes on with Newton; the record of the
   run says so. */
START_TEST(auto_hands_over_where_lbfgs_stops)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = must_solve(p, &settings);

  ck_assert_str_eq(s->used, "lbfgs");
  ck_assert_uint_eq(s->run[0].evaluations.hessian_products, 0);
  ufm_solution_free(s);
  settings.tol = 1e-17;
  s = must_solve(p, &settings);
  ck_assert_str_eq(s->method, "auto");
  ck_assert_str_eq(s->used, "lbfgs+newton");
  ck_assert_uint_gt(s->run[0].evaluations.hessian_products, 0);
  ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_ROUNDOFF);
  ck_assert_double_le(s->run[0].relative_gradient, 1e-12);
  ck_assert_ptr_nonnull(s->run[0].why);
  ufm_solution_free(s);
  ufm_problem_free(p);
}
END_TEST

START_TEST(pace_decides_the_hand_over)
{
  static const struct {
    double from, to;
    bool slow;
  } cases[] = {{1e-6, 1e-7, false},  /* 30 a digit, 3 left */
               {1e-6, 9e-7, true},   /* 650 a digit */
               {1e-6, 2e-6, true},   /* it got worse */
               {1e-2, 9e-3, false}}; /* too far away to say */

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ufm__pace pace = {0, 0.0, false};

    ck_assert(!ufm__too_slow(&pace, 50, cases[i].from, 1e-10, 100.0));
    ck_assert(!ufm__too_slow(&pace, 79, cases[i].to, 1e-10, 100.0));
    ck_assert_msg(ufm__too_slow(&pace, 80, cases[i].to, 1e-10, 100.0) ==
                      cases[i].slow,
                  "case %zu", i);
  }
}
END_TEST

/* A product is nearly free beside the exponentials of narrow factors, and two
   evaluations in wide ones. */
START_TEST(newton_costs_what_its_products_do)
{
  size_t narrow[2] = {1, 10}, wide[2] = {100000, 10};
  ufm_layout l = {.M = 1, .K = 10, .J = 10, .width = narrow};

  ck_assert_double_eq_tol(ufm__newton_cost(&l), 40.0 * 12.0 / 206.0, 1e-12);
  l.width = wide;
  ck_assert_double_eq_tol(ufm__newton_cost(&l), 80.0, 0.1);
}
END_TEST

START_TEST(auto_is_newton_where_products_are_nearly_free)
{
  enum { CLASSES = 10 };
  size_t n[CLASSES];

  for (size_t k = 0; k < CLASSES; k++)
    n[k] = 100 / (k + 1);
  for (size_t d = 2; d <= 12; d++) {
    test_problem t = {.loss = _i == 0 ? UFM_LOSS_CE : UFM_LOSS_MSE,
                      .K = CLASSES,
                      .counts = n,
                      .M = 1,
                      .widths = &d,
                      .lambda_w = lambda_w,
                      .lambda_h = "1/1000"};
    ufm_solve_settings settings = ufm_solve_defaults();
    ufm_problem *p = make_problem(&t);
    ufm_solution *s = must_solve(p, &settings);

    ck_assert_str_eq(s->method, "auto");
    ck_assert_msg((strcmp(s->used, "newton") == 0) == (_i == 0 && d <= 4),
                  "%s at d = %zu", s->used, d);
    ufm_solution_free(s);
    ufm_problem_free(p);
  }
}
END_TEST

/* Where the factors may be rotated the Hessian is singular: Newton must not
   follow the rounding of the gradient there. */
START_TEST(newton_goes_to_the_floor_of_the_gradient)
{
  enum { CLASSES = 20 };
  static const size_t thin[3] = {6, 6, 6};
  static const char *const weak[3] = {"1/100000", "1/100000", "1/100000"};
  size_t n[CLASSES];
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = CLASSES,
                    .counts = n,
                    .M = _i == 0 ? 1 : 3,
                    .widths = thin,
                    .lambda_w = weak,
                    .lambda_h = "20/505000000"};
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_problem *p;
  ufm_solution *s;

  for (size_t k = 0; k < CLASSES; k++)
    n[k] = k < CLASSES / 2 ? 500 : 5;
  p = make_problem(&t);
  settings.tol = 1e-12;
  for (uint64_t seed = 0; seed < 4; seed++) {
    settings.seed = seed;
    s = must_solve(p, &settings);
    ck_assert_str_eq(s->used, "lbfgs+newton");
    ck_assert_msg(s->run[0].termination == UFM_TERMINATION_GRADIENT,
                  "seed %d: %g", (int)seed, s->run[0].relative_gradient);
    ufm_solution_free(s);
  }
  ufm_problem_free(p);
}
END_TEST

/* No method may claim convergence it has not reached, whatever it is asked. */
START_TEST(terminations_are_honest)
{
  static const double tolerances[] = {1e-3, 1e-6, 1e-9, 1e-15};
  ufm_problem *p = make_problem(&easy);

  for (const ufm_method *m = ufm_method_list(); m->name != NULL; m++)
    for (size_t i = 0; i < 4; i++) {
      ufm_solve_settings settings = ufm_solve_defaults();
      ufm_solution *s;

      settings.method = m->name;
      settings.tol = tolerances[i];
      settings.max_iter = 3000;
      s = must_solve(p, &settings);
      ck_assert_msg((s->run[0].termination == UFM_TERMINATION_GRADIENT) ==
                        (s->run[0].relative_gradient <= tolerances[i]),
                    "%s at %g: %s with %g", m->name, tolerances[i],
                    ufm_termination_name(s->run[0].termination),
                    s->run[0].relative_gradient);
      ck_assert_uint_ge(s->run[0].evaluations.values, 1);
      ufm_solution_free(s);
    }
  ufm_problem_free(p);
}
END_TEST

START_TEST(the_floor_of_double_precision_is_roundoff)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s;

  settings.tol = 1e-17;
  s = must_solve(p, &settings);
  ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_ROUNDOFF);
  ck_assert(s->run[0].relative_gradient < 1e-12);
  ufm_solution_free(s);
  ufm_problem_free(p);
}
END_TEST

/* Large penalties: the solution is zero, where all parts of the gradient
   vanish; the floor of the stop test makes that a convergence. */
START_TEST(the_zero_solution_converges)
{
  for (int loss = 0; loss < 2; loss++)
    for (size_t M = 1; M <= 2; M++) {
      static const char *const strong[] = {"2", "2"};
      test_problem t = easy;
      ufm_solve_settings settings = ufm_solve_defaults();
      ufm_problem *p;
      ufm_solution *s;

      t.loss = (ufm_loss)loss;
      t.M = M;
      t.lambda_w = strong;
      t.lambda_h = "2";
      p = make_problem(&t);
      s = must_solve(p, &settings);
      ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_GRADIENT);
      for (size_t i = 0; i < s->layout->size; i++)
        ck_assert_double_eq(s->theta[i], 0.0);
      ufm_solution_free(s);
      ufm_problem_free(p);
    }
}
END_TEST

START_TEST(starts_are_reproducible_and_counted)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *a, *b, *one;

  settings.starts = 6;
  settings.seed = 41;
  a = must_solve(p, &settings);
  b = must_solve(p, &settings);
  ck_assert_uint_eq(a->starts, 6);
  ck_assert_uint_eq(a->hits, 6); /* convex at this width */
  ck_assert_mem_eq(a->theta, b->theta, a->layout->size * sizeof(double));
  /* start i does not depend on how many starts there are */
  settings.starts = 1;
  one = must_solve(p, &settings);
  ck_assert(one->run[0].objective == a->run[0].objective);
  ck_assert_uint_eq(one->run[0].evaluations.values,
                    a->run[0].evaluations.values);
  ufm_solution_free(a);
  ufm_solution_free(b);
  ufm_solution_free(one);
  ufm_problem_free(p);
}
END_TEST

static int stop_at_once(const ufm_progress *progress, void *user)
{
  *(size_t *)user += 1;
  return progress->iteration >= 2;
}

START_TEST(a_callback_stops_the_solve_and_keeps_the_point)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings settings = ufm_solve_defaults();
  size_t calls = 0;
  ufm_solution *s;

  settings.starts = 5;
  settings.progress = stop_at_once;
  settings.user = &calls;
  s = must_solve(p, &settings);
  ck_assert_uint_eq(s->starts, 1);
  ck_assert_uint_eq(calls, 3);
  ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_INTERRUPTED);
  ck_assert(isfinite(s->objective));
  ufm_solution_free(s);
  ufm_problem_free(p);
}
END_TEST

/* The first start overflows, the others do not: it is reported, not dropped. */
START_TEST(a_failed_start_is_reported)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = must_solve(p, &settings), *t;
  char prefix[] = "check_solve.XXXXXX";
  int descriptor = mkstemp(prefix);

  ck_assert_int_ge(descriptor, 0);
  for (size_t i = 0; i < s->layout->size; i++)
    s->theta[i] = 1e200;
  ck_assert_int_eq(ufm_point_save(s->layout, s->theta, prefix, NULL), UFM_OK);
  settings.start = UFM_START_FILE;
  settings.start_file = prefix;
  settings.starts = 3;
  t = must_solve(p, &settings);
  ck_assert_uint_eq(t->starts, 3);
  ck_assert_int_eq(t->run[0].termination, UFM_TERMINATION_FAILED);
  ck_assert_uint_eq(t->hits, 2);
  ck_assert_uint_ne(t->best, 0);
  ufm_solution_free(t);
  settings.starts = 1;
  t = NULL;
  ck_assert_int_eq(ufm_solve(&t, p, &settings, NULL), UFM_ENAN);
  ck_assert_ptr_null(t);
  ck_assert_int_eq(system("rm -f check_solve.??????*"), 0);
  ufm_solution_free(s);
  ufm_problem_free(p);
}
END_TEST

START_TEST(bad_settings_are_refused)
{
  ufm_problem *p = make_problem(&easy);
  ufm_solve_settings good = ufm_solve_defaults(), bad;
  ufm_solution *s = NULL;
  ufm_error error = {{0}};

  bad = good, bad.tol = 0.0;
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  bad = good, bad.tol = (double)NAN;
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  bad = good, bad.max_iter = 0;
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  bad = good, bad.starts = 0;
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  bad = good, bad.method = "lbfg";
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "did you mean 'lbfgs'"));
  bad = good, bad.start = UFM_START_FILE;
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  /* imbalanced cross entropy has no closed form to start from */
  bad = good, bad.start = UFM_START_THEORY;
  ck_assert_int_eq(ufm_solve(&s, p, &bad, &error), UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "theory"));
  ck_assert_ptr_null(s);
  ufm_problem_free(p);
}
END_TEST

START_TEST(penalties_beyond_double_precision_are_refused)
{
  static const char huge[] = "1000000000000000000000000000000000000000000000000"
                             "000000000000000000000000"
                             "0000000000000000000000000000000000000000000000000"
                             "000000000000000000000000";
  test_problem t = easy;
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = NULL;
  ufm_error error = {{0}};
  ufm_problem *p;

  t.lambda_h = huge;
  p = make_problem(&t);
  ck_assert_int_eq(ufm_solve(&s, p, &settings, &error), UFM_ERANGE);
  ck_assert_ptr_nonnull(strstr(error.text, "lambda-H"));
  ck_assert_ptr_null(s);
  ufm_problem_free(p);
}
END_TEST

/* Every kind of start leads to the same optimum of a convex problem, with every
   bias, merged or not. */
START_TEST(all_starts_reach_the_optimum)
{
  test_problem t = easy;
  double F[2];

  t.bias = (ufm_bias)(_i % 3);
  t.lambda_b = t.bias == UFM_BIAS_RIDGE ? "1/7" : NULL;
  for (int unmerged = 0; unmerged < 2; unmerged++) {
    ufm_problem *p;
    double first = 0.0;

    t.unmerged = unmerged != 0;
    p = make_problem(&t);
    for (int start = 0; start <= UFM_START_SPECTRAL; start++) {
      ufm_solve_settings settings = ufm_solve_defaults();
      ufm_solution *s;

      settings.start = (ufm_start)start;
      s = must_solve(p, &settings);
      ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_GRADIENT);
      if (start == 0)
        first = s->objective;
      ck_assert_double_eq_tol(s->objective, first, 1e-13 * first);
      ufm_solution_free(s);
    }
    F[unmerged] = first;
    ufm_problem_free(p);
  }
  ck_assert_double_eq_tol(F[0], F[1], 1e-12 * F[0]);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("solve");

  tcase_add_test(tests, default_solve_reaches_the_tolerance);
  tcase_add_test(tests, auto_hands_over_where_lbfgs_stops);
  tcase_add_test(tests, pace_decides_the_hand_over);
  tcase_add_test(tests, newton_costs_what_its_products_do);
  tcase_add_loop_test(tests, auto_is_newton_where_products_are_nearly_free, 0,
                      2);
  tcase_add_loop_test(tests, newton_goes_to_the_floor_of_the_gradient, 0, 2);
  tcase_add_test(tests, terminations_are_honest);
  tcase_add_test(tests, the_floor_of_double_precision_is_roundoff);
  tcase_add_test(tests, the_zero_solution_converges);
  tcase_add_test(tests, starts_are_reproducible_and_counted);
  tcase_add_test(tests, a_callback_stops_the_solve_and_keeps_the_point);
  tcase_add_test(tests, a_failed_start_is_reported);
  tcase_add_test(tests, bad_settings_are_refused);
  tcase_add_test(tests, penalties_beyond_double_precision_are_refused);
  tcase_add_loop_test(tests, all_starts_reach_the_optimum, 0, 3);
  return run_case("solve", tests);
}
