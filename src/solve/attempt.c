/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which start is of which kind, and what is done with it. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <ufm/support.h>

#include "core/error.h"
#include "core/rng.h"
#include "objective/size.h"
#include "solve/attempt.h"
#include "solve/homotopy.h"
#include "solve/start.h"
#include "solve/swap.h"

/* A kind and which of its starts this is. */
typedef struct turn {
  ufm_start kind;
  size_t number;
} turn;

/* True where minima compete: cross entropy that is not convex in the logits,
   or whose width forces the classes together. */
static bool combinatorial(const ufm_problem *problem)
{
  return ufm_problem_loss(problem) == UFM_LOSS_CE &&
         ufm_problem_multiplier(problem) == NULL &&
         (ufm_problem_depth(problem) > 1 ||
          ufm_problem_rank_limit(problem) + 1 < ufm_problem_classes(problem));
}

/* True where every local minimum is global: depth 1 and no bound on the rank of
   the logits. */
static bool convex(const ufm_problem *problem)
{
  const ufm_columns *c = ufm_problem_columns(problem);

  return ufm_problem_depth(problem) == 1 &&
         ufm_problem_multiplier(problem) == NULL &&
         ufm_problem_width(problem, 1) >= (c->J < c->K ? c->J : c->K);
}

/* The kind of start `index`.  Start 0 of auto is random, or spectral where that
   cannot choose between minima. */
static turn turn_of(const ufm_problem *problem, ufm_start kind, size_t index)
{
  if (kind != UFM_START_AUTO)
    return (turn){(kind == UFM_START_THEORY || kind == UFM_START_FILE) &&
                          index > 0
                      ? UFM_START_RANDOM
                      : kind,
                  index};
  if (index == 0 && convex(problem))
    return (turn){UFM_START_SPECTRAL, 0};
  if (index == 0 || !combinatorial(problem) || index % 4 == 0)
    return (turn){UFM_START_RANDOM, index};
  if (index % 4 == 1)
    return (turn){UFM_START_CODES, index / 4};
  /* even numbers are strong, odd ones weak: each twice as often as the index */
  return (turn){UFM_START_HOMOTOPY, index / 4 * 2 + index % 4 - 2};
}

/* From this multiple of kappa on zero is a minimum at depth 1: sqrt(p/r)/kappa,
   p the largest share of a class in the targets, r = nu_j/pi_j
   (doc/multistart.md). */
static ufm_status zero_threshold(const ufm_problem *problem, double kappa,
                                 double *out, ufm_error *error)
{
  const ufm_columns *c = ufm_problem_columns(problem);
  double *share = calloc(2 * c->K, sizeof *share), most = 0.0;
  double ratio = ufm__class_size(problem) * (double)c->K;

  if (share == NULL)
    return ufm__no_memory(error, "solve");
  for (size_t j = 0; j < c->J; j++) {
    ufm_columns_target(c, j, share + c->K);
    for (size_t k = 0; k < c->K; k++)
      share[k] += c->rounded[c->weight[j]] * share[c->K + k];
  }
  for (size_t k = 0; k < c->K; k++)
    most = fmax(most, share[k]);
  free(share);
  *out = sqrt(most / ratio) / kappa;
  return UFM_OK;
}

ufm_status ufm__attempts_init(ufm__attempts *a, ufm__runner *runner,
                              const ufm_problem *problem, ufm_error *error)
{
  const ufm_solve_settings *s = runner->settings;
  ufm_status status = UFM_OK;

  *a = (ufm__attempts){.problem = problem};
  if (ufm__swaps_apply(problem))
    a->trials = s->swaps != UFM_SWAPS_AUTO ? s->swaps
                                           : 20 * ufm_problem_classes(problem);
  for (size_t i = 0; status == UFM_OK && i < s->starts && i < 4; i++) {
    turn t = turn_of(problem, s->start, i);

    if (t.kind == UFM_START_CODES && a->codes == NULL)
      status =
          ufm__code_starts_new(&a->codes, problem, runner->objective, error);
    if (t.kind == UFM_START_HOMOTOPY && !(a->strong > 0.0))
      status = zero_threshold(problem, runner->stop.kappa, &a->strong, error);
  }
  return status;
}

void ufm__attempts_clear(ufm__attempts *a)
{
  ufm__code_starts_free(a->codes);
  *a = (ufm__attempts){0};
}

/* Even numbers come from strong penalties, odd ones from weak.  With depth >= 2
   zero is a minimum at every penalty and holds what it has once got, so the
   strong end is only twice kappa there. */
static void follow(const ufm__attempts *a, ufm__runner *runner, size_t number,
                   gsl_vector *x, ufm_run *run)
{
  bool deep = ufm_problem_depth(a->problem) > 1;
  double strong = deep ? 2.0 : fmax(2.0, 1.5 * a->strong);
  bool weak = number % 2 == 1;

  run->detail = weak ? "weak penalties" : "strong penalties";
  ufm__homotopy(runner, weak ? 1.0 / 64.0 : strong, x, run);
}

static ufm_status first_point(const ufm__attempts *a, ufm__runner *runner,
                              turn t, size_t index, gsl_vector *x, ufm_run *run,
                              ufm_error *error)
{
  gsl_rng *rng;
  ufm_status status;

  run->start = t.kind;
  if (t.kind != UFM_START_CODES) {
    status = ufm__start(a->problem, runner->objective, runner->settings, t.kind,
                        index, x->data, error);
    if (status == UFM_OK && t.kind == UFM_START_HOMOTOPY)
      follow(a, runner, t.number, x, run);
    return status;
  }
  rng = ufm__rng_new(runner->settings->seed, index);
  if (rng == NULL)
    return ufm__no_memory(error, "start");
  status = ufm__start_code(a->codes, runner->objective, t.number, rng, x->data,
                           &run->detail, error);
  gsl_rng_free(rng);
  return status;
}

/* By default, after starts of auto from the second on and after codes and
   homotopies. */
static bool swapped(const ufm__attempts *a, const ufm_solve_settings *settings,
                    turn t, size_t index)
{
  return settings->swaps != UFM_SWAPS_AUTO || t.kind == UFM_START_CODES ||
         t.kind == UFM_START_HOMOTOPY ||
         (settings->start == UFM_START_AUTO && index > 0 &&
          combinatorial(a->problem));
}

static ufm_status go(const ufm__attempts *a, ufm__runner *runner, size_t index,
                     gsl_vector *x, ufm_run *run, ufm_error *error)
{
  turn t = turn_of(a->problem, runner->settings->start, index);
  ufm_run before = {0};
  ufm_status status = first_point(a, runner, t, index, x, &before, error);

  if (status != UFM_OK)
    return status;
  ufm__run(runner, index, x, run);
  run->start = before.start;
  run->detail = before.detail;
  run->iterations += before.iterations;
  if (a->trials == 0 || !swapped(a, runner->settings, t, index))
    return UFM_OK;
  return ufm__swap_descent(runner, a->problem, index, a->trials, x, run, error);
}

ufm_status ufm__attempt(const ufm__attempts *a, ufm__runner *runner,
                        size_t index, gsl_vector *x, ufm_run *run,
                        ufm_error *error)
{
  ufm_evaluations before = ufm_objective_evaluations(runner->objective), after;
  double begin = ufm_clock();
  ufm_status status = go(a, runner, index, x, run, error);

  after = ufm_objective_evaluations(runner->objective);
  run->evaluations = (ufm_evaluations){
      after.values - before.values, after.gradients - before.gradients,
      after.hessian_products - before.hessian_products};
  run->seconds = ufm_clock() - begin;
  return status;
}
