/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_NUMBER_H
#define UFM_CORE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/status.h>

/* Strict readers: the whole string is the number, without surrounding blanks;
   nan, inf, hexadecimal and trailing text are refused.  `where` begins the
   message ("lambda-H").  On failure *out is unchanged. */

/* An exact rational: "5e-4" is 1/2000, "1/3", "-2.50", "7".  A decimal has at
   most 4096 characters and an exponent of at most 4096 in magnitude, so that a
   short string cannot ask for gigabytes; a denominator of 0 is refused. */
UFM_MUST_CHECK ufm_status ufm__parse_rational(const char *text,
                                              const char *where, mpq_t out,
                                              ufm_error *error);

/* An unsigned integer in [lo, hi], decimal digits only. */
UFM_MUST_CHECK ufm_status ufm__parse_size(const char *text, const char *where,
                                          size_t lo, size_t hi, size_t *out,
                                          ufm_error *error);

/* The seed of a random generator: 0 to 2^64 - 1. */
UFM_MUST_CHECK ufm_status ufm__parse_u64(const char *text, const char *where,
                                         uint64_t *out, ufm_error *error);

/* The double nearest to x (mpq_get_d truncates). */
double ufm__rational_double(mpq_srcptr x);

/* Bits that hold `digits` decimal digits, plus `guard`. */
mpfr_prec_t ufm__bits_for_digits(size_t digits, mpfr_prec_t guard);

/* A finite positive double, rounded to nearest from the exact decimal. */
UFM_MUST_CHECK ufm_status ufm__parse_positive(const char *text,
                                              const char *where, double *out,
                                              ufm_error *error);

#endif
