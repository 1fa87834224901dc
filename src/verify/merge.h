/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_MERGE_H
#define UFM_VERIFY_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/columns.h>

/* from[j] (J entries): number of the merged column that holds column j, in
   order of first appearance; *merged counts them.  Columns are equal when
   their targets are equal as rationals.  False when memory is exhausted.
   O(J log J) comparisons of stored forms, each of the entries of a column. */
bool ufm__merge_columns(const ufm_columns *columns, size_t *from,
                        size_t *merged);

#endif
