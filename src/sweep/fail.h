/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SWEEP_FAIL_H
#define UFM_SWEEP_FAIL_H

#include <ufm/status.h>

/* Writes one line into `error` (NULL allowed) and returns `status`. */
UFM_PRINTF(3, 4)
ufm_status ufm__sweep_fail(ufm_error *error, ufm_status status,
                           const char *format, ...);

/* UFM_EIO: "PATH: WHAT: " and what errno says. */
ufm_status ufm__sweep_io(ufm_error *error, const char *path, const char *what);

ufm_status ufm__sweep_no_memory(ufm_error *error);

/* *to = *from, when there is a `to`. */
void ufm__sweep_copy(ufm_error *to, const ufm_error *from);

#endif
