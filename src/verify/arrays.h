/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays of n multiprecision numbers, set to 0; NULL when memory is
   exhausted.  Freeing NULL is allowed. */
#ifndef UFM_VERIFY_ARRAYS_H
#define UFM_VERIFY_ARRAYS_H

#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

mpfr_t *ufm__mp_new(size_t n, mpfr_prec_t bits);
void ufm__mp_free(mpfr_t *x, size_t n);
mpz_t *ufm__integers_new(size_t n);
void ufm__integers_free(mpz_t *x, size_t n);
mpq_t *ufm__rationals_new(size_t n);
void ufm__rationals_free(mpq_t *x, size_t n);

#endif
