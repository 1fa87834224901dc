/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Neural-collapse geometry of a point, in double precision (*computed*).
 *
 * Definitions follow section 8 of doc/mathematics.md, which follows the
 * released code of arXiv 2301.00437: W is the product W_M...W_1, Hbar the
 * d_1 x K class means, a hat means "divided by its own Frobenius norm".
 * A value that is not defined (a zero row has no cosine, a merged problem no
 * within-class variability) is NaN here and null in records.
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

/** Cosines over all pairs i < k of nonzero vectors; NaN when there is none. */
typedef struct ufm_cosines {
  double min, max, mean;
} ufm_cosines;

/** Distances to the named frames; NaN where one does not apply. */
typedef struct ufm_geometry {
  size_t K, M;
  /** Descending singular values: spectrum[0] of Z (K x J, without bias),
      spectrum[m] of W_m, spectrum[M + 1] of H; lengths in spectrum_size.
      Merged columns count with their multiplicity: Z and H are those of the
      unmerged problem. */
  double **spectrum;
  size_t *spectrum_size;
  double *norm_w;    /**< K: |w_k|, rows of the classifier W_M */
  double *norm_h;    /**< K: |h_k|, class means */
  ufm_cosines cos_w; /**< classifier rows */
  ufm_cosines cos_h; /**< class means */
  size_t rank;       /**< singular values of Z above rank_tolerance * largest */
  double rank_tolerance;
  double nc1; /**< tr(Sigma_W Sigma_B^+)/K; NaN when merged */
  double nc2_etf, nc2_of, nc2_gof_w, nc2_gof_h;
  double nc3_etf, nc3_of, nc3_gof_wh, nc3_gof_w_h;
  double balancedness; /**< largest |lambda_{m+1} W_{m+1}^T W_{m+1} - lambda_m
                            W_m W_m^T|_F over neighbours, H included with its
                            multiplicities, divided by the largest of the terms;
                            0 at every stationary point */
} ufm_geometry;

/**
 * Measures the point theta of `problem`.  `gof_t` holds the K predicted
 * fractions t_k of a general orthogonal frame (MSE, no bias), or is NULL and
 * then the GOF distances are NaN.  UFM_ENAN when theta is not finite.
 * O((J + sum of widths) d^2) time with d the largest width.
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
