/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an invariant point to a full one. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/reduce.h>

#include "core/error.h"

static const size_t NONE = (size_t)-1;

/* Where everything goes: first r dimensions for v and y, then K_g - 1 for each
   group whose contrasts are not 0. */
typedef struct plan {
  const ufm_orbits *o;
  size_t d;      /* dimensions needed */
  size_t *first; /* G: of the contrasts, or NONE */
  size_t *index; /* K: of each class in its group */
} plan;

static void plan_clear(plan *p)
{
  free(p->first);
  free(p->index);
}

static ufm_status plan_init(plan *p, const ufm_orbits *o, ufm_error *error)
{
  bool *features = calloc(o->G, sizeof *features);
  size_t *seen = calloc(o->G, sizeof *seen);
  ufm_status status = UFM_OK;

  *p = (plan){.o = o,
              .d = o->r,
              .first = calloc(o->G, sizeof *p->first),
              .index = calloc(o->K, sizeof *p->index)};
  if (p->first == NULL || p->index == NULL || features == NULL ||
      seen == NULL) {
    status = ufm__no_memory(error, "expand");
  } else {
    for (size_t q = 0; q < o->Q; q++)
      if (o->x[o->h + q] != 0.0)
        features[o->contrast[q].group] = true;
    for (size_t g = 0; g < o->G; g++) {
      bool present = features[g] && o->x[o->w + g] != 0.0;

      p->first[g] = present ? p->d : NONE;
      p->d += present ? o->size[g] - 1 : 0;
    }
    for (size_t k = 0; k < o->K; k++)
      p->index[k] = seen[o->of[k]]++;
  }
  free(features);
  free(seen);
  return status;
}

/* Adds the row of C_g that belongs to class k, times `factor`: Helmert
   contrasts, column q - 1 (q = 1..n-1) being 1/sqrt(q (q + 1)) for classes of
   index before q, -q/sqrt(q (q + 1)) for that of index q, then 0. */
static void add_contrast_row(const plan *p, size_t k, double factor,
                             double *row)
{
  size_t g = p->o->of[k], n = p->o->size[g], index = p->index[k];

  if (p->first[g] == NONE)
    return;
  row += p->first[g];
  if (index > 0)
    row[index - 1] -=
        factor * (double)index / sqrt((double)index * (double)(index + 1));
  for (size_t q = index + 1; q < n; q++)
    row[q - 1] += factor / sqrt((double)q * (double)(q + 1));
}

/* Adds h of a column of orbit c with these marks. */
static void add_feature(const plan *p, size_t c, const size_t mark[2],
                        double *h)
{
  const ufm_orbits *o = p->o;
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;
  double a[2] = {0.0, 0.0};

  for (size_t q = o->column[c].contrast; q < end; q++)
    for (size_t l = 0; l < 2; l++)
      a[l] += (double)o->contrast[q].alpha[l] * o->x[o->h + q];
  memcpy(h, o->x + o->y + c * o->r, o->r * sizeof *h);
  for (size_t l = 0; l < o->column[c].marks; l++)
    add_contrast_row(p, mark[l], a[l], h);
}

static ufm_status expand(const plan *p, const ufm_layout *layout, double *theta,
                         ufm_error *error)
{
  const ufm_orbits *o = p->o;
  size_t d = layout->width[0], c, mark[2];
  /* as many columns as there are */
  bool same = layout->M == 1 && layout->K == o->K && d >= p->d &&
              (layout->b < layout->size) == (o->b < o->length) &&
              layout->J > 0 && ufm_orbits_column(o, layout->J - 1, &c, mark) &&
              !ufm_orbits_column(o, layout->J, &c, mark);

  if (!same)
    return ufm__fail(error, UFM_EDIM,
                     "expand: got the layout of another problem");
  memset(theta, 0, layout->size * sizeof *theta);
  for (size_t k = 0; k < o->K; k++) {
    size_t g = o->of[k];
    double *w = theta + layout->w[0] + k * d;

    memcpy(w, o->x + o->v + g * o->r, o->r * sizeof *w);
    add_contrast_row(p, k, o->x[o->w + g], w);
    if (layout->b < layout->size)
      theta[layout->b + k] = o->x[o->b + g];
  }
  for (size_t j = 0; j < layout->J; j++)
    if (ufm_orbits_column(o, j, &c, mark))
      add_feature(p, c, mark, theta + layout->h + j * d);
  return UFM_OK;
}

ufm_status ufm_reduce_expand(const ufm_orbits *orbits, const ufm_layout *layout,
                             double *theta, ufm_error *error)
{
  plan p;
  ufm_status status = plan_init(&p, orbits, error);

  if (status == UFM_OK)
    status = expand(&p, layout, theta, error);
  plan_clear(&p);
  return status;
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
