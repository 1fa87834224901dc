/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A preconditioner for depth 1 with one column per class, derived in
   doc/mathematics.md, section "Preconditioner".  With D_ji the diagonal of the
   second derivative of the weighted loss in the network's output and G its
   gradient, the Hessian is

     sum_ji D_ji (x_i.h_j + y_j.w_i)^2 + 2 sum_ji G_ji x_i.y_j + penalties

   in changes x_i of w_i and y_j of h_j, up to the off-diagonal part of the
   loss. For cross entropy D_kk is about K times the other D_ji.  Kept are,
   class by class, the term D_kk as it is, the others as a multiple of the
   identity with the same trace, and half of G_kk: 2 d x 2 d blocks, each a 2 x
   2 matrix times the identity plus one of rank one.  Far from an optimum the 2
   x 2 matrix is indefinite and its absolute value is taken. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "objective/internal.h"

bool ufm_objective_preconditioned(const ufm_objective *objective)
{
  const ufm_columns *c = objective->columns;

  if (objective->layout->M != 1 || objective->fixed || c->J != c->K)
    return false;
  for (size_t j = 0; j < c->J; j++)
    if (c->label[j] != j)
      return false;
  return true;
}

void ufm__blocks_clear(ufm__blocks *b)
{
  free(b->at);
  free(b->numbers);
  *b = (ufm__blocks){0};
}

static ufm_status alloc_blocks(ufm_objective *objective, ufm_error *error)
{
  size_t K = objective->layout->K;
  ufm__blocks *b = &objective->blocks;

  if (b->at != NULL)
    return UFM_OK;
  b->at = calloc(objective->layout->size, sizeof *b->at);
  b->numbers = calloc(7 * K, sizeof *b->numbers);
  if (b->at == NULL || b->numbers == NULL) {
    ufm__blocks_clear(b);
    return ufm__no_memory(error, "preconditioner");
  }
  b->w_part = b->numbers;
  b->h_part = b->w_part + K;
  b->curvature = b->h_part + K;
  b->cross = b->curvature + K;
  b->bias = b->cross + K;
  b->w_square = b->bias + K;
  b->row = b->w_square + K;
  return UFM_OK;
}

void ufm__blocks_begin(ufm_objective *objective, const double *x)
{
  const ufm_layout *l = objective->layout;
  ufm__blocks *b = &objective->blocks;
  size_t d = l->width[0];

  if (b->at == NULL)
    return;
  b->valid = false;
  for (size_t i = 0; i < l->K; i++) {
    const double *w = x + l->w[0] + i * d;

    b->w_square[i] = ufm__dot(d, w, w);
    b->w_part[i] = b->bias[i] = 0.0;
  }
}

void ufm__blocks_column(ufm_objective *objective, const double *x, size_t j,
                        const double *gradient)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  ufm__blocks *b = &objective->blocks;
  const double *h = x + l->h + j * l->width[0];
  double weight = objective->weight[j], scale = weight * s->logit_scale[j];
  double h_square, *D = b->row;

  if (b->at == NULL)
    return;
  objective->loss->diagonal(objective->columns, j, gradient, D);
  for (size_t i = 0; i < l->K; i++)
    b->bias[i] += weight * s->b_scale * s->b_scale * D[i];
  ufm__scale(l->K, scale * s->logit_scale[j], D);
  b->curvature[j] = D[j];
  b->cross[j] = scale * gradient[j];
  D[j] = 0.0;
  h_square = ufm__dot(l->width[0], h, h);
  ufm__axpy(l->K, h_square, D, b->w_part);
  b->h_part[j] = ufm__dot(l->K, D, b->w_square);
}

/* The eigenvalues sqrt(ab) (1 +- c/sqrt(ab)) of [a c; c b], in variables that
   make its diagonal equal, become their absolute values, at least `least`
   sqrt(ab): directions of negative curvature are left as fast as the curvature
   is large (Dauphin et al., arXiv 1406.2572). */
static void absolute(double *a, double *b, double *c)
{
  const double least = 0.7; /* of 0.5 to 1 the best on runs of bench/solve.c */
  double size = sqrt(*a * *b);
  double plus = fmax(fabs(1.0 + *c / size), least);
  double minus = fmax(fabs(1.0 - *c / size), least);

  *a *= 0.5 * (plus + minus);
  *b *= 0.5 * (plus + minus);
  *c = 0.5 * size * (plus - minus);
}

void ufm__blocks_end(ufm_objective *objective, const double *x)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  ufm__blocks *b = &objective->blocks;
  double rank, largest = 0.0;

  if (b->at == NULL)
    return;
  rank = (double)(l->width[0] < l->K ? l->width[0] : l->K);
  for (size_t k = 0; k < l->K; k++) {
    b->w_part[k] = s->w_penalty[0] + b->w_part[k] / rank;
    b->h_part[k] = s->h_penalty[k] + b->h_part[k] / rank;
    b->cross[k] *= 0.5;
    absolute(&b->w_part[k], &b->h_part[k], &b->cross[k]);
    largest = fmax(largest, b->bias[k]);
  }
  for (size_t k = 0; k < l->K; k++)
    b->bias[k] += s->b_penalty + 1e-3 * largest;
  memcpy(b->at, x, l->size * sizeof *x);
  b->valid = true;
}

ufm_status ufm_objective_precondition_at(ufm_objective *objective,
                                         const double *x, ufm_error *error)
{
  ufm__blocks *b = &objective->blocks;
  ufm_status status;

  if (!ufm_objective_preconditioned(objective))
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "preconditioner: want depth 1, a free classifier and one "
                     "column per class");
  status = alloc_blocks(objective, error);
  if (status != UFM_OK || x == NULL)
    return status;
  if (!b->valid || memcmp(b->at, x, objective->layout->size * sizeof *x) != 0) {
    ufm__range r = {0, 0};

    ufm__blocks_begin(objective, x);
    while ((r = ufm__next_block(objective, r)).count > 0) {
      ufm__forward(objective, x, r, objective->y);
      ufm__loss_gradients(objective, x, r, NULL);
    }
    ufm__blocks_end(objective, x);
    objective->evaluations.values++;
  }
  return UFM_OK;
}

/* One class: z = M^{-1} r with M = [A C; C B] x I + D q q^T, q = (h, w), by the
   formula of Sherman and Morrison. */
static void solve_class(const ufm__blocks *b, size_t k, size_t d,
                        const double *w, const double *h, const double *r_w,
                        const double *r_h, double *z_w, double *z_h)
{
  double A = b->w_part[k], B = b->h_part[k], C = b->cross[k];
  double det = A * B - C * C, ww = B / det, wh = -C / det, hh = A / det;
  double q = ww * ufm__dot(d, h, h) + 2.0 * wh * ufm__dot(d, h, w) +
             hh * ufm__dot(d, w, w);
  double t;

  for (size_t i = 0; i < d; i++) {
    z_w[i] = ww * r_w[i] + wh * r_h[i];
    z_h[i] = wh * r_w[i] + hh * r_h[i];
  }
  t = (ufm__dot(d, h, z_w) + ufm__dot(d, w, z_h)) * b->curvature[k] /
      (1.0 + b->curvature[k] * q);
  ufm__axpy(d, -t * ww, h, z_w);
  ufm__axpy(d, -t * wh, w, z_w);
  ufm__axpy(d, -t * wh, h, z_h);
  ufm__axpy(d, -t * hh, w, z_h);
}

void ufm_objective_precondition(const ufm_objective *objective, const double *r,
                                double *z)
{
  const ufm_layout *l = objective->layout;
  const ufm__blocks *b = &objective->blocks;
  size_t d = l->width[0];

  for (size_t k = 0; k < l->K; k++) {
    size_t w = l->w[0] + k * d, h = l->h + k * d;

    solve_class(b, k, d, b->at + w, b->at + h, r + w, r + h, z + w, z + h);
  }
  for (size_t i = l->b; i < l->size; i++)
    z[i] = r[i] / b->bias[i - l->b];
}
