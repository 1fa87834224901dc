/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value of a record as the text of a table. */
#ifndef UFM_RECORD_CELL_H
#define UFM_RECORD_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "record/paths.h"

/* How a column shows its values. */
typedef enum ufm__form {
  UFM__FORM_DIGITS, /* significant digits */
  UFM__FORM_FIXED,  /* digits behind the point */
  UFM__FORM_TEXT    /* as it stands in the record */
} ufm__form;

/* A text; `number` when it is a decimal, with or without a bar, that an S
   column can align.  text NULL: nothing to show. */
typedef struct ufm__cell {
  char *text;
  bool number;
} ufm__cell;

/* UFM_EINVAL for an object without lower and upper; `where` begins the
   message. */
UFM_MUST_CHECK ufm_status ufm__cell_new(ufm__cell *out, ufm__found found,
                                        ufm__form form, size_t digits,
                                        const char *where, ufm_error *error);

#endif
