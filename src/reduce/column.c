/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an invariant point says of one column (doc/orbits.md, section 3). */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/reduce.h>

#include "core/number.h"
#include "linalg/blas.h"

void ufm_reduce_column(const ufm_orbits *o, size_t c, double *norm,
                       double mark[2], double *rest)
{
  const ufm_column_orbit *column = &o->column[c];
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;
  const double *y = o->x + o->y + c * o->r, *w = o->x + o->w;
  double a[2] = {0.0, 0.0}, square = 0.0;

  for (size_t q = column->contrast; q < end; q++)
    for (size_t l = 0; l < 2; l++)
      a[l] += (double)o->contrast[q].alpha[l] * o->x[o->h + q];
  for (size_t u = 0; u < o->G; u++)
    rest[u] = ufm__dot(o->r, o->x + o->v + u * o->r, y) +
              (o->b < o->length ? o->x[o->b + u] : 0.0);
  for (size_t l = 0; l < column->marks; l++) {
    size_t u = column->group[l];

    rest[u] -= w[u] * a[l] / (double)o->size[u];
    square += a[l] * a[l] * (1.0 - 1.0 / (double)o->size[u]);
  }
  for (size_t l = 0; l < column->marks; l++)
    mark[l] = rest[column->group[l]] + w[column->group[l]] * a[l];
  if (column->marks == 2 && column->group[0] == column->group[1])
    square -= 2.0 * a[0] * a[1] / (double)o->size[column->group[0]];
  *norm = hypot(sqrt(fmax(square, 0.0)), ufm__norm(o->r, y));
}

void ufm_reduce_contrasts(const ufm_orbits *o, double *out)
{
  memset(out, 0, o->G * sizeof *out);
  for (size_t q = 0; q < o->Q; q++) {
    const ufm_contrast *contrast = &o->contrast[q];
    double nu = ufm__rational_double(o->column[contrast->column].nu);
    double part = sqrt(nu * (double)contrast->times) * o->x[o->h + q];

    out[contrast->group] = hypot(out[contrast->group], part);
  }
}
