/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry of exact optima: each lies on its own frame and on no other. */
#include <config.h>

#include <ufm/objective.h>

#include "frame.h"
#include "linalg/eigen.h"
#include "run.h"

enum { K = 4, DEPTHS = 3 };
static const size_t balanced[] = {3, 3, 3, 3};
static const size_t imbalanced[] = {40, 20, 10, 1};
static const size_t widths[] = {6, 5, 7};
static const char *const weak[] = {"1/150", "1/250", "1/100"};
static const char *const strong[] = {"1/20", "1/25", "1/30"};
static const double identity[] = {1, 0, 0, 0, 0, 1, 0, 0,
                                  0, 0, 1, 0, 0, 0, 0, 1};

/* The built point is stationary, by the gradient of the objective. */
static void check_stationary(const ufm_problem *p, const ufm_layout *l,
                             const double *theta)
{
  ufm_objective *o = NULL;
  double *gradient = new_array(l->size), *zero = new_array(l->size);

  ck_assert_int_eq(ufm_objective_new(&o, p, UFM_VARIABLES_PLAIN, NULL), UFM_OK);
  ufm_objective_gradient(o, theta, gradient);
  ck_assert_double_le(largest_difference(l->size, gradient, zero), 1e-13);
  ufm_objective_free(o);
  free(gradient);
  free(zero);
}

/* An MSE problem, one of its optima and the measures of it. */
typedef struct optimum {
  ufm_problem *p;
  ufm_layout *l;
  directions x;
  double *theta;
  ufm_geometry *g;
} optimum;

/* All r directions with squared target value m[j]; gof = true passes them on as
   the fractions of the classes. */
static optimum make_optimum(const test_problem *t, size_t r, const double *left,
                            const double *right, const double *m, bool gof)
{
  optimum o = {.p = make_problem(t),
               .x = {r, left, right, new_array(r), new_array(r)}};
  gsl_rng *rng = ufm__rng_new(21, t->M);

  ck_assert_int_eq(ufm_layout_new(&o.l, o.p, NULL), UFM_OK);
  for (size_t j = 0; j < r; j++) {
    o.x.m[j] = m[j];
    o.x.t[j] = optimal_fraction(o.p, m[j]);
  }
  o.theta = new_optimum(rng, o.p, o.l, &o.x);
  for (size_t k = 0; t->bias == UFM_BIAS_FREE && k < t->K; k++)
    o.theta[o.l->b + k] =
        (double)t->counts[k] / (double)ufm_problem_samples(o.p);
  check_stationary(o.p, o.l, o.theta);
  o.g = measure_point(o.p, o.l, o.theta, gof ? o.x.t : NULL);
  gsl_rng_free(rng);
  return o;
}

static void free_optimum(optimum *o)
{
  ufm_geometry_free(o->g);
  ufm_layout_free(o->l);
  ufm_problem_free(o->p);
  free(o->theta);
  free(o->x.m);
  free(o->x.t);
}

/* Spectra, rank, balancedness and NC1 as the closed form says; m descends. */
static void check_spectra(const optimum *o)
{
  const ufm_geometry *g = o->g;
  size_t active = 0;

  for (size_t j = 0; j < o->x.r; j++)
    active += o->x.t[j] > 0.0;
  ck_assert_uint_eq(g->rank, active);
  for (size_t f = 0; f <= g->M + 1; f++)
    for (size_t j = 0; j < g->spectrum_size[f]; j++) {
      double want = 0.0;

      if (j < active && f == 0)
        want = sqrt(o->x.m[j]) * o->x.t[j];
      else if (j < active)
        want = factor_value(o->p, &o->x, f <= g->M ? f : 0, j);
      ck_assert_double_eq_tol(g->spectrum[f][j], want, 1e-13 * (1.0 + want));
    }
  ck_assert_double_le(g->balancedness, 1e-14);
  if (ufm_problem_merged(o->p))
    ck_assert(isnan(g->nc1));
  else
    ck_assert_double_le(g->nc1, 1e-28);
}

static void check_cosines(ufm_cosines c, double want)
{
  ck_assert_double_eq_tol(c.min, want, 1e-13);
  ck_assert_double_eq_tol(c.max, want, 1e-13);
  ck_assert_double_eq_tol(c.mean, want, 1e-13);
}

/* |hat(x) - hat(y)| for positive vectors */
static double angle_distance(size_t n, const double *x, const double *y)
{
  double xx = 0.0, yy = 0.0, xy = 0.0;

  for (size_t i = 0; i < n; i++) {
    xx += x[i] * x[i];
    yy += y[i] * y[i];
    xy += x[i] * y[i];
  }
  return sqrt(2.0 - 2.0 * xy / sqrt(xx * yy));
}

START_TEST(simplex_etf)
{
  bool unmerged = _i >= DEPTHS;
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = UFM_BIAS_FREE,
                    .K = K,
                    .counts = balanced,
                    .M = (size_t)(_i % DEPTHS) + 1,
                    .widths = widths,
                    .lambda_w = weak,
                    .lambda_h = "1/200",
                    .unmerged = unmerged};
  static const double m[] = {3, 3, 3};
  gsl_rng *rng = ufm__rng_new(22, (uint64_t)_i);
  double *basis = new_orthonormal(rng, K - 1, K, 1);
  optimum o = make_optimum(&t, K - 1, basis, basis, m, false);
  const ufm_geometry *g = o.g;
  double far = sqrt(2.0 - 2.0 * sqrt((K - 1.0) / K)); /* ETF from OF */
  double share = sqrt((K - 1.0) / K);

  check_spectra(&o);
  ck_assert_double_le(g->nc2_etf, 1e-12);
  ck_assert_double_le(g->nc3_etf, 1e-12);
  ck_assert_double_eq_tol(g->nc2_of, far, 1e-12);
  ck_assert_double_eq_tol(g->nc3_of, far, 1e-12);
  ck_assert(isnan(g->nc2_gof_w) && isnan(g->nc2_gof_h));
  ck_assert(isnan(g->nc3_gof_wh) && isnan(g->nc3_gof_w_h));
  check_cosines(g->cos_w, -1.0 / (K - 1));
  check_cosines(g->cos_h, -1.0 / (K - 1));
  for (size_t k = 0; k < K; k++) {
    ck_assert_double_eq_tol(g->norm_w[k],
                            share * factor_value(o.p, &o.x, t.M, 0), 1e-13);
    ck_assert_double_eq_tol(
        g->norm_h[k], share * factor_value(o.p, &o.x, 0, 0) / sqrt(3.0), 1e-13);
  }
  free_optimum(&o);
  free(basis);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(orthogonal_frame)
{
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = K,
                    .counts = balanced,
                    .M = (size_t)(_i % DEPTHS) + 1,
                    .widths = widths,
                    .lambda_w = weak,
                    .lambda_h = "1/200",
                    .unmerged = _i >= DEPTHS};
  static const double m[] = {3, 3, 3, 3};
  optimum o = make_optimum(&t, K, identity, identity, m, true);
  const ufm_geometry *g = o.g;

  check_spectra(&o);
  ck_assert_double_le(g->nc2_of, 1e-12);
  ck_assert_double_le(g->nc3_of, 1e-12);
  ck_assert_double_eq_tol(g->nc2_etf, sqrt(2.0 - 2.0 * sqrt((K - 1.0) / K)),
                          1e-12);
  /* W Hbar = t I, so centring Hbar makes the product an ETF */
  ck_assert_double_le(g->nc3_etf, 1e-12);
  ck_assert_double_le(g->nc2_gof_w, 1e-12);
  ck_assert_double_le(g->nc2_gof_h, 1e-12);
  ck_assert_double_le(g->nc3_gof_wh, 1e-12);
  ck_assert_double_le(g->nc3_gof_w_h, 1e-12);
  check_cosines(g->cos_w, 0.0);
  check_cosines(g->cos_h, 0.0);
  free_optimum(&o);
}
END_TEST

/* With strong penalties the smaller classes collapse. */
START_TEST(general_orthogonal_frame)
{
  bool collapse = _i >= DEPTHS;
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = K,
                    .counts = imbalanced,
                    .M = (size_t)(_i % DEPTHS) + 1,
                    .widths = widths,
                    .lambda_w = collapse ? strong : weak,
                    .lambda_h = collapse ? "1/50" : "1/2000",
                    .unmerged = _i % 2 != 0};
  static const double m[] = {40, 20, 10, 1}, ones[] = {1, 1, 1, 1};
  optimum o = make_optimum(&t, K, identity, identity, m, true);
  ufm_geometry *g = o.g;
  double odds[K], off[K];

  check_spectra(&o);
  ck_assert(collapse == (o.x.t[K - 1] == 0.0) && o.x.t[1] > 0.0);
  ck_assert_double_le(g->nc2_gof_w, 1e-12);
  ck_assert_double_le(g->nc2_gof_h, 1e-12);
  ck_assert_double_le(g->nc3_gof_wh, 1e-12);
  ck_assert_double_le(g->nc3_gof_w_h, 1e-12);
  check_cosines(g->cos_w, 0.0);
  check_cosines(g->cos_h, 0.0);
  for (size_t k = 0; k < K; k++) {
    odds[k] = o.x.t[k] / (1.0 - o.x.t[k]);
    off[k] = 0.9 * o.x.t[k];
    ck_assert_double_eq_tol(g->norm_w[k], factor_value(o.p, &o.x, t.M, k),
                            1e-13);
    ck_assert_double_eq_tol(g->norm_h[k],
                            factor_value(o.p, &o.x, 0, k) / sqrt(m[k]), 1e-13);
  }
  ck_assert_double_eq_tol(g->nc2_of, angle_distance(K, odds, ones), 1e-7);
  ck_assert_double_eq_tol(g->nc3_of, angle_distance(K, o.x.t, ones), 1e-7);
  ck_assert_double_ge(g->nc2_etf, 0.1);
  ufm_geometry_free(g);
  o.g = g = measure_point(o.p, o.l, o.theta, off); /* the wrong fractions */
  ck_assert_double_ge(g->nc2_gof_w, 1e-3);
  ck_assert_double_ge(g->nc3_gof_w_h, 1e-3);
  free_optimum(&o);
}
END_TEST

/* Free bias, imbalanced: m_j and u_j are the eigenpairs of D - n n^T/N and
   v_j = D^{1/2}(I - 1 n^T/N) u_j / sqrt(m_j). */
START_TEST(imbalanced_optimum_with_bias)
{
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = UFM_BIAS_FREE,
                    .K = K,
                    .counts = imbalanced,
                    .M = (size_t)_i + 1,
                    .widths = widths,
                    .lambda_w = weak,
                    .lambda_h = "1/2000"};
  double B[K * K], w[K], m[K - 1], left[(K - 1) * K], right[(K - 1) * K];
  optimum o;

  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++)
      B[i * K + k] = (i == k ? (double)imbalanced[i] : 0.0) -
                     (double)imbalanced[i] * (double)imbalanced[k] / 71.0;
  ck_assert_int_eq(ufm__eigen(K, B, w, true, NULL), UFM_OK);
  for (size_t j = 0; j < K - 1; j++) {
    double *u = left + j * K, mean = 0.0;

    m[j] = w[K - 1 - j];
    memcpy(u, B + (K - 1 - j) * K, K * sizeof *u);
    for (size_t k = 0; k < K; k++)
      mean += u[k] * (double)imbalanced[k] / 71.0;
    for (size_t k = 0; k < K; k++)
      right[j * K + k] = sqrt((double)imbalanced[k] / m[j]) * (u[k] - mean);
  }
  o = make_optimum(&t, K - 1, left, right, m, false);
  check_spectra(&o);
  ck_assert_double_ge(o.g->nc2_etf, 0.1);
  free_optimum(&o);
}
END_TEST

/* Widths below K: any projector of rank R is optimal and has distance 0; with
   bias those that vanish on the ones. */
START_TEST(narrow_frames)
{
  static const size_t narrow[] = {3, 2, 4};
  bool bias = _i % 2 != 0;
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = bias ? UFM_BIAS_FREE : UFM_BIAS_NONE,
                    .K = K,
                    .counts = balanced,
                    .M = 3,
                    .widths = narrow,
                    .lambda_w = weak,
                    .lambda_h = "1/200"};
  static const double m[] = {3, 3};
  gsl_rng *rng = ufm__rng_new(23, (uint64_t)_i);
  double *basis = new_orthonormal(rng, 2, K, bias);
  optimum o = make_optimum(&t, 2, basis, basis, m, false);

  check_spectra(&o);
  ck_assert_double_le(o.g->nc2_of, 1e-12);
  ck_assert_double_le(o.g->nc3_of, 1e-12);
  if (bias) {
    ck_assert_double_le(o.g->nc2_etf, 1e-12);
    ck_assert_double_le(o.g->nc3_etf, 1e-12);
  } else {
    ck_assert_double_ge(o.g->nc2_etf, 1e-3);
  }
  free_optimum(&o);
  free(basis);
  gsl_rng_free(rng);
}
END_TEST

/* Many classes, few dimensions: several panels, compressed projectors. */
START_TEST(many_classes)
{
  enum { MANY = 300, R = 7 };
  size_t counts[MANY];
  static const size_t seven[] = {R};
  static const double m[] = {2, 2, 2, 2, 2, 2, 2};
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .bias = UFM_BIAS_FREE,
                    .K = MANY,
                    .counts = counts,
                    .M = 1,
                    .widths = seven,
                    .lambda_w = weak,
                    .lambda_h = "1/10000000"};
  gsl_rng *rng = ufm__rng_new(24, 0);
  double *basis = new_orthonormal(rng, R, MANY, 1);
  optimum o;

  for (size_t k = 0; k < MANY; k++)
    counts[k] = 2;
  o = make_optimum(&t, R, basis, basis, m, false);
  check_spectra(&o);
  ck_assert_double_le(o.g->nc2_of, 1e-12);
  ck_assert_double_le(o.g->nc2_etf, 1e-12);
  ck_assert_double_le(o.g->nc3_of, 1e-12);
  ck_assert_double_le(o.g->nc3_etf, 1e-12);
  free_optimum(&o);
  free(basis);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(balancedness_sees_every_factor)
{
  test_problem t = {.loss = UFM_LOSS_MSE,
                    .K = K,
                    .counts = imbalanced,
                    .M = 3,
                    .widths = widths,
                    .lambda_w = weak,
                    .lambda_h = "1/2000"};
  static const double m[] = {40, 20, 10, 1};
  optimum o = make_optimum(&t, K, identity, identity, m, false);
  size_t at[] = {o.l->w[0], o.l->w[1], o.l->w[2], o.l->h};

  for (size_t f = 0; f < 4; f++) {
    ufm_geometry *g;

    o.theta[at[f]] += 1e-3;
    g = measure_point(o.p, o.l, o.theta, NULL);
    o.theta[at[f]] -= 1e-3;
    ck_assert_double_ge(g->balancedness, 1e-6);
    ck_assert_double_le(g->balancedness, 1e-2);
    ufm_geometry_free(g);
  }
  free_optimum(&o);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("geometry");

  tcase_add_loop_test(tests, simplex_etf, 0, 2 * DEPTHS);
  tcase_add_loop_test(tests, orthogonal_frame, 0, 2 * DEPTHS);
  tcase_add_loop_test(tests, general_orthogonal_frame, 0, 2 * DEPTHS);
  tcase_add_loop_test(tests, imbalanced_optimum_with_bias, 0, DEPTHS);
  tcase_add_loop_test(tests, narrow_frames, 0, 4);
  tcase_add_test(tests, many_classes);
  tcase_add_test(tests, balancedness_sees_every_factor);
  return run_case("geometry", tests);
}
