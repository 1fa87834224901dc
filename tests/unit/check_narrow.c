/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Narrowing: thin factors are the same function, points of low rank move there
   and back, others stay, and what is a minimum there is one here. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/rng.h"
#include "linalg/blas.h"
#include "linalg/eigen.h"
#include "objective/narrow.h"
#include "problem.h"
#include "run.h"
#include "solve.h"
#include "solve/narrow.h"

enum { K = 6, MAX_M = 3, RANK = 2, VARIANTS = 6 };

static const size_t counts[K] = {40, 25, 10, 10, 4, 2};
static const size_t widths[MAX_M] = {9, 7, 8};
static const char *const lambda[MAX_M] = {"1/500", "1/300", "1/700"};

static test_problem example(int which)
{
  return (test_problem){.loss = which % 2 == 0 ? UFM_LOSS_CE : UFM_LOSS_MSE,
                        .bias = which < 2 ? UFM_BIAS_NONE : UFM_BIAS_FREE,
                        .K = K,
                        .counts = counts,
                        .M = which < 4 ? 2 : 3,
                        .widths = widths,
                        .lambda_w = lambda,
                        .lambda_h = "1/4000"};
}

/* A runner of method `name`, and what it stands on. */
typedef struct bench {
  ufm_problem *problem;
  ufm_solve_settings settings;
  ufm__runner runner;
  const ufm_layout *layout;
} bench;

static void set_up(bench *b, int which, const char *name)
{
  test_problem t = example(which);
  const ufm_method *about;

  *b = (bench){.problem = make_problem(&t), .settings = ufm_solve_defaults()};
  b->runner.settings = &b->settings;
  ck_assert_int_eq(ufm__method_find(name, &about, &b->runner.method, NULL),
                   UFM_OK);
  ck_assert_int_eq(ufm_objective_new(&b->runner.objective, b->problem,
                                     UFM_VARIABLES_BALANCED, NULL),
                   UFM_OK);
  b->layout = ufm_objective_layout(b->runner.objective);
  ck_assert_int_eq(ufm__stop_init(&b->runner.stop, b->runner.objective, NULL),
                   UFM_OK);
  ck_assert(ufm__runner_minimizers(&b->runner, b->layout->size));
}

static void tear_down(bench *b)
{
  gsl_multimin_fdfminimizer_free(b->runner.minimizer);
  if (b->runner.second != NULL)
    gsl_multimin_fdfminimizer_free(b->runner.second);
  ufm__stop_clear(&b->runner.stop);
  ufm_objective_free(b->runner.objective);
  ufm_problem_free(b->problem);
}

static double *draw(size_t n, double sigma, uint64_t seed)
{
  gsl_rng *rng = ufm__rng_new(5, seed);
  double *x = malloc(n * sizeof *x);

  ck_assert_ptr_nonnull(x);
  for (size_t i = 0; i < n; i++)
    x[i] = gsl_ran_gaussian(rng, sigma);
  gsl_rng_free(rng);
  return x;
}

/* Entry i of the narrow point stands at this one of the wide. */
static size_t place(const ufm_layout *narrow, const ufm_layout *wide, size_t i)
{
  for (size_t m = 0; m < narrow->M; m++)
    if (i < narrow->w[m] + narrow->width[m] * narrow->width[m + 1]) {
      size_t at = i - narrow->w[m];

      return wide->w[m] + at / narrow->width[m] * wide->width[m] +
             at % narrow->width[m];
    }
  if (i < narrow->b)
    return wide->h + (i - narrow->h) / narrow->width[0] * wide->width[0] +
           (i - narrow->h) % narrow->width[0];
  return wide->b + i - narrow->b;
}

START_TEST(thin_factors_are_the_same_function)
{
  bench b;
  ufm_objective *thin = NULL;
  const ufm_layout *n;
  double *x, *y, *g, *gy;

  set_up(&b, _i, "auto");
  ck_assert_int_eq(ufm__objective_narrow(&thin, b.runner.objective, RANK, NULL),
                   UFM_OK);
  n = ufm_objective_layout(thin);
  for (size_t m = 0; m < n->M; m++)
    ck_assert_uint_eq(n->width[m], RANK);
  y = draw(n->size, 1.0, (uint64_t)_i);
  gy = calloc(n->size, sizeof *gy);
  x = calloc(b.layout->size, sizeof *x);
  g = calloc(b.layout->size, sizeof *g);
  for (size_t i = 0; i < n->size; i++)
    x[place(n, b.layout, i)] = y[i];
  ck_assert_double_eq_tol(ufm_objective_gradient(thin, y, gy),
                          ufm_objective_gradient(b.runner.objective, x, g),
                          1e-13);
  for (size_t i = 0; i < n->size; i++)
    ck_assert_double_eq_tol(gy[i], g[place(n, b.layout, i)], 1e-13);
  /* and outside there is no slope */
  for (size_t m = 0; m + 1 < n->M; m++)
    for (size_t i = RANK; i < b.layout->width[m + 1]; i++)
      for (size_t j = RANK; j < b.layout->width[m]; j++)
        ck_assert_double_eq(g[b.layout->w[m] + i * b.layout->width[m] + j],
                            0.0);
  free(x);
  free(y);
  free(g);
  free(gy);
  ufm_objective_free(thin);
  tear_down(&b);
}
END_TEST

/* x = a random point of rank RANK in random directions, plus `extra` times one
   of full rank. */
static void low_rank(const ufm_layout *l, double extra, gsl_vector *x)
{
  double *noise = draw(l->size, extra, 99);
  double *Q[MAX_M];

  for (size_t m = 0; m < l->M; m++)
    Q[m] = draw(RANK * l->width[m], 1.0, 10 + m);
  for (size_t m = 0; m < l->M; m++) {
    size_t rows = l->width[m + 1];
    double *left = m + 1 < l->M ? Q[m + 1] : draw(RANK * rows, 1.0, 20);

    ufm__gemm_tn(rows, l->width[m], RANK, left, Q[m], 0.0, x->data + l->w[m]);
    if (m + 1 == l->M)
      free(left);
  }
  {
    double *left = draw(RANK * l->J, 1.0, 21);

    ufm__gemm_tn(l->J, l->width[0], RANK, left, Q[0], 0.0, x->data + l->h);
    free(left);
  }
  for (size_t i = l->b; i < l->size; i++)
    x->data[i] = 0.1 * (double)(i - l->b);
  ufm__axpy(l->b, 1.0, noise, x->data);
  for (size_t m = 0; m < l->M; m++)
    free(Q[m]);
  free(noise);
}

START_TEST(a_point_of_low_rank_moves_and_no_other)
{
  bench b;
  gsl_vector *x, *before;
  ufm_run run = {.iterations = 3};
  ufm_evaluations at;
  double *g;

  set_up(&b, _i, "auto");
  ck_assert(ufm__narrow_applies(&b.runner));
  x = gsl_vector_alloc(b.layout->size);
  before = gsl_vector_alloc(b.layout->size);
  g = calloc(b.layout->size, sizeof *g);
  b.settings.max_iter = 3; /* none are left for the run there */
  for (int way = 0; way < 3; way++) {
    const double extra[3] = {0.0, 1e-7, 1.0};
    double norm;
    bool moved;

    low_rank(b.layout, extra[way], x);
    gsl_vector_memcpy(before, x);
    run.objective = ufm_objective_gradient(b.runner.objective, x->data, g);
    /* rounding must not decide where nothing is lost */
    run.objective *= 1.0 + 1e-12;
    norm = ufm__norm(b.layout->size, g);
    at = ufm_objective_evaluations(b.runner.objective);
    moved = ufm__narrow_run(&b.runner, 0, x, &run);
    ck_assert_int_eq(moved, way < 2);
    ck_assert_uint_eq(run.iterations, 3);
    if (!moved) {
      ck_assert_int_eq(
          memcmp(x->data, before->data, b.layout->size * sizeof(double)), 0);
      continue;
    }
    ck_assert_int_eq(run.termination, UFM_TERMINATION_ITERATIONS);
    ck_assert_uint_gt(ufm_objective_evaluations(b.runner.objective).values,
                      at.values);
    ck_assert_double_eq_tol(
        ufm_objective_gradient(b.runner.objective, x->data, g), run.objective,
        way == 0 ? 1e-10 * run.objective : 1e-5 * run.objective);
    ck_assert_double_eq_tol(ufm__norm(b.layout->size, g), norm,
                            way == 0 ? 1e-10 * norm : 1e-4 * norm);
    /* only the leading entries are left */
    for (size_t j = 0; j < b.layout->J; j++)
      for (size_t i = RANK; i < b.layout->width[0]; i++)
        ck_assert_double_eq(x->data[b.layout->h + j * b.layout->width[0] + i],
                            0.0);
  }
  free(g);
  gsl_vector_free(x);
  gsl_vector_free(before);
  tear_down(&b);
}
END_TEST

/* Solves from a random start; the end must be a minimum of the whole problem:
   a small gradient there and no negative curvature in a dense Hessian. */
START_TEST(a_narrow_minimum_is_a_minimum)
{
  bench b;
  ufm_solution *s;
  size_t n;
  double *x, *g, *v, *hessian, *w;
  ufm_error error = {{0}};

  set_up(&b, _i, "auto");
  n = b.layout->size;
  b.settings.tol = 1e-11;
  b.settings.start = UFM_START_RANDOM;
  s = must_solve(b.problem, &b.settings);
  ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_GRADIENT);
  x = calloc(n, sizeof *x);
  g = calloc(n, sizeof *g);
  v = calloc(n, sizeof *v);
  w = calloc(n, sizeof *w);
  hessian = calloc(n * n, sizeof *hessian);
  ufm_objective_from_plain(b.runner.objective, s->theta, x);
  ck_assert_double_eq_tol(ufm_objective_gradient(b.runner.objective, x, g),
                          s->objective, 1e-12);
  ck_assert_double_le(
      ufm__relative_gradient(&b.runner.stop, b.runner.objective, x, g),
      1.1e-11);
  for (size_t i = 0; i < n; i++) {
    memset(v, 0, n * sizeof *v);
    v[i] = 1.0;
    ck_assert_int_eq(ufm_objective_hessian(b.runner.objective, x, v,
                                           hessian + i * n, &error),
                     UFM_OK);
  }
  ck_assert_int_eq(ufm__eigen(n, hessian, w, false, &error), UFM_OK);
  ck_assert_msg(w[0] >= -1e-7 * w[n - 1], "curvature %g of %g", w[0], w[n - 1]);
  free(x);
  free(g);
  free(v);
  free(w);
  free(hessian);
  ufm_solution_free(s);
  tear_down(&b);
}
END_TEST

/* auto narrows, lbfgs does not: the same least level in a problem with one
   solution (K = 2), and less time is not for a test to see. */
START_TEST(methods_agree)
{
  static const size_t two[2] = {30, 10}, wide[2] = {12, 12};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 2,
                    .counts = two,
                    .M = 2,
                    .widths = wide,
                    .lambda_w = lambda,
                    .lambda_h = "1/4000"};
  ufm_problem *problem = make_problem(&t);
  double objective[2];

  for (int i = 0; i < 2; i++) {
    ufm_solve_settings settings = ufm_solve_defaults();
    ufm_solution *s;

    settings.method = i == 0 ? "auto" : "lbfgs";
    settings.tol = 1e-12;
    s = must_solve(problem, &settings);
    ck_assert_double_gt(s->objective, 0.0);
    objective[i] = s->objective;
    ufm_solution_free(s);
  }
  ck_assert_double_eq_tol(objective[0], objective[1], 1e-14);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(applies_to_deep_problems_and_auto_alone)
{
  static const size_t wide[1] = {9};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = K,
                    .counts = counts,
                    .M = 1,
                    .widths = wide,
                    .lambda_w = lambda,
                    .lambda_h = "1/4000"};
  bench b;

  set_up(&b, 0, "lbfgs");
  ck_assert(!ufm__narrow_applies(&b.runner));
  tear_down(&b);
  set_up(&b, 0, "auto");
  ufm_objective_free(b.runner.objective);
  ufm_problem_free(b.problem);
  b.problem = make_problem(&t);
  ck_assert_int_eq(ufm_objective_new(&b.runner.objective, b.problem,
                                     UFM_VARIABLES_BALANCED, NULL),
                   UFM_OK);
  ck_assert(!ufm__narrow_applies(&b.runner));
  tear_down(&b);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("narrow");

  tcase_add_loop_test(tests, thin_factors_are_the_same_function, 0, VARIANTS);
  tcase_add_loop_test(tests, a_point_of_low_rank_moves_and_no_other, 0,
                      VARIANTS);
  tcase_add_loop_test(tests, a_narrow_minimum_is_a_minimum, 0, VARIANTS);
  tcase_add_test(tests, methods_agree);
  tcase_add_test(tests, applies_to_deep_problems_and_auto_alone);
  return run_case("narrow", tests);
}
