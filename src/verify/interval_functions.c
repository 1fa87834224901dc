/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roots, exponentials and logarithms of intervals. */
#include <config.h>

#include "verify/interval.h"

void ufm__iv_sqrt(iv *out, const iv *x)
{
  ufm__iv_root(out, x, 2);
}

void ufm__iv_root(iv *out, const iv *x, unsigned long n)
{
  if (mpfr_sgn(x->lo) < 0 && mpfr_sgn(x->hi) >= 0)
    mpfr_set_zero(out->lo, 1);
  else
    mpfr_rootn_ui(out->lo, x->lo, n, MPFR_RNDD);
  if (mpfr_sgn(x->hi) < 0)
    ufm__iv_set_nan(out);
  else
    mpfr_rootn_ui(out->hi, x->hi, n, MPFR_RNDU);
}

/* width = an upper bound of (hi - lo)/base; true when it is below 2^-NARROW, so
   that its square does not matter.  One transcendental function is then enough
   for both ends. */
static bool narrow(mpfr_ptr width, const iv *x, mpfr_srcptr base)
{
  enum { NARROW = 32 };

  if (!mpfr_number_p(x->lo) || !mpfr_number_p(x->hi))
    return false;
  mpfr_sub(width, x->hi, x->lo, MPFR_RNDU);
  if (base != NULL)
    mpfr_div(width, width, base, MPFR_RNDU);
  return mpfr_zero_p(width) ||
         (mpfr_sgn(width) > 0 && mpfr_get_exp(width) <= -NARROW);
}

/* e^hi <= e^lo (1 + w + w^2) for w = hi - lo <= 1 */
void ufm__iv_exp(iv *out, const iv *x)
{
  mpfr_t w;

  mpfr_init2(w, mpfr_get_prec(out->hi));
  if (narrow(w, x, NULL)) {
    bool rounded = mpfr_exp(out->lo, x->lo, MPFR_RNDD) != 0;

    mpfr_set(out->hi, out->lo, MPFR_RNDU);
    if (rounded)
      mpfr_nextabove(out->hi);
    mpfr_fma(w, w, w, w, MPFR_RNDU);
    mpfr_fma(out->hi, out->hi, w, out->hi, MPFR_RNDU);
  } else {
    mpfr_exp(out->lo, x->lo, MPFR_RNDD);
    mpfr_exp(out->hi, x->hi, MPFR_RNDU);
  }
  mpfr_clear(w);
}

/* log hi <= log lo + (hi - lo)/lo */
void ufm__iv_log(iv *out, const iv *x)
{
  mpfr_t w;

  mpfr_init2(w, mpfr_get_prec(out->hi));
  if (mpfr_sgn(x->lo) > 0 && narrow(w, x, x->lo)) {
    bool rounded = mpfr_log(out->lo, x->lo, MPFR_RNDD) != 0;

    mpfr_set(out->hi, out->lo, MPFR_RNDU);
    if (rounded)
      mpfr_nextabove(out->hi);
    mpfr_add(out->hi, out->hi, w, MPFR_RNDU);
  } else {
    if (mpfr_sgn(x->lo) < 0 && mpfr_sgn(x->hi) >= 0)
      mpfr_set_inf(out->lo, -1);
    else
      mpfr_log(out->lo, x->lo, MPFR_RNDD);
    mpfr_log(out->hi, x->hi, MPFR_RNDU);
  }
  mpfr_clear(w);
}

void ufm__iv_log1p(iv *out, const iv *x)
{
  mpfr_log1p(out->lo, x->lo, MPFR_RNDD);
  mpfr_log1p(out->hi, x->hi, MPFR_RNDU);
}

void ufm__iv_xlogx(iv *out, const iv *x)
{
  iv t;

  if (ufm__iv_has_nan(x)) {
    ufm__iv_set_nan(out);
    return;
  }
  if (mpfr_zero_p(x->lo) && mpfr_zero_p(x->hi)) {
    ufm__iv_set_ui(out, 0);
    return;
  }
  ufm__iv_init(&t, mpfr_get_prec(out->lo));
  if (mpfr_sgn(x->lo) > 0) {
    ufm__iv_log(&t, x);
    ufm__iv_mul(out, x, &t);
  } else {
    /* x contains 0: x log x lies in [-1/e, max(0, hi log hi)] */
    mpfr_log(t.hi, x->hi, MPFR_RNDU);
    mpfr_mul(t.hi, x->hi, t.hi, MPFR_RNDU);
    if (mpfr_sgn(t.hi) < 0)
      mpfr_set_zero(t.hi, 1);
    mpfr_set_si(t.lo, -1, MPFR_RNDD);
    mpfr_exp(t.lo, t.lo, MPFR_RNDU);
    mpfr_neg(out->lo, t.lo, MPFR_RNDD);
    mpfr_set(out->hi, t.hi, MPFR_RNDU);
  }
  ufm__iv_clear(&t);
}
