/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blind solver against closed form on random problems: no point may beat a
   proved optimum, a convex problem must reach it, and merging equal columns
   must change nothing. */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_rng.h>

#include <ufm/geometry.h>
#include <ufm/record.h>

#include "../unit/problem.h"
#include "../unit/run.h"
#include "core/rng.h"

#include "rounds.h"

enum { ROUNDS = 40, MAX_K = 5, MAX_M = 3 };

/* A random problem; the arrays it points to live here. */
typedef struct random_problem {
  test_problem t;
  size_t counts[MAX_K], widths[MAX_M];
  char lambda_text[MAX_M + 1][24];
  const char *lambda_w[MAX_M];
} random_problem;

static void draw(random_problem *r, gsl_rng *rng)
{
  bool balanced = gsl_rng_uniform_int(rng, 2) == 0;

  *r = (random_problem){.t = {.loss = (ufm_loss)gsl_rng_uniform_int(rng, 2)}};
  r->t.bias = gsl_rng_uniform_int(rng, 2) == 0 ? UFM_BIAS_NONE : UFM_BIAS_FREE;
  r->t.K = 2 + gsl_rng_uniform_int(rng, MAX_K - 1);
  r->t.M = r->t.loss == UFM_LOSS_CE ? 1 : 1 + gsl_rng_uniform_int(rng, MAX_M);
  for (size_t k = 0; k < r->t.K; k++)
    r->counts[k] =
        balanced && k > 0 ? r->counts[0] : 1 + gsl_rng_uniform_int(rng, 30);
  for (size_t m = 0; m < r->t.M; m++) {
    r->widths[m] = 1 + gsl_rng_uniform_int(rng, 2 * r->t.K);
    snprintf(r->lambda_text[m], sizeof r->lambda_text[m], "1/%lu",
             20 + gsl_rng_uniform_int(rng, 2000));
    r->lambda_w[m] = r->lambda_text[m];
  }
  snprintf(r->lambda_text[MAX_M], sizeof r->lambda_text[MAX_M], "1/%lu",
           20 + gsl_rng_uniform_int(rng, 20000));
  r->t.counts = r->counts;
  r->t.widths = r->widths;
  r->t.lambda_w = r->lambda_w;
  r->t.lambda_h = r->lambda_text[MAX_M];
  if (gsl_rng_uniform_int(rng, 3) == 0)
    r->t.smoothing = "1/8";
}

/* With one weight matrix that is not narrow every local minimum is global. */
static bool convex(const test_problem *t)
{
  return t->M == 1 && t->widths[0] >= t->K;
}

static ufm_solution *solve(const ufm_problem *problem, size_t starts, int seed)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_error error = {{0}};

  settings.starts = starts;
  settings.seed = (uint64_t)seed;
  ck_assert_msg(ufm_solve(&solution, problem, &settings, &error) == UFM_OK,
                "seed %d: %s", seed, error.text);
  return solution;
}

static void compare_with_theory(const random_problem *r, ufm_problem *problem,
                                const ufm_solution *solution, int seed)
{
  ufm_prediction *prediction = NULL;
  ufm_geometry *geometry = NULL;
  ufm_comparison c;
  ufm_error error = {{0}};
  ufm_status status = ufm_theory_predict(&prediction, problem, 30, &error);

  ck_assert_msg(status == UFM_OK || status == UFM_EUNSUPPORTED, "seed %d: %s",
                seed, error.text);
  ck_assert_msg(r->t.loss == UFM_LOSS_CE || status == UFM_OK,
                "seed %d: mse must be covered: %s", seed, error.text);
  ck_assert_int_eq(ufm_geometry_measure(&geometry, problem, solution->layout,
                                        solution->theta, NULL, NULL),
                   UFM_OK);
  ck_assert_int_eq(
      ufm_compare(&c, problem, solution, geometry, prediction, NULL), UFM_OK);
  ck_assert_msg(c.verdict != UFM_VERDICT_REFUTED, "seed %d: error %.2e", seed,
                c.objective_error);
  ck_assert_msg(geometry->balancedness < 1e-6, "seed %d: balancedness %.2e",
                seed, geometry->balancedness);
  if (prediction != NULL && convex(&r->t))
    ck_assert_msg(c.verdict == UFM_VERDICT_AGREES, "seed %d: error %.2e", seed,
                  c.objective_error);
  ufm_geometry_free(geometry);
  ufm_prediction_free(prediction);
}

START_TEST(random_problems_agree)
{
  gsl_rng *rng = ufm__rng_new(2026, (uint64_t)_i);
  random_problem r;
  ufm_problem *problem;
  ufm_solution *solution;

  draw(&r, rng);
  problem = make_problem(&r.t);
  solution = solve(problem, 3, _i);
  compare_with_theory(&r, problem, solution, _i);
  if (convex(&r.t)) {
    ufm_problem *unmerged;
    ufm_solution *other;

    r.t.unmerged = true;
    unmerged = make_problem(&r.t);
    other = solve(unmerged, 1, _i);
    ck_assert_msg(fabs(other->objective - solution->objective) <=
                      1e-11 * solution->objective,
                  "seed %d: merged %.17g, unmerged %.17g", _i,
                  solution->objective, other->objective);
    ufm_solution_free(other);
    ufm_problem_free(unmerged);
  }
  ufm_solution_free(solution);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

static ufm_solution *solve_by(const char *method, const ufm_problem *problem,
                              int seed)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_error error = {{0}};

  settings.method = method;
  settings.start = UFM_START_RANDOM;
  settings.tol = 1e-12;
  settings.seed = (uint64_t)seed;
  ck_assert_msg(ufm_solve(&solution, problem, &settings, &error) == UFM_OK,
                "%s, seed %d: %s", method, seed, error.text);
  ck_assert_msg(solution->run[0].termination == UFM_TERMINATION_GRADIENT ||
                    solution->run[0].termination == UFM_TERMINATION_ROUNDOFF,
                "%s, seed %d: %s at %.2e", method, seed,
                ufm_termination_name(solution->run[0].termination),
                solution->run[0].relative_gradient);
  return solution;
}

/* Two methods from one start: both end at a stationary point, and at the same
   value where local minima are global. */
START_TEST(newton_and_lbfgs_agree)
{
  gsl_rng *rng = ufm__rng_new(2027, (uint64_t)_i);
  random_problem r;
  ufm_problem *problem;
  ufm_solution *newton, *lbfgs;

  draw(&r, rng);
  problem = make_problem(&r.t);
  newton = solve_by("newton", problem, _i);
  lbfgs = solve_by("lbfgs", problem, _i);
  ck_assert_uint_gt(newton->run[0].evaluations.hessian_products, 0);
  if (convex(&r.t))
    ck_assert_msg(fabs(newton->objective - lbfgs->objective) <=
                      1e-13 * lbfgs->objective,
                  "seed %d: newton %.17g, lbfgs %.17g", _i, newton->objective,
                  lbfgs->objective);
  ufm_solution_free(newton);
  ufm_solution_free(lbfgs);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("agreement");

  tcase_add_loop_test(tests, random_problems_agree, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, newton_and_lbfgs_agree, 0, rounds(ROUNDS));
  return run_case("agreement", tests);
}
