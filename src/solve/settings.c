/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of a solve: defaults, option texts, checks. */
#include <config.h>

#include <stdint.h>
#include <string.h>

#include <ufm/solve.h>

#include "core/error.h"
#include "solve/settings.h"

enum { MAX_STARTS = 1000000, MAX_JOBS = 1024, MAX_SWAPS = 1000000000 };

ufm_solve_settings ufm_solve_defaults(void)
{
  return (ufm_solve_settings){.method = ufm_method_list()[0].name,
                              .tol = 1e-10,
                              .max_iter = 10000,
                              .starts = 1,
                              .jobs = 1,
                              .swaps = UFM_SWAPS_AUTO,
                              .start = UFM_START_AUTO};
}

/* A name of the list, else the prefix of a saved point. */
static void read_start(const char *text, ufm_solve_settings *settings)
{
  settings->start = UFM_START_FILE;
  settings->start_file = text;
  for (int i = 0; i < UFM_START_FILE; i++)
    if (strcmp(text, ufm_start_name((ufm_start)i)) == 0)
      settings->start = (ufm_start)i;
}

ufm_status ufm_solve_settings_read(ufm_solve_settings *settings,
                                   const ufm_spec *spec, ufm_error *error)
{
  const char *method = ufm_spec_get(spec, "method");
  const char *start = ufm_spec_get(spec, "start");
  ufm_status status = ufm_spec_positive(spec, "tol", &settings->tol, error);

  if (method != NULL)
    settings->method = method;
  if (start != NULL)
    read_start(start, settings);
  if (status == UFM_OK)
    status = ufm_spec_size(spec, "max-iter", 1, SIZE_MAX, &settings->max_iter,
                           error);
  if (status == UFM_OK)
    status =
        ufm_spec_size(spec, "starts", 1, MAX_STARTS, &settings->starts, error);
  if (status == UFM_OK)
    status = ufm_spec_size(spec, "jobs", 1, MAX_JOBS, &settings->jobs, error);
  if (status == UFM_OK)
    status =
        ufm_spec_size(spec, "swaps", 0, MAX_SWAPS, &settings->swaps, error);
  if (status == UFM_OK)
    status = ufm_spec_u64(spec, "seed", &settings->seed, error);
  return status;
}

ufm_status ufm__solve_settings_check(const ufm_solve_settings *s,
                                     ufm_error *error)
{
  if (!(s->tol > 0.0 && s->tol < 1.0))
    return ufm__fail(error, UFM_EINVAL, "tol: got %g, want 0 < tol < 1",
                     s->tol);
  if (s->max_iter < 1)
    return ufm__fail(error, UFM_EINVAL, "max-iter: got 0, want at least 1");
  if (s->starts < 1 || s->starts > MAX_STARTS)
    return ufm__fail(error, UFM_EINVAL, "starts: got %zu, want 1 to %d",
                     s->starts, MAX_STARTS);
  if (s->jobs < 1 || s->jobs > MAX_JOBS)
    return ufm__fail(error, UFM_EINVAL, "jobs: got %zu, want 1 to %d", s->jobs,
                     MAX_JOBS);
  if (s->start == UFM_START_FILE && s->start_file == NULL)
    return ufm__fail(error, UFM_EINVAL, "start: want the prefix of a point");
  return UFM_OK;
}
