/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tangents of the cross entropy as a function of the nuclear norm.

   phi(x) = min of the loss over logits with |X|_* <= x, X = Z diag(sqrt(nu)),
   is convex and decreasing; D - mu x is a tangent when D is the dual value of a
   depth-1 point of norm mu.  Two families have all tangents in closed form:

   balanced  t_j = (a - c) e_j + c 1, equal weights: p_j = (1-r) e_j + r/(K-1)
   on the other classes, logits alpha (I - J/K); binary    K = 2: z_j = theta
   e_j (1,-1), e_j = t_1j - p_1j, for every column.

   The parameter r >= 0 is alpha, or theta; r = 0 is the zero point.  Values are
   rounded to nearest: they choose what is proved elsewhere. */
#ifndef UFM_VERIFY_TANGENT_H
#define UFM_VERIFY_TANGENT_H

#include "verify/interval.h"
#include "verify/model.h"

typedef struct ufm__tangent {
  const ufm__model *model;
  bool balanced;
  mpfr_prec_t bits;
  mpfr_t *p;       /* J x K: probabilities of the dual point */
  mpfr_t D, mu, x; /* dual value, slope, abscissa of the tangent */
  mpfr_t t[4], *e; /* scratch; e has J */
  mpfr_t last;     /* binary: the parameter of the last call */
  mpfr_t shift;    /* binary: difference of the biases, kept as a start */
} ufm__tangent;

/* False when the model belongs to neither family. */
bool ufm__tangent_covers(const ufm__model *model);

UFM_MUST_CHECK ufm_status ufm__tangent_init(ufm__tangent *out,
                                            const ufm__model *model,
                                            mpfr_prec_t bits, ufm_error *error);
void ufm__tangent_clear(ufm__tangent *t);

/* Sets p, D, mu, x for the parameter r. */
void ufm__tangent_at(ufm__tangent *t, mpfr_srcptr r);

#endif
