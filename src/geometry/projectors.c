/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distance to the nearest frame when the width leaves a choice of frames.
   Where a width R cuts through equal directions every optimum has W W^T and
   W Hbar proportional to one orthoprojector of rank R, and all orthoprojectors
   are optimal (doc/mathematics.md, sections 5.1 and 5.3), so the distance is to
   the nearest of them.  Derived here (section 8): for X = hat(A B^T)
   with symmetric part S,

     min_P |X - P/sqrt(r)|^2 = |skew X|^2 + sum_{i<=r} (mu_i - 1/sqrt(r))^2
                                          + sum_{i>r} mu_i^2,

   mu_1 >= mu_2 >= ... the eigenvalues of S, because <X, P> = <S, P> is largest,
   mu_1 + ... + mu_r, at the leading eigenvectors (Ky Fan).  When P must vanish
   on q = 1/sqrt(K), let C = I - q q^T: the same holds for C X C within the
   complement of q, and |C X q|^2 + |q^T X C|^2 + (q^T X q)^2 is added. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/eigen.h"
#include "linalg/qr.h"
#include "linalg/sums.h"

/* A <- C A, and along = q^T A (d numbers). */
static void split_constant(size_t K, size_t d, double *A, double *along)
{
  memset(along, 0, d * sizeof *along);
  for (size_t i = 0; i < K; i++)
    ufm__axpy(d, 1.0 / (double)K, A + i * d, along);
  for (size_t i = 0; i < K; i++)
    ufm__axpy(d, -1.0, along, A + i * d);
  ufm__scale(d, sqrt((double)K), along);
}

/* Splits A = C A + q a^T and B alike, leaves C A and C B in their places, and
   returns the sum of squares of A B^T outside C (A B^T) C. */
static double outside_square(size_t K, size_t d, double *A, double *B,
                             double *a, double *b)
{
  double sum, corner;

  split_constant(K, d, A, a);
  split_constant(K, d, B, b);
  corner = ufm__dot(d, a, b);
  sum = corner * corner;
  for (size_t i = 0; i < K; i++) {
    double right = ufm__dot(d, A + i * d, b);
    double left = ufm__dot(d, B + i * d, a);

    sum += right * right + left * left;
  }
  return sum;
}

/* The n x n matrix T with A B^T = Q T Q^T, Q having n orthonormal columns, at
   most 2 d: with [A B] = Q root, T = (left half of root)(right half)^T.  B NULL
   stands for A, and then n is at most d. */
static ufm_status compress(size_t K, size_t d, const double *A, const double *B,
                           double **out, size_t *n, ufm_error *error)
{
  size_t columns = B != NULL ? 2 * d : d, rows = K < columns ? K : columns;
  double *root = malloc(rows * columns * sizeof *root), *left = root;
  double *half = malloc(2 * rows * d * sizeof *half), *right = root;
  double *T = malloc(rows * rows * sizeof *T);
  ufm_status status;

  if (root == NULL || half == NULL || T == NULL)
    status = ufm__no_memory(error, "distance to the nearest frame");
  else
    status = ufm__gram_root(K, d, A, columns - d, B, root, error);
  if (status == UFM_OK && B != NULL) {
    left = half;
    right = half + rows * d;
    for (size_t i = 0; i < rows; i++) {
      memcpy(left + i * d, root + i * columns, d * sizeof *left);
      memcpy(right + i * d, root + i * columns + d, d * sizeof *right);
    }
  }
  if (status == UFM_OK)
    ufm__gemm_nt(rows, rows, d, left, right, 0.0, T);
  free(root);
  free(half);
  if (status != UFM_OK)
    free(T);
  *out = status == UFM_OK ? T : NULL;
  *n = rows;
  return status;
}

/* T <- symmetric part of T/size (its lower triangle); returns the sum of
   squares of the skew part. */
static double symmetrise(size_t n, double *T, double size)
{
  double skew = 0.0;

  for (size_t i = 0; i < n; i++) {
    T[i * n + i] /= size;
    for (size_t k = 0; k < i; k++) {
      double x = T[i * n + k] / size, y = T[k * n + i] / size;

      skew += 0.5 * (x - y) * (x - y);
      T[i * n + k] = 0.5 * (x + y);
    }
  }
  return skew;
}

static int ascending(const void *a, const void *b)
{
  const double *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/* Turns the n eigenvalues of T into those of a space of dimension `space`:
   zeros are added, or the one of least size is dropped, which is the 0 of the
   all-ones vector (n = space + 1) or another that rounding cannot tell from
   it.  mu has room for max(n, space) values and ends ascending. */
static void fit_spectrum(size_t n, size_t space, double *mu)
{
  size_t least = 0;

  for (size_t i = n; i < space; i++)
    mu[i] = 0.0;
  for (size_t i = 1; i < n; i++)
    if (fabs(mu[i]) < fabs(mu[least]))
      least = i;
  if (n > space)
    mu[least] = mu[n - 1];
  qsort(mu, space, sizeof *mu, ascending);
}

/* The distance from T (n x n, overwritten), `outside` being the squares beside
   it, to the projectors of rank r < space of a space that holds T. */
static ufm_status nearest(double *out, size_t n, double *T, double outside,
                          size_t r, size_t space, ufm_error *error)
{
  double size = hypot(ufm__norm(n * n, T), sqrt(outside)), skew;
  double *mu;
  ufm_status status;

  if (!(size > 0.0))
    return UFM_OK;
  mu = malloc((n > space ? n : space) * sizeof *mu);
  if (mu == NULL)
    return ufm__no_memory(error, "distance to the nearest frame");
  skew = symmetrise(n, T, size);
  status = ufm__eigen(n, T, mu, false, error);
  if (status == UFM_OK) {
    fit_spectrum(n, space, mu);
    for (size_t i = space - r; i < space; i++)
      mu[i] -= 1.0 / sqrt((double)r);
    for (size_t i = 0; i < space; i++)
      mu[i] *= mu[i];
    *out = sqrt(skew + outside / size / size + ufm__sum(space, mu));
  }
  free(mu);
  return status;
}

/* Fewer directions than the space has: a choice of projectors. */
static ufm_status distance_to_choice(double *out, size_t K, size_t d,
                                     const double *A, const double *B, size_t r,
                                     bool centred, ufm_error *error)
{
  double *copy = NULL, *T = NULL, outside = 0.0;
  const double *second = A == B ? NULL : B;
  ufm_status status;
  size_t n;

  if (centred) {
    double *CA, *CB;

    copy = malloc((2 * K + 2) * d * sizeof *copy);
    if (copy == NULL)
      return ufm__no_memory(error, "distance to the nearest frame");
    CA = copy;
    CB = copy + K * d;
    memcpy(CA, A, K * d * sizeof *CA);
    memcpy(CB, B, K * d * sizeof *CB);
    outside = outside_square(K, d, CA, CB, CB + K * d, CB + (K + 1) * d);
    A = CA;
    second = second != NULL ? CB : NULL;
  }
  status = compress(K, d, A, second, &T, &n, error);
  if (status == UFM_OK)
    status = nearest(out, n, T, outside, r, K - centred, error);
  free(copy);
  free(T);
  return status;
}

ufm_status ufm__distance_to_projectors(double *out, size_t K, size_t d,
                                       const double *A, const double *B,
                                       size_t r, bool centred, ufm_error *error)
{
  double *ones;
  ufm_status status;

  *out = (double)NAN;
  if (r < K - centred)
    return distance_to_choice(out, K, d, A, B, r, centred, error);
  ones = malloc(K * sizeof *ones);
  if (ones == NULL)
    return ufm__no_memory(error, "distance to a frame");
  for (size_t k = 0; k < K; k++)
    ones[k] = 1.0;
  status = ufm__distance_to_diagonal(out, K, d, A, B, ones,
                                     centred ? 1.0 / (double)K : 0.0, error);
  free(ones);
  return status;
}
