/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of records: reading, grouping, what is known of their origin. */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/support.h>

#include "record/fail.h"
#include "record/lines.h"
#include "record/table.h"

enum { DIGITS = 9, DIGITS_MAX = 10000 };

static const char record_columns[] =
    "problem.loss=loss,problem.depth=depth,problem.counts=counts,"
    "problem.bias=bias,certificate=optimum,theory.theorem=theorem,"
    "comparison.verdict=verdict";
static const char summary_columns[] =
    "theorem,points,agrees,refuted,not_reached=not reached,"
    "objective=objective error,singular_values=singular value error,"
    "gram=Gram error,proved";
static const char claim_columns[] =
    "experiment,claim,cases,worst=largest deviation,verdict";

ufm_status ufm_table_format_read(ufm_table_format *out, const char *name,
                                 ufm_error *error)
{
#define TEXT(name, text, help) text,
  static const char *const names[] = {UFM_TABLE_FORMAT_LIST(TEXT)};
#undef TEXT
  enum { N = sizeof names / sizeof *names };
  const char *closest;

  for (size_t i = 0; i < N; i++)
    if (strcmp(name, names[i]) == 0) {
      *out = (ufm_table_format)i;
      return UFM_OK;
    }
  closest = ufm_closest_name(name, names, N);
  return ufm__record_fail(error, UFM_EINVAL,
                          "format: got '%.80s', want markdown, latex or "
                          "csv%s%s%s",
                          name, closest != NULL ? ", did you mean " : "",
                          closest != NULL ? closest : "",
                          closest != NULL ? "?" : "");
}

static ufm_status read_group(ufm_table *table, const char *text, size_t digits,
                             ufm_error *error)
{
  size_t n;
  ufm_status status = ufm__columns_read(&table->group, &n, text, digits, error);

  if (status == UFM_OK && n != 1) {
    ufm__columns_free(table->group, n);
    table->group = NULL;
    status = ufm__record_fail(error, UFM_EINVAL,
                              "group-by: got %zu paths, want one", n);
  }
  return status;
}

static ufm_status read_settings(ufm_table *table, const ufm_table_settings *s,
                                ufm_error *error)
{
  static const char *const fixed[] = {record_columns, summary_columns,
                                      claim_columns};
  const char *columns = s->columns != NULL ? s->columns : fixed[s->rows];
  size_t digits = s->digits > 0 ? s->digits : DIGITS;
  ufm_status status = UFM_OK;

  if (digits > DIGITS_MAX)
    status = ufm__record_fail(
        error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits, DIGITS_MAX);
  else if (s->rows != UFM_TABLE_RECORDS &&
           (s->columns != NULL || s->group_by != NULL))
    status = ufm__record_fail(error, UFM_EINVAL,
                              "columns, group-by: only for a table of records");
  else if (s->rows == UFM_TABLE_CLAIMS && s->where != NULL)
    status = ufm__record_fail(error, UFM_EINVAL,
                              "where: only for tables made of records");
  if (status == UFM_OK)
    status = ufm__columns_read(&table->columns, &table->column_count, columns,
                               digits, error);
  if (status == UFM_OK && s->group_by != NULL)
    status = read_group(table, s->group_by, digits, error);
  if (status == UFM_OK && s->where != NULL)
    status = ufm__conditions_read(&table->conditions, &table->condition_count,
                                  s->where, error);
  return status;
}

ufm_status ufm_table_new(ufm_table **out, const ufm_table_settings *settings,
                         ufm_error *error)
{
  ufm_table *table = calloc(1, sizeof *table);
  ufm_status status;

  *out = NULL;
  if (table == NULL)
    return ufm__record_no_memory(error);
  table->format = settings->format;
  table->kind = settings->rows;
  table->names = json_object();
  table->specs = json_object();
  table->versions = json_object();
  table->theorems = json_object();
  status = read_settings(table, settings, error);
  if (status == UFM_OK && (table->names == NULL || table->specs == NULL ||
                           table->versions == NULL || table->theorems == NULL))
    status = ufm__record_no_memory(error);
  if (status == UFM_OK)
    *out = table;
  else
    ufm_table_free(table);
  return status;
}

void ufm_table_free(ufm_table *table)
{
  if (table == NULL)
    return;
  for (size_t i = 0; i < table->row_count; i++) {
    for (size_t k = 0; k < table->column_count; k++)
      free(table->rows[i].cells[k].text);
    free(table->rows[i].cells);
    free(table->rows[i].group);
  }
  free(table->rows);
  ufm__columns_free(table->columns, table->column_count);
  ufm__columns_free(table->group, table->group != NULL);
  ufm__conditions_free(table->conditions, table->condition_count);
  json_decref(table->names);
  json_decref(table->specs);
  json_decref(table->versions);
  json_decref(table->theorems);
  free(table);
}

ufm__row *ufm__table_row(ufm_table *table)
{
  ufm__row *row;

  if (table->row_count == table->row_space) {
    size_t space = 2 * table->row_space + 16;
    ufm__row *rows = realloc(table->rows, space * sizeof *rows);

    if (rows == NULL)
      return NULL;
    table->rows = rows;
    table->row_space = space;
  }
  row = &table->rows[table->row_count];
  *row = (ufm__row){NULL, calloc(table->column_count, sizeof *row->cells)};
  if (row->cells == NULL)
    return NULL;
  table->row_count++;
  return row;
}

bool ufm__table_print(ufm__row *row, size_t column, const char *format, ...)
{
  va_list values;
  int code;

  va_start(values, format);
  code = vasprintf(&row->cells[column].text, format, values);
  va_end(values);
  if (code < 0)
    row->cells[column].text = NULL;
  return code >= 0;
}

static ufm_status add_row(ufm_table *table, json_t *record, const char *where,
                          ufm_error *error)
{
  ufm__row *row = ufm__table_row(table);
  ufm_status status = row != NULL ? UFM_OK : ufm__record_no_memory(error);

  for (size_t i = 0; status == UFM_OK && i < table->column_count; i++) {
    ufm__column *c = &table->columns[i];
    ufm__found found = ufm__path_find(record, c->path);

    c->seen = c->seen || found.value != NULL;
    status =
        ufm__cell_new(&row->cells[i], found, c->form, c->digits, where, error);
  }
  if (status == UFM_OK && table->group != NULL) {
    ufm__found found = ufm__path_find(record, table->group->path);
    ufm__cell cell;

    table->group->seen = table->group->seen || found.value != NULL;
    status = ufm__cell_new(&cell, found, table->group->form,
                           table->group->digits, where, error);
    row->group = cell.text;
  }
  return status;
}

/* Where the record comes from, for the comment line. */
static bool note_origin(ufm_table *table, json_t *record)
{
  json_t *versions = json_object_get(record, "versions"), *value;
  const char *hash = json_string_value(json_object_get(record, "spec_hash"));
  const char *key;
  char text[256] = "";
  size_t used = 0;

  json_object_foreach(versions, key, value) if (json_is_string(value) &&
                                                used < sizeof text) used +=
      (size_t)snprintf(text + used, sizeof text - used, "%s%s %s",
                       used > 0 ? ", " : "", key, json_string_value(value));
  return (hash == NULL ||
          json_object_set_new(table->specs, hash, json_true()) == 0) &&
         (used == 0 ||
          json_object_set_new(table->versions, text, json_true()) == 0);
}

static ufm_status add_record(ufm_table *table, json_t *record,
                             const char *where, ufm_error *error)
{
  table->lines++;
  if (!ufm__path_collect(table->names, record))
    return ufm__record_no_memory(error);
  for (size_t i = 0; i < table->condition_count; i++)
    if (!ufm__condition_holds(&table->conditions[i], record))
      return UFM_OK;
  table->used++;
  if (!note_origin(table, record))
    return ufm__record_no_memory(error);
  return table->kind == UFM_TABLE_SUMMARY
             ? ufm__summary_add(table, record, error)
             : add_row(table, record, where, error);
}

static ufm_status read_object(json_t *object, const char *format,
                              const char *where, void *user, ufm_error *error)
{
  ufm_table *table = user;
  bool record = strcmp(format, "ufm-record-1") == 0;
  bool claims = strcmp(format, "ufm-experiment-1") == 0;

  if (!record && !claims)
    return ufm__record_fail(error, UFM_EINVAL,
                            "%s: got format '%.80s', want 'ufm-record-1'",
                            where, format);
  if (record != (table->kind != UFM_TABLE_CLAIMS))
    return UFM_OK;
  if (record)
    return add_record(table, object, where, error);
  table->lines++;
  table->used++;
  return ufm__claims_add(table, object, where, error);
}

ufm_status ufm_table_read(ufm_table *table, FILE *stream, const char *name,
                          ufm_error *error)
{
  return ufm__lines_read(stream, name, read_object, table, error);
}

static int same_group(const ufm__row *a, const ufm__row *b)
{
  if (a->group == NULL || b->group == NULL)
    return a->group == b->group;
  return strcmp(a->group, b->group) == 0;
}

/* Rows of a group together, groups and rows in order of appearance. */
static ufm_status group_rows(ufm_table *table, ufm_error *error)
{
  ufm__row *sorted = malloc((table->row_count + 1) * sizeof *sorted);
  size_t n = 0;

  if (sorted == NULL)
    return ufm__record_no_memory(error);
  for (size_t i = 0; i < table->row_count; i++) {
    if (table->rows[i].cells == NULL)
      continue; /* taken with an earlier row of its group */
    ufm__row first = table->rows[i];

    for (size_t k = i; k < table->row_count; k++)
      if (table->rows[k].cells != NULL && same_group(&first, &table->rows[k])) {
        sorted[n++] = table->rows[k];
        table->rows[k].cells = NULL;
      }
  }
  free(table->rows);
  table->rows = sorted;
  return UFM_OK;
}

ufm_status ufm_table_finish(ufm_table *table, ufm_error *error)
{
  if (table->lines == 0)
    return ufm__record_fail(error, UFM_EINVAL, "table: no %s was read",
                            table->kind == UFM_TABLE_CLAIMS
                                ? "experiment"
                                : "record (\"ufm-record-1\")");
  for (size_t i = 0; i < table->condition_count; i++)
    if (!table->conditions[i].seen)
      return ufm__path_unknown(error, "where", table->conditions[i].path,
                               table->names);
  if (table->used == 0)
    return ufm__record_fail(
        error, UFM_EINVAL, "where: holds in none of %zu records", table->lines);
  if (table->kind == UFM_TABLE_SUMMARY)
    return ufm__summary_finish(table, error);
  if (table->kind == UFM_TABLE_CLAIMS)
    return UFM_OK;
  for (size_t i = 0; i < table->column_count; i++)
    if (!table->columns[i].seen)
      return ufm__path_unknown(error, "columns", table->columns[i].path,
                               table->names);
  if (table->group != NULL && !table->group->seen)
    return ufm__path_unknown(error, "group-by", table->group->path,
                             table->names);
  return table->group != NULL ? group_rows(table, error) : UFM_OK;
}
