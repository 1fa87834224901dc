/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry of small points computed by hand, and what is refused. */
#include <config.h>

#include "frame.h"
#include "linalg/eigen.h"
#include "run.h"

enum { K = 4, DEPTHS = 3 };
static const size_t balanced[] = {3, 3, 3, 3};
static const size_t imbalanced[] = {40, 20, 10, 1};
static const size_t widths[] = {6, 5, 7};
static const char *const weak[] = {"1/150", "1/250", "1/100"};

static void check_cosines(ufm_cosines c, double want)
{
  ck_assert_double_eq_tol(c.min, want, 1e-15);
  ck_assert_double_eq_tol(c.max, want, 1e-15);
  ck_assert_double_eq_tol(c.mean, want, 1e-15);
}

/* A point given in full. */
static ufm_geometry *measure_values(const test_problem *t, const double *theta)
{
  ufm_problem *p = make_problem(t);
  ufm_layout *l = NULL;
  ufm_geometry *g;

  ck_assert_int_eq(ufm_layout_new(&l, p, NULL), UFM_OK);
  g = measure_point(p, l, theta, NULL);
  ufm_layout_free(l);
  ufm_problem_free(p);
  return g;
}

/* W = diag(1, 2), H = I, K = 2: every number by hand. */
START_TEST(two_classes_by_hand)
{
  static const size_t counts[] = {1, 1}, two[] = {2};
  static const char *const half[] = {"1/2"};
  static const double theta[] = {1, 0, 0, 2, 1, 0, 0, 1};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 2,
                    .counts = counts,
                    .M = 1,
                    .widths = two,
                    .lambda_w = half,
                    .lambda_h = "1/4"};
  ufm_geometry *g = measure_values(&t, theta);
  double a = 1 / sqrt(17.0), r = sqrt(0.5), s = 1 / sqrt(2.5);

  /* hat(W W^T) = diag(1, 4)/sqrt(17), targets I/sqrt(2) and
     [1 -1; -1 1]/2 */
  ck_assert_double_eq_tol(g->nc2_of, hypot(a - r, 4 * a - r), 1e-15);
  ck_assert_double_eq_tol(g->nc2_etf, hypot(hypot(a - .5, 4 * a - .5), r),
                          1e-15);
  /* W Hbar = diag(1, 2); centred, [.5 -.5; -1 1], of norm sqrt(2.5) */
  ck_assert_double_eq_tol(g->nc3_of,
                          hypot(1 / sqrt(5.0) - r, 2 / sqrt(5.0) - r), 1e-15);
  ck_assert_double_eq_tol(g->nc3_etf, sqrt(2.0) * hypot(.5 * s - .5, s - .5),
                          1e-15);
  /* |diag(1/2, 2) - I/4| = sqrt(50)/4 over |diag(1/2, 2)| = sqrt(17)/2 */
  ck_assert_double_eq_tol(g->balancedness, sqrt(50.0 / 68.0), 1e-15);
  ck_assert_double_eq(g->norm_w[1], 2.0);
  ck_assert_double_eq(g->norm_h[1], 1.0);
  ck_assert_double_eq_tol(g->spectrum[0][0], 2.0, 1e-15);
  ck_assert_double_eq_tol(g->spectrum[2][1], 1.0, 1e-15);
  ck_assert_uint_eq(g->rank, 2);
  check_cosines(g->cos_w, 0.0);
  ufm_geometry_free(g);
}
END_TEST

/* W = (1, 2, -1)^T, d = 1.  W W^T is 6 times a projector, so OF gives 0.  For
   ETF, C w = (1, 4, -5)/3 has square 14/3 and q.w = 2/sqrt(3), so mu_1 = 7/9
   and the rest is (2 (14/3)(4/3) + 16/9)/36 = 32/81: distance 6/9. */
START_TEST(one_dimension_by_hand)
{
  static const size_t counts[] = {1, 1, 1}, one[] = {1};
  static const double theta[] = {1, 2, -1, 5, 7, 9};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 3,
                    .counts = counts,
                    .M = 1,
                    .widths = one,
                    .lambda_w = weak,
                    .lambda_h = "1/4"};
  ufm_geometry *g = measure_values(&t, theta);
  double S[] = {5, 8.5, 2, 8.5, 14, 5.5, 2, 5.5, -9}, w[3], size2 = 6 * 155.0;

  ck_assert_double_le(g->nc2_of, 1e-15);
  ck_assert_double_eq_tol(g->nc2_etf, 2.0 / 3.0, 1e-15);
  /* W Hbar = w h^T, |w h^T|^2 = 6 x 155; S is its symmetric part, and the best
     projector collects its largest eigenvalue: distance^2 = 2 - 2 mu_1 */
  ck_assert_int_eq(ufm__eigen(3, S, w, false, NULL), UFM_OK);
  ck_assert_double_eq_tol(g->nc3_of, sqrt(2 - 2 * w[2] / sqrt(size2)), 1e-14);
  check_cosines(g->cos_h, 1.0);
  ck_assert_double_eq_tol(g->cos_w.min, -1.0, 1e-15);
  ck_assert_double_eq_tol(g->cos_w.mean, -1.0 / 3.0, 1e-15);
  ck_assert_uint_eq(g->rank, 1);
  ufm_geometry_free(g);
}
END_TEST

/* Features e_1 +- a e_1, e_2 +- b e_2: Sigma_W = diag(a^2, b^2)/2, Sigma_B^+ =
   [1 -1; -1 1], NC1 = (a^2 + b^2)/4, whatever the size of a and b. */
START_TEST(nc1_by_hand)
{
  static const size_t counts[] = {2, 2}, two[] = {2};
  static const double sizes[] = {1e-9, 0.5, 100.0};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 2,
                    .counts = counts,
                    .M = 1,
                    .widths = two,
                    .lambda_w = weak,
                    .lambda_h = "1/4",
                    .unmerged = true};

  for (size_t i = 0; i < 3; i++) {
    double a = sizes[i], b = 3 * a, want = (a * a + b * b) / 4;
    double theta[] = {1, 0, 0, 2, 1 + a, 0, 1 - a, 0, 0, 1 + b, 0, 1 - b};
    ufm_geometry *g = measure_values(&t, theta);

    ck_assert_double_eq_tol(g->nc1, want, want * (1e-14 + 1e-15 / a));
    ck_assert_double_eq_tol(g->norm_h[0], 1.0, 1e-13);
    ufm_geometry_free(g);
  }
}
END_TEST

/* Classes 1 and 2 share one mean: Sigma_B has rank 1 although Z has rank 2, and
   what rounding leaves in the second direction is not inverted. */
START_TEST(nc1_knows_the_rank_of_the_means)
{
  static const size_t counts[] = {2, 2, 2}, two[] = {2};
  static const double theta[] = {1, 0, 0, 1, 1, 1, .1, 1, .3,
                                 1, 1, 0, 1, 0, 1, .3, 1, -.3};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 3,
                    .counts = counts,
                    .M = 1,
                    .widths = two,
                    .lambda_w = weak,
                    .lambda_h = "1/4",
                    .unmerged = true};
  ufm_geometry *g = measure_values(&t, theta);

  /* means (.2, 1), (1, 0), (1, 0): the centred means are multiples of
     v = (.8, -1) with squares (4 + 1 + 1)/9 |v|^2, and (h - mean).v is +-.08
     in class 0, +-.3 in class 2 */
  ck_assert_uint_eq(g->rank, 2);
  ck_assert_double_eq_tol(
      g->nc1, (2 * .08 * .08 + 2 * .3 * .3) / 6 / (2.0 / 3.0 * 1.64 * 1.64),
      1e-14);
  ufm_geometry_free(g);
}
END_TEST

/* A row of length 1e-9 has collapsed: its direction does not count. */
START_TEST(collapsed_rows_have_no_cosine)
{
  static const size_t counts[] = {1, 1, 1}, two[] = {2};
  static const double theta[] = {1, 0, 0, 1e-9, 1, 1, 3, 4, 0, 1, -2e-9, 0};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 3,
                    .counts = counts,
                    .M = 1,
                    .widths = two,
                    .lambda_w = weak,
                    .lambda_h = "1/4"};
  ufm_geometry *g = measure_values(&t, theta);

  check_cosines(g->cos_w, sqrt(0.5));
  check_cosines(g->cos_h, 0.8);
  ck_assert_double_eq(g->norm_w[1], 1e-9);
  ck_assert_double_eq(g->norm_h[2], 2e-9);
  ufm_geometry_free(g);
}
END_TEST

/* 100000 equal columns: no rounding error is left in their mean, and the
   centred class means are 0 and have no hat. */
START_TEST(equal_features)
{
  static const size_t counts[] = {100000, 3}, two[] = {2};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 2,
                    .counts = counts,
                    .M = 1,
                    .widths = two,
                    .lambda_w = weak,
                    .lambda_h = "1/4",
                    .unmerged = true};
  double *theta = new_array(4 + 2 * 100003);
  ufm_geometry *g;

  theta[0] = theta[3] = 1.0;
  for (size_t j = 0; j < 100003; j++)
    theta[4 + 2 * j] = 0.1;
  g = measure_values(&t, theta);
  ck_assert_double_eq_tol(g->norm_h[0], 0.1, 2e-17);
  ck_assert_double_eq_tol(g->norm_h[1], 0.1, 2e-17);
  ck_assert(isnan(g->nc1) && isnan(g->nc3_etf));
  check_cosines(g->cos_h, 1.0);
  ck_assert_uint_eq(g->rank, 1);
  ufm_geometry_free(g);
  free(theta);
}
END_TEST

/* Class means that agree up to rounding are equal: what is left has no
   direction. */
START_TEST(equal_class_means)
{
  static const size_t counts[] = {1, 3, 5, 7, 9, 11, 13}, two[] = {2};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = 7,
                    .counts = counts,
                    .M = 1,
                    .widths = two,
                    .lambda_w = weak,
                    .lambda_h = "1/4",
                    .unmerged = true};
  gsl_rng *rng = ufm__rng_new(25, 0);
  double theta[2 * (7 + 49)], h[2];

  for (int round = 0; round < 50; round++) {
    ufm_geometry *g;

    fill_normal(rng, 2 * 7, theta);
    fill_normal(rng, 2, h);
    for (size_t j = 0; j < 2 * 49; j++)
      theta[2 * 7 + j] = h[j % 2] * (1.0 + DBL_EPSILON * (double)(j % 3));
    g = measure_values(&t, theta);
    ck_assert_msg(isnan(g->nc1) && isnan(g->nc3_etf), "seed 25, round %d",
                  round);
    ufm_geometry_free(g);
  }
  gsl_rng_free(rng);
}
END_TEST

START_TEST(zero_point)
{
  test_problem t = {.loss = UFM_LOSS_CE,
                    .bias = UFM_BIAS_FREE,
                    .K = K,
                    .counts = imbalanced,
                    .M = (size_t)(_i % DEPTHS) + 1,
                    .widths = widths,
                    .lambda_w = weak,
                    .lambda_h = "1/20",
                    .unmerged = _i >= DEPTHS};
  static const double fractions[] = {.5, .5, .5, .5}, none[K];
  ufm_problem *p = make_problem(&t);
  ufm_layout *l = NULL;
  double *theta;
  ufm_geometry *g;

  ck_assert_int_eq(ufm_layout_new(&l, p, NULL), UFM_OK);
  theta = new_array(l->size);
  for (int i = 0; i < 2; i++) {
    g = measure_point(p, l, theta, i == 0 ? fractions : none);
    for (size_t f = 0; f <= t.M + 1; f++)
      for (size_t j = 0; j < g->spectrum_size[f]; j++)
        ck_assert_double_eq(g->spectrum[f][j], 0.0);
    ck_assert_uint_eq(g->rank, 0);
    ck_assert_double_eq(g->norm_w[0], 0.0);
    ck_assert_double_eq(g->norm_h[K - 1], 0.0);
    ck_assert_double_eq(g->balancedness, 0.0);
    ck_assert(isnan(g->cos_w.min) && isnan(g->cos_w.max));
    ck_assert(isnan(g->cos_w.mean) && isnan(g->cos_h.mean));
    ck_assert(isnan(g->nc1) && isnan(g->nc2_etf) && isnan(g->nc2_of));
    ck_assert(isnan(g->nc3_etf) && isnan(g->nc3_of));
    ck_assert(isnan(g->nc2_gof_w) && isnan(g->nc2_gof_h));
    ck_assert(isnan(g->nc3_gof_wh) && isnan(g->nc3_gof_w_h));
    ufm_geometry_free(g);
  }
  free(theta);
  ufm_layout_free(l);
  ufm_problem_free(p);
}
END_TEST

START_TEST(bad_input_is_refused)
{
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = K,
                    .counts = balanced,
                    .M = 2,
                    .widths = widths,
                    .lambda_w = weak,
                    .lambda_h = "1/20"};
  static const double bad[] = {(double)NAN, HUGE_VAL, -HUGE_VAL};
  double fractions[] = {0, .5, .9, .5};
  ufm_problem *p = make_problem(&t), *deeper;
  ufm_layout *l = NULL, *other = NULL;
  ufm_geometry *g = NULL;
  ufm_error error = {{0}};
  double *theta;

  t.M = 3;
  deeper = make_problem(&t);
  ck_assert_int_eq(ufm_layout_new(&l, p, NULL), UFM_OK);
  ck_assert_int_eq(ufm_layout_new(&other, deeper, NULL), UFM_OK);
  theta = new_array(other->size);
  for (size_t i = 0; i < 3; i++) {
    theta[l->size - 1] = bad[i];
    ck_assert_int_eq(ufm_geometry_measure(&g, p, l, theta, NULL, &error),
                     UFM_ENAN);
    ck_assert_ptr_null(g);
  }
  ck_assert_ptr_nonnull(strstr(error.text, "is -inf"));
  theta[l->size - 1] = 0.0;
  ck_assert_int_eq(ufm_geometry_measure(&g, p, other, theta, NULL, NULL),
                   UFM_EDIM);
  fractions[2] = 1.0;
  ck_assert_int_eq(ufm_geometry_measure(&g, p, l, theta, fractions, &error),
                   UFM_ERANGE);
  ck_assert_ptr_nonnull(strstr(error.text, "class 2"));
  fractions[2] = -0.1;
  ck_assert_int_eq(ufm_geometry_measure(&g, p, l, theta, fractions, NULL),
                   UFM_ERANGE);
  fractions[2] = (double)NAN;
  ck_assert_int_eq(ufm_geometry_measure(&g, p, l, theta, fractions, NULL),
                   UFM_ENAN);
  for (size_t i = 0; i < l->size; i++)
    theta[i] = 1e300;
  ck_assert_int_eq(ufm_geometry_measure(&g, p, l, theta, NULL, &error),
                   UFM_ERANGE);
  ck_assert_ptr_nonnull(strstr(error.text, "overflow"));
  ck_assert_ptr_null(g);
  ufm_geometry_free(NULL);
  free(theta);
  ufm_layout_free(l);
  ufm_layout_free(other);
  ufm_problem_free(p);
  ufm_problem_free(deeper);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("geometry_cases");

  tcase_add_test(tests, two_classes_by_hand);
  tcase_add_test(tests, one_dimension_by_hand);
  tcase_add_test(tests, nc1_by_hand);
  tcase_add_test(tests, nc1_knows_the_rank_of_the_means);
  tcase_add_test(tests, collapsed_rows_have_no_cosine);
  tcase_add_test(tests, equal_features);
  tcase_add_test(tests, equal_class_means);
  tcase_add_loop_test(tests, zero_point, 0, 2 * DEPTHS);
  tcase_add_test(tests, bad_input_is_refused);
  return run_case("geometry_cases", tests);
}
