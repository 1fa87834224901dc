/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loss, one column at a time.  y = z_j + b has K entries; the target is
   column j of `columns`.  All derivatives are with respect to y. */
#ifndef UFM_OBJECTIVE_LOSS_H
#define UFM_OBJECTIVE_LOSS_H

#include <stddef.h>

#include <ufm/problem.h>

typedef struct ufm__loss {
  /* loss(y, t_j).  O(K). */
  double (*value)(const ufm_columns *columns, size_t j, const double *y);

  /* The same value; gradient in `gradient`, which may be y itself. */
  double (*gradient)(const ufm_columns *columns, size_t j, const double *y,
                     double *gradient);

  /* out = diagonal of the second derivative, from the gradient; out must not be
     the gradient.  O(K). */
  void (*diagonal)(const ufm_columns *columns, size_t j, const double *gradient,
                   double *out);

  /* v := (second derivative) v, from the gradient, which is used up.  O(K). */
  void (*hessian)(const ufm_columns *columns, size_t j, double *gradient,
                  double *v);
} ufm__loss;

extern const ufm__loss ufm__loss_mse;
extern const ufm__loss ufm__loss_ce;

/* The table entry of a loss. */
const ufm__loss *ufm__loss_get(ufm_loss loss);

#endif
