/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Neural-collapse geometry of a point, in double precision (*computed*).
 *
 * Definitions follow section 8 of doc/mathematics.md, which follows the
 * released code of arXiv 2301.00437: W is the product W_M...W_1, Hbar the
 * d_1 x K class means, mu_G the mean over all samples (of mixup: of the class
 * means, by the weights of their columns), R = min(K, d_1..d_M),
 * and a hat means "divided by its own Frobenius norm".  A class mean averages
 * the features of its columns by their weights; class means are defined when
 * every class has a column of its own (for mixup: its pure target).  A value
 * not defined (a zero matrix has no hat, a zero row no cosine, a merged problem
 * no within-class variability) is NaN here and null in records.
 */
#ifndef UFM_GEOMETRY_H
#define UFM_GEOMETRY_H

#include <stddef.h>

#include <ufm/layout.h>
#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Cosines over all pairs i < k of vectors longer than rank_tolerance times the
    longest (shorter ones have collapsed and point nowhere); NaN when there is
    no pair. */
typedef struct ufm_cosines {
  double min, max, mean;
} ufm_cosines;

/**
 * Measures of a point.  The distances to ETF and OF are those to the nearest
 * frame of the rank that the widths allow:
 *
 *     OF    min over P of |hat(X) - P/sqrt(R)|_F, P an orthoprojector of rank R
 *           of R^K: I/sqrt(K) when R = K;
 *     ETF   the same with rank r = min(R, K - 1) and P 1 = 0:
 *           (I - J/K)/sqrt(K - 1) when R >= K - 1.
 *
 * For smaller R all these projectors are optimal alike; the distance is zero
 * exactly when X is a positive multiple of one of them.
 */
typedef struct ufm_geometry {
  size_t K, M;
  /** Descending singular values: spectrum[0] of Z (K x J, without bias),
      spectrum[m] of W_m, spectrum[M + 1] of H; lengths in spectrum_size, the
      smaller dimension of each.  Merged columns count with their multiplicity:
      Z and H are those of the unmerged problem (whose H may have more values,
      all 0 when equal columns were merged).  Absolute error a modest multiple
      of eps |W||H| for Z, of eps times the largest value for factors. */
  double **spectrum;
  size_t *spectrum_size;
  double *norm_w;    /**< K: |w_k|, rows of the classifier W_M */
  double *norm_h;    /**< K: |h_k|, class means */
  ufm_cosines cos_w; /**< classifier rows */
  ufm_cosines cos_h; /**< class means */
  size_t rank;       /**< singular values of Z above rank_tolerance * largest */
  double rank_tolerance; /**< 1e-6, relative */
  double nc1;        /**< tr(Sigma_W Sigma_B^+)/K, Sigma_W the covariance of all
                          features around their class means, Sigma_B that of the
                          K class means around mu_G, inverted on its
                          min(K - 1, rank) leading directions (fewer when the
                          means span fewer, by rank_tolerance); NaN when merged
                          or when all class means are equal */
  double nc2_etf;    /**< X = W W^T */
  double nc2_of;     /**< X = W W^T */
  double nc2_gof_w;  /**< |hat(W W^T) - hat(diag(t_k/(1 - t_k)))|_F */
  double nc2_gof_h;  /**< |hat(Hbar^T Hbar) - hat(diag(t_k (1 - t_k)))|_F */
  double nc3_etf;    /**< X = W (Hbar - mu_G 1^T) */
  double nc3_of;     /**< X = W Hbar */
  double nc3_gof_wh; /**< |hat(W Hbar) - hat(diag(t_k))|_F */
  double nc3_gof_w_h;  /**< |hat(W) - hat(diag(1/(1 - t_k)) Hbar^T)|_F */
  double balancedness; /**< largest |lambda_{m+1} W_{m+1}^T W_{m+1} - lambda_m
                            W_m W_m^T|_F over neighbours, H included with its
                            multiplicities, divided by the largest of the terms;
                            0 at every stationary point, also at the zero one */
} ufm_geometry;

/**
 * Measures the point theta of `problem`.  `gof_t` holds the K predicted
 * fractions t_k, 0 <= t_k < 1, of a general orthogonal frame (MSE, no bias;
 * t_k = 0 for a collapsed class), or is NULL and then the GOF distances are
 * NaN.  Round t_k towards zero, so that none becomes 1; the GOF distances have
 * an error of about eps/(1 - max t_k).
 * Errors: UFM_ENAN when theta or gof_t is not finite, UFM_ERANGE when gof_t is
 * outside its range or a number or dimension overflows, UFM_EDIM when `layout`
 * is not that of `problem`, UFM_ENOMEM, UFM_EINTERNAL from LAPACK.
 * Time: triangles and singular values of every factor, O(a b min(a, b)) for
 * a x b (Z has those of a product of triangles), and O(K^2 (d_1 + d_M)) in
 * matrix products for the pairs of classes; in all about as much as one or two
 * gradients of the objective when K is much larger than the widths.  Memory: a
 * few times that of the point; nothing of size K^2 or K N beside it.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_geometry_measure(
    ufm_geometry **out, const ufm_problem *problem, const ufm_layout *layout,
    const double *theta, const double *gof_t, ufm_error *error);

/** Frees a geometry; NULL is allowed. */
UFM_API void ufm_geometry_free(ufm_geometry *geometry);

#ifdef __cplusplus
}
#endif

#endif
