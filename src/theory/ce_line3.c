/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loss of the line code for three classes with the best bias
   (doc/mathematics.md, section 7.2): Zbar = a x x^T, rank 1. */
#include <config.h>

#include "theory/ce_family.h"

/* K = 3, x = (1, 0, -1), bias (0, c, 0), E = e^{-a}:

     phi = min_c (2/3) log(1 + e^{c-a} + E^2) + (1/3) log(1 + 2 e^{-c}).

   Stationarity in c is quadratic in w = e^{c-a}: w^2 + E w = E (1 + E^2), so

     phi   = (2/3) log(1 + w + E^2) + (1/3) log(1 + 2 E/w)
     phi'  = -(2/3) (w + 2 E^2)/(1 + w + E^2)
     dw/da = E (w - 1 - 3 E^2)/(2 w + E)                     (derived here). */

/* E, E^2 and w = 2 (1 + E^2)/(1 + sqrt(1 + 4 (E + 1/E))): no cancellation. */
static void line3_root(mpfr_srcptr a, mpfr_ptr E, mpfr_ptr E2, mpfr_ptr w)
{
  mpfr_neg(E, a, MPFR_RNDN);
  mpfr_exp(E, E, MPFR_RNDN);
  mpfr_sqr(E2, E, MPFR_RNDN);
  mpfr_ui_div(w, 1, E, MPFR_RNDN);
  mpfr_add(w, w, E, MPFR_RNDN);
  mpfr_mul_2ui(w, w, 2, MPFR_RNDN);
  mpfr_add_ui(w, w, 1, MPFR_RNDN);
  mpfr_sqrt(w, w, MPFR_RNDN);
  mpfr_add_ui(w, w, 1, MPFR_RNDN);
  mpfr_ui_div(w, 2, w, MPFR_RNDN);
  mpfr_fma(w, w, E2, w, MPFR_RNDN);
}

static void line3_value(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_t E, E2, w;

  mpfr_inits2(mpfr_get_prec(out), E, E2, w, (mpfr_ptr)NULL);
  line3_root(a, E, E2, w);
  mpfr_add(out, w, E2, MPFR_RNDN);
  mpfr_log1p(out, out, MPFR_RNDN);
  mpfr_mul_2ui(out, out, 1, MPFR_RNDN);
  mpfr_div(w, E, w, MPFR_RNDN);
  mpfr_mul_2ui(w, w, 1, MPFR_RNDN);
  mpfr_log1p(w, w, MPFR_RNDN);
  mpfr_add(out, out, w, MPFR_RNDN);
  mpfr_div_ui(out, out, phi->K, MPFR_RNDN);
  mpfr_clears(E, E2, w, (mpfr_ptr)NULL);
}

/* With p = w + 2 E^2, s = 1 + w + E^2: phi' = -(2/3) p/s and
   phi'' = (2/3) (p s' - p' s)/s^2. */
static void line3_slopes(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr first,
                         mpfr_ptr second)
{
  mpfr_t E, E2, w, dw, p, s;

  mpfr_inits2(mpfr_get_prec(first), E, E2, w, dw, p, s, (mpfr_ptr)NULL);
  line3_root(a, E, E2, w);
  mpfr_mul_ui(dw, E2, 3, MPFR_RNDN);
  mpfr_add_ui(dw, dw, 1, MPFR_RNDN);
  mpfr_sub(dw, w, dw, MPFR_RNDN);
  mpfr_mul(dw, dw, E, MPFR_RNDN);
  mpfr_mul_2ui(p, w, 1, MPFR_RNDN);
  mpfr_add(p, p, E, MPFR_RNDN);
  mpfr_div(dw, dw, p, MPFR_RNDN);
  mpfr_add(s, w, E2, MPFR_RNDN);
  mpfr_add(p, s, E2, MPFR_RNDN);
  mpfr_add_ui(s, s, 1, MPFR_RNDN);
  mpfr_div(first, p, s, MPFR_RNDN);
  /* p' = dw - 4 E^2, s' = dw - 2 E^2 */
  mpfr_mul_2ui(E2, E2, 1, MPFR_RNDN);
  mpfr_sub(second, dw, E2, MPFR_RNDN);
  mpfr_sub(dw, second, E2, MPFR_RNDN);
  mpfr_mul(second, second, first, MPFR_RNDN);
  mpfr_sub(second, second, dw, MPFR_RNDN);
  mpfr_div(second, second, s, MPFR_RNDN);
  mpfr_mul_2ui(second, second, 1, MPFR_RNDN);
  mpfr_div_ui(second, second, phi->K, MPFR_RNDN);
  mpfr_mul_si(first, first, -2, MPFR_RNDN);
  mpfr_div_ui(first, first, phi->K, MPFR_RNDN);
  mpfr_clears(E, E2, w, dw, p, s, (mpfr_ptr)NULL);
}

/* Given c the exponents of the losses are 0, -a and -2a, hence range 2; the
   minimum over c can only lower the second derivative. */
ufm__ce_loss ufm__ce_line3_loss(void)
{
  return (ufm__ce_loss){line3_value, line3_slopes, 3, 2.0};
}
