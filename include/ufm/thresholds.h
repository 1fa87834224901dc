/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Where the geometry of the global optimum changes as the regularisation grows.
 *
 * The penalties of a problem are read as a direction: all lambdas of weight
 * matrices and features are multiplied by one scale s > 0 (lambda_b is not),
 * and the thresholds are values of s.  Lam scales with s^L, L = M + 1, so every
 * threshold is a root s = (value)^{1/L}; `value` is rational wherever the
 * theory says so, and then the threshold is known exactly.
 *
 * Derivations: doc/phase.md (squared error at any depth: section 2; merging
 * and total collapse for depth 1: section 3).
 */
#ifndef UFM_THRESHOLDS_H
#define UFM_THRESHOLDS_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What happens at a threshold: X(enumerator, name, meaning). */
#define UFM_CHANGE_LIST(X)                                                     \
  X(UFM_CHANGE_CLASS, "class",                                                 \
    "classifier rows and features of the classes with this count vanish")      \
  X(UFM_CHANGE_MERGE, "merge",                                                 \
    "the classes with this count become equal (minority collapse)")            \
  X(UFM_CHANGE_DIRECTION, "direction",                                         \
    "singular directions of the logits vanish")                                \
  X(UFM_CHANGE_TOTAL, "total", "the zero point becomes optimal")               \
  X(UFM_CHANGE_CANDIDATE, "candidate",                                         \
    "another named candidate becomes the best of them")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_change { UFM_CHANGE_LIST(UFM_ENUM_MEMBER) } ufm_change;
#undef UFM_ENUM_MEMBER

/** Names ("merge") and meanings; static strings. */
UFM_API const char *ufm_change_name(ufm_change change);
UFM_API const char *ufm_change_meaning(ufm_change change);

/** One threshold: above it in s the change has happened. */
typedef struct ufm_threshold {
  ufm_change change;
  size_t count;          /**< n_k of the classes concerned; 0 when the change
                              belongs to no single count */
  size_t multiplicity;   /**< singular directions that vanish */
  bool jump;             /**< true: they vanish from a positive size (M >= 2) */
  bool exact;            /**< s^L is the rational `value` */
  mpq_t value;           /**< s^L when exact, else 0 */
  const char *from, *to; /**< of a change of candidate: families of
                            <ufm/families.h> or "zero"; else NULL; static */
  mpfr_t lower, upper;   /**< lower <= s <= upper, proved */
} ufm_threshold;

/** The thresholds of a problem, ascending in s. */
typedef struct ufm_thresholds {
  size_t L; /**< M + 1 */
  size_t count;
  ufm_threshold *at; /**< count entries */
} ufm_thresholds;

/**
 * All thresholds that are known in closed form, enclosed to about `digits`
 * significant digits (1 to 100000).
 *
 *   mse, any depth and widths, bias none or free: every singular direction;
 *   mse and ce, M = 1, width at least the rank of the optimum, any bias:
 *     merging of the classes with equal counts;
 *   ce, M = 1, width >= K - 1, bias none or free: the zero point;
 *   ce, M >= 2, K >= 3, balanced one-hot, bias none or free: where the best of
 *     the named candidates changes, down to 10^-9 of the largest such scale;
 *     proved of the candidates, not of the optimum.
 *
 * UFM_EUNSUPPORTED with the reason when none is known (other deep cross
 * entropy, widths below the rank, a fixed classifier).  O(K^3) operations.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_thresholds_enclose(ufm_thresholds **out, const ufm_problem *problem,
                       size_t digits, ufm_error *error);

/** Frees thresholds; NULL is allowed. */
UFM_API void ufm_thresholds_free(ufm_thresholds *thresholds);

#ifdef __cplusplus
}
#endif

#endif
