/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_REFINE_H
#define UFM_VERIFY_REFINE_H

#include <ufm/verify.h>

#include "verify/model.h"

/* ufm_refine from an MPFR point of a model. */
UFM_MUST_CHECK ufm_status ufm__refine(ufm_refinement **out,
                                      const ufm__model *model, mpfr_t *start,
                                      double digits, ufm_error *error);

#endif
