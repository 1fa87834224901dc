/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPEC files: a JSON object of options. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/file.h"
#include "spec/json.h"
#include "spec/spec.h"

enum { MAX_FILE = 1 << 26, NUMBER_LENGTH = 40 };

ufm_status ufm__json_fail(const ufm__json_file *file, const char *key,
                          const ufm_error *why, ufm_error *error)
{
  size_t length = strlen(key), line = 1, column = 1;
  const char *at = file->text;

  while (at != NULL && (at = strstr(at, key)) != NULL) {
    if (at > file->text && at[-1] == '"' && at[length] == '"' &&
        at[length + 1 + strspn(at + length + 1, " \t\r\n")] == ':')
      break;
    at++;
  }
  for (const char *c = file->text; at != NULL && c < at - 1; c++) {
    column = *c == '\n' ? 1 : column + 1;
    line += *c == '\n';
  }
  return ufm__fail(error, UFM_EINVAL, "%.200s:%zu:%zu: %s", file->path, line,
                   column, why->text);
}

/* The shortest decimal that reads back as the same double. */
static void shortest_decimal(double x, char text[NUMBER_LENGTH])
{
  if (x == rint(x) && fabs(x) < 0x1p53) {
    snprintf(text, NUMBER_LENGTH, "%.0f", x);
    return;
  }
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, NUMBER_LENGTH, "%.*g", digits, x);
    if (strtod(text, NULL) == x)
      return;
  }
}

/* Appends the text of a string, number or boolean; false for anything else. */
static bool append_scalar(const json_t *value, char **text, size_t *length)
{
  char number[NUMBER_LENGTH];
  const char *piece = number;
  char *longer;
  size_t n;

  if (json_is_string(value))
    piece = json_string_value(value);
  else if (json_is_integer(value))
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
             json_integer_value(value));
  else if (json_is_real(value))
    shortest_decimal(json_real_value(value), number);
  else if (json_is_boolean(value))
    piece = json_is_true(value) ? "true" : "false";
  else
    return false;
  n = strlen(piece);
  longer = realloc(*text, *length + n + 2);
  if (longer == NULL)
    return false;
  memcpy(longer + *length, piece, n + 1);
  *text = longer;
  *length += n;
  return true;
}

/* A list becomes its items with commas between them.  NULL when the value, or
   an item, is of a kind that no option has. */
static char *value_text(const json_t *value)
{
  char *text = NULL;
  size_t length = 0, i;
  const json_t *item;

  if (!json_is_array(value)) {
    if (append_scalar(value, &text, &length))
      return text;
    free(text);
    return NULL;
  }
  json_array_foreach(value, i, item)
  {
    if (i > 0)
      text[length++] = ','; /* append_scalar leaves room for it */
    if (!append_scalar(item, &text, &length)) {
      free(text);
      return NULL;
    }
  }
  return text;
}

ufm_status ufm__json_option_text(const json_t *value, const char *key,
                                 char **text, ufm_error *error)
{
  *text = value_text(value);
  return *text != NULL
             ? UFM_OK
             : ufm__fail(error, UFM_EINVAL,
                         "%.80s: want a string, a number, true or false, or a "
                         "list of them",
                         key);
}

/* True when the key also stands there with '-' for '_'. */
static bool twice(const json_t *root, const char *key)
{
  char other[NUMBER_LENGTH];

  if (strlen(key) >= sizeof other)
    return false;
  for (size_t i = 0; i <= strlen(key); i++)
    other[i] = key[i] == '_' ? '-' : key[i];
  return json_object_get(root, other) != NULL;
}

static ufm_status put_option(ufm_spec *spec, const json_t *object,
                             const char *key, const json_t *value,
                             ufm_error *error)
{
  char *text;
  ufm_status status = ufm__json_option_text(value, key, &text, error);

  if (status == UFM_OK && strchr(key, '_') != NULL && twice(object, key))
    status =
        ufm__fail(error, UFM_EINVAL, "%.80s: given twice, with _ and -", key);
  if (status == UFM_OK)
    status = ufm__spec_put(spec, key, text, UFM__ORIGIN_FILE, error);
  free(text);
  return status;
}

ufm_status ufm__json_put_options(ufm_spec *spec, const ufm__json_file *file,
                                 json_t *object, ufm_error *error)
{
  const char *key;
  json_t *value;

  json_object_foreach(object, key, value)
  {
    ufm_error why = {{0}};

    if (put_option(spec, object, key, value, &why) != UFM_OK)
      return ufm__json_fail(file, key, &why, error);
  }
  return UFM_OK;
}

ufm_status ufm__json_file_read(ufm__json_file *file, const char *path,
                               ufm_error *error)
{
  size_t length = 0;
  json_error_t where;
  ufm_status status;

  *file = (ufm__json_file){.path = path};
  status = ufm__file_read(path, MAX_FILE, &file->text, &length, error);
  if (status != UFM_OK)
    return status;
  file->root = json_loadb(file->text, length, JSON_REJECT_DUPLICATES, &where);
  if (file->root == NULL)
    status = ufm__fail(error, UFM_EINVAL, "%.200s:%d:%d: %s", path, where.line,
                       where.column, where.text);
  else if (!json_is_object(file->root))
    status = ufm__fail(error, UFM_EINVAL,
                       "%.200s:1:1: want a JSON object of options", path);
  if (status != UFM_OK)
    ufm__json_file_clear(file);
  return status;
}

void ufm__json_file_clear(ufm__json_file *file)
{
  json_decref(file->root);
  free(file->text);
  *file = (ufm__json_file){0};
}

ufm_status ufm_spec_read(ufm_spec *spec, const char *path, ufm_error *error)
{
  ufm__json_file file;
  ufm_status status = ufm__json_file_read(&file, path, error);

  if (status != UFM_OK)
    return status;
  status = ufm__json_put_options(spec, &file, file.root, error);
  ufm__json_file_clear(&file);
  return status;
}
