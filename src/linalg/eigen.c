/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric eigenvalues through LAPACK's divide and conquer.  Only lapacke.h
   here, no CBLAS header: providers declare them together. */
#include <config.h>

#include <limits.h>
#include <math.h>

#include <lapacke.h>

#include "core/error.h"
#include "linalg/eigen.h"

/* dsyevd counts its workspace in int: 1 + 6 n + 2 n^2 doubles for vectors, a
   block of columns (128 wide to be safe) without. */
static bool workspace_fits(size_t n, bool vectors)
{
  double need = 128.0 * (double)n;

  if (vectors)
    need += 2.0 * (double)n * (double)n;
  return need <= INT_MAX;
}

ufm_status ufm__eigen(size_t n, double *A, double *w, bool vectors,
                      ufm_error *error)
{
  lapack_int info;

  if (n == 0 || !workspace_fits(n, vectors))
    return ufm__fail(error, UFM_ERANGE,
                     "eigenvalues: got a matrix of size %zu, which is empty or "
                     "too large for LAPACK",
                     n);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k <= i; k++)
      if (!isfinite(A[i * n + k]))
        return ufm__fail(error, UFM_ENAN, "eigenvalues: entry (%zu, %zu) is %g",
                         i, k, A[i * n + k]);
  /* The lower triangle by rows is the upper one by columns, and eigenvectors
     in columns of the one are rows of the other. */
  info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'U',
                        (lapack_int)n, A, (lapack_int)n, w);
  if (info == LAPACK_WORK_MEMORY_ERROR)
    return ufm__no_memory(error, "eigenvalues");
  if (info != 0)
    return ufm__fail(error, UFM_EINTERNAL,
                     "eigenvalues: dsyevd of size %zu returned %d, want 0", n,
                     (int)info);
  return UFM_OK;
}
