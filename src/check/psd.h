/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_PSD_H
#define UFM_CHECK_PSD_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

/* Symmetric n x n integer matrices; only entries i >= j are read. */

/* True proves that b is positive semidefinite.  False proves nothing: it is
   the answer for all b with an eigenvalue below about 3n, so b should have as
   many digits as its smallest eigenvalue needs to be told from 0. */
bool chk_psd(const mpz_t *b, size_t n);

/* The proof itself: true iff b 2^digits - l l^T is strictly diagonally
   dominant with positive diagonal (l lower triangular, n x n). */
bool chk_psd_witness(const mpz_t *b, const mpz_t *l, size_t n,
                     mp_bitcnt_t digits);

#endif
