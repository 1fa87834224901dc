/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Solving a problem with interchangeable classes by its groups alone.
 *
 * The minimum over all points is attained by one that treats interchangeable
 * classes alike (<ufm/orbits.h>), so it is enough to minimise over those: the
 * cost depends on the numbers of groups and of orbits of columns and on nothing
 * else.  This *assumes* the symmetry of the optimum, which doc/orbits.md
 * proves; ufm_solve does not, and the two agree.
 */
#ifndef UFM_REDUCE_H
#define UFM_REDUCE_H

#include <stdbool.h>

#include <ufm/geometry.h>
#include <ufm/orbits.h>
#include <ufm/problem.h>
#include <ufm/solve.h>
#include <ufm/spec.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** When to reduce: X(enumerator, name, meaning). */
#define UFM_REDUCE_LIST(X)                                                     \
  X(UFM_REDUCE_AUTO, "auto",                                                   \
    "orbits where that is exact, classes times classes and columns together "  \
    "are at least 32768 (128 classes with labels), classes and columns at "    \
    "least four times groups and orbits of columns, and no start, method or "  \
    "number of starts is set")                                                 \
  X(UFM_REDUCE_ORBITS, "orbits", "always; an error where it is not exact")     \
  X(UFM_REDUCE_NONE, "none", "never")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_reduce { UFM_REDUCE_LIST(UFM_ENUM_MEMBER) } ufm_reduce;
#undef UFM_ENUM_MEMBER

/**
 * Reads the option `reduce` of `spec` (auto by default) and decides: *out is
 * true when the problem is to be solved by ufm_reduce_solve.  UFM_EINVAL for an
 * unknown name, or when orbits are asked for and are not exact, or together
 * with a start, a method or several starts; UFM_ERANGE when they are asked for
 * and would not fit in memory.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_reduce_decide(bool *out,
                                                    const ufm_problem *problem,
                                                    const ufm_spec *spec,
                                                    ufm_error *error);

/**
 * Minimises over the points that treat interchangeable classes alike, from one
 * spectral start, in balanced variables, by lbfgs, and by newton, with blocks
 * of columns as a preconditioner, after 200 iterations or where lbfgs stalls;
 * of the settings, tol (lowered to 1e-12), max_iter and progress are used, with
 * their meaning in ufm_solve.  The reduced problem has no other minima
 * (doc/orbits.md).  The solution has neither layout
 * nor theta but orbits: ufm_reduce_expand makes a full point of them.  Errors:
 * what ufm_orbits_new returns; UFM_EINVAL for bad settings; UFM_ENAN on
 * overflow.  O(G C r) per evaluation and Hessian product, O(C (G r^2 + r^3))
 * more per iteration of newton.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_reduce_solve(ufm_solution **out, const ufm_problem *problem,
                 const ufm_solve_settings *settings, ufm_error *error);

/**
 * theta = a full point with the same logits and objective, in the order of
 * `layout`, which must be that of the problem.  Groups whose contrasts are 0
 * take no dimensions.  UFM_EDIM for another layout.  O(size of the point).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_reduce_expand(const ufm_orbits *orbits,
                                                    const ufm_layout *layout,
                                                    double *theta,
                                                    ufm_error *error);

/**
 * Writes the expanded point of `problem` as ufm_point_save does.  UFM_ERANGE,
 * with the size, when it would not fit in the memory of this machine.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_reduce_save(const ufm_orbits *orbits,
                                                  const ufm_problem *problem,
                                                  const char *prefix,
                                                  ufm_error *error);

/**
 * Measures an invariant point without expanding it; otherwise like
 * ufm_geometry_measure, whose `gof_t` it takes too (its first K numbers, which
 * must be constant on groups).  O(G^2 (G + C) + K).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_reduce_geometry(
    ufm_geometry **out, const ufm_problem *problem, const ufm_orbits *orbits,
    const double *gof_t, ufm_error *error);

/**
 * Orbit `column` of columns at an invariant point: *norm_h = |h| of each, mark
 * = logits of its marks, bias included (one or two are set), rest = G logits of
 * the unmarked classes of each group.  O(G r).
 */
UFM_API void ufm_reduce_column(const ufm_orbits *orbits, size_t column,
                               double *norm_h, double mark[2], double *rest);

/**
 * out[g] = the singular value of H diag(nu)^{1/2} on the contrasts of group g,
 * K_g - 1 times; |w_g| times that is the one of Z diag(nu)^{1/2}.  O(C).
 */
UFM_API void ufm_reduce_contrasts(const ufm_orbits *orbits, double *out);

#ifdef __cplusplus
}
#endif

#endif
