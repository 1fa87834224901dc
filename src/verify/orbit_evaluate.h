/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probabilities, residuals and gradient of an invariant point in MPFR, rounded
   to nearest, without error bounds. */
#ifndef UFM_VERIFY_ORBIT_EVALUATE_H
#define UFM_VERIFY_ORBIT_EVALUATE_H

#include "verify/fixed.h"
#include "verify/orbit_model.h"

typedef struct ufm__orbit_evaluation {
  const ufm__orbit_model *model;
  mpfr_prec_t bits;
  mpfr_t *share;   /* C: N_c pi_c */
  mpfr_t *p;       /* C (G + 2): softmax (ce) or outputs (mse) */
  mpfr_t *E;       /* C (G + 2): t - p */
  mpfr_t *sum;     /* C x G: -N_c pi_c times the sum of E over each group */
  mpfr_t *pull;    /* C x 2: R_cl (doc/orbits.md, section 3) */
  mpfr_t *scratch; /* 4 */
  ufm__fixed left, right; /* factors of products */
} ufm__orbit_evaluation;

UFM_MUST_CHECK ufm_status ufm__orbit_evaluation_init(
    ufm__orbit_evaluation *out, const ufm__orbit_model *model, mpfr_prec_t bits,
    ufm_error *error);
void ufm__orbit_evaluation_clear(ufm__orbit_evaluation *ev);

/* p, E, sum and pull at x.  O(G C r). */
void ufm__orbit_evaluate(ufm__orbit_evaluation *ev, mpfr_t *x);

/* After that, the gradient at x (doc/orbits.md, section 3). */
void ufm__orbit_gradient(ufm__orbit_evaluation *ev, mpfr_t *x, mpfr_t *out);

#endif
