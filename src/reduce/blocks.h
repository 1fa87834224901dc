/* SPDX-License-Identifier: GPL-3.0-or-later */
/* K x K matrices that commute with the permutations inside groups: a scalar on
   the contrasts of each group, K_g - 1 times, and a G x G matrix in the
   orthonormal basis 1_g/sqrt(K_g) (doc/orbits.md, section 2). */
#ifndef UFM_REDUCE_BLOCKS_H
#define UFM_REDUCE_BLOCKS_H

#include <stddef.h>

typedef struct ufm__blocks {
  size_t G;
  const double *size; /* G: K_g */
  double *contrast;   /* G */
  double *inner;      /* G x G */
} ufm__blocks;

/* Sum of squares of all K^2 entries. */
double ufm__blocks_square(const ufm__blocks *x);

/* |hat(X) - hat(diag(t))|_F, t constant on groups; NaN when either is 0. */
double ufm__blocks_to_diagonal(const ufm__blocks *x, const double *t);

/* |hat(X) - (I - J/K)/sqrt(K - 1)|_F. */
double ufm__blocks_to_simplex(const ufm__blocks *x);

/* min over orthoprojectors P of rank K - missing of
   |hat(X) - P/sqrt(rank)|_F, missing 0 or 1; `spectrum` holds the G eigenvalues
   of the symmetric part of x->inner. */
double ufm__blocks_to_projector(const ufm__blocks *x, size_t missing,
                                const double *spectrum);

#endif
