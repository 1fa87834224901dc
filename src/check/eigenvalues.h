/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_EIGENVALUES_H
#define UFM_CHECK_EIGENVALUES_H

#include "check/problem.h"

/* The second moment of the targets, exactly:
     B = sum_j nu_j (t_j - tbar)(t_j - tbar)^T,
   tbar = 0 without bias, else the mean of t_j with weights nu_j.  It is
   G / scale for an integer matrix G; for one-hot targets only the counts
   n_k = sum of nu_j over the columns of class k matter. */
typedef struct chk_moment {
  size_t K;
  bool one_hot, centred;
  mpq_t *counts; /* one-hot: n_k */
  mpq_t total;   /* N = sum_j nu_j */
  mpz_t *G;      /* otherwise: K x K, entries i >= j */
  mpq_t scale;
} chk_moment;

void chk_moment_init(chk_moment *b);
void chk_moment_clear(chk_moment *b);
bool chk_moment_set(chk_moment *b, const chk_problem *p, chk_session *session);

/* True iff at least `count` eigenvalues of B are proved to be >= m, m > 0; a
   file whose claim cannot be proved is rejected ("eigenvalues"). */
bool chk_moment_has(const chk_moment *b, size_t count, mpq_srcptr m,
                    chk_session *session);

#endif
