/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Points that treat interchangeable classes alike.
 *
 * Classes with equal counts are interchangeable: permuting them changes nothing
 * but their names.  At depth 1, with a width that cuts no rank, the optimal
 * logits are unique, hence invariant under these permutations, and a point that
 * attains them is described by G + G^2 numbers for G groups, whatever the
 * numbers of classes and samples are (doc/orbits.md has the proof).  With K_g
 * classes in group g and P_g the projector to its contrasts (the vectors of sum
 * 0 on the group),
 *
 *     W = sum_g ( w_g C_g + 1_g v_g^T ),      H = sum_g ( h_g C_g^T + y_g
 * 1_g^T), Z = W H = sum_g w_g h_g P_g + sum_{f,g} (v_f . y_g) 1_f 1_g^T, b =
 * sum_g b_g 1_g,
 *
 * where C_g C_g^T = P_g, the columns of the C_g and the r dimensions of v_g and
 * y_g being orthogonal to each other.
 */
#ifndef UFM_ORBITS_H
#define UFM_ORBITS_H

#include <stddef.h>

#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A point in these coordinates, one vector
 *
 *     x = [ w_1..w_G | h_1..h_G | v_1 ... v_G | y_1 ... y_G | b_1..b_G ],
 *
 * v_g and y_g of r numbers each, b absent without a bias.  In a group of one
 * class w_g and h_g mean nothing and are 0.
 */
typedef struct ufm_orbits {
  size_t K;             /**< classes */
  size_t G;             /**< groups, in the order of ufm_problem_groups */
  size_t r;             /**< G, or G - 1 where 1^T Z = 0 or Z nu = 0 holds
                             at the optimum (ce; mse with free bias) */
  const size_t *size;   /**< G: K_g; lives as long as the problem */
  const size_t *count;  /**< G: n_g; likewise */
  const size_t *of;     /**< K: group of each class; likewise */
  size_t w, h, v, y, b; /**< offsets; b = length without a bias */
  size_t length;        /**< of x */
  double *x;
} ufm_orbits;

/**
 * A point x = 0 for `problem`, which must outlive it.  UFM_EUNSUPPORTED, with
 * the reason, unless the reduction is exact: depth 1, W not fixed, labels or
 * label smoothing, one column per class, width at least K (K - 1 for ce and
 * for a free bias).  UFM_ERANGE when the point would not fit in memory. O(G^2).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_orbits_new(ufm_orbits **out,
                                                 const ufm_problem *problem,
                                                 ufm_error *error);

/** Frees a point; NULL is allowed. */
UFM_API void ufm_orbits_free(ufm_orbits *orbits);

#ifdef __cplusplus
}
#endif

#endif
