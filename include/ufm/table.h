/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Tables of records: JSON Lines in, LaTeX, Markdown or CSV out.  Numbers are
 * rounded from the exact values of the records; bounds keep their direction,
 * and error bars appear only for what is proved.
 */
#ifndef UFM_TABLE_H
#define UFM_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** X(enumerator, name, what it is). */
#define UFM_TABLE_FORMAT_LIST(X)                                               \
  X(UFM_TABLE_MARKDOWN, "markdown", "a Markdown table")                        \
  X(UFM_TABLE_LATEX, "latex", "a tabular of booktabs and siunitx S columns")   \
  X(UFM_TABLE_CSV, "csv", "RFC 4180: a header line, CRLF, quotes where needed")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_table_format {
  UFM_TABLE_FORMAT_LIST(UFM_ENUM_MEMBER)
} ufm_table_format;
#undef UFM_ENUM_MEMBER

/** What the rows are. */
typedef enum ufm_table_rows {
  UFM_TABLE_RECORDS, /**< one row per record ("ufm-record-1") */
  UFM_TABLE_SUMMARY, /**< one row per theorem: points, verdicts, largest errors,
                          proofs */
  UFM_TABLE_CLAIMS   /**< one row per claim of an experiment
                          ("ufm-experiment-1") */
} ufm_table_rows;

/** How to make a table; texts are read by ufm_table_new only. */
typedef struct ufm_table_settings {
  ufm_table_format format;
  ufm_table_rows rows;
  /** Columns of UFM_TABLE_RECORDS, a list "PATH[:FORM][=HEADER],...".  PATH
      names a part of the record ("certificate.lower", "geometry.cos_w.mean";
      items of lists by number, "geometry.norm_w.0", "problem.counts.-1" for the
      last, "problem.counts.#" for how many).  FORM: N (N significant
      digits), fN (N digits behind the point) or text (as it stands).  HEADER is
      the rest up to a comma (two commas stand for one), in LaTeX as it stands;
      the default is PATH.  An object with lower and upper is shown as
      "0.153133781(3)" when it is proved, else as "[0.14, 0.16]".
      NULL: loss, depth, counts, bias, optimum, theorem, verdict. */
  const char *columns;
  const char *group_by; /**< PATH: rows with the same value together, in order
                             of first appearance; NULL: none */
  const char *where;    /**< "PATH=VALUE,...": only the records in which all
                             hold; NULL: all */
  size_t digits;        /**< significant digits, 1 to 10000; 0: 9 */
} ufm_table_settings;

/** A table under construction. */
typedef struct ufm_table ufm_table;

/** UFM_EINVAL when a column, group or condition is not of the form above. */
UFM_API UFM_MUST_CHECK ufm_status ufm_table_new(
    ufm_table **out, const ufm_table_settings *settings, ufm_error *error);

/** Frees a table; NULL is allowed. */
UFM_API void ufm_table_free(ufm_table *table);

/**
 * Adds the lines of a stream; `name` stands for it in messages.  Experiments
 * end their records with a line "ufm-experiment-1": claims read these only, the
 * other tables the records only.  UFM_EINVAL with name and line for a line that
 * is torn, not JSON, or of another format; UFM_EIO when reading fails.  Memory:
 * the texts of the table, not the records.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_table_read(ufm_table *table, FILE *stream,
                                                 const char *name,
                                                 ufm_error *error);

/**
 * Nothing more comes: UFM_EINVAL when no line was read, when no record passed
 * the conditions, or when a column is in no record, with the names near it.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_table_finish(ufm_table *table,
                                                   ufm_error *error);

/** Writes a finished table.  LaTeX and Markdown begin with a comment: how many
 *  records, hashes of their sweeps, versions that made them. */
UFM_API UFM_MUST_CHECK ufm_status ufm_table_write(const ufm_table *table,
                                                  FILE *stream,
                                                  ufm_error *error);

/** The format called `name`; UFM_EINVAL with the names there are. */
UFM_API UFM_MUST_CHECK ufm_status ufm_table_format_read(ufm_table_format *out,
                                                        const char *name,
                                                        ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
