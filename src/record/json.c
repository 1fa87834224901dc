/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values, and the record as a whole. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_version.h>
#include <mpfr.h>

#include <ufm/ufm.h>

#include "record/fail.h"
#include "record/json.h"
#include "record/phase.h"
#include "record/place.h"

json_t *ufm__json_real(double x)
{
  return isfinite(x) ? json_real(x) : json_null();
}

json_t *ufm__json_reals(const double *x, size_t n)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < n; i++)
    if (json_array_append_new(list, ufm__json_real(x[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

json_t *ufm__json_rational(mpq_srcptr x)
{
  char *text = NULL;
  json_t *value = NULL;

  if (gmp_asprintf(&text, "%Qd", x) >= 0) {
    void (*release)(void *, size_t);

    value = json_string(text);
    mp_get_memory_functions(NULL, NULL, &release);
    release(text, strlen(text) + 1);
  }
  return value;
}

json_t *ufm__json_decimal(mpfr_srcptr x, size_t digits)
{
  char *text = NULL;
  json_t *value = NULL;

  if (!mpfr_number_p(x))
    return json_null();
  if (mpfr_asprintf(&text, "%.*Rg", (int)digits, x) >= 0) {
    value = json_string(text);
    mpfr_free_str(text);
  }
  return value;
}

bool ufm__json_put(json_t *object, const char *key, json_t *value)
{
  return json_object_set_new(object, key, value) == 0;
}

json_t *ufm__json_versions(void)
{
  return json_pack("{s:s, s:s, s:s, s:s}", "ufm", ufm_version(), "gsl",
                   gsl_version, "mpfr", mpfr_get_version(), "blas", UFM_BLAS);
}

ufm_status ufm_report_write_json(const ufm_report *report, FILE *stream,
                                 ufm_error *error)
{
  json_t *root = json_pack("{s:s}", "format", "ufm-record-1");
  ufm_status status = UFM_OK;

  if (root == NULL || !ufm__json_put_place(root, report->place) ||
      !ufm__json_put(root, "problem",
                     report->problem != NULL
                         ? ufm__json_problem(report->problem)
                         : json_null()) ||
      !ufm__json_put(root, "solve", ufm__json_solution(report->solution)) ||
      !ufm__json_put(
          root, "geometry",
          ufm__json_geometry(report->geometry, report->problem,
                             report->solution != NULL &&
                                 report->solution->orbits != NULL)) ||
      !ufm__json_put(root, "orbits",
                     ufm__json_orbits(report->solution, report->geometry)) ||
      !ufm__json_put(root, "theory", ufm__json_theory(report->prediction)) ||
      !ufm__json_put(root, "theory_reason",
                     report->prediction == NULL && report->no_theory != NULL
                         ? json_string(report->no_theory)
                         : json_null()) ||
      !ufm__json_put(root, "comparison",
                     ufm__json_comparison(report->comparison)) ||
      !ufm__json_put(
          root, "certificate",
          report->certificate != NULL
              ? ufm__json_certificate(report->certificate,
                                      ufm_problem_classes(report->problem))
              : json_null()) ||
      !ufm__json_put(root, "phase", ufm__json_phase(report)) ||
      !ufm__json_put(root, "versions", ufm__json_versions()))
    status = ufm__record_no_memory(error);
  else if (json_dumpf(root, stream, JSON_COMPACT | JSON_REAL_PRECISION(17)) !=
               0 ||
           fputc('\n', stream) == EOF)
    status = ufm__record_io(error);
  json_decref(root);
  return status;
}

char *ufm_report_line(const ufm_report *report, size_t *length)
{
  char *text = NULL;
  FILE *stream = open_memstream(&text, length);
  ufm_status status;

  if (stream == NULL)
    return NULL;
  status = ufm_report_write_json(report, stream, NULL);
  if (fclose(stream) != 0 || status != UFM_OK) {
    free(text);
    return NULL;
  }
  return text;
}
