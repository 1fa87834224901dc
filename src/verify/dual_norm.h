/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The norm condition of the dual,
     A^2 omega I - s^2 sum_j M_j M_j^T / nu_j  >= 0              (K x K), or
     A^2 omega diag(nu_j) - s^2 M^T M          >= 0              (J x J),
   equivalent by a Schur complement; the smaller of the two is used. */
#ifndef UFM_VERIFY_DUAL_NORM_H
#define UFM_VERIFY_DUAL_NORM_H

#include "verify/dual_point.h"

typedef struct ufm__norm {
  const ufm__dual *dual;
  size_t n;     /* order: min(K, J) */
  mpz_t *gram;  /* n x n, lower triangle: 2^(2 grid + extra) times the sum */
  long extra;   /* binary digits of 1/nu_j in the K x K form, else 0 */
  mpq_t *bound; /* n: A^2 times nu_j, or times 1 */
  /* In double precision, for choices and not for proofs: the spectrum of
     bound^(-1/2) gram bound^(-1/2), which is that of S(M/a). */
  double *eigenvalues;  /* n, ascending */
  double *eigenvectors; /* n x n, row-major; column k belongs to value k */
  double top;           /* the largest eigenvalue */
} ufm__norm;

/* Forms the matrix for the masses of `dual`, whose s is not looked at. */
UFM_MUST_CHECK ufm_status ufm__norm_init(ufm__norm *out, const ufm__dual *dual,
                                         mpfr_prec_t bits, ufm_error *error);
void ufm__norm_clear(ufm__norm *norm);

/* B: n x n integers whose semidefiniteness is the condition for s = dual->s
   (its lower triangle).  In the K x K form 1/nu_j is rounded up, in both omega
   nu_j is rounded down, on the grid of the integers: both only make it harder.
 */
void ufm__norm_matrix(const ufm__norm *norm, mpq_srcptr omega, mpz_t *B);

/* Tests the condition for s = dual->s and the given omega; a proof when true.
 */
UFM_MUST_CHECK ufm_status ufm__norm_test(const ufm__norm *norm,
                                         mpq_srcptr omega, mpfr_prec_t bits,
                                         bool *proved, ufm_error *error);

/* Finds a large feasible s in (0, 1] and stores it in `dual` (the one the norm
   was made for).  Near the optimum s = 1 - 2^-i with the largest feasible i;
   further away close to the largest s.  For mse not above the s that maximises
   the dual value.  When not even the smallest double passes, the masses become
   0, which is always feasible. */
UFM_MUST_CHECK ufm_status ufm__norm_scale(const ufm__norm *norm,
                                          ufm__dual *dual, mpq_srcptr omega,
                                          mpfr_prec_t bits, ufm_error *error);

#endif
