/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Points that treat interchangeable classes alike.
 *
 * Classes with equal counts are interchangeable: permuting them changes nothing
 * but their names.  A column is told by its *marks*, the one class (labels) or
 * the two (mixup) whose target differs from the others'; permutations inside
 * groups make one orbit of all columns whose marks lie in the same groups with
 * the same targets.  At depth 1, with a width that cuts no rank, the optimal
 * logits are unique, hence invariant, and a point that attains them is
 * described by some G + G C numbers for G groups and C orbits of columns,
 * whatever the numbers of classes, columns and samples are (doc/orbits.md has
 * the proof).
 *
 * With K_g classes in group g and C_g C_g^T = P_g the projector to its
 * contrasts (the vectors of sum 0 on the group), 1_g its indicator, and the
 * dimensions of the C_g and of the v_g, y_c orthogonal to each other,
 *
 *     W = sum_g ( w_g C_g + 1_g v_g^T ),        b = sum_g b_g 1_g,
 *     h = y_c + sum_l a_l C_{g(l)}^T e_{k(l)}   for a column of orbit c with
 *                                               marks k(l) in groups g(l),
 *
 * where a_l = sum_q alpha_ql h_q over the *contrasts* q of the orbit: for one
 * mark one with alpha = 1; for marks in different groups two, (1, 0) and (0,
 * 1); for marks in one group two, (1, 1) and (1, -1), which are orthogonal, or
 * (1, 1) alone when both targets are equal.
 */
#ifndef UFM_ORBITS_H
#define UFM_ORBITS_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One orbit of columns, exactly. */
typedef struct ufm_column_orbit {
  size_t marks;     /**< 1 or 2 */
  size_t group[2];  /**< group of each mark, ascending */
  size_t columns;   /**< how many: K_g; K_f K_g; K_g (K_g - 1), or half of it */
  bool unordered;   /**< two marks of one group with equal targets */
  mpq_t target[2];  /**< of each mark; in one group the first is larger */
  mpq_t background; /**< target of every other class */
  mpq_t pi;         /**< loss weight of one column */
  mpq_t nu;         /**< multiplicity of one column */
  size_t contrast;  /**< offset of its contrasts; the next orbit's is the end */
} ufm_column_orbit;

/** One contrast of an orbit of columns: sum over them of
    |sum_l alpha_l C^T e_{k(l)}|^2 = (K_g - 1) times, g its group. */
typedef struct ufm_contrast {
  size_t column; /**< orbit */
  size_t group;
  int alpha[2];
  size_t times; /**< 1; the size of the other mark's group; 2 (K_g - 2) and
                     2 K_g for (1, 1) and (1, -1); K_g - 2 for unordered
                     marks */
} ufm_contrast;

/**
 * A point in these coordinates, one vector
 *
 *     x = [ w_1..w_G | h_1..h_Q | v_1 ... v_G | y_1 ... y_C | b_1..b_G ],
 *
 * v_g and y_c of r numbers each, b absent without a bias.  In a group of one
 * class w_g and the h_q mean nothing and are 0; so is an h_q whose `times` is
 * 0.  For labels the orbits of columns are the groups: C = Q = G.
 */
typedef struct ufm_orbits {
  size_t K;             /**< classes */
  size_t G;             /**< groups, in the order of ufm_problem_groups */
  size_t C;             /**< orbits of columns: those with one mark first, by
                             group; then by groups and first target */
  size_t Q;             /**< contrasts of columns */
  size_t inner;         /**< mixup: distinct targets strictly between 0 and 1 of
                             a class of a pair; else 0 */
  size_t r;             /**< G, or G - 1 where 1^T Z = 0 (ce), or Z nu = 0 and
                             C = G (mse with a free bias), at the optimum */
  const size_t *size;   /**< G: K_g; lives as long as the problem */
  const size_t *count;  /**< G: n_g; likewise */
  const size_t *of;     /**< K: group of each class; likewise */
  size_t w, h, v, y, b; /**< offsets; b = length without a bias */
  size_t length;        /**< of x */
  double *x;
  ufm_column_orbit *column; /**< C */
  ufm_contrast *contrast;   /**< Q */
} ufm_orbits;

/**
 * A point x = 0 for `problem`, which must outlive it.  UFM_EUNSUPPORTED, with
 * the reason, unless the reduction is exact: depth 1, W not fixed, labels,
 * label smoothing or mixup by a law, no column per sample, width at least K
 * (K - 1 for ce, and for a free bias with labels).  UFM_ERANGE when the point
 * would not fit in memory or a number of columns overflows.  O(G C).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_orbits_new(ufm_orbits **out,
                                                 const ufm_problem *problem,
                                                 ufm_error *error);

/** Frees a point; NULL is allowed. */
UFM_API void ufm_orbits_free(ufm_orbits *orbits);

/** J, the number of columns; SIZE_MAX when there are more.  O(C). */
UFM_API size_t ufm_orbits_columns(const ufm_orbits *orbits);

/**
 * Where column `j` of the problem stands: its orbit and the classes of its
 * marks, in the order of the orbit's targets (two equal for one mark).
 * Columns are numbered as in ufm_problem_columns, also where those are too
 * many to be listed: first those with one mark, by class, then pairs of classes
 * i < k, i slowest, and last the targets of i, ascending.  False when there are
 * not so many.  O(log K).
 */
UFM_API bool ufm_orbits_column(const ufm_orbits *orbits, size_t j,
                               size_t *column, size_t mark[2]);

#ifdef __cplusplus
}
#endif

#endif
