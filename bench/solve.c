/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an optimum costs: every method on the same problems from the same start,
   seconds and evaluations to each decade of the relative gradient.

   solve [--full] [--budget SECONDS] [--methods NAME;...] [--export FOLDER]
         [NAME...]

   One JSON object per problem and method on standard output; bench/profile
   makes the table and the performance profile of them.  Without --full a part
   of the grid that ends in minutes; NAMEs choose problems by the beginnings of
   their names.  --export also writes the problems and starts for
   bench/peers.py. Seconds are processor seconds of this process, with one BLAS
   thread; a run ends at relative gradient 1e-12, when its method gives up, or
   after the budget.  An evaluation is an objective, with or without its
   gradient; a Hessian product counts two; those of the start count.  The
   relative gradient is that of <ufm/solve.h>, in balanced variables, whatever
   the method works in. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <ufm/minimize.h>
#include <ufm/ufm.h>

#include "grid.h"
#include "solve/run.h"
#include "solve/start.h"

enum { DECADES = 12 };

/* A method of the list, and in which variables it works. */
typedef struct contender {
  const char *name, *method;
  ufm_variables variables;
  bool bare; /* without preconditioner */
} contender;

static const contender contenders[] = {
    {"auto", "auto", UFM_VARIABLES_BALANCED, false},
    {"lbfgs", "lbfgs", UFM_VARIABLES_BALANCED, false},
    {"newton", "newton", UFM_VARIABLES_BALANCED, false},
    {"lbfgs, no preconditioner", "lbfgs", UFM_VARIABLES_BALANCED, true},
    {"vector_bfgs2", "vector_bfgs2", UFM_VARIABLES_BALANCED, true},
    {"vector_bfgs", "vector_bfgs", UFM_VARIABLES_BALANCED, true},
    {"conjugate_fr", "conjugate_fr", UFM_VARIABLES_BALANCED, true},
    {"conjugate_pr", "conjugate_pr", UFM_VARIABLES_BALANCED, true},
    {"steepest_descent", "steepest_descent", UFM_VARIABLES_BALANCED, true},
    {"vector_bfgs2, plain variables", "vector_bfgs2", UFM_VARIABLES_PLAIN,
     true}};
enum { CONTENDERS = sizeof contenders / sizeof *contenders };

/* One run and what is known of it. */
typedef struct trial {
  ufm__runner runner;
  ufm_objective *judge; /* in balanced variables; its calls cost nothing */
  ufm__stop_test stop;
  double *point, *gradient; /* of the judge */
  double begin, paused, budget;
  size_t evaluations_before;
  double best;
  double seconds[DECADES];
  size_t evaluations[DECADES];
  int reached;
} trial;

static double processor(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static size_t cost(const ufm_objective *objective)
{
  ufm_evaluations e = ufm_objective_evaluations(objective);

  return e.values + 2 * e.hessian_products;
}

/* The relative gradient at a plain point. */
static double judge(trial *t, const double *x)
{
  ufm_objective_from_plain(t->judge, x, t->point);
  ufm_objective_gradient(t->judge, t->point, t->gradient);
  return ufm__relative_gradient(&t->stop, t->judge, t->point, t->gradient);
}

static void note(trial *t, double relative, double now)
{
  t->best = fmin(t->best, relative);
  while (t->reached < DECADES &&
         relative <= pow(10.0, -(double)(t->reached + 1))) {
    t->seconds[t->reached] = now - t->begin - t->paused;
    t->evaluations[t->reached] =
        cost(t->runner.objective) - t->evaluations_before;
    t->reached++;
  }
}

/* Called after every iteration. */
static int watch(const ufm_progress *progress, void *user)
{
  trial *t = user;
  double now = processor(), relative = progress->relative_gradient;

  if (t->judge != NULL) {
    relative = judge(t, t->runner.active->x->data);
    t->paused += processor() - now;
  }
  note(t, relative, now);
  return relative <= 1e-12 || now - t->begin - t->paused > t->budget;
}

static json_t *decades(const trial *t, bool seconds)
{
  json_t *list = json_array();

  for (int i = 0; i < DECADES; i++)
    json_array_append_new(
        list, i >= t->reached ? json_null()
              : seconds       ? json_real(t->seconds[i])
                              : json_integer((json_int_t)t->evaluations[i]));
  return list;
}

static void print(const grid_point *p, const contender *c, const trial *t,
                  const ufm_run *run)
{
  json_t *line = json_pack(
      "{ss, ss, sI, sI, sI, ss, ss, ss, so, so, sf, so, sI, ss}", "problem",
      p->name, "start", p->spectral ? "spectral" : "random", "classes",
      (json_int_t)p->K, "width", (json_int_t)p->d, "depth", (json_int_t)p->M,
      "counts", p->counts, "lambda_W", p->lambda_w, "method", c->name,
      "seconds", decades(t, true), "evaluations", decades(t, false),
      "best_relative_gradient", t->best, "objective",
      isfinite(run->objective) ? json_real(run->objective) : json_null(),
      "iterations", (json_int_t)run->iterations, "termination",
      ufm_termination_name(run->termination));

  json_dumpf(line, stdout, JSON_REAL_PRECISION(12));
  putchar('\n');
  fflush(stdout);
  json_decref(line);
}

static void prepare(trial *t, const contender *c, ufm_problem *problem)
{
  const ufm_method *about;
  ufm_error error = {{0}};
  size_t size;

  grid_must(
      ufm_objective_new(&t->runner.objective, problem, c->variables, &error),
      &error);
  grid_must(ufm__method_find(c->method, &about, &t->runner.method, &error),
            &error);
  grid_must(ufm__stop_init(&t->runner.stop, t->runner.objective, &error),
            &error);
  size = ufm_objective_layout(t->runner.objective)->size;
  if (!ufm__runner_minimizers(&t->runner, size))
    grid_must(UFM_ENOMEM, &error);
  if (c->bare)
    ufm_minimizer_set_preconditioner(t->runner.minimizer, NULL);
  if (c->variables == UFM_VARIABLES_BALANCED)
    return;
  grid_must(
      ufm_objective_new(&t->judge, problem, UFM_VARIABLES_BALANCED, &error),
      &error);
  grid_must(ufm__stop_init(&t->stop, t->judge, &error), &error);
  t->point = calloc(size, sizeof *t->point);
  t->gradient = calloc(size, sizeof *t->gradient);
  if (t->point == NULL || t->gradient == NULL)
    grid_must(UFM_ENOMEM, &error);
}

static void finish(trial *t)
{
  gsl_multimin_fdfminimizer_free(t->runner.minimizer);
  if (t->runner.second != NULL)
    gsl_multimin_fdfminimizer_free(t->runner.second);
  ufm__stop_clear(&t->runner.stop);
  ufm_objective_free(t->runner.objective);
  if (t->judge != NULL)
    ufm__stop_clear(&t->stop);
  ufm_objective_free(t->judge);
  free(t->point);
  free(t->gradient);
}

/* The start of a problem, in plain variables.  `effort` gets its evaluations
   and seconds, which every method that starts there has to its account. */
static double *start_of(const grid_point *p, ufm_problem *problem,
                        size_t *evaluations, double *seconds)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_objective *objective = NULL;
  ufm_error error = {{0}};
  double *x, *theta;
  size_t size;

  grid_must(
      ufm_objective_new(&objective, problem, UFM_VARIABLES_BALANCED, &error),
      &error);
  size = ufm_objective_layout(objective)->size;
  x = calloc(size, sizeof *x);
  theta = calloc(size, sizeof *theta);
  if (x == NULL || theta == NULL)
    grid_must(UFM_ENOMEM, &error);
  *seconds = processor();
  grid_must(ufm__start(problem, objective, &settings,
                       p->spectral ? UFM_START_SPECTRAL : UFM_START_RANDOM, 0,
                       x, &error),
            &error);
  *seconds = processor() - *seconds;
  *evaluations = cost(objective);
  ufm_objective_to_plain(objective, x, theta);
  ufm_objective_free(objective);
  free(x);
  return theta;
}

static void run(const grid_point *p, const contender *c, ufm_problem *problem,
                const double *theta, size_t evaluations, double seconds,
                double budget)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  trial t = {.budget = budget, .best = HUGE_VAL};
  gsl_vector *x;
  ufm_run result;

  prepare(&t, c, problem);
  settings.tol = t.judge != NULL ? 1e-300 : 1e-12; /* the judge decides */
  settings.max_iter = 10000000;
  settings.progress = watch;
  settings.user = &t;
  t.runner.settings = &settings;
  x = gsl_vector_alloc(ufm_objective_layout(t.runner.objective)->size);
  ufm_objective_from_plain(t.runner.objective, theta, x->data);
  t.evaluations_before = cost(t.runner.objective) - evaluations;
  t.begin = processor() - seconds;
  ufm__run(&t.runner, 0, x, &result);
  if (t.judge == NULL && isfinite(result.relative_gradient))
    note(&t, result.relative_gradient, processor());
  print(p, c, &t, &result);
  gsl_vector_free(x);
  finish(&t);
}

int main(int argc, char **argv)
{
  grid_options options;

  gsl_set_error_handler_off();
  grid_read(&options, argc, argv);
  for (grid_point p; grid_next(&options, &p);) {
    ufm_problem *problem = grid_problem(&p);
    size_t evaluations;
    double seconds, *theta = start_of(&p, problem, &evaluations, &seconds);

    if (options.export != NULL)
      grid_export(&options, &p, problem, theta);
    for (size_t i = 0; i < CONTENDERS; i++)
      if (grid_method(&options, contenders[i].name))
        run(&p, &contenders[i], problem, theta, evaluations, seconds,
            options.budget);
    free(theta);
    ufm_problem_free(problem);
  }
  return 0;
}
