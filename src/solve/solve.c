/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multi-start: every run is recorded, the best point is kept. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_multimin.h>

#include <ufm/solve.h>
#include <ufm/support.h>

#include "core/error.h"
#include "core/memory.h"
#include "solve/attempt.h"
#include "solve/levels.h"
#include "solve/pool.h"
#include "solve/run.h"
#include "solve/settings.h"

/* No run yet. */
#define NOTHING ((size_t)-1)

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;
#define CASE_HELP(name, text, help)                                            \
  case name:                                                                   \
    return help;

const char *ufm_termination_name(ufm_termination termination)
{
  switch (termination) {
    UFM_TERMINATION_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_termination_meaning(ufm_termination termination)
{
  switch (termination) {
    UFM_TERMINATION_LIST(CASE_HELP)
  }
  return "unknown";
}

const char *ufm_start_name(ufm_start start)
{
  switch (start) {
    UFM_START_LIST(CASE_TEXT)
  }
  return "unknown";
}

static ufm_status solution_new(ufm_solution **out, const ufm_problem *problem,
                               const ufm_solve_settings *settings,
                               ufm_error *error)
{
  ufm_solution *s = calloc(1, sizeof *s);
  ufm_status status;

  *out = s;
  if (s == NULL)
    return ufm__no_memory(error, "solution");
  s->start = settings->start;
  s->seed = settings->seed;
  status = ufm_layout_new(&s->layout, problem, error);
  if (status != UFM_OK)
    return status;
  s->theta = calloc(s->layout->size, sizeof *s->theta);
  s->run = calloc(settings->starts, sizeof *s->run);
  if (s->theta == NULL || s->run == NULL)
    return ufm__no_memory(error, "solution");
  return UFM_OK;
}

/* Keeps run `index`, and x when it is the best so far: of equals the first, in
   whatever order they come. */
static void keep(void *user, size_t index, const ufm_run *run, const double *x)
{
  ufm_solution *s = user;

  s->run[s->starts] = *run;
  s->run[s->starts].index = index;
  s->starts++;
  if (run->termination == UFM_TERMINATION_INTERRUPTED)
    s->interrupted = true;
  if (run->termination == UFM_TERMINATION_FAILED || x == NULL)
    return;
  if (s->best != NOTHING &&
      (run->objective > s->objective ||
       (run->objective == s->objective && index > s->best)))
    return;
  s->best = index;
  s->objective = run->objective;
  memcpy(s->theta, x, s->layout->size * sizeof *s->theta);
}

static int by_index(const void *left, const void *right)
{
  const ufm_run *l = left, *r = right;

  return l->index < r->index ? -1 : l->index > r->index;
}

static ufm_status run_here(const ufm__attempts *attempts, ufm__runner *runner,
                           ufm_solution *s, gsl_vector *x, ufm_error *error)
{
  for (size_t i = 0; i < runner->settings->starts && !s->interrupted; i++) {
    ufm_run run;
    ufm_status status = ufm__attempt(attempts, runner, i, x, &run, error);

    if (status != UFM_OK)
      return status;
    keep(s, i, &run, x->data);
  }
  return UFM_OK;
}

/* Runs all starts; s->theta holds the best point in balanced variables. */
static ufm_status run_all(ufm__runner *runner, const ufm_problem *problem,
                          ufm_solution *s, gsl_vector *x, ufm_error *error)
{
  double begin = ufm_clock();
  ufm__attempts attempts;
  ufm_status status = ufm__attempts_init(&attempts, runner, problem, error);

  s->best = NOTHING;
  if (status == UFM_OK && runner->settings->jobs > 1 &&
      runner->settings->starts > 1)
    status = ufm__pool(&attempts, runner, x, keep, s, error);
  else if (status == UFM_OK)
    status = run_here(&attempts, runner, s, x, error);
  ufm__attempts_clear(&attempts);
  s->seconds = ufm_clock() - begin;
  if (status != UFM_OK)
    return status;
  if (s->starts < runner->settings->starts)
    s->interrupted = true;
  if (s->best == NOTHING)
    return ufm__fail(error, UFM_ENAN,
                     "solve: the objective or its gradient overflowed in every "
                     "one of %zu starts",
                     s->starts);
  qsort(s->run, s->starts, sizeof *s->run, by_index);
  for (size_t i = 0; i < s->starts; i++)
    if (s->run[i].index == s->best) {
      s->best = i;
      break;
    }
  return ufm__levels(s, error);
}

static ufm_status runner_init(ufm__runner *runner, const ufm_problem *problem,
                              const ufm_layout *layout, ufm_error *error)
{
  size_t need = 0;
  ufm_status status = ufm_objective_new(&runner->objective, problem,
                                        UFM_VARIABLES_BALANCED, error);

  if (status == UFM_OK &&
      !ufm__add_product(&need, runner->method.vectors, layout->size))
    need = SIZE_MAX;
  if (status == UFM_OK)
    status = ufm__check_doubles_fit(need, "minimizer", error);

  if (status == UFM_OK)
    status = ufm__stop_init(&runner->stop, runner->objective, error);
  if (status != UFM_OK)
    return status;
  return ufm__runner_minimizers(runner, layout->size)
             ? UFM_OK
             : ufm__no_memory(error, "minimizer");
}

static void runner_clear(ufm__runner *runner)
{
  if (runner->minimizer != NULL)
    gsl_multimin_fdfminimizer_free(runner->minimizer);
  if (runner->second != NULL)
    gsl_multimin_fdfminimizer_free(runner->second);
  ufm__stop_clear(&runner->stop);
  ufm_objective_free(runner->objective);
}

ufm_status ufm_solve(ufm_solution **out, const ufm_problem *problem,
                     const ufm_solve_settings *settings, ufm_error *error)
{
  ufm__runner runner = {.settings = settings};
  const ufm_method *about = NULL;
  ufm_solution *s = NULL;
  gsl_vector *x = NULL;
  ufm_status status = ufm__solve_settings_check(settings, error);

  *out = NULL;
  if (status == UFM_OK)
    status = ufm__method_find(settings->method, &about, &runner.method, error);
  if (status == UFM_OK)
    status = solution_new(&s, problem, settings, error);
  if (status == UFM_OK)
    status = runner_init(&runner, problem, s->layout, error);
  if (status == UFM_OK) {
    x = gsl_vector_alloc(s->layout->size);
    status = x != NULL ? run_all(&runner, problem, s, x, error)
                       : ufm__no_memory(error, "solve");
  }
  if (status == UFM_OK) {
    s->method = about->name;
    s->used = s->run[s->best].used;
    memcpy(x->data, s->theta, s->layout->size * sizeof *s->theta);
    ufm_objective_to_plain(runner.objective, x->data, s->theta);
    *out = s;
  } else {
    ufm_solution_free(s);
  }
  if (x != NULL)
    gsl_vector_free(x);
  runner_clear(&runner);
  return status;
}

void ufm_solution_free(ufm_solution *solution)
{
  if (solution == NULL)
    return;
  ufm_layout_free(solution->layout);
  ufm_orbits_free(solution->orbits);
  free(solution->theta);
  free(solution->run);
  free(solution->level);
  free(solution);
}
