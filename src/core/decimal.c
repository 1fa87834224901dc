/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact decimals: every digit comes from integers. */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/decimal.h>

#include "core/number.h"

/* Numbers whose first digit is further behind the point get an exponent. */
enum { LEADING_ZEROS = 4 };

ufm_status ufm_decimal_read(const char *text, const char *where, mpq_t out,
                            ufm_error *error)
{
  return ufm__parse_rational(text, where, out, error);
}

/* out = x 10^places. */
static void shift(mpq_t out, mpq_srcptr x, long places)
{
  mpz_t power;

  mpz_init(power);
  mpz_ui_pow_ui(power, 10, (unsigned long)labs(places));
  mpq_set(out, x);
  if (places >= 0)
    mpz_mul(mpq_numref(out), mpq_numref(out), power);
  else
    mpz_mul(mpq_denref(out), mpq_denref(out), power);
  mpq_canonicalize(out);
  mpz_clear(power);
}

/* The e with 10^e <= |x| < 10^{e+1}; 0 for x = 0. */
static long exponent10(mpq_srcptr x)
{
  long e;
  mpq_t y;
  int low;

  if (mpq_sgn(x) == 0)
    return 0;
  e = (long)mpz_sizeinbase(mpq_numref(x), 10) -
      (long)mpz_sizeinbase(mpq_denref(x), 10) + 1;
  /* sizeinbase may be one too large, for either: e is at most 3 too high */
  mpq_init(y);
  do {
    shift(y, x, -e);
    low = mpz_cmpabs(mpq_numref(y), mpq_denref(y)) < 0;
    e -= low;
  } while (low);
  mpq_clear(y);
  return e;
}

static void round_to_integer(mpz_t out, mpq_srcptr x, ufm_rounding rounding)
{
  switch (rounding) {
  case UFM_ROUND_DOWN:
    mpz_fdiv_q(out, mpq_numref(x), mpq_denref(x));
    return;
  case UFM_ROUND_UP:
    mpz_cdiv_q(out, mpq_numref(x), mpq_denref(x));
    return;
  case UFM_ROUND_NEAREST:
    break;
  }
  /* sign(x) floor(|x| + 1/2) */
  mpz_abs(out, mpq_numref(x));
  mpz_mul_2exp(out, out, 1);
  mpz_add(out, out, mpq_denref(x));
  mpz_fdiv_q(out, out, mpq_denref(x));
  mpz_fdiv_q_2exp(out, out, 1);
  if (mpq_sgn(x) < 0)
    mpz_neg(out, out);
}

/* q 10^-places, with a bar behind its last digit unless that is 0.  `plain`:
   never with an exponent. */
static char *layout(mpz_srcptr q, long places, bool plain, unsigned long bar)
{
  char *digits = NULL, *text = NULL, tail[32] = "";
  const char *sign = mpz_sgn(q) < 0 ? "-" : "";
  long e;
  mpz_t size;
  int code;

  mpz_init(size);
  mpz_abs(size, q);
  if (bar > 0)
    snprintf(tail, sizeof tail, "(%lu)", bar);
  /* digits of |q|, then with the zeros that a plain number below 1 needs */
  if (gmp_asprintf(&digits, "%Zd", size) < 0)
    return NULL;
  e = (long)strlen(digits) - 1 - places;
  plain = places >= 0 && (plain || mpz_sgn(q) == 0 || e >= -LEADING_ZEROS - 1);
  if (plain && e < 0) {
    free(digits);
    if (gmp_asprintf(&digits, "%0*Zd", (int)places + 1, size) < 0)
      return NULL;
  }
  mpz_clear(size);
  if (plain && places == 0)
    code = asprintf(&text, "%s%s%s", sign, digits, tail);
  else if (plain)
    code = asprintf(&text, "%s%.*s.%s%s", sign,
                    (int)((long)strlen(digits) - places), digits,
                    digits + strlen(digits) - (size_t)places, tail);
  else
    code = asprintf(&text, "%s%c%s%s%se%ld", sign, digits[0],
                    digits[1] != '\0' ? "." : "", digits + 1, tail, e);
  free(digits);
  return code >= 0 ? text : NULL;
}

char *ufm_decimal_text(mpq_srcptr x, size_t digits, ufm_rounding rounding)
{
  long places = (long)digits - 1 - exponent10(x);
  char *text;
  mpq_t scaled;
  mpz_t q;
  bool exact;

  mpq_init(scaled);
  mpz_init(q);
  shift(scaled, x, places);
  round_to_integer(q, scaled, rounding);
  exact = mpz_cmp_ui(mpq_denref(scaled), 1) == 0;
  /* 9.996 is 10.0 to three digits, not 10.00 */
  if (!exact && mpz_sgn(q) != 0) {
    mpq_set_z(scaled, q);
    if (exponent10(scaled) == (long)digits) {
      mpz_divexact_ui(q, q, 10);
      places--;
    }
  }
  while (exact && places != 0 && mpz_divisible_ui_p(q, 10) && mpz_sgn(q) != 0) {
    mpz_divexact_ui(q, q, 10);
    places--;
  }
  if (mpz_sgn(q) == 0)
    places = 0;
  text = layout(q, places, false, 0);
  mpz_clear(q);
  mpq_clear(scaled);
  return text;
}

char *ufm_decimal_fixed(mpq_srcptr x, size_t places, ufm_rounding rounding)
{
  char *text;
  mpq_t scaled;
  mpz_t q;

  mpq_init(scaled);
  mpz_init(q);
  shift(scaled, x, (long)places);
  round_to_integer(q, scaled, rounding);
  text = layout(q, (long)places, true, 0);
  mpz_clear(q);
  mpq_clear(scaled);
  return text;
}

/* q = round(mid 10^places) and the least radius in that place that covers
   [lower, upper]. */
static void cover(mpz_t q, mpz_t radius, mpq_srcptr lower, mpq_srcptr upper,
                  mpq_srcptr mid, long places)
{
  mpq_t x, middle;
  mpz_t other;

  mpq_inits(x, middle, (mpq_ptr)NULL);
  mpz_init(other);
  shift(x, mid, places);
  round_to_integer(q, x, UFM_ROUND_NEAREST);
  mpq_set_z(middle, q);
  shift(x, upper, places);
  mpq_sub(x, x, middle);
  round_to_integer(radius, x, UFM_ROUND_UP);
  shift(x, lower, places);
  mpq_sub(x, middle, x);
  round_to_integer(other, x, UFM_ROUND_UP);
  if (mpz_cmp(other, radius) > 0)
    mpz_set(radius, other);
  mpz_clear(other);
  mpq_clears(x, middle, (mpq_ptr)NULL);
}

char *ufm_decimal_enclosure(mpq_srcptr lower, mpq_srcptr upper, size_t digits)
{
  char *text;
  mpq_t mid, width;
  mpz_t q, radius;
  long places, most;

  mpq_inits(mid, width, (mpq_ptr)NULL);
  mpz_inits(q, radius, (mpz_ptr)NULL);
  mpq_add(mid, lower, upper);
  mpq_div_2exp(mid, mid, 1);
  mpq_sub(width, upper, lower);
  places = (long)digits - 1 - exponent10(mid);
  if (mpq_sgn(width) > 0) {
    /* no place is of use in which the width has two digits or more */
    most = 1 - exponent10(width);
    places = places < most ? places : most;
  }
  for (;; places--) {
    cover(q, radius, lower, upper, mid, places);
    if (mpz_cmp_ui(radius, 9) <= 0)
      break;
  }
  text = layout(q, places, false, mpz_get_ui(radius));
  if (mpz_sgn(radius) == 0) { /* exact: without trailing zeros */
    free(text);
    text = ufm_decimal_text(mid, digits, UFM_ROUND_NEAREST);
  }
  mpz_clears(q, radius, (mpz_ptr)NULL);
  mpq_clears(mid, width, (mpq_ptr)NULL);
  return text;
}
