/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A solution by groups of interchangeable classes. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <ufm/reduce.h>

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
                     size_t g, size_t k, double contrast)
{
  double w = fabs(o->x[o->w + g]);
  bool many = o->size[g] > 1;
  json_t *object = json_pack(
      "{s:I, s:I, s:o, s:o, s:o}", "classes", (json_int_t)o->size[g], "count",
      (json_int_t)o->count[g], "norm_w", ufm__json_real(geometry->norm_w[k]),
      "norm_h", ufm__json_real(geometry->norm_h[k]), "bias",
      o->b < o->length ? ufm__json_real(o->x[o->b + g]) : json_null());

  if (object != NULL &&
      !ufm__json_put(object, "contrast",
                     many ? json_pack("{s:f, s:f, s:f}", "Z", w * contrast,
                                      "W1", w, "H", contrast)
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
  double *contrast = calloc(o->G, sizeof *contrast);
  bool room = member != NULL && contrast != NULL;

  for (size_t k = 0; room && k < o->K; k++)
    member[o->of[k]] = k;
  if (room)
    ufm_reduce_contrasts(o, contrast);
  for (size_t g = 0; list != NULL && g < o->G; g++)
    if (!room || json_array_append_new(list, group(o, geometry, g, member[g],
                                                   contrast[g])) != 0) {
      json_decref(list);
      list = NULL;
    }
  free(member);
  free(contrast);
  return list;
}

/* Orbit c of columns; `rest` has G numbers. */
static json_t *column(const ufm_orbits *o, size_t c, double *rest)
{
  const ufm_column_orbit *column = &o->column[c];
  double mark[2], norm, N = (double)column->columns;
  json_t *groups = json_array(), *targets = json_array();

  ufm_reduce_column(o, c, &norm, mark, rest);
  for (size_t l = 0; l < column->marks; l++) {
    json_array_append_new(groups, json_integer((json_int_t)column->group[l]));
    json_array_append_new(targets, json_real(mpq_get_d(column->target[l])));
  }
  return json_pack("{s:o, s:o, s:f, s:I, s:f, s:f, s:{s:o, s:o}}", "groups",
                   groups, "targets", targets, "background",
                   mpq_get_d(column->background), "columns",
                   (json_int_t)column->columns, "weight",
                   N * mpq_get_d(column->pi), "norm_h", norm, "logits", "marks",
                   ufm__json_reals(mark, column->marks), "rest",
                   ufm__json_reals(rest, o->G));
}

/* Lists with more logits than this are left out. */
enum { LOGITS_MAX = 4096 };

static json_t *columns(const ufm_orbits *o)
{
  double *rest = calloc(o->G, sizeof *rest);
  json_t *list = json_array();

  if (o->C * (o->G + 2) > LOGITS_MAX) {
    json_decref(list);
    list = json_null();
  }
  for (size_t c = 0; json_is_array(list) && c < o->C; c++)
    if (rest == NULL || json_array_append_new(list, column(o, c, rest)) != 0) {
      json_decref(list);
      list = NULL;
    }
  free(rest);
  return list;
}

/* J where JSON libraries can read it. */
static json_t *number_of_columns(const ufm_orbits *o)
{
  size_t J = ufm_orbits_columns(o);

  return J <= INT64_MAX ? json_integer((json_int_t)J) : json_null();
}

json_t *ufm__json_orbits(const ufm_solution *solution,
                         const ufm_geometry *geometry)
{
  const ufm_orbits *o = solution != NULL ? solution->orbits : NULL;

  if (o == NULL || geometry == NULL)
    return json_null();
  return json_pack(
      "{s:I, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:s}", "unknowns",
      (json_int_t)o->length, "groups", groups(o, geometry), "columns",
      number_of_columns(o), "column_orbits", columns(o), "singular_values", "Z",
      runs(geometry->spectrum[0], geometry->spectrum_size[0]), "W1",
      runs(geometry->spectrum[1], geometry->spectrum_size[1]), "H",
      runs(geometry->spectrum[2], geometry->spectrum_size[2]), "evidence",
      "computed");
}
