/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Minimizers for any GSL program, of GSL's own type: pass them to
 * gsl_multimin_fdfminimizer_alloc.  They know nothing of neural collapse.
 */
#ifndef UFM_MINIMIZE_H
#define UFM_MINIMIZE_H

#include <gsl/gsl_multimin.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Limited-memory BFGS with a strong-Wolfe line search.
 *
 * gsl_multimin_fdfminimizer_set takes `step_size`, the length of the first
 * step, and `tol` in (0, 1), the curvature constant of the line search (0.9 is
 * usual here; smaller searches more exactly).  One iterate call is one line
 * search.  Returns GSL_SUCCESS, GSL_ENOPROG when no better point can be told
 * apart in double precision (the point is kept), GSL_EBADFUNC when the function
 * or its gradient is not finite at every step tried, GSL_EINVAL for a bad tol.
 * Near the rounding floor of the function it accepts steps by their slopes
 * (approximate Wolfe conditions, Hager and Zhang 2005), so gradients go on
 * falling after function values have stopped to differ.
 * Memory: 21 pairs of vectors and three more, allocated once; nothing in
 * iterations.
 */
UFM_API extern const gsl_multimin_fdfminimizer_type *const ufm_minimizer_lbfgs;

#ifdef __cplusplus
}
#endif

#endif
