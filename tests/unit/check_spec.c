/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options by name, SPEC files, and every complaint they can cause. */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include <ufm/spec.h>

#include "run.h"

/* A spec from name, value pairs that end with NULL. */
static ufm_spec *make_spec(const char *const *pairs)
{
  ufm_spec *spec = NULL;

  ck_assert_int_eq(ufm_spec_new(&spec, NULL), UFM_OK);
  for (; *pairs != NULL; pairs += 2)
    ck_assert_int_eq(ufm_spec_set(spec, pairs[0], pairs[1], NULL), UFM_OK);
  return spec;
}

static ufm_problem *must_build(ufm_spec *spec)
{
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_spec_problem(spec, &problem, &error) == UFM_OK, "%s",
                error.text);
  return problem;
}

static void expect_counts(const char *name, const char *text, size_t K,
                          const size_t *counts)
{
  ufm_spec *spec = make_spec(
      (const char *[]){name, text, "lambda-W", "1/2", "lambda-H", "0.5", NULL});
  ufm_problem *problem = must_build(spec);

  ck_assert_uint_eq(ufm_problem_classes(problem), K);
  for (size_t k = 0; k < K; k++)
    ck_assert_msg(ufm_problem_counts(problem)[k] == counts[k],
                  "%s: class %zu has %zu, want %zu", text, k,
                  ufm_problem_counts(problem)[k], counts[k]);
  ufm_problem_free(problem);
  ufm_spec_free(spec);
}

START_TEST(counts_and_profiles)
{
  expect_counts("counts", "500,3,1", 3, (size_t[]){500, 3, 1});
  /* 500 * 100^(-1/2) is the integer 50: an exact floor, not 49 */
  expect_counts("profile", "exp:3:500:100", 3, (size_t[]){500, 50, 5});
  expect_counts("profile", "exp:10:500:100", 10,
                (size_t[]){500, 299, 179, 107, 64, 38, 23, 13, 8, 5});
  expect_counts("profile", "exp:4:1000:1000", 4, (size_t[]){1000, 100, 10, 1});
  expect_counts("profile", "exp:2:7:7/2", 2, (size_t[]){7, 2});
  expect_counts("profile", "step:5:100:30:2", 5,
                (size_t[]){100, 100, 100, 3, 3});
  expect_counts("profile", "step:2:9:3:0", 2, (size_t[]){9, 9});
  expect_counts("profile", "zipf:5:10", 5, (size_t[]){10, 5, 3, 2, 2});
  expect_counts("profile", "zipf:4:3:2", 4, (size_t[]){3, 1, 1, 1});
  /* 100/4^(1/2) = 50 and 100/9^(1/2) = 33.3: irrational powers in between */
  expect_counts("profile", "zipf:4:100:1/2", 4, (size_t[]){100, 70, 57, 50});
}
END_TEST

START_TEST(every_option_reaches_the_problem)
{
  ufm_spec *spec = make_spec((const char *[]){
      "loss",     "ce",         "classes",  "4",         "per-class", "3",
      "depth",    "2",          "widths",   "5,6",       "bias",      "ridge",
      "lambda-b", "1/3",        "lambda-W", "1e-3,2e-3", "lambda_H",  "5e-4",
      "targets",  "smooth:0.1", "unmerged", "true",      NULL});
  ufm_problem *problem = must_build(spec);

  ck_assert_int_eq(ufm_problem_loss(problem), UFM_LOSS_CE);
  ck_assert_uint_eq(ufm_problem_samples(problem), 12);
  ck_assert_uint_eq(ufm_problem_depth(problem), 2);
  ck_assert_uint_eq(ufm_problem_width(problem, 1), 5);
  ck_assert_uint_eq(ufm_problem_width(problem, 2), 6);
  ck_assert_uint_eq(ufm_problem_width(problem, 3), 4);
  ck_assert_int_eq(ufm_problem_bias(problem), UFM_BIAS_RIDGE);
  ck_assert_int_eq(mpq_cmp_ui(ufm_problem_lambda_b(problem), 1, 3), 0);
  ck_assert_int_eq(mpq_cmp_ui(ufm_problem_lambda_w(problem, 2), 1, 500), 0);
  ck_assert_int_eq(mpq_cmp_ui(ufm_problem_lambda_h(problem), 1, 2000), 0);
  ck_assert_int_eq(mpq_cmp_ui(ufm_problem_smoothing(problem), 1, 10), 0);
  ck_assert(!ufm_problem_merged(problem));
  ufm_problem_free(problem);
  ufm_spec_free(spec);
}
END_TEST

/* Pairs on top of a good problem, and a word the complaint must have. */
static const struct {
  const char *word, *pairs[7];
} bad[] = {
    {"class", {"counts", "5", NULL}},
    {"'0'", {"counts", "5,0", NULL}},
    {"'-2'", {"counts", "5,-2", NULL}},
    {"'x'", {"counts", "5,x", NULL}},
    {"''", {"counts", "5,", NULL}},
    {"exactly one", {"counts", "5,5", "profile", "exp:3:10:2", NULL}},
    {"only with classes", {"counts", "5,5", "per-class", "3", NULL}},
    {"at least 2", {"counts", NULL, "classes", "1", NULL}},
    {"GB", {"counts", NULL, "classes", "99999999999999", NULL}},
    {"exp:K:NMAX:RATIO", {"counts", NULL, "profile", "exp:3", NULL}},
    {"did you mean 'step'", {"counts", NULL, "profile", "stop:3:1:1:1", NULL}},
    {"RATIO", {"counts", NULL, "profile", "exp:3:10:1/2", NULL}},
    {"class 1 gets 0", {"counts", NULL, "profile", "step:2:2:3:1", NULL}},
    {"MINORITY", {"counts", NULL, "profile", "step:2:2:2:3", NULL}},
    {"widths: got 2 numbers, want 1", {"widths", "3,4", NULL}},
    {"'0'", {"width", "0", NULL}},
    {"one of them", {"width", "3", "widths", "3", NULL}},
    {"depth", {"depth", "0", NULL}},
    {"lambda-W: got 3 numbers", {"lambda-W", "1,2,3", NULL}},
    {"lambda-W_1: got -1", {"lambda-W", "-1", NULL}},
    {"lambda-H: got 0", {"lambda-H", "0", NULL}},
    {"'nan'", {"lambda-H", "nan", NULL}},
    {"'inf'", {"lambda-W", "inf", NULL}},
    {"'1e-3x'", {"lambda-H", "1e-3x", NULL}},
    {"only with bias ridge", {"lambda-b", "1", NULL}},
    {"lambda-b: got nothing", {"bias", "ridge", NULL}},
    {"did you mean 'free'", {"bias", "fre", NULL}},
    {"want mse, ce", {"loss", "hinge", NULL}},
    {"EPS", {"targets", "smooth:1", NULL}},
    {"smooth", {"targets", "smooth:x", NULL}},
    {"targets", {"targets", "random", NULL}}};

START_TEST(bad_values_are_named)
{
  ufm_spec *spec = make_spec((const char *[]){"counts", "5,5", "lambda-W",
                                              "1/2", "lambda-H", "1/2", NULL});
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  const char *const *pair = bad[_i].pairs;

  if (pair[1] == NULL) { /* without the counts of the good problem */
    ufm_spec_free(spec);
    spec =
        make_spec((const char *[]){"lambda-W", "1/2", "lambda-H", "1/2", NULL});
    pair += 2;
  }
  for (; *pair != NULL; pair += 2)
    ck_assert_int_eq(ufm_spec_set(spec, pair[0], pair[1], &error), UFM_OK);
  ck_assert_int_ne(ufm_spec_problem(spec, &problem, &error), UFM_OK);
  ck_assert_ptr_null(problem);
  ck_assert_msg(strstr(error.text, bad[_i].word) != NULL, "'%s' lacks '%s'",
                error.text, bad[_i].word);
  ufm_spec_free(spec);
}
END_TEST

/* Writes text to a temporary file and reads it as a SPEC. */
static ufm_status read_text(ufm_spec *spec, const char *text, ufm_error *error)
{
  char path[] = "check_spec.XXXXXX";
  int descriptor = mkstemp(path);
  FILE *f = fdopen(descriptor, "w");
  ufm_status status;

  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
  status = ufm_spec_read(spec, path, error);
  unlink(path);
  return status;
}

START_TEST(files_and_settings_combine)
{
  ufm_spec *spec = make_spec((const char *[]){"lambda-H", "1/7", NULL});
  ufm_problem *problem;
  ufm_error error = {{0}};

  ck_assert_msg(
      read_text(spec,
                "{\"counts\": [5, 4.0, 3], \"lambda_W\": 5e-4,\n"
                " \"lambda-H\": \"1/9\", \"unmerged\": true, \"seed\": 12}",
                &error) == UFM_OK,
      "%s", error.text);
  problem = must_build(spec);
  ck_assert_uint_eq(ufm_problem_samples(problem), 12);
  /* a JSON number counts as its shortest decimal form */
  ck_assert_int_eq(mpq_cmp_ui(ufm_problem_lambda_w(problem, 1), 1, 2000), 0);
  ck_assert_int_eq(mpq_cmp_ui(ufm_problem_lambda_h(problem), 1, 7), 0);
  ck_assert(!ufm_problem_merged(problem));
  ck_assert_str_eq(ufm_spec_get(spec, "seed"), "12");
  ufm_problem_free(problem);
  /* a profile on the command line replaces the counts of the file */
  ck_assert_int_eq(ufm_spec_set(spec, "profile", "zipf:2:8", NULL), UFM_OK);
  problem = must_build(spec);
  ck_assert_uint_eq(ufm_problem_samples(problem), 12);
  ck_assert_uint_eq(ufm_problem_classes(problem), 2);
  ufm_problem_free(problem);
  ufm_spec_free(spec);
}
END_TEST

static const struct {
  const char *text, *word;
} bad_files[] = {
    {"{\"counts\": [5, 4,}", ":1:"},
    {"{\"loss\": \"ce\",\n  \"lamda_W\": 1}", ":2:3: "},
    {"{\"loss\": \"ce\",\n  \"lamda_W\": 1}", "did you mean 'lambda-W'"},
    {"[1]", "JSON object"},
    {"{\"depth\": 1, \"depth\": 2}", ":1:"},
    {"{\"lambda_W\": 1, \"lambda-W\": 2}", "twice"},
    {"{\"loss\": \"depth\",\n\"depth\": null}", ":2:1: "},
    {"{\"depth\": null}", "want a string"},
    {"{\"counts\": [[1]]}", "want a string"},
    {"{\"counts\": []}", "want a string"},
    {"{\"unmerged\": 1}", "true or false"},
    {"", ":1:"}};

START_TEST(bad_files_are_located)
{
  ufm_spec *spec = make_spec((const char *[]){NULL});
  ufm_error error = {{0}};

  ck_assert_int_eq(read_text(spec, bad_files[_i].text, &error), UFM_EINVAL);
  ck_assert_msg(strstr(error.text, bad_files[_i].word) != NULL,
                "'%s' lacks '%s'", error.text, bad_files[_i].word);
  ufm_spec_free(spec);
}
END_TEST

START_TEST(unknown_names_are_corrected)
{
  ufm_spec *spec = make_spec((const char *[]){NULL});
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_spec_set(spec, "lambda-w", "1", &error), UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "did you mean 'lambda-W'"));
  ck_assert_int_eq(ufm_spec_read(spec, "/nonexistent/file", &error), UFM_EIO);
  ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/file"));
  ufm_spec_free(spec);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("spec");

  tcase_add_test(tests, counts_and_profiles);
  tcase_add_test(tests, every_option_reaches_the_problem);
  tcase_add_loop_test(tests, bad_values_are_named, 0,
                      (int)(sizeof bad / sizeof bad[0]));
  tcase_add_test(tests, files_and_settings_combine);
  tcase_add_loop_test(tests, bad_files_are_located, 0,
                      (int)(sizeof bad_files / sizeof bad_files[0]));
  tcase_add_test(tests, unknown_names_are_corrected);
  return run_case("spec", tests);
}
