/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_CERTIFICATE_JSON_H
#define UFM_VERIFY_CERTIFICATE_JSON_H

#include <jansson.h>

#include "verify/proof.h"

/* Parts that several kinds share; NULL when memory is exhausted. */
json_t *ufm__certificate_json_problem(const ufm__model *model);
json_t *ufm__certificate_json_primal(const ufm__model *model, mpfr_t *x);

/* Writes a JSON object to a file that appears whole or not at all; takes the
   reference to `root`, NULL meaning that memory ran out while it was built. */
UFM_MUST_CHECK ufm_status ufm__certificate_json_write(json_t *root,
                                                      const char *path,
                                                      ufm_error *error);

#endif
