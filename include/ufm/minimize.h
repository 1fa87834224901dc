/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Minimizers for any GSL program, of GSL's own type: pass them to
 * gsl_multimin_fdfminimizer_alloc.  They know nothing of neural collapse.
 */
#ifndef UFM_MINIMIZE_H
#define UFM_MINIMIZE_H

#include <stddef.h>

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
 * Memory: 21 pairs of vectors and four more, allocated once; nothing in
 * iterations.
 */
UFM_API extern const gsl_multimin_fdfminimizer_type *const ufm_minimizer_lbfgs;

/** A preconditioner: P symmetric positive definite, close to the inverse of the
    Hessian.  Functions return GSL_SUCCESS or an error code, which ends the
    iteration. */
typedef struct ufm_preconditioner {
  /** Prepares P for the point x: once per iteration; may be NULL. */
  int (*prepare)(const gsl_vector *x, void *params);
  /** z = P r. */
  int (*apply)(const gsl_vector *r, void *params, gsl_vector *z);
  void *params;
} ufm_preconditioner;

/**
 * Gives a minimizer of type ufm_minimizer_lbfgs or ufm_minimizer_newton a
 * preconditioner (copied), before or after gsl_multimin_fdfminimizer_set; it
 * stays until the next call, NULL takes it away.  L-BFGS builds on a multiple
 * of P instead of the identity, two applications per iteration, and first tries
 * the whole step -P g where that is shorter than `step_size`.  When P changes
 * with the point (`prepare` is not NULL) it keeps 4 pairs instead of 20: what
 * pairs add to P is soon out of date.  GSL_EINVAL for a minimizer of another
 * type.
 */
UFM_API int
ufm_minimizer_set_preconditioner(gsl_multimin_fdfminimizer *minimizer,
                                 const ufm_preconditioner *preconditioner);

/**
 * Trust-region Newton method: steps by preconditioned conjugate gradients that
 * stop at the boundary of the region or at negative curvature (Steihaug, SIAM
 * J. Numer. Anal. 20, 1983), forcing terms of Eisenstat and Walker (SIAM J.
 * Sci. Comput. 17, 1996, choice 2), so convergence is quadratic up to the
 * rounding floor when Hessian products are exact.
 *
 * gsl_multimin_fdfminimizer_set takes `step_size`, the first radius (Euclidean,
 * along the first direction), and `tol` in (0, 1), the largest forcing term: a
 * step is solved for to a residual of at most tol |gradient|.  0.5 is usual.
 * One iterate call moves to one better point; a step that is too long is
 * shortened along its line, which costs an evaluation and no product.  GSL's
 * function struct has no Hessian: give products with ufm_newton_set_hessian;
 * otherwise they are differences of gradients, one gradient each, good to about
 * half the digits.  The region is measured in the norm of the inverse of the
 * preconditioner.
 *
 * Directions in which the Hessian is zero to rounding (an invariance of f) are
 * left alone.  A point with a zero gradient is kept even when it is a saddle.
 * Near the rounding floor of f steps are judged by gradients, as
 * ufm_minimizer_lbfgs judges them.
 * Returns GSL_SUCCESS; GSL_ENOPROG when no better point can be told apart,
 * GSL_EBADFUNC when the function or a product is not finite at every step
 * tried, what a product or the preconditioner returned when it failed: the
 * point is kept, and ufm_newton_report says more; GSL_EINVAL for a bad tol or
 * step_size. Memory: nine vectors, allocated once; nothing in iterations.
 */
UFM_API extern const gsl_multimin_fdfminimizer_type *const ufm_minimizer_newton;

/**
 * Gives a minimizer of type ufm_minimizer_newton exact Hessian products, before
 * or after gsl_multimin_fdfminimizer_set; they stay until the next call.
 * `hessian` writes (Hessian of f at x) v to out and returns GSL_SUCCESS or an
 * error code; calls with the same x follow each other.  NULL returns to
 * differences.  GSL_EINVAL for a minimizer of another type.
 */
UFM_API int
ufm_newton_set_hessian(gsl_multimin_fdfminimizer *minimizer,
                       int (*hessian)(const gsl_vector *x, void *params,
                                      const gsl_vector *v, gsl_vector *out),
                       void *params);

/** How the last iteration went: X(enumerator, name, meaning). */
#define UFM_NEWTON_LIST(X)                                                     \
  X(UFM_NEWTON_NEW, "new", "no iteration yet")                                 \
  X(UFM_NEWTON_INTERIOR, "interior", "a Newton step inside the region")        \
  X(UFM_NEWTON_BOUNDARY, "boundary", "a step to the boundary of the region")   \
  X(UFM_NEWTON_CURVATURE, "curvature", "a step along negative curvature")      \
  X(UFM_NEWTON_FLAT, "flat", "a step that left out flat directions")           \
  X(UFM_NEWTON_SHORTENED, "shortened", "a step that had to be shortened")      \
  X(UFM_NEWTON_ZERO_GRADIENT, "zero-gradient", "the gradient is zero")         \
  X(UFM_NEWTON_FLOOR, "floor",                                                 \
    "the step promises less than rounding hides, and lowers no gradient")      \
  X(UFM_NEWTON_NO_DECREASE, "no-decrease",                                     \
    "no step along the direction lowers the function: its gradient or the "    \
    "products are wrong")                                                      \
  X(UFM_NEWTON_NOT_FINITE, "not-finite",                                       \
    "the function or a product is not finite")                                 \
  X(UFM_NEWTON_OPERATOR, "operator",                                           \
    "a product or the preconditioner returned an error")

#define UFM_NEWTON_MEMBER(name, text, help) name,
typedef enum ufm_newton_outcome {
  UFM_NEWTON_LIST(UFM_NEWTON_MEMBER)
} ufm_newton_outcome;
#undef UFM_NEWTON_MEMBER

/** Name ("interior") and meaning of an outcome; static strings. */
UFM_API const char *ufm_newton_outcome_name(ufm_newton_outcome outcome);
UFM_API const char *ufm_newton_outcome_meaning(ufm_newton_outcome outcome);

/** What a Newton minimizer did since gsl_multimin_fdfminimizer_set. */
typedef struct ufm_newton_report {
  ufm_newton_outcome outcome; /**< of the last iteration */
  size_t products;            /**< Hessian products, differences included */
  size_t rejected;            /**< points tried and not taken */
  double radius;              /**< of the region, in the norm it is measured */
} ufm_newton_report;

/** Fills *report; GSL_EINVAL for a minimizer of another type. */
UFM_API int ufm_newton_report_get(const gsl_multimin_fdfminimizer *minimizer,
                                  ufm_newton_report *report);

#ifdef __cplusplus
}
#endif

#endif
