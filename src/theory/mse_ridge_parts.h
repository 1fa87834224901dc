/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar problems of MSE with a ridge bias and balanced counts. */
#ifndef UFM_THEORY_MSE_RIDGE_PARTS_H
#define UFM_THEORY_MSE_RIDGE_PARTS_H

#include "theory/mse.h"

/* The directions of one kind: centred vectors, or the vector 1. */
typedef struct ufm__ridge_part {
  size_t multiplicity, cut; /* kept by the width and cut by it */
  mpq_t ratio;              /* N, and N (1 + 1/lambda_b) for the vector 1 */
  mpq_t scale;              /* m = n scale */
  mpq_t pure;               /* n, or m when targets are not one per class: by
                               it base and z^2 give those of a pure target */
  ufm_direction scalar;     /* state, m, c, t and 1 - t of the problem */
  mpfr_t psi, base, z;
} ufm__ridge_part;

enum { UFM__RIDGE_CENTRED, UFM__RIDGE_ONES, UFM__RIDGE_PARTS };

typedef struct ufm__ridge {
  const ufm_problem *problem;
  size_t n, K, M; /* n: samples per class, 1 for a law */
  mpq_srcptr lambda_b;
  ufm__ridge_part part[UFM__RIDGE_PARTS];
  size_t cut; /* fitted directions that the width drops */
  long lost;  /* bits that cancellation costs */
} ufm__ridge;

/* Solves the two problems at `bits`, with exact decisions, and drops the
   directions that gain least when the width cannot hold all fitted ones. */
UFM_MUST_CHECK ufm_status ufm__ridge_init(ufm__ridge *ridge,
                                          const ufm_problem *problem,
                                          mpfr_prec_t bits, ufm_error *error);
void ufm__ridge_clear(ufm__ridge *ridge);

/* Number of directions of a part that are kept and fitted. */
size_t ufm__ridge_fitted(const ufm__ridge *ridge, size_t part);

#endif
