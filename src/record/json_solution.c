/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a point was computed, and what its comparison with theory says. */
#include <config.h>

#include <inttypes.h>

#include "record/json.h"

/* "codes: 24-cell" */
static json_t *origin(const ufm_run *r)
{
  return r->detail != NULL
             ? json_sprintf("%s: %s", ufm_start_name(r->start), r->detail)
             : json_string(ufm_start_name(r->start));
}

/* What one start did. */
static json_t *run(const ufm_run *r)
{
  return json_pack(
      "{s:I, s:o, s:I, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:f}", "index",
      (json_int_t)r->index, "origin", origin(r), "swaps", (json_int_t)r->swaps,
      "termination", ufm_termination_name(r->termination), "objective",
      ufm__json_real(r->objective), "gradient_norm",
      ufm__json_real(r->gradient_norm), "relative_gradient",
      ufm__json_real(r->relative_gradient), "iterations",
      (json_int_t)r->iterations, "evaluations",
      (json_int_t)r->evaluations.values, "gradients",
      (json_int_t)r->evaluations.gradients, "hessian_products",
      (json_int_t)r->evaluations.hessian_products, "seconds", r->seconds);
}

/* The distinct values of the runs that converged, ascending. */
static json_t *levels(const ufm_solution *s)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < s->levels; i++) {
    const ufm_level *l = &s->level[i];

    if (json_array_append_new(list,
                              json_pack("{s:o, s:I, s:o}", "objective",
                                        ufm__json_real(l->objective), "count",
                                        (json_int_t)l->count, "origin",
                                        origin(&s->run[l->first]))) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *runs(const ufm_solution *s)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < s->starts; i++)
    if (json_array_append_new(list, run(&s->run[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* An integer where JSON libraries can read it, else its digits. */
static json_t *seed(uint64_t value)
{
  return value <= INT64_MAX ? json_integer((json_int_t)value)
                            : json_sprintf("%" PRIu64, value);
}

/* The keys of the best run, then those of the solve as a whole. */
json_t *ufm__json_solution(const ufm_solution *s)
{
  json_t *o;

  if (s == NULL)
    return json_null();
  o = run(&s->run[s->best]);
  if (o != NULL)
    json_object_del(o, "index"); /* best_start */
  if (o == NULL || !ufm__json_put(o, "method", json_string(s->method)) ||
      !ufm__json_put(o, "used",
                     json_string(s->used != NULL ? s->used : s->method)) ||
      !ufm__json_put(o, "why",
                     s->run[s->best].why != NULL
                         ? json_string(s->run[s->best].why)
                         : json_null()) ||
      !ufm__json_put(o, "evidence", json_string("computed")) ||
      !ufm__json_put(o, "objective", ufm__json_real(s->objective)) ||
      !ufm__json_put(o, "starts", json_integer((json_int_t)s->starts)) ||
      !ufm__json_put(o, "hits", json_integer((json_int_t)s->hits)) ||
      !ufm__json_put(o, "seed", seed(s->seed)) ||
      !ufm__json_put(o, "start", json_string(ufm_start_name(s->start))) ||
      !ufm__json_put(o, "best_start",
                     json_integer((json_int_t)s->run[s->best].index)) ||
      !ufm__json_put(o, "levels", levels(s)) ||
      !ufm__json_put(o, "seconds", json_real(s->seconds)) ||
      !ufm__json_put(o, "runs", s->starts > 1 ? runs(s) : json_null())) {
    json_decref(o);
    return NULL;
  }
  return o;
}

json_t *ufm__json_comparison(const ufm_comparison *c)
{
  if (c == NULL)
    return json_null();
  return json_pack("{s:o, s:o, s:o, s:s}", "objective_error",
                   ufm__json_real(c->objective_error), "singular_value_error",
                   ufm__json_real(c->singular_value_error), "gram_error",
                   ufm__json_real(c->gram_error), "verdict",
                   ufm_verdict_name(c->verdict));
}
