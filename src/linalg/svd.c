/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values through LAPACK's divide and conquer.  (GSL's one-sided
   Jacobi gives wrong values from about 80 columns, with status success.)
   Only lapacke.h here, no CBLAS header: providers declare them together. */
#include <config.h>

#include <limits.h>
#include <math.h>
#include <stdbool.h>

#include <lapacke.h>

#include "core/error.h"
#include "linalg/svd.h"

/* dgesdd counts its workspace in int: at most 4 r^2 + 7 r doubles for the
   factors (r = min(m, n)) and a block of columns, 128 wide to be safe. */
static bool workspace_fits(size_t m, size_t n, bool factors)
{
  double r = (double)(m < n ? m : n);
  double need = 128.0 * ((double)m + (double)n) + 7.0 * r;

  if (factors)
    need += 4.0 * r * r;
  return need <= INT_MAX;
}

static ufm_status check_input(size_t m, size_t n, const double *A, bool factors,
                              ufm_error *error)
{
  if (m == 0 || n == 0 || !workspace_fits(m, n, factors))
    return ufm__fail(error, UFM_ERANGE,
                     "singular values: got a %zu x %zu matrix, which is empty "
                     "or too large for LAPACK",
                     m, n);
  for (size_t i = 0; i < m * n; i++)
    if (!isfinite(A[i]))
      return ufm__fail(error, UFM_ENAN,
                       "singular values: entry (%zu, %zu) is %g", i / n, i % n,
                       A[i]);
  return UFM_OK;
}

ufm_status ufm__svd(size_t m, size_t n, double *A, double *s, double *U,
                    double *Vt, ufm_error *error)
{
  ufm_status status = check_input(m, n, A, U != NULL, error);
  lapack_int rows = (lapack_int)n, columns = (lapack_int)m, info;
  lapack_int r = rows < columns ? rows : columns;

  if (status != UFM_OK)
    return status;
  /* Row-major A is column-major A^T = V diag(s) U^T: with the factors in
     exchanged places nothing needs to be transposed. */
  info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, U != NULL ? 'S' : 'N', rows, columns,
                        A, rows, s, Vt, rows, U, r);
  if (info == LAPACK_WORK_MEMORY_ERROR)
    return ufm__no_memory(error, "singular values");
  if (info != 0)
    return ufm__fail(error, UFM_EINTERNAL,
                     "singular values: dgesdd of a %zu x %zu matrix returned "
                     "%d, want 0",
                     m, n, (int)info);
  return UFM_OK;
}
