/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "verify/march.h"

enum { MOST_TRIALS = 100000 };

bool ufm__march(bool (*accept)(void *data, mpfr_srcptr from, mpfr_srcptr to),
                void *data, mpfr_srcptr from, mpfr_srcptr end, mpfr_prec_t bits)
{
  bool complete;
  mpfr_t x, to, h;

  mpfr_inits2(bits, x, to, h, (mpfr_ptr)NULL);
  mpfr_set(x, from, MPFR_RNDD);
  mpfr_sub(h, end, x, MPFR_RNDU);
  complete = mpfr_sgn(h) <= 0;
  for (int k = 0; k < MOST_TRIALS && !complete; k++) {
    mpfr_add(to, x, h, MPFR_RNDU);
    if (accept(data, x, to)) {
      mpfr_set(x, to, MPFR_RNDN);
      complete = mpfr_greaterequal_p(x, end);
      mpfr_mul_2ui(h, h, 1, MPFR_RNDN);
    } else {
      mpfr_div_2ui(h, h, 1, MPFR_RNDN);
      if (mpfr_get_exp(h) < mpfr_get_exp(end) - bits / 2)
        break;
    }
  }
  mpfr_clears(x, to, h, (mpfr_ptr)NULL);
  return complete;
}
