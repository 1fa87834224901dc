/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of a table, and the conditions of its rows. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <ufm/decimal.h>

#include "record/columns.h"
#include "record/fail.h"

enum { DIGITS_MAX = 10000 };

/* The parts of `text` between commas, two of which stand for one; the caller
   frees them and the list.  NULL when memory ran out. */
static char **split(const char *text, size_t *n)
{
  size_t length = strlen(text), used = 0;
  char **parts = calloc(length + 1, sizeof *parts);
  char *part = parts != NULL ? malloc(length + 1) : NULL;

  *n = 0;
  for (const char *c = text; part != NULL; c++) {
    if (*c != '\0' && (*c != ',' || c[1] == ',')) {
      part[used++] = *c;
      c += *c == ',';
      continue;
    }
    part[used] = '\0';
    used = 0;
    parts[*n] = strdup(part);
    if (parts[*n] == NULL)
      break;
    ++*n;
    if (*c == '\0') {
      free(part);
      return parts;
    }
  }
  while (*n > 0)
    free(parts[--*n]);
  free(part);
  free(parts);
  return NULL;
}

static ufm_status read_form(ufm__column *column, const char *text,
                            ufm_error *error)
{
  const char *number = text + (*text == 'f');
  char *end;
  unsigned long digits;

  if (strcmp(text, "text") == 0) {
    column->form = UFM__FORM_TEXT;
    return UFM_OK;
  }
  digits = strtoul(number, &end, 10);
  if (*number < '0' || *number > '9' || *end != '\0' || digits > DIGITS_MAX ||
      (digits == 0 && *text != 'f'))
    return ufm__record_fail(error, UFM_EINVAL,
                            "columns: '%.80s': got form '%.40s', want digits "
                            "(1 to %d), fN for N digits behind the point, or "
                            "text",
                            column->path, text, DIGITS_MAX);
  column->form = *text == 'f' ? UFM__FORM_FIXED : UFM__FORM_DIGITS;
  column->digits = digits;
  return UFM_OK;
}

/* Takes `part`. */
static ufm_status read_column(ufm__column *column, char *part, size_t digits,
                              ufm_error *error)
{
  char *header = strchr(part, '='), *form;

  *column = (ufm__column){.path = part, .digits = digits};
  if (header != NULL) {
    *header++ = '\0';
    column->header = strdup(header);
    if (column->header == NULL)
      return ufm__record_no_memory(error);
  }
  form = strchr(part, ':');
  if (form != NULL)
    *form++ = '\0';
  if (!ufm__path_valid(part))
    return ufm__record_fail(error, UFM_EINVAL,
                            "columns: got '%.80s', want a path such as "
                            "certificate.lower",
                            part);
  return form != NULL ? read_form(column, form, error) : UFM_OK;
}

ufm_status ufm__columns_read(ufm__column **out, size_t *n, const char *text,
                             size_t digits, ufm_error *error)
{
  char **parts = split(text, n);
  ufm__column *columns = parts != NULL ? calloc(*n, sizeof *columns) : NULL;
  ufm_status status = UFM_OK;

  *out = NULL;
  if (columns == NULL)
    status = ufm__record_no_memory(error);
  for (size_t i = 0; parts != NULL && i < *n; i++) {
    if (status == UFM_OK)
      status = read_column(&columns[i], parts[i], digits, error);
    else
      free(parts[i]);
  }
  free(parts);
  if (status == UFM_OK) {
    *out = columns;
    return UFM_OK;
  }
  ufm__columns_free(columns, columns != NULL ? *n : 0);
  *n = 0;
  return status;
}

void ufm__columns_free(ufm__column *columns, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    free(columns[i].path);
    free(columns[i].header);
  }
  free(columns);
}

/* Takes `part`. */
static ufm_status read_condition(ufm__condition *condition, char *part,
                                 ufm_error *error)
{
  char *value = strchr(part, '=');

  *condition = (ufm__condition){part, NULL, false};
  if (value != NULL)
    *value++ = '\0';
  if (value == NULL || !ufm__path_valid(part))
    return ufm__record_fail(error, UFM_EINVAL,
                            "where: got '%.80s', want PATH=VALUE", part);
  condition->value = strdup(value);
  return condition->value != NULL ? UFM_OK : ufm__record_no_memory(error);
}

ufm_status ufm__conditions_read(ufm__condition **out, size_t *n,
                                const char *text, ufm_error *error)
{
  char **parts = split(text, n);
  ufm__condition *all = parts != NULL ? calloc(*n, sizeof *all) : NULL;
  ufm_status status = UFM_OK;

  *out = NULL;
  if (all == NULL)
    status = ufm__record_no_memory(error);
  for (size_t i = 0; parts != NULL && i < *n; i++) {
    if (status == UFM_OK)
      status = read_condition(&all[i], parts[i], error);
    else
      free(parts[i]);
  }
  free(parts);
  if (status == UFM_OK) {
    *out = all;
    return UFM_OK;
  }
  ufm__conditions_free(all, all != NULL ? *n : 0);
  *n = 0;
  return status;
}

void ufm__conditions_free(ufm__condition *conditions, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    free(conditions[i].path);
    free(conditions[i].value);
  }
  free(conditions);
}

static bool same_number(const char *a, const char *b)
{
  bool same;
  mpq_t x, y;

  mpq_inits(x, y, (mpq_ptr)NULL);
  same = ufm_decimal_read(a, "", x, NULL) == UFM_OK &&
         ufm_decimal_read(b, "", y, NULL) == UFM_OK && mpq_equal(x, y);
  mpq_clears(x, y, (mpq_ptr)NULL);
  return same;
}

bool ufm__condition_holds(ufm__condition *condition, const json_t *record)
{
  ufm__found found = ufm__path_find(record, condition->path);
  ufm__cell cell;
  const char *text;
  bool holds;

  condition->seen = condition->seen || found.value != NULL;
  if (ufm__cell_new(&cell, found, UFM__FORM_TEXT, 1, "", NULL) != UFM_OK)
    return false;
  text = cell.text != NULL ? cell.text : "null";
  holds = found.value != NULL && (strcmp(text, condition->value) == 0 ||
                                  same_number(text, condition->value));
  free(cell.text);
  return holds;
}
