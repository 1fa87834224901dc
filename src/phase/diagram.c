/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phase diagrams by rounds: columns that are there are looked at, and where
   neighbours differ too much the one between them is wanted next. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/diagram.h>
#include <ufm/phase.h>

#include "phase/diagram.h"
#include "phase/fail.h"

/* Columns of the first round, and how much finer than `step` in the ratio
   columns may become. */
enum { FIRST = 9, FINEST = 64 };

ufm_diagram_settings ufm_diagram_defaults(void)
{
  return (ufm_diagram_settings){
      .from = 1.0, .to = 100.0, .step = 0.25, .sweep = ufm_sweep_defaults()};
}

static ufm_status check(const ufm_diagram_settings *s, ufm_error *error)
{
  if (!(s->from >= 1.0 && s->to <= UFM__RATIO_MAX && s->from < s->to))
    return ufm__phase_fail(error, UFM_EINVAL,
                           "diagram: got ratios %g:%g, want 1 <= FROM < TO <= "
                           "%d",
                           s->from, s->to, UFM__RATIO_MAX);
  if (!(s->step >= 0.01 && s->step <= 10.0))
    return ufm__phase_fail(error, UFM_EINVAL, "step: got %g, want 0.01 to 10",
                           s->step);
  return UFM_OK;
}

static size_t number_of(double ratio)
{
  return (size_t)lrint(ratio * UFM__RATIO_UNIT);
}

/* The column in the middle, on a logarithmic scale; one of the two when there
   is none in between. */
static size_t middle(size_t a, size_t b)
{
  return (size_t)lrint(sqrt((double)a * (double)b));
}

/* Is there something to see between two columns? */
static bool apart(const ufm__column *a, const ufm__column *b, double step)
{
  if (!a->done || !b->done || a->counts == b->counts ||
      (double)b->number < (double)a->number * (1.0 + step / FINEST))
    return false;
  if (a->curves != b->curves)
    return true;
  for (size_t i = 0; i < a->curves; i++)
    if (a->kind[i] != b->kind[i] ||
        fabs(log(a->at[i] / b->at[i])) > log1p(step))
      return true;
  return false;
}

static bool inside(const ufm__column *c, const ufm_diagram_settings *s)
{
  return c->number >= number_of(s->from) && c->number <= number_of(s->to);
}

static bool known(const ufm__diagram *d, size_t number)
{
  for (size_t i = 0; i < d->count; i++)
    if (d->column[i].number == number)
      return true;
  return false;
}

/* Marks the columns of the first round; true when one is missing. */
static bool plan_first(const ufm__diagram *d, const ufm_diagram_settings *s,
                       char *wanted)
{
  bool more = false;

  for (int i = 0; i < FIRST; i++) {
    double t = (double)i / (FIRST - 1);
    size_t number = number_of(s->from * pow(s->to / s->from, t));

    wanted[number] = 1;
    more = more || !known(d, number);
  }
  return more;
}

/* Marks what the next round has to have; true when something is missing.  What
   is halved depends on the two ends alone, and on nothing before the first
   round is complete: so columns do not depend on interruptions. */
static bool plan(const ufm__diagram *d, const ufm_diagram_settings *s,
                 char *wanted)
{
  bool first = plan_first(d, s, wanted), more = first;

  for (size_t i = 0; i < d->count; i++)
    if (inside(&d->column[i], s))
      wanted[d->column[i].number] = 1;
  for (size_t i = 1; i < d->count && !first; i++) {
    const ufm__column *a = &d->column[i - 1], *b = &d->column[i];
    size_t between = middle(a->number, b->number);

    if (inside(a, s) && inside(b, s) && between > a->number &&
        between < b->number && apart(a, b, s->step)) {
      wanted[between] = 1;
      more = true;
    }
  }
  return more;
}

/* Adds a round to what was done before it. */
static void add_round(ufm_sweep_state *all, const ufm_sweep_state *round)
{
  size_t kept = all->points > 0 ? all->kept : round->kept;
  size_t done = all->done, failed = all->failed, crashed = all->crashed;
  double seconds = all->seconds;

  *all = *round;
  all->kept = kept;
  all->done += done;
  all->failed += failed;
  all->crashed += crashed;
  all->seconds += seconds;
}

/* Rounds until no two neighbours differ too much. */
static ufm_status rounds(ufm_sweep_state *out, ufm_tasks *tasks,
                         const char *path, const ufm_diagram_settings *settings,
                         char *wanted, ufm_error *error)
{
  ufm_sweep_settings sweep = settings->sweep;
  ufm_sweep_state round = {0};
  ufm__diagram d = {0};
  bool more = sweep.mode == UFM_SWEEP_RESUME;
  ufm_status status = UFM_OK;

  /* what a file to be resumed has, decides what the first round has to do */
  if (more)
    status = ufm__diagram_read(&d, path, error);
  if (status == UFM_OK)
    (void)plan(&d, settings, wanted);
  tasks->wanted = wanted;
  do {
    if (status == UFM_OK)
      status = ufm_tasks_run(&round, tasks, path, &sweep, error);
    add_round(out, &round);
    ufm__diagram_clear(&d);
    if (status != UFM_OK || out->interrupted || out->out_of_time)
      break;
    sweep.mode = UFM_SWEEP_RESUME;
    if (sweep.time_budget > 0.0)
      sweep.time_budget = fmax(sweep.time_budget - round.seconds, 1e-9);
    status = ufm__diagram_read(&d, path, error);
    more = status == UFM_OK && plan(&d, settings, wanted);
  } while (more);
  ufm__diagram_clear(&d);
  return status;
}

ufm_status ufm_diagram_run(ufm_sweep_state *out, const ufm_spec *spec,
                           const char *path,
                           const ufm_diagram_settings *settings,
                           ufm_error *error)
{
  ufm__columns columns;
  ufm_tasks tasks;
  ufm_phase *phase = NULL;
  char *wanted;
  ufm_status status = check(settings, error);

  *out = (ufm_sweep_state){0};
  if (status == UFM_OK)
    status = ufm_phase_new(&phase, spec, error);
  ufm_phase_free(phase);
  if (status == UFM_OK)
    status = ufm__columns_init(&columns, spec, error);
  if (status != UFM_OK)
    return status;
  tasks = ufm__columns_tasks(&columns);
  wanted = calloc(tasks.size, 1);
  if (wanted == NULL)
    return ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
  status = rounds(out, &tasks, path, settings, wanted, error);
  free(wanted);
  return status;
}
