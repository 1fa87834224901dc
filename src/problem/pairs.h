/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weights of mixup's columns.  For i < j the pairs (i, j) and (j, i)
   together have targets v e_i + (1 - v) e_j, v through the distinct values of
   lam and 1 - lam. */
#ifndef UFM_PROBLEM_PAIRS_H
#define UFM_PROBLEM_PAIRS_H

#include <stdbool.h>

#include <ufm/mixing.h>
#include <ufm/problem.h>

typedef struct ufm__pairs {
  size_t n;
  mpq_t *v, *weight; /* n values, ascending, each with the weight of both */
  size_t first;      /* 1 when v begins with 0 and so ends with 1, else 0 */
  size_t inner;      /* values strictly between 0 and 1; 0 without pairs */
  bool classes;      /* some columns are e_k */
  mpq_t scale;       /* a pair (i, j) has weight scale n_i n_j */
  mpq_t same_scale;  /* and (k, k) same_scale n_k^2 */
  mpz_t samples;     /* N */
} ufm__pairs;

/* *out must be all zero.  `mixing->same` must be set. */
UFM_MUST_CHECK ufm_status ufm__pairs_init(ufm__pairs *out, size_t K,
                                          const size_t *counts,
                                          const ufm_mixing *mixing,
                                          ufm_error *error);
void ufm__pairs_clear(ufm__pairs *pairs);

/* Weight of e_k, n_k = n.  Pairs with values 0 and 1 are e_j and e_i: class k
   takes part in sum_{l != k} n_k n_l = n_k (N - n_k) of each. */
void ufm__pairs_class_weight(const ufm__pairs *pairs, size_t n, mpq_t out);

/* Weight of the columns with inner value `l` of one pair of classes. */
void ufm__pairs_weight(const ufm__pairs *pairs, size_t n_i, size_t n_j,
                       size_t l, mpq_t out);

#endif
