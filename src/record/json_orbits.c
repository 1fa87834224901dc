/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A solution by groups of interchangeable classes. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "record/json.h"

/* [value, times] for every run of equal values. */
static json_t *runs(const double *x, size_t n)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < n;) {
    size_t times = 1;

    while (i + times < n && x[i + times] == x[i])
      times++;
    if (json_array_append_new(
            list, json_pack("[f, I]", x[i], (json_int_t)times)) != 0) {
      json_decref(list);
      return NULL;
    }
    i += times;
  }
  return list;
}

/* Group g, whose class k stands for all. */
static json_t *group(const ufm_orbits *o, const ufm_geometry *geometry,
                     size_t g, size_t k)
{
  double w = o->x[o->w + g], h = o->x[o->h + g];
  bool many = o->size[g] > 1;
  json_t *object = json_pack(
      "{s:I, s:I, s:o, s:o, s:o}", "classes", (json_int_t)o->size[g], "count",
      (json_int_t)o->count[g], "norm_w", ufm__json_real(geometry->norm_w[k]),
      "norm_h", ufm__json_real(geometry->norm_h[k]), "bias",
      o->b < o->length ? ufm__json_real(o->x[o->b + g]) : json_null());

  if (object != NULL &&
      !ufm__json_put(object, "contrast",
                     many ? json_pack("{s:f, s:f, s:f}", "Z",
                                      fabs(w * h) * sqrt((double)o->count[g]),
                                      "W1", fabs(w), "H",
                                      fabs(h) * sqrt((double)o->count[g]))
                          : json_null())) {
    json_decref(object);
    return NULL;
  }
  return object;
}

static json_t *groups(const ufm_orbits *o, const ufm_geometry *geometry)
{
  json_t *list = json_array();
  size_t *member = calloc(o->G, sizeof *member);

  for (size_t k = 0; member != NULL && k < o->K; k++)
    member[o->of[k]] = k;
  for (size_t g = 0; list != NULL && g < o->G; g++)
    if (member == NULL ||
        json_array_append_new(list, group(o, geometry, g, member[g])) != 0) {
      json_decref(list);
      list = NULL;
    }
  free(member);
  return list;
}

json_t *ufm__json_orbits(const ufm_solution *solution,
                         const ufm_geometry *geometry)
{
  const ufm_orbits *o = solution != NULL ? solution->orbits : NULL;

  if (o == NULL || geometry == NULL)
    return json_null();
  return json_pack(
      "{s:I, s:o, s:{s:o, s:o, s:o}, s:s}", "unknowns", (json_int_t)o->length,
      "groups", groups(o, geometry), "singular_values", "Z",
      runs(geometry->spectrum[0], geometry->spectrum_size[0]), "W1",
      runs(geometry->spectrum[1], geometry->spectrum_size[1]), "H",
      runs(geometry->spectrum[2], geometry->spectrum_size[2]), "evidence",
      "computed");
}
