/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ways a report can fail. */
#ifndef UFM_RECORD_FAIL_H
#define UFM_RECORD_FAIL_H

#include <ufm/status.h>

ufm_status ufm__record_no_memory(ufm_error *error);

/* Reads errno. */
ufm_status ufm__record_io(ufm_error *error);

#endif
