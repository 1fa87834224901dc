/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_PHASE_FAIL_H
#define UFM_PHASE_FAIL_H

#include <ufm/status.h>

/* Writes one line into `error` (NULL allowed) and returns `status`. */
UFM_PRINTF(3, 4)
ufm_status ufm__phase_fail(ufm_error *error, ufm_status status,
                           const char *format, ...);

#endif
