/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Named shapes of logits that compete for the optimum of a balanced CE problem
   of depth M >= 2 (doc/mathematics.md, section 7.2). */
#ifndef UFM_THEORY_CE_FAMILY_H
#define UFM_THEORY_CE_FAMILY_H

#include <ufm/problem.h>

#include "theory/ce_scalar.h"

enum {
  UFM__CE_FAMILIES = 5,
  /* The line code costs O(K) products for each value of its loss. */
  UFM__CE_LINE_CLASSES = 1000
};

/* One shape: rank equal singular values of Zbar, each half_steps a/2. */
typedef struct ufm__ce_family {
  const char *name;
  ufm__ce_loss loss;
  size_t rank;
  size_t half_steps;
  bool symmetric;    /* any permutation of the classes leaves it unchanged */
  bool bias_is_zero; /* its bias is 0 whenever there is one */
} ufm__ce_family;

/* The simplex ETF on K classes. */
ufm__ce_family ufm__ce_etf(size_t K);

/* The families whose hypotheses on K and the bias hold and whose rank fits the
   widths, the ETF first if it fits; returns how many.  For K = 2 all families
   are the ETF and only it is listed; for K = 4 the orthoplex is the hypercube
   and is listed as such. */
size_t ufm__ce_families(const ufm_problem *problem,
                        ufm__ce_family family[UFM__CE_FAMILIES]);

/* Line codes (ce_line.c): the loss for K = 3 with the best bias, and for any K
   with the bias -a x_i^2/2. */
ufm__ce_loss ufm__ce_line3_loss(void);
ufm__ce_loss ufm__ce_line_loss(size_t K);

#endif
