/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preconditioner for the Hessian on invariant points: the blocks of the
   columns, each a problem of its own once W and b are given, and the diagonal
   of W and b (doc/orbits.md, section 3). */
#ifndef UFM_VERIFY_ORBIT_BLOCKS_H
#define UFM_VERIFY_ORBIT_BLOCKS_H

#include <stdbool.h>

#include "verify/orbit_curvature.h"

typedef struct ufm__orbit_blocks {
  bool valid;       /* else z = r */
  size_t *first;    /* C + 1: offsets of the blocks */
  double *block;    /* Cholesky factors; NULL when they would be too large */
  double *diagonal; /* size: of w, v and b */
  double *entry;    /* (G + 2) x (r + 2): derivatives of a column's logits */
  double *work;     /* r + 2 */
} ufm__orbit_blocks;

UFM_MUST_CHECK ufm_status ufm__orbit_blocks_init(ufm__orbit_blocks *out,
                                                 const ufm__orbit_model *model,
                                                 ufm_error *error);
void ufm__orbit_blocks_clear(ufm__orbit_blocks *blocks);

/* Moves to the point of `c`.  O(C (G r^2 + r^3)). */
void ufm__orbit_blocks_at(ufm__orbit_blocks *blocks,
                          const ufm__orbit_curvature *c);

/* z = P r, balanced.  O(C r^2). */
void ufm__orbit_blocks_apply(const ufm__orbit_blocks *blocks,
                             const ufm__orbit_model *model, const double *r,
                             double *z);

#endif
