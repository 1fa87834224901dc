/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian on invariant points, in double precision and balanced variables
   (doc/orbits.md, section 3).  It steers refinement; nothing that is claimed
   rests on it. */
#ifndef UFM_VERIFY_ORBIT_CURVATURE_H
#define UFM_VERIFY_ORBIT_CURVATURE_H

#include "verify/orbit_evaluate.h"

typedef struct ufm__orbit_curvature {
  const ufm__orbit_model *model;
  double kappa;
  double *scale; /* size: x_i = scale_i x'_i; 0 for contrasts of one class */
  double *ridge; /* G: curvature of the penalty of b'_g */
  double *pi;    /* G */
  double *x;     /* size: the point, plain */
  double *p;     /* G (G + 1) */
  double *pull;  /* G: (K_g - 1) pi_g (E_own - E_in) */
  double *sum;   /* G x G: -pi_g times the sums of E over blocks */
  double *dx;    /* size: plain tangent */
  double *dz;    /* G x G: tangents of v_f . y_g, then of sum */
  double *dy;    /* G + 1: tangents of one column */
} ufm__orbit_curvature;

UFM_MUST_CHECK ufm_status ufm__orbit_curvature_init(
    ufm__orbit_curvature *out, const ufm__orbit_model *model, ufm_error *error);
void ufm__orbit_curvature_clear(ufm__orbit_curvature *c);

/* Keeps the point x that `ev` was evaluated at. */
void ufm__orbit_curvature_at(ufm__orbit_curvature *c, mpfr_t *x,
                             const ufm__orbit_evaluation *ev);

/* out = (Hessian there) v.  O(G^2 r). */
void ufm__orbit_curvature_product(ufm__orbit_curvature *c, const double *v,
                                  double *out);

#endif
