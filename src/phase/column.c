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

static ufm_status column_spec(ufm_spec **out, const ufm_spec *family,
                              size_t number, ufm_error *error)
{
  ufm_status status = ufm_spec_copy(out, family, error);

  if (status == UFM_OK)
    status = ufm__phase_set_ratio(*out, number, error);
  if (status != UFM_OK) {
    ufm_spec_free(*out);
    *out = NULL;
  }
  return status;
}

static ufm_place place_of(const ufm__columns *columns, const ufm_spec *spec,
                          size_t number)
{
  return (ufm_place){.hash = columns->hash,
                     .index = number,
                     .ratio = (double)number / UFM__RATIO_UNIT,
                     .spec = spec,
                     .seconds = (double)NAN};
}

/* A record of nothing but what was asked and why there is no answer. */
static char *troubled(const ufm_place *place, size_t *length)
{
  return ufm_report_line(&(ufm_report){.place = place}, length);
}

static char *record(const void *what, size_t number, ufm_point_status *how,
                    size_t *length)
{
  const ufm__columns *columns = what;
  ufm_spec *spec = NULL;
  ufm_boundaries *found = NULL;
  ufm_place place;
  ufm_error error = {{0}};
  double begin = ufm_clock();
  ufm_status status = column_spec(&spec, columns->spec, number, &error);
  char *text;

  if (status != UFM_OK)
    return NULL;
  status = ufm_boundaries_find(&found, spec, &error);
  place = place_of(columns, spec, number);
  place.seconds = ufm_clock() - begin;
  if (status == UFM_OK) {
    ufm_report report = ufm_boundaries_report(found);

    place.status = UFM_POINT_DONE;
    report.place = &place;
    text = ufm_report_line(&report, length);
  } else {
    place.status = status == UFM_ENOMEM ? UFM_POINT_CRASHED : UFM_POINT_FAILED;
    place.reason = error.text;
    text = troubled(&place, length);
  }
  *how = place.status;
  ufm_boundaries_free(found);
  ufm_spec_free(spec);
  return text;
}

static char *crashed(const void *what, size_t number, const char *reason,
                     size_t *length)
{
  const ufm__columns *columns = what;
  ufm_spec *spec = NULL;
  ufm_place place;
  char *text = NULL;

  if (column_spec(&spec, columns->spec, number, NULL) == UFM_OK) {
    place = place_of(columns, spec, number);
    place.status = UFM_POINT_CRASHED;
    place.reason = reason;
    text = troubled(&place, length);
  }
  ufm_spec_free(spec);
  return text;
}

ufm_status ufm__columns_init(ufm__columns *columns, const ufm_spec *spec,
                             ufm_error *error)
{
  ufm_spec *balanced = NULL;
  ufm_status status = column_spec(&balanced, spec, UFM__RATIO_UNIT, error);

  /* the hash is that of the family, whatever RATIO stood in the profile */
  if (status == UFM_OK)
    ufm_spec_hash(balanced, columns->hash);
  columns->spec = spec;
  ufm_spec_free(balanced);
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
