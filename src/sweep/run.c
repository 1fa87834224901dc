/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep: points out to the workers, records into the journal. */
#include <config.h>

#include <ufm/record.h>
#include <ufm/support.h>

#include "sweep/fail.h"
#include "sweep/journal.h"
#include "sweep/run.h"

enum { MAX_WORKERS = 4096, TICK = 100 /* ms */ };

typedef struct sweep {
  const ufm_sweep_settings *settings;
  ufm__journal *journal;
  ufm_workers *workers;
  ufm_sweep_state *state;
  size_t next; /* the first point that was not looked at */
  double begin;
} sweep;

ufm_sweep_settings ufm_sweep_defaults(void)
{
  return (ufm_sweep_settings){
      .mode = UFM_SWEEP_NEW, .workers = 1, .shard = 1, .shards = 1};
}

static ufm_status check_settings(const ufm_sweep_settings *s, ufm_error *error)
{
  if (s->workers < 1 || s->workers > MAX_WORKERS)
    return ufm__sweep_fail(error, UFM_EINVAL, "workers: got %zu, want 1 to %d",
                           s->workers, MAX_WORKERS);
  if (s->shards < 1 || s->shard < 1 || s->shard > s->shards)
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "shard: got %zu/%zu, want i/n with 1 <= i <= n",
                           s->shard, s->shards);
  if (!(s->time_budget >= 0.0))
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "time-budget: got %g, want at least 0 seconds",
                           s->time_budget);
  return UFM_OK;
}

/* A task without a record, or with one that says it crashed in an earlier run:
   chance, or a machine too small, may have been the reason. */
static bool wanted(const sweep *s, size_t index)
{
  const ufm_tasks *tasks = s->journal->tasks;
  const ufm__entry *entry = &s->journal->at[index];

  return (tasks->wanted == NULL || tasks->wanted[index] != 0) &&
         (entry->length == 0 || entry->status == UFM_POINT_CRASHED);
}

static void count_kept(sweep *s)
{
  const ufm_tasks *tasks = s->journal->tasks;

  for (size_t i = s->next; i < tasks->size; i += s->settings->shards) {
    bool counts = tasks->wanted == NULL || tasks->wanted[i] != 0;

    s->state->points += counts;
    s->state->kept += counts && !wanted(s, i);
  }
}

static ufm_status take(void *user, const ufm_answer *head, const char *text,
                       ufm_error *error)
{
  sweep *s = user;

  switch (head->status) {
  case UFM_POINT_DONE:
    s->state->done++;
    break;
  case UFM_POINT_FAILED:
    s->state->failed++;
    break;
  case UFM_POINT_CRASHED:
    s->state->crashed++;
    break;
  }
  return ufm__journal_add(s->journal, head->index, head->status, text,
                          head->length, error);
}

/* One point for each idle worker, in the order of the grid. */
static ufm_status feed(sweep *s, ufm_error *error)
{
  const size_t size = s->journal->tasks->size;
  double budget = s->settings->time_budget;
  ufm_status status = UFM_OK;

  while (status == UFM_OK && s->workers->idle > 0) {
    while (s->next < size && !wanted(s, s->next))
      s->next += s->settings->shards;
    if (s->next >= size)
      break;
    if (budget > 0.0 && s->state->seconds >= budget) {
      s->state->out_of_time = true;
      break;
    }
    status = s->workers->give(s->workers, s->next, error);
    s->next += s->settings->shards;
  }
  return status;
}

/* Workers are fed before records are written, so that none waits for the disk.
 */
static ufm_status turn(sweep *s, ufm_error *error)
{
  ufm_status status = s->workers->collect(s->workers, TICK, take, s, error);
  ufm_status written;

  s->state->seconds = ufm_clock() - s->begin;
  if (status == UFM_OK)
    status = feed(s, error);
  written = ufm__journal_commit(s->journal, s->workers->busy == 0,
                                status == UFM_OK ? error : NULL);
  if (status == UFM_OK)
    status = written;
  if (status == UFM_OK && s->settings->progress != NULL &&
      s->settings->progress(s->state, s->settings->user) != 0)
    s->state->interrupted = true;
  return status;
}

static void count_troubled(sweep *s)
{
  const size_t size = s->journal->tasks->size;

  for (size_t i = s->settings->shard - 1; i < size; i += s->settings->shards)
    s->state->troubled += s->journal->at[i].length > 0 &&
                          s->journal->at[i].status != UFM_POINT_DONE;
}

/* Stops the workers, and sorts the journal when it is complete. */
static ufm_status run(ufm_sweep_state *out, ufm__journal *journal,
                      ufm_workers *workers, const ufm_sweep_settings *settings,
                      ufm_error *error)
{
  sweep s = {settings, journal, workers, out, settings->shard - 1, ufm_clock()};
  ufm_status status;

  count_kept(&s);
  status = feed(&s, error);
  while (status == UFM_OK && !out->interrupted && workers->busy > 0)
    status = turn(&s, error);
  workers->stop(workers);
  if (status == UFM_OK)
    status = ufm__journal_commit(journal, true, error);
  count_troubled(&s);
  if (status == UFM_OK && !out->interrupted && !out->out_of_time)
    status = ufm__journal_sort(journal, error);
  return status;
}

static ufm_status begin(ufm_sweep_state *out, ufm__journal *journal,
                        const ufm_tasks *tasks, const char *path,
                        const ufm_sweep_settings *settings, ufm_error *error)
{
  ufm_status status = check_settings(settings, error);

  *out = (ufm_sweep_state){0};
  return status == UFM_OK
             ? ufm__journal_open(journal, path, tasks, settings->mode, error)
             : status;
}

ufm_status ufm_tasks_run_on(ufm_sweep_state *out, const ufm_tasks *tasks,
                            const char *path,
                            const ufm_sweep_settings *settings,
                            ufm_workers *workers, ufm_error *error)
{
  ufm__journal journal;
  ufm_status status = begin(out, &journal, tasks, path, settings, error);

  if (status != UFM_OK) {
    workers->stop(workers);
    return status;
  }
  status = run(out, &journal, workers, settings, error);
  ufm__journal_close(&journal);
  return status;
}

ufm_status ufm_tasks_run(ufm_sweep_state *out, const ufm_tasks *tasks,
                         const char *path, const ufm_sweep_settings *settings,
                         ufm_error *error)
{
  ufm__journal journal;
  ufm_workers *workers = NULL;
  ufm_status status = begin(out, &journal, tasks, path, settings, error);

  if (status != UFM_OK)
    return status;
  status = ufm__workers_fork(&workers, tasks, settings->workers, journal.file,
                             error);
  if (status == UFM_OK)
    status = run(out, &journal, workers, settings, error);
  ufm__journal_close(&journal);
  return status;
}
