/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact numbers: reading, and rounding to fixed point. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/number.h"

static const char decimal[] = "0123456789";
static const char hexadecimal[] = "0123456789abcdefABCDEF";

void chk_number_init(chk_number *x)
{
  mpz_init(x->p);
  mpz_init_set_ui(x->q, 1);
  x->e = 0;
}

void chk_number_clear(chk_number *x)
{
  mpz_clear(x->p);
  mpz_clear(x->q);
}

chk_number *chk_numbers_new(size_t n)
{
  chk_number *x = chk_alloc(n, sizeof *x);

  for (size_t i = 0; i < n; i++)
    chk_number_init(&x[i]);
  return x;
}

void chk_numbers_free(chk_number *x, size_t n)
{
  if (x == NULL)
    return;
  for (size_t i = 0; i < n; i++)
    chk_number_clear(&x[i]);
  free(x);
}

/* Moves all factors 2 into the exponent; p/q is in lowest terms. */
static void normalise(chk_number *x)
{
  if (mpz_sgn(x->p) == 0) {
    mpz_set_ui(x->q, 1);
    x->e = 0;
    return;
  }
  if (mpz_cmp_ui(x->q, 1) != 0) {
    mp_bitcnt_t twos = mpz_scan1(x->q, 0);

    mpz_fdiv_q_2exp(x->q, x->q, twos);
    x->e -= (long)twos;
  }
  if (mpz_even_p(x->p)) {
    mp_bitcnt_t twos = mpz_scan1(x->p, 0);

    mpz_fdiv_q_2exp(x->p, x->p, twos);
    x->e += (long)twos;
  }
}

void chk_number_set_si(chk_number *x, long value)
{
  mpz_set_si(x->p, value);
  mpz_set_ui(x->q, 1);
  x->e = 0;
  normalise(x);
}

/* Digits with an optional "/digits"; the sign is already gone. */
static bool parse_rational(chk_number *x, const char *text)
{
  size_t top = strspn(text, decimal);
  size_t bottom = 0;
  char *digits;
  mpz_t common;

  if (top == 0)
    return false;
  if (text[top] == '/') {
    bottom = strspn(text + top + 1, decimal);
    if (bottom == 0 || text[top + 1 + bottom] != '\0')
      return false;
  } else if (text[top] != '\0') {
    return false;
  }
  digits = chk_alloc(top + 1, 1);
  memcpy(digits, text, top);
  mpz_set_str(x->p, digits, 10);
  free(digits);
  mpz_set_ui(x->q, 1);
  if (bottom > 0)
    mpz_set_str(x->q, text + top + 1, 10);
  if (mpz_sgn(x->q) == 0)
    return false;
  mpz_init(common);
  mpz_gcd(common, x->p, x->q);
  mpz_divexact(x->p, x->p, common);
  mpz_divexact(x->q, x->q, common);
  mpz_clear(common);
  x->e = 0;
  return true;
}

/* [+-]digits, at most 7 of them; false otherwise. */
static bool parse_exponent(const char *text, long *out)
{
  bool negative = *text == '-';
  size_t length;
  long value = 0;

  if (*text == '+' || *text == '-')
    text++;
  length = strspn(text, decimal);
  if (length == 0 || length > 7 || text[length] != '\0')
    return false;
  for (; *text != '\0'; text++)
    value = 10 * value + (*text - '0');
  *out = negative ? -value : value;
  return true;
}

/* H[.H]p[+-]D after "0x". */
static bool parse_dyadic(chk_number *x, const char *text)
{
  size_t whole = strspn(text, hexadecimal);
  size_t part = 0;
  const char *rest = text + whole;
  char *digits;

  if (whole == 0)
    return false;
  if (*rest == '.') {
    part = strspn(rest + 1, hexadecimal);
    if (part == 0)
      return false;
    rest += 1 + part;
  }
  if (*rest != 'p' || !parse_exponent(rest + 1, &x->e))
    return false;
  digits = chk_alloc(whole + part + 1, 1);
  memcpy(digits, text, whole);
  if (part > 0)
    memcpy(digits + whole, text + whole + 1, part);
  mpz_set_str(x->p, digits, 16);
  free(digits);
  mpz_set_ui(x->q, 1);
  x->e -= 4 * (long)part;
  return true;
}

bool chk_number_parse(chk_number *x, const char *text)
{
  bool negative = *text == '-';
  bool good;

  if (strlen(text) > CHK_MAX_TEXT)
    return false;
  text += negative;
  if (text[0] == '0' && text[1] == 'x')
    good = parse_dyadic(x, text + 2);
  else
    good = parse_rational(x, text);
  if (!good)
    return false;
  if (negative)
    mpz_neg(x->p, x->p);
  normalise(x);
  return x->e >= -CHK_MAX_FRACTION &&
         (long)mpz_sizeinbase(x->p, 2) - (long)mpz_sizeinbase(x->q, 2) + x->e <
             CHK_MAX_MAGNITUDE;
}

int chk_number_sign(const chk_number *x)
{
  return mpz_sgn(x->p);
}

void chk_number_get_mpq(mpq_t out, const chk_number *x)
{
  mpz_set(mpq_numref(out), x->p);
  mpz_set(mpq_denref(out), x->q);
  if (x->e >= 0)
    mpq_mul_2exp(out, out, (mp_bitcnt_t)x->e);
  else
    mpq_div_2exp(out, out, (mp_bitcnt_t)-x->e);
}

mp_bitcnt_t chk_number_fraction(const chk_number *x)
{
  long bits = (long)mpz_sizeinbase(x->q, 2) - 1 - x->e;

  return bits > 0 ? (mp_bitcnt_t)bits : 0;
}

void chk_scale_floor(mpz_t out, mpz_srcptr n, mpz_srcptr q, long shift)
{
  if (shift >= 0) {
    mpz_mul_2exp(out, n, (mp_bitcnt_t)shift);
    if (mpz_cmp_ui(q, 1) != 0)
      mpz_fdiv_q(out, out, q);
  } else { /* floor(floor(n/2^k)/q) = floor(n/(2^k q)) */
    mpz_fdiv_q_2exp(out, n, (mp_bitcnt_t)-shift);
    if (mpz_cmp_ui(q, 1) != 0)
      mpz_fdiv_q(out, out, q);
  }
}

void chk_scale_ceil(mpz_t out, mpz_srcptr n, mpz_srcptr q, long shift)
{
  if (shift >= 0) {
    mpz_mul_2exp(out, n, (mp_bitcnt_t)shift);
    if (mpz_cmp_ui(q, 1) != 0)
      mpz_cdiv_q(out, out, q);
  } else {
    mpz_cdiv_q_2exp(out, n, (mp_bitcnt_t)-shift);
    if (mpz_cmp_ui(q, 1) != 0)
      mpz_cdiv_q(out, out, q);
  }
}

void chk_number_floor(mpz_t out, const chk_number *x, mp_bitcnt_t f)
{
  chk_scale_floor(out, x->p, x->q, x->e + (long)f);
}

void chk_number_ceil(mpz_t out, const chk_number *x, mp_bitcnt_t f)
{
  chk_scale_ceil(out, x->p, x->q, x->e + (long)f);
}

void chk_rational_floor(mpz_t out, mpq_srcptr x, mp_bitcnt_t f)
{
  chk_scale_floor(out, mpq_numref(x), mpq_denref(x), (long)f);
}

void chk_rational_ceil(mpz_t out, mpq_srcptr x, mp_bitcnt_t f)
{
  chk_scale_ceil(out, mpq_numref(x), mpq_denref(x), (long)f);
}
