/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The triangular factor of a tall matrix, its rows taken piece by piece: the
   triangle so far and the next rows are decomposed together (Demmel, Grigori,
   Hoemmen and Langou, SIAM J. Sci. Comput. 34, 2012), so that no copy of the
   matrix is made and a piece stays in cache.
   Only lapacke.h here, no CBLAS header: providers declare them together. */
#include <config.h>

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "core/error.h"
#include "linalg/qr.h"

/* New rows per piece: twice those of the triangle, which costs half as much
   again as one decomposition of all rows would if that stayed in cache, and no
   more than it in fact; few columns take more rows at a time. */
static size_t piece_rows(size_t n)
{
  return n < 32 ? 64 : 2 * n;
}

/* Copies rows first..first+count-1 of [A B]. */
static ufm_status copy_rows(size_t first, size_t count, size_t p,
                            const double *A, size_t q, const double *B,
                            double *out, ufm_error *error)
{
  size_t n = p + q;

  for (size_t i = 0; i < count; i++, out += n) {
    memcpy(out, A + (first + i) * p, p * sizeof *out);
    if (q > 0)
      memcpy(out + p, B + (first + i) * q, q * sizeof *out);
    for (size_t k = 0; k < n; k++)
      if (!isfinite(out[k]))
        return ufm__fail(error, UFM_ENAN, "triangle: entry (%zu, %zu) is %g",
                         first + i, k, out[k]);
  }
  return UFM_OK;
}

/* The rows x n matrix S, rows >= n, becomes its upper triangle.  By columns S
   is S^T, and S^T = L Q is S = Q^T L^T. */
static ufm_status decompose(size_t rows, size_t n, double *S, double *tau,
                            ufm_error *error)
{
  lapack_int info = LAPACKE_dgelqf(LAPACK_COL_MAJOR, (lapack_int)n,
                                   (lapack_int)rows, S, (lapack_int)n, tau);

  if (info == LAPACK_WORK_MEMORY_ERROR)
    return ufm__no_memory(error, "triangle of a matrix");
  if (info != 0)
    return ufm__fail(error, UFM_EINTERNAL,
                     "triangle: dgelqf of a %zu x %zu matrix returned %d, want "
                     "0",
                     n, rows, (int)info);
  for (size_t i = 1; i < n; i++)
    memset(S + i * n, 0, i * sizeof *S);
  return UFM_OK;
}

ufm_status ufm__gram_root(size_t m, size_t p, const double *A, size_t q,
                          const double *B, double *root, ufm_error *error)
{
  size_t n = p + q, have = 0, at = 0;
  double *S, *tau;
  ufm_status status = UFM_OK;

  if (m == 0 || n == 0 || m > INT_MAX || n > INT_MAX / 256)
    return ufm__fail(error, UFM_ERANGE,
                     "triangle: got a %zu x %zu matrix, which is empty or too "
                     "large for LAPACK",
                     m, n);
  if (m <= n)
    return copy_rows(0, m, p, A, q, B, root, error);
  S = malloc((n + piece_rows(n)) * n * sizeof *S);
  tau = malloc(n * sizeof *tau);
  if (S == NULL || tau == NULL)
    status = ufm__no_memory(error, "triangle of a matrix");
  while (at < m && status == UFM_OK) {
    size_t count = n + piece_rows(n) - have;

    count = m - at < count ? m - at : count;
    status = copy_rows(at, count, p, A, q, B, S + have * n, error);
    if (status == UFM_OK)
      status = decompose(have + count, n, S, tau, error);
    have = n;
    at += count;
  }
  if (status == UFM_OK)
    memcpy(root, S, n * n * sizeof *root);
  free(S);
  free(tau);
  return status;
}
