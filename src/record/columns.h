/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of a table, and the conditions of its rows. */
#ifndef UFM_RECORD_COLUMNS_H
#define UFM_RECORD_COLUMNS_H

#include "record/cell.h"

typedef struct ufm__column {
  char *path;
  char *header; /* NULL: the path */
  ufm__form form;
  size_t digits;
  bool seen; /* some record has it */
} ufm__column;

/* A condition: the part of the record at `path` reads `value`. */
typedef struct ufm__condition {
  char *path, *value;
  bool seen;
} ufm__condition;

/* Reads "PATH[:FORM][=HEADER],...".  On failure nothing is left to free. */
UFM_MUST_CHECK ufm_status ufm__columns_read(ufm__column **out, size_t *n,
                                            const char *text, size_t digits,
                                            ufm_error *error);
void ufm__columns_free(ufm__column *columns, size_t n);

/* Reads "PATH=VALUE,...". */
UFM_MUST_CHECK ufm_status ufm__conditions_read(ufm__condition **out, size_t *n,
                                               const char *text,
                                               ufm_error *error);
void ufm__conditions_free(ufm__condition *conditions, size_t n);

/* Equal as numbers, or letter by letter; a list reads as in a table. */
bool ufm__condition_holds(ufm__condition *condition, const json_t *record);

#endif
