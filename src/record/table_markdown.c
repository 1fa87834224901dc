/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Markdown table, padded so that its source reads as a table too. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "record/fail.h"
#include "record/table.h"

/* Characters of a text as it is written: '|' is written "\|", and bytes behind
   the first of a UTF-8 character are no characters. */
static size_t width(const char *text)
{
  size_t n = 0;

  for (; *text != '\0'; text++)
    n += (size_t)(((unsigned char)*text & 0xC0) != 0x80) + (*text == '|');
  return n;
}

static void print_padded(FILE *stream, const char *text, size_t size,
                         bool right)
{
  int blanks = (int)(size - width(text));

  fprintf(stream, " %*s", right ? blanks : 0, "");
  for (; *text != '\0'; text++)
    fprintf(stream, "%s%c", *text == '|' ? "\\" : "", *text);
  fprintf(stream, "%*s |", right ? 0 : blanks, "");
}

static const char *cell_text(const ufm__cell *cell)
{
  return cell->text != NULL ? cell->text : "--";
}

/* A group is named in its first row. */
static const char *group_text(const ufm_table *table, size_t row)
{
  if (!ufm__table_group_begins(table, row))
    return "";
  return table->rows[row].group != NULL ? table->rows[row].group : "--";
}

static const char *group_header(const ufm_table *table)
{
  return table->group->header != NULL ? table->group->header
                                      : table->group->path;
}

static size_t column_size(const ufm_table *table, size_t i, bool *right)
{
  size_t size = width(ufm__table_header(table, i));

  *right = false;
  for (size_t r = 0; r < table->row_count; r++) {
    const ufm__cell *cell = &table->rows[r].cells[i];
    size_t w = width(cell_text(cell));

    *right = *right || cell->number;
    size = size > w ? size : w;
  }
  return size > 3 ? size : 3;
}

static size_t group_size(const ufm_table *table)
{
  size_t size = width(group_header(table));

  for (size_t r = 0; r < table->row_count; r++) {
    size_t w = width(group_text(table, r));

    size = size > w ? size : w;
  }
  return size > 3 ? size : 3;
}

static void print_rule(FILE *stream, size_t size, bool right)
{
  fputc(' ', stream);
  for (size_t i = 0; i < size; i++)
    fputc(i + 1 == size && right ? ':' : '-', stream);
  fputs(" |", stream);
}

static void print_head(const ufm_table *table, const size_t *size,
                       const bool *right, size_t group, FILE *stream)
{
  fputc('|', stream);
  if (group > 0)
    print_padded(stream, group_header(table), group, false);
  for (size_t i = 0; i < table->column_count; i++)
    print_padded(stream, ufm__table_header(table, i), size[i], right[i]);
  fputs("\n|", stream);
  if (group > 0)
    print_rule(stream, group, false);
  for (size_t i = 0; i < table->column_count; i++)
    print_rule(stream, size[i], right[i]);
  fputc('\n', stream);
}

ufm_status ufm__table_markdown(const ufm_table *table, FILE *stream,
                               ufm_error *error)
{
  size_t n = table->column_count;
  size_t *size = calloc(n, sizeof *size);
  bool *right = calloc(n, sizeof *right);
  size_t group = table->group != NULL ? group_size(table) : 0;
  ufm_status status = UFM_OK;

  if (size == NULL || right == NULL) {
    status = ufm__record_no_memory(error);
    goto done;
  }
  for (size_t i = 0; i < n; i++)
    size[i] = column_size(table, i, &right[i]);
  fputs("<!-- ", stream);
  ufm__table_comment(table, stream);
  fputs(" -->\n\n", stream);
  print_head(table, size, right, group, stream);
  for (size_t r = 0; r < table->row_count; r++) {
    fputc('|', stream);
    if (group > 0)
      print_padded(stream, group_text(table, r), group, false);
    for (size_t i = 0; i < n; i++)
      print_padded(stream, cell_text(&table->rows[r].cells[i]), size[i],
                   right[i]);
    fputc('\n', stream);
  }
done:
  free(size);
  free(right);
  return status;
}
