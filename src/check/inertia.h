/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_INERTIA_H
#define UFM_CHECK_INERTIA_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

/* Finds a proved upper bound on the number of eigenvalues <= 0 (with
   multiplicity) of the symmetric integer matrix c (n x n, entries i >= j).
   The bound is the number of eigenvalues below 1 up to roundings, so c should
   be scaled such that eigenvalues in (0, 2) do not matter.  False: nothing
   could be proved. */
bool chk_count_nonpositive(size_t *bound, const mpz_t *c, size_t n);

#endif
