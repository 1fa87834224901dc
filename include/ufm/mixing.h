/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Mixup: the law of the mixing value and of the pairs of classes.
 *
 * Two classes i, j are drawn with their frequencies n_k/N and a mixing value
 * lam from a law; the target is lam e_i + (1 - lam) e_j.  Pairs are ordered, so
 * any law is exchangeable between i and j.  The nodes and weights *are* the
 * problem, exactly: decimals are kept as rationals, quadrature nodes as dyadic
 * numbers of 160 bits, and weights are divided by their sum.
 *
 * Derivations: doc/soft-targets.md, sections 1 and 2.
 */
#ifndef UFM_MIXING_H
#define UFM_MIXING_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where nodes come from: X(enumerator, name, meaning). */
#define UFM_MIXING_RULE_LIST(X)                                                \
  X(UFM_MIXING_GRID, "grid", "given one by one")                               \
  X(UFM_MIXING_JACOBI, "jacobi",                                               \
    "Gauss-Jacobi for Beta(alpha, alpha): exact for polynomials")              \
  X(UFM_MIXING_TANH_SINH, "tanh-sinh",                                         \
    "tanh-sinh for Beta(alpha, alpha) folded to [0, 1/2]: resolves the "       \
    "boundary layers of cross entropy")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_mixing_rule {
  UFM_MIXING_RULE_LIST(UFM_ENUM_MEMBER)
} ufm_mixing_rule;
#undef UFM_ENUM_MEMBER

/** Most nodes of a quadrature rule. */
#define UFM_MIXING_MOST 2000

/** Name of a rule ("jacobi"); static string. */
UFM_API const char *ufm_mixing_rule_name(ufm_mixing_rule rule);

/** A law of mixing values. */
typedef struct ufm_mixing {
  ufm_mixing_rule rule;
  size_t nodes;        /**< at least 1 */
  mpq_t *lam;          /**< nodes values in [0, 1], ascending and distinct */
  mpq_t *weight;       /**< nodes weights > 0 of sum exactly 1 */
  mpq_t alpha;         /**< of the Beta law; 0 for a grid */
  mpq_t moment;        /**< A = sum_l w_l (lam_l^2 + (1 - lam_l)^2), exactly */
  double moment_error; /**< |A / ((alpha+1)/(2 alpha+1)) - 1|, the error of the
                            rule for squared error; NaN for a grid */
  bool same_given; /**< whether `same` was set, or follows from the counts */
  mpq_t same;      /**< total weight of same-class pairs, in [0, 1]; in a
                        problem always set */
} ufm_mixing;

/**
 * A law on given values: `lam` in [0, 1], `weight` >= 0 with a positive sum
 * (NULL: equal weights), which are divided by their sum; equal values are
 * merged.  UFM_EINVAL names the node that is out of range.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_mixing_grid(ufm_mixing **out,
                                                  size_t nodes,
                                                  const mpq_t *lam,
                                                  const mpq_t *weight,
                                                  ufm_error *error);

/**
 * Beta(alpha, alpha), 1/1000 <= alpha <= 10000, by `nodes` (1 to
 * UFM_MIXING_MOST) points of a rule other than grid.  tanh-sinh places all of
 * them in [0, 1/2]: with ordered pairs that is the same law.  O(nodes^2)
 * multiprecision operations.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_mixing_beta(ufm_mixing **out,
                                                  mpq_srcptr alpha,
                                                  size_t nodes,
                                                  ufm_mixing_rule rule,
                                                  ufm_error *error);

/** Sets the total weight of same-class pairs, 0 to 1 (UFM_EINVAL). */
UFM_API UFM_MUST_CHECK ufm_status ufm_mixing_set_same(ufm_mixing *mixing,
                                                      mpq_srcptr same,
                                                      ufm_error *error);

/** A copy; UFM_ENOMEM. */
UFM_API UFM_MUST_CHECK ufm_status ufm_mixing_copy(ufm_mixing **out,
                                                  const ufm_mixing *mixing,
                                                  ufm_error *error);

/** Frees a law; NULL is allowed. */
UFM_API void ufm_mixing_free(ufm_mixing *mixing);

#ifdef __cplusplus
}
#endif

#endif
