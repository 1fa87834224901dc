/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers: processes, here or elsewhere, that turn points into records. */
#ifndef UFM_SWEEP_POOL_H
#define UFM_SWEEP_POOL_H

#include <stddef.h>

#include <ufm/grid.h>
#include <ufm/status.h>

#include "sweep/point.h"

/* Is told of a record: its head and its text. */
typedef ufm_status (*ufm__take)(void *user, const ufm__answer *head,
                                const char *text, ufm_error *error);

typedef struct ufm__pool ufm__pool;

struct ufm__pool {
  size_t idle; /* workers that can be given a point */
  size_t busy; /* points being computed */
  /* Gives a point to an idle worker. */
  ufm_status (*give)(ufm__pool *pool, size_t index, ufm_error *error);
  /* Waits for answers, `milliseconds` at most, and passes each on.  A worker
     that died answers too: its point crashed. */
  ufm_status (*collect)(ufm__pool *pool, int milliseconds, ufm__take take,
                        void *user, ufm_error *error);
  /* Ends all workers, whatever they are at, and frees the pool. */
  void (*stop)(ufm__pool *pool);
};

/* `workers` processes made by fork; they close `journal`. */
UFM_MUST_CHECK ufm_status ufm__pool_fork(ufm__pool **out, const ufm_grid *grid,
                                         size_t workers, int journal,
                                         ufm_error *error);

#endif
