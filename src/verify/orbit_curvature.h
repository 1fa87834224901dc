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
  double *scale; /* size: x_i = scale_i x'_i; 0 for contrasts that are none */
  double *ridge; /* G: curvature of the penalty of b'_g */
  double *share; /* C: N_c pi_c */
  double *x;     /* size: the point, plain */
  double *p;     /* C (G + 2): times how many classes have it; ones for mse */
  double *pull;  /* C x 2: R_cl */
  double *sum;   /* C x G: as in the evaluation */
  double *dx;    /* size: plain tangent */
  double *dz;    /* C x G: tangents of v_f . y_c, then of sum */
} ufm__orbit_curvature;

UFM_MUST_CHECK ufm_status ufm__orbit_curvature_init(
    ufm__orbit_curvature *out, const ufm__orbit_model *model, ufm_error *error);
void ufm__orbit_curvature_clear(ufm__orbit_curvature *s);

/* Keeps the point x that `ev` was evaluated at. */
void ufm__orbit_curvature_at(ufm__orbit_curvature *s, mpfr_t *x,
                             const ufm__orbit_evaluation *ev);

/* out = (Hessian there) v.  O(G C r). */
void ufm__orbit_curvature_product(ufm__orbit_curvature *s, const double *v,
                                  double *out);

#endif
