/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a problem of many classes costs by groups of interchangeable ones: the
   problem, its solution, the proof, and its check by ufm-check.

   One JSON object per case on standard output.  Times are processor seconds of
   this process, with one BLAS thread; `total` is all of them. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <ufm/ufm.h>

#include "check/verify.h"

typedef struct bench_case {
  const char *name, *loss, *bias, *profile, *lambda_w, *lambda_h, *targets;
} bench_case;

/* 50 digits each */
static const bench_case cases[] = {
    {"ce-step", "ce", "none", "step:1000000:500:100:500000", "1e-9", "1e-11",
     "onehot"},
    {"ce-step-free", "ce", "free", "step:1000000:500:100:500000", "1e-9",
     "1e-11", "onehot"},
    {"ce-balanced", "ce", "none", "step:1000000:100:1:0", "1e-9", "1e-11",
     "onehot"},
    {"mse-step", "mse", "none", "step:1000000:500:100:500000", "1e-9", "1e-9",
     "onehot"},
    {"ce-zipf", "ce", "none", "zipf:1000000:1000", "1e-8", "1e-9", "onehot"},
    {"ce-step-1000", "ce", "none", "step:1000:500:100:500", "1e-6", "1e-8",
     "onehot"},
    {"mse-mixup", "mse", "none", "step:1000000:500:1:0", "1e-6", "1e-8",
     "mixup:beta=1,nodes=17"},
    {"mse-mixup-step", "mse", "free", "step:1000000:500:100:300000", "1e-6",
     "1e-8", "mixup:beta=1,nodes=33"},
    {"ce-mixup", "ce", "none", "step:1000000:500:1:0", "1e-6", "1e-7",
     "mixup:beta=1,nodes=33"},
    {"ce-mixup-step", "ce", "none", "step:1000000:500:100:300000", "1e-6",
     "1e-7", "mixup:beta=1,nodes=17"},
    {"ce-mixup-step-free", "ce", "free", "step:1000000:500:100:300000", "1e-6",
     "1e-7", "mixup:beta=1,nodes=33"}};
enum { CASES = sizeof cases / sizeof *cases, DIGITS = 50, ROOM = 1 << 24 };

static void must(ufm_status status, const char *name, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "orbits: %s: %s\n", name, error->text);
  exit(3);
}

static double seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void set(ufm_spec *spec, const char *name, const char *value)
{
  ufm_error error = {{0}};

  must(ufm_spec_set(spec, name, value, &error), name, &error);
}

static ufm_problem *make_problem(const bench_case *c)
{
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  ufm_spec *spec = NULL;

  must(ufm_spec_new(&spec, &error), c->name, &error);
  set(spec, "loss", c->loss);
  set(spec, "bias", c->bias);
  set(spec, "profile", c->profile);
  set(spec, "lambda-W", c->lambda_w);
  set(spec, "lambda-H", c->lambda_h);
  set(spec, "targets", c->targets);
  must(ufm_spec_problem(spec, &problem, &error), c->name, &error);
  ufm_spec_free(spec);
  return problem;
}

/* Writes the certificate and checks what was written. */
static bool verified(const ufm_certificate *certificate, const char *name,
                     size_t *size)
{
  char path[] = "bench-orbits-XXXXXX", *bytes = malloc(ROOM);
  int descriptor = mkstemp(path);
  ufm_error error = {{0}};
  chk_result result;
  FILE *file;
  bool good;

  if (descriptor < 0 || bytes == NULL) {
    perror("orbits: temporary file");
    exit(3);
  }
  close(descriptor);
  must(ufm_certificate_write(certificate, path, &error), name, &error);
  file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(3);
  }
  *size = fread(bytes, 1, ROOM, file);
  fclose(file);
  unlink(path);
  chk_result_init(&result);
  chk_verify(&result, bytes, *size, &chk_default_limits);
  good = result.session.outcome == CHK_VERIFIED;
  chk_result_clear(&result);
  free(bytes);
  return good;
}

static void run(const bench_case *c)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  double start = seconds(), made, solved, proved, done;
  ufm_problem *problem = make_problem(c);
  ufm_certificate *certificate = NULL;
  ufm_solution *s = NULL;
  ufm_error error = {{0}};
  size_t size;
  bool good;
  json_t *line;

  made = seconds();
  must(ufm_reduce_solve(&s, problem, &settings, &error), c->name, &error);
  solved = seconds();
  must(
      ufm_verify_orbits(&certificate, NULL, problem, s->orbits, DIGITS, &error),
      c->name, &error);
  proved = seconds();
  good = verified(certificate, c->name, &size);
  done = seconds();
  line = json_pack(
      "{ss, sI, sI, sI, sI, sf, sf, sf, sf, sf, ss, sb, sI, sI}", "case",
      c->name, "classes", (json_int_t)ufm_problem_classes(problem), "groups",
      (json_int_t)s->orbits->G, "column_orbits", (json_int_t)s->orbits->C,
      "evaluations", (json_int_t)s->run[0].evaluations.values,
      "problem_seconds", made - start, "solve_seconds", solved - made,
      "proof_seconds", proved - solved, "check_seconds", done - proved,
      "total_seconds", done - start, "status",
      ufm_proof_status_name(certificate->status), "verified", (int)good,
      "digits", (json_int_t)DIGITS, "certificate_bytes", (json_int_t)size);
  json_dumpf(line, stdout, JSON_REAL_PRECISION(4));
  putchar('\n');
  fflush(stdout);
  json_decref(line);
  ufm_certificate_free(certificate);
  ufm_solution_free(s);
  ufm_problem_free(problem);
}

int main(void)
{
  gsl_set_error_handler_off();
  for (size_t i = 0; i < CASES; i++)
    run(&cases[i]);
  mpfr_free_cache();
  return 0;
}
