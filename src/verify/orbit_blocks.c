/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cblas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>

#include "core/error.h"
#include "verify/orbit_blocks.h"

/* Numbers in all blocks that are worthwhile.  Columns of labels have no
   boundary layers: conjugate gradients are faster there without. */
enum { MOST_NUMBERS = 1 << 24 };

ufm_status ufm__orbit_blocks_init(ufm__orbit_blocks *out,
                                  const ufm__orbit_model *m, ufm_error *error)
{
  size_t n = m->r + 2;

  *out = (ufm__orbit_blocks){0};
  if (m->orbits->inner == 0 ||
      (double)m->C * (double)n * (double)n > MOST_NUMBERS)
    return UFM_OK;
  out->first = calloc(m->C + 1, sizeof *out->first);
  out->block = calloc(m->C, n * n * sizeof *out->block);
  out->diagonal = calloc(m->size, sizeof *out->diagonal);
  out->entry = calloc(m->G + 2, n * sizeof *out->entry);
  out->work = calloc(n, sizeof *out->work);
  if (out->first == NULL || out->block == NULL || out->diagonal == NULL ||
      out->entry == NULL || out->work == NULL) {
    ufm__orbit_blocks_clear(out);
    return ufm__no_memory(error, "verify: preconditioner");
  }
  return UFM_OK;
}

void ufm__orbit_blocks_clear(ufm__orbit_blocks *s)
{
  free(s->first);
  free(s->block);
  free(s->diagonal);
  free(s->entry);
  free(s->work);
  *s = (ufm__orbit_blocks){0};
}

/* What each logit of orbit c changes by with its n balanced numbers: rows of
   s->entry, minus their mean (ce), times the root of their curvature. */
static void fill_entries(const ufm__orbit_blocks *s,
                         const ufm__orbit_curvature *c, size_t j, size_t n)
{
  const ufm__orbit_model *m = c->model;
  const ufm_column_orbit *column = &m->column[j];
  const double *p = c->p + j * ufm__orbit_entries(m);
  size_t rows = m->G + column->marks, contrasts = n - m->r;

  for (size_t e = 0; e < rows; e++) {
    size_t u = e < m->G ? e : column->group[e - m->G];
    double *a = s->entry + e * n;

    memset(a, 0, n * sizeof *a);
    for (size_t k = 0; k < contrasts; k++) {
      size_t q = column->contrast + k;

      for (size_t l = 0; l < column->marks; l++)
        if (column->group[l] == u)
          a[k] += m->contrast[q].alpha[l] *
                  ((e == m->G + l ? 1.0 : 0.0) - 1.0 / (double)m->classes[u]);
      a[k] *= c->x[m->w + u] * c->scale[m->h + q];
    }
    for (size_t k = 0; k < m->r; k++)
      a[contrasts + k] =
          c->x[m->v + u * m->r + k] * c->scale[m->y + j * m->r + k];
  }
  for (size_t k = 0; k < n; k++) {
    double mean = 0.0;

    for (size_t e = 0; e < rows && m->loss == UFM_LOSS_CE; e++)
      mean += p[e] * s->entry[e * n + k];
    for (size_t e = 0; e < rows; e++)
      s->entry[e * n + k] =
          sqrt(c->share[j] * p[e]) * (s->entry[e * n + k] - mean);
  }
}

static bool factorise(ufm__orbit_blocks *s, const ufm__orbit_curvature *c,
                      size_t j, size_t n)
{
  size_t rows = c->model->G + c->model->column[j].marks;
  double *block = s->block + s->first[j];
  gsl_matrix_view view;

  s->first[j + 1] = s->first[j] + n * n;
  if (n == 0)
    return true;
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)n,
              (int)rows, 1.0, s->entry, (int)n, s->entry, (int)n, 0.0, block,
              (int)n);
  for (size_t k = 0; k < n; k++) {
    block[k * n + k] += c->kappa;
    if (!isfinite(block[k * n + k]))
      return false;
  }
  view = gsl_matrix_view_array(block, n, n);
  return gsl_linalg_cholesky_decomp1(&view.matrix) == GSL_SUCCESS;
}

/* The part of orbit j in the diagonal: entries u of v and b move all logits of
   group u, w_u those of the marks in it. */
static void add_diagonal(ufm__orbit_blocks *s, const ufm__orbit_curvature *c,
                         size_t j)
{
  const ufm__orbit_model *m = c->model;
  const ufm_column_orbit *column = &m->column[j];
  const double *p = c->p + j * ufm__orbit_entries(m);
  const double *y = c->x + m->y + j * m->r;
  bool ce = m->loss == UFM_LOSS_CE;
  double a[2] = {0.0, 0.0};

  for (size_t q = column->contrast; q < ufm__orbit_contrasts_end(m, j); q++)
    for (size_t l = 0; l < 2; l++)
      a[l] += m->contrast[q].alpha[l] * c->x[m->h + q];
  for (size_t u = 0; u < m->G; u++) {
    double share = p[u], rest = 0.0, sum, squares;

    for (size_t l = 0; l < column->marks; l++)
      if (column->group[l] == u)
        rest -= a[l] / (double)m->classes[u];
    sum = share * rest;
    squares = sum * rest;
    for (size_t l = 0; l < column->marks; l++)
      if (column->group[l] == u) {
        double weight = p[m->G + l], change = rest + a[l];

        share += weight;
        sum += weight * change;
        squares += weight * change * change;
      }
    if (ce) {
      share *= fmax(1.0 - share, 0.0);
      squares = fmax(squares - sum * sum, 0.0);
    }
    s->diagonal[m->w + u] += c->share[j] * squares;
    for (size_t k = 0; k < m->r; k++)
      s->diagonal[m->v + u * m->r + k] += c->share[j] * share * y[k] * y[k];
    if (m->b < m->size)
      s->diagonal[m->b + u] += c->share[j] * share;
  }
}

void ufm__orbit_blocks_at(ufm__orbit_blocks *s, const ufm__orbit_curvature *c)
{
  const ufm__orbit_model *m = c->model;
  double largest = 0.0;

  s->valid = s->block != NULL;
  if (!s->valid)
    return;
  memset(s->diagonal, 0, m->size * sizeof *s->diagonal);
  for (size_t j = 0; s->valid && j < m->C; j++) {
    size_t n = m->r + ufm__orbit_contrasts_end(m, j) - m->column[j].contrast;

    fill_entries(s, c, j, n);
    add_diagonal(s, c, j);
    s->valid = factorise(s, c, j, n);
  }
  for (size_t i = 0; i < m->size; i++)
    s->diagonal[i] *= c->scale[i] * c->scale[i];
  for (size_t i = 0; i < m->b; i++)
    s->diagonal[i] += c->kappa;
  for (size_t i = m->b; i < m->size; i++)
    largest = fmax(largest, s->diagonal[i]);
  if (!(largest > 0.0)) /* one group: no probability moves with its bias */
    largest = 1.0;
  for (size_t i = m->b; i < m->size; i++)
    s->diagonal[i] += c->ridge[i - m->b] + 1e-3 * largest;
}

static void solve(size_t n, const double *factor, double *x)
{
  if (n > 0) {
    gsl_matrix_const_view a = gsl_matrix_const_view_array(factor, n, n);
    gsl_vector_view b = gsl_vector_view_array(x, n);

    (void)gsl_linalg_cholesky_svx(&a.matrix, &b.vector);
  }
}

void ufm__orbit_blocks_apply(const ufm__orbit_blocks *s,
                             const ufm__orbit_model *m, const double *r,
                             double *z)
{
  memcpy(z, r, m->size * sizeof *z);
  if (!s->valid)
    return;
  for (size_t i = 0; i < m->size; i++)
    z[i] /= s->diagonal[i]; /* those of h and y are not these */
  for (size_t j = 0; j < m->C; j++) {
    size_t h = m->h + m->column[j].contrast, y = m->y + j * m->r;
    size_t contrasts = m->h + ufm__orbit_contrasts_end(m, j) - h;
    size_t n = contrasts + m->r;

    memcpy(s->work, r + h, contrasts * sizeof *z);
    memcpy(s->work + contrasts, r + y, m->r * sizeof *z);
    solve(n, s->block + s->first[j], s->work);
    memcpy(z + h, s->work, contrasts * sizeof *z);
    memcpy(z + y, s->work + contrasts, m->r * sizeof *z);
  }
}
