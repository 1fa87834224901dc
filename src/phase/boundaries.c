/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All boundaries of one problem along the scale of the penalties. */
#include <config.h>

#include <stdlib.h>

#include <ufm/diagram.h>
#include <ufm/findings.h>

#include "phase/fail.h"

/* Closed forms; that none is known is an answer. */
static ufm_status thresholds(ufm_boundaries *b, ufm_error *error)
{
  ufm_status status = ufm_thresholds_enclose(&b->thresholds, b->problem,
                                             b->digits, &b->no_thresholds);

  if (status == UFM_OK || status == UFM_EUNSUPPORTED)
    return UFM_OK;
  if (error != NULL)
    *error = b->no_thresholds;
  return status;
}

/* Where to look for changes first: at the last known threshold. */
static double first_scale(const ufm_thresholds *t)
{
  return t != NULL && t->count > 0
             ? mpfr_get_d(t->at[t->count - 1].upper, MPFR_RNDU)
             : 1.0;
}

static ufm_status changes(ufm_boundaries *b, const ufm_spec *spec,
                          ufm_error *error)
{
  double tolerance = 0.0;
  ufm_phase *phase = NULL;
  ufm_status status = ufm_spec_positive(spec, "bracket", &tolerance, error);

  if (status != UFM_OK || tolerance == 0.0)
    return status;
  status = ufm_phase_new(&phase, spec, error);
  if (status == UFM_OK)
    status = ufm_phase_rank_changes(
        &b->changes, phase, first_scale(b->thresholds), tolerance, error);
  ufm_phase_free(phase);
  return status;
}

ufm_status ufm_boundaries_find(ufm_boundaries **out, const ufm_spec *spec,
                               ufm_error *error)
{
  ufm_boundaries *b = calloc(1, sizeof *b);
  ufm_status status;

  *out = NULL;
  if (b == NULL)
    return ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
  b->digits = UFM_DIGITS;
  status = ufm_spec_problem(spec, &b->problem, error);
  if (status == UFM_OK)
    status =
        ufm_spec_size(spec, "digits", 1, UFM_DIGITS_MAX, &b->digits, error);
  if (status == UFM_OK)
    status = thresholds(b, error);
  if (status == UFM_OK)
    status = changes(b, spec, error);
  if (status != UFM_OK) {
    ufm_boundaries_free(b);
    return status;
  }
  *out = b;
  return UFM_OK;
}

void ufm_boundaries_free(ufm_boundaries *b)
{
  if (b == NULL)
    return;
  ufm_rank_changes_free(b->changes);
  ufm_thresholds_free(b->thresholds);
  ufm_problem_free(b->problem);
  free(b);
}

ufm_report ufm_boundaries_report(const ufm_boundaries *b)
{
  return (ufm_report){.problem = b->problem,
                      .thresholds = b->thresholds,
                      .no_thresholds = b->no_thresholds.text,
                      .rank_changes = b->changes,
                      .digits = b->digits};
}
