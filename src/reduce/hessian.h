/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Second derivatives of the reduced objective in balanced variables, exact, and
   a preconditioner.  Cross entropy has boundary layers: columns whose mixing
   value is near 0 or 1 have probabilities, and so curvatures, smaller than
   those of others by many orders of magnitude.  Given W a column is a problem
   of its own, so the diagonal blocks of the columns (r + 2 numbers at most) are
   cheap; they are taken in full, of W and b the diagonal.  What is left is of
   rank 2 (G r + 2 G), and conjugate gradients need no more steps than that. */
#ifndef UFM_REDUCE_HESSIAN_H
#define UFM_REDUCE_HESSIAN_H

#include <stdbool.h>

#include "reduce/objective.h"

typedef struct ufm__reduced_hessian {
  ufm__reduced *f;
  double *x;     /* length: the plain point */
  double *g;     /* length: its gradient */
  double *z;     /* G x C: dF/d(v_u . y_c) */
  double *dx;    /* length: a plain direction */
  double *dz;    /* G x C: its products, then their second derivatives */
  double *rest;  /* G: one column */
  double *work;  /* r + 2: its numbers */
  double *entry; /* (G + 2) x (r + 2): derivatives of the logits of a column */
  size_t *first; /* C + 1: offsets of the blocks */
  double *block; /* Cholesky factors of the columns' blocks */
  double *diagonal; /* length: of w, v and b */
  size_t products;  /* so far */
} ufm__reduced_hessian;

/* True when the blocks are not too large to be worthwhile. */
bool ufm__reduced_hessian_pays(const ufm_orbits *orbits);

/* `f` must outlive it; evaluations of f then write what is needed here. */
UFM_MUST_CHECK ufm_status ufm__reduced_hessian_init(ufm__reduced_hessian *out,
                                                    ufm__reduced *f,
                                                    ufm_error *error);
void ufm__reduced_hessian_clear(ufm__reduced_hessian *hessian);

/* Moves to the point x'.  False when a block is not positive definite to
   rounding (an overflow).  O(C (G r^2 + r^3)). */
bool ufm__reduced_hessian_at(ufm__reduced_hessian *hessian, const double *x);

/* out = Hessian times v.  O(G C r). */
void ufm__reduced_hessian_product(ufm__reduced_hessian *hessian,
                                  const double *v, double *out);

/* z = P r.  O(C r^2). */
void ufm__reduced_hessian_precondition(ufm__reduced_hessian *hessian,
                                       const double *r, double *z);

#endif
