/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spherical codes: lengths, spans, and largest cosines against known values. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "linalg/blas.h"
#include "linalg/svd.h"
#include "solve/codes.h"
#include "solve/repulsion.h"

#include "run.h"

enum { N_MOST = 260, D_MOST = 9 };

static double largest_cosine(size_t N, size_t d, const double *X)
{
  double most = -1.0;

  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < i; j++)
      most = fmax(most, ufm__dot(d, X + i * d, X + j * d));
  return most;
}

static void check_code(const ufm__code *code, size_t N, size_t d)
{
  double *X = malloc(N * d * sizeof *X), s[D_MOST];

  ck_assert_ptr_nonnull(X);
  for (size_t i = 0; i < N * d; i++)
    X[i] = (double)NAN; /* whatever is not written shows */
  code->build(N, d, X);
  for (size_t i = 0; i < N; i++)
    ck_assert_msg(fabs(ufm__norm(d, X + i * d) - 1.0) < 1e-14,
                  "%s, N = %zu, d = %zu: row %zu is no unit vector", code->name,
                  N, d, i);
  ck_assert_msg(largest_cosine(N, d, X) < 1.0 - 1e-6,
                "%s, N = %zu, d = %zu: two vectors are equal", code->name, N,
                d);
  ck_assert_int_eq(ufm__svd(N, d, X, s, NULL, NULL, NULL), UFM_OK);
  ck_assert_msg(s[d - 1] > 1e-3, "%s, N = %zu, d = %zu: does not span",
                code->name, N, d);
  free(X);
}

/* Whatever a family says it has. */
START_TEST(every_code_is_distinct_unit_vectors_that_span)
{
  size_t seen = 0;

  for (const ufm__code *c = ufm__code_list(); c->name != NULL; c++) {
    bool used = false;

    for (size_t d = 2; d < D_MOST; d++)
      for (size_t N = d; N <= N_MOST; N++)
        if (c->fits(N, d)) {
          check_code(c, N, d);
          used = true;
          seen++;
        }
    ck_assert_msg(used, "%s never fits", c->name);
  }
  ck_assert_uint_gt(seen, 1000);
}
END_TEST

/* The least largest cosine of N unit vectors in R^d: proved for all but the
   600-cell as printed by Conway and Sloane (1999) and Sloane's tables; "bound"
   rows of families that are not optimal come from their geometry. */
static const struct known {
  const char *family, *name;
  size_t N, d;
  double cosine;
} known[] = {
    {"simplices", "simplex", 5, 4, -0.25},
    {"simplices", "cross-polytope", 8, 4, 0.0},
    {"simplices", "simplices", 7, 5, 0.0},
    {"orthoplex", "orthoplex", 7, 4, 0.0},
    {"polygons", "polygon", 7, 2, 0.62348980185873353}, /* cos(2 pi/7) */
    {"polygons", "pentagonal bipyramid", 7, 3, 0.30901699437494742},
    {"polygons", "polygons", 10, 4, 0.30901699437494742}, /* cos(2 pi/5) */
    {"cube", "cube", 8, 3, 1.0 / 3.0},
    {"half cube", "Clebsch code", 16, 5, 0.2},
    {"cube and orthoplex", "24-cell", 24, 4, 0.5},
    {"cube and orthoplex", "cube and orthoplex", 14, 3, 0.57735026918962576},
    {"antiprism", "square antiprism", 8, 3, 0.26120387496374148},
    {"capped antiprism", "icosahedron", 12, 3, 0.44721359549995793},
    {"tricapped prism", "tricapped prism", 9, 3, 1.0 / 3.0},
    {"dodecahedron", "dodecahedron", 20, 3, 0.74535599249992990},
    {"dodecahedron", "pentakis dodecahedron", 32, 3, 0.79465447229176612},
    {"600-cell", "600-cell", 120, 4, 0.80901699437494742},
    {"roots A", "cuboctahedron", 12, 3, 0.5},
    {"roots A", "roots A", 42, 6, 0.5},
    {"roots D", "24-cell", 24, 4, 0.5},
    {"roots D", "roots D", 40, 5, 0.5},
    {"roots E", "Schlaefli code", 27, 6, 0.25},
    {"roots E", "roots E", 72, 6, 0.5},
    {"roots E", "Hesse code", 56, 7, 1.0 / 3.0},
    {"roots E", "roots E", 126, 7, 0.5},
    {"roots E", "roots E", 240, 8, 0.5}};

START_TEST(codes_have_their_known_cosines)
{
  const struct known *k = &known[_i];
  const ufm__code *code = ufm__code_list();
  double *X = malloc(k->N * k->d * sizeof *X);

  ck_assert_ptr_nonnull(X);
  while (code->name != NULL && strcmp(code->name, k->family) != 0)
    code++;
  ck_assert_ptr_nonnull(code->name);
  ck_assert_msg(code->fits(k->N, k->d), "%s does not fit", k->name);
  ck_assert_str_eq(ufm__code_name(code, k->N, k->d), k->name);
  code->build(k->N, k->d, X);
  ck_assert_msg(fabs(largest_cosine(k->N, k->d, X) - k->cosine) < 1e-14,
                "%s: largest cosine %.17g, want %.17g", k->name,
                largest_cosine(k->N, k->d, X), k->cosine);
  free(X);
}
END_TEST

START_TEST(families_refuse_what_they_do_not_have)
{
  static const struct {
    size_t N, d;
    const char *only; /* the one family that has it; NULL: none */
  } cases[] = {{3, 5, NULL},         {13, 3, "polygons"}, {5, 1, NULL},
               {25, 4, "polygons"},  {8, 7, NULL},        {119, 4, "polygons"},
               {241, 8, "polygons"}, {11, 9, NULL}};

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    for (const ufm__code *c = ufm__code_list(); c->name != NULL; c++)
      if (cases[i].only != NULL)
        ck_assert_msg(c->fits(cases[i].N, cases[i].d) ==
                          (strcmp(c->name, cases[i].only) == 0),
                      "%s, N = %zu, d = %zu", c->name, cases[i].N, cases[i].d);
      else if (cases[i].N < cases[i].d || cases[i].d == 1)
        ck_assert_msg(!c->fits(cases[i].N, cases[i].d), "%s, N = %zu, d = %zu",
                      c->name, cases[i].N, cases[i].d);
}
END_TEST

START_TEST(helmert_contrasts_are_orthonormal)
{
  enum { N = 7, STRIDE = 9 };
  double X[N * STRIDE] = {0.0};

  ufm__helmert(N, STRIDE, 3.0, X);
  for (size_t p = 0; p < N - 1; p++)
    for (size_t q = 0; q <= p; q++) {
      double product = 0.0, sum = 0.0;

      for (size_t k = 0; k < N; k++) {
        product += X[k * STRIDE + p] * X[k * STRIDE + q];
        sum += X[k * STRIDE + p];
      }
      ck_assert_double_eq_tol(product, p == q ? 9.0 : 0.0, 1e-13);
      ck_assert_double_eq_tol(sum, 0.0, 1e-14);
    }
}
END_TEST

/* Best of a few descents against optimal codes (proved: the first six). */
START_TEST(repulsion_finds_the_best_small_codes)
{
  static const struct {
    size_t N, d;
    double cosine;
  } best[] = {{5, 4, -0.25},        {8, 3, 0.26120387496374148},
              {9, 3, 1.0 / 3.0},    {12, 3, 0.44721359549995793},
              {16, 5, 0.2},         {27, 6, 0.25},
              {7, 3, 0.2101383127}, {24, 4, 0.5}};

  for (size_t i = 0; i < sizeof best / sizeof best[0]; i++) {
    size_t N = best[i].N, d = best[i].d;
    double least = 1.0, X[27 * 6];

    for (uint64_t k = 0; k < 8; k++) {
      gsl_rng *rng = ufm__rng_new(5, k);

      ck_assert_ptr_nonnull(rng);
      ck_assert_int_eq(ufm__repulsion(N, d, rng, X, NULL), UFM_OK);
      gsl_rng_free(rng);
      for (size_t row = 0; row < N; row++)
        ck_assert_double_eq_tol(ufm__norm(d, X + row * d), 1.0, 1e-14);
      least = fmin(least, largest_cosine(N, d, X));
    }
    ck_assert_msg(least > best[i].cosine - 1e-9 &&
                      least < best[i].cosine + 2e-3,
                  "seed 5, N = %zu, d = %zu: %.10g, want %.10g", N, d, least,
                  best[i].cosine);
  }
}
END_TEST

START_TEST(repulsion_is_reproducible)
{
  double a[40], b[40];

  for (int pass = 0; pass < 2; pass++) {
    gsl_rng *rng = ufm__rng_new(6, 7);

    ck_assert_ptr_nonnull(rng);
    ck_assert_int_eq(ufm__repulsion(10, 4, rng, pass == 0 ? a : b, NULL),
                     UFM_OK);
    gsl_rng_free(rng);
  }
  ck_assert_mem_eq(a, b, sizeof a);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("codes");

  tcase_add_test(tests, every_code_is_distinct_unit_vectors_that_span);
  tcase_add_loop_test(tests, codes_have_their_known_cosines, 0,
                      sizeof known / sizeof known[0]);
  tcase_add_test(tests, families_refuse_what_they_do_not_have);
  tcase_add_test(tests, helmert_contrasts_are_orthonormal);
  tcase_add_test(tests, repulsion_finds_the_best_small_codes);
  tcase_add_test(tests, repulsion_is_reproducible);
  return run_case("codes", tests);
}
