/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm phase: where the geometry of the optimum changes. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "cli/journal.h"

enum { FLAG_DIAGRAM = CLI_JOURNAL_FLAGS, FLAG_STEP };

static const cli_flag flags[] = {
    CLI_JOURNAL_FLAG_LIST,
    [CLI_FLAG_WORKERS] = {"workers", 0, "N",
                          "columns of a diagram at a time (default 1)"},
    [FLAG_DIAGRAM] = {"diagram", 0, "FROM:TO",
                      "the boundaries at imbalance ratios of the profile, one "
                      "record for each ratio, to FILE"},
    [FLAG_STEP] = {"step", 0, "X",
                   "ratios are added while a boundary moves by more than a "
                   "factor 1 + X (default 0.25)"},
    {NULL, 0, NULL, NULL}};

/* Penalties are a direction here, and without one all are equal. */
static ufm_status default_penalties(ufm_spec *spec, ufm_error *error)
{
  static const char *const names[] = {"lambda-W", "lambda-H"};
  ufm_status status = UFM_OK;

  for (size_t i = 0; i < 2 && status == UFM_OK; i++)
    if (ufm_spec_get(spec, names[i]) == NULL)
      status = ufm_spec_set(spec, names[i], "1", error);
  return status;
}

static int run_thresholds(const cli_options *options)
{
  ufm_boundaries *found = NULL;
  ufm_error error = {{0}};
  ufm_status status = default_penalties(options->spec, &error);
  int code;

  if (status == UFM_OK)
    status = ufm_boundaries_find(&found, options->spec, &error);
  if (status == UFM_OK) {
    ufm_report report = ufm_boundaries_report(found);

    code = cli_report(options, &report);
    if (code == CLI_OK && found->thresholds == NULL && found->changes == NULL)
      code = CLI_NEGATIVE;
  } else {
    code = cli_fail(status, &error);
  }
  ufm_boundaries_free(found);
  return code;
}

/* A number from 1 on at the start of `text`; *end is behind it. */
static double read_number(const char *text, const char **end)
{
  char *stop;
  double x = strtod(text, &stop);

  *end = stop;
  return *text >= '0' && *text <= '9' && isfinite(x) ? x : 0.0;
}

static ufm_status diagram_settings(const cli_options *options,
                                   ufm_diagram_settings *settings,
                                   ufm_error *error)
{
  const char *ratios = options->flag[FLAG_DIAGRAM], *end;
  const char *step = options->flag[FLAG_STEP];
  ufm_status status =
      cli_journal_settings(options, "workers", &settings->sweep, error);

  if (status != UFM_OK)
    return status;
  settings->from = read_number(ratios, &end);
  if (*end != ':')
    return cli_refuse(error, "diagram", ratios, "FROM:TO, two ratios");
  settings->to = read_number(end + 1, &end);
  if (*end != '\0')
    return cli_refuse(error, "diagram", ratios, "FROM:TO, two ratios");
  if (step != NULL) {
    settings->step = read_number(step, &end);
    if (*end != '\0')
      return cli_refuse(error, "step", step, "a number above 0");
  }
  return UFM_OK;
}

static int run_diagram(const cli_options *options)
{
  ufm_diagram_settings settings = ufm_diagram_defaults();
  ufm_sweep_state state = {0};
  ufm_error error = {{0}};
  ufm_status status = diagram_settings(options, &settings, &error);

  if (status == UFM_OK)
    status = default_penalties(options->spec, &error);
  if (status == UFM_OK) {
    cli_journal_begin(options, &settings.sweep);
    status = ufm_diagram_run(&state, options->spec, options->output, &settings,
                             &error);
  }
  return cli_journal_end(options, "phase", &state, status, &error);
}

static int run_phase(const cli_options *options)
{
  ufm_error error = {{0}};

  if (options->flag[FLAG_DIAGRAM] != NULL)
    return run_diagram(options);
  for (int i = 0; flags[i].name != NULL; i++)
    if (options->flag[i] != NULL)
      return cli_fail(cli_refuse(&error, flags[i].name, "no --diagram",
                                 "it only with --diagram"),
                      &error);
  return run_thresholds(options);
}

const cli_command cli_phase = {
    "phase",
    "where the geometry of the optimum changes with the penalties",
    "Print the thresholds at which the global optimum changes its geometry as "
    "all penalties of weights and features are multiplied by a scale s: the "
    "given lambdas (1 when not given) are a direction.\vExit status 1 means "
    "that no threshold is known for the problem.",
    true,
    true,
    true,
    false,
    true,
    run_phase,
    false,
    flags,
    false};
