/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writers of tables share, and CSV. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "record/fail.h"
#include "record/table.h"

const char *ufm__table_header(const ufm_table *table, size_t i)
{
  const ufm__column *c = &table->columns[i];

  return c->header != NULL ? c->header : c->path;
}

bool ufm__table_group_begins(const ufm_table *table, size_t i)
{
  const char *group = table->rows[i].group, *before;

  if (i == 0)
    return true;
  before = table->rows[i - 1].group;
  return group == NULL || before == NULL ? group != before
                                         : strcmp(group, before) != 0;
}

static void print_set(FILE *stream, const char *before, json_t *set)
{
  const char *key;
  json_t *value;

  json_object_foreach(set, key, value)
  {
    fprintf(stream, "%s%s", before, key);
    before = " and ";
  }
}

void ufm__table_comment(const ufm_table *table, FILE *stream)
{
  bool claims = table->kind == UFM_TABLE_CLAIMS;

  fprintf(stream, "ufm table: %zu %s%s", table->used,
          claims ? "experiment" : "record", table->used == 1 ? "" : "s");
  print_set(stream, "; spec ", table->specs);
  print_set(stream, "; ", table->versions);
}

static void csv_field(FILE *stream, const char *text)
{
  if (text == NULL)
    return;
  if (text[strcspn(text, ",\"\r\n")] == '\0') {
    fputs(text, stream);
    return;
  }
  fputc('"', stream);
  for (; *text != '\0'; text++) {
    if (*text == '"')
      fputc('"', stream);
    fputc(*text, stream);
  }
  fputc('"', stream);
}

/* The group is the first column. */
void ufm__table_csv(const ufm_table *table, FILE *stream)
{
  const ufm__column *g = table->group;

  if (g != NULL) {
    csv_field(stream, g->header != NULL ? g->header : g->path);
    fputc(',', stream);
  }
  for (size_t i = 0; i < table->column_count; i++) {
    fputs(i > 0 ? "," : "", stream);
    csv_field(stream, ufm__table_header(table, i));
  }
  fputs("\r\n", stream);
  for (size_t r = 0; r < table->row_count; r++) {
    if (g != NULL) {
      csv_field(stream, table->rows[r].group);
      fputc(',', stream);
    }
    for (size_t i = 0; i < table->column_count; i++) {
      fputs(i > 0 ? "," : "", stream);
      csv_field(stream, table->rows[r].cells[i].text);
    }
    fputs("\r\n", stream);
  }
}

ufm_status ufm_table_write(const ufm_table *table, FILE *stream,
                           ufm_error *error)
{
  ufm_status status = UFM_OK;

  switch (table->format) {
  case UFM_TABLE_MARKDOWN:
    status = ufm__table_markdown(table, stream, error);
    break;
  case UFM_TABLE_LATEX:
    status = ufm__table_latex(table, stream, error);
    break;
  case UFM_TABLE_CSV:
    ufm__table_csv(table, stream);
    break;
  }
  if (status == UFM_OK && (fflush(stream) != 0 || ferror(stream) != 0))
    status = ufm__record_io(error);
  return status;
}
