/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interval arithmetic with directed rounding (Moore 1966). */
#include <config.h>

#include <stdlib.h>

#include "verify/interval.h"

void ufm__iv_init(iv *x, mpfr_prec_t bits)
{
  mpfr_inits2(bits, x->lo, x->hi, (mpfr_ptr)NULL);
  ufm__iv_set_ui(x, 0);
}

void ufm__iv_clear(iv *x)
{
  mpfr_clears(x->lo, x->hi, (mpfr_ptr)NULL);
}

iv *ufm__iv_new(size_t n, mpfr_prec_t bits)
{
  iv *x = calloc(n > 0 ? n : 1, sizeof *x);

  for (size_t i = 0; x != NULL && i < n; i++)
    ufm__iv_init(&x[i], bits);
  return x;
}

void ufm__iv_free(iv *x, size_t n)
{
  for (size_t i = 0; x != NULL && i < n; i++)
    ufm__iv_clear(&x[i]);
  free(x);
}

void ufm__iv_set(iv *out, const iv *x)
{
  mpfr_set(out->lo, x->lo, MPFR_RNDD);
  mpfr_set(out->hi, x->hi, MPFR_RNDU);
}

void ufm__iv_set_ui(iv *out, unsigned long x)
{
  mpfr_set_ui(out->lo, x, MPFR_RNDD);
  mpfr_set_ui(out->hi, x, MPFR_RNDU);
}

void ufm__iv_set_z(iv *out, mpz_srcptr x)
{
  mpfr_set_z(out->lo, x, MPFR_RNDD);
  mpfr_set_z(out->hi, x, MPFR_RNDU);
}

void ufm__iv_set_q(iv *out, mpq_srcptr x)
{
  mpfr_set_q(out->lo, x, MPFR_RNDD);
  mpfr_set_q(out->hi, x, MPFR_RNDU);
}

void ufm__iv_set_mp(iv *out, mpfr_srcptr x)
{
  mpfr_set(out->lo, x, MPFR_RNDD);
  mpfr_set(out->hi, x, MPFR_RNDU);
}

void ufm__iv_set_z_2exp(iv *out, mpz_srcptr x, long shift)
{
  mpfr_set_z_2exp(out->lo, x, -shift, MPFR_RNDD);
  mpfr_set_z_2exp(out->hi, x, -shift, MPFR_RNDU);
}

void ufm__iv_neg(iv *out, const iv *x)
{
  iv t;

  mpfr_init2(t.lo, mpfr_get_prec(out->lo));
  mpfr_neg(t.lo, x->hi, MPFR_RNDD);
  mpfr_neg(out->hi, x->lo, MPFR_RNDU);
  mpfr_swap(out->lo, t.lo);
  mpfr_clear(t.lo);
}

void ufm__iv_add(iv *out, const iv *x, const iv *y)
{
  mpfr_add(out->lo, x->lo, y->lo, MPFR_RNDD);
  mpfr_add(out->hi, x->hi, y->hi, MPFR_RNDU);
}

void ufm__iv_sub(iv *out, const iv *x, const iv *y)
{
  mpfr_t lo;

  mpfr_init2(lo, mpfr_get_prec(out->lo));
  mpfr_sub(lo, x->lo, y->hi, MPFR_RNDD);
  mpfr_sub(out->hi, x->hi, y->lo, MPFR_RNDU);
  mpfr_swap(out->lo, lo);
  mpfr_clear(lo);
}

/* The end of x y with the given rounding: by signs when x or y keeps its sign,
   else the extreme of two products. */
static void mul_low(mpfr_ptr out, const iv *x, const iv *y)
{
  if (mpfr_sgn(x->lo) >= 0) {
    mpfr_mul(out, mpfr_sgn(y->lo) >= 0 ? x->lo : x->hi, y->lo, MPFR_RNDD);
  } else if (mpfr_sgn(x->hi) <= 0) {
    mpfr_mul(out, mpfr_sgn(y->hi) > 0 ? x->lo : x->hi, y->hi, MPFR_RNDD);
  } else if (mpfr_sgn(y->lo) >= 0) {
    mpfr_mul(out, x->lo, y->hi, MPFR_RNDD);
  } else if (mpfr_sgn(y->hi) <= 0) {
    mpfr_mul(out, x->hi, y->lo, MPFR_RNDD);
  } else {
    mpfr_t other;

    mpfr_init2(other, mpfr_get_prec(out));
    mpfr_mul(other, x->lo, y->hi, MPFR_RNDD);
    mpfr_mul(out, x->hi, y->lo, MPFR_RNDD);
    mpfr_min(out, out, other, MPFR_RNDD);
    mpfr_clear(other);
  }
}

static void mul_high(mpfr_ptr out, const iv *x, const iv *y)
{
  if (mpfr_sgn(x->lo) >= 0) {
    mpfr_mul(out, mpfr_sgn(y->hi) >= 0 ? x->hi : x->lo, y->hi, MPFR_RNDU);
  } else if (mpfr_sgn(x->hi) <= 0) {
    mpfr_mul(out, mpfr_sgn(y->lo) < 0 ? x->lo : x->hi, y->lo, MPFR_RNDU);
  } else if (mpfr_sgn(y->lo) >= 0) {
    mpfr_mul(out, x->hi, y->hi, MPFR_RNDU);
  } else if (mpfr_sgn(y->hi) <= 0) {
    mpfr_mul(out, x->lo, y->lo, MPFR_RNDU);
  } else {
    mpfr_t other;

    mpfr_init2(other, mpfr_get_prec(out));
    mpfr_mul(other, x->lo, y->lo, MPFR_RNDU);
    mpfr_mul(out, x->hi, y->hi, MPFR_RNDU);
    mpfr_max(out, out, other, MPFR_RNDU);
    mpfr_clear(other);
  }
}

bool ufm__iv_has_nan(const iv *x)
{
  return mpfr_nan_p(x->lo) || mpfr_nan_p(x->hi);
}

void ufm__iv_set_nan(iv *out)
{
  mpfr_set_nan(out->lo);
  mpfr_set_nan(out->hi);
}

/* 0 times an infinite end is NaN in MPFR and here: it loses information but
   never containment. */
void ufm__iv_mul(iv *out, const iv *x, const iv *y)
{
  iv t;

  if (ufm__iv_has_nan(x) || ufm__iv_has_nan(y)) {
    ufm__iv_set_nan(out);
    return;
  }
  ufm__iv_init(&t, mpfr_get_prec(out->lo));
  mul_low(t.lo, x, y);
  mul_high(t.hi, x, y);
  mpfr_swap(out->lo, t.lo);
  mpfr_swap(out->hi, t.hi);
  ufm__iv_clear(&t);
}

void ufm__iv_mul_q(iv *out, const iv *x, mpq_srcptr y)
{
  iv t;

  ufm__iv_init(&t, mpfr_get_prec(out->lo));
  ufm__iv_set_q(&t, y);
  ufm__iv_mul(out, x, &t);
  ufm__iv_clear(&t);
}

void ufm__iv_mul_ui(iv *out, const iv *x, unsigned long y)
{
  mpfr_mul_ui(out->lo, x->lo, y, MPFR_RNDD);
  mpfr_mul_ui(out->hi, x->hi, y, MPFR_RNDU);
}

/* x times an enclosure of 1/y. */
void ufm__iv_div(iv *out, const iv *x, const iv *y)
{
  iv t;

  if (ufm__iv_has_nan(y) || (mpfr_sgn(y->lo) <= 0 && mpfr_sgn(y->hi) >= 0)) {
    ufm__iv_set_nan(out);
    return;
  }
  ufm__iv_init(&t, mpfr_get_prec(out->lo) + 4);
  mpfr_ui_div(t.lo, 1, y->hi, MPFR_RNDD);
  mpfr_ui_div(t.hi, 1, y->lo, MPFR_RNDU);
  ufm__iv_mul(out, x, &t);
  ufm__iv_clear(&t);
}

void ufm__iv_sqr(iv *out, const iv *x)
{
  ufm__iv_pow_ui(out, x, 2);
}

void ufm__iv_pow_ui(iv *out, const iv *x, unsigned long n)
{
  bool even = n % 2 == 0;
  iv t;

  if (ufm__iv_has_nan(x)) {
    ufm__iv_set_nan(out);
    return;
  }
  ufm__iv_init(&t, mpfr_get_prec(out->lo));
  if (!even || mpfr_sgn(x->lo) >= 0) {
    mpfr_pow_ui(t.lo, x->lo, n, MPFR_RNDD);
    mpfr_pow_ui(t.hi, x->hi, n, MPFR_RNDU);
  } else if (mpfr_sgn(x->hi) <= 0) {
    mpfr_pow_ui(t.lo, x->hi, n, MPFR_RNDD);
    mpfr_pow_ui(t.hi, x->lo, n, MPFR_RNDU);
  } else {
    mpfr_set_ui(t.lo, n == 0, MPFR_RNDD);
    mpfr_pow_ui(t.hi, mpfr_cmpabs(x->lo, x->hi) > 0 ? x->lo : x->hi, n,
                MPFR_RNDU);
  }
  mpfr_swap(out->lo, t.lo);
  mpfr_swap(out->hi, t.hi);
  ufm__iv_clear(&t);
}

void ufm__iv_add_product(iv *out, const iv *x, mpfr_srcptr y)
{
  bool swap = mpfr_sgn(y) < 0;

  mpfr_fma(out->lo, swap ? x->hi : x->lo, y, out->lo, MPFR_RNDD);
  mpfr_fma(out->hi, swap ? x->lo : x->hi, y, out->hi, MPFR_RNDU);
}

void ufm__iv_dot(iv *out, size_t n, const iv *x, size_t incx, const iv *y,
                 size_t incy)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  iv sum, term;

  ufm__iv_init(&sum, bits);
  ufm__iv_init(&term, bits);
  for (size_t i = 0; i < n; i++) {
    const iv *a = &x[i * incx], *b = &y[i * incy];

    if (ufm__iv_has_nan(a) || ufm__iv_has_nan(b)) {
      ufm__iv_set_nan(&sum);
      break;
    }
    mul_low(term.lo, a, b);
    mul_high(term.hi, a, b);
    ufm__iv_add(&sum, &sum, &term);
  }
  mpfr_swap(out->lo, sum.lo);
  mpfr_swap(out->hi, sum.hi);
  ufm__iv_clear(&sum);
  ufm__iv_clear(&term);
}

bool ufm__iv_bounded(const iv *x)
{
  return mpfr_number_p(x->lo) && mpfr_number_p(x->hi) &&
         mpfr_lessequal_p(x->lo, x->hi);
}
