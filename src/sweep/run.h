/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SWEEP_RUN_H
#define UFM_SWEEP_RUN_H

#include <ufm/tasks.h>

/* `count` processes made by fork; they close the descriptor `journal`. */
UFM_MUST_CHECK ufm_status ufm__workers_fork(ufm_workers **out,
                                            const ufm_tasks *tasks,
                                            size_t count, int journal,
                                            ufm_error *error);

#endif
