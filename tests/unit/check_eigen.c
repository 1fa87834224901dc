/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric eigenvalues: residual, orthogonality and values. */
#include <config.h>

#include "core/rng.h"
#include "linalg/eigen.h"
#include "matrix.h"
#include "run.h"

static const size_t sizes[] = {1, 2, 3, 10, 97, 300};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* Decomposes A (kept), with NaN in the triangle that must not be read, and
   checks A = V^T diag(w) V with orthonormal rows V; returns w. */
static double *check_vectors(size_t n, const double *A, double size)
{
  double *V = new_array(n * n), *Vt, *back = new_array(n * n);
  double *w = new_array(n), *alone = new_array(n);
  double tolerance = 4.0 * DBL_EPSILON * (double)n;
  ufm_error error = {{0}};

  for (int vectors = 0; vectors < 2; vectors++) {
    for (size_t i = 0; i < n; i++)
      for (size_t k = 0; k < n; k++)
        V[i * n + k] = k <= i ? A[i * n + k] : (double)NAN;
    ck_assert_msg(ufm__eigen(n, V, vectors ? w : alone, vectors != 0, &error) ==
                      UFM_OK,
                  "%s", error.text);
  }
  ck_assert_double_le(orthonormality_error(n, n, V), tolerance);
  Vt = new_transpose(n, n, V);
  multiply(n, n, n, Vt, w, V, back);
  ck_assert_double_le(largest_difference(n * n, A, back), tolerance * size);
  ck_assert_double_le(largest_difference(n, w, alone), tolerance * size);
  for (size_t i = 1; i < n; i++)
    ck_assert_double_ge(w[i], w[i - 1]);
  free(V);
  free(Vt);
  free(back);
  free(alone);
  return w;
}

START_TEST(given_eigenvalues_are_found)
{
  size_t n = sizes[_i];
  gsl_rng *rng = ufm__rng_new(12, (uint64_t)_i);
  double *Q = new_orthonormal(rng, n, n, 0), *Qt = new_transpose(n, n, Q);
  double *given = new_array(n), *A = new_array(n * n), *w;

  for (int kind = 0; kind < 2; kind++) {
    for (size_t i = 0; i < n; i++) /* ascending; negative, repeated, zero */
      given[i] = kind == 0 ? -1.0 + 2.0 * (double)i / (double)n
                           : floor(3.0 * (double)i / (double)n) - 1.0;
    multiply(n, n, n, Qt, given, Q, A);
    w = check_vectors(n, A, 1.0);
    ck_assert_msg(largest_difference(n, w, given) <=
                      8.0 * DBL_EPSILON * (double)n,
                  "seed 12, stream %d, kind %d", _i, kind);
    free(w);
  }
  free(Q);
  free(Qt);
  free(given);
  free(A);
  gsl_rng_free(rng);
}
END_TEST

/* Second difference: 2 - 2 cos(i pi/(n + 1)), i = 1..n. */
START_TEST(second_difference_has_its_closed_form)
{
  size_t n = sizes[_i];
  double *A = new_array(n * n), *w;

  for (size_t i = 0; i < n; i++) {
    A[i * n + i] = 2.0;
    if (i > 0)
      A[i * n + i - 1] = A[(i - 1) * n + i] = -1.0;
  }
  w = check_vectors(n, A, 4.0);
  for (size_t i = 0; i < n; i++) {
    double half = sin((double)(i + 1) * M_PI / (2.0 * (double)(n + 1)));

    ck_assert_double_eq_tol(w[i], 4.0 * half * half, 1e-14 * (double)(n + 3));
  }
  free(A);
  free(w);
}
END_TEST

START_TEST(bad_input_is_refused)
{
  double A[] = {1.0, 2.0, (double)NAN, 1.0}, w[2];
  double inf[] = {1.0, 2.0, 2.0, -HUGE_VAL};
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm__eigen(2, A, w, false, &error), UFM_ENAN);
  ck_assert_ptr_nonnull(strstr(error.text, "(1, 0)"));
  ck_assert_int_eq(ufm__eigen(2, inf, w, true, NULL), UFM_ENAN);
  ck_assert_int_eq(ufm__eigen(0, A, w, true, NULL), UFM_ERANGE);
  ck_assert_int_eq(ufm__eigen((size_t)1 << 31, A, w, false, NULL), UFM_ERANGE);
  ck_assert_int_eq(ufm__eigen(40000, A, w, true, NULL), UFM_ERANGE);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("eigen");

  tcase_add_loop_test(tests, given_eigenvalues_are_found, 0, SIZES);
  tcase_add_loop_test(tests, second_difference_has_its_closed_form, 0, SIZES);
  tcase_add_test(tests, bad_input_is_refused);
  return run_case("eigen", tests);
}
