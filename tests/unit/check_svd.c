/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values: residual, orthogonality and values, wide and tall; the
   triangles they come from. */
#include <config.h>

#include "core/rng.h"
#include "linalg/qr.h"
#include "linalg/svd.h"
#include "matrix.h"
#include "run.h"

static const size_t shape[][2] = {{1, 1},    {1, 9},    {9, 1},    {2, 2},
                                  {5, 3},    {3, 5},    {80, 80},  {100, 60},
                                  {60, 100}, {300, 17}, {17, 300}, {300, 300}};
enum { SHAPES = sizeof shape / sizeof shape[0] };

/* A = U diag(s) Vt with r = min(m, n) given singular values. */
static double *new_matrix(gsl_rng *rng, size_t m, size_t n, const double *s)
{
  size_t r = m < n ? m : n;
  double *Ut = new_orthonormal(rng, r, m, 0), *U = new_transpose(r, m, Ut);
  double *Vt = new_orthonormal(rng, r, n, 0), *A = new_array(m * n);

  multiply(m, n, r, U, s, Vt, A);
  free(Ut);
  free(U);
  free(Vt);
  return A;
}

/* Factors A (kept), checks what a decomposition promises, and that the call
   without factors gives the same values; returns the values. */
static double *check_factors(size_t m, size_t n, const double *A, double size)
{
  size_t r = m < n ? m : n;
  double *copy = new_array(m * n), *back = new_array(m * n);
  double *U = new_array(m * r), *Vt = new_array(r * n), *Ut;
  double *s = new_array(r), *alone = new_array(r);
  double tolerance = 4.0 * DBL_EPSILON * (double)(m + n);
  ufm_error error = {{0}};

  memcpy(copy, A, m * n * sizeof *copy);
  ck_assert_msg(ufm__svd(m, n, copy, s, U, Vt, &error) == UFM_OK, "%s",
                error.text);
  multiply(m, n, r, U, s, Vt, back);
  ck_assert_double_le(largest_difference(m * n, A, back), tolerance * size);
  Ut = new_transpose(m, r, U);
  ck_assert_double_le(orthonormality_error(r, m, Ut), tolerance);
  ck_assert_double_le(orthonormality_error(r, n, Vt), tolerance);
  for (size_t i = 1; i < r; i++)
    ck_assert_double_le(s[i], s[i - 1]);
  ck_assert_double_ge(s[r - 1], 0.0);
  memcpy(copy, A, m * n * sizeof *copy);
  ck_assert_int_eq(ufm__svd(m, n, copy, alone, NULL, NULL, NULL), UFM_OK);
  ck_assert_double_le(largest_difference(r, s, alone), tolerance * size);
  free(copy);
  free(back);
  free(U);
  free(Ut);
  free(Vt);
  free(alone);
  return s;
}

/* Spectra with a factor 1e-10, repetitions and zeros. */
START_TEST(given_singular_values_are_found)
{
  size_t m = shape[_i][0], n = shape[_i][1], r = m < n ? m : n;
  gsl_rng *rng = ufm__rng_new(11, (uint64_t)_i);
  double *given = new_array(r), *A, *s;

  for (int kind = 0; kind < 3; kind++) {
    for (size_t i = 0; i < r; i++) {
      given[i] = 3.0 * pow(1e-10, (double)i / (double)r);
      if (kind == 1)
        given[i] = i < r / 2 ? 2.0 : 0.5;
      if (kind == 2)
        given[i] = i <= r / 3 ? 1.0 / (double)(i + 1) : 0.0;
    }
    A = new_matrix(rng, m, n, given);
    s = check_factors(m, n, A, given[0]);
    ck_assert_msg(largest_difference(r, s, given) <=
                      4.0 * DBL_EPSILON * (double)(m + n) * given[0],
                  "seed 11, stream %d, kind %d", _i, kind);
    free(A);
    free(s);
  }
  free(given);
  gsl_rng_free(rng);
}
END_TEST

/* The upper triangular matrix of ones has singular values
   1/(2 sin((2i - 1) pi/(4n + 2))): the inverse of its Gram matrix is a second
   difference. */
START_TEST(triangle_of_ones_has_its_closed_form)
{
  static const size_t sizes[] = {1, 2, 7, 90, 150};
  size_t n = sizes[_i];
  double *A = new_array(n * n), *s;

  for (size_t i = 0; i < n; i++)
    for (size_t k = i; k < n; k++)
      A[i * n + k] = 1.0;
  s = check_factors(n, n, A, (double)n);
  for (size_t i = 0; i < n; i++) {
    double exact =
        0.5 / sin((2.0 * (double)i + 1.0) * M_PI / (4.0 * (double)n + 2.0));

    ck_assert_double_eq_tol(s[i], exact, 1e-14 * s[0]);
  }
  free(A);
  free(s);
}
END_TEST

START_TEST(zero_matrix_has_orthonormal_factors)
{
  double *A = new_array(12), *s = check_factors(4, 3, A, 1.0);

  for (size_t i = 0; i < 3; i++)
    ck_assert_double_eq(s[i], 0.0);
  free(A);
  free(s);
}
END_TEST

START_TEST(extreme_sizes_neither_overflow_nor_underflow)
{
  static const double sizes[] = {1e-300, 1e300};

  for (size_t i = 0; i < 2; i++) {
    double A[] = {3.0 * sizes[i], 0.0, 4.0 * sizes[i], 0.0}, s[2];

    ck_assert_int_eq(ufm__svd(2, 2, A, s, NULL, NULL, NULL), UFM_OK);
    ck_assert_double_eq_tol(s[0], 5.0 * sizes[i], 1e-14 * sizes[i]);
    ck_assert_double_eq_tol(s[1], 0.0, 1e-14 * sizes[i]);
  }
}
END_TEST

START_TEST(bad_input_is_refused)
{
  double bad[] = {1.0, (double)NAN, HUGE_VAL}, A[6], s[2], U[4], Vt[6];
  ufm_error error = {{0}};

  for (size_t b = 1; b < 3; b++)
    for (size_t i = 0; i < 6; i++) {
      for (size_t k = 0; k < 6; k++)
        A[k] = k == i ? bad[b] : 1.0;
      ck_assert_int_eq(ufm__svd(2, 3, A, s, U, Vt, &error), UFM_ENAN);
      ck_assert_int_eq(ufm__svd(3, 2, A, s, NULL, NULL, &error), UFM_ENAN);
    }
  ck_assert_ptr_nonnull(strstr(error.text, "(2, 1)"));
  ck_assert_int_eq(ufm__svd(0, 3, A, s, U, Vt, NULL), UFM_ERANGE);
  ck_assert_int_eq(ufm__svd(3, 0, A, s, U, Vt, NULL), UFM_ERANGE);
  ck_assert_int_eq(ufm__svd((size_t)1 << 40, 1, A, s, U, Vt, NULL), UFM_ERANGE);
  ck_assert_int_eq(ufm__svd(1, (size_t)1 << 40, A, s, NULL, NULL, &error),
                   UFM_ERANGE);
  ck_assert_int_eq(ufm__svd(30000, 30000, A, s, U, Vt, NULL), UFM_ERANGE);
}
END_TEST

/* The triangle of [A B], in one piece, in several and with a last one shorter
   than the triangle, has the Gram matrix and singular values of [A B]. */
START_TEST(triangles_have_the_gram_matrix_of_their_rows)
{
  static const size_t sizes[][3] = {{1, 1, 0},     {9, 1, 0},    {3, 5, 0},
                                    {5, 2, 3},     {64, 3, 2},   {65, 3, 2},
                                    {700, 3, 0},   {100, 40, 0}, {121, 40, 0},
                                    {122, 20, 20}, {400, 40, 0}, {411, 33, 7}};
  size_t m = sizes[_i][0], p = sizes[_i][1], q = sizes[_i][2], n = p + q;
  size_t r = m < n ? m : n;
  gsl_rng *rng = ufm__rng_new(12, (uint64_t)_i);
  double *A = new_array(m * p), *B = new_array(m * q), *C = new_array(m * n);
  double *root = new_array(r * n), *Ct, *Rt, *want = new_array(n * n);
  double *got = new_array(n * n), *s = new_array(r), *t = new_array(r);
  double tolerance = 4.0 * DBL_EPSILON * (double)(m + n);

  fill_normal(rng, m * p, A);
  fill_normal(rng, m * q, B);
  for (size_t i = 0; i < m; i++) {
    if (p > 1) /* a column that depends on another */
      A[i * p + 1] = -3.0 * A[i * p];
    memcpy(C + i * n, A + i * p, p * sizeof *C);
    memcpy(C + i * n + p, B + i * q, q * sizeof *C);
  }
  ck_assert_int_eq(ufm__gram_root(m, p, A, q, B, root, NULL), UFM_OK);
  Ct = new_transpose(m, n, C);
  Rt = new_transpose(r, n, root);
  multiply(n, n, m, Ct, NULL, C, want);
  multiply(n, n, r, Rt, NULL, root, got);
  ck_assert_int_eq(ufm__svd(m, n, C, s, NULL, NULL, NULL), UFM_OK);
  ck_assert_int_eq(ufm__svd(r, n, root, t, NULL, NULL, NULL), UFM_OK);
  ck_assert_double_le(largest_difference(n * n, want, got),
                      tolerance * s[0] * s[0]);
  ck_assert_double_le(largest_difference(r, s, t), tolerance * s[0]);
  for (size_t i = 0; i < m * n; i++) /* refused wherever it stands */
    if (i % 97 == 0) {
      double *at =
          i % n < p ? &A[i / n * p + i % n] : &B[i / n * q + i % n - p];
      double keep = *at;

      *at = (double)NAN;
      ck_assert_int_eq(ufm__gram_root(m, p, A, q, B, root, NULL), UFM_ENAN);
      *at = keep;
    }
  ck_assert_int_eq(ufm__gram_root(0, p, A, q, B, root, NULL), UFM_ERANGE);
  free(A);
  free(B);
  free(C);
  free(Ct);
  free(root);
  free(Rt);
  free(want);
  free(got);
  free(s);
  free(t);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("svd");

  tcase_add_loop_test(tests, given_singular_values_are_found, 0, SHAPES);
  tcase_add_loop_test(tests, triangle_of_ones_has_its_closed_form, 0, 5);
  tcase_add_test(tests, zero_matrix_has_orthonormal_factors);
  tcase_add_test(tests, extreme_sizes_neither_overflow_nor_underflow);
  tcase_add_loop_test(tests, triangles_have_the_gram_matrix_of_their_rows, 0,
                      12);
  tcase_add_test(tests, bad_input_is_refused);
  return run_case("svd", tests);
}
