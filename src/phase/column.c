/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One column of a phase diagram: all boundaries at one imbalance ratio. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/ufm.h>

#include "phase/diagram.h"
#include "phase/fail.h"

/* What a column is made of. */
typedef struct column {
  ufm_spec *spec;
  ufm_problem *problem;
  ufm_thresholds *thresholds;
  ufm_phase *phase;
  ufm_rank_changes *changes;
  ufm_error no_thresholds;
  size_t digits;
} column;

static void column_clear(column *c)
{
  ufm_rank_changes_free(c->changes);
  ufm_phase_free(c->phase);
  ufm_thresholds_free(c->thresholds);
  ufm_problem_free(c->problem);
  ufm_spec_free(c->spec);
}

ufm_status ufm__phase_set_ratio(ufm_spec *spec, size_t number, ufm_error *error)
{
  const char *old = ufm_spec_get(spec, "profile"), *field = old;
  char *text = NULL;
  ufm_status status;

  if (old == NULL ||
      (strncmp(old, "exp:", 4) != 0 && strncmp(old, "step:", 5) != 0))
    return ufm__phase_fail(error, UFM_EINVAL,
                           "ratio: got profile %.80s, want an exp or step "
                           "profile whose RATIO can vary",
                           old != NULL ? old : "none");
  for (int i = 0; i < 3 && field != NULL; i++) {
    field = strchr(field, ':');
    field = field != NULL ? field + 1 : NULL;
  }
  if (field == NULL)
    return ufm__phase_fail(error, UFM_EINVAL,
                           "ratio: got profile %.80s, want one with a RATIO",
                           old);
  if (asprintf(&text, "%.*s%zu/%d%s", (int)(field - old), old, number,
               UFM__RATIO_UNIT, field + strcspn(field, ":")) < 0)
    return ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
  status = ufm_spec_set(spec, "profile", text, error);
  free(text);
  return status;
}

static ufm_status column_spec(column *c, const ufm_spec *family, size_t number,
                              ufm_error *error)
{
  ufm_status status = ufm_spec_copy(&c->spec, family, error);

  return status == UFM_OK ? ufm__phase_set_ratio(c->spec, number, error)
                          : status;
}

/* Changes of rank, when a width for their brackets is given; they are looked
   for around the last threshold that is known. */
static ufm_status brackets(column *c, ufm_error *error)
{
  const ufm_thresholds *t = c->thresholds;
  double start = 1.0, tolerance = 0.0;
  ufm_status status = ufm_spec_positive(c->spec, "bracket", &tolerance, error);

  if (status != UFM_OK || tolerance == 0.0)
    return status;
  if (t != NULL && t->count > 0)
    start = mpfr_get_d(t->at[t->count - 1].upper, MPFR_RNDU);
  status = ufm_phase_new(&c->phase, c->spec, error);
  return status == UFM_OK ? ufm_phase_rank_changes(&c->changes, c->phase, start,
                                                   tolerance, error)
                          : status;
}

static ufm_status fill(column *c, ufm_error *error)
{
  ufm_status status;

  c->digits = UFM_DIGITS;
  status = ufm_spec_problem(c->spec, &c->problem, error);
  if (status == UFM_OK)
    status =
        ufm_spec_size(c->spec, "digits", 1, UFM_DIGITS_MAX, &c->digits, error);
  if (status != UFM_OK)
    return status;
  status = ufm_thresholds_enclose(&c->thresholds, c->problem, c->digits,
                                  &c->no_thresholds);
  if (status != UFM_OK && status != UFM_EUNSUPPORTED) {
    *error = c->no_thresholds;
    return status;
  }
  return brackets(c, error);
}

static char *write_column(const column *c, const ufm_place *place,
                          size_t *length)
{
  ufm_report report = {.place = place,
                       .problem = c->problem,
                       .thresholds = c->thresholds,
                       .no_thresholds = c->no_thresholds.text,
                       .rank_changes = c->changes,
                       .digits = c->digits};

  return ufm_report_line(&report, length);
}

static ufm_place place_of(const ufm__columns *columns, const column *c,
                          size_t number)
{
  return (ufm_place){.hash = columns->hash,
                     .index = number,
                     .ratio = (double)number / UFM__RATIO_UNIT,
                     .spec = c->spec,
                     .seconds = (double)NAN};
}

static char *record(const void *what, size_t number, ufm_point_status *how,
                    size_t *length)
{
  const ufm__columns *columns = what;
  column c = {0};
  ufm_place place;
  ufm_error error = {{0}};
  double begin = ufm_clock();
  char *text = NULL;

  if (column_spec(&c, columns->spec, number, &error) == UFM_OK) {
    ufm_status status = fill(&c, &error);

    place = place_of(columns, &c, number);
    place.seconds = ufm_clock() - begin;
    if (status == UFM_ENOMEM)
      place.status = UFM_POINT_CRASHED;
    else
      place.status = status == UFM_OK ? UFM_POINT_DONE : UFM_POINT_FAILED;
    if (status != UFM_OK)
      place.reason = error.text;
    *how = place.status;
    text = write_column(&c, &place, length);
  }
  column_clear(&c);
  return text;
}

static char *crashed(const void *what, size_t number, const char *reason,
                     size_t *length)
{
  const ufm__columns *columns = what;
  column c = {0};
  ufm_place place;
  char *text = NULL;

  if (column_spec(&c, columns->spec, number, NULL) == UFM_OK &&
      ufm_spec_problem(c.spec, &c.problem, NULL) == UFM_OK) {
    place = place_of(columns, &c, number);
    place.status = UFM_POINT_CRASHED;
    place.reason = reason;
    text = write_column(&c, &place, length);
  }
  column_clear(&c);
  return text;
}

ufm_status ufm__columns_init(ufm__columns *columns, const ufm_spec *spec,
                             ufm_error *error)
{
  column c = {0};
  ufm_status status = column_spec(&c, spec, UFM__RATIO_UNIT, error);

  /* the hash is that of the family, whatever RATIO stood in the profile */
  if (status == UFM_OK)
    ufm_spec_hash(c.spec, columns->hash);
  columns->spec = spec;
  column_clear(&c);
  return status;
}

ufm_tasks ufm__columns_tasks(const ufm__columns *columns)
{
  return (ufm_tasks){.size =
                         (size_t)UFM__RATIO_MAX * (size_t)UFM__RATIO_UNIT + 1,
                     .hash = columns->hash,
                     .what = columns,
                     .record = record,
                     .crashed = crashed};
}
