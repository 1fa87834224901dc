/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * What is minimised, exactly: the unconstrained features model
 *
 *   F(W_1..W_M, H, b) = sum_j pi_j loss(z_j + b, t_j)
 *                     + sum_m (lambda_m / 2) |W_m|_F^2
 *                     + (lambda_H / 2) sum_j nu_j |h_j|^2 + (lambda_b/2) |b|^2
 *   z_j = W_M ... W_1 h_j,   h_j in R^{d_1},   W_m in R^{d_{m+1} x d_m},
 *   d_{M+1} = K.
 *
 * W_1 is next to the features, W_M is the classifier.  A problem is immutable;
 * it copies everything it is given.  Counts are integers and penalties are
 * rationals, so thresholds and certificates are exact.
 */
#ifndef UFM_PROBLEM_H
#define UFM_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

#include <ufm/columns.h>
#include <ufm/mixing.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Loss of one column: X(enumerator, name, formula). */
#define UFM_LOSS_LIST(X)                                                       \
  X(UFM_LOSS_MSE, "mse", "|z + b - t|^2 / 2")                                  \
  X(UFM_LOSS_CE, "ce", "-sum_k t_k log softmax(z + b)_k")

/** Bias: X(enumerator, name, meaning). */
#define UFM_BIAS_LIST(X)                                                       \
  X(UFM_BIAS_NONE, "none", "b = 0")                                            \
  X(UFM_BIAS_FREE, "free", "b optimised without penalty")                      \
  X(UFM_BIAS_RIDGE, "ridge", "b optimised with penalty lambda_b > 0")

/** Targets: X(enumerator, name, meaning). */
#define UFM_TARGETS_LIST(X)                                                    \
  X(UFM_TARGETS_ONEHOT, "onehot", "t = e_k")                                   \
  X(UFM_TARGETS_SMOOTH, "smooth", "t = (1 - eps) e_k + eps/K 1")               \
  X(UFM_TARGETS_MIXUP, "mixup", "t = lam e_i + (1 - lam) e_j")                 \
  X(UFM_TARGETS_FILE, "file", "any columns, from a .npy file")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_loss { UFM_LOSS_LIST(UFM_ENUM_MEMBER) } ufm_loss;
typedef enum ufm_bias { UFM_BIAS_LIST(UFM_ENUM_MEMBER) } ufm_bias;
typedef enum ufm_targets { UFM_TARGETS_LIST(UFM_ENUM_MEMBER) } ufm_targets;
#undef UFM_ENUM_MEMBER

/**
 * Everything that defines a problem.  Pointers are read during the call only.
 */
typedef struct ufm_problem_settings {
  ufm_loss loss;
  ufm_bias bias;
  size_t K;              /**< classes, at least 2 */
  const size_t *counts;  /**< K sample counts, each at least 1 */
  size_t M;              /**< number of weight matrices, at least 1 */
  const size_t *widths;  /**< d_1..d_M, each at least 1 */
  const mpq_t *lambda_w; /**< lambda_1..lambda_M, each > 0; may be NULL with a
                              fixed classifier: no term for it */
  mpq_srcptr lambda_h;   /**< lambda_H > 0 */
  mpq_srcptr lambda_b;   /**< lambda_b > 0 for UFM_BIAS_RIDGE, else NULL */
  ufm_targets targets;
  mpq_srcptr smoothing; /**< eps in [0, 1) for UFM_TARGETS_SMOOTH, else NULL */
  const ufm_mixing *mixing; /**< for UFM_TARGETS_MIXUP, else not read */
  /** UFM_TARGETS_FILE: K x columns, row by row, each column a probability
      vector to 1e-9; it is divided by its sum, exactly. */
  const double *target;
  const double *target_weight; /**< columns numbers > 0, divided by their sum;
                                    NULL: equal weights */
  size_t columns;              /**< of `target`, at least 1 */
  bool unmerged; /**< keep one column per sample instead of per class; labels
                      and label smoothing only */
  mpq_srcptr multiplier; /**< fixes W to a simplex ETF W W^T = m^2 (I - J/K),
                              m > 0; depth 1, width >= K - 1; NULL: free */
} ufm_problem_settings;

/** An immutable problem. */
typedef struct ufm_problem ufm_problem;

/**
 * Builds a problem.  Errors: UFM_EINVAL with the setting that is wrong, what
 * it is and what it must be; UFM_ERANGE when a size overflows; UFM_ENOMEM.
 * On failure *out is NULL.  O(columns).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_problem_new(
    ufm_problem **out, const ufm_problem_settings *settings, ufm_error *error);

/** Frees a problem; NULL is allowed. */
UFM_API void ufm_problem_free(ufm_problem *problem);

UFM_API ufm_loss ufm_problem_loss(const ufm_problem *problem);
UFM_API ufm_bias ufm_problem_bias(const ufm_problem *problem);
UFM_API ufm_targets ufm_problem_targets(const ufm_problem *problem);

/** K, the number of classes. */
UFM_API size_t ufm_problem_classes(const ufm_problem *problem);

/** N, the number of samples: the sum of the counts. */
UFM_API size_t ufm_problem_samples(const ufm_problem *problem);

/** The K sample counts n_k, in the order they were given. */
UFM_API const size_t *ufm_problem_counts(const ufm_problem *problem);

/** M, the number of weight matrices. */
UFM_API size_t ufm_problem_depth(const ufm_problem *problem);

/** d_m for m = 1..M+1; d_{M+1} = K. */
UFM_API size_t ufm_problem_width(const ufm_problem *problem, size_t m);

/** R = min(K, d_1, ..., d_M), the largest rank of the logits. */
UFM_API size_t ufm_problem_rank_limit(const ufm_problem *problem);

/** lambda_m for m = 1..M, exactly. */
UFM_API mpq_srcptr ufm_problem_lambda_w(const ufm_problem *problem, size_t m);

/** lambda_H, exactly. */
UFM_API mpq_srcptr ufm_problem_lambda_h(const ufm_problem *problem);

/** lambda_b, exactly; NULL unless the bias is ridge. */
UFM_API mpq_srcptr ufm_problem_lambda_b(const ufm_problem *problem);

/** eps of label smoothing; NULL unless the targets are smooth. */
UFM_API mpq_srcptr ufm_problem_smoothing(const ufm_problem *problem);

/** The law of mixup targets, `same` set; NULL for other targets. */
UFM_API const ufm_mixing *ufm_problem_mixing(const ufm_problem *problem);

/** m of a fixed simplex ETF W W^T = m^2 (I - J/K); NULL when W is free. */
UFM_API mpq_srcptr ufm_problem_multiplier(const ufm_problem *problem);

/** Lam = lambda_1 ... lambda_M lambda_H, exactly; `out` is initialised. */
UFM_API void ufm_problem_lambda_product(const ufm_problem *problem, mpq_t out);

/** True when each column stands for one class, false for one per sample. */
UFM_API bool ufm_problem_merged(const ufm_problem *problem);

/** Targets, weights and multiplicities; lives as long as the problem.  J is 0
    for a mixup law with more than 4,000,000 columns. */
UFM_API const ufm_columns *ufm_problem_columns(const ufm_problem *problem);

/**
 * Groups of classes with equal counts.  The classes of a group are
 * interchangeable, so every quantity that is unique is constant on groups.
 * With targets from a file nothing is known: every class is its own group.
 */
typedef struct ufm_groups {
  size_t G;      /**< number of groups */
  size_t *of;    /**< K: group of each class */
  size_t *count; /**< G: common n_k, descending, strictly but for a file */
  size_t *size;  /**< G: number of classes in the group */
} ufm_groups;

/** The groups of a problem; lives as long as the problem. */
UFM_API const ufm_groups *ufm_problem_groups(const ufm_problem *problem);

/** Names of the enumerators ("mse", "free", "onehot"); static strings. */
UFM_API const char *ufm_loss_name(ufm_loss loss);
UFM_API const char *ufm_bias_name(ufm_bias bias);
UFM_API const char *ufm_targets_name(ufm_targets targets);

#ifdef __cplusplus
}
#endif

#endif
