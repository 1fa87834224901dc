/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact and strict reading of numbers. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"

enum { MAX_LENGTH = 4096, MAX_EXPONENT = 4096 };

static const char decimal_digits[] = "0123456789";

/* [+-]digits[.digits][e[+-]digits] as an exact
   rational; false if it is not of that form or too large to be taken seriously.
 */
static bool parse_decimal(const char *text, mpq_t out)
{
  char mantissa[MAX_LENGTH + 1];
  size_t used = 0, after_point = 0, seen = 0;
  const char *s = text;
  long exponent = 0;
  bool negative = *s == '-';
  mpz_t power;

  if (*s == '+' || *s == '-')
    s++;
  for (bool point = false; *s != '\0' && used < MAX_LENGTH; s++) {
    if (*s == '.' && !point) {
      point = true;
    } else if (*s >= '0' && *s <= '9') {
      mantissa[used++] = *s;
      seen++;
      after_point += point;
    } else {
      break;
    }
  }
  mantissa[used] = '\0';
  if (seen == 0)
    return false;
  if (*s == 'e' || *s == 'E') {
    char *end;

    s++;
    if (strcspn(s, decimal_digits) > (size_t)(*s == '+' || *s == '-'))
      return false;
    errno = 0;
    exponent = strtol(s, &end, 10);
    if (end == s || errno != 0 || labs(exponent) > MAX_EXPONENT)
      return false;
    s = end;
  }
  if (*s != '\0' || mpz_set_str(mpq_numref(out), mantissa, 10) != 0)
    return false;
  if (negative)
    mpz_neg(mpq_numref(out), mpq_numref(out));
  mpz_set_ui(mpq_denref(out), 1);
  exponent -= (long)after_point;
  mpz_init(power);
  mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
  if (exponent >= 0)
    mpz_mul(mpq_numref(out), mpq_numref(out), power);
  else
    mpz_set(mpq_denref(out), power);
  mpz_clear(power);
  mpq_canonicalize(out);
  return true;
}

/* digits/digits with an optional sign and a nonzero
 * denominator. */
static bool parse_fraction(const char *text, mpq_t out)
{
  const char *slash = strchr(text, '/');
  const char *top = text + (*text == '-' || *text == '+');
  size_t top_length = strspn(top, decimal_digits);
  size_t bottom_length;

  if (slash == NULL || top_length == 0 || top + top_length != slash)
    return false;
  bottom_length = strspn(slash + 1, decimal_digits);
  if (bottom_length == 0 || slash[1 + bottom_length] != '\0' ||
      top_length + bottom_length > MAX_LENGTH)
    return false;
  if (mpq_set_str(out, *text == '+' ? text + 1 : text, 10) != 0 ||
      mpz_sgn(mpq_denref(out)) == 0)
    return false;
  mpq_canonicalize(out);
  return true;
}

ufm_status ufm__parse_rational(const char *text, const char *where, mpq_t out,
                               ufm_error *error)
{
  bool good;
  mpq_t value;

  mpq_init(value);
  good = parse_fraction(text, value) || parse_decimal(text, value);
  if (good)
    mpq_set(out, value);
  mpq_clear(value);
  if (!good)
    return ufm__fail(error, UFM_EINVAL,
                     "%s: got '%.80s', want a decimal such as 5e-4 or a "
                     "fraction p/q",
                     where, text);
  return UFM_OK;
}

static bool parse_digits(const char *text, uint64_t *out)
{
  uint64_t value = 0;

  if (*text == '\0' || text[strspn(text, decimal_digits)] != '\0')
    return false;
  for (; *text != '\0'; text++) {
    uint64_t digit = (uint64_t)(*text - '0');

    if (value > (UINT64_MAX - digit) / 10)
      return false;
    value = 10 * value + digit;
  }
  *out = value;
  return true;
}

ufm_status ufm__parse_size(const char *text, const char *where, size_t lo,
                           size_t hi, size_t *out, ufm_error *error)
{
  uint64_t value;

  if (!parse_digits(text, &value) || value < lo || value > hi)
    return ufm__fail(error, UFM_EINVAL,
                     "%s: got '%.80s', want an integer from %zu to %zu", where,
                     text, lo, hi);
  *out = (size_t)value;
  return UFM_OK;
}

ufm_status ufm__parse_u64(const char *text, const char *where, uint64_t *out,
                          ufm_error *error)
{
  uint64_t value;

  if (!parse_digits(text, &value))
    return ufm__fail(error, UFM_EINVAL,
                     "%s: got '%.80s', want an integer from 0 to 2^64 - 1",
                     where, text);
  *out = value;
  return UFM_OK;
}

double ufm__rational_double(mpq_srcptr x)
{
  double value;
  mpfr_t rounded;

  mpfr_init2(rounded, 53);
  mpfr_set_q(rounded, x, MPFR_RNDN);
  value = mpfr_get_d(rounded, MPFR_RNDN);
  mpfr_clear(rounded);
  return value;
}

ufm_status ufm__parse_positive(const char *text, const char *where, double *out,
                               ufm_error *error)
{
  bool good;
  double value = 0.0;
  mpq_t exact;

  mpq_init(exact);
  good = parse_fraction(text, exact) || parse_decimal(text, exact);
  if (good)
    value = ufm__rational_double(exact);
  mpq_clear(exact);
  if (!good || !isfinite(value) || value <= 0.0)
    return ufm__fail(error, UFM_EINVAL,
                     "%s: got '%.80s', want a positive number such as 1e-10",
                     where, text);
  *out = value;
  return UFM_OK;
}

mpfr_prec_t ufm__bits_for_digits(size_t digits, mpfr_prec_t guard)
{
  /* log2(10) < 3.3220 */
  return (mpfr_prec_t)(digits * 33220 / 10000 + 1) + guard;
}
