/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_PROBLEM_GROUPS_H
#define UFM_PROBLEM_GROUPS_H

#include <ufm/problem.h>

/* Groups the K classes by count, largest count first; each class on its own
   when `apart`.  O(K log K). */
UFM_MUST_CHECK ufm_status ufm__groups_init(ufm_groups *out, size_t K,
                                           const size_t *counts, int apart,
                                           ufm_error *error);

void ufm__groups_clear(ufm_groups *groups);

#endif
