/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced problem against the full one, which knows nothing of symmetry:
   the same minimum, the same Gram matrices; and the objective of an expanded
   point is that of the reduced one. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include <ufm/reduce.h>

#include "../unit/problem.h"
#include "../unit/run.h"
#include "rounds.h"

enum { ROUNDS = 300, SEED = 71, LARGEST = 12 };

typedef struct random_problem {
  size_t counts[LARGEST], width;
  const char *lambda_w;
  test_problem t;
  ufm_problem *p;
} random_problem;

/* 2 to 12 classes in up to four groups, in random order; the penalties reach
   from weak ones to those that collapse the small groups. */
static void random_problem_init(random_problem *s, gsl_rng *rng)
{
  static const char *const lambda_w[] = {"1/20", "1/200", "1/2000"};
  static const char *const lambda_h[] = {"1/100", "1/3000", "1/50000"};
  static const size_t counts[] = {40, 9, 2, 1};
  static const ufm_bias biases[] = {UFM_BIAS_NONE, UFM_BIAS_FREE,
                                    UFM_BIAS_RIDGE};

  s->t = (test_problem){
      .loss = gsl_rng_uniform_int(rng, 2) ? UFM_LOSS_CE : UFM_LOSS_MSE,
      .bias = biases[gsl_rng_uniform_int(rng, 3)],
      .K = 2 + gsl_rng_uniform_int(rng, LARGEST - 1),
      .counts = s->counts,
      .M = 1,
      .widths = &s->width,
      .lambda_w = &s->lambda_w,
      .lambda_h = lambda_h[gsl_rng_uniform_int(rng, 3)],
      .smoothing = gsl_rng_uniform_int(rng, 2) ? "1/10" : NULL};
  s->lambda_w = lambda_w[gsl_rng_uniform_int(rng, 3)];
  s->t.lambda_b = s->t.bias == UFM_BIAS_RIDGE ? "1/30" : NULL;
  s->width = s->t.K - (s->t.loss == UFM_LOSS_CE || s->t.bias == UFM_BIAS_FREE) +
             gsl_rng_uniform_int(rng, 2);
  for (size_t k = 0; k < s->t.K; k++)
    s->counts[k] = counts[gsl_rng_uniform_int(rng, 4)];
  s->p = make_problem(&s->t);
}

/* |A A^T - B B^T|_F / |A A^T|_F for K x d rows. */
static double gram_difference(size_t K, size_t d, const double *a,
                              const double *b)
{
  double difference = 0.0, size = 0.0;

  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++) {
      double x = 0.0, y = 0.0;

      for (size_t l = 0; l < d; l++) {
        x += a[i * d + l] * a[k * d + l];
        y += b[i * d + l] * b[k * d + l];
      }
      difference += (x - y) * (x - y);
      size += x * x;
    }
  return size > 1e-20 ? sqrt(difference / size) : sqrt(difference);
}

static void check_close(double got, double want, const char *what, int round)
{
  if (isnan(want))
    ck_assert_msg(isnan(got), "seed %d, round %d: %s: got %.17g, want nan",
                  SEED, round, what, got);
  else
    ck_assert_msg(fabs(got - want) <= 1e-9 * (1.0 + fabs(want)),
                  "seed %d, round %d: %s: got %.17g, want %.17g", SEED, round,
                  what, got, want);
}

/* The geometry from the blocks against that of the expanded point. */
static void compare_geometry(const random_problem *s, const ufm_orbits *orbits,
                             const ufm_layout *layout, const double *theta,
                             int round)
{
  double t[LARGEST] = {0.0};
  ufm_geometry *a, *b;
  ufm_error error = {{0}};

  for (size_t k = 0; k < s->t.K; k++)
    t[k] = (double)s->counts[k] / 50.0;
  ck_assert_int_eq(ufm_reduce_geometry(&a, s->p, orbits, t, &error), UFM_OK);
  ck_assert_int_eq(ufm_geometry_measure(&b, s->p, layout, theta, t, &error),
                   UFM_OK);
  ck_assert_uint_eq(a->rank, b->rank);
  for (size_t f = 0; f < 3; f++) {
    ck_assert_uint_eq(a->spectrum_size[f], b->spectrum_size[f]);
    for (size_t i = 0; i < a->spectrum_size[f]; i++)
      check_close(a->spectrum[f][i], b->spectrum[f][i], "spectrum", round);
  }
  for (size_t k = 0; k < s->t.K; k++) {
    check_close(a->norm_w[k], b->norm_w[k], "norm of w", round);
    check_close(a->norm_h[k], b->norm_h[k], "norm of h", round);
  }
  check_close(a->cos_w.min, b->cos_w.min, "least cosine of w", round);
  check_close(a->cos_w.max, b->cos_w.max, "largest cosine of w", round);
  check_close(a->cos_w.mean, b->cos_w.mean, "mean cosine of w", round);
  check_close(a->cos_h.min, b->cos_h.min, "least cosine of h", round);
  check_close(a->cos_h.max, b->cos_h.max, "largest cosine of h", round);
  check_close(a->cos_h.mean, b->cos_h.mean, "mean cosine of h", round);
  check_close(a->nc2_etf, b->nc2_etf, "nc2 etf", round);
  check_close(a->nc2_of, b->nc2_of, "nc2 of", round);
  check_close(a->nc2_gof_w, b->nc2_gof_w, "nc2 gof w", round);
  check_close(a->nc2_gof_h, b->nc2_gof_h, "nc2 gof h", round);
  check_close(a->nc3_etf, b->nc3_etf, "nc3 etf", round);
  check_close(a->nc3_of, b->nc3_of, "nc3 of", round);
  check_close(a->nc3_gof_wh, b->nc3_gof_wh, "nc3 gof", round);
  check_close(a->nc3_gof_w_h, b->nc3_gof_w_h, "nc3 gof w h", round);
  check_close(a->balancedness, b->balancedness, "balancedness", round);
  ck_assert(isnan(a->nc1) && isnan(b->nc1));
  ufm_geometry_free(a);
  ufm_geometry_free(b);
}

static void compare(const random_problem *s, int round)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *full, *reduced;
  ufm_objective *objective;
  const ufm_orbits *orbits;
  ufm_layout *layout;
  ufm_error error = {{0}};
  double *theta, value;

  settings.tol = 1e-12;
  settings.seed = (uint64_t)round;
  ck_assert_msg(ufm_reduce_solve(&reduced, s->p, &settings, &error) == UFM_OK,
                "seed %d, round %d: %s", SEED, round, error.text);
  orbits = reduced->orbits;
  ck_assert_int_eq(ufm_solve(&full, s->p, &settings, &error), UFM_OK);
  ck_assert_int_eq(ufm_layout_new(&layout, s->p, &error), UFM_OK);
  theta = calloc(layout->size, sizeof *theta);
  ck_assert_int_eq(ufm_reduce_expand(orbits, layout, theta, &error), UFM_OK);
  ck_assert_int_eq(
      ufm_objective_new(&objective, s->p, UFM_VARIABLES_PLAIN, &error), UFM_OK);
  value = ufm_objective_value(objective, theta);
  ck_assert_msg(fabs(value - reduced->objective) <= 1e-14 * fabs(value),
                "seed %d, round %d: expanded %.17g, reduced %.17g", SEED, round,
                value, reduced->objective);
  ck_assert_msg(fabs(full->objective - reduced->objective) <=
                    1e-13 * full->objective,
                "seed %d, round %d: full %.17g, reduced %.17g (%s, %s)", SEED,
                round, full->objective, reduced->objective,
                ufm_termination_name(reduced->run[0].termination),
                ufm_termination_name(full->run[0].termination));
  for (int side = 0; side < 2; side++) {
    size_t at = side == 0 ? layout->w[0] : layout->h;
    double off =
        gram_difference(s->t.K, s->width, full->theta + at, theta + at);

    /* where a direction is about to vanish a Gram matrix is known to about the
       square root of the accuracy of the gradient */
    ck_assert_msg(off < 1e-5, "seed %d, round %d: Gram matrices differ by %g",
                  SEED, round, off);
  }
  compare_geometry(s, orbits, layout, theta, round);
  ufm_objective_free(objective);
  free(theta);
  ufm_layout_free(layout);
  ufm_solution_free(reduced);
  ufm_solution_free(full);
}

START_TEST(test_random)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED);
  for (int round = 0; round < rounds(ROUNDS); round++) {
    random_problem s;

    random_problem_init(&s, rng);
    compare(&s, round);
    ufm_problem_free(s.p);
  }
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("reduce");

  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_random);
  return run_case("reduce", tests);
}
