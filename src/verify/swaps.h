/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scales s of all penalties at which the best of the named candidates of
   balanced deep cross entropy changes.  With F_i(s) = min_a phi_i(a) + s g_i(a)
   a swap is a root of F_i - F_j, found by Newton (F_i' = g_i at the minimiser)
   and proved by enclosures of all candidates on both sides of it. */
#ifndef UFM_VERIFY_SWAPS_H
#define UFM_VERIFY_SWAPS_H

#include <ufm/status.h>

#include "verify/model.h"

typedef struct ufm__swap {
  const char *from, *to; /* the best candidate below and above; "zero" */
  mpfr_t lower, upper;   /* of s; the candidates at both ends are proved */
} ufm__swap;

/* The swaps down to 10^-9 of the scale from which on zero is the best
   candidate, ascending, each enclosed to about `digits` digits; *swaps is
   released by ufm__swaps_free.  UFM_EINTERNAL when an order is not proved. */
UFM_MUST_CHECK ufm_status ufm__swaps(ufm__swap **swaps, size_t *count,
                                     const ufm__model *model, size_t digits,
                                     ufm_error *error);
void ufm__swaps_free(ufm__swap *swaps, size_t count);

#endif
