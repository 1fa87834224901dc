/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preconditioner of the reduced objective: with logits l_i of a column, of
   multiplicities m_i (1 for cross entropy: probabilities, those of a group
   together), the second derivative of the weighted loss in variables that move
   l_i by a_i is

     N_c pi_c sum_i m_i (a_i - abar)(a_i - abar)^T,   abar = sum_i m_i a_i,

   abar absent for squared error: sums of squares, nothing cancels. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "linalg/blas.h"
#include "linalg/cholesky.h"
#include "reduce/column_blocks.h"

static size_t number_of_contrasts(const ufm_orbits *o, size_t c)
{
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;

  return end - o->column[c].contrast;
}

/* Weight of entry i of column c: groups, then marks; column c is unmarked. */
static double weight(const ufm__reduced_hessian *s, size_t c, size_t i)
{
  const ufm__reduced *f = s->f;
  size_t G = f->orbits->G;
  double many = i < G ? f->many[i] : 1.0;

  return f->loss == UFM_LOSS_MSE ? many
                                 : many * f->probability[c * (G + 2) + i];
}

/* Rows a_i of column c in its contrasts and y, balanced, n numbers each, into
   s->entry. */
static void logit_derivatives(ufm__reduced_hessian *s, size_t c, size_t n)
{
  const ufm__reduced *f = s->f;
  const ufm_orbits *o = f->orbits;
  const ufm_column_orbit *column = &o->column[c];
  size_t G = o->G, contrasts = n - o->r;
  const double *scale = f->scale + o->y + c * o->r;

  for (size_t i = 0; i < G + column->marks; i++) {
    size_t u = i < G ? i : column->group[i - G];
    double *a = s->entry + i * n;

    for (size_t k = 0; k < contrasts; k++) {
      size_t q = column->contrast + k;

      a[k] = 0.0;
      for (size_t l = 0; l < column->marks; l++)
        if (column->group[l] == u)
          a[k] += o->contrast[q].alpha[l] *
                  ((i == G + l ? 1.0 : 0.0) - 1.0 / f->size[u]);
      a[k] *= s->x[o->w + u] * f->scale[o->h + q];
    }
    for (size_t k = 0; k < o->r; k++)
      a[contrasts + k] = s->x[o->v + u * o->r + k] * scale[k];
  }
}

/* a_i - abar, times the root of the weight. */
static void centre_entries(ufm__reduced_hessian *s, size_t c, size_t n)
{
  const ufm__reduced *f = s->f;
  size_t rows = f->orbits->G + f->orbits->column[c].marks;

  for (size_t k = 0; k < n; k++) {
    double mean = 0.0;

    for (size_t i = 0; i < rows && f->loss == UFM_LOSS_CE; i++)
      mean += weight(s, c, i) * s->entry[i * n + k];
    for (size_t i = 0; i < rows; i++) {
      double *a = &s->entry[i * n + k];

      *a = sqrt(f->mass[c] * weight(s, c, i)) * (*a - mean);
    }
  }
}

static bool factorise(ufm__reduced_hessian *s, size_t c, size_t n)
{
  size_t rows = s->f->orbits->G + s->f->orbits->column[c].marks;
  double *block = s->block + s->first[c];

  s->first[c + 1] = s->first[c] + n * n;
  ufm__gemm_tn(n, n, rows, s->entry, s->entry, 0.0, block);
  for (size_t k = 0; k < n; k++)
    block[k * n + k] += s->f->kappa;
  return ufm__cholesky(n, block);
}

/* Adds the part of column c to the diagonal of w, v and b, plain.  Entry u of v
   and b moves all logits of its group, w_u those of the marks in it. */
static void add_diagonal(ufm__reduced_hessian *s, size_t c)
{
  const ufm__reduced *f = s->f;
  const ufm_orbits *o = f->orbits;
  const ufm_column_orbit *column = &o->column[c];
  size_t G = o->G, end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;
  const double *y = s->x + o->y + c * o->r;
  double a[2] = {0.0, 0.0};

  for (size_t q = column->contrast; q < end; q++)
    for (size_t l = 0; l < column->marks; l++)
      a[l] += o->contrast[q].alpha[l] * s->x[o->h + q];
  for (size_t u = 0; u < G; u++) {
    double share = weight(s, c, u), spread, sum = 0.0, squares = 0.0;
    double rest = 0.0; /* change of the unmarked logits with w_u */

    for (size_t l = 0; l < column->marks; l++)
      if (column->group[l] == u)
        rest -= a[l] / f->size[u];
    sum = share * rest;
    squares = share * rest * rest;
    for (size_t l = 0; l < column->marks; l++)
      if (column->group[l] == u) {
        double m = weight(s, c, G + l), change = rest + a[l];

        share += m;
        sum += m * change;
        squares += m * change * change;
      }
    spread = f->loss == UFM_LOSS_CE ? share * fmax(1.0 - share, 0.0) : share;
    if (f->loss == UFM_LOSS_CE)
      squares = fmax(squares - sum * sum, 0.0);
    s->diagonal[o->w + u] += f->mass[c] * squares;
    for (size_t k = 0; k < o->r; k++)
      s->diagonal[o->v + u * o->r + k] += f->mass[c] * spread * y[k] * y[k];
    if (o->b < o->length)
      s->diagonal[o->b + u] += f->mass[c] * spread;
  }
}

/* Balanced, with the penalties; without one the bias may have no curvature. */
static void finish_diagonal(ufm__reduced_hessian *s)
{
  const ufm__reduced *f = s->f;
  const ufm_orbits *o = f->orbits;
  double largest = 0.0;

  for (size_t i = 0; i < o->length; i++)
    s->diagonal[i] *= f->scale[i] * f->scale[i];
  for (size_t i = 0; i < o->b; i++)
    s->diagonal[i] += f->kappa;
  for (size_t i = o->b; i < o->length; i++)
    largest = fmax(largest, s->diagonal[i]);
  if (!(largest > 0.0)) /* one group: no probability moves with its bias */
    largest = 1.0;
  for (size_t i = o->b; i < o->length; i++)
    s->diagonal[i] += f->ridge[i - o->b] + 1e-3 * largest;
}

bool ufm__column_blocks(ufm__reduced_hessian *s)
{
  const ufm_orbits *o = s->f->orbits;
  bool good = true;

  memset(s->diagonal, 0, o->length * sizeof *s->diagonal);
  for (size_t c = 0; good && c < o->C; c++) {
    size_t n = o->r + number_of_contrasts(o, c);

    ufm__reduced_unmark(s->f, c);
    logit_derivatives(s, c, n);
    centre_entries(s, c, n);
    add_diagonal(s, c);
    ufm__reduced_mark(s->f, c);
    good = factorise(s, c, n);
  }
  finish_diagonal(s);
  return good;
}

void ufm__reduced_hessian_precondition(ufm__reduced_hessian *s, const double *r,
                                       double *z)
{
  const ufm_orbits *o = s->f->orbits;

  memcpy(z, r, o->length * sizeof *z);
  ufm__reduced_fix_gauge(s->f, z); /* before and after: P stays symmetric */
  for (size_t i = 0; i < o->length; i++)
    z[i] /= s->diagonal[i]; /* those of h and y are not these */
  for (size_t c = 0; c < o->C; c++) {
    size_t h = o->h + o->column[c].contrast, y = o->y + c * o->r;
    size_t contrasts = number_of_contrasts(o, c), n = contrasts + o->r;

    memcpy(s->work, r + h, contrasts * sizeof *r);
    memcpy(s->work + contrasts, r + y, o->r * sizeof *r);
    ufm__cholesky_solve(n, s->block + s->first[c], s->work);
    memcpy(z + h, s->work, contrasts * sizeof *r);
    memcpy(z + y, s->work + contrasts, o->r * sizeof *r);
  }
  ufm__reduced_fix_gauge(s->f, z);
}
