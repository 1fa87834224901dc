/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal output with directed rounding. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/decimal.h"

/* out = x 10^shift, rounded up or down to an integer. */
static void scaled(mpz_t out, mpq_srcptr x, long shift, bool up)
{
  mpz_t power, bottom;

  mpz_init(power);
  mpz_init_set(bottom, mpq_denref(x));
  mpz_set(out, mpq_numref(x));
  mpz_ui_pow_ui(power, 10, (unsigned long)labs(shift));
  mpz_mul(shift >= 0 ? out : bottom, shift >= 0 ? out : bottom, power);
  if (up)
    mpz_cdiv_q(out, out, bottom);
  else
    mpz_fdiv_q(out, out, bottom);
  mpz_clear(power);
  mpz_clear(bottom);
}

/* |x| = text 10^-shift: plain notation near 1, otherwise d.ddde+x. */
static char *layout(const char *text, long shift, bool negative)
{
  size_t length = strlen(text), size = length + 64;
  long point = (long)length - shift; /* digits before the point */
  bool plain = point > 0 && point <= 21 && point <= (long)length;
  char *out = chk_alloc(size, 1);
  const char *sign = negative ? "-" : "";

  while (length > (plain ? (size_t)point : 1) && text[length - 1] == '0')
    length--;
  if (plain)
    snprintf(out, size, "%s%.*s%s%.*s", sign, (int)point, text,
             (size_t)point < length ? "." : "", (int)(length - (size_t)point),
             text + point);
  else if (point <= 0 && point > -6)
    snprintf(out, size, "%s0.%.*s%.*s", sign, (int)-point, "000000",
             (int)length, text);
  else
    snprintf(out, size, "%s%.1s%s%.*se%+ld", sign, text, length > 1 ? "." : "",
             (int)length - 1, text + 1, point - 1);
  return out;
}

char *chk_decimal(mpq_srcptr x, size_t digits, bool up)
{
  bool negative = mpq_sgn(x) < 0;
  long shift = (long)digits - (long)mpz_sizeinbase(mpq_numref(x), 10) +
               (long)mpz_sizeinbase(mpq_denref(x), 10);
  char *text, *out;
  mpz_t n;

  if (mpq_sgn(x) == 0) {
    out = chk_alloc(2, 1);
    out[0] = '0';
    return out;
  }
  mpz_init(n);
  for (;; shift--) { /* too many digits at first, by at most two */
    scaled(n, x, shift, up);
    if (mpz_sizeinbase(n, 10) <= digits)
      break;
    text = mpz_get_str(NULL, 10, n); /* sizeinbase may be one too large */
    if (strlen(text) - negative <= digits) {
      free(text);
      break;
    }
    free(text);
  }
  text = mpz_get_str(NULL, 10, n);
  out = layout(text + negative, shift, negative);
  free(text);
  mpz_clear(n);
  return out;
}
