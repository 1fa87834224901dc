/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm sweep: a grid of problems to a file of records. */
#include <config.h>

#include "cli/journal.h"

enum { FLAG_SHARD = CLI_JOURNAL_FLAGS };

static const cli_flag flags[] = {
    CLI_JOURNAL_FLAG_LIST,
    [CLI_FLAG_WORKERS] = {"jobs", 'j', "N", "worker processes (default 1)"},
    [FLAG_SHARD] = {"shard", 0, "I/N",
                    "only the I-th of N parts of the grid, 1 <= I <= N"},
    {NULL, 0, NULL, NULL}};

static ufm_status read_settings(const cli_options *options,
                                ufm_sweep_settings *settings, ufm_error *error)
{
  const char *shard = options->flag[FLAG_SHARD], *end;
  ufm_status status = cli_journal_settings(options, "jobs", settings, error);

  if (status == UFM_OK && shard != NULL &&
      (!cli_read_positive(shard, &end, &settings->shard) || *end != '/' ||
       !cli_read_positive(end + 1, &end, &settings->shards) || *end != '\0' ||
       settings->shard > settings->shards))
    return cli_refuse(error, "shard", shard, "I/N with 1 <= I <= N");
  return status;
}

int cli_sweep_by(const cli_options *options, cli_sweeper sweeper)
{
  ufm_sweep_settings settings = ufm_sweep_defaults();
  ufm_sweep_state state = {0};
  ufm_grid *grid = NULL;
  ufm_error error = {{0}};
  ufm_status status = read_settings(options, &settings, &error);
  int code;

  if (status == UFM_OK && options->spec_file == NULL)
    status = cli_refuse(&error, "SPEC.json", "", "a file with a grid");
  if (status == UFM_OK) {
    status = ufm_grid_read(&grid, options->spec_file, &error);
    if (status == UFM_EIO) /* a file that cannot be read is bad input */
      status = UFM_EINVAL;
  }
  if (status == UFM_OK)
    status = ufm_sweep_check(grid, &error);
  if (status == UFM_OK) {
    cli_journal_begin(options, &settings);
    status = sweeper(&state, grid, options, &settings, &error);
  }
  code = cli_journal_end(options, "sweep", &state, status, &error);
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
