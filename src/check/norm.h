/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_NORM_H
#define UFM_CHECK_NORM_H

#include "check/problem.h"

/* A symmetric integer matrix, entries i >= j of n x n. */
typedef struct chk_symmetric {
  size_t n;
  mpz_t *x;
} chk_symmetric;

typedef enum chk_form { CHK_K_FORM, CHK_J_FORM } chk_form;

/* The shorter form for a problem. */
chk_form chk_norm_form(const chk_problem *p);

/* A matrix T with about `digits` binary digits, such that for some positive
   definite scaling C and some scale the matrix C^T T C is below
     A^2 omega I_K        - s^2 sum_j m_j m_j^T / nu_j    (K form, K x K) or
     A^2 omega diag(nu_j) - s^2 m^T m                     (J form, J x J)
   in the semidefinite order, m_j the columns of the K x J matrix m.  So T >= 0
   proves that form >= 0, and T has at least as many eigenvalues <= 0.  The
   caller frees T->x with chk_integers_free(T->x, n * n). */
bool chk_norm_matrix(chk_symmetric *T, chk_form form, mp_bitcnt_t digits,
                     const chk_problem *p, const chk_grid *m,
                     const chk_number *s, mpq_srcptr omega,
                     chk_session *session);

/* unit = (A q)^2 omega / (s^2 2^(2e)), A the total: the norm condition for the
   integers x of m = x 2^e / q is sum_j x_j x_j^T / nu_j <= unit I. */
void chk_norm_unit(mpq_t unit, mpz_srcptr total, const chk_grid *m,
                   const chk_number *s, mpq_srcptr omega);

/* Digits that resolve what a matrix m on its grid can decide. */
mp_bitcnt_t chk_norm_digits(const chk_grid *m, const chk_number *s);

/* True iff the form is proved to be positive semidefinite; otherwise the file
   is rejected for its "spectral norm". */
bool chk_norm_holds(chk_form form, const chk_problem *p, const chk_grid *m,
                    const chk_number *s, mpq_srcptr omega,
                    chk_session *session);

#endif
