/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roots and values of the scalar problem (doc/mathematics.md, section 3).

   With u = t^{1/L} stationarity reads P(u) = u^{2M} - u^{M-1} + c = 0.  On
   [u*, 1], u*^L = (M-1)/M, P is increasing and convex and P(1) = c > 0, so
   Newton from u = 1 decreases to the largest root without a safeguard.
   P'(u*) = (M-1) u*^{M-2} > 0: the root is well conditioned even at the
   threshold.  Dividing P(u) = 0 by u^{M-1} gives 1 - t = c u^{-(M-1)}, which
   keeps full relative accuracy however small c is. */
#include <config.h>

#include <math.h>

#include "theory/scalar.h"

double ufm__scalar_root_double(double c, size_t M, double *one_minus_t)
{
  double m = (double)M, u = 1.0, step;

  *one_minus_t = 1.0;
  if (M == 1) {
    if (c < 1.0)
      *one_minus_t = c;
    return 1.0 - *one_minus_t;
  }
  /* c* = (1/M) ((M-1)/M)^{(M-1)/L} */
  if (c > pow(1.0 - 1.0 / m, (m - 1.0) / (m + 1.0)) / m)
    return 0.0;
  do {
    double low = pow(u, m - 2.0), high = pow(u, m + 1.0);

    step = (low * u * (high - 1.0) + c) / (low * (2.0 * m * high - m + 1.0));
    u -= step;
  } while (step > 1e-9 * u); /* the error left is of the order of step^2 */
  *one_minus_t = c / pow(u, m - 1.0);
  return pow(u, m + 1.0);
}

/* One step of Newton on P, downwards; returns log2 of its relative size. */
static mpfr_exp_t newton_step(mpfr_t u, mpfr_srcptr c, unsigned long M,
                              mpfr_t low, mpfr_t high, mpfr_t step)
{
  mpfr_pow_ui(low, u, M - 2, MPFR_RNDN);
  mpfr_pow_ui(high, u, M + 1, MPFR_RNDN);
  mpfr_sub_ui(step, high, 1, MPFR_RNDN);
  mpfr_mul(step, step, u, MPFR_RNDN);
  mpfr_mul(step, step, low, MPFR_RNDN);
  mpfr_add(step, step, c, MPFR_RNDN);
  mpfr_mul_ui(high, high, 2 * M, MPFR_RNDN);
  mpfr_sub_ui(high, high, M - 1, MPFR_RNDN);
  mpfr_mul(low, low, high, MPFR_RNDN);
  mpfr_div(step, step, low, MPFR_RNDN);
  mpfr_sub(u, u, step, MPFR_RNDN);
  if (mpfr_sgn(step) <= 0) /* only rounding can turn it upwards */
    return mpfr_get_emin();
  return mpfr_get_exp(step) - mpfr_get_exp(u);
}

void ufm__scalar_root(mpfr_t t, mpfr_t one_minus_t, mpfr_srcptr c, size_t M)
{
  mpfr_prec_t bits = mpfr_get_prec(t) + 16 + 2 * ufm__bit_length(M);
  /* P''/2P' < 2 M on [u*, 1]: after a step this small u is exact to an ulp. */
  mpfr_exp_t small = -(bits / 2 + 2 + ufm__bit_length(M));
  mpfr_t u, low, high, step;

  if (M == 1) {
    mpfr_set(one_minus_t, c, MPFR_RNDN);
    mpfr_ui_sub(t, 1, c, MPFR_RNDN);
    return;
  }
  mpfr_inits2(bits, u, low, high, step, (mpfr_ptr)NULL);
  mpfr_set_ui(u, 1, MPFR_RNDN);
  while (newton_step(u, c, M, low, high, step) >= small)
    ;
  mpfr_pow_ui(low, u, M - 1, MPFR_RNDN);
  mpfr_div(one_minus_t, c, low, MPFR_RNDN);
  mpfr_pow_ui(t, u, M + 1, MPFR_RNDN);
  mpfr_clears(u, low, high, step, (mpfr_ptr)NULL);
}

void ufm__scalar_root_at_threshold(mpfr_t t, mpfr_t one_minus_t, size_t M)
{
  mpfr_set_ui(t, M - 1, MPFR_RNDN);
  mpfr_div_ui(t, t, M, MPFR_RNDN);
  mpfr_set_ui(one_minus_t, 1, MPFR_RNDN);
  mpfr_div_ui(one_minus_t, one_minus_t, M, MPFR_RNDN);
}

void ufm__scalar_penalty(mpfr_t penalty, mpq_srcptr ratio,
                         mpq_srcptr lambda_product, size_t M)
{
  mpfr_set_q(penalty, lambda_product, MPFR_RNDN);
  mpfr_rootn_ui(penalty, penalty, M + 1, MPFR_RNDN);
  mpfr_mul_q(penalty, penalty, ratio, MPFR_RNDN);
}

void ufm__scalar_c(mpfr_t c, mpfr_srcptr penalty, mpfr_srcptr m, size_t M)
{
  mpfr_pow_ui(c, m, M, MPFR_RNDN);
  mpfr_rootn_ui(c, c, M + 1, MPFR_RNDN);
  mpfr_div(c, penalty, c, MPFR_RNDN);
}

void ufm__scalar_value(mpfr_t psi, mpfr_srcptr m, mpq_srcptr ratio,
                       mpfr_srcptr t, mpfr_srcptr one_minus_t, size_t M)
{
  mpfr_mul_ui(psi, t, M, MPFR_RNDN);
  mpfr_add_ui(psi, psi, 1, MPFR_RNDN);
  mpfr_mul(psi, psi, one_minus_t, MPFR_RNDN);
  mpfr_mul(psi, psi, m, MPFR_RNDN);
  mpfr_div_q(psi, psi, ratio, MPFR_RNDN);
  mpfr_div_2ui(psi, psi, 1, MPFR_RNDN);
}

long ufm__bit_length(size_t n)
{
  long bits = 0;

  for (; n > 0; n >>= 1)
    bits++;
  return bits;
}
