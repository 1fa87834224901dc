/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks and answers as MPI messages.  Nobody waits inside MPI, which would keep
   a processor busy with waiting: all look for messages, and sleep in between.
 */
#include <config.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include "mpi/ranks.h"

enum { TAG_TASK = 1, TAG_STOP, TAG_ANSWER };
enum { HASH_LENGTH = 32, NAP = 200 /* microseconds */ };

/* What rank 0 says: the task, and of which tasks it is one. */
typedef struct order {
  size_t index;
  char hash[HASH_LENGTH];
} order;

/* The other ranks, as seen from rank 0. */
typedef struct ranks {
  ufm_workers base;
  const ufm_tasks *tasks;
  int size;
  bool *busy; /* by rank */
} ranks;

/* One set of ranks in a process, as MPI has it. */
static bool stuck;

static ufm_status fail(ufm_error *error, ufm_status status, const char *text)
{
  if (error != NULL)
    snprintf(error->text, sizeof error->text, "%s", text);
  return status;
}

/* Looks for a message for `naps` naps; true when there is one. */
static bool message(int source, long naps, MPI_Status *status)
{
  const struct timespec nap = {0, NAP * 1000L};
  int there = 0;

  for (;;) {
    MPI_Iprobe(source, MPI_ANY_TAG, MPI_COMM_WORLD, &there, status);
    if (there || naps-- == 0)
      return there;
    nanosleep(&nap, NULL);
  }
}

static ufm_status give(ufm_workers *base, size_t index, ufm_error *error)
{
  ranks *r = (ranks *)base;
  order o = {.index = index};
  int rank = 1;

  (void)error; /* MPI ends the job when it fails */
  while (r->busy[rank])
    rank++;
  snprintf(o.hash, sizeof o.hash, "%s", r->tasks->hash);
  MPI_Send(&o, sizeof o, MPI_BYTE, rank, TAG_TASK, MPI_COMM_WORLD);
  r->busy[rank] = true;
  base->idle--;
  base->busy++;
  return UFM_OK;
}

static ufm_status take_answer(ranks *r, const MPI_Status *from, ufm_take take,
                              void *user, ufm_error *error)
{
  int length = 0;
  char *answer;
  ufm_status status;

  MPI_Get_count(from, MPI_BYTE, &length);
  answer = malloc((size_t)length);
  if (answer == NULL)
    return fail(error, UFM_ENOMEM, "sweep: out of memory");
  MPI_Recv(answer, length, MPI_BYTE, from->MPI_SOURCE, TAG_ANSWER,
           MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  r->busy[from->MPI_SOURCE] = false;
  r->base.idle++;
  r->base.busy--;
  status = ufm_answer_pass(answer, take, user, error);
  free(answer);
  return status;
}

static ufm_status collect(ufm_workers *base, int milliseconds, ufm_take take,
                          void *user, ufm_error *error)
{
  ranks *r = (ranks *)base;
  long naps = milliseconds * 1000L / NAP;
  MPI_Status from;
  ufm_status status = UFM_OK;

  /* all that is there, once something is */
  while (status == UFM_OK && message(MPI_ANY_SOURCE, naps, &from)) {
    status = take_answer(r, &from, take, user, error);
    naps = 0;
  }
  return status;
}

static void dismiss(int rank)
{
  MPI_Send(NULL, 0, MPI_BYTE, rank, TAG_STOP, MPI_COMM_WORLD);
}

static void stop(ufm_workers *base)
{
  ranks *r = (ranks *)base;

  stuck = base->busy > 0;
  for (int rank = 1; rank < r->size && !stuck; rank++)
    dismiss(rank);
  free(r->busy);
  free(r);
}

ufm_status mpi_ranks_new(ufm_workers **out, const ufm_tasks *tasks,
                         ufm_error *error)
{
  ranks *r = calloc(1, sizeof *r);

  *out = NULL;
  if (r == NULL)
    return fail(error, UFM_ENOMEM, "sweep: out of memory");
  MPI_Comm_size(MPI_COMM_WORLD, &r->size);
  r->busy = calloc((size_t)r->size, sizeof *r->busy);
  if (r->busy == NULL || r->size < 2) {
    bool alone = r->size < 2;

    free(r->busy);
    free(r);
    return alone ? fail(error, UFM_EINVAL,
                        "ranks: got 1, want at least 2 (mpirun -n)")
                 : fail(error, UFM_ENOMEM, "sweep: out of memory");
  }
  r->base = (ufm_workers){.idle = (size_t)r->size - 1,
                          .give = give,
                          .collect = collect,
                          .stop = stop};
  r->tasks = tasks;
  *out = &r->base;
  return UFM_OK;
}

bool mpi_ranks_stuck(void)
{
  return stuck;
}

/* Nothing can be done without this rank's part: says so and ends the job. */
static void abort_job(const char *why)
{
  int rank = 0;

  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  fprintf(stderr, "ufm-mpi: rank %d: %s\n", rank, why);
  MPI_Abort(MPI_COMM_WORLD, 3);
}

static void do_task(const ufm_tasks *tasks, const order *o, const char *why)
{
  size_t size = 0;
  char *answer = NULL;

  if (tasks == NULL) {
    abort_job(why);
    return;
  }
  if (strcmp(o->hash, tasks->hash) != 0) {
    abort_job("reads another specification than rank 0");
    return;
  }
  answer = ufm_answer_make(tasks, o->index, &size);
  if (answer == NULL || size > INT_MAX)
    abort_job(answer == NULL ? "out of memory" : "a record beyond 2 GB");
  else
    MPI_Send(answer, (int)size, MPI_BYTE, 0, TAG_ANSWER, MPI_COMM_WORLD);
  free(answer);
}

void mpi_ranks_serve(const ufm_tasks *tasks, const char *why)
{
  order o;
  MPI_Status from;

  for (;;) {
    while (!message(0, LONG_MAX, &from))
      ;
    if (from.MPI_TAG == TAG_STOP)
      break;
    MPI_Recv(&o, sizeof o, MPI_BYTE, 0, TAG_TASK, MPI_COMM_WORLD,
             MPI_STATUS_IGNORE);
    do_task(tasks, &o, why);
  }
  MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_STOP, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}
