/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_PROBLEM_CHECK_H
#define UFM_PROBLEM_CHECK_H

#include <ufm/problem.h>

/* Refuses settings with the first one that is wrong. */
UFM_MUST_CHECK ufm_status
ufm__problem_check(const ufm_problem_settings *settings, ufm_error *error);

#endif
