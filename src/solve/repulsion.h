/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_REPULSION_H
#define UFM_SOLVE_REPULSION_H

#include <gsl/gsl_rng.h>

#include <ufm/status.h>

/* X = N unit vectors in R^d, row by row, pushed apart from a random start: a
   short descent of log sum_{i<j} exp(b x_i.x_j)/b for rising b, which tends to
   the largest cosine.  A local minimum: a few starts give a code that is best
   known for small N and d.  N >= 2, d >= 2.  O(N^2 d) per evaluation, some
   hundreds of them.  UFM_ENOMEM, UFM_ERANGE. */
UFM_MUST_CHECK ufm_status ufm__repulsion(size_t N, size_t d, gsl_rng *rng,
                                         double *X, ufm_error *error);

#endif
