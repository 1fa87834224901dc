/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What digits cost: refinement, certificate and its independent check for
   imbalanced cross entropy, by the digits asked for.  Seconds are processor
   seconds of one core. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "check/verify.h"
#include "harness.h"

static const struct {
  const char *name, *options;
  size_t last, last_quick; /* digits */
} problems[] = {{"k10",
                 "loss=ce counts=500,300,180,108,65,39,23,14,8,5 width=16 "
                 "lambda-W=1/2000 lambda-H=1/100000",
                 2000, 100},
                {"k50",
                 "loss=ce profile=exp:50:500:100 width=50 lambda-W=1/2000 "
                 "lambda-H=1/100000",
                 500, 20}};

static void must(ufm_status status, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "certified_digits: %s\n", error->text);
  exit(3);
}

static double seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds of ufm-check; NaN unless it verifies the certificate. */
static double check_seconds(const ufm_certificate *certificate)
{
  static const char path[] = "certified_digits.tmp";
  ufm_error error = {{0}};
  char *bytes = NULL;
  size_t size = 0;
  chk_result result;
  double begin;
  FILE *file;
  long end;

  must(ufm_certificate_write(certificate, path, &error), &error);
  file = fopen(path, "rb");
  if (file != NULL && fseek(file, 0, SEEK_END) == 0 &&
      (end = ftell(file)) > 0) {
    size = (size_t)end;
    rewind(file);
    bytes = malloc(size);
  }
  if (bytes == NULL || fread(bytes, 1, size, file) != size) {
    perror(path);
    exit(3);
  }
  fclose(file);
  remove(path);
  chk_result_init(&result);
  begin = seconds();
  chk_verify(&result, bytes, size, &chk_default_limits);
  begin = seconds() - begin;
  if (result.session.outcome != CHK_VERIFIED)
    begin = (double)NAN;
  chk_result_clear(&result);
  free(bytes);
  return begin;
}

/* -log10(gap/upper): the digits that are proved. */
static double proved_digits(const ufm_certificate *c)
{
  double digits;
  mpfr_t relative;

  mpfr_init2(relative, 64);
  mpfr_div(relative, c->gap, c->upper, MPFR_RNDU);
  mpfr_log10(relative, relative, MPFR_RNDU);
  digits = -mpfr_get_d(relative, MPFR_RNDU);
  mpfr_clear(relative);
  return digits;
}

/* Seconds and result of one proof. */
typedef struct cost {
  double refine, certify, check, digits;
} cost;

static cost prove(const instance *it, size_t digits)
{
  ufm_refinement *refined = NULL;
  ufm_certificate *c = NULL;
  ufm_error error = {{0}};
  double begin = seconds();
  cost result;

  must(ufm_refine(&refined, it->problem, it->solution->theta, digits + 4,
                  &error),
       &error);
  result.refine = seconds() - begin;
  must(ufm_certify(&c, it->problem, refined, digits, &error), &error);
  result.certify = seconds() - begin - result.refine;
  result.check = check_seconds(c);
  result.digits = proved_digits(c);
  ufm_certificate_free(c);
  ufm_refinement_free(refined);
  return result;
}

/* The least of three times, when a proof takes less than a second. */
static void measure(FILE *csv, const instance *it, size_t digits, experiment *x,
                    const size_t rows[2])
{
  cost best = prove(it, digits);

  for (int i = 0; i < 2 && best.refine + best.certify < 1.0; i++) {
    cost again = prove(it, digits);

    best.refine = fmin(best.refine, again.refine);
    best.certify = fmin(best.certify, again.certify);
    best.check = fmin(best.check, again.check);
  }
  experiment_case(x, rows[0],
                  fmax(0.0, (double)digits - best.digits) / (double)digits);
  experiment_case(x, rows[1], isnan(best.check) ? 1.0 : 0.0);
  fprintf(csv, "%zu,%.6g,%.4g,%.4g,%.4g\n", digits, best.digits, best.refine,
          best.certify, best.check);
}

int main(int argc, char **argv)
{
  static const size_t digits[] = {20, 50, 100, 200, 500, 1000, 2000};
  experiment *x = experiment_begin(
      argc, argv, "certified_digits",
      "What the digits of a proof cost: refine, certify, check.");
  const size_t rows[] = {
      experiment_claim(x, "the digits asked for are proved", 0.0,
                       UFM_VERDICT_AGREES),
      experiment_claim(x, "the independent checker verifies each certificate",
                       0.0, UFM_VERDICT_AGREES)};

  for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
    size_t last =
        experiment_full(x) ? problems[i].last : problems[i].last_quick;
    char name[64];
    instance it;
    FILE *csv;

    snprintf(name, sizeof name, "certified_digits_%s", problems[i].name);
    csv = experiment_csv(x, name, "digits,proved,refine,certify,check");
    experiment_solve(x, &it, "%s", problems[i].options);
    for (size_t k = 0; k < sizeof digits / sizeof *digits; k++)
      if (digits[k] <= last)
        measure(csv, &it, digits[k], x, rows);
    instance_clear(&it);
  }
  return experiment_end(x);
}
