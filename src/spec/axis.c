/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes of grids: lists, templates. */
#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/suggest.h"
#include "spec/axis.h"
#include "spec/json.h"

#include <ufm/grid.h>

static const char hole[] = "{}";

char *ufm__text_fill(const char *text, const char *gap, const char *with)
{
  size_t cut = strlen(gap), add = strlen(with), gaps = 0, used = 0;
  const char *at = text, *next;
  char *out;

  while ((at = strstr(at, gap)) != NULL) {
    gaps++;
    at += cut;
  }
  out = malloc(strlen(text) + gaps * add + 1);
  for (at = text; out != NULL && (next = strstr(at, gap)) != NULL;
       at = next + cut) {
    memcpy(out + used, at, (size_t)(next - at));
    used += (size_t)(next - at);
    memcpy(out + used, with, add);
    used += add;
  }
  if (out != NULL)
    memcpy(out + used, at, strlen(at) + 1);
  return out;
}

ufm_status ufm__axis_reserve(ufm__axis *axis, size_t count, ufm_error *error)
{
  if (count == 0)
    return ufm__fail(error, UFM_EINVAL,
                     "an empty axis, want at least one value");
  if (count > UFM_GRID_MAX)
    return ufm__fail(error, UFM_EINVAL, "got %zu values, want at most %d",
                     count, UFM_GRID_MAX);
  axis->value = calloc(count, sizeof *axis->value);
  if (axis->value == NULL)
    return ufm__no_memory(error, "axis");
  axis->count = count;
  return UFM_OK;
}

static ufm_status read_list(ufm__axis *axis, const json_t *list,
                            ufm_error *error)
{
  ufm_status status = ufm__axis_reserve(axis, json_array_size(list), error);

  for (size_t i = 0; status == UFM_OK && i < axis->count; i++)
    status = ufm__json_option_text(json_array_get(list, i), "a value",
                                   &axis->value[i], error);
  return status;
}

/* Puts every value into the text of "in". */
static ufm_status fill_template(ufm__axis *axis, const json_t *in,
                                ufm_error *error)
{
  const char *text = json_string_value(in);

  if (in == NULL)
    return UFM_OK;
  if (text == NULL || strstr(text, hole) == NULL)
    return ufm__fail(error, UFM_EINVAL,
                     "in: want a text with {} for the value");
  for (size_t i = 0; i < axis->count; i++) {
    char *filled = ufm__text_fill(text, hole, axis->value[i]);

    if (filled == NULL)
      return ufm__no_memory(error, "axis");
    free(axis->value[i]);
    axis->value[i] = filled;
  }
  return UFM_OK;
}

static ufm_status check_members(json_t *object, ufm_error *error)
{
  static const char *const names[] = {"from",   "to", "n",     "scale",
                                      "digits", "in", "values"};
  enum { NAMES = sizeof names / sizeof names[0] };
  const char *key;
  json_t *value;
  bool list = json_object_get(object, "values") != NULL;

  json_object_foreach(object, key, value)
  {
    size_t i = 0;

    while (i < NAMES && strcmp(key, names[i]) != 0)
      i++;
    if (i == NAMES)
      return ufm__unknown_name(error, "axis", key, names, NAMES);
    if (list && i < 5)
      return ufm__fail(error, UFM_EINVAL,
                       "values and %s: want a list or a range", names[i]);
  }
  return UFM_OK;
}

static ufm_status read_object(ufm__axis *axis, json_t *object, ufm_error *error)
{
  const json_t *list = json_object_get(object, "values");
  ufm_status status = check_members(object, error);

  if (status == UFM_OK && list != NULL) {
    status = json_is_array(list)
                 ? read_list(axis, list, error)
                 : ufm__fail(error, UFM_EINVAL, "values: want a list");
  } else if (status == UFM_OK) {
    status = ufm__axis_range(axis, object, error);
  }
  return status == UFM_OK
             ? fill_template(axis, json_object_get(object, "in"), error)
             : status;
}

static int compare_texts(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A value that stands twice is a slip: its points would be equal. */
static ufm_status check_distinct(const ufm__axis *axis, ufm_error *error)
{
  char **sorted = malloc(axis->count * sizeof *sorted);
  ufm_status status = UFM_OK;

  if (sorted == NULL)
    return ufm__no_memory(error, "axis");
  memcpy(sorted, axis->value, axis->count * sizeof *sorted);
  qsort(sorted, axis->count, sizeof *sorted, compare_texts);
  for (size_t i = 1; status == UFM_OK && i < axis->count; i++)
    if (strcmp(sorted[i - 1], sorted[i]) == 0)
      status = ufm__fail(error, UFM_EINVAL,
                         "the value %.80s stands twice; a fine log range "
                         "wants more digits",
                         sorted[i]);
  free(sorted);
  return status;
}

ufm_status ufm__axis_read(ufm__axis *axis, const ufm_option *option,
                          json_t *json, ufm_error *error)
{
  ufm_error why = {{0}};
  ufm_status status;

  *axis = (ufm__axis){.option = option};
  if (json_is_array(json))
    status = read_list(axis, json, &why);
  else if (json_is_object(json))
    status = read_object(axis, json, &why);
  else
    status = ufm__fail(&why, UFM_EINVAL, "want a list of values or a range");
  if (status == UFM_OK)
    status = check_distinct(axis, &why);
  if (status != UFM_OK) {
    ufm__axis_clear(axis);
    return ufm__fail(error, status, "%s: %s", option->name, why.text);
  }
  return UFM_OK;
}

void ufm__axis_clear(ufm__axis *axis)
{
  for (size_t i = 0; axis->value != NULL && i < axis->count; i++)
    free(axis->value[i]);
  free(axis->value);
  *axis = (ufm__axis){.option = axis->option};
}
