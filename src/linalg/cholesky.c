/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <lapacke.h>

#include "linalg/cholesky.h"

/* A row-major lower triangle is a column-major upper one: nothing is
   transposed. */
bool ufm__cholesky(size_t n, double *A)
{
  lapack_int size = (lapack_int)n;

  return n == 0 || LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', size, A, size) == 0;
}

void ufm__cholesky_solve(size_t n, const double *factor, double *x)
{
  lapack_int size = (lapack_int)n;

  if (n > 0)
    (void)LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'U', size, 1, factor, size, x, size);
}
