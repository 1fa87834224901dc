/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Closed forms of global optima, to any number of digits.
 *
 * Nothing here is found by minimising the objective over factors: every value
 * comes from a theorem, through rational arithmetic, the roots of scalar
 * equations, and MPFR.  The values are *refined* (correct to the digits asked
 * for, by working precision), not *proved* by enclosure.
 */
#ifndef UFM_THEORY_H
#define UFM_THEORY_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a prediction claims: X(enumerator, name, meaning). */
#define UFM_CLAIM_LIST(X)                                                      \
  X(UFM_CLAIM_UNIQUE, "unique",                                                \
    "global optimum proved; logits and Gram matrices are unique")              \
  X(UFM_CLAIM_TIE, "tie", "several global optima at an exact threshold")       \
  X(UFM_CLAIM_TIE_UNDECIDED, "tie_undecided",                                  \
    "threshold not decided at the precision cap")                              \
  X(UFM_CLAIM_DEGENERATE, "degenerate",                                        \
    "the width cuts through equal directions: only spectrum, traces and "      \
    "objective are determined")                                                \
  X(UFM_CLAIM_ZERO, "zero", "the zero solution is proved optimal")             \
  X(UFM_CLAIM_CANDIDATE, "candidate", "best known point, without a proof")

/** State of one singular direction: X(enumerator, name, meaning). */
#define UFM_DIRECTION_LIST(X)                                                  \
  X(UFM_DIRECTION_ACTIVE, "active", "t > 0")                                   \
  X(UFM_DIRECTION_COLLAPSED, "collapsed",                                      \
    "t = 0, strictly past its threshold")                                      \
  X(UFM_DIRECTION_THRESHOLD, "threshold",                                      \
    "t = 0 exactly at its threshold, depth 1: still unique")                   \
  X(UFM_DIRECTION_TIE, "tie",                                                  \
    "exactly at its threshold, depth >= 2: t as listed and t = 0 are both "    \
    "optimal")                                                                 \
  X(UFM_DIRECTION_UNDECIDED, "undecided",                                      \
    "too close to its threshold for the precision cap")                        \
  X(UFM_DIRECTION_RANK_CUT, "rank-cut", "not representable at this width")     \
  X(UFM_DIRECTION_NULL, "null", "the target has no part in this direction")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_claim { UFM_CLAIM_LIST(UFM_ENUM_MEMBER) } ufm_claim;
typedef enum ufm_direction_state {
  UFM_DIRECTION_LIST(UFM_ENUM_MEMBER)
} ufm_direction_state;
#undef UFM_ENUM_MEMBER

/** Names ("unique", "rank-cut"); static strings. */
UFM_API const char *ufm_claim_name(ufm_claim claim);
UFM_API const char *ufm_direction_state_name(ufm_direction_state state);

/**
 * One distinct singular direction of the target and what becomes of it.
 * Directions with equal m in the same state are stored once, with their
 * multiplicity.
 */
typedef struct ufm_direction {
  size_t multiplicity;
  ufm_direction_state state;
  mpfr_t m;           /**< squared singular value of the target less the bias */
  mpfr_t c;           /**< N Lam^{1/L} m^{-M/L}; +inf when m = 0 */
  mpfr_t t;           /**< fraction of the target that is fitted, in [0, 1) */
  mpfr_t one_minus_t; /**< 1 - t, with full relative accuracy */
} ufm_direction;

/**
 * A K x K matrix that permutations within the groups of equal counts leave
 * unchanged: entry (i, k) is block[g(i) G + g(k)], plus extra[g(i)] when i = k.
 */
typedef struct ufm_block_matrix {
  size_t G;
  mpfr_t *block; /**< G x G, row-major */
  mpfr_t *extra; /**< G */
} ufm_block_matrix;

/** A named competitor of a CE problem of depth M >= 2: the best point of a
    family, whose scale and rank are 0 when that is the zero point. */
typedef struct ufm_candidate {
  const char *family;    /**< "zero", "etf", "hypercube", "orthoplex", ... */
  size_t rank;           /**< rank of its logits */
  bool scaled;           /**< false for the zero point, which has no scale */
  mpfr_t scale;          /**< its scale (alpha, beta, a or s) */
  mpfr_t singular_value; /**< common nonzero singular value of Z */
  mpfr_t objective;
} ufm_candidate;

/**
 * The optimum of a column whose target is lam e_i + (1 - lam) e_j before
 * smoothing, when W W^T = g (I - J/K): h = coef_wi w_i + coef_wj w_j, all other
 * classes 0 (for K = 2, where w_j = -w_i, coef_wj = -coef_wi).
 */
typedef struct ufm_pair {
  bool same;       /**< a same-class pair: lam = 1, and j is any other class */
  mpfr_t lam;      /**< mixing value */
  mpfr_t weight;   /**< total weight of such columns */
  mpfr_t p_i, p_j; /**< probabilities; NaN for squared error */
  mpfr_t coef_wi, coef_wj;
  mpfr_t norm_h;
  mpfr_t value; /**< loss and feature penalty of the column */
} ufm_pair;

/** The optimum of a column with any target, when W W^T = g (I - J/K). */
typedef struct ufm_column_optimum {
  mpfr_t weight, norm_h, value;
  mpfr_t *p, *z; /**< K probabilities and logits (p NULL for squared error) */
} ufm_column_optimum;

/** A closed form evaluated for one problem.  Arrays are NULL when absent. */
typedef struct ufm_prediction {
  const char *theorem; /**< short name, the name of a ufm_theorem */
  const char *source;  /**< paper and statement, or "derived here" */
  ufm_claim claim;
  char *note; /**< one sentence on ties, cuts, ...; NULL if none */
  size_t K, M;
  size_t digits;    /**< significant decimal digits that are correct */
  mpfr_prec_t bits; /**< working precision of the stored values */
  size_t rank;      /**< rank of Z (the largest one if tied) */
  mpfr_t objective;

  size_t directions; /**< MSE only, else 0; descending m */
  ufm_direction *direction;

  /** Nonzero singular values with multiplicity, descending in Z: `spectra`
      distinct values, value s of factor f at sv[f * spectra + s]; f = 0 is Z,
      f = 1..M is W_f, f = M + 1 is H (all columns, samples counted). */
  size_t spectra;
  size_t *sv_multiplicity; /**< spectra */
  mpfr_t *sv;              /**< (M + 2) * spectra */

  bool grams;               /**< true when the matrices below are determined */
  const ufm_groups *groups; /**< of the problem, which must outlive this */
  ufm_block_matrix gram_w;  /**< W_M W_M^T */
  ufm_block_matrix gram_h;  /**< class-mean features, H^T H */
  ufm_block_matrix logits;  /**< Zbar without bias; column k is class k */
  mpfr_t *bias;             /**< G values, constant on groups; NULL if none or
                                 not determined */

  size_t candidates; /**< CE with M >= 2, else 0; best first */
  ufm_candidate *candidate;

  /** Mixup with a simplex ETF classifier, and any targets with a fixed one:
      W W^T = g (I - J/K), kappa = (nu/pi) lambda_H/g (inf when g = 0). */
  bool etf;
  mpfr_t kappa, g;
  size_t pairs; /**< values of the law, then the same-class pairs if any */
  ufm_pair *pair;
  size_t columns; /**< of targets from a file with a fixed classifier */
  ufm_column_optimum *column;
} ufm_prediction;

/**
 * Finds the theorem that covers `problem` and evaluates it to `digits`
 * significant decimal digits (1 to 100000).  When none applies *out is NULL,
 * the status is UFM_EUNSUPPORTED and the message says why (for example
 * "ce: no closed form for imbalanced counts").  Never returns a value that no
 * theorem covers.  Cost: O(G^2) operations at the working precision, G the
 * number of distinct counts; 3 G^2 numbers of memory when G is large.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_theory_predict(ufm_prediction **out,
                                                     const ufm_problem *problem,
                                                     size_t digits,
                                                     ufm_error *error);

/** Frees a prediction; NULL is allowed. */
UFM_API void ufm_prediction_free(ufm_prediction *prediction);

/** Entry (i, k) of a matrix of the prediction; `out` is initialised. */
UFM_API void ufm_prediction_entry(const ufm_prediction *prediction,
                                  const ufm_block_matrix *matrix, size_t i,
                                  size_t k, mpfr_t out);

/** Norms of the rows behind a Gram matrix of the prediction, one per group of
 *  equal counts: norm[g] = sqrt(entry (k, k)) for k in group g.  `norm` holds
 *  G initialised numbers. */
UFM_API void ufm_prediction_norms(const ufm_prediction *prediction,
                                  const ufm_block_matrix *gram, mpfr_t *norm);

/** Smallest, largest and mean cosine over all pairs i < k of classes whose rows
 *  are not zero; false, with the outputs unchanged, when there is no such pair.
 *  O(G^2). */
UFM_API bool ufm_prediction_cosines(const ufm_prediction *prediction,
                                    const ufm_block_matrix *gram, mpfr_t min,
                                    mpfr_t max, mpfr_t mean);

/** The fractions t_k = (Zbar)_kk when the prediction is a general orthogonal
 *  frame (diagonal logits: MSE, no bias, one-hot targets); false, with t
 *  unchanged, when it is not.  `t` holds K numbers, rounded towards zero and
 *  below 1. */
UFM_API bool ufm_prediction_frame(const ufm_prediction *prediction, double *t);

/** A theorem this build knows. */
typedef struct ufm_theorem {
  const char *name;
  const char *covers; /**< the problems it applies to, in one line */
  const char *source;
} ufm_theorem;

/** Theorem i of this build, in the order the matcher tries them; NULL past the
 *  last one. */
UFM_API const ufm_theorem *ufm_theory_at(size_t i);

#ifdef __cplusplus
}
#endif

#endif
