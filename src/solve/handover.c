/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS converges linearly, a few evaluations per digit where a problem is
   well conditioned and hundreds where it is not; the inner iterations of Newton
   are conjugate gradients that never forget, so their number grows with the
   square root of the condition alone.  Far from a minimum the pace says
   nothing, and Newton would pay for precision that is of no use. */
#include <config.h>

#include <math.h>

#include "solve/handover.h"

enum { WINDOW = 30 };
static const double near_minimum = 1e-4;

/* Measured on the problems of bench/solve.c and smaller ones: some 4 K products
   (K = 7 to 100, d = K/4, depth 1 and 3), each two evaluations without their
   exponentials; an exponential takes as long as 200 operations of a matrix
   product. */
static const double products = 4.0, exponential = 200.0;

/* At depth 1 Newton takes half to three quarters of the time of L-BFGS below
   that (K = 7 to 14, d <= 4), and as long from d = 6 on. */
static const double nearly_free = 0.25;

/* Of a product, in evaluations of cross entropy. */
static double product_cost(const ufm_layout *l)
{
  double entries = (double)l->J * (double)l->width[l->M];
  double pass = 0.0; /* operations of the forward pass */

  for (size_t m = 0; m < l->M; m++)
    pass += 2.0 * (double)l->J * (double)l->width[m] * (double)l->width[m + 1];
  return 6.0 * pass / (3.0 * pass + exponential * entries);
}

double ufm__newton_cost(const ufm_layout *l)
{
  return products * (double)l->K * product_cost(l);
}

bool ufm__newton_alone(const ufm_layout *l, ufm_loss loss)
{
  return l->M == 1 && loss == UFM_LOSS_CE && l->width[0] + 1 < l->K &&
         product_cost(l) < nearly_free;
}

bool ufm__too_slow(ufm__pace *pace, size_t evaluations,
                   double relative_gradient, double tol, double newton)
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
  return !(digits > 0.0) || left * spent / digits > newton;
}
