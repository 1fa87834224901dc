/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact numbers as JSON. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/json_number.h"

json_t *ufm__certificate_json_dyadic(mpfr_srcptr x)
{
  char *text = NULL;
  json_t *result;

  if (mpfr_asprintf(&text, "%Ra", x) < 0)
    return NULL;
  result = json_string(text);
  mpfr_free_str(text);
  return result;
}

/* Room for digits in base 16 or 10, a sign, a prefix and an exponent. */
static char *text_new(mpz_srcptr x, int base)
{
  return malloc(mpz_sizeinbase(x, base) + 40);
}

json_t *ufm__certificate_json_mass(mpz_srcptr x, long shift)
{
  char *text;
  json_t *result;
  mpz_t odd;
  mp_bitcnt_t zeros;

  if (mpz_sgn(x) == 0)
    return json_string("0x0p+0");
  zeros = mpz_scan1(x, 0);
  mpz_init(odd);
  mpz_abs(odd, x);
  mpz_fdiv_q_2exp(odd, odd, zeros);
  text = text_new(odd, 16);
  if (text == NULL) {
    mpz_clear(odd);
    return NULL;
  }
  strcpy(text, mpz_sgn(x) < 0 ? "-0x" : "0x");
  mpz_get_str(text + strlen(text), 16, odd);
  snprintf(text + strlen(text), 24, "p%+ld", (long)zeros - shift);
  mpz_clear(odd);
  result = json_string(text);
  free(text);
  return result;
}

json_t *ufm__certificate_json_rational(mpq_srcptr x)
{
  enum { LARGE = 64 };
  mp_bitcnt_t zeros = mpz_scan1(mpq_denref(x), 0);
  char *text;
  json_t *result;

  if (zeros > LARGE && mpz_sizeinbase(mpq_denref(x), 2) == zeros + 1)
    return ufm__certificate_json_mass(mpq_numref(x), (long)zeros);
  text = mpq_get_str(NULL, 10, x);
  result = json_string(text);
  free(text);
  return result;
}

json_t *ufm__certificate_json_integer(mpz_srcptr x)
{
  char *text;
  json_t *result;

  if (mpz_sizeinbase(x, 2) <= 53)
    return json_integer((json_int_t)mpz_get_d(x));
  text = text_new(x, 10);
  if (text == NULL)
    return NULL;
  mpz_get_str(text, 10, x);
  result = json_string(text);
  free(text);
  return result;
}
