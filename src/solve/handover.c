/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS converges linearly, a few evaluations per digit where a problem is
   well conditioned and hundreds where it is not; the inner iterations of Newton
   are conjugate gradients that never forget, so their number grows with the
   square root of the condition alone.  Far from a minimum the pace says
   nothing, and Newton would pay for precision that is of no use. */
#include <config.h>

#include <math.h>

#include "solve/handover.h"

/* LEFT is what Newton takes from near a minimum on the deep and narrow problems
   of bench/solve.c where L-BFGS is slow, a product counted as two. */
enum { WINDOW = 100, LEFT = 400 };
static const double near_minimum = 1e-5;

bool ufm__too_slow(ufm__pace *pace, size_t evaluations,
                   double relative_gradient, double tol)
{
  double spent, digits, left;

  if (!pace->marked || !(relative_gradient < near_minimum)) {
    *pace = (ufm__pace){evaluations, relative_gradient, true};
    return false;
  }
  if (evaluations - pace->evaluations < WINDOW)
    return false;
  spent = (double)(evaluations - pace->evaluations);
  digits = log10(pace->relative_gradient / relative_gradient);
  left = log10(relative_gradient / tol);
  *pace = (ufm__pace){evaluations, relative_gradient, true};
  return !(digits > 0.0) || left * spent / digits > LEFT;
}
