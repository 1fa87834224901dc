/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The canonical description of a problem: enough to state it again. */
#include <config.h>

#include <stdlib.h>

#include "record/json.h"
#include "record/targets.h"

static json_t *sizes(const size_t *x, size_t n)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < n; i++)
    if (json_array_append_new(list, json_integer((json_int_t)x[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* Lists of more counts than this are left out: the groups say the same but for
   the order. */
enum { COUNTS_MAX = 65536 };

static json_t *counts(const ufm_problem *problem)
{
  size_t K = ufm_problem_classes(problem);

  return K > COUNTS_MAX ? json_null() : sizes(ufm_problem_counts(problem), K);
}

/* [count, classes] of every group, largest count first. */
static json_t *groups(const ufm_problem *problem)
{
  const ufm_groups *g = ufm_problem_groups(problem);
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < g->G; i++)
    if (json_array_append_new(list, json_pack("[I, I]", (json_int_t)g->count[i],
                                              (json_int_t)g->size[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *widths(const ufm_problem *problem)
{
  json_t *list = json_array();

  for (size_t m = 1; list != NULL && m <= ufm_problem_depth(problem); m++)
    if (json_array_append_new(list, json_integer((json_int_t)ufm_problem_width(
                                        problem, m))) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *lambdas(const ufm_problem *problem)
{
  json_t *list = json_array();

  for (size_t m = 1; list != NULL && m <= ufm_problem_depth(problem); m++) {
    mpq_srcptr lambda = ufm_problem_lambda_w(problem, m);

    /* a fixed classifier may have none */
    if (json_array_append_new(list, mpq_sgn(lambda) > 0
                                        ? ufm__json_rational(lambda)
                                        : json_null()) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *targets(const ufm_problem *problem)
{
  char *text = ufm__targets_text(problem);
  json_t *value = text != NULL ? json_string(text) : NULL;

  free(text);
  return value;
}

json_t *ufm__json_problem(const ufm_problem *problem)
{
  mpq_srcptr lambda_b = ufm_problem_lambda_b(problem);
  json_t *o = json_object();

  if (o == NULL ||
      !ufm__json_put(o, "loss",
                     json_string(ufm_loss_name(ufm_problem_loss(problem)))) ||
      !ufm__json_put(o, "counts", counts(problem)) ||
      !ufm__json_put(o, "groups", groups(problem)) ||
      !ufm__json_put(o, "depth",
                     json_integer((json_int_t)ufm_problem_depth(problem))) ||
      !ufm__json_put(o, "widths", widths(problem)) ||
      !ufm__json_put(o, "bias",
                     json_string(ufm_bias_name(ufm_problem_bias(problem)))) ||
      !ufm__json_put(o, "lambda_W", lambdas(problem)) ||
      !ufm__json_put(o, "lambda_H",
                     ufm__json_rational(ufm_problem_lambda_h(problem))) ||
      !ufm__json_put(o, "lambda_b",
                     lambda_b != NULL ? ufm__json_rational(lambda_b)
                                      : json_null()) ||
      !ufm__json_put(o, "targets", targets(problem)) ||
      !ufm__json_put(o, "mixing", ufm__json_mixing(problem)) ||
      !ufm__json_put(o, "fix_W", ufm__json_fixed(problem)) ||
      !ufm__json_put(o, "merged", json_boolean(ufm_problem_merged(problem)))) {
    json_decref(o);
    return NULL;
  }
  return o;
}
