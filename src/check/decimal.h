/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_DECIMAL_H
#define UFM_CHECK_DECIMAL_H

#include <stdbool.h>

#include <gmp.h>

/* x with `digits` significant decimal digits, rounded up or down; trailing
   zeros are dropped.  The caller frees the string. */
char *chk_decimal(mpq_srcptr x, size_t digits, bool up);

#endif
