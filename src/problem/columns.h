/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builders of columns.  Reading them is in <ufm/columns.h>. */
#ifndef UFM_PROBLEM_COLUMNS_H
#define UFM_PROBLEM_COLUMNS_H

#include <ufm/columns.h>
#include <ufm/mixing.h>
#include <ufm/problem.h>

/* Columns of one mixup problem; beyond it only their law is kept. */
enum { UFM__MOST_COLUMNS = 4000000 };

/* One column per class (merged) or per sample: t = (1-eps) e_k + eps/K 1, with
   pi = n_k/N or 1/N and nu = N pi.  eps = 0 gives one-hot targets.  Columns
   stand in class order.  `where` begins messages.  *out must be empty
   (all zero); on failure it is left so. */
UFM_MUST_CHECK ufm_status ufm__columns_from_counts(ufm_columns *out, size_t K,
                                                   const ufm_groups *groups,
                                                   mpq_srcptr smoothing,
                                                   int unmerged,
                                                   ufm_error *error);

/* One column per distinct mixup target: e_k for the same-class pairs and for
   values 0 and 1, then v e_i + (1-v) e_j for i < j and the distinct values v
   of lam and 1 - lam, i and j slowest; nu = pi.  The ordered pair (i, j), i !=
   j, has weight (1 - same) n_i n_j/sum_{k != l} n_k n_l, the pair (k, k) same
   n_k^2/sum_l n_l^2.  More than UFM__MOST_COLUMNS: *out has J = 0. */
UFM_MUST_CHECK ufm_status ufm__columns_from_pairs(ufm_columns *out, size_t K,
                                                  const size_t *counts,
                                                  const ufm_groups *groups,
                                                  const ufm_mixing *mixing,
                                                  ufm_error *error);

/* One column per column of the K x J matrix `target` (row by row), divided by
   its sum, which must be within 1e-9 of 1; weights (J, or NULL for equal ones)
   are divided by theirs; nu = pi. */
UFM_MUST_CHECK ufm_status ufm__columns_from_list(ufm_columns *out, size_t K,
                                                 size_t J, const double *target,
                                                 const double *weight,
                                                 ufm_error *error);

/* Room for J columns with `entries` entries in all and `palette` values, which
   become 0 and wait to be set. */
UFM_MUST_CHECK ufm_status ufm__columns_alloc(ufm_columns *out, size_t K,
                                             size_t J, size_t entries,
                                             size_t palette, ufm_error *error);

/* The nearest doubles of the palette, once it is set. */
void ufm__columns_round(ufm_columns *columns);

/* Frees what a column list holds and empties it. */
void ufm__columns_clear(ufm_columns *columns);

#endif
