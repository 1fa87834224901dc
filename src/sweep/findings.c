/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One problem from its options to all that is found of it. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/families.h>
#include <ufm/findings.h>
#include <ufm/reduce.h>

#include "sweep/fail.h"

/* A spec, read. */
typedef struct request {
  ufm_problem *problem;
  ufm_solve_settings settings;
  bool reduced; /* to groups of interchangeable classes */
  size_t digits, proof_digits;
} request;

static ufm_status read_request(request *r, const ufm_spec *spec,
                               ufm_error *error)
{
  ufm_status status = ufm_spec_problem(spec, &r->problem, error);

  r->settings = ufm_solve_defaults();
  r->digits = UFM_DIGITS;
  r->proof_digits = UFM_PROOF_DIGITS;
  if (status == UFM_OK)
    status = ufm_solve_settings_read(&r->settings, spec, error);
  if (status == UFM_OK)
    status = ufm_reduce_decide(&r->reduced, r->problem, spec, error);
  if (status == UFM_OK)
    status =
        ufm_spec_size(spec, "digits", 1, UFM_DIGITS_MAX, &r->digits, error);
  if (status == UFM_OK)
    status = ufm_spec_size(spec, "digits", 1, UFM_DIGITS_MAX, &r->proof_digits,
                           error);
  return status;
}

/* The closed form, where there is one; none is not a failure. */
static ufm_status predict(ufm_findings *f, ufm_error *error)
{
  ufm_status status =
      ufm_theory_predict(&f->prediction, f->problem, f->digits, &f->no_theory);

  if (status == UFM_OK || status == UFM_EUNSUPPORTED)
    return UFM_OK;
  ufm__sweep_copy(error, &f->no_theory);
  return status;
}

static ufm_status measure(ufm_findings *f, ufm_error *error)
{
  double *t = calloc(ufm_problem_classes(f->problem), sizeof *t);
  bool frame = t != NULL && f->prediction != NULL &&
               ufm_prediction_frame(f->prediction, t);
  const ufm_solution *s = f->solution;
  ufm_status status =
      s->orbits != NULL
          ? ufm_reduce_geometry(&f->geometry, f->problem, s->orbits,
                                frame ? t : NULL, error)
          : ufm_geometry_measure(&f->geometry, f->problem, s->layout, s->theta,
                                 frame ? t : NULL, error);

  free(t);
  if (status == UFM_OK)
    status = ufm_compare(&f->comparison, f->problem, f->solution, f->geometry,
                         f->prediction, error);
  return status;
}

/* The proof that the ETF is not optimal; that it is, or may be, is an answer.
 */
static ufm_status refute(ufm_findings *f, const char *file, ufm_error *error)
{
  ufm_status status;

  if (file == NULL)
    return UFM_OK;
  status = ufm_refutation_write(f->certificate, file, &f->no_refutation);
  if (status == UFM_OK || status == UFM_EUNSUPPORTED)
    return UFM_OK;
  ufm__sweep_copy(error, &f->no_refutation);
  return status;
}

/* Refines and certifies the point when asked to. */
static ufm_status verify(ufm_findings *f, const ufm_spec *spec,
                         ufm_error *error)
{
  const char *wanted = ufm_spec_get(spec, "verify");
  const char *certificate = ufm_spec_get(spec, "certificate");
  const char *refutation = ufm_spec_get(spec, "refute");
  ufm_status status;

  if (certificate == NULL && refutation == NULL &&
      (wanted == NULL || strcmp(wanted, "true") != 0))
    return UFM_OK;
  status = f->solution->orbits != NULL
               ? ufm_verify_orbits(&f->certificate, NULL, f->problem,
                                   f->solution->orbits, f->proof_digits, error)
               : ufm_verify(&f->certificate, NULL, f->problem,
                            f->solution->theta, f->proof_digits, error);
  if (status == UFM_OK && certificate != NULL &&
      f->certificate->status != UFM_PROOF_REFUSED)
    status = ufm_certificate_write(f->certificate, certificate, error);
  return status == UFM_OK ? refute(f, refutation, error) : status;
}

ufm_status ufm_findings_solve(ufm_findings **out, const ufm_spec *spec,
                              int (*progress)(const ufm_progress *, void *),
                              void *user, ufm_error *error)
{
  request r = {0};
  ufm_findings *f = calloc(1, sizeof *f);
  ufm_status status;

  *out = NULL;
  if (f == NULL)
    return ufm__sweep_no_memory(error);
  status = read_request(&r, spec, error);
  f->problem = r.problem;
  f->digits = r.digits;
  f->proof_digits = r.proof_digits;
  r.settings.progress = progress;
  r.settings.user = user;
  if (status == UFM_OK)
    status =
        r.reduced
            ? ufm_reduce_solve(&f->solution, f->problem, &r.settings, error)
            : ufm_solve(&f->solution, f->problem, &r.settings, error);
  if (status != UFM_OK) {
    ufm_findings_free(f);
    return status;
  }
  *out = f;
  return UFM_OK;
}

ufm_status ufm_findings_complete(ufm_findings *f, const ufm_spec *spec,
                                 ufm_error *error)
{
  ufm_status status = predict(f, error);

  if (status == UFM_OK)
    status = measure(f, error);
  return status == UFM_OK ? verify(f, spec, error) : status;
}

ufm_status ufm_findings_check(const ufm_spec *spec, ufm_error *error)
{
  request r = {0};
  ufm_status status = read_request(&r, spec, error);

  ufm_problem_free(r.problem);
  return status;
}

void ufm_findings_free(ufm_findings *f)
{
  if (f == NULL)
    return;
  ufm_certificate_free(f->certificate);
  ufm_geometry_free(f->geometry);
  ufm_prediction_free(f->prediction);
  ufm_solution_free(f->solution);
  ufm_problem_free(f->problem);
  free(f);
}

ufm_report ufm_findings_report(const ufm_findings *f)
{
  return (ufm_report){.problem = f->problem,
                      .solution = f->solution,
                      .geometry = f->geometry,
                      .prediction = f->prediction,
                      .no_theory = f->no_theory.text,
                      .comparison = &f->comparison,
                      .certificate = f->certificate};
}
