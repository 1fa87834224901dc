/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hessian product by differentiating the two passes of the gradient along v:

     dY_m = dY_{m-1} W_m^T + Y_{m-1} V_m^T,
     dG_M = (second derivative of the loss) dY_M,
     out_m = dG_m^T Y_{m-1} + G_m^T dY_{m-1},   dG_{m-1} = dG_m W_m + G_m V_m,

   with V_m, V_H, v_b the parts of v.  Exact; six matrix products per layer,
   block by block of columns.  Y and G depend on the point alone: they are kept
   for as many blocks as there is room for, and made again, by two products per
   layer (one in the last), for the others. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "objective/internal.h"

static bool pieces_alloc(ufm__pieces *p, const ufm_layout *l, size_t columns)
{
  p->y = ufm__activations_new(l, l->M, columns);
  p->g = ufm__activations_new(l, l->M - 1, columns);
  return p->y != NULL && p->g != NULL;
}

/* How many of `blocks` blocks the room holds: all but the last are full. */
static size_t blocks_kept(const ufm_objective *objective, size_t blocks)
{
  const ufm_layout *l = objective->layout;
  size_t room = objective->tangents.room, width = l->K, full;

  for (size_t m = 1; m < l->M; m++)
    width += 2 * l->width[m];
  if (l->J <= room / width)
    return blocks;
  full = room / width / objective->block;
  return full < blocks ? full : blocks - 1;
}

static ufm_status alloc_tangents(ufm_objective *objective, ufm_error *error)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;
  size_t block = objective->block, blocks = l->J / block + (l->J % block != 0);
  bool got;

  if (t->at != NULL)
    return UFM_OK;
  t->kept = blocks_kept(objective, blocks);
  t->at = calloc(l->size, sizeof *t->at);
  t->dy = ufm__activations_new(l, l->M, block);
  t->pieces = calloc(t->kept + 1, sizeof *t->pieces);
  got = t->at != NULL && t->dy != NULL && t->pieces != NULL;
  for (size_t i = 0; got && i < blocks && i <= t->kept; i++)
    got = pieces_alloc(&t->pieces[i], l, block);
  if (got)
    return UFM_OK;
  ufm__tangents_clear(t, l->M);
  return ufm__no_memory(error, "Hessian product");
}

void ufm__tangents_clear(ufm__tangents *tangents, size_t M)
{
  for (size_t i = 0; tangents->pieces != NULL && i <= tangents->kept; i++) {
    ufm__activations_free(tangents->pieces[i].y, M);
    ufm__activations_free(tangents->pieces[i].g, M - 1);
  }
  ufm__activations_free(tangents->dy, M);
  free(tangents->pieces);
  free(tangents->at);
  *tangents = (ufm__tangents){.room = tangents->room};
}

/* G_m, m counted from 0. */
static double *loss_gradient(const ufm__pieces *p, size_t M, size_t m)
{
  return m + 1 < M ? p->g[m] : p->y[m];
}

/* Y_m and G_m of a block at x. */
static void set_pieces(ufm_objective *objective, const double *x, ufm__range r,
                       const ufm__pieces *p)
{
  const ufm_layout *l = objective->layout;
  double *row = p->y[l->M - 1];

  ufm__forward(objective, x, r, p->y);
  for (size_t j = r.first; j < r.first + r.count; j++, row += l->K) {
    double scale = objective->weight[j] * objective->scaling.logit_scale[j];

    ufm__column_logits(objective, x, j, row, row);
    objective->loss->gradient(objective->columns, j, row, row);
    ufm__scale(l->K, scale, row);
  }
  for (size_t m = l->M - 1; m > 0; m--)
    ufm__gemm(r.count, l->width[m], l->width[m + 1], loss_gradient(p, l->M, m),
              x + l->w[m], 0.0, p->g[m - 1]);
}

/* The pieces of block `i`, made where they are not there from before. */
static const ufm__pieces *get_pieces(ufm_objective *objective, const double *x,
                                     ufm__range r, size_t i)
{
  const ufm__tangents *t = &objective->tangents;
  const ufm__pieces *p = &t->pieces[i < t->kept ? i : t->kept];

  if (i >= t->kept || !t->valid)
    set_pieces(objective, x, r, p);
  return p;
}

static void tangent_forward(ufm_objective *objective, const double *x,
                            const double *v, ufm__range r, const ufm__pieces *p)
{
  const ufm_layout *l = objective->layout;
  double **tangent = objective->tangents.dy;
  size_t features = l->h + r.first * l->width[0];

  for (size_t m = 0; m < l->M; m++) {
    const double *y = m > 0 ? p->y[m - 1] : x + features;
    const double *dy = m > 0 ? tangent[m - 1] : v + features;

    ufm__gemm_nt(r.count, l->width[m + 1], l->width[m], dy, x + l->w[m], 0.0,
                 tangent[m]);
    ufm__gemm_nt(r.count, l->width[m + 1], l->width[m], y, v + l->w[m], 1.0,
                 tangent[m]);
  }
}

/* dY_M becomes dG_M, row by row. */
static void tangent_loss(ufm_objective *objective, const double *v,
                         ufm__range r, const ufm__pieces *p, double *out)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  const double *g = p->y[l->M - 1];
  double *row = objective->tangents.dy[l->M - 1];

  for (size_t j = r.first; j < r.first + r.count; j++, row += l->K, g += l->K) {
    double weight = objective->weight[j], scale = weight * s->logit_scale[j];

    ufm__column_logits(objective, v, j, row, row);
    for (size_t i = 0; i < l->K; i++)
      objective->logits[i] = g[i] / scale;
    objective->loss->hessian(objective->columns, j, objective->logits, row);
    for (size_t i = l->b; i < l->size; i++)
      out[i] += weight * s->b_scale * row[i - l->b];
    ufm__scale(l->K, scale, row);
  }
}

/* Adds what a block of columns gives to the product, from its dG_M. */
static void tangent_backward(ufm_objective *objective, const double *x,
                             const double *v, ufm__range r,
                             const ufm__pieces *p, double *out)
{
  const ufm_layout *l = objective->layout;
  double **tangent = objective->tangents.dy;
  size_t features = l->h + r.first * l->width[0];

  for (size_t m = l->M; m-- > 0;) {
    size_t rows = l->width[m + 1], cols = l->width[m];
    const double *y = m > 0 ? p->y[m - 1] : x + features;
    const double *dy = m > 0 ? tangent[m - 1] : v + features;
    const double *g = loss_gradient(p, l->M, m), *dg = tangent[m];
    /* dY_{m-1} has served: dG_{m-1} takes its place. */
    double *next = m > 0 ? tangent[m - 1] : out + features;

    if (!objective->fixed) {
      ufm__gemm_tn(rows, cols, r.count, dg, y, 1.0, out + l->w[m]);
      ufm__gemm_tn(rows, cols, r.count, g, dy, 1.0, out + l->w[m]);
    }
    ufm__gemm(r.count, cols, rows, dg, x + l->w[m], m > 0 ? 0.0 : 1.0, next);
    ufm__gemm(r.count, cols, rows, g, v + l->w[m], 1.0, next);
  }
}

ufm_status ufm_objective_hessian(ufm_objective *objective, const double *x,
                                 const double *v, double *out, ufm_error *error)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;
  ufm_status status = alloc_tangents(objective, error);
  ufm__range r = {0, 0};

  if (status != UFM_OK)
    return status;
  if (t->valid && memcmp(t->at, x, l->size * sizeof *x) != 0)
    t->valid = false;
  if (!t->valid)
    memcpy(t->at, x, l->size * sizeof *x);
  /* The penalties are quadratic: their Hessian times v is their gradient at v.
   */
  ufm_objective_penalty_gradient(objective, v, out);
  for (size_t i = 0; (r = ufm__next_block(objective, r)).count > 0; i++) {
    const ufm__pieces *p = get_pieces(objective, x, r, i);

    tangent_forward(objective, x, v, r, p);
    tangent_loss(objective, v, r, p, out);
    tangent_backward(objective, x, v, r, p, out);
  }
  t->valid = true;
  objective->evaluations.hessian_products++;
  return UFM_OK;
}
