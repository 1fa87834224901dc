/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances to one given frame.  Differences are formed entry by entry:
   |X - T|^2 = 2 - 2 <X, T> would lose half the digits near a frame. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/sums.h"

/* Sum over all entries of (A B^T/size - (diag(t) - shift J)/target)^2, by
   panels of rows; A B^T alone when t is NULL.  `panel` has UFM__PANEL K
   numbers, `row` K. */
static double square_distance(size_t K, size_t d, const double *A,
                              const double *B, double size, const double *t,
                              double shift, double target, double *panel,
                              double *row)
{
  for (size_t i = 0; i < K; i += UFM__PANEL) {
    size_t rows = K - i < UFM__PANEL ? K - i : UFM__PANEL;

    ufm__gemm_nt(rows, K, d, A + i * d, B, 0.0, panel);
    for (size_t r = 0; r < rows; r++) {
      double *x = panel + r * K;

      if (t != NULL) {
        for (size_t k = 0; k < K; k++)
          x[k] = x[k] / size + shift / target;
        x[i + r] -= t[i + r] / target;
      }
      row[i + r] = ufm__dot(K, x, x);
    }
  }
  return ufm__sum(K, row);
}

/* |diag(t) - shift J|_F */
static double target_norm(size_t K, const double *t, double shift, double *row)
{
  double diagonal;

  for (size_t k = 0; k < K; k++)
    row[k] = t[k] - shift;
  diagonal = ufm__norm(K, row);
  return hypot(diagonal, fabs(shift) * sqrt((double)K * (double)(K - 1)));
}

ufm_status ufm__distance_to_diagonal(double *out, size_t K, size_t d,
                                     const double *A, const double *B,
                                     const double *t, double shift,
                                     ufm_error *error)
{
  double *panel = malloc(UFM__PANEL * K * sizeof *panel);
  double *row = calloc(K, sizeof *row);
  double size, target;
  ufm_status status = UFM_OK;

  *out = (double)NAN;
  if (panel == NULL || row == NULL) {
    status = ufm__no_memory(error, "distance to a frame");
  } else {
    target = target_norm(K, t, shift, row);
    size = sqrt(square_distance(K, d, A, B, 1.0, NULL, 0.0, 1.0, panel, row));
    if (size > 0.0 && target > 0.0)
      *out =
          sqrt(square_distance(K, d, A, B, size, t, shift, target, panel, row));
  }
  free(panel);
  free(row);
  return status;
}

double ufm__distance_of_hats(size_t K, size_t d, const double *A,
                             const double *B, double *row)
{
  double a = ufm__norm(K * d, A), b = ufm__norm(K * d, B);

  if (!(a > 0.0) || !(b > 0.0))
    return (double)NAN;
  for (size_t k = 0; k < K; k++) {
    row[k] = 0.0;
    for (size_t i = k * d; i < (k + 1) * d; i++)
      row[k] += (A[i] / a - B[i] / b) * (A[i] / a - B[i] / b);
  }
  return sqrt(ufm__sum(K, row));
}
