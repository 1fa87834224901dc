/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same objective on thinner factors. */
#ifndef UFM_OBJECTIVE_NARROW_H
#define UFM_OBJECTIVE_NARROW_H

#include <ufm/objective.h>

/* The objective of the same problem in balanced variables with no width above
   `most`: F at a point padded with zeros is F of the wide objective. */
UFM_MUST_CHECK ufm_status ufm__objective_narrow(ufm_objective **out,
                                                const ufm_objective *wide,
                                                size_t most, ufm_error *error);

/* Adds evaluations that were made elsewhere to the counters. */
void ufm__objective_charge(ufm_objective *objective,
                           const ufm_evaluations *extra);

#endif
