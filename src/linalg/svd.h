/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_LINALG_SVD_H
#define UFM_LINALG_SVD_H

#include <stddef.h>

#include <ufm/status.h>

/* Singular values of the row-major m x n matrix A, descending, in s[0..r-1],
   r = min(m, n); with U and Vt (both or neither NULL) also the thin factors of
   A = U diag(s) Vt, U m x r and Vt r x n, row-major with orthonormal columns
   and rows.  A is overwritten.
   Backward stable: values and residual are off by a modest multiple of
   eps |A|_2, so small singular values have absolute, not relative accuracy.
   Errors: UFM_ENAN when an entry is not finite, UFM_ERANGE when a dimension is
   0 or too large for LAPACK's integers, UFM_ENOMEM, and UFM_EINTERNAL when the
   iteration fails.  O(m n r). */
UFM_MUST_CHECK ufm_status ufm__svd(size_t m, size_t n, double *A, double *s,
                                   double *U, double *Vt, ufm_error *error);

#endif
