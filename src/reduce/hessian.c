/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hessian products: the gradient's formulas (doc/orbits.md, section 3),
   differentiated. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "linalg/sums.h"
#include "reduce/column_blocks.h"
#include "reduce/hessian.h"

/* Numbers in all blocks that are worthwhile. */
enum { MOST_NUMBERS = 1 << 24 };

bool ufm__reduced_hessian_pays(const ufm_orbits *o)
{
  double n = (double)o->r + 2.0;

  return (double)o->C * n * n <= MOST_NUMBERS;
}

ufm_status ufm__reduced_hessian_init(ufm__reduced_hessian *out, ufm__reduced *f,
                                     ufm_error *error)
{
  const ufm_orbits *o = f->orbits;
  size_t G = o->G, C = o->C, n = o->r + 2;

  *out = (ufm__reduced_hessian){.f = f};
  out->x = calloc(o->length, sizeof *out->x);
  out->g = calloc(o->length, sizeof *out->g);
  out->z = calloc(G, C * sizeof *out->z);
  out->dx = calloc(o->length, sizeof *out->dx);
  out->dz = calloc(G, C * sizeof *out->dz);
  out->rest = calloc(G, sizeof *out->rest);
  out->work = calloc(n, sizeof *out->work);
  out->entry = calloc(G + 2, n * sizeof *out->entry);
  out->first = calloc(C + 1, sizeof *out->first);
  out->block = calloc(C, n * n * sizeof *out->block);
  out->diagonal = calloc(o->length, sizeof *out->diagonal);
  f->R = calloc(C, 2 * sizeof *f->R);
  f->probability = calloc(C, (G + 2) * sizeof *f->probability);
  if (out->x == NULL || out->g == NULL || out->z == NULL || out->dx == NULL ||
      out->dz == NULL || out->rest == NULL || out->work == NULL ||
      out->entry == NULL || out->first == NULL || out->block == NULL ||
      out->diagonal == NULL || f->R == NULL || f->probability == NULL) {
    ufm__reduced_hessian_clear(out);
    return ufm__no_memory(error, "Hessian of the reduced objective");
  }
  return UFM_OK;
}

void ufm__reduced_hessian_clear(ufm__reduced_hessian *s)
{
  free(s->x);
  free(s->g);
  free(s->z);
  free(s->dx);
  free(s->dz);
  free(s->rest);
  free(s->work);
  free(s->entry);
  free(s->first);
  free(s->block);
  free(s->diagonal);
  if (s->f != NULL) {
    free(s->f->R);
    free(s->f->probability);
    s->f->R = s->f->probability = NULL;
  }
  *s = (ufm__reduced_hessian){0};
}

bool ufm__reduced_hessian_at(ufm__reduced_hessian *s, const double *x)
{
  const ufm_orbits *o = s->f->orbits;

  ufm__reduced_value(s->f, x, s->g);
  memcpy(s->x, s->f->x, o->length * sizeof *s->x);
  memcpy(s->z, s->f->z, o->G * o->C * sizeof *s->z);
  return ufm__column_blocks(s);
}

/* Changes of the logits of column c into `own` and s->rest, from those of v_u .
   y_c in s->dz. */
static void logit_changes(ufm__reduced_hessian *s, size_t c, double own[2])
{
  const ufm__reduced *f = s->f;
  const ufm_orbits *o = f->orbits;
  const ufm_column_orbit *column = &o->column[c];
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;
  double rho[2] = {0.0, 0.0};

  for (size_t q = column->contrast; q < end; q++)
    for (size_t l = 0; l < column->marks; l++) {
      size_t w = o->w + column->group[l];

      rho[l] += (double)o->contrast[q].alpha[l] *
                (s->dx[o->h + q] * s->x[w] + s->x[o->h + q] * s->dx[w]);
    }
  for (size_t u = 0; u < o->G; u++)
    s->rest[u] =
        s->dz[u * o->C + c] + (o->b < o->length ? s->dx[o->b + u] : 0.0);
  for (size_t l = 0; l < column->marks; l++)
    s->rest[column->group[l]] -= rho[l] / f->size[column->group[l]];
  for (size_t l = 0; l < column->marks; l++)
    own[l] = s->rest[column->group[l]] + rho[l];
}

/* Changes of logits to changes of residuals: -(dl - p.dl) p for ce, -dl for
   mse.  Column c is unmarked. */
static void residual_changes(ufm__reduced_hessian *s, size_t c, double own[2])
{
  const ufm__reduced *f = s->f;
  size_t G = f->orbits->G, marks = f->orbits->column[c].marks;
  const double *p = f->probability + c * (G + 2);
  double mean = 0.0;

  if (f->loss == UFM_LOSS_MSE) {
    ufm__scale(G, -1.0, s->rest);
    ufm__scale(2, -1.0, own);
    return;
  }
  for (size_t u = 0; u < G; u++)
    mean += f->many[u] * p[u] * s->rest[u];
  for (size_t l = 0; l < marks; l++)
    mean += p[G + l] * own[l];
  for (size_t u = 0; u < G; u++)
    s->rest[u] = -p[u] * (s->rest[u] - mean);
  for (size_t l = 0; l < marks; l++)
    own[l] = -p[G + l] * (own[l] - mean);
}

/* The part of column c in the product by w and h, and column c of s->dz. */
static void add_column(ufm__reduced_hessian *s, size_t c, double *out)
{
  ufm__reduced *f = s->f;
  const ufm_orbits *o = f->orbits;
  const ufm_column_orbit *column = &o->column[c];
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;
  double own[2] = {0.0, 0.0}, dR[2], *dz = s->dz + c;

  logit_changes(s, c, own);
  ufm__reduced_unmark(f, c);
  residual_changes(s, c, own);
  for (size_t u = 0; u < o->G; u++)
    dz[u * o->C] = -f->mass[c] * f->many[u] * s->rest[u];
  for (size_t l = 0; l < column->marks; l++)
    dz[column->group[l] * o->C] -= f->mass[c] * own[l];
  ufm__reduced_project(f, c, own, s->rest, dR);
  ufm__reduced_mark(f, c);
  for (size_t q = column->contrast; q < end; q++) {
    const int *alpha = o->contrast[q].alpha;
    size_t w = o->w + o->contrast[q].group, h = o->h + q;
    double sum = alpha[0] * f->R[2 * c] + alpha[1] * f->R[2 * c + 1];
    double change = alpha[0] * dR[0] + alpha[1] * dR[1];

    out[w] -= change * s->x[h] + sum * s->dx[h];
    out[h] = -(change * s->x[w] + sum * s->dx[w]);
  }
}

void ufm__reduced_hessian_product(ufm__reduced_hessian *s, const double *v,
                                  double *out)
{
  const ufm__reduced *f = s->f;
  const ufm_orbits *o = f->orbits;
  size_t G = o->G, C = o->C, r = o->r;

  s->products++;
  ufm__reduced_to_plain(f, v, s->dx);
  memset(s->dz, 0, G * C * sizeof *s->dz);
  memset(out, 0, o->length * sizeof *out);
  if (r > 0) {
    ufm__gemm_nt(G, C, r, s->dx + o->v, s->x + o->y, 0.0, s->dz);
    ufm__gemm_nt(G, C, r, s->x + o->v, s->dx + o->y, 1.0, s->dz);
  }
  for (size_t c = 0; c < C; c++)
    add_column(s, c, out);
  if (r > 0) {
    ufm__gemm(G, r, C, s->dz, s->x + o->y, 0.0, out + o->v);
    ufm__gemm(G, r, C, s->z, s->dx + o->y, 1.0, out + o->v);
    ufm__gemm_tn(C, r, G, s->dz, s->x + o->v, 0.0, out + o->y);
    ufm__gemm_tn(C, r, G, s->z, s->dx + o->v, 1.0, out + o->y);
  }
  for (size_t u = 0; o->b < o->length && u < G; u++)
    out[o->b + u] = ufm__sum(C, s->dz + u * C);
  for (size_t i = 0; i < o->length; i++)
    out[i] = f->scale[i] * out[i] +
             (i < o->b ? f->kappa : f->ridge[i - o->b]) * v[i];
  ufm__reduced_fix_gauge(f, out);
}
