/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_SUGGEST_H
#define UFM_CORE_SUGGEST_H

#include <stddef.h>

#include <ufm/support.h>

/* UFM_EINVAL: "WHERE: unknown name 'TEXT', did you mean 'NAME'?" or, when
   nothing is close, the names there are. */
ufm_status ufm__unknown_name(ufm_error *error, const char *where,
                             const char *text, const char *const *names,
                             size_t n);

#endif
