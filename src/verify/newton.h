/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton refinement of a stationary point with an MPFR residual: iterative
   refinement in the sense of Wilkinson, with a double-precision Hessian as
   approximate inverse. */
#ifndef UFM_VERIFY_NEWTON_H
#define UFM_VERIFY_NEWTON_H

#include <stddef.h>

#include <ufm/verify.h>

/* What is refined: a function of `size` numbers, its gradient in MPFR and its
   Hessian in double precision, the latter in balanced variables x', x_i =
   scale_i x'_i, in which the penalties have curvature kappa. */
typedef struct ufm__newton_system {
  void *context;
  size_t size;
  double kappa;
  /* r = gradient at x, computed with `bits`; keeps the Hessian there */
  ufm_status (*gradient)(void *context, mpfr_t *x, mpfr_prec_t bits, mpfr_t *r,
                         ufm_error *error);
  /* v_i *= scale_i */
  void (*scale)(void *context, double *v);
  /* out = Hessian v, balanced */
  void (*product)(void *context, const double *v, double *out);
  /* restores what is exact in x after its precision changed; may be NULL */
  void (*settle)(void *context, mpfr_t *x);
  /* z = P r, balanced, P positive definite and near the inverse of the Hessian;
     may be NULL */
  void (*precondition)(void *context, const double *r, double *z);
} ufm__newton_system;

/* Refines `start` until -log10(|gradient|/kappa) reaches `digits`.  The
   `columns` of the result are left to the caller. */
UFM_MUST_CHECK ufm_status ufm__newton(ufm_refinement **out,
                                      const ufm__newton_system *system,
                                      mpfr_t *start, double digits,
                                      ufm_error *error);

/* Solves (Hessian + shift) x = right (balanced) by conjugate gradients from 0,
   to relative residual 1e-13 or as far as rounding allows; `work` has 4 size
   numbers.  The Hessian is singular along rotations of the features, unused
   width and a shift of the bias; iterates started at 0 stay in the Krylov space
   of the right-hand side, so the step has no part along those.  Stops at a
   direction of clearly negative curvature, keeping what it has; returns false
   if it met one. */
bool ufm__newton_cg(const ufm__newton_system *system, double shift,
                    const double *right, double *x, double *work);

#endif
