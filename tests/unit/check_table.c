/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of records: every format letter by letter, every refusal. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <gmp.h>
#include <ufm/table.h>

#include "../prop/rounds.h"
#include "run.h"

/* Records as ufm writes them, cut to what a table needs. */
#define PROVED                                                                 \
  "{\"format\":\"ufm-record-1\",\"problem\":{\"loss\":\"ce\",\"counts\":[5,5," \
  "2],\"bias\":\"free\",\"lambda_H\":\"1/2000\"},\"solve\":{\"objective\":"    \
  "0.1},\"theory\":null,\"comparison\":{\"verdict\":\"no-theorem\"},"          \
  "\"certificate\":{\"status\":\"proved\",\"evidence\":\"proved\",\"lower\":"  \
  "\"0.153133778\",\"upper\":\"0.153133784\",\"rank\":[2,2],\"families\":[{"   \
  "\"name\":\"etf\",\"lower\":\"0.25\",\"upper\":\"0.26\"}]},\"versions\":{"   \
  "\"ufm\":\"0.1.0\",\"blas\":\"x\"},\"spec_hash\":\"abc\"}\n"
#define BRACKETED                                                              \
  "{\"format\":\"ufm-record-1\",\"problem\":{\"loss\":\"mse\",\"counts\":[7]," \
  "\"bias\":\"none\",\"lambda_H\":\"0.5\"},\"solve\":{\"objective\":"          \
  "-1.5e-7},\"theory\":{\"theorem\":\"a_b\"},\"comparison\":{\"verdict\":"     \
  "\"agrees\",\"objective_error\":-1.25e-15},\"certificate\":{\"status\":"     \
  "\"bracketed\",\"evidence\":\"proved\",\"lower\":\"0.12345678901\","         \
  "\"upper\":\"0.2\"},\"versions\":{\"ufm\":\"0.1.0\",\"blas\":\"x\"}}\n"
#define REFUSED                                                                \
  "{\"format\":\"ufm-record-1\",\"problem\":{\"loss\":\"ce\",\"counts\":[1,1]" \
  ",\"bias\":\"free\",\"lambda_H\":\"2\"},\"certificate\":{\"status\":"        \
  "\"refused\",\"lower\":null,\"upper\":null}}\n"
#define CLAIMS                                                                 \
  "{\"format\":\"ufm-experiment-1\",\"experiment\":\"e\",\"claims\":[{"        \
  "\"claim\":\"a <= b\",\"cases\":3,\"worst\":2.5e-16,\"verdict\":\"agrees\"}" \
  ",{\"claim\":\"c\",\"cases\":1,\"worst\":null,\"verdict\":\"refuted\"}]}\n"

/* The table of a text, or NULL and the message. */
static char *table_of(const char *text, const ufm_table_settings *settings,
                      ufm_error *error)
{
  ufm_table *table = NULL;
  FILE *in = fmemopen((char *)(uintptr_t)text, strlen(text), "r"), *out;
  char *result = NULL;
  size_t length;
  ufm_status status = ufm_table_new(&table, settings, error);

  if (status == UFM_OK)
    status = ufm_table_read(table, in, "in", error);
  if (status == UFM_OK)
    status = ufm_table_finish(table, error);
  if (status == UFM_OK) {
    out = open_memstream(&result, &length);
    status = ufm_table_write(table, out, error);
    fclose(out);
  }
  fclose(in);
  ufm_table_free(table);
  ck_assert(status == UFM_OK || status == UFM_EINVAL);
  ck_assert_int_eq(status == UFM_OK, result != NULL);
  return result;
}

static void expect(const char *text, ufm_table_settings settings,
                   const char *wanted)
{
  ufm_error error = {{0}};
  char *got = table_of(text, &settings, &error);

  ck_assert_msg(got != NULL, "%s", error.text);
  ck_assert_str_eq(got, wanted);
  free(got);
}

static void refuse(const char *text, ufm_table_settings settings,
                   const char *word)
{
  ufm_error error = {{0}};

  ck_assert_ptr_null(table_of(text, &settings, &error));
  ck_assert_msg(strstr(error.text, word) != NULL, "'%s' lacks '%s'", error.text,
                word);
}

static const char columns[] =
    "problem.loss=loss,problem.counts,certificate=F,problem.lambda_H";

START_TEST(markdown)
{
  expect(PROVED BRACKETED REFUSED, (ufm_table_settings){.columns = columns},
         "<!-- ufm table: 3 records; spec abc; ufm 0.1.0, blas x -->\n\n"
         "| loss | problem.counts |                  F | problem.lambda_H |\n"
         "| ---- | -------------- | -----------------: | ---------------: |\n"
         "| ce   | 5 (x2), 2      |     0.153133781(3) |           1/2000 |\n"
         "| mse  | 7              | [0.123456789, 0.2] |              0.5 |\n"
         "| ce   | 1 (x2)         |                 -- |                2 |\n");
}
END_TEST

START_TEST(latex)
{
  expect(PROVED BRACKETED REFUSED,
         (ufm_table_settings){.format = UFM_TABLE_LATEX,
                              .columns = "problem.loss=loss,certificate=$F^*$,"
                                         "solve.objective:2,problem.counts"},
         "% ufm table: 3 records; spec abc; ufm 0.1.0, blas x\n"
         "\\begin{tabular}{@{}lS[table-format=1.9(1)]"
         "S[table-format=-1.2e-1]l@{}}\n"
         "\\toprule\n"
         "{loss} & {$F^*$} & {solve.objective} & {problem.counts} \\\\\n"
         "\\midrule\n"
         "ce & 0.153133781(3) & 0.10 & 5 ($\\times$2), 2 \\\\\n"
         "mse & {[0.123456789, 0.2]} & -1.5e-7 & 7 \\\\\n"
         "ce & {--} & {--} & 1 ($\\times$2) \\\\\n"
         "\\bottomrule\n\\end{tabular}\n");
}
END_TEST

START_TEST(csv)
{
  expect(PROVED BRACKETED,
         (ufm_table_settings){.format = UFM_TABLE_CSV,
                              .columns = "problem.counts=a \"b\",,c,"
                                         "certificate.lower:3,"
                                         "certificate.upper:3"},
         "\"a \"\"b\"\",c\",certificate.lower,certificate.upper\r\n"
         "\"5 (x2), 2\",0.153,0.154\r\n"
         "7,0.123,0.2\r\n");
}
END_TEST

START_TEST(groups_and_conditions)
{
  expect(PROVED BRACKETED REFUSED,
         (ufm_table_settings){.format = UFM_TABLE_CSV,
                              .columns = "problem.counts.0=n",
                              .group_by = "problem.bias=bias"},
         "bias,n\r\nfree,5\r\nfree,1\r\nnone,7\r\n");
  expect(PROVED BRACKETED REFUSED,
         (ufm_table_settings){.columns = "problem.counts.0=n",
                              .group_by = "problem.bias=bias"},
         "<!-- ufm table: 3 records; spec abc; ufm 0.1.0, blas x -->\n\n"
         "| bias |   n |\n| ---- | --: |\n| free |   5 |\n|      |   1 |\n"
         "| none |   7 |\n");
  expect(PROVED BRACKETED REFUSED,
         (ufm_table_settings){.format = UFM_TABLE_CSV,
                              .columns = "problem.counts.0=n",
                              .where = "problem.loss=ce,problem.lambda_H=2.0"},
         "n\r\n1\r\n");
}
END_TEST

START_TEST(forms)
{
  expect(BRACKETED,
         (ufm_table_settings){
             .format = UFM_TABLE_CSV,
             .columns = "solve.objective:f9=a,solve.objective:text=b,"
                        "certificate.lower:text=c,problem.counts:f2=d"},
         "a,b,c,d\r\n-0.000000150,-1.4999999999999999e-7,0.12345678901,7.00"
         "\r\n");
  expect(PROVED,
         (ufm_table_settings){.format = UFM_TABLE_CSV,
                              .columns = "problem.counts.#=K,"
                                         "problem.counts.-1=last"},
         "K,last\r\n3,2\r\n");
  /* an enclosure inside something proved, without a status of its own */
  expect(PROVED,
         (ufm_table_settings){.format = UFM_TABLE_CSV,
                              .columns = "certificate.families.0=a"},
         "a\r\n0.255(5)\r\n");
}
END_TEST

START_TEST(summary_and_claims)
{
  expect(
      PROVED BRACKETED CLAIMS,
      (ufm_table_settings){.format = UFM_TABLE_CSV, .rows = UFM_TABLE_SUMMARY},
      "theorem,points,agrees,refuted,not reached,objective error,"
      "singular value error,Gram error,proved\r\n"
      "a_b,1,1,0,0,1.2e-15,0.0e+00,0.0e+00,0\r\n"
      "(none),1,0,0,0,,,,1\r\n");
  expect(
      PROVED CLAIMS,
      (ufm_table_settings){.format = UFM_TABLE_LATEX, .rows = UFM_TABLE_CLAIMS},
      "% ufm table: 1 experiment\n"
      "\\begin{tabular}{@{}llS[table-format=1]S[table-format=1.1e-2]l@{}}\n"
      "\\toprule\n"
      "{experiment} & {claim} & {cases} & {largest deviation} & {verdict} "
      "\\\\\n\\midrule\n"
      "e & a $<$= b & 3 & 2.5e-16 & agrees \\\\\n"
      " & c & 1 & {--} & refuted \\\\\n"
      "\\bottomrule\n\\end{tabular}\n");
}
END_TEST

START_TEST(bad_lines)
{
  ufm_table_settings s = {.columns = "problem.loss"};

  refuse(PROVED "{\"format\":\"ufm-record-1\",\"prob", s,
         "in:2: the line is torn");
  refuse(PROVED "{\"format\":\n" PROVED, s, "in:2: not one JSON object");
  refuse("\n", s, "in:1");
  refuse("[1, 2]\n", s, "in:1: not a record");
  refuse("{\"a\":1}\n", s, "in:1: not a record");
  refuse("{\"a\":1,\"a\":2}\n", s, "duplicate");
  refuse(PROVED "{\"format\":\"ufm-record-2\"}\n", s, "got format");
  refuse("", s, "no record");
  refuse(CLAIMS, s, "no record");
  refuse(PROVED, (ufm_table_settings){.rows = UFM_TABLE_CLAIMS},
         "no experiment");
}
END_TEST

START_TEST(bad_columns)
{
  static const struct {
    const char *columns, *word;
  } bad[] = {{"certificate.lowr", "near it: 'certificate.lower'"},
             {"problem", "has members"},
             {"zzzzzzzzzzzz", "is in no record"},
             {"", "want a path"},
             {"problem.loss,", "want a path"},
             {"problem..loss", "want a path"},
             {".loss", "want a path"},
             {"problem.loss:0", "form '0'"},
             {"problem.loss:x", "form 'x'"},
             {"problem.loss:f", "form 'f'"},
             {"problem.loss:10001", "form '10001'"},
             {"problem.counts.9", "is in no record"},
             {"problem.loss.#", "is in no record"},
             {"problem.counts.-2", "is in no record"}};

  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    refuse(PROVED, (ufm_table_settings){.columns = bad[i].columns},
           bad[i].word);
  refuse(PROVED,
         (ufm_table_settings){.columns = "problem.loss", .group_by = "bias"},
         "group-by");
  refuse(PROVED, (ufm_table_settings){.group_by = "problem.bias,problem.loss"},
         "want one");
  refuse(PROVED, (ufm_table_settings){.where = "problem.loss"}, "PATH=VALUE");
  refuse(PROVED, (ufm_table_settings){.where = "problem.loss=mse"},
         "none of 1 records");
  refuse(PROVED, (ufm_table_settings){.where = "problem.los=mse"},
         "near it: 'problem.loss'");
  refuse(PROVED, (ufm_table_settings){.digits = 100000}, "digits");
  refuse(PROVED,
         (ufm_table_settings){.rows = UFM_TABLE_SUMMARY,
                              .columns = "problem.loss"},
         "only for a table of records");
}
END_TEST

/* Whatever a line holds, it is read or refused in one line. */
START_TEST(changed_records_are_read_or_refused)
{
  static const char original[] = PROVED BRACKETED CLAIMS;
  static const char bytes[] = "{}[]:,.\"0123456789eE+-ntfu\\ \n\t\x80";
  unsigned long seed = 77;
  gmp_randstate_t state;
  char text[sizeof original];

  gmp_randinit_default(state);
  gmp_randseed_ui(state, seed);
  for (int i = 0; i < rounds(2000); i++) {
    ufm_table_settings s = {.format =
                                (ufm_table_format)gmp_urandomm_ui(state, 3),
                            .rows = (ufm_table_rows)gmp_urandomm_ui(state, 3)};
    ufm_error error = {{0}};
    char *got;

    memcpy(text, original, sizeof text);
    for (unsigned long k = 1 + gmp_urandomm_ui(state, 4); k > 0; k--)
      text[gmp_urandomm_ui(state, sizeof text - 1)] =
          bytes[gmp_urandomm_ui(state, sizeof bytes - 1)];
    got = table_of(text, &s, &error);
    ck_assert_msg(got != NULL || (error.text[0] != '\0' &&
                                  strchr(error.text, '\n') == NULL),
                  "seed %lu, case %d: no message", seed, i);
    free(got);
  }
  gmp_randclear(state);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("table");

  tcase_add_test(tests, markdown);
  tcase_add_test(tests, latex);
  tcase_add_test(tests, csv);
  tcase_add_test(tests, groups_and_conditions);
  tcase_add_test(tests, forms);
  tcase_add_test(tests, summary_and_claims);
  tcase_add_test(tests, bad_lines);
  tcase_add_test(tests, bad_columns);
  tcase_add_test(tests, changed_records_are_read_or_refused);
  return run_case("table", tests);
}
