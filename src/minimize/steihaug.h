/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Truncated conjugate gradients for the trust-region problem. */
#ifndef UFM_MINIMIZE_STEIHAUG_H
#define UFM_MINIMIZE_STEIHAUG_H

#include <stddef.h>

/* How the conjugate gradients ended. */
typedef enum ufm__steihaug_end {
  UFM__STEIHAUG_INTERIOR,  /* the residual is small enough */
  UFM__STEIHAUG_BOUNDARY,  /* the path left the region */
  UFM__STEIHAUG_CURVATURE, /* negative curvature, followed to the boundary */
  UFM__STEIHAUG_FLAT,      /* no curvature is left to rounding */
  UFM__STEIHAUG_NOT_FINITE,
  UFM__STEIHAUG_FAILED /* an operator failed; its code is in `code` */
} ufm__steihaug_end;

/* The problem min g'p + p'Bp/2, |p| <= radius in the norm of the inverse
   preconditioner.  Vectors have n numbers and belong to the caller. */
typedef struct ufm__steihaug {
  size_t n;
  /* out = B v and z = P r (P may be NULL: the identity); a GSL code */
  int (*product)(void *params, const double *v, double *out);
  int (*precondition)(void *params, const double *r, double *z);
  void *params;
  double *p, *r, *z, *d, *Bd; /* the step, and workspace; z unused without P */
  double radius, forcing;     /* stop at |r| <= forcing |g| */
  size_t most;                /* products allowed */
  /* results */
  double length;    /* of p in the norm of the region */
  double predicted; /* -(g'p + p'Bp/2) >= 0 */
  double stiffest;  /* largest |d'Bd|/d'd of the directions d */
  int code;
} ufm__steihaug;

/* Solves from p = 0.  The first direction is -P g.  A negative `radius` is a
   Euclidean one along that direction, and is replaced by its length in the norm
   of the region. */
ufm__steihaug_end ufm__steihaug_solve(ufm__steihaug *s, const double *g);

#endif
