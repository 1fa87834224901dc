/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When method auto leaves L-BFGS for Newton. */
#ifndef UFM_SOLVE_HANDOVER_H
#define UFM_SOLVE_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>

/* Progress since a mark that is renewed every WINDOW evaluations. */
typedef struct ufm__pace {
  size_t evaluations;
  double relative_gradient;
  bool marked;
} ufm__pace;

/* True when L-BFGS, at this pace, has more evaluations left to `tol` than
   Newton is expected to need.  Called after every iteration. */
bool ufm__too_slow(ufm__pace *pace, size_t evaluations,
                   double relative_gradient, double tol);

#endif
