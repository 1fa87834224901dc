/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_PROBLEM_COLUMN_ORBITS_H
#define UFM_PROBLEM_COLUMN_ORBITS_H

#include <ufm/orbits.h>

/* Sets C, Q, inner, `column` and `contrast` for the columns of `problem`, which
   are labels or a mixup law; K, G, size, count and of are set.  UFM_ERANGE when
   a number of columns overflows.  O(C). */
UFM_MUST_CHECK ufm_status ufm__column_orbits_init(ufm_orbits *out,
                                                  const ufm_problem *problem,
                                                  ufm_error *error);
void ufm__column_orbits_clear(ufm_orbits *orbits);

#endif
