/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_COLLAPSE_H
#define UFM_CHECK_COLLAPSE_H

#include "check/problem.h"

/* True iff the rows of W of the given classes are proved to be equal at the
   optimum of depth 1; otherwise the file is rejected ("collapsed"). */
bool chk_group_collapses(const chk_problem *p, const size_t *group,
                         size_t count, chk_session *session);

#endif
