/* SPDX-License-Identifier: GPL-3.0-or-later */
/* <ufm/families.h> from a model that ufm__family_covers. */
#ifndef UFM_VERIFY_FAMILIES_H
#define UFM_VERIFY_FAMILIES_H

#include <ufm/families.h>

#include "verify/model.h"

UFM_MUST_CHECK ufm_status ufm__families_enclose(ufm_families **out,
                                                const ufm__model *model,
                                                mpfr_prec_t bits,
                                                ufm_error *error);

#endif
