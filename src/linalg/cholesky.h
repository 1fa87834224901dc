/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_LINALG_CHOLESKY_H
#define UFM_LINALG_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* The Cholesky factor of the symmetric n x n matrix A, in its lower triangle
   (row >= column), of which alone A is read; false when A is not positive
   definite to rounding.  n must fit BLAS.  O(n^3). */
bool ufm__cholesky(size_t n, double *A);

/* x = A^{-1} x with that factor.  O(n^2). */
void ufm__cholesky_solve(size_t n, const double *factor, double *x);

#endif
