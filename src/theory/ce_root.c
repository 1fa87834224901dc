/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bisection at low precision, then Newton at doubling precision. */
#include <config.h>

#include "theory/ce_root.h"

enum { STEPS_PER_LEVEL = 8 };

void ufm__ce_bisect(const ufm__ce_function *f, mpfr_ptr lo, mpfr_ptr hi)
{
  mpfr_t middle, value, slope;

  mpfr_inits2(UFM__CE_COARSE_BITS, middle, value, slope, (mpfr_ptr)NULL);
  for (;;) {
    mpfr_add(middle, lo, hi, MPFR_RNDN);
    mpfr_div_2ui(middle, middle, 1, MPFR_RNDN);
    if (mpfr_lessequal_p(middle, lo) || mpfr_greaterequal_p(middle, hi))
      break;
    f->eval(f->context, middle, value, slope);
    mpfr_set(mpfr_sgn(value) > 0 ? hi : lo, middle, MPFR_RNDN);
  }
  mpfr_clears(middle, value, slope, (mpfr_ptr)NULL);
}

/* Newton steps at one precision until a step is below 2^{-bits/2} |x|: the
   error after it is of the order of its square. */
static bool newton_level(const ufm__ce_function *f, mpfr_ptr x,
                         mpfr_prec_t bits)
{
  bool done = false;
  mpfr_t value, slope, size;

  mpfr_inits2(bits, value, slope, (mpfr_ptr)NULL);
  mpfr_init2(size, UFM__CE_COARSE_BITS);
  for (int i = 0; i < STEPS_PER_LEVEL && !done; i++) {
    f->eval(f->context, x, value, slope);
    mpfr_div(value, value, slope, MPFR_RNDN);
    if (!mpfr_number_p(value))
      break;
    mpfr_sub(x, x, value, MPFR_RNDN);
    mpfr_mul_2si(size, x, -(long)(bits / 2), MPFR_RNDN);
    done = mpfr_cmpabs(value, size) <= 0;
  }
  mpfr_clears(value, slope, size, (mpfr_ptr)NULL);
  return done;
}

bool ufm__ce_newton(const ufm__ce_function *f, mpfr_ptr x, mpfr_srcptr reach)
{
  mpfr_prec_t target = mpfr_get_prec(x);
  mpfr_prec_t bits = UFM__CE_COARSE_BITS;
  bool good = true;
  mpfr_t start, moved;

  mpfr_init2(start, target);
  mpfr_init2(moved, UFM__CE_COARSE_BITS);
  mpfr_set(start, x, MPFR_RNDN);
  while (good && bits < target) {
    /* half of the coarse bits are kept in reserve for a flat root */
    bits = 2 * bits - UFM__CE_COARSE_BITS / 2;
    if (bits > target)
      bits = target;
    good = newton_level(f, x, bits);
    mpfr_sub(moved, x, start, MPFR_RNDN);
    good = good && mpfr_cmpabs(moved, reach) <= 0;
  }
  mpfr_clears(start, moved, (mpfr_ptr)NULL);
  return good;
}
