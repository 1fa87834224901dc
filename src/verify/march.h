/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_MARCH_H
#define UFM_VERIFY_MARCH_H

#include <stdbool.h>

#include <mpfr.h>

/* Covers [from, end] by consecutive pieces that `accept` agrees to, each twice
   as long as the one before or, when refused, half as long; ends are rounded to
   `bits`.  True when the last piece reaches `end`; false when pieces become
   shorter than about 2^-(bits/2) end, or too many. */
bool ufm__march(bool (*accept)(void *data, mpfr_srcptr from, mpfr_srcptr to),
                void *data, mpfr_srcptr from, mpfr_srcptr end,
                mpfr_prec_t bits);

#endif
