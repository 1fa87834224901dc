/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of one point: found, failed or crashed. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ufm/ufm.h>

#include "sweep/point.h"

/* OpenBLAS reads its variables when it is loaded; this is how to say it later.
   Other libraries do not have the function. */
#if defined(__GNUC__)
extern void openblas_set_num_threads(int) __attribute__((weak));

void ufm__sweep_single_thread(void)
{
  if (openblas_set_num_threads != NULL)
    openblas_set_num_threads(1);
}
#else
void ufm__sweep_single_thread(void)
{
}
#endif

double ufm__sweep_now(void)
{
  struct timespec t = {0};

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The report as a message; NULL when memory ran out. */
static char *message(const ufm_report *report, size_t *size)
{
  ufm__answer head = {.index = report->place->index,
                      .status = report->place->status};
  char *text = NULL;
  FILE *stream = open_memstream(&text, size);
  bool good;

  if (stream == NULL)
    return NULL;
  good = fwrite(&head, sizeof head, 1, stream) == 1 &&
         ufm_report_write_json(report, stream, NULL) == UFM_OK;
  if (fclose(stream) != 0 || !good) {
    free(text);
    return NULL;
  }
  head.length = *size - sizeof head;
  memcpy(text, &head, sizeof head);
  return text;
}

/* A record without findings: the problem, if it is one, and the reason. */
static char *troubled(const ufm_place *place, size_t *size)
{
  ufm_problem *problem = NULL;
  ufm_status status = ufm_spec_problem(place->spec, &problem, NULL);
  ufm_report report = {.place = place,
                       .problem = status == UFM_OK ? problem : NULL};
  char *text = message(&report, size);

  ufm_problem_free(problem);
  return text;
}

/* Out of memory or disk is no property of the problem. */
static ufm_point_status status_of(ufm_status status)
{
  return status == UFM_ENOMEM || status == UFM_EIO ? UFM_POINT_CRASHED
                                                   : UFM_POINT_FAILED;
}

char *ufm__sweep_point(const ufm_grid *grid, size_t index, size_t *size)
{
  double begin = ufm__sweep_now();
  ufm_place place = {.grid = grid, .index = index};
  ufm_spec *spec = NULL;
  ufm_findings *found = NULL;
  ufm_error error = {{0}};
  ufm_status status = ufm_grid_point(&spec, grid, index, &error);
  char *text = NULL;

  if (status != UFM_OK)
    return NULL;
  status = ufm_findings_solve(&found, spec, NULL, NULL, &error);
  if (status == UFM_OK)
    status = ufm_findings_complete(found, spec, &error);
  place.spec = spec;
  place.seconds = ufm__sweep_now() - begin;
  if (status == UFM_OK) {
    ufm_report report = ufm_findings_report(found);

    place.status = UFM_POINT_DONE;
    report.place = &place;
    text = message(&report, size);
  } else {
    place.status = status_of(status);
    place.reason = error.text[0] != '\0' ? error.text : ufm_strstatus(status);
    text = troubled(&place, size);
  }
  ufm_findings_free(found);
  ufm_spec_free(spec);
  return text;
}

char *ufm__sweep_crash(const ufm_grid *grid, size_t index, const char *reason,
                       size_t *size)
{
  ufm_place place = {.grid = grid,
                     .index = index,
                     .status = UFM_POINT_CRASHED,
                     .reason = reason,
                     .seconds = (double)NAN};
  ufm_spec *spec = NULL;
  char *text = NULL;

  if (ufm_grid_point(&spec, grid, index, NULL) == UFM_OK) {
    place.spec = spec;
    text = troubled(&place, size);
  }
  ufm_spec_free(spec);
  return text;
}
