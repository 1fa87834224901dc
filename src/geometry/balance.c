/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balancedness (doc/mathematics.md, section 2, fact B).  At every stationary
   point neighbouring factors satisfy

     lambda_{m+1} W_{m+1}^T W_{m+1} = lambda_m W_m W_m^T,
     lambda_1 W_1^T W_1 = lambda_H sum_j nu_j h_j h_j^T

   (multiply the two gradients by the factors they have in common), so what is
   left of the difference checks any solver without knowing the optimum. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/sums.h"

/* Factors m = 0 (the features) to M, each times the root of its penalty. */
typedef struct factors {
  const ufm_layout *layout;
  const double *theta;
  double *scale; /* M + 1: sqrt(lambda_m), sqrt(lambda_H) for m = 0 */
  double *root;  /* J: sqrt(nu_j) */
} factors;

static void factors_clear(factors *f)
{
  free(f->scale);
  free(f->root);
}

static ufm_status factors_init(factors *f, const ufm_problem *problem,
                               const ufm_layout *layout, const double *theta,
                               ufm_error *error)
{
  const ufm_columns *columns = ufm_problem_columns(problem);
  double ratio = ufm__rational_double(columns->ratio);

  *f = (factors){.layout = layout,
                 .theta = theta,
                 .scale = malloc((layout->M + 1) * sizeof *f->scale),
                 .root = malloc(layout->J * sizeof *f->root)};
  if (f->scale == NULL || f->root == NULL) {
    factors_clear(f);
    return ufm__no_memory(error, "balancedness");
  }
  for (size_t m = 0; m <= layout->M; m++) {
    mpq_srcptr lambda = m == 0 ? ufm_problem_lambda_h(problem)
                               : ufm_problem_lambda_w(problem, m);

    f->scale[m] = sqrt(ufm__rational_double(lambda));
  }
  for (size_t j = 0; j < layout->J; j++)
    f->root[j] = sqrt(ratio * columns->rounded[columns->weight[j]]);
  return UFM_OK;
}

/* Factor m >= 1 as it stands, d_{m+1} x d_m, or the features, J x d_1, times
   its penalty root; `transpose` exchanges rows and columns. */
static void scaled_factor(const factors *f, size_t m, bool transpose,
                          double *out)
{
  const ufm_layout *l = f->layout;
  const double *in = f->theta + (m == 0 ? l->h : l->w[m - 1]);
  size_t rows = m == 0 ? l->J : l->width[m];
  size_t columns = l->width[m == 0 ? 0 : m - 1];

  for (size_t i = 0; i < rows; i++) {
    double scale = f->scale[m] * (m == 0 ? f->root[i] : 1.0);

    for (size_t k = 0; k < columns; k++)
      out[transpose ? k * rows + i : i * columns + k] =
          scale * in[i * columns + k];
  }
}

/* squares = sums of squares of A A^T - B B^T, A A^T and B B^T, A n x p and B
   n x q, by panels of rows. */
static ufm_status compare_grams(size_t n, size_t p, const double *A, size_t q,
                                const double *B, double squares[3],
                                ufm_error *error)
{
  double *panel = malloc(2 * UFM__PANEL * n * sizeof *panel);
  double *row = malloc(3 * n * sizeof *row);
  ufm_status status = UFM_OK;

  if (panel == NULL || row == NULL)
    status = ufm__no_memory(error, "balancedness");
  for (size_t i = 0; i < n && status == UFM_OK; i += UFM__PANEL) {
    size_t rows = n - i < UFM__PANEL ? n - i : UFM__PANEL;
    double *a = panel, *b = panel + UFM__PANEL * n;

    ufm__gemm_nt(rows, n, p, A + i * p, A, 0.0, a);
    ufm__gemm_nt(rows, n, q, B + i * q, B, 0.0, b);
    for (size_t r = 0; r < rows; r++, a += n, b += n) {
      row[n + i + r] = ufm__dot(n, a, a);
      row[2 * n + i + r] = ufm__dot(n, b, b);
      ufm__axpy(n, -1.0, b, a);
      row[i + r] = ufm__dot(n, a, a);
    }
  }
  for (size_t s = 0; s < 3 && status == UFM_OK; s++)
    squares[s] = ufm__sum(n, row + s * n);
  free(panel);
  free(row);
  return status;
}

/* Compares factor m with factor m + 1 in their common dimension d_{m+1}. */
static ufm_status compare_neighbours(const factors *f, size_t m,
                                     double squares[3], ufm_error *error)
{
  const ufm_layout *l = f->layout;
  size_t n = l->width[m], p = l->width[m + 1];
  size_t q = m == 0 ? l->J : l->width[m - 1];
  double *A = malloc(n * p * sizeof *A), *B = malloc(n * q * sizeof *B);
  ufm_status status;

  if (A == NULL || B == NULL) {
    status = ufm__no_memory(error, "balancedness");
  } else {
    scaled_factor(f, m + 1, true, A);
    scaled_factor(f, m, m == 0, B); /* features stand in rows */
    status = compare_grams(n, p, A, q, B, squares, error);
  }
  free(A);
  free(B);
  return status;
}

/* Makes the largest factor one of norm 1: the residual does not change, and
   the squares of its terms neither overflow nor underflow together. */
static void unit_scale(factors *f)
{
  const ufm_layout *l = f->layout;
  double largest = 0.0;

  for (size_t m = 0; m <= l->M; m++) {
    double norm = 0.0;

    if (m > 0)
      norm = ufm__norm(l->width[m] * l->width[m - 1], f->theta + l->w[m - 1]);
    for (size_t j = 0; m == 0 && j < l->J; j++)
      norm =
          hypot(norm, f->root[j] * ufm__norm(l->width[0], f->theta + l->h +
                                                              j * l->width[0]));
    largest = fmax(largest, f->scale[m] * norm);
  }
  for (size_t m = 0; m <= l->M && largest > 0.0; m++)
    f->scale[m] /= largest;
}

ufm_status ufm__measure_balance(double *out, const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                ufm_error *error)
{
  factors f;
  double worst = 0.0, largest = 0.0;
  ufm_status status = factors_init(&f, problem, layout, theta, error);

  if (status != UFM_OK)
    return status;
  unit_scale(&f);
  for (size_t m = 0; m < layout->M && status == UFM_OK; m++) {
    double squares[3] = {0.0, 0.0, 0.0};

    status = compare_neighbours(&f, m, squares, error);
    worst = fmax(worst, squares[0]);
    largest = fmax(largest, fmax(squares[1], squares[2]));
  }
  if (status == UFM_OK)
    *out = largest > 0.0 ? sqrt(worst / largest) : 0.0;
  factors_clear(&f);
  return status;
}
