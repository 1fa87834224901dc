/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Positive semidefiniteness by an untrusted Cholesky factor and an exact test
   of the remainder: b 2^digits = l l^T + r, where the first term is positive
   semidefinite for any l whatsoever and r is positive definite by
   Gershgorin's theorem. */
#include <config.h>

#include "check/alloc.h"
#include "check/psd.h"

/* Cholesky factor of b - 2n I with `digits` fraction digits; false at a pivot
   that is not positive.  Rounding leaves |r_ij| <= l_jj / 2 off the diagonal,
   that is at most 2^(digits - 1) for a diagonal up to 2^digits, and the shift
   leaves r_ii >= 2n 2^digits: dominant. */
static bool factorise(mpz_t *l, const mpz_t *b, size_t n, mp_bitcnt_t digits)
{
  bool good = true;
  mpz_t rest, half;

  mpz_init(rest);
  mpz_init(half);
  for (size_t j = 0; j < n && good; j++) {
    mpz_sub_ui(rest, b[j * n + j], 2 * n);
    mpz_mul_2exp(rest, rest, digits);
    for (size_t k = 0; k < j; k++)
      mpz_submul(rest, l[j * n + k], l[j * n + k]);
    good = mpz_sgn(rest) > 0;
    if (!good)
      break;
    mpz_sqrt(l[j * n + j], rest);
    mpz_fdiv_q_2exp(half, l[j * n + j], 1);
    for (size_t i = j + 1; i < n; i++) {
      mpz_mul_2exp(rest, b[i * n + j], digits);
      for (size_t k = 0; k < j; k++)
        mpz_submul(rest, l[i * n + k], l[j * n + k]);
      mpz_add(rest, rest, half);
      mpz_fdiv_q(l[i * n + j], rest, l[j * n + j]);
    }
  }
  mpz_clear(rest);
  mpz_clear(half);
  return good;
}

bool chk_psd_witness(const mpz_t *b, const mpz_t *l, size_t n,
                     mp_bitcnt_t digits)
{
  /* slack[i] = r_ii - sum of |r_ij| over j != i */
  mpz_t *slack = chk_integers_new(n);
  bool good = true;
  mpz_t r;

  mpz_init(r);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      mpz_mul_2exp(r, b[i * n + j], digits);
      for (size_t k = 0; k <= j; k++)
        mpz_submul(r, l[i * n + k], l[j * n + k]);
      if (i == j) {
        mpz_add(slack[i], slack[i], r);
      } else {
        mpz_abs(r, r);
        mpz_sub(slack[i], slack[i], r);
        mpz_sub(slack[j], slack[j], r);
      }
    }
  for (size_t i = 0; i < n; i++)
    good = good && mpz_sgn(slack[i]) > 0;
  mpz_clear(r);
  chk_integers_free(slack, n);
  return good;
}

bool chk_psd(const mpz_t *b, size_t n)
{
  mpz_t *l = chk_integers_new(n * n);
  mp_bitcnt_t digits = 1;
  bool good;

  for (size_t i = 0; i < n; i++)
    if (mpz_sizeinbase(b[i * n + i], 2) > digits)
      digits = mpz_sizeinbase(b[i * n + i], 2);
  good = factorise(l, b, n, digits) &&
         chk_psd_witness(b, (const mpz_t *)l, n, digits);
  chk_integers_free(l, n * n);
  return good;
}
