/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts from codes and homotopies, class swaps, levels, processes. */
#include <config.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <sys/wait.h>
#include <unistd.h>

#include <ufm/solve.h>

#include "problem.h"
#include "run.h"
#include "solve.h"

/* One sample of each class, or counts falling as 1/k. */
static const size_t ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                              1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const size_t zipf[] = {100, 50, 33, 25, 20, 16, 14, 12, 11, 10};
static const size_t narrow[] = {4}, deep[] = {10, 10, 10};
static const char *const lambda_w[] = {"1/1024", "1/1024", "1/1024"};
static const char *const half[] = {"1/2048"}, *const hundredth[] = {
                                                  "1/100", "1/100", "1/100"};

/* Settings whose minima compete.  The best values are known from thousands of
   starts of other solvers (24 classes: the 24-cell). */
static const test_problem cell = {.loss = UFM_LOSS_CE,
                                  .K = 24,
                                  .counts = ones,
                                  .M = 1,
                                  .widths = narrow,
                                  .lambda_w = lambda_w,
                                  .lambda_h = "1/1024"};
static const test_problem tail = {.loss = UFM_LOSS_CE,
                                  .K = 10,
                                  .counts = zipf,
                                  .M = 1,
                                  .widths = narrow,
                                  .lambda_w = half,
                                  .lambda_h = "1/2048"};
static const test_problem stack = {.loss = UFM_LOSS_CE,
                                   .K = 10,
                                   .counts = ones,
                                   .M = 3,
                                   .widths = deep,
                                   .lambda_w = hundredth,
                                   .lambda_h = "1/100"};

static ufm_solution *solve_test(const test_problem *t,
                                const ufm_solve_settings *settings)
{
  ufm_problem *problem = make_problem(t);
  ufm_solution *solution = must_solve(problem, settings);

  ufm_problem_free(problem);
  return solution;
}

static ufm_solution *solve_kind(const test_problem *t, ufm_start kind,
                                size_t starts)
{
  ufm_solve_settings settings = ufm_solve_defaults();

  settings.start = kind;
  settings.starts = starts;
  return solve_test(t, &settings);
}

static void check_value(const ufm_solution *s, double want)
{
  ck_assert_msg(fabs(s->objective - want) <= 1e-13 * want,
                "got %.17g, want %.17g", s->objective, want);
}

START_TEST(the_first_code_of_24_classes_is_the_24_cell)
{
  ufm_solution *s = solve_kind(&cell, UFM_START_CODES, 1);

  ck_assert_int_eq(s->run[0].start, UFM_START_CODES);
  ck_assert_str_eq(s->run[0].detail, "24-cell");
  check_value(s, 0.286898664857915);
  ufm_solution_free(s);
}
END_TEST

/* Random starts find it once in a hundred, from strong penalties one in four
   does. */
START_TEST(homotopies_find_what_random_starts_miss)
{
  ufm_solution *random = solve_kind(&cell, UFM_START_RANDOM, 30);
  ufm_solution *homotopy = solve_kind(&cell, UFM_START_HOMOTOPY, 30);
  size_t strong = 0, weak = 0;

  for (size_t i = 0; i < homotopy->starts; i++) {
    ck_assert_int_eq(homotopy->run[i].start, UFM_START_HOMOTOPY);
    strong += strcmp(homotopy->run[i].detail, "strong penalties") == 0;
    weak += strcmp(homotopy->run[i].detail, "weak penalties") == 0;
  }
  ck_assert_uint_eq(strong, 15);
  ck_assert_uint_eq(weak, 15);
  check_value(homotopy, 0.286898664857915);
  ck_assert_uint_ge(homotopy->hits, 2);
  ck_assert(random->objective > homotopy->objective * (1.0 + 1e-9) ||
            random->hits < homotopy->hits);
  ufm_solution_free(random);
  ufm_solution_free(homotopy);
}
END_TEST

/* Without swaps a start of unequal counts keeps the assignment it began with.
 */
START_TEST(swaps_lead_to_the_best_assignment)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *plain, *swapped;
  size_t swaps = 0;

  settings.start = UFM_START_RANDOM;
  settings.starts = 12;
  plain = solve_test(&tail, &settings);
  settings.swaps = 200;
  swapped = solve_test(&tail, &settings);
  for (size_t i = 0; i < settings.starts; i++) {
    ck_assert_uint_eq(plain->run[i].swaps, 0);
    swaps += swapped->run[i].swaps;
    ck_assert_msg(swapped->run[i].objective <=
                      plain->run[i].objective * (1.0 + 1e-12),
                  "start %zu got worse", i);
    ck_assert_int_eq(swapped->run[i].termination, UFM_TERMINATION_GRADIENT);
  }
  ck_assert_uint_gt(swaps, 12);
  check_value(swapped, 0.178811657746305);
  ck_assert(plain->objective > swapped->objective * (1.0 + 1e-6));
  ufm_solution_free(plain);
  ufm_solution_free(swapped);
}
END_TEST

/* Equal counts: exchanging two classes is a symmetry, nothing is tried. */
START_TEST(swaps_of_equal_classes_are_not_tried)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *plain, *swapped;

  settings.start = UFM_START_RANDOM;
  plain = solve_test(&cell, &settings);
  settings.swaps = 1000;
  swapped = solve_test(&cell, &settings);
  ck_assert_uint_eq(plain->run[0].evaluations.values,
                    swapped->run[0].evaluations.values);
  ufm_solution_free(plain);
  ufm_solution_free(swapped);
}
END_TEST

/* Merged and unmerged swaps agree: all samples of a class turn together. */
START_TEST(swaps_work_without_merging)
{
  static const size_t few[] = {9, 5, 3, 2, 2, 1}, plane[] = {2};
  test_problem t = tail;
  ufm_solution *merged, *unmerged;

  t.K = 6;
  t.counts = few;
  t.widths = plane;
  merged = solve_kind(&t, UFM_START_HOMOTOPY, 4);
  t.unmerged = true;
  unmerged = solve_kind(&t, UFM_START_HOMOTOPY, 4);
  ck_assert_msg(fabs(merged->objective - unmerged->objective) <=
                    1e-11 * merged->objective,
                "merged %.17g, unmerged %.17g", merged->objective,
                unmerged->objective);
  ufm_solution_free(merged);
  ufm_solution_free(unmerged);
}
END_TEST

START_TEST(deep_solves_start_from_low_ranks)
{
  ufm_solution *random = solve_kind(&stack, UFM_START_RANDOM, 20);
  ufm_solution *codes = solve_kind(&stack, UFM_START_CODES, 40);
  bool orthoplex = false, line = false, repulsion = false;

  for (size_t i = 0; i < codes->starts; i++) {
    orthoplex |= strcmp(codes->run[i].detail, "cross-polytope") == 0;
    line |= strcmp(codes->run[i].detail, "line") == 0;
    repulsion |= strcmp(codes->run[i].detail, "repulsion") == 0;
  }
  ck_assert(orthoplex && line && repulsion);
  /* the orthoplex has 0.3638065630 and a point of rank 4 0.348566
     (doc/mathematics.md, section 7.1) */
  ck_assert(codes->objective < 0.348566);
  ck_assert(codes->objective < random->objective * (1.0 - 1e-3));
  ufm_solution_free(random);
  ufm_solution_free(codes);
}
END_TEST

/* What auto does is in the documentation; start 0 is that of one start. */
START_TEST(auto_takes_turns_where_minima_compete)
{
  static const ufm_start turns[] = {UFM_START_RANDOM, UFM_START_CODES,
                                    UFM_START_HOMOTOPY, UFM_START_HOMOTOPY};
  static const size_t wide[] = {9};
  test_problem convex = tail;
  ufm_solution *s = solve_kind(&tail, UFM_START_AUTO, 9), *one;

  for (size_t i = 0; i < 9; i++)
    ck_assert_int_eq(s->run[i].start, turns[i % 4]);
  one = solve_kind(&tail, UFM_START_AUTO, 1);
  ck_assert(one->run[0].objective == s->run[0].objective);
  ufm_solution_free(one);
  ufm_solution_free(s);
  convex.widths = wide;
  s = solve_kind(&convex, UFM_START_AUTO, 5);
  for (size_t i = 0; i < 5; i++)
    ck_assert_int_eq(s->run[i].start, UFM_START_RANDOM);
  ufm_solution_free(s);
}
END_TEST

START_TEST(levels_are_the_distinct_values)
{
  ufm_solution *s = solve_kind(&cell, UFM_START_AUTO, 25);
  size_t sum = 0;

  ck_assert_uint_ge(s->levels, 2);
  ck_assert(s->level[0].objective == s->objective);
  ck_assert_uint_eq(s->level[0].count, s->hits);
  for (size_t i = 0; i < s->levels; i++) {
    const ufm_level *l = &s->level[i];

    sum += l->count;
    ck_assert(fabs(s->run[l->first].objective - l->objective) <=
              1e-9 * l->objective * (double)l->count);
    if (i > 0)
      ck_assert(l->objective > s->level[i - 1].objective * (1.0 + 1e-9));
  }
  ck_assert_uint_eq(sum, 25); /* all of them converge */
  ufm_solution_free(s);
}
END_TEST

static void check_same(const ufm_solution *a, const ufm_solution *b)
{
  ck_assert_mem_eq(a->theta, b->theta, a->layout->size * sizeof(double));
  ck_assert_uint_eq(a->starts, b->starts);
  ck_assert_uint_eq(a->best, b->best);
  ck_assert_uint_eq(a->hits, b->hits);
  ck_assert_uint_eq(a->levels, b->levels);
  for (size_t i = 0; i < a->starts; i++) {
    const ufm_run *p = &a->run[i], *q = &b->run[i];

    ck_assert_uint_eq(p->index, i);
    ck_assert_uint_eq(q->index, i);
    ck_assert(p->objective == q->objective);
    ck_assert(p->gradient_norm == q->gradient_norm);
    ck_assert_int_eq(p->start, q->start);
    ck_assert_int_eq(p->detail == NULL, q->detail == NULL);
    if (p->detail != NULL)
      ck_assert_str_eq(p->detail, q->detail);
    ck_assert_uint_eq(p->swaps, q->swaps);
    ck_assert_uint_eq(p->iterations, q->iterations);
    ck_assert_uint_eq(p->evaluations.values, q->evaluations.values);
  }
}

START_TEST(results_do_not_depend_on_the_number_of_processes)
{
  static const test_problem *const problems[] = {&cell, &tail, &stack};
  static const size_t jobs[] = {2, 5, 40};

  for (size_t p = 0; p < 3; p++) {
    ufm_solve_settings settings = ufm_solve_defaults();
    ufm_solution *alone;

    settings.starts = 13;
    settings.seed = 77;
    alone = solve_test(problems[p], &settings);
    for (size_t i = 0; i < 3; i++) {
      ufm_solution *shared;

      settings.jobs = jobs[i];
      shared = solve_test(problems[p], &settings);
      check_same(alone, shared);
      ufm_solution_free(shared);
    }
    ufm_solution_free(alone);
  }
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}
END_TEST

/* A minimizer that keeps something from one run to the next (operators, here)
   would show. */
START_TEST(every_method_of_ours_is_independent_of_what_ran_before)
{
  static const char *const methods[] = {"auto", "lbfgs", "newton"};

  for (size_t m = 0; m < 3; m++) {
    ufm_solve_settings settings = ufm_solve_defaults();
    ufm_solution *alone, *shared;

    settings.method = methods[m];
    settings.start = UFM_START_HOMOTOPY;
    settings.starts = 7;
    alone = solve_test(&cell, &settings);
    settings.jobs = 7; /* every run is the first of its process */
    shared = solve_test(&cell, &settings);
    check_same(alone, shared);
    ufm_solution_free(alone);
    ufm_solution_free(shared);
  }
}
END_TEST

static int stop_later(const ufm_progress *progress, void *user)
{
  size_t *calls = user;

  (void)progress;
  return ++*calls >= 4;
}

START_TEST(a_callback_stops_all_processes_and_keeps_what_is_there)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  size_t calls = 0;
  ufm_solution *s;

  settings.starts = 100000;
  settings.jobs = 2;
  settings.progress = stop_later;
  settings.user = &calls;
  s = solve_test(&tail, &settings);
  ck_assert(s->interrupted);
  ck_assert_uint_ge(s->starts, 1);
  ck_assert_uint_lt(s->starts, 100);
  ck_assert(isfinite(s->objective));
  for (size_t i = 1; i < s->starts; i++)
    ck_assert_uint_gt(s->run[i].index, s->run[i - 1].index);
  ck_assert(s->run[s->best].objective == s->objective);
  ufm_solution_free(s);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* Ends one child of this process, when the system tells which they are. */
static int kill_a_child(const ufm_progress *progress, void *user)
{
  FILE *f = *(bool *)user ? NULL : fopen("/proc/thread-self/children", "r");
  int pid = 0;

  (void)progress;
  if (f != NULL) {
    if (fscanf(f, "%d", &pid) == 1 && pid > 0)
      *(bool *)user = kill((pid_t)pid, SIGKILL) == 0;
    fclose(f);
  }
  return 0;
}

START_TEST(a_process_that_is_killed_is_an_error)
{
  ufm_problem *problem = make_problem(&tail);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = NULL;
  ufm_error error = {{0}};
  bool killed = false;
  ufm_status status;

  settings.starts = 5000;
  settings.jobs = 3;
  settings.progress = kill_a_child;
  settings.user = &killed;
  if (access("/proc/thread-self/children", R_OK) != 0)
    settings.starts = 5;
  status = ufm_solve(&s, problem, &settings, &error);
  if (killed) {
    ck_assert_int_eq(status, UFM_EINTERNAL);
    ck_assert_ptr_nonnull(strstr(error.text, "signal 9"));
    ck_assert_ptr_null(s);
  }
  ufm_solution_free(s);
  ufm_problem_free(problem);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(bad_settings_are_refused)
{
  ufm_problem *problem = make_problem(&tail);
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = NULL;
  ufm_error error = {{0}};

  settings.jobs = 0;
  ck_assert_int_eq(ufm_solve(&s, problem, &settings, &error), UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "jobs"));
  settings.jobs = 5000;
  ck_assert_int_eq(ufm_solve(&s, problem, &settings, &error), UFM_EINVAL);
  ck_assert_ptr_null(s);
  ufm_problem_free(problem);
}
END_TEST

/* Kinds that have nothing to offer fall back to random: width 1, two classes.
 */
START_TEST(codes_need_two_dimensions)
{
  static const size_t one[] = {1};
  test_problem t = tail;
  ufm_solution *s;

  t.widths = one;
  s = solve_kind(&t, UFM_START_CODES, 3);
  for (size_t i = 0; i < 3; i++)
    ck_assert_ptr_null(s->run[i].detail);
  ck_assert(isfinite(s->objective));
  ufm_solution_free(s);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("multistart");

  tcase_add_test(tests, the_first_code_of_24_classes_is_the_24_cell);
  tcase_add_test(tests, homotopies_find_what_random_starts_miss);
  tcase_add_test(tests, swaps_lead_to_the_best_assignment);
  tcase_add_test(tests, swaps_of_equal_classes_are_not_tried);
  tcase_add_test(tests, swaps_work_without_merging);
  tcase_add_test(tests, deep_solves_start_from_low_ranks);
  tcase_add_test(tests, auto_takes_turns_where_minima_compete);
  tcase_add_test(tests, levels_are_the_distinct_values);
  tcase_add_test(tests, results_do_not_depend_on_the_number_of_processes);
  tcase_add_test(tests, every_method_of_ours_is_independent_of_what_ran_before);
  tcase_add_test(tests, a_callback_stops_all_processes_and_keeps_what_is_there);
  tcase_add_test(tests, a_process_that_is_killed_is_an_error);
  tcase_add_test(tests, bad_settings_are_refused);
  tcase_add_test(tests, codes_need_two_dimensions);
  return run_case("multistart", tests);
}
