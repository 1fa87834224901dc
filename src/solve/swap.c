/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class swap descent.  With d < K - 1 and unequal counts the minima of cross
   entropy are, roughly, a code times an assignment of the classes to its
   vectors; exchanging two classes is the smallest step between assignments. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "solve/swap.h"

/* A trial need not be minimised to the end to be judged: at this relative
   gradient F is off by its square. */
static const double rough = 1e-4;

/* What a better point must gain, relative to F: more than two descriptions of
   one minimum differ. */
static const double gain = 1e-9;

typedef struct swap_pair {
  size_t a, b; /* classes */
  double F;    /* after the exchange */
} swap_pair;

typedef struct swap_search {
  const ufm_problem *problem;
  const ufm_layout *layout;
  ufm_objective *objective;
  size_t pairs;
  swap_pair *pair;
  double *row;     /* 2 x d_1: directions of the two classes */
  gsl_vector *now; /* the best point */
} swap_search;

bool ufm__swaps_apply(const ufm_problem *problem)
{
  ufm_targets targets = ufm_problem_targets(problem);

  return (targets == UFM_TARGETS_ONEHOT || targets == UFM_TARGETS_SMOOTH) &&
         ufm_problem_groups(problem)->G > 1 &&
         ufm_problem_multiplier(problem) == NULL;
}

/* Pairs of classes with different counts; those of equal counts are exchanged
   by a symmetry. */
static ufm_status search_init(swap_search *s, ufm_error *error)
{
  const ufm_groups *groups = ufm_problem_groups(s->problem);
  size_t K = s->layout->K;

  s->pair = malloc(K * (K - 1) / 2 * sizeof *s->pair);
  s->row = malloc(2 * s->layout->width[0] * sizeof *s->row);
  s->now = gsl_vector_alloc(s->layout->size);
  if (s->pair == NULL || s->row == NULL || s->now == NULL)
    return ufm__no_memory(error, "class swaps");
  for (size_t a = 0; a < K; a++)
    for (size_t b = a + 1; b < K; b++)
      if (groups->of[a] != groups->of[b])
        s->pair[s->pairs++] = (swap_pair){a, b, 0.0};
  return UFM_OK;
}

static void search_clear(swap_search *s)
{
  free(s->pair);
  free(s->row);
  if (s->now != NULL)
    gsl_vector_free(s->now);
}

/* x = direction times the length of x. */
static void turn(size_t d, const double *direction, double *x)
{
  double length = ufm__norm(d, x), unit = ufm__norm(d, direction);

  if (!(length > 0.0) || !(unit > 0.0))
    return; /* a class at zero has no direction to give or take */
  memcpy(x, direction, d * sizeof *x);
  ufm__scale(d, length / unit, x);
}

static void exchange_rows(const swap_search *s, size_t a, size_t b, double *x)
{
  size_t d = s->layout->width[s->layout->M - 1];
  double *W = x + s->layout->w[s->layout->M - 1];
  const double *W0 = s->now->data + s->layout->w[s->layout->M - 1];

  turn(d, W0 + b * d, W + a * d);
  turn(d, W0 + a * d, W + b * d);
}

/* All features of a class take the direction of the first of the other. */
static void exchange_features(const swap_search *s, size_t a, size_t b,
                              double *x)
{
  const ufm_columns *columns = ufm_problem_columns(s->problem);
  size_t d = s->layout->width[0], of_a = columns->J, of_b = columns->J;
  const double *H = s->now->data + s->layout->h;

  for (size_t j = columns->J; j-- > 0;) {
    if (columns->label[j] == a)
      of_a = j;
    if (columns->label[j] == b)
      of_b = j;
  }
  if (of_a == columns->J || of_b == columns->J)
    return;
  memcpy(s->row, H + of_a * d, d * sizeof *s->row);
  memcpy(s->row + d, H + of_b * d, d * sizeof *s->row);
  for (size_t j = 0; j < columns->J; j++) {
    if (columns->label[j] == a)
      turn(d, s->row + d, x + s->layout->h + j * d);
    if (columns->label[j] == b)
      turn(d, s->row, x + s->layout->h + j * d);
  }
}

static void exchange(const swap_search *s, const swap_pair *pair, double *x)
{
  memcpy(x, s->now->data, s->layout->size * sizeof *x);
  exchange_rows(s, pair->a, pair->b, x);
  exchange_features(s, pair->a, pair->b, x);
}

static int ascending(const void *left, const void *right)
{
  const swap_pair *l = left, *r = right;

  if (l->F != r->F)
    return l->F < r->F ? -1 : 1;
  return l->a != r->a ? (l->a < r->a ? -1 : 1) : (l->b < r->b ? -1 : 1);
}

static void screen(swap_search *s, double *x)
{
  for (size_t p = 0; p < s->pairs; p++) {
    exchange(s, &s->pair[p], x);
    s->pair[p].F = ufm_objective_value(s->objective, x);
  }
  qsort(s->pair, s->pairs, sizeof *s->pair, ascending);
}

/* One pass over the pairs in order; true when one of them helped.  s->now and
   `best` are then the better point.  Exchanges that help are near the front of
   the order, so K failures in a row end the pass (on zipf:10:100 and exp:30:500
   a longer patience cost more time than it won hits). */
static bool improve(swap_search *s, ufm__runner *runner, size_t start,
                    size_t *trials, gsl_vector *x, ufm_run *best)
{
  size_t failures = 0;
  bool better = false;

  screen(s, x->data);
  for (size_t p = 0; p < s->pairs && failures<s->layout->K && * trials> 0;
       p++) {
    ufm_run trial;

    exchange(s, &s->pair[p], x->data);
    ufm__run(runner, start, x, &trial);
    best->iterations += trial.iterations;
    --*trials;
    if (trial.termination == UFM_TERMINATION_INTERRUPTED) {
      best->termination = trial.termination;
      return false;
    }
    if (!(trial.objective < best->objective - gain * fabs(best->objective))) {
      failures++;
      continue;
    }
    failures = 0;
    better = true;
    best->objective = trial.objective;
    best->swaps++;
    gsl_vector_memcpy(s->now, x);
  }
  return better;
}

/* Minimises s->now to the tolerance that the user asked for. */
static void finish(swap_search *s, ufm__runner *runner, size_t start,
                   ufm_run *run)
{
  ufm_run last;

  ufm__run(runner, start, s->now, &last);
  last.iterations += run->iterations;
  last.swaps = run->swaps;
  last.start = run->start;
  last.detail = run->detail;
  *run = last;
}

ufm_status ufm__swap_descent(ufm__runner *runner, const ufm_problem *problem,
                             size_t start, size_t trials, gsl_vector *x,
                             ufm_run *run, ufm_error *error)
{
  const ufm_solve_settings *asked = runner->settings;
  ufm_solve_settings settings = *asked;
  swap_search s = {.problem = problem,
                   .layout = ufm_objective_layout(runner->objective),
                   .objective = runner->objective};
  ufm_status status;

  if (run->termination == UFM_TERMINATION_FAILED ||
      run->termination == UFM_TERMINATION_INTERRUPTED)
    return UFM_OK;
  status = search_init(&s, error);
  if (status == UFM_OK) {
    gsl_vector_memcpy(s.now, x);
    settings.tol = fmax(asked->tol, rough);
    runner->settings = &settings;
    while (improve(&s, runner, start, &trials, x, run))
      ;
    runner->settings = asked;
    if (run->swaps > 0 && run->termination != UFM_TERMINATION_INTERRUPTED)
      finish(&s, runner, start, run);
    gsl_vector_memcpy(x, s.now);
  }
  search_clear(&s);
  return status;
}
