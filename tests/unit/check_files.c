/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that appear whole or not at all, .npy arrays, saved points. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ufm/layout.h>
#include <ufm/support.h>

#include "core/file.h"
#include "core/npy.h"
#include "problem.h"
#include "run.h"

static char directory[] = "check_files.XXXXXX";

static void enter_directory(void)
{
  ck_assert_ptr_nonnull(mkdtemp(directory));
  ck_assert_int_eq(chdir(directory), 0);
}

static void leave_directory(void)
{
  ck_assert_int_eq(chdir(".."), 0);
  ck_assert_int_eq(system("rm -rf check_files.??????"), 0);
}

static ufm_status write_word(const void *what, FILE *stream, ufm_error *error)
{
  (void)error;
  fputs(what, stream);
  return UFM_OK;
}

static ufm_status write_half(const void *what, FILE *stream, ufm_error *error)
{
  (void)error;
  fputs(what, stream);
  return UFM_EINTERNAL;
}

static size_t files_here(void)
{
  FILE *list = popen("ls -A | wc -l", "r");
  size_t n = 99;

  ck_assert_ptr_nonnull(list);
  ck_assert_int_eq(fscanf(list, "%zu", &n), 1);
  pclose(list);
  return n;
}

START_TEST(files_appear_whole_or_not_at_all)
{
  char *text = NULL;
  size_t length = 0;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_file_write("a", write_word, "old", NULL), UFM_OK);
  ck_assert_int_eq(ufm_file_write("a", write_half, "new", NULL), UFM_EINTERNAL);
  ck_assert_int_eq(ufm__file_read("a", 100, &text, &length, NULL), UFM_OK);
  ck_assert_str_eq(text, "old");
  free(text);
  ck_assert_uint_eq(files_here(), 1);
  ck_assert_int_eq(ufm_file_write("no/such/place", write_word, "x", &error),
                   UFM_EIO);
  ck_assert_ptr_nonnull(strstr(error.text, "no/such/place"));
  ck_assert_int_eq(ufm__file_read("a", 2, &text, &length, NULL), UFM_ERANGE);
  ck_assert_int_eq(ufm__file_read("b", 2, &text, &length, NULL), UFM_EIO);
}
END_TEST

START_TEST(a_full_device_is_an_error)
{
  char big[8192];

  if (access("/dev/full", W_OK) != 0)
    return;
  memset(big, 'x', sizeof big - 1);
  big[sizeof big - 1] = '\0';
  ck_assert_int_eq(ufm_file_write("/dev/full", write_word, big, NULL), UFM_EIO);
}
END_TEST

START_TEST(arrays_survive_the_round_trip)
{
  double data[6] = {1.0, -0.0, 1e-308, 3.5, -2.25, 1e300}, *back = NULL;
  size_t rows = 0, cols = 0;

  ck_assert_int_eq(ufm__npy_write("m.npy", data, 2, 3, NULL), UFM_OK);
  ck_assert_int_eq(ufm__npy_read("m.npy", &back, &rows, &cols, NULL), UFM_OK);
  ck_assert_uint_eq(rows, 2);
  ck_assert_uint_eq(cols, 3);
  ck_assert_mem_eq(back, data, sizeof data);
  free(back);
  ck_assert_int_eq(ufm__npy_write("v.npy", data, 6, 0, NULL), UFM_OK);
  ck_assert_int_eq(ufm__npy_read("v.npy", &back, &rows, &cols, NULL), UFM_OK);
  ck_assert_uint_eq(rows, 6);
  ck_assert_uint_eq(cols, 0);
  free(back);
}
END_TEST

static void write_bytes(const char *path, const char *bytes, size_t n)
{
  FILE *f = fopen(path, "wb");

  ck_assert_ptr_nonnull(f);
  ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
  fclose(f);
}

/* Every truncation of a good file, and every damaged byte of its header, gives
   a status: never a crash, and never success for a short file. */
START_TEST(damaged_arrays_are_refused)
{
  double data[4] = {1, 2, 3, 4}, *back;
  char *good = NULL;
  size_t length = 0, rows, cols;

  ck_assert_int_eq(ufm__npy_write("good.npy", data, 2, 2, NULL), UFM_OK);
  ck_assert_int_eq(ufm__file_read("good.npy", 4096, &good, &length, NULL),
                   UFM_OK);
  for (size_t n = 0; n < length; n++) {
    write_bytes("bad.npy", good, n);
    ck_assert_int_ne(ufm__npy_read("bad.npy", &back, &rows, &cols, NULL),
                     UFM_OK);
  }
  for (size_t i = 0; i < length - sizeof data; i++) {
    char keep = good[i];

    good[i] = (char)(keep ^ 0x15);
    write_bytes("bad.npy", good, length);
    if (ufm__npy_read("bad.npy", &back, &rows, &cols, NULL) == UFM_OK) {
      ck_assert_uint_eq(rows * (cols > 0 ? cols : 1), 4);
      free(back);
    }
    good[i] = keep;
  }
  free(good);
  data[2] = (double)NAN;
  ck_assert_int_eq(ufm__npy_write("nan.npy", data, 4, 0, NULL), UFM_OK);
  ck_assert_int_eq(ufm__npy_read("nan.npy", &back, &rows, &cols, NULL),
                   UFM_ENAN);
}
END_TEST

START_TEST(points_survive_the_round_trip)
{
  static const size_t counts[] = {2, 3, 1}, widths[] = {4, 2};
  static const char *const lambda[] = {"1/2", "1/3"};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .bias = UFM_BIAS_FREE,
                    .K = 3,
                    .counts = counts,
                    .M = 2,
                    .widths = widths,
                    .lambda_w = lambda,
                    .lambda_h = "1/5"};
  ufm_problem *problem = make_problem(&t);
  ufm_layout *l = NULL;
  double theta[64], back[64], *H = NULL;
  size_t rows, cols;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_layout_new(&l, problem, NULL), UFM_OK);
  ck_assert_uint_le(l->size, 64);
  for (size_t i = 0; i < l->size; i++)
    theta[i] = (double)i + 0.5;
  ck_assert_int_eq(ufm_point_save(l, theta, "p", NULL), UFM_OK);
  ck_assert_uint_eq(files_here(), 4);
  ck_assert_int_eq(ufm_point_load(l, back, "p", NULL), UFM_OK);
  ck_assert_mem_eq(theta, back, l->size * sizeof *theta);
  /* H is d_1 x J: column j is h_j */
  ck_assert_int_eq(ufm__npy_read("p.H.npy", &H, &rows, &cols, NULL), UFM_OK);
  ck_assert_uint_eq(rows, 4);
  ck_assert_uint_eq(cols, 3);
  ck_assert_double_eq(H[1 * 3 + 2], theta[l->h + 2 * 4 + 1]);
  free(H);
  ck_assert_int_eq(ufm__npy_write("p.W2.npy", theta, 2, 3, NULL), UFM_OK);
  ck_assert_int_eq(ufm_point_load(l, back, "p", &error), UFM_EDIM);
  ck_assert_ptr_nonnull(strstr(error.text, "got 2 x 3, want 3 x 2"));
  ck_assert_int_eq(ufm_point_load(l, back, "q", &error), UFM_EIO);
  ufm_layout_free(l);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(close_names_are_suggested)
{
  static const char *const names[] = {"lbfgs", "vector_bfgs2", "newton"};

  ck_assert_str_eq(ufm_closest_name("lbgfs", names, 3), "lbfgs");
  ck_assert_str_eq(ufm_closest_name("vector_bfgs", names, 3), "vector_bfgs2");
  ck_assert_ptr_null(ufm_closest_name("adam", names, 3));
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("files");

  tcase_add_checked_fixture(tests, enter_directory, leave_directory);
  tcase_add_test(tests, files_appear_whole_or_not_at_all);
  tcase_add_test(tests, a_full_device_is_an_error);
  tcase_add_test(tests, arrays_survive_the_round_trip);
  tcase_add_test(tests, damaged_arrays_are_refused);
  tcase_add_test(tests, points_survive_the_round_trip);
  tcase_add_test(tests, close_names_are_suggested);
  return run_case("files", tests);
}
