/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of one point: found, failed or crashed. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <ufm/ufm.h>

#include "sweep/fail.h"
#include "sweep/run.h"

/* A record without findings: the problem, if it is one, and the reason. */
static char *troubled(const ufm_place *place, size_t *length)
{
  ufm_problem *problem = NULL;
  ufm_status status = ufm_spec_problem(place->spec, &problem, NULL);
  ufm_report report = {.place = place,
                       .problem = status == UFM_OK ? problem : NULL};
  char *text = ufm_report_line(&report, length);

  ufm_problem_free(problem);
  return text;
}

/* Out of memory or disk is no property of the problem. */
static ufm_point_status status_of(ufm_status status)
{
  return status == UFM_ENOMEM || status == UFM_EIO ? UFM_POINT_CRASHED
                                                   : UFM_POINT_FAILED;
}

static char *record(const void *what, size_t index, ufm_point_status *status,
                    size_t *length)
{
  double begin = ufm_clock();
  ufm_place place = {.hash = ufm_grid_hash(what), .index = index, .grid = what};
  ufm_spec *spec = NULL;
  ufm_findings *found = NULL;
  ufm_error error = {{0}};
  ufm_status made = ufm_grid_point(&spec, what, index, &error);
  char *text = NULL;

  if (made != UFM_OK)
    return NULL;
  made = ufm_findings_solve(&found, spec, NULL, NULL, &error);
  if (made == UFM_OK)
    made = ufm_findings_complete(found, spec, &error);
  place.spec = spec;
  place.seconds = ufm_clock() - begin;
  if (made == UFM_OK) {
    ufm_report report = ufm_findings_report(found);

    place.status = UFM_POINT_DONE;
    report.place = &place;
    text = ufm_report_line(&report, length);
  } else {
    place.status = status_of(made);
    place.reason = error.text[0] != '\0' ? error.text : ufm_strstatus(made);
    text = troubled(&place, length);
  }
  *status = place.status;
  ufm_findings_free(found);
  ufm_spec_free(spec);
  return text;
}

static char *crashed(const void *what, size_t index, const char *reason,
                     size_t *length)
{
  ufm_place place = {.hash = ufm_grid_hash(what),
                     .index = index,
                     .grid = what,
                     .status = UFM_POINT_CRASHED,
                     .reason = reason,
                     .seconds = (double)NAN};
  ufm_spec *spec = NULL;
  char *text = NULL;

  if (ufm_grid_point(&spec, what, index, NULL) == UFM_OK) {
    place.spec = spec;
    text = troubled(&place, length);
  }
  ufm_spec_free(spec);
  return text;
}

ufm_tasks ufm_tasks_of_grid(const ufm_grid *grid)
{
  return (ufm_tasks){.size = ufm_grid_size(grid),
                     .hash = ufm_grid_hash(grid),
                     .what = grid,
                     .record = record,
                     .crashed = crashed};
}

ufm_status ufm_sweep_check(const ufm_grid *grid, ufm_error *error)
{
  for (size_t i = 0; i < ufm_grid_size(grid); i++) {
    ufm_error why = {{0}};
    ufm_spec *spec = NULL;
    ufm_status status = ufm_grid_point(&spec, grid, i, &why);

    if (status == UFM_OK)
      status = ufm_findings_check(spec, &why);
    ufm_spec_free(spec);
    if (status != UFM_OK)
      return ufm__sweep_fail(error, status, "point %zu: %.400s", i, why.text);
  }
  return UFM_OK;
}

ufm_status ufm_sweep_run(ufm_sweep_state *out, const ufm_grid *grid,
                         const char *path, const ufm_sweep_settings *settings,
                         ufm_error *error)
{
  ufm_tasks tasks = ufm_tasks_of_grid(grid);

  return ufm_tasks_run(out, &tasks, path, settings, error);
}
