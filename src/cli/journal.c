/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flags, signals, progress and the summary of commands with a journal. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include <unistd.h>

#include "cli/journal.h"

/* The progress line: on a terminal only. */
static struct {
  bool enabled, shown;
} line;
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
  (void)signal_number;
  interrupted = 1;
}

ufm_status cli_refuse(ufm_error *error, const char *option, const char *got,
                      const char *want)
{
  snprintf(error->text, sizeof error->text, "%s: got '%.80s', want %s", option,
           got, want);
  return UFM_EINVAL;
}

bool cli_read_positive(const char *text, const char **end, size_t *out)
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

static ufm_status read_mode(const cli_options *options,
                            ufm_sweep_settings *settings, ufm_error *error)
{
  bool resume = options->flag[CLI_FLAG_RESUME] != NULL;
  bool force = options->flag[CLI_FLAG_FORCE] != NULL;

  if (resume && force)
    return cli_refuse(error, "force", "--resume too", "one of them");
  if (resume)
    settings->mode = UFM_SWEEP_RESUME;
  if (force)
    settings->mode = UFM_SWEEP_FORCE;
  return UFM_OK;
}

ufm_status cli_journal_settings(const cli_options *options, const char *workers,
                                ufm_sweep_settings *settings, ufm_error *error)
{
  const char *count = options->flag[CLI_FLAG_WORKERS];
  const char *budget = options->flag[CLI_FLAG_BUDGET], *end;
  ufm_status status = read_mode(options, settings, error);

  if (status != UFM_OK)
    return status;
  if (count != NULL &&
      (!cli_read_positive(count, &end, &settings->workers) || *end != '\0'))
    return cli_refuse(error, workers, count, "a number from 1 on");
  if (budget != NULL) {
    char *stop;

    settings->time_budget = strtod(budget, &stop);
    if (*budget < '0' || *budget > '9' || *stop != '\0' ||
        !isfinite(settings->time_budget) || settings->time_budget <= 0.0)
      return cli_refuse(error, "time-budget", budget, "seconds above 0");
  }
  return options->output != NULL
             ? UFM_OK
             : cli_refuse(error, "output", "", "-o FILE for the records");
}

static int show_progress(const ufm_sweep_state *s, void *user)
{
  size_t fresh = s->done + s->failed + s->crashed;
  size_t left = s->points - s->kept - fresh;

  (void)user;
  if (line.enabled) {
    fprintf(stderr, "\r%zu of %zu records", s->kept + fresh, s->points);
    if (s->failed + s->crashed > 0)
      fprintf(stderr, ", %zu failed, %zu crashed", s->failed, s->crashed);
    if (fresh > 0) {
      double rate = (double)fresh / s->seconds;
      double eta = (double)left / rate;

      fprintf(stderr, ", %.3g a second, %.0f:%02.0f:%02.0f to go   ", rate,
              floor(eta / 3600.0), floor(fmod(eta, 3600.0) / 60.0),
              floor(fmod(eta, 60.0)));
    }
    line.shown = true;
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

void cli_journal_begin(const cli_options *options, ufm_sweep_settings *settings)
{
  line.enabled = !options->quiet && isatty(STDERR_FILENO);
  settings->progress = show_progress;
  install_signals();
}

/* What happened, in one line on standard error. */
static int sum_up(const cli_options *options, const char *what,
                  const ufm_sweep_state *s)
{
  size_t fresh = s->done + s->failed + s->crashed;
  bool cut = s->interrupted || s->out_of_time;

  if (!options->quiet || cut || s->failed + s->crashed > 0) {
    fprintf(stderr, "ufm %s: %zu of %zu records in %s", what, s->kept + fresh,
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

int cli_journal_end(const cli_options *options, const char *what,
                    const ufm_sweep_state *state, ufm_status status,
                    const ufm_error *error)
{
  if (line.shown)
    fprintf(stderr, "\r%79s\r", "");
  return status == UFM_OK ? sum_up(options, what, state)
                          : cli_fail(status, error);
}
