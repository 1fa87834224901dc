/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One problem from an option text to its record: solve, predict, measure,
   compare, prove. */
#include <config.h>

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness_private.h"

enum { DIGITS = 40 };

/* "name=value name=value": each pair becomes an option. */
static ufm_spec *spec_from_text(experiment *x, char *text)
{
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};
  char *save = NULL;

  experiment_must(ufm_spec_new(&spec, &error), x->name, &error);
  for (char *pair = strtok_r(text, " ", &save); pair != NULL;
       pair = strtok_r(NULL, " ", &save)) {
    char *value = strchr(pair, '=');

    if (value == NULL)
      experiment_die(x->name, "an option of a case has no value");
    *value++ = '\0';
    experiment_must(ufm_spec_set(spec, pair, value, &error), x->name, &error);
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
    experiment_die(x->name, "out of memory");
  spec = spec_from_text(x, text);
  free(text);
  return spec;
}

static void predict(experiment *x, instance *out, const ufm_spec *spec)
{
  ufm_error error = {{0}};
  ufm_status status;

  *out = (instance){0};
  experiment_must(ufm_spec_problem(spec, &out->problem, &error), x->name,
                  &error);
  status =
      ufm_theory_predict(&out->prediction, out->problem, DIGITS, &out->reason);
  if (status != UFM_EUNSUPPORTED)
    experiment_must(status, x->name, &out->reason);
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
    experiment_must(ufm_report_write_json(&report, x->records_stream, &error),
                    x->name, &error);
}

/* Solves, measures and compares; certifies to `digits` digits unless 0, and
   records. */
static double solve(experiment *x, instance *out, const ufm_spec *spec,
                    size_t digits)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_error error = {{0}};
  double begin, seconds;
  double *t;
  bool frame;

  predict(x, out, spec);
  experiment_must(ufm_solve_settings_read(&settings, spec, &error), x->name,
                  &error);
  experiment_must(ufm_solve(&out->solution, out->problem, &settings, &error),
                  x->name, &error);
  t = calloc(ufm_problem_classes(out->problem), sizeof *t);
  if (t == NULL)
    experiment_die(x->name, "out of memory");
  frame = out->prediction != NULL && ufm_prediction_frame(out->prediction, t);
  experiment_must(
      ufm_geometry_measure(&out->geometry, out->problem, out->solution->layout,
                           out->solution->theta, frame ? t : NULL, &error),
      x->name, &error);
  free(t);
  experiment_must(ufm_compare(&out->comparison, out->problem, out->solution,
                              out->geometry, out->prediction, &error),
                  x->name, &error);
  begin = ufm_clock();
  if (digits > 0)
    experiment_must(ufm_verify(&out->certificate, NULL, out->problem,
                               out->solution->theta, digits, &error),
                    x->name, &error);
  seconds = ufm_clock() - begin;
  record(x, out);
  return seconds;
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
