/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Wright omega function of a real argument.  GSL has the Lambert function,
   omega(x) = W0(e^x), whose argument overflows. */
#include <config.h>

#include <math.h>

#include "theory/soft.h"

enum { MOST_STEPS = 5 };

/* The step multiplies the relative error e by about e^3: below this one the
   result is exact to rounding. */
static const double last_step = 1e-5;

/* omega = e^x (1 - e^x + ...) equals e^x to rounding. */
static const double exponential_below = -38.0;

/* omega = x - log x + ... equals x to rounding. */
static const double no_logarithm_above = 1e19;

static double first_guess(double x)
{
  double e;

  if (x > 2.0)
    return x - log(x);
  e = exp(x);
  return x > -2.0 ? e / (1.0 + e) + 0.1 : e;
}

double ufm__wright_omega_from(double x, double w)
{
  for (int i = 0; i < MOST_STEPS; i++) {
    double r = x - w - log(w), v = 1.0 + w;
    double s = 2.0 * v * (v + 2.0 * r / 3.0);
    double change = r * (s - r) / (v * (s - 2.0 * r));

    w *= 1.0 + change;
    if (fabs(change) < last_step)
      break;
  }
  return w;
}

double ufm_wright_omega(double x)
{
  if (x < exponential_below)
    return exp(x);
  if (isnan(x) || x > no_logarithm_above)
    return x;
  return ufm__wright_omega_from(x, first_guess(x));
}
