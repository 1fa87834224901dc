/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm solve: minimise, measure, compare with the closed form. */
#include <config.h>

#include <math.h>
#include <signal.h>

#include <unistd.h>

#include "cli/cli.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
  (void)signal_number;
  interrupted = 1;
}

/* The progress line: on a terminal only, ten times a second at most. */
typedef struct progress_line {
  bool shown, enabled;
  double last; /* seconds */
} progress_line;

static int show_progress(const ufm_progress *p, void *user)
{
  progress_line *line = user;
  double now = ufm_clock();

  if (line->enabled && now - line->last > 0.1 && !isnan(p->objective)) {
    fprintf(stderr, "\rstart %zu  iteration %zu  F = %.10g  |grad| = %.1e  ",
            p->start, p->iteration, p->objective, p->relative_gradient);
    line->last = now;
    line->shown = true;
  }
  return interrupted;
}

static ufm_status save(const ufm_findings *found, const char *prefix,
                       ufm_error *error)
{
  const ufm_solution *s = found->solution;

  return s->orbits != NULL
             ? ufm_reduce_save(s->orbits, found->problem, prefix, error)
             : ufm_point_save(s->layout, s->theta, prefix, error);
}

static ufm_status solve(const cli_options *options, ufm_findings **out,
                        ufm_error *error)
{
  progress_line line = {.enabled = !options->quiet && isatty(STDERR_FILENO)};
  ufm_status status;

  signal(SIGINT, on_interrupt);
  status = ufm_findings_solve(out, options->spec, show_progress, &line, error);
  signal(SIGINT, SIG_DFL);
  if (line.shown)
    fprintf(stderr, "\r%79s\r", "");
  if (status == UFM_OK)
    status = ufm_findings_complete(*out, options->spec, error);
  if (status == UFM_OK && options->save != NULL)
    status = save(*out, options->save, error);
  return status;
}

/* Positive: converged, and no closed form says otherwise. */
static int answer(const ufm_findings *found)
{
  const ufm_solution *s = found->solution;
  ufm_termination end = s->run[s->best].termination;
  bool converged =
      end == UFM_TERMINATION_GRADIENT || end == UFM_TERMINATION_ROUNDOFF;

  if (s->interrupted)
    return CLI_INTERRUPTED;
  if (found->certificate != NULL &&
      found->certificate->status == UFM_PROOF_REFUSED)
    return CLI_NEGATIVE;
  if (found->no_refutation.text[0] != '\0')
    return CLI_NEGATIVE;
  return converged && (found->comparison.verdict == UFM_VERDICT_AGREES ||
                       found->comparison.verdict == UFM_VERDICT_NO_THEOREM)
             ? CLI_OK
             : CLI_NEGATIVE;
}

static int run_solve(const cli_options *options)
{
  ufm_findings *found = NULL;
  ufm_error error = {{0}};
  ufm_status status = solve(options, &found, &error);
  int code;

  if (status != UFM_OK) {
    code = cli_fail(status, &error);
  } else {
    ufm_report report = ufm_findings_report(found);

    code = cli_report(options, &report);
    if (found->no_refutation.text[0] != '\0')
      fprintf(stderr, "ufm: %s\n", found->no_refutation.text);
    if (code == CLI_OK)
      code = answer(found);
  }
  ufm_findings_free(found);
  return code;
}

const cli_command cli_solve = {
    "solve",
    "minimise; report point, geometry and agreement with theory",
    "Minimise the unconstrained features model in double precision and compare "
    "the point with the closed form, where a theorem gives one.\vExit status 0 "
    "means converged and not contradicted by theory, 1 not converged or a "
    "mismatch.",
    true,
    true,
    true,
    true,
    false,
    run_solve,
    false,
    NULL,
    false};
