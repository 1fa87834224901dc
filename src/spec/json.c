/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPEC files: a JSON object of options. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/error.h"
#include "core/file.h"
#include "spec/spec.h"

enum { MAX_FILE = 1 << 26, NUMBER_LENGTH = 40 };

/* Where the JSON text stands for messages. */
typedef struct spec_file {
  const char *path, *text;
} spec_file;

/* "FILE:LINE:COLUMN: MESSAGE", at the first place where "key" stands. */
static ufm_status fail_at_key(const spec_file *file, const char *key,
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

static ufm_status put_values(ufm_spec *spec, const spec_file *file,
                             json_t *root, ufm_error *error)
{
  const char *key;
  json_t *value;

  json_object_foreach(root, key, value)
  {
    ufm_error why = {{0}};
    ufm_status status;
    char *text = value_text(value);

    if (text != NULL && strchr(key, '_') != NULL && twice(root, key))
      status =
          ufm__fail(&why, UFM_EINVAL, "%.80s: given twice, with _ and -", key);
    else if (text != NULL)
      status = ufm__spec_put(spec, key, text, UFM__ORIGIN_FILE, &why);
    else
      status = ufm__fail(&why, UFM_EINVAL,
                         "%.80s: want a string, a number, true or false, or a "
                         "list of them",
                         key);
    free(text);
    if (status != UFM_OK)
      return fail_at_key(file, key, &why, error);
  }
  return UFM_OK;
}

ufm_status ufm_spec_read(ufm_spec *spec, const char *path, ufm_error *error)
{
  char *text = NULL;
  size_t length = 0;
  json_error_t where;
  json_t *root;
  ufm_status status = ufm__file_read(path, MAX_FILE, &text, &length, error);

  if (status != UFM_OK)
    return status;
  root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
  if (root == NULL)
    status = ufm__fail(error, UFM_EINVAL, "%.200s:%d:%d: %s", path, where.line,
                       where.column, where.text);
  else if (!json_is_object(root))
    status = ufm__fail(error, UFM_EINVAL,
                       "%.200s:1:1: want a JSON object of options", path);
  else
    status = put_values(spec, &(spec_file){path, text}, root, error);
  json_decref(root);
  free(text);
  return status;
}
