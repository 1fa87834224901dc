/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_ORBIT_VALUE_H
#define UFM_VERIFY_ORBIT_VALUE_H

#include "verify/orbit_model.h"

/* out = enclosure of the objective at the invariant point x (doc/orbits.md,
   section 3). */
UFM_MUST_CHECK ufm_status ufm__orbit_value(const ufm__orbit_model *model,
                                           mpfr_t *x, iv *out,
                                           ufm_error *error);

#endif
