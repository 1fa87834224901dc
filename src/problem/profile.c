/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Floors of powers, decided exactly: an enclosure by MPFR, and where it
   straddles an integer, a comparison of integer powers. */
#include <config.h>

#include <mpfr.h>

#include "problem/profile.h"

/* Counts stay below 2^51: the rest narrows the enclosure. */
enum { BITS = 96 };

/* True when n <= top base^(-p/q), i.e. n^q num^p <= top^q den^p. */
static int at_most_power(size_t n, size_t top, mpq_srcptr base, unsigned long p,
                         unsigned long q)
{
  mpz_t left, right, power;
  int answer;

  mpz_inits(left, right, power, (mpz_ptr)NULL);
  mpz_ui_pow_ui(left, n, q);
  mpz_pow_ui(power, mpq_numref(base), p);
  mpz_mul(left, left, power);
  mpz_ui_pow_ui(right, top, q);
  mpz_pow_ui(power, mpq_denref(base), p);
  mpz_mul(right, right, power);
  answer = mpz_cmp(left, right) <= 0;
  mpz_clears(left, right, power, (mpz_ptr)NULL);
  return answer;
}

/* top base^(-exponent) rounded in one direction; base >= 1, exponent >= 0. */
static size_t power_floor_towards(size_t top, mpq_srcptr base,
                                  mpq_srcptr exponent, mpfr_rnd_t direction)
{
  mpfr_rnd_t opposite = direction == MPFR_RNDU ? MPFR_RNDD : MPFR_RNDU;
  mpfr_t b, e;
  size_t n;

  mpfr_inits2(BITS, b, e, (mpfr_ptr)NULL);
  mpfr_set_q(b, base, opposite);
  mpfr_set_q(e, exponent, opposite);
  mpfr_pow(b, b, e, opposite);
  mpfr_ui_div(b, top, b, direction);
  n = mpfr_get_ui(b, MPFR_RNDD);
  mpfr_clears(b, e, (mpfr_ptr)NULL);
  return n;
}

/* floor(top base^(-exponent)), exactly. */
static size_t power_floor(size_t top, mpq_srcptr base, mpq_srcptr exponent)
{
  size_t low = power_floor_towards(top, base, exponent, MPFR_RNDD);
  size_t high = power_floor_towards(top, base, exponent, MPFR_RNDU);

  /* The enclosure is narrower than 1, so high is low or low + 1. */
  if (low < high &&
      !at_most_power(high, top, base, mpz_get_ui(mpq_numref(exponent)),
                     mpz_get_ui(mpq_denref(exponent))))
    return low;
  return high;
}

void ufm__profile_exp(size_t K, size_t top, mpq_srcptr ratio, size_t *counts)
{
  mpq_t exponent;

  mpq_init(exponent);
  for (size_t k = 0; k < K; k++) {
    mpq_set_ui(exponent, k, K - 1);
    mpq_canonicalize(exponent);
    counts[k] = power_floor(top, ratio, exponent);
  }
  mpq_clear(exponent);
}

void ufm__profile_step(size_t K, size_t top, mpq_srcptr ratio, size_t minority,
                       size_t *counts)
{
  size_t few;
  mpq_t one;

  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  few = power_floor(top, ratio, one);
  mpq_clear(one);
  for (size_t k = 0; k < K; k++)
    counts[k] = k + minority < K ? top : few;
}

void ufm__profile_zipf(size_t K, size_t top, mpq_srcptr exponent,
                       size_t *counts)
{
  mpq_t base;

  mpq_init(base);
  for (size_t k = 0; k < K; k++) {
    mpq_set_ui(base, k + 1, 1);
    counts[k] = power_floor(top, base, exponent);
    if (counts[k] < 1)
      counts[k] = 1;
  }
  mpq_clear(base);
}
