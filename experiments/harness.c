/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared part of the experiments: options, claims, files, table. */
#include <config.h>

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include "harness_private.h"

_Noreturn void experiment_die(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  exit(3);
}

void experiment_must(ufm_status status, const char *what,
                     const ufm_error *error)
{
  if (status != UFM_OK)
    experiment_die(what, error->text[0] != '\0' ? error->text
                                                : ufm_strstatus(status));
}

enum { KEY_QUICK = 0x100, KEY_FULL, KEY_OUT, KEY_ROWS, KEY_BRIEF };

static error_t parse(int key, char *arg, struct argp_state *state)
{
  experiment *x = state->input;

  switch (key) {
  case KEY_QUICK:
    x->full = false;
    return 0;
  case KEY_FULL:
    x->full = true;
    return 0;
  case KEY_OUT:
    free(x->directory);
    x->directory = strdup(arg);
    return x->directory != NULL ? 0 : ENOMEM;
  case KEY_ROWS:
    x->rows_only = true;
    return 0;
  case KEY_BRIEF:
    x->brief = true;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

experiment *experiment_begin(int argc, char **argv, const char *name,
                             const char *about)
{
  static const struct argp_option options[] = {
      {"quick", KEY_QUICK, NULL, 0, "the cases of 'make validate' (default)",
       0},
      {"full", KEY_FULL, NULL, 0, "all cases", 0},
      {"out", KEY_OUT, "DIR", 0, "write NAME.jsonl to DIR", 0},
      {"brief", KEY_BRIEF, NULL, 0,
       "write claims and CSV files only, no record of each case", 0},
      {"rows", KEY_ROWS, NULL, 0, "tab-separated rows instead of a table", 0},
      {0}};
  const struct argp argp = {options, parse, NULL, about, NULL, NULL, NULL};
  experiment *x = calloc(1, sizeof *x);

  argp_err_exit_status = 2;
  gsl_set_error_handler_off();
  if (x == NULL)
    experiment_die(name, "out of memory");
  x->name = name;
  if (argp_parse(&argp, argc, argv, 0, NULL, x) != 0)
    experiment_die(name, "cannot read the command line");
  if (x->directory != NULL && mkdir(x->directory, 0777) != 0 && errno != EEXIST)
    experiment_die(x->directory, strerror(errno));
  x->records_stream = open_memstream(&x->records, &x->records_length);
  x->table_stream = open_memstream(&x->table, &x->table_length);
  if (x->records_stream == NULL || x->table_stream == NULL)
    experiment_die(name, "out of memory");
  return x;
}

bool experiment_full(const experiment *x)
{
  return x->full;
}

size_t experiment_claim(experiment *x, const char *claim, double tolerance,
                        ufm_verdict expected)
{
  if (x->rows == MAX_ROWS)
    experiment_die(x->name, "too many claims");
  x->row[x->rows] = (row){claim, tolerance, 0.0, 0, 0, expected};
  return x->rows++;
}

void experiment_case(experiment *x, size_t index, double deviation)
{
  row *r = &x->row[index];

  r->cases++;
  if (!(deviation <= r->tolerance))
    r->unsupported++;
  if (isnan(deviation) || deviation > r->worst)
    r->worst = deviation;
}

FILE *experiment_table(experiment *x)
{
  return x->table_stream;
}

FILE *experiment_csv(experiment *x, const char *name, const char *header)
{
  char made_by[256];
  FILE *stream;

  snprintf(made_by, sizeof made_by, "made by: experiments/%s --%s", x->name,
           x->full ? "full" : "quick");
  stream = csv_add(&x->csv, name, made_by, header);
  if (stream == NULL)
    experiment_die(x->name, "out of memory");
  return stream;
}

static ufm_verdict row_verdict(const row *r)
{
  if (r->cases == 0)
    return UFM_VERDICT_NOT_REACHED;
  return r->unsupported == 0 ? UFM_VERDICT_AGREES : UFM_VERDICT_REFUTED;
}

static void print_rows(const experiment *x)
{
  for (size_t i = 0; i < x->rows; i++) {
    const row *r = &x->row[i];
    ufm_verdict verdict = row_verdict(r);

    printf("%s\t%s\t%zu\t%.1e\t%s%s\n", x->name, r->claim, r->cases, r->worst,
           ufm_verdict_name(verdict),
           verdict == r->expected ? "" : " (UNEXPECTED)");
  }
}

static void print_table(const experiment *x)
{
  printf("%s\n  %-58s %6s %10s  %s\n", x->name, "claim", "cases", "worst",
         "verdict");
  for (size_t i = 0; i < x->rows; i++) {
    const row *r = &x->row[i];
    ufm_verdict verdict = row_verdict(r);

    printf("  %-58s %6zu %10.1e  %s%s\n", r->claim, r->cases, r->worst,
           ufm_verdict_name(verdict),
           verdict == r->expected ? "" : " (UNEXPECTED)");
  }
}

static ufm_status write_records(const void *what, FILE *stream,
                                ufm_error *error)
{
  const experiment *x = what;
  json_t *rows = json_array(), *summary;
  int written;

  (void)error;
  fwrite(x->records, 1, x->records_length, stream);
  for (size_t i = 0; i < x->rows; i++) {
    const row *r = &x->row[i];
    json_t *worst = isfinite(r->worst) ? json_real(r->worst) : json_null();

    json_array_append_new(rows,
                          json_pack("{s:s, s:I, s:o, s:f, s:s, s:s}", "claim",
                                    r->claim, "cases", (json_int_t)r->cases,
                                    "worst", worst, "tolerance", r->tolerance,
                                    "verdict", ufm_verdict_name(row_verdict(r)),
                                    "expected", ufm_verdict_name(r->expected)));
  }
  summary = json_pack("{s:s, s:s, s:b, s:o}", "format", "ufm-experiment-1",
                      "experiment", x->name, "full", x->full, "claims", rows);
  written = json_dumpf(summary, stream, JSON_COMPACT | JSON_REAL_PRECISION(17));
  fputc('\n', stream);
  json_decref(summary);
  return written == 0 ? UFM_OK : UFM_EIO;
}

int experiment_end(experiment *x)
{
  bool expected = true;
  char *failed = csv_finish(&x->csv, x->directory);
  ufm_error error = {{0}};

  if (failed != NULL)
    experiment_die(failed, "cannot write the CSV file");
  for (size_t i = 0; i < x->rows; i++)
    expected = expected && row_verdict(&x->row[i]) == x->row[i].expected;
  if (fclose(x->records_stream) != 0 || fclose(x->table_stream) != 0)
    experiment_die(x->name, "out of memory");
  if (x->rows_only) {
    print_rows(x);
  } else {
    if (x->table_length > 0)
      printf("%s\n", x->table);
    print_table(x);
  }
  if (x->directory != NULL) {
    char *path = NULL;

    if (asprintf(&path, "%s/%s.jsonl", x->directory, x->name) < 0)
      experiment_die(x->name, "out of memory");
    experiment_must(ufm_file_write(path, write_records, x, &error), path,
                    &error);
    free(path);
  }
  free(x->records);
  free(x->table);
  free(x->directory);
  free(x);
  mpfr_free_cache();
  return expected ? 0 : 1;
}
