/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_EIGEN_H
#define UFM_VERIFY_EIGEN_H

#include "verify/interval.h"

#include <ufm/status.h>

/* Encloses the eigenvalues of the positive semidefinite integer matrix B
   (n x n, row-major), descending, to about `bits` bits of the largest:
   the j-th enclosure holds the j-th largest eigenvalue.
   Jacobi rotations from a spectrum in double precision, then a proof (see
   eigen.c).  About 30 n^3 MPFR operations at a few hundred bits. */
UFM_MUST_CHECK ufm_status ufm__eigen_enclose(size_t n, mpz_t *B,
                                             mpfr_prec_t bits, iv *out,
                                             ufm_error *error);

#endif
