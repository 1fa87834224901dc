/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands with a journal share: sweep and phase --diagram. */
#ifndef UFM_CLI_JOURNAL_H
#define UFM_CLI_JOURNAL_H

#include "cli/cli.h"

/* Their first flags, in this order; the fourth is the number of workers. */
enum {
  CLI_FLAG_RESUME,
  CLI_FLAG_FORCE,
  CLI_FLAG_BUDGET,
  CLI_FLAG_WORKERS,
  CLI_JOURNAL_FLAGS
};

/* The texts of the first three. */
#define CLI_JOURNAL_FLAG_LIST                                                  \
  [CLI_FLAG_RESUME] = {"resume", 0, NULL,                                      \
                       "go on with FILE: keep its records, do what has none "  \
                       "or crashed"},                                          \
  [CLI_FLAG_FORCE] = {"force", 0, NULL, "begin again when FILE exists"},       \
  [CLI_FLAG_BUDGET] = {"time-budget", 0, "SECONDS",                            \
                       "begin nothing after this time"}

/* "OPTION: got 'GOT', want WANT"; UFM_EINVAL. */
ufm_status cli_refuse(ufm_error *error, const char *option, const char *got,
                      const char *want);

/* An integer from 1 on at the start of `text`; *end is behind it. */
bool cli_read_positive(const char *text, const char **end, size_t *out);

/* Reads these flags.  `workers` is the name of the fourth. */
UFM_MUST_CHECK ufm_status cli_journal_settings(const cli_options *options,
                                               const char *workers,
                                               ufm_sweep_settings *settings,
                                               ufm_error *error);

/* Before it runs: signals, and the progress line
   on a terminal. */
void cli_journal_begin(const cli_options *options,
                       ufm_sweep_settings *settings);

/* After it ran: sums up in one line, or says what failed; the exit code. */
int cli_journal_end(const cli_options *options, const char *what,
                    const ufm_sweep_state *state, ufm_status status,
                    const ufm_error *error);

#endif
