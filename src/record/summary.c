/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that add up: one row per theorem, one row per claim. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "record/fail.h"
#include "record/table.h"

/* Columns of the summary behind the theorem's name. */
enum {
  POINTS = 1,
  AGREES,
  REFUTED,
  NOT_REACHED,
  OBJECTIVE,
  SINGULAR_VALUES,
  GRAM,
  PROVED,
  COLUMNS
};

static const char no_theorem[] = "(none)";

/* Counters and largest errors of a theorem, by column. */
static json_t *totals(ufm_table *table, const char *theorem)
{
  json_t *list = json_object_get(table->theorems, theorem);

  if (list != NULL)
    return list;
  list = json_array();
  for (size_t i = 0; i < COLUMNS; i++)
    if (json_array_append_new(list, json_real(0.0)) != 0) {
      json_decref(list);
      return NULL;
    }
  return json_object_set_new(table->theorems, theorem, list) == 0 ? list : NULL;
}

static void add(json_t *list, size_t column, double value)
{
  json_t *total = json_array_get(list, column);

  json_real_set(total, json_real_value(total) + value);
}

static void raise_to(json_t *list, size_t column, const json_t *value)
{
  json_t *total = json_array_get(list, column);

  if (json_is_number(value))
    json_real_set(total,
                  fmax(json_real_value(total), fabs(json_number_value(value))));
}

static bool reads(const json_t *record, const char *path, const char *text)
{
  const char *value = json_string_value(ufm__path_find(record, path).value);

  return value != NULL && strcmp(value, text) == 0;
}

ufm_status ufm__summary_add(ufm_table *table, json_t *record, ufm_error *error)
{
  static const struct {
    size_t column;
    const char *path, *text;
  } counted[] = {{AGREES, "comparison.verdict", "agrees"},
                 {REFUTED, "comparison.verdict", "refuted"},
                 {NOT_REACHED, "comparison.verdict", "not-reached"},
                 {PROVED, "certificate.status", "proved"}};
  static const struct {
    size_t column;
    const char *path;
  } largest[] = {{OBJECTIVE, "comparison.objective_error"},
                 {SINGULAR_VALUES, "comparison.singular_value_error"},
                 {GRAM, "comparison.gram_error"}};
  const char *theorem =
      json_string_value(ufm__path_find(record, "theory.theorem").value);
  json_t *list = totals(table, theorem != NULL ? theorem : no_theorem);

  if (list == NULL)
    return ufm__record_no_memory(error);
  add(list, POINTS, 1.0);
  for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
    add(list, counted[i].column,
        reads(record, counted[i].path, counted[i].text) ? 1.0 : 0.0);
  /* errors of a verdict that rests on them only */
  if (reads(record, "comparison.verdict", "agrees"))
    for (size_t i = 0; i < sizeof largest / sizeof *largest; i++)
      raise_to(list, largest[i].column,
               ufm__path_find(record, largest[i].path).value);
  return UFM_OK;
}

static bool summary_row(ufm_table *table, const char *theorem,
                        const json_t *list)
{
  ufm__row *row = ufm__table_row(table);
  bool good = row != NULL && ufm__table_print(row, 0, "%s", theorem);

  for (size_t i = POINTS; good && i < COLUMNS; i++) {
    double value = json_real_value(json_array_get(list, i));
    bool error = i == OBJECTIVE || i == SINGULAR_VALUES || i == GRAM;

    if (error && json_real_value(json_array_get(list, AGREES)) == 0.0)
      continue; /* nothing was compared */
    good = ufm__table_print(row, i, error ? "%.1e" : "%.0f", value);
    row->cells[i].number = true;
  }
  return good;
}

ufm_status ufm__summary_finish(ufm_table *table, ufm_error *error)
{
  json_t *none = json_object_get(table->theorems, no_theorem), *list;
  const char *theorem;

  json_object_foreach(
      table->theorems, theorem,
      list) if (list != none &&
                !summary_row(table, theorem,
                             list)) return ufm__record_no_memory(error);
  if (none != NULL && !summary_row(table, no_theorem, none))
    return ufm__record_no_memory(error);
  return UFM_OK;
}

static bool claim_row(ufm_table *table, const char *experiment,
                      const json_t *claim)
{
  const char *text = json_string_value(json_object_get(claim, "claim"));
  const char *verdict = json_string_value(json_object_get(claim, "verdict"));
  const json_t *cases = json_object_get(claim, "cases");
  const json_t *worst = json_object_get(claim, "worst");
  ufm__row *row = ufm__table_row(table);
  bool good = row != NULL && ufm__table_print(row, 0, "%s", experiment) &&
              ufm__table_print(row, 1, "%s", text) &&
              ufm__table_print(row, 2, "%" JSON_INTEGER_FORMAT,
                               json_integer_value(cases)) &&
              ufm__table_print(row, 4, "%s", verdict);

  if (good && json_is_number(worst)) {
    good = ufm__table_print(row, 3,
                            json_number_value(worst) > 0.0 ? "%.1e" : "%.0f",
                            json_number_value(worst));
    row->cells[3].number = true;
  }
  if (good)
    row->cells[2].number = true;
  return good;
}

ufm_status ufm__claims_add(ufm_table *table, json_t *experiment,
                           const char *where, ufm_error *error)
{
  const char *name =
      json_string_value(json_object_get(experiment, "experiment"));
  json_t *claims = json_object_get(experiment, "claims"), *claim;
  size_t i;

  if (name == NULL || !json_is_array(claims))
    return ufm__record_fail(error, UFM_EINVAL,
                            "%s: got no experiment and claims", where);
  json_array_foreach(claims, i, claim)
  {
    if (!json_is_string(json_object_get(claim, "claim")) ||
        !json_is_string(json_object_get(claim, "verdict")) ||
        !json_is_integer(json_object_get(claim, "cases")))
      return ufm__record_fail(error, UFM_EINVAL,
                              "%s: claim %zu has no claim, cases and verdict",
                              where, i);
    if (!claim_row(table, i == 0 ? name : "", claim))
      return ufm__record_no_memory(error);
  }
  return UFM_OK;
}
