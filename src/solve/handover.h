/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When method auto leaves L-BFGS for Newton. */
#ifndef UFM_SOLVE_HANDOVER_H
#define UFM_SOLVE_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/layout.h>

/* Progress since a mark that is renewed every WINDOW evaluations. */
typedef struct ufm__pace {
  size_t evaluations;
  double relative_gradient;
  bool marked;
} ufm__pace;

/* True where products are so cheap beside evaluations that auto is Newton from
   the beginning: cross entropy at depth 1 with d <= 4 and d < K - 1. */
bool ufm__newton_alone(const ufm_layout *layout, ufm_loss loss);

/* What Newton is expected to take from near a minimum to its floor, in
   evaluations of points with this layout. */
double ufm__newton_cost(const ufm_layout *layout);

/* True when L-BFGS, at this pace, has more evaluations left to `tol` than
   `newton`.  Called after every iteration. */
bool ufm__too_slow(ufm__pace *pace, size_t evaluations,
                   double relative_gradient, double tol, double newton);

#endif
