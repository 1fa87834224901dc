/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When does f(a) = log(1 + (K-1) e^{-a}) + (L/2) G a^{2/L} prefer a = 0?
   (doc/mathematics.md, sections 7.3 and 7.4; the threshold is derived here.)

   With D = e^a + K - 1, stationarity reads G a^{2/L} = a (K-1)/D, so a
   stationary point ties with a = 0 iff

     T(a) = log(1 + (K-1) e^{-a}) + (L/2) a (K-1)/D - log K = 0.

   T(0) = 0 and T' = ((K-1)/D) (L/2 - 1 - (L/2) a e^a/D), whose second factor
   falls: T rises, then falls for ever, and has one root a* > 0.  The minimum of
   f over a grows with G, so zero is optimal iff the weight G^L is at least

     tau = a*^{L-2} ((K-1)/D(a*))^L. */
#include <config.h>

#include "theory/ce_root.h"
#include "theory/ce_threshold.h"

enum { FIRST_BITS = 128, MARGIN_BITS = 24 };

typedef struct tie {
  unsigned long K, L;
} tie;

static mpfr_rnd_t opposite(mpfr_rnd_t rounding)
{
  return rounding == MPFR_RNDU ? MPFR_RNDD : MPFR_RNDU;
}

/* (K-1)/(e^a + K - 1), rounded up or down. */
static void residual(unsigned long K, mpfr_srcptr a, mpfr_ptr out,
                     mpfr_rnd_t rounding)
{
  mpfr_exp(out, a, opposite(rounding));
  mpfr_add_ui(out, out, K - 1, opposite(rounding));
  mpfr_ui_div(out, K - 1, out, rounding);
}

/* T(a), rounded up or down. */
static void tie_gap(const tie *t, mpfr_srcptr a, mpfr_ptr out,
                    mpfr_rnd_t rounding)
{
  mpfr_t part;

  mpfr_init2(part, mpfr_get_prec(out));
  mpfr_neg(part, a, MPFR_RNDN);
  mpfr_exp(part, part, rounding);
  mpfr_mul_ui(part, part, t->K - 1, rounding);
  mpfr_log1p(part, part, rounding);
  residual(t->K, a, out, rounding);
  mpfr_mul(out, out, a, rounding);
  mpfr_mul_ui(out, out, t->L, rounding);
  mpfr_div_2ui(out, out, 1, rounding);
  mpfr_add(out, out, part, rounding);
  mpfr_log_ui(part, t->K, opposite(rounding));
  mpfr_sub(out, out, part, rounding);
  mpfr_clear(part);
}

/* -T and -T', for the root finder: only a guess, no rounding direction. */
static void falling_gap(const void *context, mpfr_srcptr a, mpfr_ptr value,
                        mpfr_ptr slope)
{
  const tie *t = context;
  mpfr_t share;

  mpfr_init2(share, mpfr_get_prec(value));
  tie_gap(t, a, value, MPFR_RNDU);
  mpfr_neg(value, value, MPFR_RNDN);
  residual(t->K, a, share, MPFR_RNDU);
  mpfr_ui_sub(slope, 1, share, MPFR_RNDN); /* e^a/D */
  mpfr_mul(slope, slope, a, MPFR_RNDN);
  mpfr_mul_ui(slope, slope, t->L, MPFR_RNDN);
  mpfr_sub_ui(slope, slope, t->L - 2, MPFR_RNDN);
  mpfr_div_2ui(slope, slope, 1, MPFR_RNDN);
  mpfr_mul(slope, slope, share, MPFR_RNDN);
  mpfr_clear(share);
}

/* A value close to a*.  T > 0 at 1/2: the maximum of T has a e^a/D = 1 - 2/L
   >= 1/3, while at a = 1/2 that quotient is below 0.312 for every K >= 2. */
static void guess_root(const tie *t, mpfr_ptr a)
{
  ufm__ce_function f = {falling_gap, t};
  mpfr_t lo, hi, gap;

  mpfr_inits2(UFM__CE_COARSE_BITS, lo, hi, gap, (mpfr_ptr)NULL);
  mpfr_set_d(lo, 0.5, MPFR_RNDN);
  mpfr_set_ui(hi, 1, MPFR_RNDN);
  for (;;) {
    tie_gap(t, hi, gap, MPFR_RNDU);
    if (mpfr_sgn(gap) < 0)
      break;
    mpfr_set(lo, hi, MPFR_RNDN);
    mpfr_mul_2ui(hi, hi, 1, MPFR_RNDN);
  }
  mpfr_sub(gap, hi, lo, MPFR_RNDN);
  ufm__ce_bisect(&f, lo, hi);
  mpfr_set(a, lo, MPFR_RNDN);
  /* a failure leaves a poor guess, which the enclosure then refuses */
  (void)ufm__ce_newton(&f, a, gap);
  mpfr_clears(lo, hi, gap, (mpfr_ptr)NULL);
}

void ufm__ce_threshold(unsigned long K, unsigned long L, mpfr_ptr lower,
                       mpfr_ptr upper)
{
  tie t = {K, L};
  mpfr_prec_t bits = mpfr_get_prec(lower);
  bool proved;
  mpfr_t left, right, width, gap;

  mpfr_inits2(bits, left, right, width, gap, (mpfr_ptr)NULL);
  guess_root(&t, left);
  mpfr_mul_2si(width, left, MARGIN_BITS - (long)bits, MPFR_RNDU);
  mpfr_add(right, left, width, MPFR_RNDU);
  mpfr_sub(left, left, width, MPFR_RNDD);
  tie_gap(&t, left, gap, MPFR_RNDD);
  proved = mpfr_sgn(gap) > 0;
  tie_gap(&t, right, gap, MPFR_RNDU);
  proved = proved && mpfr_sgn(gap) < 0;
  if (proved) {
    residual(K, right, gap, MPFR_RNDD);
    mpfr_pow_ui(lower, left, L - 2, MPFR_RNDD);
    mpfr_pow_ui(gap, gap, L, MPFR_RNDD);
    mpfr_mul(lower, lower, gap, MPFR_RNDD);
    residual(K, left, gap, MPFR_RNDU);
    mpfr_pow_ui(upper, right, L - 2, MPFR_RNDU);
    mpfr_pow_ui(gap, gap, L, MPFR_RNDU);
    mpfr_mul(upper, upper, gap, MPFR_RNDU);
  } else {
    mpfr_set_zero(lower, 1);
    mpfr_set_inf(upper, 1);
  }
  mpfr_clears(left, right, width, gap, (mpfr_ptr)NULL);
}

ufm__ce_side ufm__ce_zero_test(unsigned long K, unsigned long L,
                               mpq_srcptr weight, mpfr_prec_t cap)
{
  ufm__ce_side side = UFM__CE_UNDECIDED;
  mpfr_prec_t bits = FIRST_BITS;
  mpfr_t lower, upper;

  mpfr_inits2(bits, lower, upper, (mpfr_ptr)NULL);
  for (;;) {
    ufm__ce_threshold(K, L, lower, upper);
    if (mpfr_cmp_q(lower, weight) > 0)
      side = UFM__CE_NONZERO;
    else if (mpfr_cmp_q(upper, weight) < 0)
      side = UFM__CE_ZERO;
    if (side != UFM__CE_UNDECIDED || bits >= cap)
      break;
    bits = 2 * bits < cap ? 2 * bits : cap;
    mpfr_set_prec(lower, bits);
    mpfr_set_prec(upper, bits);
  }
  mpfr_clears(lower, upper, (mpfr_ptr)NULL);
  return side;
}
