/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preconditioner of the objective: against its definition by plain loops,
   symmetric and positive, refused where there is none, and worth its name. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include <ufm/minimize.h>
#include <ufm/solve.h>

#include "core/rng.h"
#include "problem.h"
#include "run.h"

enum { K = 5, D = 7, SIZE = 2 * K * D + K };

static const size_t counts[K] = {50, 20, 9, 4, 1}, width[1] = {D};
static const char *const lambda[1] = {"1/500"};

static test_problem example(int which)
{
  return (test_problem){.loss = which % 2 == 0 ? UFM_LOSS_CE : UFM_LOSS_MSE,
                        .bias = UFM_BIAS_FREE,
                        .K = K,
                        .counts = counts,
                        .M = 1,
                        .widths = width,
                        .lambda_w = lambda,
                        .lambda_h = "1/3000",
                        .smoothing = which >= 2 ? "1/10" : NULL};
}

static void draw(double *x, size_t n, int seed)
{
  gsl_rng *rng = ufm__rng_new(77, (uint64_t)seed);

  for (size_t i = 0; i < n; i++)
    x[i] = gsl_ran_gaussian(rng, 1.0);
  gsl_rng_free(rng);
}

/* Logits, probabilities, targets and weights of all columns at a plain point,
   rows by column. */
typedef struct plain {
  double p[K][K], t[K][K], weight[K];
} plain;

static void evaluate(const test_problem *t, const double *x, plain *out)
{
  double eps = t->smoothing != NULL ? 0.1 : 0.0, N = 0.0;

  for (size_t j = 0; j < K; j++)
    N += (double)counts[j];
  for (size_t j = 0; j < K; j++) {
    double sum = 0.0;

    out->weight[j] = (double)counts[j] / N;
    for (size_t i = 0; i < K; i++) {
      double z = x[2 * K * D + i];

      for (size_t k = 0; k < D; k++)
        z += x[i * D + k] * x[K * D + j * D + k];
      out->p[j][i] = t->loss == UFM_LOSS_CE ? exp(z) : z;
      sum += exp(z);
      out->t[j][i] = eps / K + (i == j ? 1.0 - eps : 0.0);
    }
    for (size_t i = 0; i < K && t->loss == UFM_LOSS_CE; i++)
      out->p[j][i] /= sum;
  }
}

/* out = M v by the formulas of doc/mathematics.md; counts in *bent the blocks
   whose 2 x 2 matrix is indefinite at x. */
static void apply(const test_problem *t, const double *x, const double *v,
                  double *out, int *bent)
{
  double lambda_w = 1.0 / 500.0, lambda_h = 1.0 / 3000.0, bias[K] = {0.0};
  double largest = 0.0;
  plain at;

  evaluate(t, x, &at);
  for (size_t k = 0; k < K; k++) {
    const double *w = x + k * D, *h = x + K * D + k * D;
    double a = 0.0, b = 0.0, q = 0.0, penalty = lambda_h * (double)counts[k];
    double c, size, plus, minus, curvature = 0.0;

    for (size_t j = 0; j < K; j++) {
      const double *wj = x + j * D, *hj = x + K * D + j * D;
      bool ce = t->loss == UFM_LOSS_CE;
      double here = at.weight[j] * (ce ? at.p[j][k] * (1.0 - at.p[j][k]) : 1.0);
      double there =
          at.weight[k] * (ce ? at.p[k][j] * (1.0 - at.p[k][j]) : 1.0);

      bias[k] += here;
      if (j == k)
        curvature = here;
      for (size_t i = 0; i < D && j != k; i++) {
        a += here * hj[i] * hj[i] / K;
        b += there * wj[i] * wj[i] / K;
      }
    }
    size = sqrt((lambda_w + a) * (penalty + b));
    c = 0.5 * at.weight[k] * (at.p[k][k] - at.t[k][k]) / size;
    *bent += fabs(c) > 1.0;
    plus = fmax(fabs(1.0 + c), 0.7);
    minus = fmax(fabs(1.0 - c), 0.7);
    c = 0.5 * size * (plus - minus);
    a = 0.5 * (lambda_w + a) * (plus + minus);
    b = 0.5 * (penalty + b) * (plus + minus);
    for (size_t i = 0; i < D; i++)
      q += h[i] * v[k * D + i] + w[i] * v[K * D + k * D + i];
    for (size_t i = 0; i < D; i++) {
      out[k * D + i] =
          a * v[k * D + i] + c * v[K * D + k * D + i] + curvature * q * h[i];
      out[K * D + k * D + i] =
          b * v[K * D + k * D + i] + c * v[k * D + i] + curvature * q * w[i];
    }
    largest = fmax(largest, bias[k]);
  }
  for (size_t k = 0; k < K; k++)
    out[2 * K * D + k] = (bias[k] + 1e-3 * largest) * v[2 * K * D + k];
}

START_TEST(inverts_its_definition)
{
  test_problem t = example(_i);
  ufm_problem *problem = make_problem(&t);
  ufm_objective *o = NULL;
  double x[SIZE], v[SIZE], r[SIZE], z[SIZE], other[SIZE], g[SIZE];
  int bent = 0;

  ck_assert_int_eq(ufm_objective_new(&o, problem, UFM_VARIABLES_PLAIN, NULL),
                   UFM_OK);
  ck_assert_uint_eq(ufm_objective_layout(o)->size, SIZE);
  ck_assert(ufm_objective_preconditioned(o));
  for (int way = 0; way < 4; way++) {
    ufm_evaluations before;
    double forth = 0.0, back = 0.0, square = 0.0;

    draw(x, SIZE, 10 * _i + way);
    draw(v, SIZE, 100 + 10 * _i + way);
    for (size_t i = 0; way == 3 && i < SIZE; i++)
      x[i] *= 1e-2; /* near zero, a saddle */
    apply(&t, x, v, r, &bent);
    if (way == 1) /* gathered by a gradient */
      ufm_objective_gradient(o, x, g);
    before = ufm_objective_evaluations(o);
    ck_assert_int_eq(ufm_objective_precondition_at(o, x, NULL), UFM_OK);
    ck_assert_uint_eq(ufm_objective_evaluations(o).values - before.values,
                      way != 1);
    ufm_objective_precondition(o, r, z);
    for (size_t i = 0; i < SIZE; i++)
      ck_assert_msg(fabs(z[i] - v[i]) <= 1e-9, "entry %zu: %.17g, %.17g", i,
                    z[i], v[i]);
    ufm_objective_precondition(o, v, other);
    for (size_t i = 0; i < SIZE; i++) {
      forth += v[i] * z[i];
      back += r[i] * other[i];
      square += v[i] * other[i];
    }
    ck_assert_double_eq_tol(forth, back, 1e-9 * forth);
    ck_assert_double_gt(square, 0.0);
  }
  ck_assert_int_ge(bent, K);
  ufm_objective_free(o);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(is_refused_where_there_is_none)
{
  static const size_t two[2] = {D, D};
  static const char *const lambdas[2] = {"1/500", "1/500"};

  for (int way = 0; way < 2; way++) {
    test_problem t = example(0);
    ufm_problem *problem;
    ufm_objective *o = NULL;
    ufm_error error = {{0}};
    double *x;

    if (way == 0) {
      t.M = 2;
      t.widths = two;
      t.lambda_w = lambdas;
    } else {
      t.unmerged = true;
    }
    problem = make_problem(&t);
    ck_assert_int_eq(
        ufm_objective_new(&o, problem, UFM_VARIABLES_BALANCED, NULL), UFM_OK);
    ck_assert(!ufm_objective_preconditioned(o));
    x = calloc(ufm_objective_layout(o)->size, sizeof *x);
    ck_assert_int_eq(ufm_objective_precondition_at(o, x, &error),
                     UFM_EUNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "depth 1"));
    free(x);
    ufm_objective_free(o);
    ufm_problem_free(problem);
  }
}
END_TEST

/* 100 classes, counts 500 to 5, width 128.  Evaluations to a relative gradient
   of 1e-12 from a spectral and a random start; L-BFGS without preconditioner
   takes 162 and 229. */
START_TEST(saves_most_evaluations)
{
  enum { CLASSES = 100 };
  static const size_t wide[1] = {128};
  static const char *const weak[1] = {"1/100000"};
  size_t n[CLASSES], N = 0;
  char lambda_h[40];
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = CLASSES,
                    .counts = n,
                    .M = 1,
                    .widths = wide,
                    .lambda_w = weak,
                    .lambda_h = lambda_h};
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *s = NULL;
  ufm_problem *problem;

  for (size_t k = 0; k < CLASSES; k++) {
    n[k] = (size_t)(500.0 * pow(100.0, -(double)k / (CLASSES - 1)));
    N += n[k];
  }
  snprintf(lambda_h, sizeof lambda_h, "%d/%zu", CLASSES, 100000 * N);
  problem = make_problem(&t);
  settings.tol = 1e-12;
  if (_i == 1)
    settings.start = UFM_START_RANDOM;
  ck_assert_int_eq(ufm_solve(&s, problem, &settings, NULL), UFM_OK);
  ck_assert_int_eq(s->run[0].termination, UFM_TERMINATION_GRADIENT);
  ck_assert_int_eq(s->run[0].start,
                   _i == 1 ? UFM_START_RANDOM : UFM_START_SPECTRAL);
  ck_assert_str_eq(s->used, "lbfgs");
  ck_assert_uint_eq(s->run[0].evaluations.hessian_products, 0);
  ck_assert_msg(s->run[0].evaluations.values <= (_i == 1 ? 130 : 70),
                "%zu evaluations", s->run[0].evaluations.values);
  ufm_solution_free(s);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("precondition");

  tcase_add_loop_test(tests, inverts_its_definition, 0, 4);
  tcase_add_test(tests, is_refused_where_there_is_none);
  tcase_add_loop_test(tests, saves_most_evaluations, 0, 2);
  return run_case("precondition", tests);
}
