/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values of the factors and of their product.  Z = W_M...W_1 H is not
   formed when K exceeds d_1: with W_M...W_1 = Q R, Q having d_1 orthonormal
   columns, R H has the same nonzero singular values. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/svd.h"

double ufm__normalise(size_t n, double *x)
{
  double norm = ufm__norm(n, x);

  if (norm > 0.0)
    for (size_t i = 0; i < n; i++)
      x[i] /= norm;
  return norm;
}

ufm_status ufm__weight_product(const ufm_layout *layout, const double *theta,
                               double **out, double *norm, ufm_error *error)
{
  size_t K = layout->K, M = layout->M, widest = 0;
  double *A, *B, *swap;

  for (size_t m = 0; m < M; m++)
    if (layout->width[m] > widest)
      widest = layout->width[m];
  *out = NULL;
  A = calloc(K * widest, sizeof *A);
  B = calloc(K * widest, sizeof *B);
  if (A == NULL || B == NULL) {
    free(A);
    free(B);
    return ufm__no_memory(error, "product of the weights");
  }
  memcpy(A, theta + layout->w[M - 1], K * layout->width[M - 1] * sizeof *A);
  *norm = ufm__normalise(K * layout->width[M - 1], A);
  for (size_t m = M - 1; m-- > 0;) {
    ufm__gemm(K, layout->width[m], layout->width[m + 1], A,
              theta + layout->w[m], 0.0, B);
    *norm *= ufm__normalise(K * layout->width[m], B);
    swap = A, A = B, B = swap;
  }
  free(B);
  *out = A;
  return UFM_OK;
}

static ufm_status singular_values(size_t m, size_t n, const double *A,
                                  double *s, ufm_error *error)
{
  double *copy = malloc(m * n * sizeof *copy);
  ufm_status status;

  if (copy == NULL)
    return ufm__no_memory(error, "singular values");
  memcpy(copy, A, m * n * sizeof *copy);
  status = ufm__svd(m, n, copy, s, NULL, NULL, error);
  free(copy);
  return status;
}

ufm_status ufm__gram_root(size_t m, size_t n, const double *A, double *root,
                          ufm_error *error)
{
  double *copy, *U, *s;
  ufm_status status;

  if (m <= n) {
    memcpy(root, A, m * n * sizeof *root);
    return UFM_OK;
  }
  copy = malloc(m * n * sizeof *copy);
  U = malloc(m * n * sizeof *U);
  s = malloc(n * sizeof *s);
  if (copy == NULL || U == NULL || s == NULL) {
    status = ufm__no_memory(error, "singular value decomposition");
  } else {
    memcpy(copy, A, m * n * sizeof *copy);
    status = ufm__svd(m, n, copy, s, U, root, error);
  }
  for (size_t i = 0; i < n && status == UFM_OK; i++)
    ufm__scale(n, s[i], root + i * n);
  free(copy);
  free(U);
  free(s);
  return status;
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* H^T of the unmerged problem up to equal columns, J x d_1: column j of H
   counts with sqrt(nu_j), nu_j = ratio pi_j.  NULL when out of memory. */
static double *new_features(const ufm_problem *problem,
                            const ufm_layout *layout, const double *theta)
{
  const ufm_columns *columns = ufm_problem_columns(problem);
  double ratio = ufm__rational_double(columns->ratio);
  size_t J = layout->J, d = layout->width[0];
  double *H = malloc(J * d * sizeof *H);

  if (H == NULL)
    return NULL;
  memcpy(H, theta + layout->h, J * d * sizeof *H);
  for (size_t j = 0; j < J; j++)
    ufm__scale(d, sqrt(ratio * columns->rounded[columns->weight[j]]),
               H + j * d);
  return H;
}

/* Spectra of Z and H. */
static ufm_status outer_spectra(ufm_geometry *geometry,
                                const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                const double *product, double product_norm,
                                ufm_error *error)
{
  size_t J = layout->J, d = layout->width[0], r = smaller(layout->K, d);
  double *H = new_features(problem, layout, theta);
  double *root = malloc(r * d * sizeof *root), *Z = malloc(r * J * sizeof *Z);
  double *s = geometry->spectrum[0];
  ufm_status status = UFM_OK;

  if (H == NULL || root == NULL || Z == NULL)
    status = ufm__no_memory(error, "spectrum of the logits");
  if (status == UFM_OK)
    status = ufm__gram_root(layout->K, d, product, root, error);
  if (status == UFM_OK) {
    ufm__gemm_nt(r, J, d, root, H, 0.0, Z);
    status = ufm__svd(r, J, Z, s, NULL, NULL, error);
  }
  if (status == UFM_OK) { /* values beyond d_1 stay 0 */
    ufm__scale(smaller(r, J), product_norm, s);
    if (!isfinite(s[0]))
      status = ufm__fail(error, UFM_ERANGE, "geometry: the logits overflow");
  }
  if (status == UFM_OK) /* H is used up */
    status =
        ufm__svd(J, d, H, geometry->spectrum[layout->M + 1], NULL, NULL, error);
  free(H);
  free(root);
  free(Z);
  return status;
}

ufm_status ufm__measure_spectra(ufm_geometry *geometry,
                                const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                const double *product, double product_norm,
                                ufm_error *error)
{
  ufm_status status = outer_spectra(geometry, problem, layout, theta, product,
                                    product_norm, error);

  for (size_t m = 1; m <= layout->M && status == UFM_OK; m++)
    status =
        singular_values(layout->width[m], layout->width[m - 1],
                        theta + layout->w[m - 1], geometry->spectrum[m], error);
  return status;
}
