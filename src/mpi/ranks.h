/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MPI ranks as workers: rank 0 gives tasks, all others do them. */
#ifndef UFM_MPI_RANKS_H
#define UFM_MPI_RANKS_H

#include <stdbool.h>

#include <ufm/tasks.h>

/* On rank 0: the other ranks as workers.  UFM_EINVAL when there is none. */
UFM_MUST_CHECK ufm_status mpi_ranks_new(ufm_workers **out,
                                        const ufm_tasks *tasks,
                                        ufm_error *error);

/* On the other ranks: does what rank 0 says until it says stop.  `tasks` is
   NULL when this rank could not read them, `why` then says why: the first task
   given ends the job. */
void mpi_ranks_serve(const ufm_tasks *tasks, const char *why);

/* On rank 0, after the workers were stopped: some were busy and will not
   listen, so that only MPI_Abort ends the job. */
bool mpi_ranks_stuck(void);

#endif
