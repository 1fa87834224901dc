/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Where the factors stand in a point.
 *
 * A point is one contiguous vector of doubles,
 *
 *     theta = [ W_1 | ... | W_M | h_1 ... h_J | b ],
 *
 * each W_m a row-major d_{m+1} x d_m matrix, each feature h_j of d_1 numbers in
 * one piece (so the features are a row-major J x d_1 matrix, H transposed), and
 * b of K numbers, absent when the problem has no bias.
 */
#ifndef UFM_LAYOUT_H
#define UFM_LAYOUT_H

#include <stddef.h>

#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sizes and offsets of a point; immutable. */
typedef struct ufm_layout {
  size_t M;      /**< number of weight matrices */
  size_t K;      /**< classes */
  size_t J;      /**< columns */
  size_t *width; /**< M + 1: width[m - 1] = d_m, width[M] = K */
  size_t *w;     /**< M: offset of W_m is w[m - 1] */
  size_t h;      /**< offset of h_1 */
  size_t b;      /**< offset of b; equals size when there is no bias */
  size_t size;   /**< length of theta */
} ufm_layout;

/**
 * The layout of the points of `problem`.  UFM_ERANGE, with the size in the
 * message, when a point would not fit in the memory of this machine.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_layout_new(ufm_layout **out,
                                                 const ufm_problem *problem,
                                                 ufm_error *error);

/** Frees a layout; NULL is allowed. */
UFM_API void ufm_layout_free(ufm_layout *layout);

/**
 * Writes PREFIX.W1.npy ... PREFIX.WM.npy (d_{m+1} x d_m), PREFIX.H.npy
 * (d_1 x J: column j is h_j) and, with a bias, PREFIX.b.npy (K), all
 * little-endian float64 in C order.  Each file appears whole or not at all.
 * UFM_EIO names the file.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_point_save(const ufm_layout *layout,
                                                 const double *theta,
                                                 const char *prefix,
                                                 ufm_error *error);

/**
 * Reads what ufm_point_save wrote into theta.  Shapes must match and every
 * number must be finite (UFM_EINVAL, UFM_EDIM, UFM_ENAN, UFM_EIO).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_point_load(const ufm_layout *layout,
                                                 double *theta,
                                                 const char *prefix,
                                                 ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
