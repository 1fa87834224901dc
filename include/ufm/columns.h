/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * The columns of a problem: targets, weights and multiplicities, all exact.
 *
 * Every setting (labels, label smoothing, mixup, next-token prediction) is a
 * list of J columns.  Column j has a target t_j in R^K, a loss weight pi_j and
 * a multiplicity nu_j = ratio pi_j in the feature penalty.  A target is stored
 * as a constant plus a few entries,
 *
 *     t_j = background_j 1 + sum_e value_e e_{row_e},
 *
 * so one-hot and smoothed targets cost O(1) and a general target O(K).  Each
 * distinct rational stands once in a palette; everything else is an index.
 */
#ifndef UFM_COLUMNS_H
#define UFM_COLUMNS_H

#include <stddef.h>

#include <gmp.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Label of a column whose target belongs to no single class. */
#define UFM_NO_LABEL ((size_t)-1)

/** J columns over K classes; read-only for everyone but its builder. */
typedef struct ufm_columns {
  size_t K;      /**< classes */
  size_t J;      /**< columns */
  size_t *first; /**< J + 1 offsets: entries of j are first[j]..first[j+1] */
  size_t *row;   /**< class of each entry; ascending within a column */
  size_t *value; /**< palette index of each entry, added to background */
  size_t *background; /**< J palette indices */
  size_t *weight;     /**< J palette indices of pi_j; the weights sum to 1 */
  size_t *label;      /**< J classes, or UFM_NO_LABEL */
  size_t *count;      /**< J numbers of samples merged into the column; 0 when
                           the columns are a law and not samples */
  mpq_t *palette;     /**< exact values */
  double *rounded;    /**< the same values, each the nearest double */
  size_t palette_size;
  mpq_t ratio; /**< nu_j / pi_j: N for samples, 1 for mixing laws */
} ufm_columns;

/** t_j as K doubles: out[0..K-1].  O(K). */
UFM_API void ufm_columns_target(const ufm_columns *columns, size_t j,
                                double *out);

/** Entry i of t_j, exactly.  O(entries of column j).  `out` is initialised. */
UFM_API void ufm_columns_target_exact(const ufm_columns *columns, size_t j,
                                      size_t i, mpq_t out);

#ifdef __cplusplus
}
#endif

#endif
