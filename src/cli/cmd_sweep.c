/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm sweep: a grid of problems to a file of records. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include <unistd.h>

#include "cli/cli.h"

enum { FLAG_RESUME, FLAG_FORCE, FLAG_JOBS, FLAG_SHARD, FLAG_BUDGET };

static const cli_flag flags[] = {
    [FLAG_RESUME] = {"resume", 0, NULL,
                     "go on with FILE: keep its records, do the points that "
                     "have none or crashed"},
    [FLAG_FORCE] = {"force", 0, NULL, "begin again when FILE exists"},
    [FLAG_JOBS] = {"jobs", 'j', "N", "worker processes (default 1)"},
    [FLAG_SHARD] = {"shard", 0, "I/N",
                    "only the I-th of N parts of the grid, 1 <= I <= N"},
    [FLAG_BUDGET] = {"time-budget", 0, "SECONDS",
                     "begin no point after this time"},
    {NULL, 0, NULL, NULL}};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
  (void)signal_number;
  interrupted = 1;
}

static ufm_status refuse(ufm_error *error, const char *option, const char *got,
                         const char *want)
{
  snprintf(error->text, sizeof error->text, "%s: got '%.80s', want %s", option,
           got, want);
  return UFM_EINVAL;
}

/* An integer from 1 on, at the start of `text`; *end is behind it. */
static bool read_positive(const char *text, const char **end, size_t *out)
{
  char *stop;
  unsigned long value;

  if (*text < '0' || *text > '9')
    return false;
  errno = 0;
  value = strtoul(text, &stop, 10);
  *end = stop;
  *out = value;
  return errno == 0 && value > 0;
}

static ufm_status read_settings(const cli_options *options,
                                ufm_sweep_settings *settings, ufm_error *error)
{
  const char *jobs = options->flag[FLAG_JOBS];
  const char *shard = options->flag[FLAG_SHARD];
  const char *budget = options->flag[FLAG_BUDGET], *end;

  if (options->flag[FLAG_RESUME] != NULL && options->flag[FLAG_FORCE] != NULL)
    return refuse(error, "force", "--resume too", "one of them");
  if (options->flag[FLAG_RESUME] != NULL)
    settings->mode = UFM_SWEEP_RESUME;
  if (options->flag[FLAG_FORCE] != NULL)
    settings->mode = UFM_SWEEP_FORCE;
  if (jobs != NULL &&
      (!read_positive(jobs, &end, &settings->workers) || *end != '\0'))
    return refuse(error, "jobs", jobs, "a number from 1 on");
  if (shard != NULL &&
      (!read_positive(shard, &end, &settings->shard) || *end != '/' ||
       !read_positive(end + 1, &end, &settings->shards) || *end != '\0' ||
       settings->shard > settings->shards))
    return refuse(error, "shard", shard, "I/N with 1 <= I <= N");
  if (budget != NULL) {
    char *stop;

    settings->time_budget = strtod(budget, &stop);
    if (*budget < '0' || *budget > '9' || *stop != '\0' ||
        !isfinite(settings->time_budget) || settings->time_budget <= 0.0)
      return refuse(error, "time-budget", budget, "seconds above 0");
  }
  return UFM_OK;
}

/* The progress line, on a terminal only. */
static int show_progress(const ufm_sweep_state *s, void *user)
{
  bool *shown = user;
  size_t fresh = s->done + s->failed + s->crashed;
  size_t left = s->points - s->kept - fresh;

  if (shown != NULL) {
    fprintf(stderr, "\r%zu of %zu points", s->kept + fresh, s->points);
    if (s->failed + s->crashed > 0)
      fprintf(stderr, ", %zu failed, %zu crashed", s->failed, s->crashed);
    if (fresh > 0) {
      double rate = (double)fresh / s->seconds;
      double eta = (double)left / rate;

      fprintf(stderr, ", %.3g a second, %.0f:%02.0f:%02.0f to go   ", rate,
              floor(eta / 3600.0), floor(fmod(eta, 3600.0) / 60.0),
              floor(fmod(eta, 60.0)));
    }
    *shown = true;
  }
  return interrupted;
}

static void install_signals(void)
{
  struct sigaction action = {.sa_handler = on_interrupt};

  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
#ifdef SIGXFSZ
  signal(SIGXFSZ, SIG_IGN); /* a limit is an error to report */
#endif
}

/* What happened, in one line on standard error. */
static int sum_up(const cli_options *options, const ufm_sweep_state *s)
{
  size_t fresh = s->done + s->failed + s->crashed;
  bool cut = s->interrupted || s->out_of_time;

  if (!options->quiet || cut || s->failed + s->crashed > 0) {
    fprintf(stderr, "ufm sweep: %zu of %zu points in %s", s->kept + fresh,
            s->points, options->output);
    fprintf(stderr, " (%zu kept, %zu done, %zu failed, %zu crashed) in %.3g s",
            s->kept, s->done, s->failed, s->crashed, s->seconds);
    fputs(s->interrupted   ? "; interrupted, --resume goes on\n"
          : s->out_of_time ? "; out of time, --resume goes on\n"
                           : "\n",
          stderr);
  }
  if (cut)
    return CLI_INTERRUPTED;
  return s->troubled > 0 ? CLI_NEGATIVE : CLI_OK;
}

int cli_sweep_by(const cli_options *options, cli_sweeper sweeper)
{
  ufm_sweep_settings settings = ufm_sweep_defaults();
  ufm_sweep_state state = {0};
  ufm_grid *grid = NULL;
  ufm_error error = {{0}};
  bool shown = false;
  ufm_status status = read_settings(options, &settings, &error);
  int code;

  if (status == UFM_OK && options->spec_file == NULL)
    status = refuse(&error, "SPEC.json", "", "a file with a grid");
  if (status == UFM_OK && options->output == NULL)
    status = refuse(&error, "output", "", "-o FILE for the records");
  if (status == UFM_OK) {
    status = ufm_grid_read(&grid, options->spec_file, &error);
    if (status == UFM_EIO) /* a file that cannot be read is bad input */
      status = UFM_EINVAL;
  }
  if (status == UFM_OK)
    status = ufm_sweep_check(grid, &error);
  settings.progress = show_progress;
  settings.user =
      !options->quiet && isatty(STDERR_FILENO) ? (void *)&shown : NULL;
  if (status == UFM_OK) {
    install_signals();
    status = sweeper(&state, grid, options, &settings, &error);
  }
  if (shown)
    fprintf(stderr, "\r%79s\r", "");
  code = status == UFM_OK ? sum_up(options, &state) : cli_fail(status, &error);
  ufm_grid_free(grid);
  return code;
}

static ufm_status sweep_here(ufm_sweep_state *state, const ufm_grid *grid,
                             const cli_options *options,
                             const ufm_sweep_settings *settings,
                             ufm_error *error)
{
  return ufm_sweep_run(state, grid, options->output, settings, error);
}

static int run_sweep(const cli_options *options)
{
  return cli_sweep_by(options, sweep_here);
}

const cli_command cli_sweep = {
    "sweep",
    "a grid of problems to a file of records, resumable, in parallel",
    "Solve, compare and, where the file says so, certify the problem at every "
    "point of a grid; keep one JSON record of each in FILE, which loses at "
    "most the points being computed whatever happens.\vSPEC.json: "
    "{\"format\": 1, \"problem\": {...}, \"solve\": {...}, \"grid\": "
    "{OPTION: [VALUE, ...] | {\"from\": A, \"to\": B, \"n\": N, \"scale\": "
    "\"lin\"|\"log\"}, ...}}.  The last axis varies fastest.  Exit status 1 "
    "means that some points failed or crashed, 130 that it was interrupted or "
    "out of time, with all finished points kept.",
    false,
    false,
    false,
    false,
    false,
    run_sweep,
    true,
    flags,
    false};
