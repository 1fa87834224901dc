/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm solve: minimise, measure, compare with the closed form. */
#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unistd.h>

#include "cli/cli.h"
#include "cli/digits.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
  (void)signal_number;
  interrupted = 1;
}

/* The progress line: on a terminal only, ten times a second at most. */
typedef struct progress_line {
  bool shown, enabled;
  struct timespec last;
} progress_line;

static int show_progress(const ufm_progress *p, void *user)
{
  progress_line *line = user;
  struct timespec now;

  if (line->enabled && clock_gettime(CLOCK_MONOTONIC, &now) == 0 &&
      (now.tv_sec - line->last.tv_sec) * 1000000000L + now.tv_nsec -
              line->last.tv_nsec >
          100000000L) {
    fprintf(stderr, "\rstart %zu  iteration %zu  F = %.10g  |grad| = %.1e  ",
            p->start, p->iteration, p->objective, p->relative_gradient);
    line->last = now;
    line->shown = true;
  }
  return interrupted;
}

/* Everything a solve makes, freed together. */
typedef struct solve_job {
  ufm_problem *problem;
  ufm_solution *solution;
  ufm_prediction *prediction;
  ufm_geometry *geometry;
  ufm_comparison comparison;
  ufm_certificate *certificate;
  ufm_error no_theory;
  ufm_error no_refutation; /* why --refute wrote nothing */
} solve_job;

static void job_clear(solve_job *job)
{
  ufm_certificate_free(job->certificate);
  ufm_geometry_free(job->geometry);
  ufm_prediction_free(job->prediction);
  ufm_solution_free(job->solution);
  ufm_problem_free(job->problem);
}

/* The closed form, where there is one; none is not a failure. */
static ufm_status predict(solve_job *job, size_t digits, ufm_error *error)
{
  ufm_status status = ufm_theory_predict(&job->prediction, job->problem, digits,
                                         &job->no_theory);

  if (status == UFM_OK || status == UFM_EUNSUPPORTED)
    return UFM_OK;
  *error = job->no_theory;
  return status;
}

static ufm_status measure(solve_job *job, ufm_error *error)
{
  double *t = calloc(ufm_problem_classes(job->problem), sizeof *t);
  bool frame = t != NULL && job->prediction != NULL &&
               ufm_prediction_frame(job->prediction, t);
  ufm_status status =
      ufm_geometry_measure(&job->geometry, job->problem, job->solution->layout,
                           job->solution->theta, frame ? t : NULL, error);

  free(t);
  if (status == UFM_OK)
    status = ufm_compare(&job->comparison, job->problem, job->solution,
                         job->geometry, job->prediction, error);
  return status;
}

/* The proof that the ETF is not optimal; that it is, or may be, is an answer.
 */
static ufm_status refute(const cli_options *options, solve_job *job,
                         ufm_error *error)
{
  const char *file = ufm_spec_get(options->spec, "refute");
  ufm_status status;

  if (file == NULL)
    return UFM_OK;
  status = ufm_refutation_write(job->certificate, file, error);
  if (status != UFM_EUNSUPPORTED)
    return status;
  job->no_refutation = *error;
  return UFM_OK;
}

/* Refines and certifies the point when asked to. */
static ufm_status verify(const cli_options *options, solve_job *job,
                         ufm_error *error)
{
  const char *wanted = ufm_spec_get(options->spec, "verify");
  const char *file = ufm_spec_get(options->spec, "certificate");
  size_t digits = CLI_PROOF_DIGITS;
  ufm_status status;

  if (file == NULL && ufm_spec_get(options->spec, "refute") == NULL &&
      (wanted == NULL || strcmp(wanted, "true") != 0))
    return UFM_OK;
  status =
      ufm_spec_size(options->spec, "digits", 1, CLI_DIGITS_MAX, &digits, error);
  if (status == UFM_OK)
    status = ufm_verify(&job->certificate, NULL, job->problem,
                        job->solution->theta, digits, error);
  if (status == UFM_OK && file != NULL &&
      job->certificate->status != UFM_PROOF_REFUSED)
    status = ufm_certificate_write(job->certificate, file, error);
  return status == UFM_OK ? refute(options, job, error) : status;
}

static ufm_status solve(const cli_options *options, solve_job *job,
                        ufm_error *error)
{
  progress_line line = {.enabled = !options->quiet && isatty(STDERR_FILENO)};
  ufm_solve_settings settings = ufm_solve_defaults();
  size_t digits = CLI_DIGITS;
  ufm_status status = ufm_spec_problem(options->spec, &job->problem, error);

  if (status == UFM_OK)
    status = ufm_solve_settings_read(&settings, options->spec, error);
  if (status == UFM_OK)
    status = ufm_spec_size(options->spec, "digits", 1, CLI_DIGITS_MAX, &digits,
                           error);
  if (status != UFM_OK)
    return status;
  settings.progress = show_progress;
  settings.user = &line;
  signal(SIGINT, on_interrupt);
  status = ufm_solve(&job->solution, job->problem, &settings, error);
  signal(SIGINT, SIG_DFL);
  if (line.shown)
    fprintf(stderr, "\r%79s\r", "");
  if (status == UFM_OK)
    status = predict(job, digits, error);
  if (status == UFM_OK)
    status = measure(job, error);
  if (status == UFM_OK)
    status = verify(options, job, error);
  if (status == UFM_OK && options->save != NULL)
    status = ufm_point_save(job->solution->layout, job->solution->theta,
                            options->save, error);
  return status;
}

/* Positive: converged, and no closed form says otherwise. */
static int answer(const solve_job *job)
{
  ufm_termination end = job->solution->run[job->solution->best].termination;
  bool converged =
      end == UFM_TERMINATION_GRADIENT || end == UFM_TERMINATION_ROUNDOFF;

  if (job->solution->run[job->solution->starts - 1].termination ==
      UFM_TERMINATION_INTERRUPTED)
    return CLI_INTERRUPTED;
  if (job->certificate != NULL && job->certificate->status == UFM_PROOF_REFUSED)
    return CLI_NEGATIVE;
  if (job->no_refutation.text[0] != '\0')
    return CLI_NEGATIVE;
  return converged && (job->comparison.verdict == UFM_VERDICT_AGREES ||
                       job->comparison.verdict == UFM_VERDICT_NO_THEOREM)
             ? CLI_OK
             : CLI_NEGATIVE;
}

static int run_solve(const cli_options *options)
{
  solve_job job = {0};
  ufm_error error = {{0}};
  ufm_status status = solve(options, &job, &error);
  int code;

  if (status != UFM_OK) {
    code = cli_fail(status, &error);
  } else {
    ufm_report report = {.problem = job.problem,
                         .solution = job.solution,
                         .geometry = job.geometry,
                         .prediction = job.prediction,
                         .no_theory = job.no_theory.text,
                         .comparison = &job.comparison,
                         .certificate = job.certificate};

    code = cli_report(options, &report);
    if (job.no_refutation.text[0] != '\0')
      fprintf(stderr, "ufm: %s\n", job.no_refutation.text);
    if (code == CLI_OK)
      code = answer(&job);
  }
  job_clear(&job);
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
    run_solve};
