/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_TESTS_TRUTH_H
#define UFM_TESTS_TRUTH_H

#include <stdbool.h>

#include <jansson.h>

/* True when the claim of a certificate is false, found without its proof: the
   objective of its point is above `upper`, or some point that is easy to write
   down (its own, the same with smaller logits, zero; of a refutation, the best
   simplex ETF) is below `lower`.
   Evaluated in MPFR by the formulas of oracle.c; true only when the difference
   is well above their rounding, and the problem small enough.  The certificate
   is one that ufm-check takes for well formed. */
bool claim_is_false(const json_t *root);

#endif
