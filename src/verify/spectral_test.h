/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_SPECTRAL_TEST_H
#define UFM_VERIFY_SPECTRAL_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/status.h>

/* Proves that the symmetric integer matrix B (n x n, row-major, only the lower
   triangle is read) is positive semidefinite: *proved = true is a theorem,
   *proved = false means nothing.  Works at `bits` of precision and succeeds
   when the smallest eigenvalue exceeds about 4 (n + 8) 2^-bits tr B.
   n^3/3 MPFR operations. */
UFM_MUST_CHECK ufm_status ufm__psd_test(size_t n, mpz_t *B, mpfr_prec_t bits,
                                        bool *proved, ufm_error *error);

#endif
