/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hessian product by differentiating the two passes of the gradient along v:

     dY_m = dY_{m-1} W_m^T + Y_{m-1} V_m^T,
     dG_M = (second derivative of the loss) dY_M,
     out_m = dG_m^T Y_{m-1} + G_m^T dY_{m-1},   dG_{m-1} = dG_m W_m + G_m V_m,

   with V_m, V_H, v_b the parts of v.  Exact; six matrix products per layer. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "objective/internal.h"

static ufm_status alloc_tangents(ufm_objective *objective, ufm_error *error)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;

  if (t->at != NULL)
    return UFM_OK;
  t->at = calloc(l->size, sizeof *t->at);
  t->y = ufm__activations_new(l, l->J);
  t->g = ufm__activations_new(l, l->J);
  t->dy = ufm__activations_new(l, l->J);
  t->curvature = calloc(l->J * l->K, sizeof *t->curvature);
  if (t->at != NULL && t->y != NULL && t->g != NULL && t->dy != NULL &&
      t->curvature != NULL)
    return UFM_OK;
  ufm__tangents_clear(t, l->M);
  return ufm__no_memory(error, "Hessian product");
}

void ufm__tangents_clear(ufm__tangents *tangents, size_t M)
{
  ufm__activations_free(tangents->y, M);
  ufm__activations_free(tangents->g, M);
  ufm__activations_free(tangents->dy, M);
  free(tangents->at);
  free(tangents->curvature);
  *tangents = (ufm__tangents){0};
}

/* Y_m, G_m and the curvature of the loss at x. */
static void set_point(ufm_objective *objective, const double *x)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;
  double *g = t->g[l->M - 1];

  if (t->valid && memcmp(t->at, x, l->size * sizeof *x) == 0)
    return;
  memcpy(t->at, x, l->size * sizeof *x);
  ufm__forward(objective, x, (ufm__range){0, l->J}, t->y);
  memcpy(g, t->y[l->M - 1], l->J * l->K * sizeof *g);
  for (size_t j = 0; j < l->J; j++, g += l->K) {
    double scale = objective->weight[j] * objective->scaling.logit_scale[j];

    ufm__column_logits(objective, x, j, g, g);
    objective->loss->gradient(objective->columns, j, g, g,
                              t->curvature + j * l->K);
    ufm__scale(l->K, scale, g);
  }
  for (size_t m = l->M - 1; m > 0; m--)
    ufm__gemm(l->J, l->width[m], l->width[m + 1], t->g[m], x + l->w[m], 0.0,
              t->g[m - 1]);
  t->valid = true;
}

static void tangent_forward(ufm_objective *objective, const double *x,
                            const double *v)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;

  for (size_t m = 0; m < l->M; m++) {
    const double *y = m > 0 ? t->y[m - 1] : x + l->h;
    const double *dy = m > 0 ? t->dy[m - 1] : v + l->h;

    ufm__gemm_nt(l->J, l->width[m + 1], l->width[m], dy, x + l->w[m], 0.0,
                 t->dy[m]);
    ufm__gemm_nt(l->J, l->width[m + 1], l->width[m], y, v + l->w[m], 1.0,
                 t->dy[m]);
  }
}

/* dY_M becomes dG_M, row by row. */
static void tangent_loss(ufm_objective *objective, const double *v, double *out)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;
  const ufm__scaling *s = &objective->scaling;
  double *row = t->dy[l->M - 1];

  for (size_t j = 0; j < l->J; j++, row += l->K) {
    double weight = objective->weight[j];

    ufm__column_logits(objective, v, j, row, row);
    objective->loss->hessian(l->K, t->curvature + j * l->K, row);
    for (size_t i = l->b; i < l->size; i++)
      out[i] += weight * s->b_scale * row[i - l->b];
    ufm__scale(l->K, weight * s->logit_scale[j], row);
  }
}

ufm_status ufm_objective_hessian(ufm_objective *objective, const double *x,
                                 const double *v, double *out, ufm_error *error)
{
  const ufm_layout *l = objective->layout;
  ufm__tangents *t = &objective->tangents;
  ufm_status status = alloc_tangents(objective, error);

  if (status != UFM_OK)
    return status;
  set_point(objective, x);
  /* The penalties are quadratic: their Hessian times v is their gradient at v.
   */
  ufm_objective_penalty_gradient(objective, v, out);
  tangent_forward(objective, x, v);
  tangent_loss(objective, v, out);
  for (size_t m = l->M; m-- > 0;) {
    size_t rows = l->width[m + 1], cols = l->width[m];
    const double *y = m > 0 ? t->y[m - 1] : x + l->h;
    const double *dy = m > 0 ? t->dy[m - 1] : v + l->h;
    double *dg = t->dy[m];

    if (!objective->fixed) {
      ufm__gemm_tn(rows, cols, l->J, dg, y, 1.0, out + l->w[m]);
      ufm__gemm_tn(rows, cols, l->J, t->g[m], dy, 1.0, out + l->w[m]);
    }
    /* dY_{m-1} has served: dG_{m-1} takes its place. */
    ufm__gemm(l->J, cols, rows, dg, x + l->w[m], m > 0 ? 0.0 : 1.0,
              m > 0 ? t->dy[m - 1] : out + l->h);
    ufm__gemm(l->J, cols, rows, t->g[m], v + l->w[m], 1.0,
              m > 0 ? t->dy[m - 1] : out + l->h);
  }
  objective->evaluations.hessian_products++;
  return UFM_OK;
}
