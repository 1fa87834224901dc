/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-mpi: the sweep of ufm, on MPI ranks.  Rank 0 reads the command line and
   keeps the journal; the others are told the file and do the points. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <mpfr.h>
#include <mpi.h>

#include "cli/cli.h"
#include "mpi/ranks.h"

static const char usage[] =
    "Usage: mpirun -n RANKS ufm-mpi sweep [OPTION...] SPEC.json\n"
    "The sweep of ufm(1) on MPI ranks: rank 0 keeps the file of records, the "
    "others\ncompute points.  'ufm sweep --help' describes SPEC.json and the "
    "options; --jobs has\nno meaning here.\n\n"
    "When a rank dies, MPI ends the job; --resume goes on with what is in the "
    "file.\n";

static bool told; /* the other ranks have the name of the file */

/* All ranks: the name of the specification, "" when there is none. */
static char *share_name(const char *name)
{
  unsigned long length = name != NULL ? strlen(name) + 1 : 0;
  char *copy;

  MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG, 0, MPI_COMM_WORLD);
  copy = calloc(length + 1, 1);
  if (copy == NULL) {
    MPI_Abort(MPI_COMM_WORLD, CLI_IO);
    return NULL;
  }
  if (name != NULL)
    memcpy(copy, name, length);
  MPI_Bcast(copy, (int)length, MPI_BYTE, 0, MPI_COMM_WORLD);
  return copy;
}

static ufm_status sweep_on_ranks(ufm_sweep_state *state, const ufm_grid *grid,
                                 const cli_options *options,
                                 const ufm_sweep_settings *settings,
                                 ufm_error *error)
{
  ufm_tasks tasks = ufm_tasks_of_grid(grid);
  ufm_workers *workers = NULL;
  ufm_status status;

  if (settings->workers != 1) {
    snprintf(error->text, sizeof error->text,
             "jobs: got %zu, want none: mpirun says how many ranks there are",
             settings->workers);
    return UFM_EINVAL;
  }
  status = mpi_ranks_new(&workers, &tasks, error);
  if (status != UFM_OK)
    return status;
  free(share_name(options->spec_file));
  told = true;
  return ufm_tasks_run_on(state, &tasks, options->output, settings, workers,
                          error);
}

static int run(const cli_options *options)
{
  return cli_sweep_by(options, sweep_on_ranks);
}

static int lead(int argc, char **argv)
{
  cli_command command = cli_sweep;
  cli_options options = {0};
  bool done = false;
  int code;

  if (argc < 2 || strcmp(argv[1], "sweep") != 0) {
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;

    fputs(usage, help ? stdout : stderr);
    return help ? CLI_OK : CLI_USAGE;
  }
  command.run = run;
  code = cli_parse(&command, argc - 1, argv + 1, &options, &done);
  if (code == CLI_OK && !done)
    code = command.run(&options);
  cli_options_clear(&options);
  return code;
}

static void follow(void)
{
  char *name = share_name(NULL);
  ufm_grid *grid = NULL;
  ufm_error error = {{0}};
  ufm_tasks tasks;
  bool good = *name != '\0' && ufm_grid_read(&grid, name, &error) == UFM_OK;

  if (good)
    tasks = ufm_tasks_of_grid(grid);
  if (*name != '\0')
    mpi_ranks_serve(good ? &tasks : NULL, error.text);
  ufm_grid_free(grid);
  free(name);
}

int main(int argc, char **argv)
{
  int rank = 0, code = CLI_OK;

  if (MPI_Init(&argc, &argv) != MPI_SUCCESS)
    return CLI_IO;
  gsl_set_error_handler_off();
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) {
    code = lead(argc, argv);
    if (!told)
      free(share_name(NULL));
    if (mpi_ranks_stuck())
      MPI_Abort(MPI_COMM_WORLD, code);
  } else {
    follow();
  }
  mpfr_free_cache();
  MPI_Finalize();
  return code;
}
