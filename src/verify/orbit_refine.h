/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_ORBIT_REFINE_H
#define UFM_VERIFY_ORBIT_REFINE_H

#include <ufm/verify.h>

#include "verify/orbit_model.h"

/* ufm_refine for an invariant point, in the order of <ufm/orbits.h>. */
UFM_MUST_CHECK ufm_status ufm__orbit_refine(ufm_refinement **out,
                                            const ufm__orbit_model *model,
                                            const double *x, double digits,
                                            ufm_error *error);

#endif
