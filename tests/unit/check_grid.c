/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grids: order, ranges, templates, hashes, refusals. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <ufm/grid.h>

#include "run.h"

/* Reads a grid from a text, through a file. */
static ufm_status read_text(ufm_grid **grid, const char *text, ufm_error *error)
{
  char path[] = "check_grid.XXXXXX";
  int file = mkstemp(path);
  ufm_status status;

  ck_assert_int_ge(file, 0);
  ck_assert_int_eq(write(file, text, strlen(text)), (int)strlen(text));
  close(file);
  status = ufm_grid_read(grid, path, error);
  unlink(path);
  return status;
}

static ufm_grid *make(const char *text)
{
  ufm_grid *grid = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(read_text(&grid, text, &error) == UFM_OK, "%s", error.text);
  return grid;
}

/* Option `name` of point `index` is `want`. */
static void expect(const ufm_grid *grid, size_t index, const char *name,
                   const char *want)
{
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_grid_point(&spec, grid, index, &error) == UFM_OK, "%s",
                error.text);
  ck_assert_str_eq(ufm_spec_get(spec, name), want);
  ufm_spec_free(spec);
}

START_TEST(last_axis_is_fastest)
{
  ufm_grid *grid = make("{\"format\": 1, \"problem\": {\"depth\": 2},"
                        "\"solve\": {\"tol\": 1e-9}, \"grid\": {"
                        "\"counts\": [[5, 3], \"7,1,1\"],"
                        "\"lambda_W\": [0.25, \"1/3\", 2], \"seed\": [4, 0]}}");

  ck_assert_uint_eq(ufm_grid_size(grid), 12);
  ck_assert_uint_eq(ufm_grid_axes(grid), 3);
  ck_assert_str_eq(ufm_grid_axis(grid, 1), "lambda-W");
  ck_assert_ptr_null(ufm_grid_axis(grid, 3));
  for (size_t i = 0; i < 12; i++) {
    static const char *const lambda[] = {"0.25", "1/3", "2"};

    expect(grid, i, "counts", i < 6 ? "5,3" : "7,1,1");
    expect(grid, i, "lambda-W", lambda[i / 2 % 3]);
    expect(grid, i, "seed", i % 2 == 0 ? "4" : "0");
    expect(grid, i, "depth", "2");
    expect(grid, i, "tol", "1e-09");
  }
  ufm_grid_free(grid);
}
END_TEST

/* Linear points are exact; logarithmic ones have exact ends, and rounded inner
   points that are correct to the last digit. */
START_TEST(ranges)
{
  ufm_grid *grid = make(
      "{\"format\": 1, \"grid\": {"
      "\"lambda_W\": {\"from\": \"1/7\", \"to\": 0.5, \"n\": 4},"
      "\"lambda_H\": {\"from\": \"1/3\", \"to\": \"1000/3\", \"n\": 7,"
      " \"scale\": \"log\"},"
      "\"lambda_b\": {\"from\": 2, \"to\": 1, \"n\": 3, \"scale\": \"log\","
      " \"digits\": 20},"
      "\"seed\": {\"from\": 9, \"to\": 3, \"n\": 3, \"scale\": \"lin\"},"
      "\"targets\": {\"in\": \"smooth:{}\", \"values\": [0, 0.1]}}}");
  static const char *const lin[] = {"1/7", "11/42", "8/21", "1/2"};
  static const char *const log[] = {"1/3",     "1.05409", "3.33333", "10.5409",
                                    "33.3333", "105.409", "1000/3"};
  static const char *const fine[] = {"2", "1.4142135623730950488", "1"};
  static const char *const seeds[] = {"9", "6", "3"};

  ck_assert_uint_eq(ufm_grid_size(grid), 4 * 7 * 3 * 3 * 2);
  for (size_t i = 0; i < ufm_grid_size(grid); i++) {
    expect(grid, i, "lambda-W", lin[i / 126]);
    expect(grid, i, "lambda-H", log[i / 18 % 7]);
    expect(grid, i, "lambda-b", fine[i / 6 % 3]);
    expect(grid, i, "seed", seeds[i / 2 % 3]);
    expect(grid, i, "targets", i % 2 == 0 ? "smooth:0" : "smooth:0.1");
  }
  ufm_grid_free(grid);
}
END_TEST

/* Six digits keep RATIO of a profile below the limits of its reader. */
START_TEST(default_digits_suit_profiles)
{
  ufm_grid *grid =
      make("{\"format\": 1, \"problem\": {\"lambda_W\": 1, \"lambda_H\": 1},"
           "\"grid\": {\"profile\": {\"in\": \"exp:4:1000000:{}\", \"from\": 1,"
           "\"to\": 1000000, \"n\": 97, \"scale\": \"log\"}}}");

  for (size_t i = 0; i < ufm_grid_size(grid); i++) {
    ufm_spec *spec = NULL;
    ufm_problem *problem = NULL;
    ufm_error error = {{0}};

    ck_assert_int_eq(ufm_grid_point(&spec, grid, i, &error), UFM_OK);
    ck_assert_msg(ufm_spec_problem(spec, &problem, &error) == UFM_OK, "%s",
                  error.text);
    ufm_problem_free(problem);
    ufm_spec_free(spec);
  }
  ufm_grid_free(grid);
}
END_TEST

START_TEST(files_carry_the_index)
{
  ufm_grid *grid =
      make("{\"format\": 1, \"solve\": {\"certificate\": \"a{index}/{index}\"},"
           "\"grid\": {\"seed\": {\"from\": 0, \"to\": 11, \"n\": 12}}}");

  expect(grid, 0, "certificate", "a0/0");
  expect(grid, 11, "certificate", "a11/11");
  ufm_grid_free(grid);
}
END_TEST

static void same_hash(const char *a, const char *b, bool same)
{
  ufm_grid *first = make(a), *second = make(b);

  ck_assert_uint_eq(strlen(ufm_grid_hash(first)), 16);
  ck_assert_msg((strcmp(ufm_grid_hash(first), ufm_grid_hash(second)) == 0) ==
                    same,
                "%s\n%s", a, b);
  ufm_grid_free(first);
  ufm_grid_free(second);
}

START_TEST(hash_is_of_what_is_computed)
{
  static const char base[] =
      "{\"format\": 1, \"problem\": {\"loss\": \"ce\", \"lambda_H\": 1},"
      "\"grid\": {\"seed\": [1, 2, 3], \"lambda_W\": [1, 2]}}";

  same_hash(base,
            "{\"note\": \"the same\", \"grid\": {\"seed\": {\"from\": 1,"
            "\"to\": 3, \"n\": 3}, \"lambda-W\": [\"1\", 2]}, \"format\": 1,"
            "\"problem\": {\"lambda-H\": \"1\", \"loss\": \"ce\"}}",
            true);
  same_hash(base,
            "{\"format\": 1, \"problem\": {\"loss\": \"ce\", \"lambda_H\": 1},"
            "\"grid\": {\"lambda_W\": [1, 2], \"seed\": [1, 2, 3]}}",
            false);
  same_hash(base,
            "{\"format\": 1, \"problem\": {\"loss\": \"ce\", \"lambda_H\": 2},"
            "\"grid\": {\"seed\": [1, 2, 3], \"lambda_W\": [1, 2]}}",
            false);
  same_hash(base,
            "{\"format\": 1, \"problem\": {\"loss\": \"ce\"},"
            "\"grid\": {\"lambda_H\": [1], \"seed\": [1, 2, 3],"
            "\"lambda_W\": [1, 2]}}",
            false);
  same_hash("{\"format\": 1, \"grid\": {\"seed\": [12]}}",
            "{\"format\": 1, \"grid\": {\"seed\": [1, 2]}}", false);
}
END_TEST

/* Journals outlive programs: the hash is FNV-1a over these texts, each with its
   zero byte: "loss" "ce" "lambda-H" "1", "" "seed" "1" "2" "3", "" "lambda-W"
   "1" "2"; the value is from another implementation. */
START_TEST(hash_stays_the_same)
{
  ufm_grid *grid =
      make("{\"format\": 1, \"problem\": {\"loss\": \"ce\", \"lambda_H\": 1},"
           "\"grid\": {\"seed\": [1, 2, 3], \"lambda_W\": [1, 2]}}");

  ck_assert_str_eq(ufm_grid_hash(grid), "7b0fec159e2115c8");
  ufm_grid_free(grid);
}
END_TEST

START_TEST(beyond_the_grid)
{
  ufm_grid *grid = make("{\"format\": 1, \"grid\": {\"seed\": [1, 2]}}");
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_grid_point(&spec, grid, 2, &error), UFM_ERANGE);
  ck_assert_ptr_null(spec);
  ck_assert_str_eq(error.text, "grid: got point 2, want 0 to 1");
  ufm_grid_free(grid);
}
END_TEST

/* What is wrong, and a part of what is said of it. */
static const char *const refusals[][2] = {
    {"[1]", "want a JSON object"},
    {"{\"grid\": {\"seed\": [1]}}", "format"},
    {"{\"format\": 1}", "grid: empty"},
    {"{\"format\": 1, \"grid\": []}", "grid: empty"},
    {"{\"format\": 1, \"problem\": [], \"grid\": {\"seed\": [1]}}",
     "want an object of options"},
    {"{\"format\": 1, \"grid\": {\"seed\": [1], \"max-iter\": [1],"
     "\"max_iter\": [2]}}",
     "given twice"},
    {"{\"format\": 1, \"grid\": {\"seed\": {\"from\": 1, \"to\": 2,"
     "\"n\": 1}}}",
     "n: got 1"},
    {"{\"format\": 1, \"grid\": {\"seed\": {\"from\": 1, \"to\": 2,"
     "\"n\": 0}}}",
     "n: got '0'"},
    {"{\"format\": 1, \"grid\": {\"seed\": {\"from\": \"x\", \"to\": 2,"
     "\"n\": 3}}}",
     "from: got 'x'"},
    {"{\"format\": 1, \"grid\": {\"tol\": {\"from\": 1, \"to\": 1.0001,"
     "\"n\": 9, \"scale\": \"log\", \"digits\": 3}}}",
     "stands twice"},
    {"{\"format\": 1, \"grid\": {\"seed\": {\"values\": 3}}}",
     "values: want a list"},
    {"{\"format\": 1, \"grid\": {\"seed\": [null]}}", "want a string"},
};
enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(refused)
{
  ufm_grid *grid = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(read_text(&grid, refusals[_i][0], &error), UFM_EINVAL);
  ck_assert_ptr_null(grid);
  ck_assert_msg(strstr(error.text, refusals[_i][1]) != NULL, "%s", error.text);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("grid");

  tcase_add_test(tests, last_axis_is_fastest);
  tcase_add_test(tests, ranges);
  tcase_add_test(tests, default_digits_suit_profiles);
  tcase_add_test(tests, files_carry_the_index);
  tcase_add_test(tests, hash_is_of_what_is_computed);
  tcase_add_test(tests, hash_stays_the_same);
  tcase_add_test(tests, beyond_the_grid);
  tcase_add_loop_test(tests, refused, 0, REFUSALS);
  return run_case("grid", tests);
}
