/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_LINALG_EIGEN_H
#define UFM_LINALG_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/status.h>

/* Eigenvalues of the symmetric n x n matrix A, ascending, in w[0..n-1].  Only
   the lower triangle (row >= column) is read.  A is overwritten: with `vectors`
   row i becomes a unit eigenvector of w[i], the rows orthonormal.
   Backward stable: values and residual are off by a modest multiple of
   eps |A|_2.  Errors: UFM_ENAN when an entry of the triangle is not finite,
   UFM_ERANGE when n is 0 or too large for LAPACK's integers, UFM_ENOMEM, and
   UFM_EINTERNAL when the iteration fails.  O(n^3). */
UFM_MUST_CHECK ufm_status ufm__eigen(size_t n, double *A, double *w,
                                     bool vectors, ufm_error *error);

#endif
