/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON Lines, one object at a time. */
#ifndef UFM_RECORD_LINES_H
#define UFM_RECORD_LINES_H

#include <stdio.h>

#include <jansson.h>

#include <ufm/status.h>

/* What to do with an object of `format`; `where` is "FILE:LINE". */
typedef ufm_status (*ufm__line_reader)(json_t *object, const char *format,
                                       const char *where, void *user,
                                       ufm_error *error);

/* Calls `read` for each line until it fails.  UFM_EINVAL for a line that is not
   an object with a "format", and says so when the stream ends within a line. */
UFM_MUST_CHECK ufm_status ufm__lines_read(FILE *stream, const char *name,
                                          ufm__line_reader read, void *user,
                                          ufm_error *error);

#endif
