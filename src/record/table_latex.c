/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tabular for booktabs and siunitx: columns of numbers are S columns as wide
   as what they hold. */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/fail.h"
#include "record/table.h"

/* Largest parts of the numbers of a column. */
typedef struct widths {
  size_t numbers, integer, decimal, bar, exponent;
  bool minus, exponent_minus;
} widths;

static size_t digits_at(const char **c)
{
  size_t n = 0;

  for (; isdigit((unsigned char)**c); ++*c)
    n++;
  return n;
}

static void raise_to(size_t *most, size_t n)
{
  *most = *most > n ? *most : n;
}

/* "-1.23(4)e-5", part by part. */
static void measure(widths *w, const char *c)
{
  w->numbers++;
  if (*c == '-') {
    w->minus = true;
    c++;
  }
  raise_to(&w->integer, digits_at(&c));
  if (*c == '.') {
    c++;
    raise_to(&w->decimal, digits_at(&c));
  }
  if (*c == '(') {
    c++;
    raise_to(&w->bar, digits_at(&c));
    c++;
  }
  if (*c == 'e') {
    c++;
    if (*c == '-') {
      w->exponent_minus = true;
      c++;
    }
    raise_to(&w->exponent, digits_at(&c));
  }
}

static widths column_widths(const ufm_table *table, size_t column)
{
  widths w = {0};

  for (size_t r = 0; r < table->row_count; r++)
    if (table->rows[r].cells[column].number)
      measure(&w, table->rows[r].cells[column].text);
  return w;
}

static void print_format(FILE *stream, const widths *w)
{
  if (w->numbers == 0) {
    fputc('l', stream);
    return;
  }
  fprintf(stream, "S[table-format=%s%zu", w->minus ? "-" : "", w->integer);
  if (w->decimal > 0)
    fprintf(stream, ".%zu", w->decimal);
  if (w->bar > 0)
    fprintf(stream, "(%zu)", w->bar);
  if (w->exponent > 0)
    fprintf(stream, "e%s%zu", w->exponent_minus ? "-" : "", w->exponent);
  fputc(']', stream);
}

/* Plain text as LaTeX prints it; "(x3)" after a value as a product. */
static void print_escaped(FILE *stream, const char *text)
{
  static const struct {
    char c;
    const char *latex;
  } special[] = {{'&', "\\&"},
                 {'%', "\\%"},
                 {'$', "\\$"},
                 {'#', "\\#"},
                 {'_', "\\_"},
                 {'{', "\\{"},
                 {'}', "\\}"},
                 {'~', "\\textasciitilde{}"},
                 {'^', "\\textasciicircum{}"},
                 {'\\', "\\textbackslash{}"},
                 {'<', "$<$"},
                 {'>', "$>$"},
                 {'|', "$|$"}};
  enum { N = sizeof special / sizeof *special };

  for (const char *c = text; *c != '\0'; c++) {
    size_t i = 0;

    while (i < N && special[i].c != *c)
      i++;
    if (i < N)
      fputs(special[i].latex, stream);
    else if (strncmp(c, "(x", 2) == 0 && isdigit((unsigned char)c[2]))
      fputs("($\\times$", stream), c++;
    else
      fputc(*c, stream);
  }
}

/* Braces keep texts in S columns from being read as numbers. */
static void print_cell(FILE *stream, const ufm__cell *cell, bool numeric)
{
  if (cell->number) {
    fputs(cell->text, stream);
    return;
  }
  fputs(numeric ? "{" : "", stream);
  print_escaped(stream, cell->text != NULL ? cell->text : "--");
  fputs(numeric ? "}" : "", stream);
}

static void print_header(FILE *stream, const ufm__column *c)
{
  if (c->header != NULL)
    fputs(c->header, stream);
  else
    print_escaped(stream, c->path);
}

static void print_group(const ufm_table *table, size_t row, FILE *stream)
{
  fprintf(stream, "%s\\multicolumn{%zu}{@{}l}{", row > 0 ? "\\midrule\n" : "",
          table->column_count);
  print_header(stream, table->group);
  fputs(": ", stream);
  print_escaped(stream,
                table->rows[row].group != NULL ? table->rows[row].group : "--");
  fputs("} \\\\\n", stream);
}

static void print_row(const ufm_table *table, size_t row, const widths *w,
                      FILE *stream)
{
  for (size_t i = 0; i < table->column_count; i++) {
    fputs(i > 0 ? " & " : "", stream);
    print_cell(stream, &table->rows[row].cells[i], w[i].numbers > 0);
  }
  fputs(" \\\\\n", stream);
}

ufm_status ufm__table_latex(const ufm_table *table, FILE *stream,
                            ufm_error *error)
{
  widths *w = calloc(table->column_count, sizeof *w);

  if (w == NULL)
    return ufm__record_no_memory(error);
  fputs("% ", stream);
  ufm__table_comment(table, stream);
  fputs("\n\\begin{tabular}{@{}", stream);
  for (size_t i = 0; i < table->column_count; i++) {
    w[i] = column_widths(table, i);
    print_format(stream, &w[i]);
  }
  fputs("@{}}\n\\toprule\n", stream);
  for (size_t i = 0; i < table->column_count; i++) {
    fputs(i > 0 ? " & {" : "{", stream);
    print_header(stream, &table->columns[i]);
    fputc('}', stream);
  }
  fputs(" \\\\\n\\midrule\n", stream);
  for (size_t r = 0; r < table->row_count; r++) {
    if (table->group != NULL && ufm__table_group_begins(table, r))
      print_group(table, r, stream);
    print_row(table, r, w, stream);
  }
  fputs("\\bottomrule\n\\end{tabular}\n", stream);
  free(w);
  return UFM_OK;
}
