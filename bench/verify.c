/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a proof costs: refinement and certificate of imbalanced cross entropy,
   and its check by ufm-check, by the number of classes and digits.

   One JSON object per case on standard output; the last one has the exponent of
   the growth with the number of classes.  Times are processor seconds of this
   process, with one BLAS thread.  Without arguments all cases, else those whose
   name begins with one of the arguments. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_fit.h>
#include <jansson.h>
#include <ufm/ufm.h>

#include "check/verify.h"

/* The digits of a case are the binary digits of its name: the relative gap is
   at most 10^-digits. */
typedef struct bench_case {
  const char *name, *counts;
  size_t K, width, digits;
  double limit, check_limit; /* seconds to beat; 0: none */
  bool growth;               /* counts for the exponent */
} bench_case;

static const bench_case cases[] = {
    {"k10-100-digits", "counts=500,300,180,108,65,39,23,14,8,5", 10, 16, 100,
     0.1, 0.0, false},
    {"k10-1000-digits", "counts=500,300,180,108,65,39,23,14,8,5", 10, 16, 1000,
     4.0, 1.0, false},
    {"k50-256-bits", "profile=exp:50:500:100", 50, 50, 77, 1.0, 0.0, false},
    {"k100-256-bits", "profile=exp:100:500:100", 100, 100, 77, 3.0, 5.0, false},
    {"k25-128-bits", "profile=exp:25:500:100", 25, 25, 38, 0.0, 0.0, true},
    {"k50-128-bits", "profile=exp:50:500:100", 50, 50, 38, 0.0, 0.0, true},
    {"k100-128-bits", "profile=exp:100:500:100", 100, 100, 38, 0.0, 0.0, true},
    {"k200-128-bits", "profile=exp:200:500:100", 200, 200, 38, 30.0, 0.0,
     true}};
enum { CASES = sizeof cases / sizeof *cases };

static void must(ufm_status status, const char *name, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "verify: %s: %s\n", name, error->text);
  exit(3);
}

static void set(ufm_spec *spec, const char *name, const char *value)
{
  ufm_error error = {{0}};

  must(ufm_spec_set(spec, name, value, &error), name, &error);
}

static ufm_problem *make_problem(const bench_case *c)
{
  const char *value = strchr(c->counts, '=') + 1;
  char name[16], width[24];
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  ufm_spec *spec = NULL;

  snprintf(name, sizeof name, "%.*s", (int)(value - 1 - c->counts), c->counts);
  snprintf(width, sizeof width, "%zu", c->width);
  must(ufm_spec_new(&spec, &error), c->name, &error);
  set(spec, "loss", "ce");
  set(spec, name, value);
  set(spec, "width", width);
  set(spec, "lambda-W", "1/2000");
  set(spec, "lambda-H", "1/100000");
  must(ufm_spec_problem(spec, &problem, &error), c->name, &error);
  ufm_spec_free(spec);
  return problem;
}

static double seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds of ufm-check on the certificate; NaN unless it is verified. */
static double check_seconds(const ufm_certificate *certificate,
                            const char *name, size_t *size)
{
  char path[] = "bench-verify-XXXXXX";
  int descriptor = mkstemp(path);
  ufm_error error = {{0}};
  chk_result result;
  double begin;
  bool verified;
  char *bytes;
  FILE *file;

  if (descriptor < 0) {
    perror("verify: temporary file");
    exit(3);
  }
  close(descriptor);
  must(ufm_certificate_write(certificate, path, &error), name, &error);
  file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(3);
  }
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size);
  if (bytes == NULL || fread(bytes, 1, *size, file) != *size) {
    perror(path);
    exit(3);
  }
  fclose(file);
  unlink(path);
  chk_result_init(&result);
  begin = seconds();
  chk_verify(&result, bytes, *size, &chk_default_limits);
  begin = seconds() - begin;
  verified = result.session.outcome == CHK_VERIFIED;
  chk_result_clear(&result);
  free(bytes);
  return verified ? begin : (double)NAN;
}

static json_t *number(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *limit(double value)
{
  return value > 0.0 ? json_real(value) : json_null();
}

static double run(const bench_case *c)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_problem *problem = make_problem(c);
  ufm_solution *solution = NULL;
  ufm_certificate *certificate = NULL;
  ufm_refinement *refined = NULL;
  ufm_error error = {{0}};
  size_t size;
  double refine, certify, check;
  json_t *line;

  must(ufm_solve(&solution, problem, &settings, &error), c->name, &error);
  refine = seconds();
  must(ufm_refine(&refined, problem, solution->theta, c->digits + 4, &error),
       c->name, &error);
  certify = seconds();
  refine = certify - refine;
  must(ufm_certify(&certificate, problem, refined, c->digits, &error), c->name,
       &error);
  certify = seconds() - certify;
  check = check_seconds(certificate, c->name, &size);
  line = json_pack("{ss, sI, sI, sI, sI, so, so, so, so, so, sI, ss, so, sI}",
                   "case", c->name, "classes", (json_int_t)c->K, "width",
                   (json_int_t)c->width, "digits", (json_int_t)c->digits,
                   "bits", (json_int_t)certificate->bits, "refine_seconds",
                   number(refine), "certify_seconds", number(certify),
                   "limit_seconds", limit(c->limit), "check_seconds",
                   number(check), "check_limit_seconds", limit(c->check_limit),
                   "steps", (json_int_t)refined->steps, "status",
                   ufm_proof_status_name(certificate->status), "log10_gap",
                   number((double)mpfr_get_exp(certificate->gap) * log10(2.0)),
                   "certificate_bytes", (json_int_t)size);
  json_dumpf(line, stdout, JSON_REAL_PRECISION(4));
  putchar('\n');
  fflush(stdout);
  json_decref(line);
  ufm_certificate_free(certificate);
  ufm_refinement_free(refined);
  ufm_solution_free(solution);
  ufm_problem_free(problem);
  return refine + certify;
}

static bool wanted(const bench_case *c, int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (strncmp(c->name, argv[i], strlen(argv[i])) == 0)
      return true;
  return argc == 1;
}

int main(int argc, char **argv)
{
  double x[CASES], y[CASES], c0, exponent, cov[3], sum;
  size_t n = 0;

  gsl_set_error_handler_off();
  for (size_t i = 0; i < CASES; i++)
    if (wanted(&cases[i], argc, argv)) {
      double time = run(&cases[i]);

      if (cases[i].growth) {
        x[n] = log((double)cases[i].K);
        y[n++] = log(time);
      }
    }
  if (n > 1 && gsl_fit_linear(x, 1, y, 1, n, &c0, &exponent, &cov[0], &cov[1],
                              &cov[2], &sum) == GSL_SUCCESS)
    printf("{\"case\": \"growth-128-bits\", \"exponent\": %.2f, "
           "\"limit_exponent\": 3}\n",
           exponent);
  mpfr_free_cache();
  return 0;
}
