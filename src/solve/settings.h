/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_SETTINGS_H
#define UFM_SOLVE_SETTINGS_H

#include <ufm/solve.h>

/* UFM_EINVAL with the setting that is out of range. */
UFM_MUST_CHECK ufm_status
ufm__solve_settings_check(const ufm_solve_settings *settings, ufm_error *error);

#endif
