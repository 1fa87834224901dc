/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_REDUCE_COLUMN_BLOCKS_H
#define UFM_REDUCE_COLUMN_BLOCKS_H

#include "reduce/hessian.h"

/* The preconditioner at the point of `hessian`; false when a block is not
   positive definite to rounding. */
bool ufm__column_blocks(ufm__reduced_hessian *hessian);

#endif
