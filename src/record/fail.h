/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways a report or a table can fail. */
#ifndef UFM_RECORD_FAIL_H
#define UFM_RECORD_FAIL_H

#include <ufm/status.h>

/* Writes one line (control characters shown as '?') and returns `status`. */
UFM_PRINTF(3, 4)
ufm_status ufm__record_fail(ufm_error *error, ufm_status status,
                            const char *format, ...);

ufm_status ufm__record_no_memory(ufm_error *error);

/* Reads errno. */
ufm_status ufm__record_io(ufm_error *error);

#endif
