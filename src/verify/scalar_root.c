/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds, roots and values of the scalar problem, all proved. */
#include <config.h>

#include "verify/scalar_root.h"

static void power(mpq_t out, mpq_srcptr x, unsigned long n)
{
  mpz_pow_ui(mpq_numref(out), mpq_numref(x), n);
  mpz_pow_ui(mpq_denref(out), mpq_denref(x), n);
}

/* N^L Lam M^{2M} / (M-1)^{M-1} */
static void threshold_power(const ufm__scalar *s, mpq_t out)
{
  mpq_t factor;

  mpq_init(factor);
  power(out, s->ratio, s->M + 1);
  mpq_mul(out, out, s->product);
  mpz_ui_pow_ui(mpq_numref(factor), s->M, 2 * s->M);
  mpz_ui_pow_ui(mpq_denref(factor), s->M - 1, s->M - 1);
  mpq_canonicalize(factor);
  mpq_mul(out, out, factor);
  mpq_clear(factor);
}

int ufm__enclosed_scalar_threshold(const ufm__scalar *s, mpq_srcptr m)
{
  mpq_t left, right;
  int sign;

  mpq_inits(left, right, (mpq_ptr)NULL);
  power(left, m, s->M);
  threshold_power(s, right);
  sign = mpq_cmp(left, right);
  mpq_clears(left, right, (mpq_ptr)NULL);
  return sign;
}

void ufm__enclosed_scalar_threshold_below(const ufm__scalar *s,
                                          mpfr_prec_t bits, mpq_t m)
{
  mpfr_t root;

  mpfr_init2(root, bits);
  threshold_power(s, m);
  mpfr_set_q(root, m, MPFR_RNDD);
  mpfr_rootn_ui(root, root, s->M, MPFR_RNDD);
  mpfr_get_q(m, root);
  mpfr_clear(root);
}

void ufm__enclosed_scalar_threshold_scale(const ufm__scalar *s, mpq_srcptr m,
                                          mpq_t out)
{
  mpq_t unit;

  mpq_init(unit);
  threshold_power(s, unit);
  power(out, m, s->M);
  mpq_div(out, out, unit);
  mpq_clear(unit);
}

/* c = (N^L Lam / m^M)^{1/L} */
static void coefficient(const ufm__scalar *s, mpq_srcptr m, iv *out)
{
  mpq_t x, y;

  mpq_inits(x, y, (mpq_ptr)NULL);
  power(x, s->ratio, s->M + 1);
  mpq_mul(x, x, s->product);
  power(y, m, s->M);
  mpq_div(x, x, y);
  ufm__iv_set_q(out, x);
  ufm__iv_root(out, out, s->M + 1);
  mpq_clears(x, y, (mpq_ptr)NULL);
}

/* P(u) */
static void stationarity(const ufm__scalar *s, const iv *c, mpfr_srcptr u,
                         iv *out)
{
  iv x, y;

  ufm__iv_init(&x, mpfr_get_prec(out->lo));
  ufm__iv_init(&y, mpfr_get_prec(out->lo));
  ufm__iv_set_mp(&y, u);
  ufm__iv_pow_ui(&x, &y, 2 * s->M);
  ufm__iv_pow_ui(&y, &y, s->M - 1);
  ufm__iv_sub(&x, &x, &y);
  ufm__iv_add(out, &x, c);
  ufm__iv_clear(&x);
  ufm__iv_clear(&y);
}

/* Newton for P from u = 1, where P is increasing and convex on the way to its
   largest root: the iterates decrease. */
static void newton(const ufm__scalar *s, const iv *c, mpfr_t u)
{
  mpfr_prec_t bits = mpfr_get_prec(u);
  mpfr_t p, slope, step;

  mpfr_inits2(bits, p, slope, step, (mpfr_ptr)NULL);
  mpfr_set_ui(u, 1, MPFR_RNDN);
  for (;;) {
    /* p = u^{M-1}, P = u^{M+1} p - p + c, P' = (2M u^{2M} - (M-1) p)/u */
    mpfr_pow_ui(p, u, s->M - 1, MPFR_RNDN);
    mpfr_pow_ui(step, u, s->M + 1, MPFR_RNDN);
    mpfr_mul(step, step, p, MPFR_RNDN);
    mpfr_mul_ui(slope, step, 2 * s->M, MPFR_RNDN);
    mpfr_sub(step, step, p, MPFR_RNDN);
    mpfr_add(step, step, c->hi, MPFR_RNDN);
    mpfr_mul_ui(p, p, s->M - 1, MPFR_RNDN);
    mpfr_sub(slope, slope, p, MPFR_RNDN);
    mpfr_div(slope, slope, u, MPFR_RNDN);
    if (!(mpfr_sgn(slope) > 0))
      break;
    mpfr_div(step, step, slope, MPFR_RNDN);
    mpfr_sub(p, u, step, MPFR_RNDN);
    if (!(mpfr_sgn(p) > 0))
      break;
    mpfr_swap(u, p);
    if (mpfr_sgn(step) <= 0 || mpfr_get_exp(step) < -(mpfr_exp_t)bits + 8)
      break;
  }
  mpfr_clears(p, slope, step, (mpfr_ptr)NULL);
}

/* The conditions of ufm__enclosed_scalar_root for [lo, hi]. */
static bool brackets(const ufm__scalar *s, const iv *c, mpfr_srcptr lo,
                     mpfr_srcptr hi)
{
  bool good;
  iv x;

  ufm__iv_init(&x, mpfr_get_prec(c->lo));
  stationarity(s, c, lo, &x);
  good = mpfr_number_p(x.hi) && mpfr_sgn(x.hi) <= 0;
  stationarity(s, c, hi, &x);
  good = good && mpfr_number_p(x.lo) && mpfr_sgn(x.lo) >= 0;
  mpfr_pow_ui(x.lo, lo, s->M + 1, MPFR_RNDD);
  mpfr_mul_ui(x.lo, x.lo, s->M, MPFR_RNDD);
  good = good && mpfr_cmp_ui(x.lo, s->M - 1) >= 0;
  ufm__iv_clear(&x);
  return good;
}

bool ufm__enclosed_scalar_root(const ufm__scalar *s, mpq_srcptr m, mpfr_t lo,
                               mpfr_t hi)
{
  mpfr_prec_t bits = mpfr_get_prec(lo);
  bool good = false;
  mpfr_t u, step;
  iv c;

  ufm__iv_init(&c, bits + 16);
  mpfr_inits2(bits + 16, u, step, (mpfr_ptr)NULL);
  coefficient(s, m, &c);
  newton(s, &c, u);
  for (mpfr_exp_t k = (mpfr_exp_t)bits; k > 8 && !good; k -= k / 16 + 1) {
    mpfr_set_ui_2exp(step, 1, -k, MPFR_RNDN);
    mpfr_sub(lo, u, step, MPFR_RNDD);
    mpfr_add(hi, u, step, MPFR_RNDU);
    if (mpfr_sgn(lo) < 0)
      mpfr_set_zero(lo, 1);
    if (mpfr_cmp_ui(hi, 1) > 0)
      mpfr_set_ui(hi, 1, MPFR_RNDU);
    good = brackets(s, &c, lo, hi);
  }
  mpfr_clears(u, step, (mpfr_ptr)NULL);
  ufm__iv_clear(&c);
  return good;
}

void ufm__enclosed_scalar_zero(const ufm__scalar *s, mpq_srcptr m, iv *out)
{
  mpq_t x;

  mpq_init(x);
  mpq_div(x, m, s->ratio);
  mpq_div_2exp(x, x, 1);
  ufm__iv_set_q(out, x);
  mpq_clear(x);
}

void ufm__enclosed_scalar_value(const ufm__scalar *s, mpq_srcptr m,
                                mpfr_srcptr lo, mpfr_srcptr hi, iv *out)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  iv u, x, y;

  ufm__iv_init(&u, bits);
  ufm__iv_init(&x, bits);
  ufm__iv_init(&y, bits);
  mpfr_set(u.lo, lo, MPFR_RNDD);
  mpfr_set(u.hi, hi, MPFR_RNDU);
  ufm__iv_pow_ui(&x, &u, s->M + 1);
  ufm__iv_set_ui(&y, 1);
  ufm__iv_sub(&x, &y, &x);
  ufm__iv_sqr(&x, &x);
  coefficient(s, m, &y);
  ufm__iv_mul_ui(&y, &y, s->M + 1);
  ufm__iv_sqr(&u, &u);
  ufm__iv_mul(&y, &y, &u);
  ufm__iv_add(&x, &x, &y);
  ufm__enclosed_scalar_zero(s, m, &y);
  ufm__iv_mul(out, &x, &y);
  ufm__iv_clear(&u);
  ufm__iv_clear(&x);
  ufm__iv_clear(&y);
}
