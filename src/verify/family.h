/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-parameter families of logits for balanced cross entropy of depth M >= 2
   (doc/mathematics.md, section 7.2), in intervals.  At scale a >= 0 the
   objective is

     f(a) = phi(a) + g(a),   g(a) = (power a^2)^{1/L},

   phi a mean of logarithms of sums of exponentials of linear functions of a
   (minimised over a bias where the family has one): convex, decreasing,
   non-negative, phi(0) = log K.  g is concave. */
#ifndef UFM_VERIFY_FAMILY_H
#define UFM_VERIFY_FAMILY_H

#include "verify/interval.h"
#include "verify/model.h"

enum { UFM__FAMILIES = 5, UFM__LINE_CLASSES = 200 };

typedef struct ufm__family {
  const char *name;
  size_t K, L;
  size_t rank; /* equal singular values of Z, of size sqrt(n) spread a */
  mpq_t spread;
  mpq_t power; /* ((L/2) rank)^L Lam n spread^2 */
  /* out[0..2]: phi, phi', phi'' over the interval a. */
  void (*phi)(const struct ufm__family *family, const iv *a, iv out[3]);
} ufm__family;

/* True for the problems that have families: ce, M >= 2, K >= 3, one merged
   one-hot column per class, equal weights, bias none or free. */
bool ufm__family_covers(const ufm__model *model);

/* The families whose conditions on K and the bias hold and whose rank fits the
   widths, the simplex ETF first if it fits; returns how many.  The penalties
   are those of the model times `scale` > 0. */
size_t ufm__families(const ufm__model *model, mpq_srcptr scale,
                     ufm__family family[UFM__FAMILIES]);
void ufm__family_clear(ufm__family *family);

/* out[0..2]: g, g', g'' over the interval a, which is positive. */
void ufm__family_penalty(const ufm__family *family, const iv *a, iv out[3]);

#endif
