/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_LINALG_QR_H
#define UFM_LINALG_QR_H

#include <stddef.h>

#include <ufm/status.h>

/* root with root^T root = C^T C for C = [A B], A m x p and B m x q, all row
   major: root is min(m, n) x n, n = p + q, and C itself when m <= n, else the
   upper triangle of a QR decomposition.  B may be NULL when q is 0.  The
   singular values of C are those of root.
   Backward stable: root belongs to a matrix off C by a modest multiple of
   eps |C|_F.  Errors: UFM_ENAN when an entry is not finite, UFM_ERANGE when a
   dimension is 0 or too large for LAPACK's integers, UFM_ENOMEM, UFM_EINTERNAL.
   O(m n^2) time, and 3 n^2 + O(n) memory whatever m is. */
UFM_MUST_CHECK ufm_status ufm__gram_root(size_t m, size_t p, const double *A,
                                         size_t q, const double *B,
                                         double *root, ufm_error *error);

#endif
