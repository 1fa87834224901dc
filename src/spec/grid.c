/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grids: fixed options, axes, the spec of a point, the hash of all. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/grid.h>

#include "core/error.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/suggest.h"
#include "spec/axis.h"
#include "spec/json.h"
#include "spec/spec.h"

struct ufm_grid {
  ufm_spec *fixed;
  size_t size, axes;
  ufm__axis *axis; /* in the order of the file */
  char hash[17];
};

static const char index_hole[] = "{index}";

/* The parts of a file and the kinds of options that stand there. */
static bool belongs(const ufm_option *option, const char *part)
{
  bool problem = option->kind == UFM_OPTION_PROBLEM;

  if (option->kind == UFM_OPTION_PHASE)
    return false;
  return strcmp(part, "grid") == 0 || problem == (strcmp(part, "problem") == 0);
}

/* Known, and of the right kind; *option is its entry. */
static ufm_status check_option(const char *key, const char *part,
                               const ufm_option **option, ufm_error *error)
{
  ufm_status status = ufm__option_find(option, key, error);

  if (status != UFM_OK || belongs(*option, part))
    return status;
  if ((*option)->kind == UFM_OPTION_PHASE)
    return ufm__fail(error, UFM_EINVAL, "%s: not an option of sweeps",
                     (*option)->name);
  return ufm__fail(error, UFM_EINVAL, "%s: stands in %s, want it in %s",
                   (*option)->name, part,
                   strcmp(part, "solve") == 0 ? "problem" : "solve");
}

/* The options of "problem" or "solve". */
static ufm_status read_fixed(ufm_grid *grid, const ufm__json_file *file,
                             const char *part, ufm_error *error)
{
  json_t *object = json_object_get(file->root, part), *value;
  ufm_error why = {{0}};
  const char *key;

  if (object == NULL)
    return UFM_OK;
  if (!json_is_object(object)) {
    (void)ufm__fail(&why, UFM_EINVAL, "%s: want an object of options", part);
    return ufm__json_fail(file, part, &why, error);
  }
  json_object_foreach(object, key, value)
  {
    const ufm_option *option;

    if (check_option(key, part, &option, &why) != UFM_OK)
      return ufm__json_fail(file, key, &why, error);
  }
  return ufm__json_put_options(grid->fixed, file, object, error);
}

static ufm_status read_axis(ufm_grid *grid, const char *key, json_t *value,
                            ufm_error *error)
{
  const ufm_option *option;
  ufm_status status = check_option(key, "grid", &option, error);

  if (status != UFM_OK)
    return status;
  if (ufm_spec_get(grid->fixed, key) != NULL)
    return ufm__fail(error, UFM_EINVAL,
                     "%s: stands in %s and in grid, want it in one of them",
                     option->name,
                     option->kind == UFM_OPTION_PROBLEM ? "problem" : "solve");
  for (size_t i = 0; i < grid->axes; i++)
    if (grid->axis[i].option == option)
      return ufm__fail(error, UFM_EINVAL, "%s: given twice, with _ and -",
                       option->name);
  status = ufm__axis_read(&grid->axis[grid->axes], option, value, error);
  if (status != UFM_OK)
    return status;
  if (grid->axis[grid->axes].count > UFM_GRID_MAX / grid->size)
    status = ufm__fail(error, UFM_EINVAL,
                       "%s: more than %d points, want several grids",
                       option->name, UFM_GRID_MAX);
  else
    grid->size *= grid->axis[grid->axes].count;
  grid->axes++;
  return status;
}

static ufm_status read_axes(ufm_grid *grid, const ufm__json_file *file,
                            ufm_error *error)
{
  json_t *object = json_object_get(file->root, "grid"), *value;
  const char *key;

  if (!json_is_object(object) || json_object_size(object) == 0)
    return ufm__fail(error, UFM_EINVAL,
                     "%.200s:1:1: grid: empty, want at least one option with "
                     "its values",
                     file->path);
  grid->axis = calloc(json_object_size(object), sizeof *grid->axis);
  if (grid->axis == NULL)
    return ufm__no_memory(error, "grid");
  json_object_foreach(object, key, value)
  {
    ufm_error why = {{0}};

    if (read_axis(grid, key, value, &why) != UFM_OK)
      return ufm__json_fail(file, key, &why, error);
  }
  return UFM_OK;
}

/* Known parts only, format 1. */
static ufm_status check_parts(const ufm__json_file *file, ufm_error *error)
{
  static const char *const parts[] = {"format", "note", "problem", "solve",
                                      "grid"};
  enum { PARTS = sizeof parts / sizeof parts[0] };
  ufm_error why = {{0}};
  const char *key;
  json_t *value;

  json_object_foreach(file->root, key, value)
  {
    size_t i = 0;

    while (i < PARTS && strcmp(key, parts[i]) != 0)
      i++;
    if (i == PARTS) {
      (void)ufm__unknown_name(&why, "part", key, parts, PARTS);
      return ufm__json_fail(file, key, &why, error);
    }
  }
  value = json_object_get(file->root, "format");
  if (json_is_integer(value) && json_integer_value(value) == 1)
    return UFM_OK;
  return ufm__fail(error, UFM_EINVAL, "%.200s:1:1: format: want \"format\": 1",
                   file->path);
}

/* Points must not write the same file. */
static ufm_status check_files(const ufm_grid *grid, const char *path,
                              ufm_error *error)
{
  static const char *const names[] = {"certificate", "refute"};

  for (size_t i = 0; i < 2; i++) {
    const char *text = ufm_spec_get(grid->fixed, names[i]);
    const ufm__axis *axis = grid->axis;

    if (text != NULL && strstr(text, index_hole) == NULL && grid->size > 1)
      return ufm__fail(error, UFM_EINVAL,
                       "%.200s: %s: got one file for all points, want {index} "
                       "in its name",
                       path, names[i]);
    for (; axis < grid->axis + grid->axes; axis++)
      if (strcmp(axis->option->name, names[i]) == 0)
        return ufm__fail(error, UFM_EINVAL,
                         "%.200s: %s: a file, want it in solve with {index} in "
                         "its name",
                         path, names[i]);
  }
  return UFM_OK;
}

static void make_hash(ufm_grid *grid)
{
  uint64_t hash = ufm__spec_hash(UFM__HASH_START, grid->fixed);

  for (size_t i = 0; i < grid->axes; i++) {
    hash = ufm__hash_text(ufm__hash_text(hash, ""), grid->axis[i].option->name);
    for (size_t k = 0; k < grid->axis[i].count; k++)
      hash = ufm__hash_text(hash, grid->axis[i].value[k]);
  }
  ufm__hash_digits(hash, grid->hash);
}

static ufm_status read_grid(ufm_grid *grid, const ufm__json_file *file,
                            ufm_error *error)
{
  ufm_status status = check_parts(file, error);

  if (status == UFM_OK)
    status = ufm_spec_new(&grid->fixed, error);
  if (status == UFM_OK)
    status = read_fixed(grid, file, "problem", error);
  if (status == UFM_OK)
    status = read_fixed(grid, file, "solve", error);
  if (status == UFM_OK)
    status = read_axes(grid, file, error);
  if (status == UFM_OK)
    status = check_files(grid, file->path, error);
  if (status == UFM_OK)
    make_hash(grid);
  return status;
}

ufm_status ufm_grid_read(ufm_grid **out, const char *path, ufm_error *error)
{
  ufm__json_file file;
  ufm_grid *grid;
  ufm_status status = ufm__json_file_read(&file, path, error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  grid = calloc(1, sizeof *grid);
  if (grid == NULL) {
    status = ufm__no_memory(error, "grid");
  } else {
    grid->size = 1;
    status = read_grid(grid, &file, error);
  }
  ufm__json_file_clear(&file);
  if (status != UFM_OK) {
    ufm_grid_free(grid);
    return status;
  }
  *out = grid;
  return UFM_OK;
}

void ufm_grid_free(ufm_grid *grid)
{
  if (grid == NULL)
    return;
  for (size_t i = 0; i < grid->axes; i++)
    ufm__axis_clear(&grid->axis[i]);
  free(grid->axis);
  ufm_spec_free(grid->fixed);
  free(grid);
}

size_t ufm_grid_size(const ufm_grid *grid)
{
  return grid->size;
}

size_t ufm_grid_axes(const ufm_grid *grid)
{
  return grid->axes;
}

const char *ufm_grid_axis(const ufm_grid *grid, size_t axis)
{
  return axis < grid->axes ? grid->axis[axis].option->name : NULL;
}

const char *ufm_grid_hash(const ufm_grid *grid)
{
  return grid->hash;
}

/* "{index}" in the name of a file. */
static ufm_status name_file(ufm_spec *spec, const char *option, size_t index,
                            ufm_error *error)
{
  const char *text = ufm_spec_get(spec, option);
  char digits[24], *name;
  ufm_status status;

  if (text == NULL)
    return UFM_OK;
  snprintf(digits, sizeof digits, "%zu", index);
  name = ufm__text_fill(text, index_hole, digits);
  if (name == NULL)
    return ufm__no_memory(error, "grid");
  status = ufm_spec_set(spec, option, name, error);
  free(name);
  return status;
}

ufm_status ufm_grid_point(ufm_spec **out, const ufm_grid *grid, size_t index,
                          ufm_error *error)
{
  size_t rest = index;
  ufm_status status;

  *out = NULL;
  if (index >= grid->size)
    return ufm__fail(error, UFM_ERANGE, "grid: got point %zu, want 0 to %zu",
                     index, grid->size - 1);
  status = ufm_spec_copy(out, grid->fixed, error);
  for (size_t i = grid->axes; status == UFM_OK && i > 0; i--) {
    const ufm__axis *axis = &grid->axis[i - 1];

    status =
        ufm__spec_put(*out, axis->option->name, axis->value[rest % axis->count],
                      UFM__ORIGIN_FILE, error);
    rest /= axis->count;
  }
  if (status == UFM_OK)
    status = name_file(*out, "certificate", index, error);
  if (status == UFM_OK)
    status = name_file(*out, "refute", index, error);
  if (status != UFM_OK) {
    ufm_spec_free(*out);
    *out = NULL;
  }
  return status;
}
