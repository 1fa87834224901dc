/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers made by fork.  A socket pair joins each to its parent: indices go
   out, records with their length come back.  A worker that dies closes its
   socket; the next task given makes another one. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "sweep/fail.h"
#include "sweep/run.h"

enum { EXIT_NO_MEMORY = 3 };

typedef struct worker {
  pid_t pid; /* 0: not running */
  int socket;
  bool busy;
  size_t index; /* of its task */
  char *buffer; /* the answer that is coming */
  size_t used, room;
} worker;

typedef struct fork_pool {
  ufm_workers base;
  const ufm_tasks *tasks;
  int journal;
  size_t workers;
  worker *worker;
  struct pollfd *event;
} fork_pool;

/* All or nothing: false when the other side is gone. */
static bool send_all(int socket, const void *data, size_t n)
{
  const char *at = data;

  while (n > 0) {
    ssize_t sent = send(socket, at, n, MSG_NOSIGNAL);

    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      return false;
    at += sent;
    n -= (size_t)sent;
  }
  return true;
}

/* The life of a worker.  Signals of the terminal are for the parent, whose
   death ends it as well. */
static void work(const ufm_tasks *tasks, int socket, pid_t parent)
{
  size_t index, size;

  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (getppid() != parent)
    _exit(0);
  while (recv(socket, &index, sizeof index, MSG_WAITALL) ==
         (ssize_t)sizeof index) {
    char *answer = ufm_answer_make(tasks, index, &size);

    if (answer == NULL)
      _exit(EXIT_NO_MEMORY);
    if (!send_all(socket, answer, size))
      break;
    free(answer);
  }
  _exit(0);
}

/* What the parent has open and a child must not keep, or the others would not
   see their sockets close. */
static void close_inherited(const fork_pool *pool)
{
  for (size_t i = 0; i < pool->workers; i++)
    if (pool->worker[i].pid != 0)
      close(pool->worker[i].socket);
  if (pool->journal >= 0)
    close(pool->journal);
}

static ufm_status start(fork_pool *pool, worker *w, ufm_error *error)
{
  int pair[2];
  pid_t parent = getpid(), pid;

  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
    return ufm__sweep_fail(error, UFM_ENOMEM, "sweep: cannot make a worker: %s",
                           strerror(errno));
  pid = fork();
  if (pid == 0) {
    close(pair[0]);
    close_inherited(pool);
    work(pool->tasks, pair[1], parent);
  }
  close(pair[1]);
  if (pid < 0) {
    close(pair[0]);
    return ufm__sweep_fail(error, UFM_ENOMEM, "sweep: cannot make a worker: %s",
                           strerror(errno));
  }
  w->pid = pid;
  w->socket = pair[0];
  return UFM_OK;
}

/* Takes leave of a worker that is ending or gone. */
static int bury(worker *w)
{
  int status = 0;

  close(w->socket);
  while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
    ;
  w->pid = 0;
  w->used = 0;
  return status;
}

static ufm_status give(ufm_workers *base, size_t index, ufm_error *error)
{
  fork_pool *pool = (fork_pool *)base;
  worker *w = pool->worker;
  ufm_status status = UFM_OK;

  while (w->busy)
    w++;
  if (w->pid != 0 && !send_all(w->socket, &index, sizeof index))
    bury(w); /* it died while idle */
  if (w->pid == 0) {
    status = start(pool, w, error);
    if (status == UFM_OK && !send_all(w->socket, &index, sizeof index))
      status = ufm__sweep_fail(error, UFM_ENOMEM,
                               "sweep: a worker died before its first task");
  }
  if (status != UFM_OK)
    return status;
  w->index = index;
  w->busy = true;
  base->idle--;
  base->busy++;
  return UFM_OK;
}

static void rest(fork_pool *pool, worker *w)
{
  w->busy = false;
  w->used = 0;
  pool->base.idle++;
  pool->base.busy--;
}

static ufm_status report_death(fork_pool *pool, worker *w, ufm_take take,
                               void *user, ufm_error *error)
{
  char reason[128];
  int how = bury(w);

  if (WIFSIGNALED(how))
    snprintf(reason, sizeof reason, "its process was killed by signal %d (%s)",
             WTERMSIG(how), strsignal(WTERMSIG(how)));
  else
    snprintf(reason, sizeof reason, "its process ended with status %d%s",
             WEXITSTATUS(how),
             WEXITSTATUS(how) == EXIT_NO_MEMORY ? " (out of memory)" : "");
  rest(pool, w);
  return ufm_answer_crash(pool->tasks, w->index, reason, take, user, error);
}

static bool make_room(worker *w)
{
  size_t room = 2 * w->room + 65536;
  char *larger;

  if (w->used < w->room)
    return true;
  larger = realloc(w->buffer, room);
  if (larger == NULL)
    return false;
  w->buffer = larger;
  w->room = room;
  return true;
}

/* Reads what has come; a whole answer is passed on. */
static ufm_status receive(fork_pool *pool, worker *w, ufm_take take, void *user,
                          ufm_error *error)
{
  ufm_answer head;
  ssize_t got;

  if (!make_room(w))
    return ufm__sweep_no_memory(error);
  got = recv(w->socket, w->buffer + w->used, w->room - w->used, MSG_DONTWAIT);
  if (got < 0 && (errno == EINTR || errno == EAGAIN))
    return UFM_OK;
  if (got <= 0)
    return report_death(pool, w, take, user, error);
  w->used += (size_t)got;
  if (w->used < sizeof head)
    return UFM_OK;
  memcpy(&head, w->buffer, sizeof head);
  if (w->used < sizeof head + head.length)
    return UFM_OK;
  rest(pool, w);
  return ufm_answer_pass(w->buffer, take, user, error);
}

static ufm_status collect(ufm_workers *base, int milliseconds, ufm_take take,
                          void *user, ufm_error *error)
{
  fork_pool *pool = (fork_pool *)base;
  ufm_status status = UFM_OK;

  for (size_t i = 0; i < pool->workers; i++) {
    const worker *w = &pool->worker[i];

    /* a negative descriptor is passed over */
    pool->event[i] =
        (struct pollfd){.fd = w->busy ? w->socket : -1, .events = POLLIN};
  }
  if (poll(pool->event, pool->workers, milliseconds) < 0)
    return errno == EINTR ? UFM_OK : ufm__sweep_io(error, "sweep", "poll");
  for (size_t i = 0; status == UFM_OK && i < pool->workers; i++)
    if (pool->event[i].revents != 0)
      status = receive(pool, &pool->worker[i], take, user, error);
  return status;
}

static void stop(ufm_workers *base)
{
  fork_pool *pool = (fork_pool *)base;

  for (size_t i = 0; pool->worker != NULL && i < pool->workers; i++) {
    worker *w = &pool->worker[i];

    if (w->pid != 0) {
      if (w->busy)
        kill(w->pid, SIGKILL);
      bury(w);
    }
    free(w->buffer);
  }
  free(pool->worker);
  free(pool->event);
  free(pool);
}

ufm_status ufm__workers_fork(ufm_workers **out, const ufm_tasks *tasks,
                             size_t workers, int journal, ufm_error *error)
{
  fork_pool *pool = calloc(1, sizeof *pool);

  *out = NULL;
  if (pool == NULL)
    return ufm__sweep_no_memory(error);
  pool->base = (ufm_workers){
      .idle = workers, .give = give, .collect = collect, .stop = stop};
  pool->tasks = tasks;
  pool->journal = journal;
  pool->workers = workers;
  pool->worker = calloc(workers, sizeof *pool->worker);
  pool->event = calloc(workers, sizeof *pool->event);
  if (pool->worker == NULL || pool->event == NULL) {
    stop(&pool->base);
    return ufm__sweep_no_memory(error);
  }
  *out = &pool->base;
  return UFM_OK;
}
