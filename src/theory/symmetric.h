/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_THEORY_SYMMETRIC_H
#define UFM_THEORY_SYMMETRIC_H

#include <stddef.h>

#include <mpfr.h>

/* Eigenvalues of the symmetric n x n matrix a, descending in value, and
   orthonormal eigenvectors: column j of vectors (n x n, row by row) belongs to
   value[j].  Cyclic Jacobi at the precision of a, which is destroyed; errors
   are about n^2 units of the last place of the largest eigenvalue.
   O(n^3) operations per sweep, about log2(bits) + 6 sweeps. */
void ufm__symmetric_eigen(size_t n, mpfr_t *a, mpfr_t *value, mpfr_t *vectors);

#endif
