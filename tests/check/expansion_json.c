/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdbool.h>
#include <stdlib.h>

#include "expansion.h"

static json_t *fraction(mpq_srcptr x)
{
  char *text = mpq_get_str(NULL, 10, x);
  json_t *value = json_string(text);

  free(text);
  return value;
}

static json_t *array(mpq_t *x, size_t n)
{
  json_t *list = json_array();

  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(list, fraction(x[i])) != 0)
      abort();
  return list;
}

json_t *expansion_json(const expansion *x, const json_t *root)
{
  static const char *const keys[] = {"format", "claim", "status", "tolerance"};
  json_t *out = json_object(), *columns = json_array();
  json_t *problem = json_copy((json_t *)json_object_get(root, "problem"));
  bool biased =
      json_is_array(json_object_get(json_object_get(root, "primal"), "b"));

  for (size_t i = 0; i < 4; i++)
    json_object_set(out, keys[i], json_object_get(root, keys[i]));
  for (size_t j = 0; j < x->J; j++) {
    json_t *target = json_array();

    for (size_t i = 0; i < x->K; i++)
      json_array_append_new(target, fraction(x->t[i * x->J + j]));
    json_array_append_new(columns,
                          json_pack("{s:o, s:o, s:o}", "target", target,
                                    "weight", fraction(x->a[j]), "multiplicity",
                                    fraction(x->nu[j])));
  }
  json_object_del(problem, "groups");
  json_object_set_new(problem, "columns", columns);
  json_object_set_new(problem, "d", json_integer((json_int_t)x->d));
  json_object_set_new(out, "problem", problem);
  json_object_set_new(out, "primal",
                      json_pack("{s:o, s:o, s:o}", "W",
                                array(x->W, x->K * x->d), "H",
                                array(x->H, x->d * x->J), "b",
                                biased ? array(x->b, x->K) : json_null()));
  json_object_set_new(
      out, "dual",
      json_pack("{s:o, s:O}", "M", array(x->M, x->K * x->J), "s",
                json_object_get(json_object_get(root, "dual"), "s")));
  return out;
}
