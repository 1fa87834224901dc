/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table: columns, rows of cells, what made them; and its writers. */
#ifndef UFM_RECORD_TABLE_H
#define UFM_RECORD_TABLE_H

#include <ufm/table.h>

#include "record/columns.h"

typedef struct ufm__row {
  char *group;      /* NULL without groups or without a value */
  ufm__cell *cells; /* one per column */
} ufm__row;

struct ufm_table {
  ufm_table_format format;
  ufm_table_rows kind;
  ufm__column *columns;
  size_t column_count;
  ufm__column *group; /* of --group-by, or NULL */
  ufm__condition *conditions;
  size_t condition_count;
  ufm__row *rows; /* grouped when finished */
  size_t row_count, row_space;
  size_t lines;     /* read, of the kind of this table */
  size_t used;      /* of them, those that hold the conditions */
  json_t *names;    /* set of all paths of records */
  json_t *specs;    /* set of spec hashes */
  json_t *versions; /* set of "ufm 0.1.0, gsl 2.7.1, ..." */
  json_t *theorems; /* UFM_TABLE_SUMMARY: what is known of each */
};

/* A new row, whose cells are empty; NULL when memory ran out. */
ufm__row *ufm__table_row(ufm_table *table);

/* Sets a cell to a printed text; false when memory ran out. */
UFM_PRINTF(3, 4)
bool ufm__table_print(ufm__row *row, size_t column, const char *format, ...);

/* Adds a record to the summary, a claim line to the claims. */
UFM_MUST_CHECK ufm_status ufm__summary_add(ufm_table *table, json_t *record,
                                           ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__summary_finish(ufm_table *table,
                                              ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__claims_add(ufm_table *table, json_t *experiment,
                                          const char *where, ufm_error *error);

/* The text over column i. */
const char *ufm__table_header(const ufm_table *table, size_t i);

/* The comment of LaTeX and Markdown tables, without its marks. */
void ufm__table_comment(const ufm_table *table, FILE *stream);

/* True when row i is the first of its group. */
bool ufm__table_group_begins(const ufm_table *table, size_t i);

UFM_MUST_CHECK ufm_status ufm__table_latex(const ufm_table *table, FILE *stream,
                                           ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__table_markdown(const ufm_table *table,
                                              FILE *stream, ufm_error *error);
void ufm__table_csv(const ufm_table *table, FILE *stream);

#endif
