/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_PROBLEM_LAYOUT_H
#define UFM_PROBLEM_LAYOUT_H

#include <ufm/layout.h>

/* The layout of points whose factors have no width above `most` >= 1: d_m
   becomes min(d_m, most), K stays. */
UFM_MUST_CHECK ufm_status ufm__layout_narrow(ufm_layout **out,
                                             const ufm_problem *problem,
                                             size_t most, ufm_error *error);

#endif
