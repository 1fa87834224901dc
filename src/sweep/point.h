/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of one point of a grid. */
#ifndef UFM_SWEEP_POINT_H
#define UFM_SWEEP_POINT_H

#include <stddef.h>

#include <ufm/grid.h>

/* What a worker sends: this, then `length` bytes of record, one line that ends
   in a newline. */
typedef struct ufm__answer {
  size_t index, length;
  int status; /* ufm_point_status */
} ufm__answer;

/* Computes the point.  The message, of *size bytes in all, is the caller's to
   free; NULL only when memory ran out. */
char *ufm__sweep_point(const ufm_grid *grid, size_t index, size_t *size);

/* The message about a point whose process ended for `reason`. */
char *ufm__sweep_crash(const ufm_grid *grid, size_t index, const char *reason,
                       size_t *size);

/* Seconds of a clock that only goes forward. */
double ufm__sweep_now(void);

/* One BLAS thread in this process from now on: points share the processors. */
void ufm__sweep_single_thread(void);

#endif
