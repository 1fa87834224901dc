/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The geometry of a point. */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include "record/json.h"

/* Lists over more classes than this are left out where orbits stand for them.
 */
enum { LIST_MAX = 4096 };

static json_t *cosines(const ufm_cosines *c)
{
  return json_pack("{s:o, s:o, s:o}", "min", ufm__json_real(c->min), "max",
                   ufm__json_real(c->max), "mean", ufm__json_real(c->mean));
}

static json_t *spectra(const ufm_geometry *g)
{
  json_t *o = json_object();

  for (size_t f = 0; o != NULL && f < g->M + 2; f++) {
    char name[32];

    if (f == 0 || f == g->M + 1)
      snprintf(name, sizeof name, "%s", f == 0 ? "Z" : "H");
    else
      snprintf(name, sizeof name, "W%zu", f);
    if (!ufm__json_put(o, name,
                       ufm__json_reals(g->spectrum[f], g->spectrum_size[f]))) {
      json_decref(o);
      return NULL;
    }
  }
  return o;
}

/* Why a value is null, for the values whose absence is not obvious. */
static json_t *reasons(const ufm_geometry *g, const ufm_problem *problem,
                       bool brief)
{
  json_t *o = json_object();
  bool merged = ufm_problem_merged(problem);

  if (o != NULL && isnan(g->nc1) &&
      !ufm__json_put(
          o, "nc1",
          json_string(merged ? "merged columns have no within-class variability"
                             : "the class means span nothing")))
    return json_decref(o), NULL;
  if (o != NULL && isnan(g->nc2_gof_w) &&
      !ufm__json_put(o, "gof",
                     json_string("no general orthogonal frame is predicted "
                                 "for this problem, or the point is zero")))
    return json_decref(o), NULL;
  if (o != NULL && brief &&
      !ufm__json_put(o, "lists",
                     json_string("more than 4096 classes: see orbits")))
    return json_decref(o), NULL;
  return o;
}

json_t *ufm__json_geometry(const ufm_geometry *g, const ufm_problem *problem,
                           bool reduced)
{
  bool brief = reduced && g != NULL && g->K > LIST_MAX;
  json_t *o;

  if (g == NULL)
    return json_null();
  o = json_pack(
      "{s:o, s:o, s:o, s:o, s:o, s:I, s:f, s:o, s:{s:o, s:o, s:o, s:o}, "
      "s:{s:o, s:o, s:o, s:o}, s:o}",
      "singular_values", brief ? json_null() : spectra(g), "norm_w",
      brief ? json_null() : ufm__json_reals(g->norm_w, g->K), "norm_h",
      brief ? json_null() : ufm__json_reals(g->norm_h, g->K), "cos_w",
      cosines(&g->cos_w), "cos_h", cosines(&g->cos_h), "rank",
      (json_int_t)g->rank, "rank_tolerance", g->rank_tolerance, "nc1",
      ufm__json_real(g->nc1), "nc2", "etf", ufm__json_real(g->nc2_etf), "of",
      ufm__json_real(g->nc2_of), "gof_w", ufm__json_real(g->nc2_gof_w), "gof_h",
      ufm__json_real(g->nc2_gof_h), "nc3", "etf", ufm__json_real(g->nc3_etf),
      "of", ufm__json_real(g->nc3_of), "gof_wh", ufm__json_real(g->nc3_gof_wh),
      "gof_w_h", ufm__json_real(g->nc3_gof_w_h), "balancedness",
      ufm__json_real(g->balancedness));
  if (o != NULL && (!ufm__json_put(o, "evidence", json_string("computed")) ||
                    !ufm__json_put(o, "reasons", reasons(g, problem, brief)))) {
    json_decref(o);
    return NULL;
  }
  return o;
}
