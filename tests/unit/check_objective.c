/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Value, gradient and Hessian product against a plain-loop long double
   evaluation and its differences, for every loss, depth, bias, target kind and
   set of variables. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ufm/objective.h>

#include "core/rng.h"
#include "linalg/blas.h"
#include "objective/internal.h"
#include "objective/loss.h"
#include "problem.h"
#include "run.h"

#include <gsl/gsl_randist.h>

static const size_t counts[] = {4, 1, 3};
static const size_t widths[] = {2, 5, 3};
static const char *const lambda_w[] = {"1/10", "1/300", "2/7"};

/* Every combination of the choices that change a formula. */
enum { LOSSES = 2, DEPTHS = 3, BIASES = 3, KINDS = 2, MERGES = 2 };
enum { CASES = LOSSES * DEPTHS * BIASES * KINDS * MERGES };

static ufm_problem *case_problem(int i)
{
  test_problem t = {.loss = (ufm_loss)(i % LOSSES),
                    .bias = (ufm_bias)(i / LOSSES % BIASES),
                    .K = 3,
                    .counts = counts,
                    .M = (size_t)(i / LOSSES / BIASES % DEPTHS) + 1,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = "1/50",
                    .unmerged = i / LOSSES / BIASES / DEPTHS / KINDS != 0};

  if (t.bias == UFM_BIAS_RIDGE)
    t.lambda_b = "1/9";
  if (i / LOSSES / BIASES / DEPTHS % KINDS != 0)
    t.smoothing = "1/10";
  return make_problem(&t);
}

static long double to_ld(mpq_srcptr x)
{
  return (long double)mpz_get_d(mpq_numref(x)) /
         (long double)mpz_get_d(mpq_denref(x));
}

/* loss of one column by its definition */
static long double plain_loss(const ufm_problem *p, size_t j,
                              const long double *y)
{
  size_t K = ufm_problem_classes(p);
  long double sum = 0.0L, loss = 0.0L, top = y[0];
  mpq_t t;

  mpq_init(t);
  for (size_t i = 0; i < K; i++)
    top = fmaxl(top, y[i]);
  for (size_t i = 0; i < K; i++)
    sum += expl(y[i] - top);
  for (size_t i = 0; i < K; i++) {
    long double ti;

    ufm_columns_target_exact(ufm_problem_columns(p), j, i, t);
    ti = to_ld(t);
    if (ufm_problem_loss(p) == UFM_LOSS_MSE)
      loss += (y[i] - ti) * (y[i] - ti) / 2.0L;
    else
      loss += ti * (logl(sum) + top - y[i]);
  }
  mpq_clear(t);
  return loss;
}

/* F(theta) in plain variables, straight from its definition. */
static long double plain_value(const ufm_problem *p, const ufm_layout *l,
                               const long double *theta)
{
  const ufm_columns *c = ufm_problem_columns(p);
  mpq_srcptr lambda_b = ufm_problem_lambda_b(p);
  long double F = 0.0L;

  for (size_t j = 0; j < l->J; j++) {
    long double in[8], out[8], weight = to_ld(c->palette[c->weight[j]]);

    for (size_t i = 0; i < l->width[0]; i++) {
      in[i] = theta[l->h + j * l->width[0] + i];
      F += to_ld(ufm_problem_lambda_h(p)) / 2.0L * to_ld(c->ratio) * weight *
           in[i] * in[i];
    }
    for (size_t m = 0; m < l->M; m++) {
      for (size_t r = 0; r < l->width[m + 1]; r++) {
        out[r] = 0.0L;
        for (size_t s = 0; s < l->width[m]; s++)
          out[r] += theta[l->w[m] + r * l->width[m] + s] * in[s];
      }
      memcpy(in, out, sizeof in);
    }
    for (size_t i = 0; l->b < l->size && i < l->K; i++)
      in[i] += theta[l->b + i];
    F += weight * plain_loss(p, j, in);
  }
  for (size_t m = 0; m < l->M; m++)
    for (size_t i = 0; i < l->width[m] * l->width[m + 1]; i++)
      F += to_ld(ufm_problem_lambda_w(p, m + 1)) / 2.0L * theta[l->w[m] + i] *
           theta[l->w[m] + i];
  for (size_t i = l->b; lambda_b != NULL && i < l->size; i++)
    F += to_ld(lambda_b) / 2.0L * theta[i] * theta[i];
  return F;
}

enum { MAX_SIZE = 128 };

/* A random point; entries of the given size. */
static void random_point(gsl_rng *rng, double size, const ufm_layout *l,
                         double *theta)
{
  ck_assert_uint_le(l->size, MAX_SIZE);
  for (size_t i = 0; i < l->size; i++)
    theta[i] = gsl_ran_gaussian(rng, size);
}

static const double sizes[] = {0.1, 1.0, 4.0};

START_TEST(value_equals_its_definition)
{
  ufm_problem *p = case_problem(_i);
  gsl_rng *rng = ufm__rng_new(11, (uint64_t)_i);
  ufm_objective *plain = NULL, *balanced = NULL;

  ck_assert_int_eq(ufm_objective_new(&plain, p, UFM_VARIABLES_PLAIN, NULL), 0);
  ck_assert_int_eq(
      ufm_objective_new(&balanced, p, UFM_VARIABLES_BALANCED, NULL), 0);
  for (size_t s = 0; s < 3; s++) {
    const ufm_layout *l = ufm_objective_layout(plain);
    double theta[MAX_SIZE], x[MAX_SIZE], back[MAX_SIZE], g[MAX_SIZE], F, G;
    long double wide[MAX_SIZE], want;

    random_point(rng, sizes[s], l, theta);
    for (size_t i = 0; i < l->size; i++)
      wide[i] = (long double)theta[i];
    want = plain_value(p, l, wide);
    F = ufm_objective_value(plain, theta);
    ck_assert_msg(fabsl((long double)F - want) <= 4e-15L * fabsl(want),
                  "case %d: %.17g, want %.20Lg", _i, F, want);
    ck_assert_double_eq(ufm_objective_gradient(plain, theta, g), F);
    ufm_objective_from_plain(balanced, theta, x);
    G = ufm_objective_value(balanced, x);
    ck_assert_msg(fabsl((long double)G - want) <= 1e-14L * fabsl(want),
                  "case %d balanced: %.17g, want %.20Lg", _i, G, want);
    ufm_objective_to_plain(balanced, x, back);
    for (size_t i = 0; i < l->size; i++)
      ck_assert_double_eq_tol(back[i], theta[i], 1e-15 * fabs(theta[i]));
  }
  ufm_objective_free(plain);
  ufm_objective_free(balanced);
  gsl_rng_free(rng);
  ufm_problem_free(p);
}
END_TEST

/* Directional derivative v.grad F by central differences of the long double
   evaluation; the error falls as step^2 until 1e-19/step takes over. */
START_TEST(gradient_equals_differences)
{
  static const long double steps[] = {1e-3L, 1e-4L, 1e-5L};
  ufm_problem *p = case_problem(_i);
  gsl_rng *rng = ufm__rng_new(12, (uint64_t)_i);
  ufm_objective *o = NULL;

  ck_assert_int_eq(ufm_objective_new(&o, p, UFM_VARIABLES_PLAIN, NULL), 0);
  for (size_t s = 0; s < 3; s++) {
    const ufm_layout *l = ufm_objective_layout(o);
    double theta[MAX_SIZE], g[MAX_SIZE], size = 0.0;
    long double wide[MAX_SIZE], error[3] = {0};

    random_point(rng, sizes[s], l, theta);
    ufm_objective_gradient(o, theta, g);
    for (size_t i = 0; i < l->size; i++)
      wide[i] = (long double)theta[i];
    for (size_t i = 0; i < l->size; i++) {
      size = fmax(size, fabs(g[i]));
      for (size_t h = 0; h < 3; h++) {
        long double keep = wide[i], step = steps[h] * fmaxl(1, fabsl(keep)), up,
                    down;

        wide[i] = keep + step;
        up = plain_value(p, l, wide);
        wide[i] = keep - step;
        down = plain_value(p, l, wide);
        wide[i] = keep;
        error[h] = fmaxl(error[h],
                         fabsl((up - down) / (2 * step) - (long double)g[i]));
      }
    }
    /* Third derivatives grow with the point; steps 10 times smaller must give
       errors nearly 100 times smaller until rounding. */
    ck_assert_msg(error[1] <= error[0] / 50 + 1e-12L * (long double)size,
                  "case %d size %g: %Lg %Lg", _i, sizes[s], error[0], error[1]);
    ck_assert_msg(error[2] <= error[1] / 50 + 1e-12L * (long double)size,
                  "case %d size %g: %Lg %Lg", _i, sizes[s], error[1], error[2]);
  }
  ufm_objective_free(o);
  gsl_rng_free(rng);
  ufm_problem_free(p);
}
END_TEST

static double dot(size_t n, const double *x, const double *y)
{
  double sum = 0.0;

  for (size_t i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

/* Chain rule between the two sets of variables: g.v is the same derivative. */
START_TEST(balanced_gradient_is_the_chain_rule)
{
  ufm_problem *p = case_problem(_i);
  gsl_rng *rng = ufm__rng_new(13, (uint64_t)_i);
  ufm_objective *o[2] = {NULL, NULL};
  double theta[MAX_SIZE], v[MAX_SIZE], x[MAX_SIZE], u[MAX_SIZE], g[MAX_SIZE],
      h[MAX_SIZE], pen[MAX_SIZE], a, b;
  size_t n;

  for (int k = 0; k < 2; k++)
    ck_assert_int_eq(ufm_objective_new(&o[k], p, (ufm_variables)k, NULL), 0);
  n = ufm_objective_layout(o[0])->size;
  random_point(rng, 1.0, ufm_objective_layout(o[0]), theta);
  random_point(rng, 1.0, ufm_objective_layout(o[0]), v);
  ufm_objective_from_plain(o[1], theta, x);
  ufm_objective_from_plain(o[1], v, u);
  ufm_objective_gradient(o[0], theta, g);
  ufm_objective_gradient(o[1], x, h);
  a = dot(n, g, v);
  b = dot(n, h, u);
  ck_assert_msg(fabs(a - b) <= 1e-12 * sqrt(dot(n, g, g) * dot(n, v, v)),
                "case %d: %.17g and %.17g", _i, a, b);
  /* The penalties alone: half of x.grad is their value (no cross terms). */
  ufm_objective_penalty_gradient(o[0], theta, pen);
  a = 0.5 * dot(n, pen, theta);
  ufm_objective_penalty_gradient(o[1], x, pen);
  b = 0.5 * dot(n, pen, x);
  ck_assert_double_eq_tol(a, b, 1e-13 * a);
  for (int k = 0; k < 2; k++)
    ufm_objective_free(o[k]);
  gsl_rng_free(rng);
  ufm_problem_free(p);
}
END_TEST

START_TEST(hessian_equals_differences_of_gradients)
{
  static const double steps[] = {1e-3, 1e-4, 1e-5};
  ufm_problem *p = case_problem(_i);
  gsl_rng *rng = ufm__rng_new(14, (uint64_t)_i);

  for (int k = 0; k < 2; k++) {
    ufm_objective *o = NULL;
    double x[MAX_SIZE], v[MAX_SIZE], u[MAX_SIZE], up[MAX_SIZE], Hv[MAX_SIZE],
        Hu[MAX_SIZE], gp[MAX_SIZE], gm[MAX_SIZE], error[3] = {0}, size = 0.0;
    size_t n;

    ck_assert_int_eq(ufm_objective_new(&o, p, (ufm_variables)k, NULL), 0);
    n = ufm_objective_layout(o)->size;
    random_point(rng, 1.0, ufm_objective_layout(o), x);
    random_point(rng, 1.0, ufm_objective_layout(o), v);
    random_point(rng, 1.0, ufm_objective_layout(o), u);
    ck_assert_int_eq(ufm_objective_hessian(o, x, v, Hv, NULL), UFM_OK);
    ck_assert_int_eq(ufm_objective_hessian(o, x, u, Hu, NULL), UFM_OK);
    ck_assert_double_eq_tol(dot(n, u, Hv), dot(n, v, Hu),
                            1e-12 * sqrt(dot(n, Hv, Hv) * dot(n, u, u)));
    for (size_t s = 0; s < 3; s++) {
      for (size_t i = 0; i < n; i++)
        up[i] = x[i] + steps[s] * v[i];
      ufm_objective_gradient(o, up, gp);
      for (size_t i = 0; i < n; i++)
        up[i] = x[i] - steps[s] * v[i];
      ufm_objective_gradient(o, up, gm);
      for (size_t i = 0; i < n; i++) {
        double difference = (gp[i] - gm[i]) / (2 * steps[s]);

        error[s] = fmax(error[s], fabs(difference - Hv[i]));
        size = fmax(size, fabs(gp[i]));
      }
    }
    for (size_t s = 1; s < 3; s++)
      ck_assert_msg(error[s] <=
                        error[s - 1] / 50 + 20 * DBL_EPSILON * size / steps[s],
                    "case %d: %g then %g", _i, error[s - 1], error[s]);
    ck_assert_uint_eq(ufm_objective_evaluations(o).hessian_products, 2);
    ufm_objective_free(o);
  }
  gsl_rng_free(rng);
  ufm_problem_free(p);
}
END_TEST

/* A confident classifier: value and residual are tiny and must keep their
   relative accuracy, not drown in 1 - p. */
START_TEST(small_cross_entropy_keeps_its_digits)
{
  static const double gaps[] = {1e-3, 1.0, 20.0, 60.0, 600.0};
  static const size_t two[] = {1, 1};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 2,
                    .counts = two,
                    .M = 1,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = "1/50"};
  ufm_problem *p = make_problem(&t);
  const ufm_columns *c = ufm_problem_columns(p);

  for (size_t i = 0; i < sizeof gaps / sizeof gaps[0]; i++) {
    double y[] = {gaps[i] + 5.0, 5.0}, g[2], a = y[0] - y[1];
    double loss = log1p(exp(-a)), p1 = exp(-a) / (1.0 + exp(-a));

    ck_assert_double_eq_tol(ufm__loss_ce.value(c, 0, y), loss, 1e-15 * loss);
    ck_assert_double_eq_tol(ufm__loss_ce.gradient(c, 0, y, g), loss,
                            1e-15 * loss);
    ck_assert_double_eq_tol(g[0], -p1, 1e-15 * p1);
    ck_assert_double_eq_tol(g[1], p1, 1e-15 * p1);
  }
  ufm_problem_free(p);
}
END_TEST

/* Hessian products of an objective in blocks, with all, some and none of what
   belongs to the point kept between products, against one in a single block. */
static void check_products(ufm_objective *whole, ufm_objective *parts,
                           gsl_rng *rng, const double *x)
{
  const ufm_layout *l = ufm_objective_layout(whole);
  size_t blocks = (l->J + parts->block - 1) / parts->block;
  size_t columns = 0; /* doubles per column */

  for (size_t m = 0; m < l->M; m++)
    columns += (m + 1 < l->M ? 2 : 1) * l->width[m + 1];
  for (size_t kept = 0; kept <= blocks; kept++) {
    double v[MAX_SIZE], want[MAX_SIZE], got[MAX_SIZE];

    ufm__tangents_clear(&parts->tangents, l->M);
    parts->tangents.room = columns * parts->block * kept;
    for (int i = 0; i < 3; i++) { /* the third at another point */
      double at[MAX_SIZE];

      memcpy(at, x, l->size * sizeof *at);
      if (i == 2)
        at[l->h] += 1.0;
      random_point(rng, 1.0, l, v);
      ck_assert_int_eq(ufm_objective_hessian(whole, at, v, want, NULL), 0);
      ck_assert_int_eq(ufm_objective_hessian(parts, at, v, got, NULL), 0);
      for (size_t k = 0; k < l->size; k++)
        ck_assert_double_eq_tol(got[k], want[k],
                                1e-14 * ufm__norm(l->size, want));
    }
    ck_assert_uint_eq(parts->tangents.kept, kept);
  }
}

/* Blocks of columns change sums, so results differ by rounding only; the
   preconditioner gathers the same over all blocks. */
START_TEST(blocks_change_nothing)
{
  ufm_problem *p = case_problem(_i);
  gsl_rng *rng = ufm__rng_new(15, (uint64_t)_i);
  ufm_objective *whole = NULL, *parts = NULL;

  ck_assert_int_eq(ufm_objective_new(&whole, p, UFM_VARIABLES_BALANCED, NULL),
                   0);
  ck_assert_int_eq(ufm_objective_new(&parts, p, UFM_VARIABLES_BALANCED, NULL),
                   0);
  ck_assert_uint_eq(whole->block, whole->layout->J);
  for (size_t block = 1; block < whole->block; block++) {
    const ufm_layout *l = ufm_objective_layout(whole);
    double x[MAX_SIZE], g[MAX_SIZE], h[MAX_SIZE], z[MAX_SIZE], F;

    random_point(rng, 1.0, l, x);
    parts->block = block;
    F = ufm_objective_gradient(whole, x, g);
    ck_assert_double_eq_tol(ufm_objective_gradient(parts, x, h), F, 1e-14 * F);
    ck_assert_double_eq_tol(ufm_objective_value(parts, x), F, 1e-14 * F);
    for (size_t i = 0; i < l->size; i++)
      ck_assert_double_eq_tol(h[i], g[i], 1e-14 * ufm__norm(l->size, g));
    check_products(whole, parts, rng, x);
    if (!ufm_objective_preconditioned(whole))
      continue;
    ck_assert_int_eq(ufm_objective_precondition_at(whole, x, NULL), 0);
    ck_assert_int_eq(ufm_objective_precondition_at(parts, x, NULL), 0);
    ufm_objective_precondition(whole, g, h);
    ufm_objective_precondition(parts, g, z);
    for (size_t i = 0; i < l->size; i++)
      ck_assert_double_eq_tol(z[i], h[i], 1e-13 * ufm__norm(l->size, h));
  }
  ufm_objective_free(whole);
  ufm_objective_free(parts);
  gsl_rng_free(rng);
  ufm_problem_free(p);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("objective");

  tcase_add_loop_test(tests, value_equals_its_definition, 0, CASES);
  tcase_add_loop_test(tests, gradient_equals_differences, 0, CASES);
  tcase_add_loop_test(tests, balanced_gradient_is_the_chain_rule, 0, CASES);
  tcase_add_loop_test(tests, hessian_equals_differences_of_gradients, 0, CASES);
  tcase_add_loop_test(tests, blocks_change_nothing, 0, CASES);
  tcase_add_test(tests, small_cross_entropy_keeps_its_digits);
  return run_case("objective", tests);
}
