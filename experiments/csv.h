/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data of figures: CSV files that appear whole when an experiment finishes. */
#ifndef UFM_EXPERIMENTS_CSV_H
#define UFM_EXPERIMENTS_CSV_H

#include <stddef.h>
#include <stdio.h>

enum { CSV_MAX = 16 };

typedef struct csv_files {
  struct {
    char *name, *text;
    size_t length;
    FILE *stream;
  } at[CSV_MAX];
  size_t count;
} csv_files;

/* A new file NAME.csv: a first line that says `made_by`, a header line, and
   what is written to the stream.  NULL when memory or places ran out. */
FILE *csv_add(csv_files *files, const char *name, const char *made_by,
              const char *header);

/* Writes every file to `directory` (NULL: nowhere) and frees them.  Returns the
   name of the first that failed, which the caller frees, or NULL. */
char *csv_finish(csv_files *files, const char *directory);

#endif
