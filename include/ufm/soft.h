/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Soft targets and cross entropy: the scalar equations behind the optimum.
 *
 * Everything here is about
 *
 *   sum_j pi_j [ CE(W h_j, t_j) + lambda_H/2 |h_j|^2 ] + lambda_W/2 |W|_F^2
 *
 * with sum_j pi_j = 1, no bias and K >= 2 classes, and needs no ufm_problem.
 *
 * 1. A fixed classifier with W W^T = g (I - J/K).  Columns decouple, and with
 *    kappa = lambda_H/g the optimum of a column with target t is
 *      z = (t - p)/kappa,  sum_k z_k = 0,  p = softmax(z),  h = W^T z/g.
 * 2. The best classifier for a law of targets that permutations of the classes
 *    leave unchanged.  It has the same form, and kappa is the root of
 *    E|t - p|^2 = (K - 1) lambda_W lambda_H.
 *
 * A target is given by groups of equal entries: t[a] stands in multiplicity[a]
 * classes, and sum_a multiplicity[a] = K, sum_a multiplicity[a] t[a] = 1.
 *
 * Each comes in double precision (*computed*) and in MPFR to any number of
 * digits from exact rationals (*refined*).  All derivations, with proofs:
 * doc/soft-targets.md, sections 5 and 6, derived here.
 */
#ifndef UFM_SOFT_H
#define UFM_SOFT_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most classes that the functions of this header accept. */
#define UFM_SOFT_MOST_CLASSES 1000000000

/**
 * The Wright omega function of a real argument: the w > 0 with w + log w = x.
 * Relative error below 4e-15 where the result is a normal number; NaN for NaN,
 * 0 for -inf.  Method: Fritsch, Shafer and Crowley, CACM 16 (1973), algorithm
 * 443 (the fourth-order step).
 */
UFM_API double ufm_wright_omega(double x);

/** A column at its optimum for a fixed classifier. */
typedef struct ufm_soft_point {
  double sigma;    /**< log sum_k exp(z_k), at least log K */
  double ce;       /**< CE(z, t) */
  double entropy;  /**< of p, -sum_k p_k log p_k */
  double logit_sq; /**< |z|^2 */
  double residual; /**< |t - p|^2 = kappa^2 |z|^2 */
  double norm_h;   /**< |h| = |z|/sqrt(g) */
  double value;    /**< ce + lambda_H/2 |h|^2, the minimum */
  double gap;      /**< value at z less the dual value at softmax(z), computed
                        as |t - softmax(z) - kappa z|^2/(2 kappa) >= 0 */
  double slope;    /**< d|t - p|^2/d kappa > 0; d value/d kappa is
                        logit_sq/2 */
} ufm_soft_point;

/**
 * Solves one column.  `p`, `z` and `coef` receive n values, one per group:
 * probability, logit, and coefficient, h = sum_k coef_k w_k.  Coefficients are
 * determined up to a common constant; here their least one is 0, and for K = 2
 * their sum.
 *
 * Requires 1 <= n, a target as described above to 1e-9, and
 * 1e-150 <= lambda_h/g <= 1e150; UFM_EINVAL or UFM_ERANGE otherwise.
 * Relative errors: about 5e-15 in sigma and each p and coef (K > 2), 2e-14 in z
 * relative to the larger of max |z| and 1/(1 + kappa).  O(n) times at most 60,
 * usually below 12.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_solve(ufm_soft_point *at, double *p,
                                                 double *z, double *coef,
                                                 size_t n, const double *t,
                                                 const size_t *multiplicity,
                                                 double lambda_h, double g,
                                                 ufm_error *error);

/** Places in the arrays of a pair: classes i and j, and each other class. */
enum { UFM_SOFT_I = 0, UFM_SOFT_J = 1, UFM_SOFT_OTHER = 2 };

/** A column whose target is lam e_i + (1 - lam) e_j.  For K = 2 there is no
 *  other class and its entries are NaN. */
typedef struct ufm_soft_pair {
  ufm_soft_point at;
  double p[3], z[3], coef[3]; /**< as in ufm_soft_solve */
  double dp[3], dz[3];        /**< derivatives of p and z by lam */
} ufm_soft_pair;

/**
 * Solves a pair target, 0 <= lam <= 1 (0 and 1 are the same-class targets e_j
 * and e_i).  Ranges and errors as in ufm_soft_solve; dp and dz have relative
 * error 1e-14.  About a microsecond for any K.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_pair_solve(ufm_soft_pair *out,
                                                      size_t K, double lambda_h,
                                                      double g, double lam,
                                                      ufm_error *error);

/** The same numbers to many digits; `n` groups. */
typedef struct ufm_soft_point_mp {
  size_t n;
  mpfr_prec_t bits; /**< precision of the stored values */
  mpfr_t sigma, ce, entropy, logit_sq, residual, norm_h, value, gap, slope;
  mpfr_t *p, *z, *coef; /**< n each */
  mpfr_t *dp, *dz;      /**< n each: derivatives by lam, of pairs; else NULL */
} ufm_soft_point_mp;

/**
 * Solves one column to `digits` (1 to 100000) significant digits; of a logit
 * relative to the larger of max |z| and 1/(1 + kappa).  `gap` is itself a
 * rounding error.  lambda_h and g are positive; the target is exact and must
 * sum to 1 exactly.  The working precision grows with |log2(lambda_h/g)|, of
 * which at most 100000 bits are allowed (UFM_ERANGE).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_solve_mp(ufm_soft_point_mp **out,
                                                    size_t n, const mpq_t *t,
                                                    const size_t *multiplicity,
                                                    mpq_srcptr lambda_h,
                                                    mpq_srcptr g, size_t digits,
                                                    ufm_error *error);

/** Solves a pair: n = 3 groups in the order of UFM_SOFT_I, UFM_SOFT_J,
 *  UFM_SOFT_OTHER, or 2 when K = 2; otherwise as ufm_soft_solve_mp. */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_pair_solve_mp(
    ufm_soft_point_mp **out, size_t K, mpq_srcptr lambda_h, mpq_srcptr g,
    mpq_srcptr lam, size_t digits, ufm_error *error);

/** Frees a point; NULL is allowed. */
UFM_API void ufm_soft_point_mp_free(ufm_soft_point_mp *point);

/** One target of an exchangeable law; it stands for all its permutations, which
 *  share the weight equally. */
typedef struct ufm_soft_type {
  size_t n;
  mpq_t *t;             /**< n entries */
  size_t *multiplicity; /**< n, of sum K */
  mpq_t weight;         /**< >= 0 */
} ufm_soft_type;

/** A law of targets that permutations of the classes leave unchanged. */
typedef struct ufm_soft_law {
  size_t K;
  size_t types;
  ufm_soft_type
      *type; /**< their weights need not sum to 1; only ratios count */
} ufm_soft_law;

/** An empty law; 2 <= K. */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_law_new(ufm_soft_law **out, size_t K,
                                                   ufm_error *error);

/** Adds a target (entries >= 0 that sum to 1, exactly) with weight >= 0. */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_law_add(ufm_soft_law *law, size_t n,
                                                   const mpq_t *t,
                                                   const size_t *multiplicity,
                                                   mpq_srcptr weight,
                                                   ufm_error *error);

/**
 * Balanced mixup, with label smoothing: (1 - eps) (lam e_i + (1 - lam) e_j)
 * + eps/K.  Type 0 is the same-class target (groups: its class, the others)
 * with weight `same` in [0, 1]; type 1 + l is the pair of `lam[l]` in [0, 1]
 * (groups i, j, others; for K = 2 only i, j) with weight (1 - same)
 * weight[l]/sum weight.  `nodes` may be 0 when same = 1; `weight` NULL means
 * equal weights, `eps` NULL means 0.  Same-class pairs of independent draws:
 * same = 1/K.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_law_mixing(
    ufm_soft_law **out, size_t K, mpq_srcptr same, size_t nodes,
    const mpq_t *lam, const mpq_t *weight, mpq_srcptr eps, ufm_error *error);

/** Phi_inf = (E|t|^2 - 1/K)/(K - 1): W = 0 is optimal if and only if
 *  lambda_W lambda_H >= Phi_inf.  0 for a law without weight. */
UFM_API void ufm_soft_law_threshold(const ufm_soft_law *law, mpq_t out);

/** Frees a law; NULL is allowed. */
UFM_API void ufm_soft_law_free(ufm_soft_law *law);

/** The joint optimum of classifier and features.  Where `collapsed`, W and h
 *  are 0, kappa is inf, g is 0 and every p is 1/K. */
typedef struct ufm_soft_joint {
  size_t K;
  bool collapsed;      /**< decided exactly */
  double threshold;    /**< Phi_inf */
  double kappa;        /**< lambda_H/g */
  double g;            /**< W W^T = g (I - J/K) */
  double norm_w_sq;    /**< |W|_F^2 = (K - 1) g */
  double mean_h_sq;    /**< E|h|^2 = (K - 1) lambda_W g/lambda_H */
  double residual;     /**< E|t - p|^2; (K - 1) lambda_W lambda_H unless
                            collapsed */
  double value;        /**< the minimum, as E[entropy of p]: the dual value */
  double value_primal; /**< the same as E[value] + lambda_W g (K - 1)/2 */
  size_t types;
  ufm_soft_point *at; /**< one per type of the law */
  size_t *start;      /**< types + 1: groups of type a are
                           start[a] .. start[a + 1] - 1 in these arrays: */
  double *p, *z, *coef;
} ufm_soft_joint;

/**
 * Finds the global optimum for feature dimension d >= K - 1.  lambda_w and
 * lambda_h are positive.  kappa must lie in 1e-150 .. 1e150 (UFM_ERANGE).
 * Relative error of kappa about 1e-14, also close to the collapse.  O(groups of
 * all types) times about 100 operations.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_joint_solve(ufm_soft_joint **out,
                                                       const ufm_soft_law *law,
                                                       mpq_srcptr lambda_w,
                                                       mpq_srcptr lambda_h,
                                                       ufm_error *error);

/** Frees a joint optimum; NULL is allowed. */
UFM_API void ufm_soft_joint_free(ufm_soft_joint *joint);

/** The same numbers to many digits. */
typedef struct ufm_soft_joint_mp {
  size_t K;
  bool collapsed;
  mpfr_prec_t bits;
  mpfr_t threshold, kappa, g, norm_w_sq, mean_h_sq, residual, value,
      value_primal;
  size_t types;
  ufm_soft_point_mp **at; /**< one per type of the law */
} ufm_soft_joint_mp;

/** ufm_soft_joint_solve to `digits` (1 to 100000) significant digits, for any
 *  kappa with |log2 kappa| <= 100000. */
UFM_API UFM_MUST_CHECK ufm_status ufm_soft_joint_solve_mp(
    ufm_soft_joint_mp **out, const ufm_soft_law *law, mpq_srcptr lambda_w,
    mpq_srcptr lambda_h, size_t digits, ufm_error *error);

/** Frees a joint optimum; NULL is allowed. */
UFM_API void ufm_soft_joint_mp_free(ufm_soft_joint_mp *joint);

#ifdef __cplusplus
}
#endif

#endif
