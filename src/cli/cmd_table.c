/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm table: records to LaTeX, Markdown, CSV. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { COLUMNS, GROUP_BY, WHERE, FORMAT, DIGITS, SUMMARY, CLAIMS };

static const cli_flag flags[] = {
    {"columns", 0, "PATH[:FORM][=HEADER],...",
     "what to show: parts of the record by dotted path, such as "
     "certificate.lower, geometry.cos_w.mean, geometry.norm_w.0 or "
     "problem.counts.# (how many); FORM is N "
     "(significant digits), fN (digits behind the point) or text"},
    {"group-by", 0, "PATH", "rows with the same value together"},
    {"where", 0, "PATH=VALUE,...", "only the records in which all hold"},
    {"format", 0, "markdown|latex|csv",
     "markdown (default), latex (booktabs, siunitx), csv (RFC 4180)"},
    {"digits", 0, "D", "significant digits (default 9)"},
    {"summary", 0, NULL,
     "one row per theorem: points, verdicts, largest errors, proofs"},
    {"claims", 0, NULL, "one row per claim of the experiments in the files"},
    {NULL, 0, NULL, NULL}};

static ufm_status read_digits(const char *text, size_t *out, ufm_error *error)
{
  ufm_spec *spec = NULL;
  ufm_status status = ufm_spec_new(&spec, error);

  if (status == UFM_OK && text != NULL)
    status = ufm_spec_set(spec, "digits", text, error);
  if (status == UFM_OK)
    status = ufm_spec_size(spec, "digits", 1, 10000, out, error);
  ufm_spec_free(spec);
  return status;
}

static ufm_status read_settings(const cli_options *options,
                                ufm_table_settings *settings, ufm_error *error)
{
  const char *const *flag = options->flag;

  *settings = (ufm_table_settings){.columns = flag[COLUMNS],
                                   .group_by = flag[GROUP_BY],
                                   .where = flag[WHERE]};
  if (flag[SUMMARY] != NULL && flag[CLAIMS] != NULL) {
    snprintf(error->text, sizeof error->text,
             "table: got --summary and --claims, want at most one");
    return UFM_EINVAL;
  }
  if (flag[SUMMARY] != NULL)
    settings->rows = UFM_TABLE_SUMMARY;
  else if (flag[CLAIMS] != NULL)
    settings->rows = UFM_TABLE_CLAIMS;
  if (flag[FORMAT] != NULL) {
    ufm_status status =
        ufm_table_format_read(&settings->format, flag[FORMAT], error);

    if (status != UFM_OK)
      return status;
  }
  return read_digits(flag[DIGITS], &settings->digits, error);
}

/* A file that cannot be opened is bad input. */
static ufm_status read_file(ufm_table *table, const char *path,
                            ufm_error *error)
{
  FILE *f;
  ufm_status status;

  if (strcmp(path, "-") == 0)
    return ufm_table_read(table, stdin, "standard input", error);
  f = fopen(path, "r");
  if (f == NULL) {
    snprintf(error->text, sizeof error->text, "%.200s: cannot open: %s", path,
             strerror(errno));
    return UFM_EINVAL;
  }
  status = ufm_table_read(table, f, path, error);
  fclose(f);
  return status;
}

static ufm_status write_table(const void *table, FILE *f, ufm_error *error)
{
  return ufm_table_write(table, f, error);
}

static int run_table(const cli_options *options)
{
  ufm_table_settings settings;
  ufm_table *table = NULL;
  ufm_error error = {{0}};
  ufm_status status = read_settings(options, &settings, &error);
  int code;

  if (status == UFM_OK && options->file_count == 0) {
    snprintf(error.text, sizeof error.text,
             "table: no file given, want FILE... or - for standard input");
    status = UFM_EINVAL;
  }
  if (status == UFM_OK)
    status = ufm_table_new(&table, &settings, &error);
  for (size_t i = 0; status == UFM_OK && i < options->file_count; i++)
    status = read_file(table, options->files[i], &error);
  if (status == UFM_OK)
    status = ufm_table_finish(table, &error);
  code = status == UFM_OK ? cli_output(options, write_table, table)
                          : cli_fail(status, &error);
  ufm_table_free(table);
  return code;
}

const cli_command cli_table = {
    "table",
    "records to LaTeX, Markdown or CSV",
    "Print a table of records: one row per record, from files of JSON Lines "
    "that --json, sweeps and experiments write (- is standard input).\v"
    "Bounds are rounded outward, all else to nearest. A column that names an "
    "enclosure (certificate, phase.thresholds.0) shows an error bar, "
    "0.153133781(3), when it is proved, and both ends when it is not. Two "
    "commas in HEADER stand for one.",
    false,
    false,
    false,
    false,
    false,
    run_table,
    false,
    flags,
    true};
