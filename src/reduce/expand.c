/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an invariant point to a full one. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/reduce.h>

#include "core/error.h"

/* Dimensions the point needs: r, and K_g - 1 for each group whose contrasts
   are not 0. */
static size_t dimensions(const ufm_orbits *o)
{
  size_t d = o->r;

  for (size_t g = 0; g < o->G; g++)
    if (o->x[o->w + g] != 0.0 && o->x[o->h + g] != 0.0)
      d += o->size[g] - 1;
  return d;
}

/* Adds the row of C_g that belongs to the class of index k in its group, times
   `factor`: Helmert contrasts, column q - 1 (q = 1..n-1) being 1/sqrt(q (q +
   1)) for classes before q, -q/sqrt(q (q + 1)) for class q, then 0. */
static void contrast_row(size_t k, size_t n, double factor, double *row)
{
  if (k > 0)
    row[k - 1] = -factor * (double)k / sqrt((double)k * (double)(k + 1));
  for (size_t q = k + 1; q < n; q++)
    row[q - 1] = factor / sqrt((double)q * (double)(q + 1));
}

ufm_status ufm_reduce_expand(const ufm_orbits *o, const ufm_layout *layout,
                             double *theta, ufm_error *error)
{
  size_t d = layout->width[0], first;

  if (layout->M != 1 || layout->K != o->K || layout->J != o->K ||
      d < dimensions(o) || (layout->b < layout->size) != (o->b < o->length))
    return ufm__fail(error, UFM_EDIM,
                     "expand: got the layout of another problem");
  memset(theta, 0, layout->size * sizeof *theta);
  first = o->r;
  for (size_t g = 0; g < o->G; g++) {
    size_t index = 0;
    bool contrasts = o->x[o->w + g] != 0.0 && o->x[o->h + g] != 0.0;

    for (size_t k = 0; k < o->K; k++) {
      double *w = theta + layout->w[0] + k * d, *h = theta + layout->h + k * d;

      if (o->of[k] != g)
        continue;
      memcpy(w, o->x + o->v + g * o->r, o->r * sizeof *w);
      memcpy(h, o->x + o->y + g * o->r, o->r * sizeof *h);
      if (contrasts) {
        contrast_row(index, o->size[g], o->x[o->w + g], w + first);
        contrast_row(index, o->size[g], o->x[o->h + g], h + first);
      }
      index++;
    }
    first += contrasts ? o->size[g] - 1 : 0;
  }
  for (size_t k = 0; layout->b < layout->size && k < o->K; k++)
    theta[layout->b + k] = o->x[o->b + o->of[k]];
  return UFM_OK;
}

ufm_status ufm_reduce_save(const ufm_orbits *orbits, const ufm_problem *problem,
                           const char *prefix, ufm_error *error)
{
  ufm_layout *layout = NULL;
  double *theta = NULL;
  ufm_status status = ufm_layout_new(&layout, problem, error);

  if (status == UFM_OK) {
    theta = malloc(layout->size * sizeof *theta);
    status = theta != NULL ? ufm_reduce_expand(orbits, layout, theta, error)
                           : ufm__no_memory(error, "save");
  }
  if (status == UFM_OK)
    status = ufm_point_save(layout, theta, prefix, error);
  free(theta);
  ufm_layout_free(layout);
  return status;
}
