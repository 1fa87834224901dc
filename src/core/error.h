/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_ERROR_H
#define UFM_CORE_ERROR_H

#include <ufm/status.h>

/* Writes the message (cut to fit, control characters shown as '?', so that it
   stays one line) when `error` is not NULL, and returns `status`:
     return ufm__fail(error, UFM_EINVAL, "counts: got %s, want ...", text); */
UFM_PRINTF(3, 4)
ufm_status ufm__fail(ufm_error *error, ufm_status status, const char *format,
                     ...);

/* The message every failed allocation gives; `what` names the thing. */
ufm_status ufm__no_memory(ufm_error *error, const char *what);

#endif
