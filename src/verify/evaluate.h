/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass through the factors in MPFR, rounded to nearest: activations,
   probabilities, residuals, gradient.  No error bounds: what must be proved is
   recomputed with intervals elsewhere. */
#ifndef UFM_VERIFY_EVALUATE_H
#define UFM_VERIFY_EVALUATE_H

#include "verify/fixed.h"
#include "verify/model.h"

/* Workspace at one precision. */
typedef struct ufm__evaluation {
  const ufm__model *model;
  mpfr_prec_t bits;
  mpfr_t **act;   /* act[m], m = 1..M: J x d_{m+1}, row j is W_m...W_1 h_j */
  mpfr_t *p;      /* J x K: softmax of z_j + b (ce), or z_j + b (mse) */
  mpfr_t *E;      /* J x K: t_j - p_j, minus the gradient of the loss */
  mpfr_t *back;   /* J x (largest width) */
  mpfr_t *before; /* the same, for the layer below */
  ufm__fixed left, right; /* factors of a product */
} ufm__evaluation;

UFM_MUST_CHECK ufm_status ufm__evaluation_init(ufm__evaluation *out,
                                               const ufm__model *model,
                                               mpfr_prec_t bits,
                                               ufm_error *error);
void ufm__evaluation_clear(ufm__evaluation *ev);

/* Activations, p and E at the point x.  O(J sum_m d_m d_{m+1}). */
void ufm__evaluate(ufm__evaluation *ev, mpfr_t *x);

/* After ufm__evaluate at x, the gradient of the objective for any depth
   (doc/certificates.md, section 3):
     r_W_m = lambda_m W_m - sum_j pi_j (W_M...W_{m+1})^T E_j (W_{m-1}...h_j)^T,
     r_h_j = lambda_H nu_j h_j - pi_j (W_M...W_1)^T E_j,
     r_b   = -sum_j pi_j E_j [+ lambda_b b]. */
void ufm__gradient(ufm__evaluation *ev, mpfr_t *x, mpfr_t *r);

/* softmax of y (n numbers, stride 1) into p, with `sum` and `top` as scratch */
void ufm__softmax(size_t n, mpfr_t *y, mpfr_t *p, mpfr_prec_t bits);

#endif
