/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leading singular triplets of the gradient at zero where the widths leave room
   for few of many: subspace iteration (Halko, Martinsson and Tropp, SIAM Review
   53, 2011, algorithm 4.4) with products by sparse targets. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "linalg/svd.h"
#include "solve/start_leading.h"

/* Directions beyond those asked for, and rounds: the error of a start is of no
   consequence, that of its subspace costs a few iterations. */
enum { SPARE = 8, ROUNDS = 3 };

/* What an iteration holds. */
typedef struct subspace {
  const ufm__zero_gradient *G;
  size_t J, K, q;
  double *X;       /* K x q */
  double *Y;       /* J x q */
  double *U;       /* max(J, K) x q */
  double *s, *Vt;  /* q, q x q */
  double *sum;     /* q */
  double *shifted; /* q */
} subspace;

/* Y = G X: t_j X is the background times the sum of the rows of X, plus the
   entries. */
static void apply(const subspace *w)
{
  const ufm_columns *c = w->G->columns;
  size_t q = w->q;

  memset(w->sum, 0, q * sizeof *w->sum);
  memset(w->shifted, 0, q * sizeof *w->shifted);
  for (size_t i = 0; i < w->K; i++) {
    ufm__axpy(q, 1.0, w->X + i * q, w->sum);
    ufm__axpy(q, -w->G->output[i], w->X + i * q, w->shifted);
  }
  for (size_t j = 0; j < w->J; j++) {
    double *y = w->Y + j * q;

    memcpy(y, w->shifted, q * sizeof *y);
    ufm__axpy(q, c->rounded[c->background[j]], w->sum, y);
    for (size_t e = c->first[j]; e < c->first[j + 1]; e++)
      ufm__axpy(q, c->rounded[c->value[e]], w->X + c->row[e] * q, y);
    ufm__scale(q, w->G->scale[j], y);
  }
}

/* X = G^T Y */
static void apply_transpose(const subspace *w)
{
  const ufm_columns *c = w->G->columns;
  size_t q = w->q;

  memset(w->X, 0, w->K * q * sizeof *w->X);
  memset(w->sum, 0, q * sizeof *w->sum);
  memset(w->shifted, 0, q * sizeof *w->shifted);
  for (size_t j = 0; j < w->J; j++) {
    const double *y = w->Y + j * q;
    double scale = w->G->scale[j];

    ufm__axpy(q, scale * c->rounded[c->background[j]], y, w->sum);
    ufm__axpy(q, scale, y, w->shifted);
    for (size_t e = c->first[j]; e < c->first[j + 1]; e++)
      ufm__axpy(q, scale * c->rounded[c->value[e]], y, w->X + c->row[e] * q);
  }
  for (size_t i = 0; i < w->K; i++) {
    ufm__axpy(q, 1.0, w->sum, w->X + i * q);
    ufm__axpy(q, -w->G->output[i], w->shifted, w->X + i * q);
  }
}

/* The columns of the n x q matrix A become orthonormal, spanning the same. */
static ufm_status orthonormalise(const subspace *w, size_t n, double *A,
                                 ufm_error *error)
{
  ufm_status status = ufm__svd(n, w->q, A, w->s, w->U, w->Vt, error);

  if (status == UFM_OK)
    memcpy(A, w->U, n * w->q * sizeof *A);
  return status;
}

/* Y = an orthonormal basis Q of the subspace, X = G^T Q. */
static ufm_status iterate(const subspace *w, gsl_rng *rng, ufm_error *error)
{
  ufm_status status = UFM_OK;

  for (size_t i = 0; i < w->K * w->q; i++)
    w->X[i] = gsl_ran_gaussian_ziggurat(rng, 1.0);
  for (int round = 0; round < ROUNDS && status == UFM_OK; round++) {
    if (round > 0)
      status = orthonormalise(w, w->K, w->X, error);
    if (status == UFM_OK) {
      apply(w);
      status = orthonormalise(w, w->J, w->Y, error);
    }
    apply_transpose(w);
  }
  return status;
}

/* X = U diag(s) V^T gives the Ritz triplets of G = Q X^T. */
static ufm_status triplets(const subspace *w, ufm__logits *out,
                           ufm_error *error)
{
  ufm_status status = ufm__svd(w->K, w->q, w->X, out->s, w->U, w->Vt, error);

  if (status != UFM_OK)
    return status;
  ufm__gemm_nt(w->J, w->q, w->q, w->Y, w->Vt, 0.0, out->V);
  for (size_t i = 0; i < w->K; i++)
    for (size_t k = 0; k < w->q; k++)
      out->Ut[k * w->K + i] = w->U[i * w->q + k];
  return UFM_OK;
}

ufm_status ufm__logits_leading(ufm__logits *out, const ufm__zero_gradient *G,
                               size_t rank, gsl_rng *rng, ufm_error *error)
{
  size_t J = G->columns->J, K = G->columns->K, least = J < K ? J : K;
  size_t q = rank + SPARE < least ? rank + SPARE : least;
  subspace w = {.G = G,
                .J = J,
                .K = K,
                .q = q,
                .X = malloc(K * q * sizeof(double)),
                .Y = malloc(J * q * sizeof(double)),
                .U = malloc((J > K ? J : K) * q * sizeof(double)),
                .s = malloc(q * sizeof(double)),
                .Vt = malloc(q * q * sizeof(double)),
                .sum = malloc(q * sizeof(double)),
                .shifted = malloc(q * sizeof(double))};
  ufm_status status = UFM_OK;

  *out = (ufm__logits){.r = q,
                       .V = malloc(J * q * sizeof(double)),
                       .s = malloc(q * sizeof(double)),
                       .Ut = malloc(q * K * sizeof(double)),
                       .bias = calloc(K, sizeof(double))};
  if (w.X == NULL || w.Y == NULL || w.U == NULL || w.s == NULL ||
      w.Vt == NULL || w.sum == NULL || w.shifted == NULL || out->V == NULL ||
      out->s == NULL || out->Ut == NULL || out->bias == NULL)
    status = ufm__no_memory(error, "spectral start");
  if (status == UFM_OK)
    status = iterate(&w, rng, error);
  if (status == UFM_OK)
    status = triplets(&w, out, error);
  free(w.X);
  free(w.Y);
  free(w.U);
  free(w.s);
  free(w.Vt);
  free(w.sum);
  free(w.shifted);
  return status;
}
