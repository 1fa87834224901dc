/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_NUMBER_H
#define UFM_CHECK_NUMBER_H

#include <stdbool.h>

#include <gmp.h>

/* Limits of one number: its text, its smallest binary digit, its size. */
enum {
  CHK_MAX_TEXT = 65536,      /* characters */
  CHK_MAX_FRACTION = 262144, /* lowest digit at least 2^-262144 */
  CHK_MAX_MAGNITUDE = 1024   /* |x| < 2^1024 */
};

/* The exact number (p/q) 2^e in lowest terms, p and q odd (or 0 = (0/1) 2^0),
   so that a power of two of any size costs nothing. */
typedef struct chk_number {
  mpz_t p, q;
  long e;
} chk_number;

void chk_number_init(chk_number *x);
void chk_number_clear(chk_number *x);
chk_number *chk_numbers_new(size_t n);
void chk_numbers_free(chk_number *x, size_t n);

/* "12", "-3/7", "0x9.e8p-3"; false when the text is anything else or exceeds
   the limits above. */
bool chk_number_parse(chk_number *x, const char *text);
void chk_number_set_si(chk_number *x, long value);

int chk_number_sign(const chk_number *x);
void chk_number_get_mpq(mpq_t out, const chk_number *x);

/* Number of binary digits after the point (of the numerator), at least 0. */
mp_bitcnt_t chk_number_fraction(const chk_number *x);

/* floor and ceiling of x 2^f, and of (n/q) 2^shift, q > 0. */
void chk_number_floor(mpz_t out, const chk_number *x, mp_bitcnt_t f);
void chk_number_ceil(mpz_t out, const chk_number *x, mp_bitcnt_t f);
void chk_scale_floor(mpz_t out, mpz_srcptr n, mpz_srcptr q, long shift);
void chk_scale_ceil(mpz_t out, mpz_srcptr n, mpz_srcptr q, long shift);
void chk_rational_floor(mpz_t out, mpq_srcptr x, mp_bitcnt_t f);
void chk_rational_ceil(mpz_t out, mpq_srcptr x, mp_bitcnt_t f);

#endif
