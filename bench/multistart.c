/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kind of start finds the best minimum, how often and how soon, and what
   processes gain.

   One JSON object per case and kind on standard output: hits of the least value
   that any kind found, the cost of a start, and the cost until the first hit,
   in evaluations (a Hessian product is two) and in seconds by the clock, runs
   one after the other.  Names of cases as arguments choose; one BLAS thread. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <ufm/ufm.h>

enum { OPTIONS = 12, KINDS = 5 };

/* A kind with or without class swaps. */
static const struct kind {
  const char *name;
  ufm_start start;
  size_t swaps; /* per class; 0: none */
} kinds[KINDS] = {{"random", UFM_START_RANDOM, 0},
                  {"random, swaps", UFM_START_RANDOM, 20},
                  {"codes", UFM_START_CODES, 20},
                  {"homotopy", UFM_START_HOMOTOPY, 20},
                  {"auto", UFM_START_AUTO, (size_t)-1}};

static const struct bench_case {
  const char *name;
  size_t starts;
  const char *option[OPTIONS]; /* names and values, NULL at the end */
} cases[] = {
    {"24 classes in R^4",
     200,
     {"classes", "24", "width", "4", "lambda-W", "1/1024", "lambda-H",
      "1/1024"}},
    {"7 classes in R^3",
     200,
     {"classes", "7", "width", "3", "lambda-W", "1/1024", "lambda-H",
      "1/1024"}},
    {"zipf:10:100 in R^4",
     200,
     {"profile", "zipf:10:100", "width", "4", "lambda-W", "1/2048", "lambda-H",
      "1/2048"}},
    {"40 classes in R^5",
     200,
     {"classes", "40", "width", "5", "lambda-W", "1/1024", "lambda-H",
      "1/1024"}},
    {"exp:30:500:100 in R^6",
     40,
     {"profile", "exp:30:500:100", "width", "6", "lambda-W", "1/2048",
      "lambda-H", "1/2048"}},
    {"10 classes, depth 3",
     200,
     {"classes", "10", "depth", "3", "lambda-W", "1/100", "lambda-H", "1/100"}},
    {"exp:12:200:50, depth 2",
     100,
     {"profile", "exp:12:200:50", "depth", "2", "lambda-W", "1/1000",
      "lambda-H", "1/2000"}}};
enum { CASES = sizeof cases / sizeof cases[0] };

static void must(ufm_status status, const char *name, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "multistart: %s: %s\n", name, error->text);
  exit(3);
}

static ufm_problem *make_problem(const struct bench_case *c)
{
  ufm_spec *spec = NULL;
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};

  must(ufm_spec_new(&spec, &error), c->name, &error);
  must(ufm_spec_set(spec, "loss", "ce", &error), c->name, &error);
  for (size_t i = 0; i < OPTIONS && c->option[i] != NULL; i += 2)
    must(ufm_spec_set(spec, c->option[i], c->option[i + 1], &error), c->name,
         &error);
  must(ufm_spec_problem(spec, &problem, &error), c->name, &error);
  ufm_spec_free(spec);
  return problem;
}

static ufm_solution *solve(const struct bench_case *c,
                           const ufm_problem *problem, const struct kind *kind,
                           size_t jobs)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_error error = {{0}};

  settings.starts = c->starts;
  settings.jobs = jobs;
  settings.start = kind->start;
  settings.swaps = kind->swaps == UFM_SWAPS_AUTO
                       ? UFM_SWAPS_AUTO
                       : kind->swaps * ufm_problem_classes(problem);
  must(ufm_solve(&solution, problem, &settings, &error), c->name, &error);
  return solution;
}

static void report(const struct bench_case *c, const struct kind *kind,
                   const ufm_solution *s, double best)
{
  size_t hits = 0, evaluations = 0, to_first = 0;
  double sum = 0.0, first = (double)NAN;
  json_t *line;

  for (size_t i = 0; i < s->starts; i++) {
    sum += s->run[i].seconds;
    evaluations += s->run[i].evaluations.values +
                   2 * s->run[i].evaluations.hessian_products;
    if (s->run[i].objective - best > 1e-9 * best)
      continue;
    if (hits++ > 0)
      continue;
    first = sum;
    to_first = evaluations;
  }
  line = json_pack(
      "{ss, ss, sf, sI, sI, sI, sI, sf, so, so}", "case", c->name, "start",
      kind->name, "objective", s->objective, "starts", (json_int_t)s->starts,
      "hits", (json_int_t)hits, "levels", (json_int_t)s->levels,
      "evaluations_per_start", (json_int_t)(evaluations / s->starts),
      "seconds_per_start", sum / (double)s->starts, "evaluations_to_first_hit",
      hits > 0 ? json_integer((json_int_t)to_first) : json_null(),
      "seconds_to_first_hit", hits > 0 ? json_real(first) : json_null());
  json_dumpf(line, stdout, JSON_REAL_PRECISION(16));
  putchar('\n');
  fflush(stdout);
  json_decref(line);
}

/* Clock time of the same starts with one process and with two. */
static void report_processes(const struct bench_case *c,
                             const ufm_problem *problem)
{
  ufm_solution *one = solve(c, problem, &kinds[KINDS - 1], 1);
  ufm_solution *two = solve(c, problem, &kinds[KINDS - 1], 2);
  json_t *line = json_pack(
      "{ss, ss, sI, sf, sf, sb}", "case", c->name, "start", "auto", "starts",
      (json_int_t)c->starts, "seconds_one_process", one->seconds,
      "seconds_two_processes", two->seconds, "same",
      memcmp(one->theta, two->theta, one->layout->size * sizeof(double)) == 0);

  json_dumpf(line, stdout, JSON_REAL_PRECISION(4));
  putchar('\n');
  fflush(stdout);
  json_decref(line);
  ufm_solution_free(one);
  ufm_solution_free(two);
}

static void run(const struct bench_case *c)
{
  ufm_problem *problem = make_problem(c);
  ufm_solution *solution[KINDS];
  double best = HUGE_VAL;

  for (size_t k = 0; k < KINDS; k++) {
    solution[k] = solve(c, problem, &kinds[k], 1);
    best = fmin(best, solution[k]->objective);
  }
  for (size_t k = 0; k < KINDS; k++) {
    report(c, &kinds[k], solution[k], best);
    ufm_solution_free(solution[k]);
  }
  report_processes(c, problem);
  ufm_problem_free(problem);
}

int main(int argc, char **argv)
{
  gsl_set_error_handler_off();
  for (size_t i = 0; i < CASES; i++) {
    bool chosen = argc == 1;

    for (int k = 1; k < argc; k++)
      chosen |= strcmp(argv[k], cases[i].name) == 0;
    if (chosen)
      run(&cases[i]);
  }
  return 0;
}
