/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Count profiles of the imbalance literature, exactly. */
#ifndef UFM_PROBLEM_PROFILE_H
#define UFM_PROBLEM_PROFILE_H

#include <stddef.h>

#include <gmp.h>

#include <ufm/status.h>

/* counts[k] = floor(top ratio^(-k/(K-1))), k = 0..K-1; K >= 2, ratio >= 1. */
void ufm__profile_exp(size_t K, size_t top, mpq_srcptr ratio, size_t *counts);

/* top for all but the last `minority` classes, which have floor(top/ratio). */
void ufm__profile_step(size_t K, size_t top, mpq_srcptr ratio, size_t minority,
                       size_t *counts);

/* counts[k] = max(1, floor(top / (k+1)^exponent)), exponent >= 0. */
void ufm__profile_zipf(size_t K, size_t top, mpq_srcptr exponent,
                       size_t *counts);

#endif
