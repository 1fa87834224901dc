/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * The objective in double precision: value, gradient, Hessian product.
 *
 * In plain variables x is the point itself.  In balanced variables every
 * penalty has one coefficient kappa = Lam^{1/L} (L = M + 1 factors, Lam the
 * product of their lambdas):
 *
 *     W_m = sqrt(kappa/lambda_m) W'_m,
 *     h_j = sqrt(kappa/(lambda_H nu_j)) h'_j,
 *
 * so that W_M...W_1 h_j = W'_M...W'_1 h'_j / sqrt(nu_j).  Solvers work there.
 */
#ifndef UFM_OBJECTIVE_H
#define UFM_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/layout.h>
#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Variables an objective is a function of. */
typedef enum ufm_variables {
  UFM_VARIABLES_PLAIN,
  UFM_VARIABLES_BALANCED
} ufm_variables;

/** An objective with its workspace.  One thread at a time. */
typedef struct ufm_objective ufm_objective;

/** How often an objective was asked for what. */
typedef struct ufm_evaluations {
  size_t values;           /**< values, alone or with a gradient */
  size_t gradients;        /**< gradients */
  size_t hessian_products; /**< Hessian products */
} ufm_evaluations;

/**
 * Prepares an objective; the problem must outlive it.  Memory: columns
 * are evaluated in blocks whose activations take 8 MB, or 256 columns if that
 * is more.  The first Hessian product adds a point, up to three such blocks,
 * and 2 J (d_2 + ... + d_M) + J K doubles that depend on the point alone, of
 * which no more than 256 MB are kept.
 * UFM_ERANGE when a point with the vectors of a minimizer and these blocks
 * exceeds the machine's memory, or when a penalty is outside 1e-100 to 1e100.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_objective_new(ufm_objective **out,
                                                    const ufm_problem *problem,
                                                    ufm_variables variables,
                                                    ufm_error *error);

/** Frees an objective; NULL is allowed. */
UFM_API void ufm_objective_free(ufm_objective *objective);

/** Layout of its points; lives as long as the objective. */
UFM_API const ufm_layout *ufm_objective_layout(const ufm_objective *objective);

/** F(x); x has layout->size numbers.  Losses and penalties are added by
    compensated summation.  O(J sum_m d_m d_{m+1}), BLAS 3. */
UFM_API double ufm_objective_value(ufm_objective *objective, const double *x);

/** F(x), and its gradient with respect to x in g.  Twice to thrice a value.
    With a fixed classifier the part of W is 0, here and in the other
    derivatives: W stays what the start says. */
UFM_API double ufm_objective_gradient(ufm_objective *objective, const double *x,
                                      double *g);

/**
 * out = (Hessian of F at x) v.  About two gradients; what depends on x alone is
 * kept between calls with the same x (compared by content) for the columns that
 * 256 MB hold, and costs up to a sixth more for the others at depth 1, a third
 * with many layers.
 * UFM_ENOMEM: the first call could not allocate its tangents.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_objective_hessian(ufm_objective *objective, const double *x,
                      const double *v, double *out, ufm_error *error);

/** True where there is a preconditioner: depth 1, a free classifier, and one
    column per class (samples of labels, hard or smoothed, merged). */
UFM_API bool ufm_objective_preconditioned(const ufm_objective *objective);

/**
 * Prepares ufm_objective_precondition at x.  Gradients gather what it needs
 * from the first call on, which may have x NULL for that alone; where x is the
 * point of the last gradient nothing is evaluated, elsewhere a value is.  O(J
 * K) more for each gradient.  UFM_EUNSUPPORTED where there is none, UFM_ENOMEM.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_objective_precondition_at(
    ufm_objective *objective, const double *x, ufm_error *error);

/** z = P r, P symmetric positive definite and near the inverse of the Hessian
    at the point prepared (doc/mathematics.md, "Preconditioner").  O(size). */
UFM_API void ufm_objective_precondition(const ufm_objective *objective,
                                        const double *r, double *z);

/** out = gradient at x of the penalties alone.  O(size). */
UFM_API void ufm_objective_penalty_gradient(const ufm_objective *objective,
                                            const double *x, double *out);

/** theta = the plain point that x stands for. */
UFM_API void ufm_objective_to_plain(const ufm_objective *objective,
                                    const double *x, double *theta);

/** x = the variables that stand for the plain point theta. */
UFM_API void ufm_objective_from_plain(const ufm_objective *objective,
                                      const double *theta, double *x);

/** Counters since the objective was made. */
UFM_API ufm_evaluations
ufm_objective_evaluations(const ufm_objective *objective);

#ifdef __cplusplus
}
#endif

#endif
