/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of --targets, read. */
#ifndef UFM_SPEC_TARGETS_H
#define UFM_SPEC_TARGETS_H

#include <ufm/problem.h>

typedef struct ufm__targets {
  ufm_targets kind;
  mpq_t smoothing;
  ufm_mixing *mixing;
  size_t classes, columns; /* of the matrix; 0 without */
  double *matrix, *weight;
} ufm__targets;

void ufm__targets_init(ufm__targets *targets);
void ufm__targets_clear(ufm__targets *targets);

/* onehot (also for NULL), smooth:EPS, mixup:..., file:T.npy[,WEIGHTS.npy].  The
   loss decides what quadrature is used by default: 16 Gauss-Jacobi nodes for
   mse, for which 2 are exact, 65 tanh-sinh nodes for ce. */
UFM_MUST_CHECK ufm_status ufm__targets_read(ufm__targets *targets,
                                            const char *text, ufm_loss loss,
                                            ufm_error *error);

#endif
