/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_INERTIA_H
#define UFM_VERIFY_INERTIA_H

#include <stddef.h>

#include <gmp.h>

/* Numbers of negative, zero and positive eigenvalues. */
typedef struct ufm__inertia {
  size_t negative, zero, positive;
} ufm__inertia;

/* Inertia of the symmetric rational matrix a (n x n, row-major), exactly, by a
   rational L D L^T with symmetric pivoting (Sylvester's law).  Destroys a.
   O(n^3) operations on rationals that grow to n times the size of the
   entries: meant for n up to about 50. */
ufm__inertia ufm__inertia_exact(size_t n, mpq_t *a);

#endif
