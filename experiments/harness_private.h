/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An experiment from inside. */
#ifndef UFM_EXPERIMENTS_HARNESS_PRIVATE_H
#define UFM_EXPERIMENTS_HARNESS_PRIVATE_H

#include "csv.h"
#include "harness.h"

enum { MAX_ROWS = 32 };

typedef struct row {
  const char *claim;
  double tolerance, worst;
  size_t cases, unsupported;
  ufm_verdict expected;
} row;

struct experiment {
  const char *name;
  char *directory;
  bool full, rows_only, brief;
  row row[MAX_ROWS];
  size_t rows;
  char *records; /* JSON Lines so far */
  size_t records_length;
  FILE *records_stream;
  char *table;
  size_t table_length;
  FILE *table_stream;
  csv_files csv;
};

/* Prints WHAT: WHY and exits with status 3; the second, unless `status` is
   UFM_OK. */
_Noreturn void experiment_die(const char *what, const char *why);
void experiment_must(ufm_status status, const char *what,
                     const ufm_error *error);

#endif
