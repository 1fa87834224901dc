/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shared part of the experiments: options, rows, records, table. */
#include <config.h>

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/stat.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include "csv.h"
#include "harness.h"

enum { MAX_ROWS = 32, MAX_CASES = 100000, DIGITS = 40 };

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

static void die(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  exit(3);
}

static void must(ufm_status status, const char *what, const ufm_error *error)
{
  if (status != UFM_OK)
    die(what, error->text[0] != '\0' ? error->text : ufm_strstatus(status));
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
    die(name, "out of memory");
  x->name = name;
  if (argp_parse(&argp, argc, argv, 0, NULL, x) != 0)
    die(name, "cannot read the command line");
  if (x->directory != NULL && mkdir(x->directory, 0777) != 0 && errno != EEXIST)
    die(x->directory, strerror(errno));
  x->records_stream = open_memstream(&x->records, &x->records_length);
  x->table_stream = open_memstream(&x->table, &x->table_length);
  if (x->records_stream == NULL || x->table_stream == NULL)
    die(name, "out of memory");
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
    die(x->name, "too many claims");
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

/* "name=value name=value": each pair becomes an option. */
static ufm_spec *spec_from_text(experiment *x, char *text)
{
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};
  char *save = NULL;

  must(ufm_spec_new(&spec, &error), x->name, &error);
  for (char *pair = strtok_r(text, " ", &save); pair != NULL;
       pair = strtok_r(NULL, " ", &save)) {
    char *value = strchr(pair, '=');

    if (value == NULL)
      die(x->name, "an option of a case has no value");
    *value++ = '\0';
    must(ufm_spec_set(spec, pair, value, &error), x->name, &error);
  }
  return spec;
}

UFM_PRINTF(2, 0)
static ufm_spec *spec_from_format(experiment *x, const char *format,
                                  va_list values)
{
  char *text = NULL;
  ufm_spec *spec;

  if (vasprintf(&text, format, values) < 0)
    die(x->name, "out of memory");
  spec = spec_from_text(x, text);
  free(text);
  return spec;
}

static void predict(experiment *x, instance *out, const ufm_spec *spec)
{
  ufm_error error = {{0}};
  ufm_status status;

  *out = (instance){0};
  must(ufm_spec_problem(spec, &out->problem, &error), x->name, &error);
  status =
      ufm_theory_predict(&out->prediction, out->problem, DIGITS, &out->reason);
  if (status != UFM_EUNSUPPORTED)
    must(status, x->name, &out->reason);
}

static void record(experiment *x, const instance *i)
{
  ufm_report report = {.problem = i->problem,
                       .solution = i->solution,
                       .geometry = i->geometry,
                       .prediction = i->prediction,
                       .no_theory = i->reason.text,
                       .comparison = &i->comparison,
                       .certificate = i->certificate};
  ufm_error error = {{0}};

  if (x->directory != NULL && !x->brief)
    must(ufm_report_write_json(&report, x->records_stream, &error), x->name,
         &error);
}

/* Solves, measures and compares; certifies to `digits` digits unless 0, and
   records. */
static double solve(experiment *x, instance *out, const ufm_spec *spec,
                    size_t digits)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_error error = {{0}};
  struct timespec begin, end;
  double *t;
  bool frame;

  predict(x, out, spec);
  must(ufm_solve_settings_read(&settings, spec, &error), x->name, &error);
  must(ufm_solve(&out->solution, out->problem, &settings, &error), x->name,
       &error);
  t = calloc(ufm_problem_classes(out->problem), sizeof *t);
  if (t == NULL)
    die(x->name, "out of memory");
  frame = out->prediction != NULL && ufm_prediction_frame(out->prediction, t);
  must(ufm_geometry_measure(&out->geometry, out->problem, out->solution->layout,
                            out->solution->theta, frame ? t : NULL, &error),
       x->name, &error);
  free(t);
  must(ufm_compare(&out->comparison, out->problem, out->solution, out->geometry,
                   out->prediction, &error),
       x->name, &error);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  if (digits > 0)
    must(ufm_verify(&out->certificate, NULL, out->problem, out->solution->theta,
                    digits, &error),
         x->name, &error);
  clock_gettime(CLOCK_MONOTONIC, &end);
  record(x, out);
  return (double)(end.tv_sec - begin.tv_sec) +
         1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
}

void experiment_solve(experiment *x, instance *out, const char *options, ...)
{
  ufm_spec *spec;
  va_list values;

  va_start(values, options);
  spec = spec_from_format(x, options, values);
  va_end(values);
  solve(x, out, spec, 0);
  ufm_spec_free(spec);
}

double experiment_prove(experiment *x, instance *out, size_t digits,
                        const char *options, ...)
{
  ufm_spec *spec;
  va_list values;
  double seconds;

  va_start(values, options);
  spec = spec_from_format(x, options, values);
  va_end(values);
  seconds = solve(x, out, spec, digits);
  ufm_spec_free(spec);
  return seconds;
}

void experiment_predict(experiment *x, instance *out, const char *options, ...)
{
  ufm_spec *spec;
  va_list values;

  va_start(values, options);
  spec = spec_from_format(x, options, values);
  va_end(values);
  predict(x, out, spec);
  ufm_spec_free(spec);
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
    die(x->name, "out of memory");
  return stream;
}

double instance_outside(const instance *it)
{
  const ufm_certificate *c = it->certificate;
  mpfr_srcptr x;
  mpfr_t distance;
  double result;

  if (it->prediction == NULL || c == NULL)
    return (double)NAN;
  x = it->prediction->objective;
  mpfr_init2(distance, c->bits + it->prediction->bits);
  mpfr_sub(distance, c->lower, x, MPFR_RNDN);
  if (mpfr_sgn(distance) < 0)
    mpfr_sub(distance, x, c->upper, MPFR_RNDN);
  if (mpfr_sgn(distance) < 0)
    mpfr_set_zero(distance, 1);
  mpfr_div(distance, distance, c->upper, MPFR_RNDN);
  result = mpfr_get_d(distance, MPFR_RNDN);
  mpfr_clear(distance);
  return result;
}

void instance_clear(instance *i)
{
  ufm_certificate_free(i->certificate);
  ufm_geometry_free(i->geometry);
  ufm_prediction_free(i->prediction);
  ufm_solution_free(i->solution);
  ufm_problem_free(i->problem);
  *i = (instance){0};
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
    die(failed, "cannot write the CSV file");
  for (size_t i = 0; i < x->rows; i++)
    expected = expected && row_verdict(&x->row[i]) == x->row[i].expected;
  if (fclose(x->records_stream) != 0 || fclose(x->table_stream) != 0)
    die(x->name, "out of memory");
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
      die(x->name, "out of memory");
    must(ufm_file_write(path, write_records, x, &error), path, &error);
    free(path);
  }
  free(x->records);
  free(x->table);
  free(x->directory);
  free(x);
  mpfr_free_cache();
  return expected ? 0 : 1;
}
