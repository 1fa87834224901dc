/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm phase: where the geometry of the optimum changes. */
#include <config.h>

#include "cli/cli.h"
#include "cli/digits.h"

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

static int run_phase(const cli_options *options)
{
  ufm_problem *problem = NULL;
  ufm_thresholds *thresholds = NULL;
  size_t digits = CLI_DIGITS;
  ufm_error error = {{0}};
  ufm_status status = default_penalties(options->spec, &error);
  int code;

  if (status == UFM_OK)
    status = ufm_spec_problem(options->spec, &problem, &error);
  if (status == UFM_OK)
    status = ufm_spec_size(options->spec, "digits", 1, CLI_DIGITS_MAX, &digits,
                           &error);
  if (status == UFM_OK)
    status = ufm_thresholds_enclose(&thresholds, problem, digits, &error);
  if (status == UFM_OK) {
    ufm_report report = {
        .problem = problem, .thresholds = thresholds, .digits = digits};

    code = cli_report(options, &report);
  } else {
    code = cli_fail(status, &error);
  }
  ufm_thresholds_free(thresholds);
  ufm_problem_free(problem);
  return code;
}

const cli_command cli_phase = {
    "phase",
    "where the geometry of the optimum changes with the penalties",
    "Print the thresholds at which the global optimum changes its geometry as "
    "all penalties of weights and features are multiplied by a scale s: the "
    "given lambdas (1 when not given) are a direction.\vExit status 1 means "
    "that no threshold is known for the problem.",
    true,
    false,
    true,
    false,
    run_phase};
