/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective in double precision, in balanced variables
     W_m = sqrt(kappa/lambda_m) W'_m,  h_j = sqrt(kappa/(lambda_H nu_j)) h'_j,
     kappa = Lam^{1/L},  L = M + 1,
   where every penalty is (kappa/2)|.|^2 and W_M...W_1 h_j =
   W'_M...W'_1 h'_j / sqrt(nu_j).  It steers refinement and finds starting
   points; nothing that is claimed rests on it. */
#ifndef UFM_VERIFY_CURVATURE_H
#define UFM_VERIFY_CURVATURE_H

#include "verify/model.h"

typedef struct ufm__curvature {
  const ufm__model *model;
  double kappa;
  double *scale_w; /* M: sqrt(kappa/lambda_m) */
  double *scale_h; /* J: sqrt(kappa/(lambda_H nu_j)) */
  double *pi;      /* J */
  double *root_nu; /* J: sqrt(nu_j) */
  double *target;  /* J x K */
  double lambda_b;
  double *x;     /* balanced point */
  double **act;  /* M + 1: J x d_{m+1}; act[0] is the features in x */
  double **back; /* M + 1: gradient of the loss with respect to act[m] */
  double **dact; /* the tangents of both, from m = 1 on */
  double **dback;
  double *p, *E; /* J x K */
} ufm__curvature;

UFM_MUST_CHECK ufm_status ufm__curvature_init(ufm__curvature *out,
                                              const ufm__model *model,
                                              ufm_error *error);
void ufm__curvature_clear(ufm__curvature *c);

/* F at the balanced point x (kept), gradient in g. */
double ufm__curvature_gradient(ufm__curvature *c, const double *x, double *g);

/* Prepares products at the plain MPFR point x whose probabilities and
   residuals are p and E: those keep their relative accuracy this way. */
void ufm__curvature_at(ufm__curvature *c, mpfr_t *x, mpfr_t *p, mpfr_t *E);

/* out = (Hessian at the kept point) v, balanced variables. */
void ufm__curvature_product(ufm__curvature *c, const double *v, double *out);

/* Converts a gradient (plain to balanced): v_i *= scale of variable i. */
void ufm__curvature_scale(const ufm__curvature *c, double *v);

#endif
