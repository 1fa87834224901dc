/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ufm program: options in, records out, no mathematics. */
#ifndef UFM_CLI_CLI_H
#define UFM_CLI_CLI_H

#include <stdbool.h>

#include <ufm/ufm.h>

/* Exit codes.  1: done, but the answer is negative (not converged, mismatch).
 */
enum {
  CLI_OK = 0,
  CLI_NEGATIVE = 1,
  CLI_USAGE = 2,
  CLI_IO = 3,
  CLI_INTERNAL = 4,
  CLI_INTERRUPTED = 130
};

/* An option that one command has for itself; its name has no short form but
   `key` when that is a letter. */
typedef struct cli_flag {
  const char *name;
  int key;
  const char *argument; /* NULL for an on/off option */
  const char *help;
} cli_flag;

enum { CLI_FLAGS = 8 };

/* What the command line said. */
typedef struct cli_options {
  ufm_spec *spec;
  const char *spec_file; /* SPEC.json or NULL */
  const char *output;    /* -o FILE, or NULL for standard output */
  const char *save;      /* --save PREFIX or NULL */
  const char **files;    /* of a command that takes several */
  size_t file_count;
  const char *flag[CLI_FLAGS]; /* the command's own options, in their order:
                                  the argument or "true"; NULL: not given */
  bool json, quiet;
} cli_options;

/* A command and the kinds of options it takes. */
typedef struct cli_command {
  const char *name;
  const char *summary; /* one line for ufm --help */
  const char *about;   /* paragraph for ufm COMMAND --help */
  bool problem, solve, digits, verify, phase;
  int (*run)(const cli_options *options);
  bool grid;             /* takes a file that it reads itself */
  const cli_flag *flags; /* its own options, ended by an empty one; or NULL */
  bool files;            /* takes any number of files that it reads itself */
} cli_command;

extern const cli_command cli_solve, cli_theory, cli_sweep, cli_phase, cli_table,
    cli_list;

/* Parses the arguments after the command.  CLI_OK with *done false: go on.
   With *done true help was printed. */
int cli_parse(const cli_command *command, int argc, char **argv,
              cli_options *options, bool *done);

/* Does the points of a grid: ufm_sweep_run, or the same on other workers. */
typedef ufm_status (*cli_sweeper)(ufm_sweep_state *state, const ufm_grid *grid,
                                  const cli_options *options,
                                  const ufm_sweep_settings *settings,
                                  ufm_error *error);

/* The command sweep; returns its exit code. */
int cli_sweep_by(const cli_options *options, cli_sweeper sweeper);

void cli_options_clear(cli_options *options);

/* "ufm: MESSAGE" on standard error, and the exit code the status stands for. */
int cli_fail(ufm_status status, const ufm_error *error);

/* Writes through `write` to standard output or, whole or not at all, to the
   file of -o. */
int cli_output(const cli_options *options, ufm_writer write, const void *what);

/* The report, as text or as a record. */
int cli_report(const cli_options *options, const ufm_report *report);

#endif
