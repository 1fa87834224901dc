/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_REFINE_CG_H
#define UFM_VERIFY_REFINE_CG_H

#include "verify/curvature.h"

/* Solves (Hessian kept in c) x = right by conjugate gradients from 0, to
   relative residual 1e-13 or as far as rounding allows; `work` has 3 n numbers.
   The Hessian is singular along rotations of the features, unused width and a
   shift of the bias; iterates started at 0 stay in the Krylov space of the
   right-hand side, so the step has no part along those.  Stops at a direction
   of clearly negative curvature, keeping what it has; returns false if it met
   one. */
bool ufm__refine_cg(ufm__curvature *c, const double *right, double *x,
                    double *work);

#endif
