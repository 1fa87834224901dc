/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances of invariant matrices to frames: those of geometry/frames.c and
   geometry/projectors.c, block by block. */
#include <config.h>

#include <math.h>

#include "reduce/blocks.h"

static double classes(const ufm__blocks *x)
{
  double K = 0.0;

  for (size_t g = 0; g < x->G; g++)
    K += x->size[g];
  return K;
}

static double square(double x)
{
  return x * x;
}

double ufm__blocks_square(const ufm__blocks *x)
{
  double sum = 0.0;

  for (size_t g = 0; g < x->G; g++)
    sum += (x->size[g] - 1.0) * square(x->contrast[g]);
  for (size_t i = 0; i < x->G * x->G; i++)
    sum += square(x->inner[i]);
  return sum;
}

double ufm__blocks_to_diagonal(const ufm__blocks *x, const double *t)
{
  double length = sqrt(ufm__blocks_square(x)), other = 0.0, sum = 0.0;

  for (size_t g = 0; g < x->G; g++)
    other += x->size[g] * square(t[g]);
  other = sqrt(other);
  if (!(length > 0.0) || !(other > 0.0))
    return (double)NAN;
  for (size_t g = 0; g < x->G; g++)
    for (size_t f = 0; f < x->G; f++) {
      double want = f == g ? t[g] / other : 0.0;

      sum += square(x->inner[g * x->G + f] / length - want);
      if (f == g)
        sum += (x->size[g] - 1.0) * square(x->contrast[g] / length - want);
    }
  return sqrt(sum);
}

double ufm__blocks_to_simplex(const ufm__blocks *x)
{
  double length = sqrt(ufm__blocks_square(x)), K = classes(x), sum = 0.0;
  double side = 1.0 / sqrt(K - 1.0);

  if (!(length > 0.0))
    return (double)NAN;
  for (size_t g = 0; g < x->G; g++)
    for (size_t f = 0; f < x->G; f++) {
      double want =
          ((f == g ? 1.0 : 0.0) - sqrt(x->size[g] * x->size[f]) / K) * side;

      sum += square(x->inner[g * x->G + f] / length - want);
      if (f == g)
        sum += (x->size[g] - 1.0) * square(x->contrast[g] / length - side);
    }
  return sqrt(sum);
}

double ufm__blocks_to_projector(const ufm__blocks *x, size_t missing,
                                const double *spectrum)
{
  double length = sqrt(ufm__blocks_square(x)), sum = 0.0, least = HUGE_VAL;
  double side = 1.0 / sqrt(classes(x) - (double)missing);
  size_t from = 2 * x->G; /* where the smallest eigenvalue is */

  if (!(length > 0.0))
    return (double)NAN;
  for (size_t g = 0; g < x->G; g++) {
    if (spectrum[g] < least) {
      least = spectrum[g];
      from = g;
    }
    if (x->size[g] > 1.0 && x->contrast[g] < least) {
      least = x->contrast[g];
      from = x->G + g;
    }
    for (size_t f = 0; f < g; f++)
      sum += 0.5 *
             square((x->inner[g * x->G + f] - x->inner[f * x->G + g]) / length);
  }
  for (size_t g = 0; g < x->G; g++) {
    double skip = missing > 0 && from == x->G + g ? 1.0 : 0.0;

    if (missing == 0 || from != g)
      sum += square(spectrum[g] / length - side);
    sum += (x->size[g] - 1.0 - skip) * square(x->contrast[g] / length - side);
  }
  return missing > 0 ? sqrt(sum + square(least / length)) : sqrt(sum);
}
