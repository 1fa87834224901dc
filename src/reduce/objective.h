/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective on invariant points (doc/orbits.md, section 3), in double
   precision and balanced variables x', x_i = scale_i x'_i, in which every
   penalty is (kappa/2)|.|^2, kappa^2 = lambda_W lambda_H.  They are the
   orthonormal coordinates of the invariant points among all points, so the
   reduced problem is as well conditioned as the full one. */
#ifndef UFM_REDUCE_OBJECTIVE_H
#define UFM_REDUCE_OBJECTIVE_H

#include <ufm/orbits.h>

typedef struct ufm__reduced {
  const ufm_orbits *orbits;
  ufm_loss loss;
  double kappa;
  double *scale;      /* length; 0 for what must stay 0 */
  double *size;       /* G: K_g */
  double *many;       /* G: size, but for the marks of the column at work */
  double *mass;       /* C: N_c pi_c */
  double *target;     /* C x 2: of the marks */
  double *background; /* C */
  double *ridge;      /* G: penalty of b'_g, 0 without one */
  double *x;          /* length: the plain point */
  double *z;          /* G x C: v_u . y_c, then dF/d(v_u . y_c) */
  double *p;          /* G: one column, without its marks */
  double *term;       /* C + 1: parts of the value */
  size_t values;      /* evaluations so far */
} ufm__reduced;

/* UFM_ERANGE when there are too many orbits for BLAS. */
UFM_MUST_CHECK ufm_status ufm__reduced_init(ufm__reduced *out,
                                            const ufm_problem *problem,
                                            const ufm_orbits *orbits,
                                            ufm_error *error);
void ufm__reduced_clear(ufm__reduced *reduced);

/* F(x'), and its gradient in g unless that is NULL.  O(G C r). */
double ufm__reduced_value(ufm__reduced *reduced, const double *x, double *g);

/* The plain point of x'. */
void ufm__reduced_to_plain(const ufm__reduced *reduced, const double *x,
                           double *plain);

/* |gradient| over the larger of its parts at x', as in <ufm/solve.h>. */
double ufm__reduced_relative_gradient(const ufm__reduced *reduced, double floor,
                                      const double *x, const double *g);

#endif
