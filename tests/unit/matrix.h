/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Row-major matrices for tests, by plain loops: independent of src/linalg. */
#ifndef UFM_TESTS_MATRIX_H
#define UFM_TESTS_MATRIX_H

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

/* n zeros; fails the test when out of memory. */
static inline double *new_array(size_t n)
{
  double *x = calloc(n > 0 ? n : 1, sizeof *x);

  ck_assert_ptr_nonnull(x);
  return x;
}

static inline void fill_normal(gsl_rng *rng, size_t n, double *x)
{
  for (size_t i = 0; i < n; i++)
    x[i] = gsl_ran_gaussian_ziggurat(rng, 1.0);
}

/* C = A diag(s) B, A m x k, B k x n; s = NULL stands for ones. */
static inline void multiply(size_t m, size_t n, size_t k, const double *A,
                            const double *s, const double *B, double *C)
{
  memset(C, 0, m * n * sizeof *C);
  for (size_t i = 0; i < m; i++)
    for (size_t p = 0; p < k; p++) {
      double a = A[i * k + p] * (s != NULL ? s[p] : 1.0);

      for (size_t j = 0; j < n; j++)
        C[i * n + j] += a * B[p * n + j];
    }
}

/* n x m: the transpose of the m x n matrix A. */
static inline double *new_transpose(size_t m, size_t n, const double *A)
{
  double *T = new_array(m * n);

  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++)
      T[j * m + i] = A[i * n + j];
  return T;
}

/* Largest |A - B| of n entries. */
static inline double largest_difference(size_t n, const double *A,
                                        const double *B)
{
  double worst = 0.0;

  for (size_t i = 0; i < n; i++)
    worst = fmax(worst, fabs(A[i] - B[i]));
  return worst;
}

/* Largest entry of |Q Q^T - I| for n rows of d numbers. */
static inline double orthonormality_error(size_t n, size_t d, const double *Q)
{
  double worst = 0.0;

  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k <= i; k++) {
      double dot = i == k ? -1.0 : 0.0;

      for (size_t s = 0; s < d; s++)
        dot += Q[i * d + s] * Q[k * d + s];
      worst = fmax(worst, fabs(dot));
    }
  return worst;
}

/* Makes n <= d rows orthonormal in place (Gram-Schmidt, twice); with `centred`
   also orthogonal to the all-ones vector. */
static inline void orthonormalise(size_t n, size_t d, double *Q, int centred)
{
  for (size_t i = 0; i < n; i++)
    for (int pass = 0; pass < 2; pass++) {
      double *row = Q + i * d, norm = 0.0, mean = 0.0;

      for (size_t k = 0; k < i; k++) {
        double dot = 0.0;

        for (size_t s = 0; s < d; s++)
          dot += row[s] * Q[k * d + s];
        for (size_t s = 0; s < d; s++)
          row[s] -= dot * Q[k * d + s];
      }
      for (size_t s = 0; s < d; s++)
        mean += row[s] / (double)d;
      for (size_t s = 0; s < d; s++) {
        row[s] -= centred ? mean : 0.0;
        norm += row[s] * row[s];
      }
      for (size_t s = 0; s < d; s++)
        row[s] /= sqrt(norm);
    }
}

/* n <= d random orthonormal rows of d numbers. */
static inline double *new_orthonormal(gsl_rng *rng, size_t n, size_t d,
                                      int centred)
{
  double *Q = new_array(n * d);

  fill_normal(rng, n * d, Q);
  orthonormalise(n, d, Q, centred);
  return Q;
}

#endif
