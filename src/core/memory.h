/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_MEMORY_H
#define UFM_CORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/status.h>

/* *total += a * b; false, with *total unchanged, when that overflows. */
UFM_MUST_CHECK bool ufm__add_product(size_t *total, size_t a, size_t b);

/* UFM_ERANGE when `count` doubles exceed the physical memory of this machine
   (the system would promise them and kill the process later).  `what` begins
   the message. */
UFM_MUST_CHECK ufm_status ufm__check_doubles_fit(size_t count, const char *what,
                                                 ufm_error *error);

#endif
