/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values of the factors and of their product, from triangles: with
   W_M...W_1 = Q R and H^T = P S (Q and P with orthonormal columns, up to d_1),
   Z = W_M...W_1 H has the nonzero singular values of R S^T, and H those of S.
   Nothing larger than a factor is formed, whatever K and J are. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/qr.h"
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

/* Singular values of the m x n matrix A, min(m, n) of them.  `work` has min(m,
   n) n numbers. */
static ufm_status singular_values(size_t m, size_t n, const double *A,
                                  double *work, double *s, ufm_error *error)
{
  ufm_status status = ufm__gram_root(m, n, A, 0, NULL, work, error);

  return status == UFM_OK
             ? ufm__svd(smaller(m, n), n, work, s, NULL, NULL, error)
             : status;
}

/* Spectra of Z and H. */
static ufm_status outer_spectra(ufm_geometry *geometry,
                                const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                const double *product, double product_norm,
                                ufm_error *error)
{
  size_t J = layout->J, d = layout->width[0];
  size_t r = smaller(layout->K, d), t = smaller(J, d);
  double *H = new_features(problem, layout, theta);
  double *R = malloc(r * d * sizeof *R), *S = malloc(t * d * sizeof *S);
  double *core = malloc(r * t * sizeof *core), *s = geometry->spectrum[0];
  ufm_status status = UFM_OK;

  if (H == NULL || R == NULL || S == NULL || core == NULL)
    status = ufm__no_memory(error, "spectrum of the logits");
  if (status == UFM_OK)
    status = ufm__gram_root(layout->K, d, product, 0, NULL, R, error);
  if (status == UFM_OK)
    status = ufm__gram_root(J, d, H, 0, NULL, S, error);
  if (status == UFM_OK) {
    ufm__gemm_nt(r, t, d, R, S, 0.0, core);
    status = ufm__svd(r, t, core, s, NULL, NULL, error);
  }
  if (status == UFM_OK) { /* values beyond d_1 stay 0 */
    ufm__scale(smaller(r, t), product_norm, s);
    if (!isfinite(s[0]))
      status = ufm__fail(error, UFM_ERANGE, "geometry: the logits overflow");
  }
  if (status == UFM_OK) /* S is used up */
    status =
        ufm__svd(t, d, S, geometry->spectrum[layout->M + 1], NULL, NULL, error);
  free(H);
  free(R);
  free(S);
  free(core);
  return status;
}

ufm_status ufm__measure_spectra(ufm_geometry *geometry,
                                const ufm_problem *problem,
                                const ufm_layout *layout, const double *theta,
                                const double *product, double product_norm,
                                ufm_error *error)
{
  size_t most = 0;
  double *work;
  ufm_status status = outer_spectra(geometry, problem, layout, theta, product,
                                    product_norm, error);

  if (status != UFM_OK)
    return status;
  for (size_t m = 0; m < layout->M; m++) {
    size_t n = layout->width[m], need = smaller(layout->width[m + 1], n) * n;

    most = need > most ? need : most;
  }
  work = malloc(most * sizeof *work);
  if (work == NULL)
    return ufm__no_memory(error, "singular values");
  for (size_t m = 1; m <= layout->M && status == UFM_OK; m++)
    status = singular_values(layout->width[m], layout->width[m - 1],
                             theta + layout->w[m - 1], work,
                             geometry->spectrum[m], error);
  free(work);
  return status;
}
