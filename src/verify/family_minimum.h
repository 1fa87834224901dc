/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least value of f(a) = phi(a) + g(a) over the scales a >= 0 of a family,
   proved.  phi is convex and g concave, so on a piece a tangent of phi plus g
   is least at an end; near the minimiser c, where f'' > 0,
   f(a) >= f(c) - |f'(c)| |a - c|; from where g alone is large enough on nothing
   has to be looked at, as phi >= 0. */
#ifndef UFM_VERIFY_FAMILY_MINIMUM_H
#define UFM_VERIFY_FAMILY_MINIMUM_H

#include "verify/family.h"

typedef struct ufm__family_minimum {
  mpfr_t lower, upper; /* of inf f over a >= 0 */
  bool zero;           /* the least value found is that of a = 0 */
  bool located;        /* every minimiser is in `scale`; false when zero */
  mpfr_t centre;       /* the minimiser found, nearly; 0 when zero */
  iv scale;
} ufm__family_minimum;

void ufm__family_minimum_init(ufm__family_minimum *out, mpfr_prec_t bits);
void ufm__family_minimum_clear(ufm__family_minimum *minimum);

/* lower and upper to about bits - 16 bits; where the proof fails at that
   accuracy, lower is less by up to a factor 1 - 2^-4, at worst 0. */
void ufm__family_minimise(const ufm__family *family, ufm__family_minimum *out);

/* out[0..2] = f, f', f'' over the interval a, which is positive. */
void ufm__family_value(const ufm__family *family, const iv *a, iv out[3]);

/* The best local minimum of f on a grid of scales a > 0; 0 without one. */
double ufm__family_scan(const ufm__family *family);

/* Newton for f' = 0 from `centre`; false when the curvature is not positive. */
bool ufm__family_newton(const ufm__family *family, mpfr_t centre);

/* A scale from which g alone is at least target > 0. */
void ufm__family_stop(const ufm__family *family, mpfr_srcptr target,
                      mpfr_t stop);

#endif
