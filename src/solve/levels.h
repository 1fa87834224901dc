/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_LEVELS_H
#define UFM_SOLVE_LEVELS_H

#include <ufm/solve.h>

/* Fills hits, levels and level of a solution from its runs.  UFM_ENOMEM. */
UFM_MUST_CHECK ufm_status ufm__levels(ufm_solution *solution, ufm_error *error);

#endif
