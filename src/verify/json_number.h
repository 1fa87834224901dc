/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact numbers as JSON strings (section 1 of doc/certificate-format.md).  NULL
   when memory is exhausted. */
#ifndef UFM_VERIFY_JSON_NUMBER_H
#define UFM_VERIFY_JSON_NUMBER_H

#include <gmp.h>
#include <jansson.h>
#include <mpfr.h>

/* A C99 hexadecimal dyadic; x is finite. */
json_t *ufm__certificate_json_dyadic(mpfr_srcptr x);
/* x 2^-shift */
json_t *ufm__certificate_json_mass(mpz_srcptr x, long shift);
/* "p/q", "p", or a dyadic when the denominator is a large power of 2 */
json_t *ufm__certificate_json_rational(mpq_srcptr x);
/* A JSON integer below 2^53, else a string of decimal digits. */
json_t *ufm__certificate_json_integer(mpz_srcptr x);

#endif
