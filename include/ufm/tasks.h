/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Numbered tasks, each of which gives one record, and the workers that do them:
 * processes on this machine, or on others.  A sweep is one kind of tasks, a
 * phase diagram another; ufm_tasks_run brings workers made by fork, and a
 * program that knows of other processes (MPI ranks) gives them to
 * ufm_tasks_run_on.
 */
#ifndef UFM_TASKS_H
#define UFM_TASKS_H

#include <stddef.h>

#include <ufm/grid.h>
#include <ufm/record.h>
#include <ufm/status.h>
#include <ufm/sweep.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Tasks 0 to size - 1. */
typedef struct ufm_tasks {
  size_t size;
  const char *hash;   /**< stands for what the tasks are: "spec_hash" of every
                           record */
  const char *wanted; /**< size entries, 0: leave the task out; NULL: all */
  const void *what;   /**< for the functions below */
  /** The record of a task, one line that ends in a newline, of *length bytes;
      NULL when memory ran out.  It has the keys index, spec_hash and status.
      The caller frees it. */
  char *(*record)(const void *what, size_t index, ufm_point_status *status,
                  size_t *length);
  /** The record of a task whose process ended for `reason`. */
  char *(*crashed)(const void *what, size_t index, const char *reason,
                   size_t *length);
} ufm_tasks;

/** The points of a grid: ufm_findings_solve and ufm_findings_complete, or why
 *  not.  It points into the grid. */
UFM_API ufm_tasks ufm_tasks_of_grid(const ufm_grid *grid);

/** What a worker sends: this, then `length` bytes of record.  Sender and
    receiver are the same program. */
typedef struct ufm_answer {
  size_t index, length;
  ufm_point_status status;
} ufm_answer;

/**
 * Does a task: the answer and its record in one piece of *size bytes, to be
 * freed by the caller.  From then on the process has one BLAS thread.  NULL
 * when memory ran out.
 */
UFM_API char *ufm_answer_make(const ufm_tasks *tasks, size_t index,
                              size_t *size);

/** Is told of an answer and its record. */
typedef ufm_status (*ufm_take)(void *user, const ufm_answer *head,
                               const char *record, ufm_error *error);

/** Passes an answer that is in one piece on to `take`. */
UFM_API UFM_MUST_CHECK ufm_status ufm_answer_pass(const char *answer,
                                                  ufm_take take, void *user,
                                                  ufm_error *error);

/** Passes on that the process of a task ended for `reason`. */
UFM_API UFM_MUST_CHECK ufm_status ufm_answer_crash(const ufm_tasks *tasks,
                                                   size_t index,
                                                   const char *reason,
                                                   ufm_take take, void *user,
                                                   ufm_error *error);

/** Workers of some kind; the first member of what the kind needs. */
typedef struct ufm_workers ufm_workers;

struct ufm_workers {
  size_t idle; /**< that can be given a task */
  size_t busy; /**< that do one */
  /** Gives a task to an idle worker. */
  ufm_status (*give)(ufm_workers *workers, size_t index, ufm_error *error);
  /** Waits for answers, `milliseconds` at most, and passes each on.  A worker
      that died answers too: its task crashed. */
  ufm_status (*collect)(ufm_workers *workers, int milliseconds, ufm_take take,
                        void *user, ufm_error *error);
  /** Ends all of them, whatever they are at, and frees `workers`. */
  void (*stop)(ufm_workers *workers);
};

/** Does the tasks that have no record in the journal `path`: ufm_sweep_run is
 *  this with ufm_tasks_of_grid, and describes the journal. */
UFM_API UFM_MUST_CHECK ufm_status
ufm_tasks_run(ufm_sweep_state *out, const ufm_tasks *tasks, const char *path,
              const ufm_sweep_settings *settings, ufm_error *error);

/** The same with the workers given, which it stops in any case;
 *  settings->workers is not looked at. */
UFM_API UFM_MUST_CHECK ufm_status ufm_tasks_run_on(
    ufm_sweep_state *out, const ufm_tasks *tasks, const char *path,
    const ufm_sweep_settings *settings, ufm_workers *workers, ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
