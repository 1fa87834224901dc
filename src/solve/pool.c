/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pool of forked workers.  One socket pair each: indices go down, results
   come up.  A child that loses its parent, or is told to stop, ends. */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "solve/pool.h"

enum { TICK = 100, CHUNK = 1 << 20 };

/* One result; the point follows when `point` is set. */
typedef struct message {
  size_t index;
  ufm_status status;
  ufm_error error;
  ufm_run run;
  bool point;
} message;

typedef struct worker {
  pid_t pid;    /* 0: none */
  size_t index; /* what it runs */
} worker;

typedef struct pool {
  const ufm__attempts *attempts;
  ufm__runner *runner;
  gsl_vector *x;
  ufm__pool_sink *sink;
  void *user;
  size_t workers, next; /* number, and the first index not handed out */
  worker *worker;
  struct pollfd *at; /* sockets; fd -1: closed */
  void *shared;      /* with the children */
  atomic_bool *stop; /* in it */
} pool;

/* Both ways without SIGPIPE: a partner that is gone is a false. */
static bool send_all(int fd, const void *data, size_t n)
{
  const char *p = data;

  while (n > 0) {
    ssize_t part = send(fd, p, n < CHUNK ? n : CHUNK, MSG_NOSIGNAL);

    if (part < 0 && errno == EINTR)
      continue;
    if (part <= 0)
      return false;
    p += part;
    n -= (size_t)part;
  }
  return true;
}

static bool receive_all(int fd, void *data, size_t n)
{
  char *p = data;

  while (n > 0) {
    ssize_t part = recv(fd, p, n < CHUNK ? n : CHUNK, 0);

    if (part < 0 && errno == EINTR)
      continue;
    if (part <= 0)
      return false;
    p += part;
    n -= (size_t)part;
  }
  return true;
}

/* What a child asks between iterations. */
typedef struct leash {
  atomic_bool *stop;
  pid_t parent;
} leash;

static int pulled(const ufm_progress *progress, void *user)
{
  const leash *l = user;

  (void)progress;
  return atomic_load(l->stop) || getppid() != l->parent;
}

/* The life of a child, which then leaves without the exit handlers and buffers
   that it has in common with its parent. */
static void serve(pool *p, int fd, pid_t parent)
{
  ufm_solve_settings settings = *p->runner->settings;
  leash l = {p->stop, parent};
  double best = HUGE_VAL;
  size_t index;

  settings.progress = pulled;
  settings.user = &l;
  p->runner->settings = &settings;
  while (receive_all(fd, &index, sizeof index)) {
    message m;

    memset(&m, 0, sizeof m);
    m.index = index;
    m.status =
        ufm__attempt(p->attempts, p->runner, index, p->x, &m.run, &m.error);
    m.point = m.status == UFM_OK &&
              m.run.termination != UFM_TERMINATION_FAILED &&
              m.run.objective < best;
    if (m.point)
      best = m.run.objective;
    if (!send_all(fd, &m, sizeof m) ||
        (m.point && !send_all(fd, p->x->data, p->x->size * sizeof(double))))
      break;
  }
}

static ufm_status spawn(pool *p, size_t i, ufm_error *error)
{
  int ends[2];
  pid_t parent = getpid(), pid;

  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
    return ufm__fail(error, UFM_EIO, "solve: socket for process %zu: %s", i,
                     strerror(errno));
  pid = fork();
  if (pid == 0) {
    for (size_t k = 0; k < i; k++)
      close(p->at[k].fd);
    close(ends[0]);
    serve(p, ends[1], parent);
    _exit(0);
  }
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return ufm__fail(error, UFM_ENOMEM, "solve: process %zu of %zu: %s", i + 1,
                     p->workers, strerror(errno));
  }
  p->worker[i].pid = pid;
  p->at[i] = (struct pollfd){.fd = ends[0], .events = POLLIN};
  return UFM_OK;
}

static ufm_status lost(const pool *p, size_t i, ufm_error *error)
{
  int status = 0;
  pid_t pid = p->worker[i].pid;

  p->worker[i].pid = 0;
  if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
    return ufm__fail(error, UFM_EINTERNAL,
                     "solve: the process of start %zu was ended by signal %d",
                     p->worker[i].index, WTERMSIG(status));
  return ufm__fail(error, UFM_EINTERNAL,
                   "solve: the process of start %zu ended early",
                   p->worker[i].index);
}

/* Gives worker i the next index, or lets it go. */
static ufm_status hand_out(pool *p, size_t i, ufm_error *error)
{
  if (p->next == p->runner->settings->starts || atomic_load(p->stop)) {
    close(p->at[i].fd);
    p->at[i].fd = -1;
    return UFM_OK;
  }
  p->worker[i].index = p->next++;
  return send_all(p->at[i].fd, &p->worker[i].index, sizeof p->next)
             ? UFM_OK
             : lost(p, i, error);
}

static ufm_status take(pool *p, size_t i, ufm_error *error)
{
  message m;

  if (!receive_all(p->at[i].fd, &m, sizeof m) ||
      (m.point &&
       !receive_all(p->at[i].fd, p->x->data, p->x->size * sizeof(double))))
    return lost(p, i, error);
  if (m.status != UFM_OK) {
    if (error != NULL)
      *error = m.error;
    return m.status;
  }
  p->sink(p->user, m.index, &m.run, m.point ? p->x->data : NULL);
  if (p->runner->settings->progress != NULL &&
      p->runner->settings->progress(&(ufm_progress){m.index, m.run.iterations,
                                                    m.run.objective,
                                                    m.run.relative_gradient},
                                    p->runner->settings->user) != 0)
    atomic_store(p->stop, true);
  return hand_out(p, i, error);
}

static bool busy(const pool *p)
{
  for (size_t i = 0; i < p->workers; i++)
    if (p->at[i].fd >= 0)
      return true;
  return false;
}

/* Asks the caller at every tick whether to go on. */
static void tick(pool *p)
{
  const ufm_solve_settings *s = p->runner->settings;

  if (s->progress != NULL &&
      s->progress(&(ufm_progress){p->next - 1, 0, (double)NAN, (double)NAN},
                  s->user) != 0)
    atomic_store(p->stop, true);
}

static ufm_status oversee(pool *p, ufm_error *error)
{
  ufm_status status = UFM_OK;

  for (size_t i = 0; status == UFM_OK && i < p->workers; i++)
    status = hand_out(p, i, error);
  while (status == UFM_OK && busy(p)) {
    int ready = poll(p->at, (nfds_t)p->workers, TICK);

    if (ready < 0 && errno != EINTR)
      return ufm__fail(error, UFM_EIO, "solve: poll: %s", strerror(errno));
    if (ready <= 0) {
      tick(p);
      continue;
    }
    for (size_t i = 0; status == UFM_OK && i < p->workers; i++)
      if (p->at[i].fd >= 0 && p->at[i].revents != 0)
        status = take(p, i, error);
  }
  return status;
}

/* Lets every child end and waits for it. */
static void pool_clear(pool *p)
{
  if (p->stop != NULL)
    atomic_store(p->stop, true);
  for (size_t i = 0; p->at != NULL && i < p->workers; i++)
    if (p->at[i].fd >= 0)
      close(p->at[i].fd);
  for (size_t i = 0; p->worker != NULL && i < p->workers; i++)
    while (p->worker[i].pid > 0 && waitpid(p->worker[i].pid, NULL, 0) < 0 &&
           errno == EINTR)
      ;
  if (p->stop != NULL)
    munmap(p->shared, sizeof *p->stop);
  free(p->at);
  free(p->worker);
}

ufm_status ufm__pool(const ufm__attempts *attempts, ufm__runner *runner,
                     gsl_vector *x, ufm__pool_sink *sink, void *user,
                     ufm_error *error)
{
  size_t starts = runner->settings->starts, jobs = runner->settings->jobs;
  pool p = {.attempts = attempts,
            .runner = runner,
            .x = x,
            .sink = sink,
            .user = user,
            .workers = jobs < starts ? jobs : starts};
  ufm_status status = UFM_OK;
  void *shared = mmap(NULL, sizeof *p.stop, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  p.worker = calloc(p.workers, sizeof *p.worker);
  p.at = calloc(p.workers, sizeof *p.at);
  for (size_t i = 0; p.at != NULL && i < p.workers; i++)
    p.at[i].fd = -1;
  if (shared != MAP_FAILED)
    p.stop = p.shared = shared;
  if (p.stop == NULL || p.worker == NULL || p.at == NULL)
    status = ufm__no_memory(error, "solve: processes");
  if (status == UFM_OK)
    atomic_init(p.stop, false);
  for (size_t i = 0; status == UFM_OK && i < p.workers; i++)
    status = spawn(&p, i, error);
  if (status == UFM_OK)
    status = oversee(&p, error);
  pool_clear(&p);
  return status;
}
