/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of a sweep over workers of any kind. */
#ifndef UFM_SWEEP_RUN_H
#define UFM_SWEEP_RUN_H

#include <ufm/sweep.h>

#include "sweep/journal.h"
#include "sweep/pool.h"

/* Settings in range? */
UFM_MUST_CHECK ufm_status
ufm__sweep_settings_check(const ufm_sweep_settings *settings, ufm_error *error);

/* Gives the points that have no record to the workers of `pool`, stops it, and
   sorts the journal when it is complete. */
UFM_MUST_CHECK ufm_status ufm__sweep_loop(ufm_sweep_state *out,
                                          ufm__journal *journal,
                                          ufm__pool *pool,
                                          const ufm_sweep_settings *settings,
                                          ufm_error *error);

#endif
