/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts spread over child processes. */
#ifndef UFM_SOLVE_POOL_H
#define UFM_SOLVE_POOL_H

#include "solve/attempt.h"

/* Told of every run that ended, in any order: x is its last point, or NULL when
   a run of the same process before it was no worse. */
typedef void ufm__pool_sink(void *user, size_t index, const ufm_run *run,
                            const double *x);

/* Runs starts 0..settings->starts - 1 in settings->jobs processes.  Children
   are forked, so they share what the runner and the attempts hold until they
   write to it; each asks for the next index when it is done.  The progress
   function of the settings is called here only; when it asks to stop, runs in
   progress end as interrupted and no others begin.
   Errors: that of the first attempt that fails; UFM_EINTERNAL when a child
   ends early; UFM_ENOMEM or UFM_EIO when the system gives no more processes or
   sockets.  No child outlives the call. */
UFM_MUST_CHECK ufm_status ufm__pool(const ufm__attempts *attempts,
                                    ufm__runner *runner, gsl_vector *x,
                                    ufm__pool_sink *sink, void *user,
                                    ufm_error *error);

#endif
