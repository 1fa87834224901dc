/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builders of columns.  Reading them is in <ufm/columns.h>. */
#ifndef UFM_PROBLEM_COLUMNS_H
#define UFM_PROBLEM_COLUMNS_H

#include <ufm/columns.h>

/* One column per class (merged) or per sample: t = (1-eps) e_k + eps/K 1, with
   pi = n_k/N or 1/N and nu = N pi.  eps = 0 gives one-hot targets.  Columns
   stand in class order.  `where` begins messages.  *out must be empty
   (all zero); on failure it is left so. */
UFM_MUST_CHECK ufm_status ufm__columns_from_counts(ufm_columns *out, size_t K,
                                                   const size_t *counts,
                                                   mpq_srcptr smoothing,
                                                   int unmerged,
                                                   ufm_error *error);

/* Frees what a column list holds and empties it. */
void ufm__columns_clear(ufm_columns *columns);

#endif
