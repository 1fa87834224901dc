/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brackets of the optimum: true from every point however bad, proved only when
   narrow, the same for every way to write a problem, and never above any point.
   The truth is a proof to many digits or the enclosure of MSE without a point.
 */
#include <config.h>

#include <math.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"

enum { ROUNDS = 40, DIGITS = 25 };

/* A point of size 10^-4 to 10^3 that nobody solved for. */
static double *draw_theta(const ufm_problem *problem, gsl_rng *rng)
{
  double size = pow(10.0, 7.0 * gsl_rng_uniform(rng) - 4.0), *theta;
  ufm_layout *layout;

  ck_assert_int_eq(ufm_layout_new(&layout, problem, NULL), UFM_OK);
  theta = calloc(layout->size, sizeof *theta);
  ck_assert_ptr_nonnull(theta);
  for (size_t i = 0; i < layout->size; i++)
    theta[i] = size * (2.0 * gsl_rng_uniform(rng) - 1.0);
  ufm_layout_free(layout);
  return theta;
}

/* The bracket is one, and its status is what its width says. */
static void is_honest(const ufm_certificate *c, int seed)
{
  mpfr_t gap;

  if (c->status == UFM_PROOF_REFUSED) {
    ck_assert_msg(c->notes > 0, "seed %d: refused without a reason", seed);
    return;
  }
  mpfr_init2(gap, mpfr_get_prec(c->gap) + 64);
  ck_assert(mpfr_number_p(c->lower) && mpfr_number_p(c->upper));
  mpfr_sub(gap, c->upper, c->lower, MPFR_RNDN);
  ck_assert_msg(mpfr_sgn(gap) >= 0, "seed %d: bounds in the wrong order", seed);
  ck_assert_msg(mpfr_lessequal_p(gap, c->gap), "seed %d: gap", seed);
  ck_assert_msg((c->status == UFM_PROOF_PROVED) ==
                    (mpfr_lessequal_p(c->gap, c->tolerance) != 0),
                "seed %d: status %s", seed, ufm_proof_status_name(c->status));
  mpfr_clear(gap);
}

/* Certified as it is: refined to one digit only, when that needs no step. */
static ufm_certificate *certify_raw(const ufm_problem *problem,
                                    const double *theta, int seed)
{
  ufm_refinement *refined = NULL;
  ufm_certificate *c = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_refine(&refined, problem, theta, 1, &error) == UFM_OK,
                "seed %d: %s", seed, error.text);
  /* back to the start: a refined point would be too good */
  if (refined->columns == ufm_problem_columns(problem)->J)
    for (size_t i = 0; i < refined->size; i++)
      mpfr_set_d(refined->theta[i], theta[i], MPFR_RNDN);
  ck_assert_msg(ufm_certify(&c, problem, refined, DIGITS, &error) == UFM_OK,
                "seed %d: %s", seed, error.text);
  ufm_refinement_free(refined);
  return c;
}

START_TEST(bad_points_give_true_brackets)
{
  gsl_rng *rng = ufm__rng_new(71, (uint64_t)_i);
  ufm_certificate *truth, *raw, *refined;
  ufm_problem *problem;
  double *theta;
  drawn d;

  draw_problem(&d, rng, 1);
  problem = make_problem(&d.t);
  truth = prove_problem(problem, DIGITS, _i);
  theta = draw_theta(problem, rng);
  raw = certify_raw(problem, theta, _i);
  refined = verify_point(problem, theta, DIGITS);
  is_honest(truth, _i);
  is_honest(raw, _i);
  is_honest(refined, _i);
  ck_assert_msg(raw->status != UFM_PROOF_REFUSED &&
                    mpfr_lessequal_p(raw->lower, truth->upper) &&
                    mpfr_lessequal_p(truth->lower, raw->upper),
                "seed %d: a bad point, a false bracket", _i);
  ck_assert_msg(refined->status == UFM_PROOF_REFUSED ||
                    (mpfr_lessequal_p(refined->lower, truth->upper) &&
                     mpfr_lessequal_p(truth->lower, refined->upper)),
                "seed %d: a refined point, a false bracket", _i);
  free(theta);
  ufm_certificate_free(truth);
  ufm_certificate_free(raw);
  ufm_certificate_free(refined);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

/* Widths below the rank and depths above 1: no point of any solver, and no
   random one, is below the lower bound of any other. */
START_TEST(no_point_is_below_a_bound)
{
  gsl_rng *rng = ufm__rng_new(72, (uint64_t)_i);
  ufm_certificate *all[4];
  ufm_problem *problem;
  drawn d;

  draw_problem(&d, rng, 1 + below(rng, MOST_LAYERS));
  for (size_t m = 0; m < d.t.M; m++)
    if (below(rng, 2))
      d.widths[m] = 1 + below(rng, d.t.K);
  problem = make_problem(&d.t);
  for (int k = 0; k < 2; k++) {
    ufm_solution *solution = solve_problem(problem, 10 * _i + k);

    all[k] = verify_point(problem, solution->theta, DIGITS);
    ufm_solution_free(solution);
  }
  for (int k = 2; k < 4; k++) {
    double *theta = draw_theta(problem, rng);

    all[k] = certify_raw(problem, theta, _i);
    free(theta);
  }
  for (int a = 0; a < 4; a++) {
    is_honest(all[a], _i);
    for (int b = 0; b < 4; b++)
      ck_assert_msg(all[a]->status == UFM_PROOF_REFUSED ||
                        all[b]->status == UFM_PROOF_REFUSED ||
                        mpfr_lessequal_p(all[a]->lower, all[b]->upper),
                    "seed %d: point %d is below the bound of %d", _i, b, a);
  }
  for (int k = 0; k < 4; k++)
    ufm_certificate_free(all[k]);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

/* MSE, any depth and width: the enclosure without a point holds every proof and
   is below every point. */
START_TEST(mse_needs_no_point)
{
  gsl_rng *rng = ufm__rng_new(73, (uint64_t)_i);
  ufm_certificate *found, *raw;
  ufm_optimum *optimum = NULL;
  ufm_error error = {{0}};
  ufm_solution *solution;
  ufm_problem *problem;
  double *theta;
  drawn d;

  draw_problem(&d, rng, 1 + below(rng, MOST_LAYERS));
  d.t.loss = UFM_LOSS_MSE;
  d.t.bias = (ufm_bias)below(rng, 2);
  d.t.lambda_b = NULL;
  d.widths[0] = 1 + below(rng, 2 * d.t.K);
  problem = make_problem(&d.t);
  solution = solve_problem(problem, _i);
  theta = draw_theta(problem, rng);
  ck_assert_msg(ufm_optimum_enclose(&optimum, problem, DIGITS, &error) ==
                    UFM_OK,
                "seed %d: %s", _i, error.text);
  found = verify_point(problem, solution->theta, DIGITS);
  raw = certify_raw(problem, theta, _i);
  is_honest(found, _i);
  is_honest(raw, _i);
  ck_assert(mpfr_lessequal_p(optimum->lower, optimum->upper));
  ck_assert_msg(mpfr_lessequal_p(optimum->lower, found->upper) &&
                    mpfr_lessequal_p(found->lower, optimum->upper),
                "seed %d: a point below the optimum", _i);
  ck_assert_msg(mpfr_lessequal_p(optimum->lower, raw->upper) &&
                    mpfr_lessequal_p(raw->lower, optimum->upper),
                "seed %d: a bad point below the optimum", _i);
  free(theta);
  ufm_optimum_free(optimum);
  ufm_certificate_free(found);
  ufm_certificate_free(raw);
  ufm_solution_free(solution);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

static const size_t counts[] = {7, 3, 3, 1};

/* Large penalties: zero is the optimum, its value is the loss at 0. */
START_TEST(zero_is_proved)
{
  static const char *const biases[] = {NULL, NULL, "1/5"};
  const char *w = "2";
  const size_t width = 4;
  test_problem t = {.loss = (ufm_loss)(_i % 2),
                    .bias = (ufm_bias)(_i / 2),
                    .K = 4,
                    .counts = counts,
                    .M = 1,
                    .widths = &width,
                    .lambda_w = &w,
                    .lambda_h = "3",
                    .lambda_b = biases[_i / 2]};
  ufm_problem *problem = make_problem(&t);
  ufm_certificate *c = prove_problem(problem, 30, 0);
  mpfr_t value;

  mpfr_init2(value, 300);
  if (t.bias == UFM_BIAS_NONE) { /* log 4, or 1/2 */
    mpfr_set_ui(value, t.loss == UFM_LOSS_CE ? 4 : 1, MPFR_RNDN);
    if (t.loss == UFM_LOSS_CE)
      mpfr_log(value, value, MPFR_RNDN);
    else
      mpfr_div_2ui(value, value, 1, MPFR_RNDN);
    mpfr_sub(value, value, c->lower, MPFR_RNDN);
    ck_assert(mpfr_cmp(value, c->gap) <= 0);
    ck_assert(mpfr_sgn(value) >= 0);
  }
  ck_assert(c->ranked && c->rank_hi == 0);
  mpfr_clear(value);
  ufm_certificate_free(c);
  ufm_problem_free(problem);
}
END_TEST

/* Cross entropy with fewer dimensions than the rank: bracketed, never proved,
   without claims on an optimum that the width cannot hold. */
START_TEST(narrow_cross_entropy_is_bracketed)
{
  const char *w = "1/200";
  const size_t width = 1 + (size_t)_i;
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 4,
                    .counts = counts,
                    .M = 1,
                    .widths = &width,
                    .lambda_w = &w,
                    .lambda_h = "1/300"};
  ufm_problem *problem = make_problem(&t), *wide;
  ufm_certificate *narrow, *full;
  ufm_solution *solution = solve_problem(problem, 0);
  const size_t enough = 3;

  narrow = verify_point(problem, solution->theta, DIGITS);
  t.widths = &enough;
  wide = make_problem(&t);
  full = prove_problem(wide, DIGITS, 0);
  is_honest(narrow, _i);
  ck_assert_int_eq(narrow->status, UFM_PROOF_BRACKETED);
  ck_assert(!narrow->bars);
  /* the bound is that of the full width, to the digits that are of use */
  ck_assert(mpfr_lessequal_p(narrow->lower, full->upper));
  ck_assert(
      mpfr_cmp_d(full->lower, mpfr_get_d(narrow->lower, MPFR_RNDU) + 1e-9) < 0);
  ck_assert(mpfr_greater_p(narrow->upper, full->upper));
  ufm_certificate_free(narrow);
  ufm_certificate_free(full);
  ufm_solution_free(solution);
  ufm_problem_free(wide);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-bounds");
  int failed;

  tcase_add_loop_test(tests, bad_points_give_true_brackets, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, no_point_is_below_a_bound, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, mse_needs_no_point, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, zero_is_proved, 0, 6);
  tcase_add_loop_test(tests, narrow_cross_entropy_is_bracketed, 0, 2);
  failed = run_case("verify-bounds", tests);
  mpfr_free_cache();
  return failed;
}
