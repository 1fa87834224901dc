/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact threshold test (doc/mathematics.md, section 3):

     m^M (M-1)^{M-1}   versus   N^{M+1} Lam M^{2M},   with 0^0 = 1. */
#include <config.h>

#include "theory/threshold.h"

/* out = base^exponent for a canonical rational. */
static void rational_power(mpq_t out, mpq_srcptr base, size_t exponent)
{
  mpz_pow_ui(mpq_numref(out), mpq_numref(base), exponent);
  mpz_pow_ui(mpq_denref(out), mpq_denref(base), exponent);
}

void ufm__threshold_init(ufm__threshold *threshold, mpq_srcptr ratio,
                         mpq_srcptr lambda_product, size_t M, mpq_srcptr scale)
{
  mpq_t factor;

  threshold->M = M;
  mpq_inits(threshold->power, threshold->theta, factor, (mpq_ptr)NULL);
  rational_power(threshold->power, ratio, M + 1);
  mpq_mul(threshold->power, threshold->power, lambda_product);
  mpz_ui_pow_ui(mpq_numref(factor), M, 2 * M);
  mpz_ui_pow_ui(mpq_denref(factor), M - 1, M - 1);
  mpq_canonicalize(factor);
  mpq_mul(threshold->power, threshold->power, factor);
  rational_power(factor, scale, M);
  mpq_div(threshold->power, threshold->power, factor);
  mpq_clear(factor);
  /* In lowest terms both parts must be M-th powers. */
  threshold->rational = mpz_root(mpq_numref(threshold->theta),
                                 mpq_numref(threshold->power), M) != 0 &&
                        mpz_root(mpq_denref(threshold->theta),
                                 mpq_denref(threshold->power), M) != 0;
}

void ufm__threshold_clear(ufm__threshold *threshold)
{
  mpq_clears(threshold->power, threshold->theta, (mpq_ptr)NULL);
}

int ufm__threshold_compare(const ufm__threshold *threshold, size_t mu)
{
  int sign;
  mpz_t power;

  mpz_init(power);
  mpz_ui_pow_ui(power, mu, threshold->M);
  sign = mpq_cmp_z(threshold->power, power);
  mpz_clear(power);
  return sign < 0 ? 1 : -(sign > 0);
}

void ufm__threshold_enclose(const ufm__threshold *threshold, mpfr_t lo,
                            mpfr_t hi)
{
  mpfr_set_q(lo, threshold->power, MPFR_RNDD);
  mpfr_rootn_ui(lo, lo, threshold->M, MPFR_RNDD);
  mpfr_set_q(hi, threshold->power, MPFR_RNDU);
  mpfr_rootn_ui(hi, hi, threshold->M, MPFR_RNDU);
}
