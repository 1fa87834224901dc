/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm theory: the closed form alone. */
#include <config.h>

#include "cli/cli.h"

/* No theorem is an answer, a negative one: the record says why. */
static int run_theory(const cli_options *options)
{
  ufm_problem *problem = NULL;
  ufm_prediction *prediction = NULL;
  size_t digits = UFM_DIGITS;
  ufm_error error = {{0}};
  ufm_status status = ufm_spec_problem(options->spec, &problem, &error);
  int code;

  if (status == UFM_OK)
    status = ufm_spec_size(options->spec, "digits", 1, UFM_DIGITS_MAX, &digits,
                           &error);
  if (status == UFM_OK)
    status = ufm_theory_predict(&prediction, problem, digits, &error);
  if (status == UFM_OK || status == UFM_EUNSUPPORTED) {
    ufm_report report = {
        .problem = problem, .prediction = prediction, .no_theory = error.text};

    code = cli_report(options, &report);
    if (code == CLI_OK && prediction == NULL)
      code = CLI_NEGATIVE;
  } else {
    code = cli_fail(status, &error);
  }
  ufm_prediction_free(prediction);
  ufm_problem_free(problem);
  return code;
}

const cli_command cli_theory = {
    "theory",
    "the closed form of the global optimum, to any number of digits",
    "Print the closed form of the global optimum, where a theorem gives one.\v"
    "Exit status 1 means that no theorem covers the problem; the output says "
    "why.",
    true,
    false,
    true,
    false,
    false,
    run_theory,
    false,
    NULL,
    false};
