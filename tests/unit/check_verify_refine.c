/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refinement: digits per step on regular minima, an honest end on singular ones
   and far away, and what is refused. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"
#include "verify/evaluate.h"

static ufm_refinement *refine(const ufm_problem *problem, const double *theta,
                              size_t digits)
{
  ufm_refinement *out = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_refine(&out, problem, theta, digits, &error) == UFM_OK,
                "%s", error.text);
  return out;
}

/* -log10 of the largest entry of the gradient at a point, at more digits. */
static double digits_of(const ufm_problem *problem, const ufm_refinement *point)
{
  ufm__model model = {0};
  ufm__evaluation ev;
  mpfr_t *r, most;
  double digits;

  ck_assert_int_eq(ufm__model_init(&model, problem, NULL), UFM_OK);
  ck_assert_uint_eq(point->size, model.size);
  ck_assert_uint_eq(point->columns, model.J);
  ck_assert_int_eq(
      ufm__evaluation_init(&ev, &model, 2 * point->bits + 64, NULL), UFM_OK);
  r = ufm__mp_new(model.size, 2 * point->bits);
  mpfr_init2(most, 64);
  mpfr_set_zero(most, 1);
  ufm__evaluate(&ev, point->theta);
  ufm__gradient(&ev, point->theta, r);
  for (size_t i = 0; i < model.size; i++) {
    mpfr_abs(r[i], r[i], MPFR_RNDN);
    mpfr_max(most, most, r[i], MPFR_RNDU);
  }
  digits =
      mpfr_zero_p(most) ? HUGE_VAL : -log10(2.0) * (double)mpfr_get_exp(most);
  mpfr_clear(most);
  ufm__mp_free(r, model.size);
  ufm__evaluation_clear(&ev);
  ufm__model_clear(&model);
  return digits;
}

static const size_t counts[] = {10, 5, 2, 1};
static const size_t width = 5;
static const char *const lambda_w = "1/100";

static test_problem regular(ufm_loss loss, ufm_bias bias)
{
  return (test_problem){.loss = loss,
                        .bias = bias,
                        .K = 4,
                        .counts = counts,
                        .M = 1,
                        .widths = &width,
                        .lambda_w = &lambda_w,
                        .lambda_h = "1/300",
                        .lambda_b = bias == UFM_BIAS_RIDGE ? "1/9" : NULL};
}

START_TEST(digits_are_gained_at_every_step)
{
  test_problem t = regular((ufm_loss)(_i % 2), (ufm_bias)(_i / 2));
  ufm_problem *problem = make_problem(&t);
  ufm_solution *solution = solve_problem(problem, 0);
  size_t goals[] = {30, 100, 400};

  for (int k = 0; k < 3; k++) {
    ufm_refinement *r = refine(problem, solution->theta, goals[k]);

    ck_assert_int_eq(r->end, UFM_REFINEMENT_REACHED);
    ck_assert(r->digits >= (double)goals[k]);
    ck_assert(fabs(r->trace[r->steps] - r->digits) < 1e-9);
    /* the first step may only come into the region of convergence */
    for (size_t i = 2; i <= r->steps; i++)
      ck_assert_msg(r->trace[i] - r->trace[i - 1] > 10.0,
                    "step %zu of %zu gained %.1f digits", i, r->steps,
                    r->trace[i] - r->trace[i - 1]);
    ck_assert_msg(digits_of(problem, r) > (double)goals[k],
                  "the gradient has %.1f digits", digits_of(problem, r));
    ufm_refinement_free(r);
  }
  ufm_solution_free(solution);
  ufm_problem_free(problem);
}
END_TEST

/* Deep minima are regular too, up to the gauge. */
START_TEST(deep_points_are_refined)
{
  gsl_rng *rng = ufm__rng_new(51, (uint64_t)_i);
  ufm_refinement *r;
  ufm_solution *solution;
  ufm_problem *problem;
  drawn d;

  draw_problem(&d, rng, 2);
  problem = make_problem(&d.t);
  solution = solve_problem(problem, _i);
  r = refine(problem, solution->theta, 60);
  ck_assert_msg(r->end == UFM_REFINEMENT_REACHED ||
                    r->end == UFM_REFINEMENT_STALLED ||
                    r->end == UFM_REFINEMENT_INDEFINITE,
                "seed %d: %s", _i, ufm_refinement_end_name(r->end));
  ck_assert_msg(r->end != UFM_REFINEMENT_REACHED ||
                    digits_of(problem, r) > 58.0,
                "seed %d: %.1f digits", _i, digits_of(problem, r));
  ck_assert_msg(r->digits >= r->trace[0], "seed %d: digits were lost", _i);
  ufm_refinement_free(r);
  ufm_solution_free(solution);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

/* n_k = N^2 lambda_W lambda_H for the last two classes: a direction of the
   logits is 0 with zero curvature.  From a start beside it Newton is linear
   there, and says so; the certificate knows that the refinement ended early and
   is still true. */
START_TEST(singular_minima_end_early_and_say_so)
{
  static const size_t paired[] = {10, 5, 1, 1};
  const char *w = "1/17";
  test_problem t = regular(_i ? UFM_LOSS_CE : UFM_LOSS_MSE, UFM_BIAS_NONE);
  ufm_problem *problem;
  ufm_layout *layout;
  ufm_refinement *r;
  ufm_certificate *c = NULL;
  bool said = false;
  double *theta;

  t.counts = paired; /* N^2 lambda_W lambda_H = 1 */
  t.lambda_w = &w;
  t.lambda_h = "1/17";
  problem = make_problem(&t);
  ck_assert_int_eq(ufm_layout_new(&layout, problem, NULL), UFM_OK);
  theta = calloc(layout->size, sizeof *theta);
  for (size_t i = 0; i < layout->size; i++)
    theta[i] = 0.3 * sin(1.0 + (double)(i * i));
  r = refine(problem, theta, 80);
  ck_assert_msg(r->end != UFM_REFINEMENT_REACHED, "reached %.1f", r->digits);
  ck_assert(r->digits < 80.0);
  ck_assert_int_eq(ufm_certify(&c, problem, r, 80, NULL), UFM_OK);
  ck_assert_int_ne(c->status, UFM_PROOF_REFUSED);
  for (size_t i = 0; i < c->notes; i++)
    said = said || strstr(c->note[i], "ended early") != NULL;
  ck_assert(said);
  ck_assert(mpfr_lessequal_p(c->lower, c->upper));
  ufm_certificate_free(c);
  ufm_refinement_free(r);
  free(theta);
  ufm_layout_free(layout);
  ufm_problem_free(problem);
}
END_TEST

/* Starts of every size: some end, with as many digits as are claimed. */
START_TEST(far_starts_end_somewhere)
{
  gsl_rng *rng = ufm__rng_new(52, (uint64_t)_i);
  ufm_refinement *r;
  ufm_problem *problem;
  ufm_layout *layout;
  double *theta, size;
  drawn d;

  draw_problem(&d, rng, 1 + below(rng, 2));
  problem = make_problem(&d.t);
  ck_assert_int_eq(ufm_layout_new(&layout, problem, NULL), UFM_OK);
  theta = calloc(layout->size, sizeof *theta);
  size = pow(10.0, 4.0 * gsl_rng_uniform(rng) - 2.0);
  for (size_t i = 0; i < layout->size; i++)
    theta[i] = size * (2.0 * gsl_rng_uniform(rng) - 1.0);
  r = refine(problem, theta, 40);
  ck_assert_msg((r->end == UFM_REFINEMENT_REACHED) == (r->digits >= 40.0),
                "seed %d: %s with %.1f digits", _i,
                ufm_refinement_end_name(r->end), r->digits);
  ck_assert_msg(r->digits >= r->trace[0], "seed %d: %.2f from %.2f", _i,
                r->digits, r->trace[0]);
  for (size_t i = 0; i < r->size; i++)
    ck_assert(mpfr_number_p(r->theta[i]));
  ufm_refinement_free(r);
  free(theta);
  ufm_layout_free(layout);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(what_is_not_finite_or_out_of_range_is_refused)
{
  test_problem t = regular(UFM_LOSS_CE, UFM_BIAS_FREE);
  ufm_problem *problem = make_problem(&t);
  const double bad[] = {(double)NAN, HUGE_VAL, -HUGE_VAL};
  const size_t digits[] = {0, 100001};
  ufm_solution *solution = solve_problem(problem, 0);
  ufm_refinement *r = NULL;
  ufm_certificate *c = NULL;
  ufm_error error = {{0}};

  for (size_t i = 0; i < solution->layout->size; i++)
    for (int k = 0; k < 3; k++) {
      double keep = solution->theta[i];

      solution->theta[i] = bad[k];
      ck_assert_int_eq(ufm_refine(&r, problem, solution->theta, 20, &error),
                       UFM_ENAN);
      ck_assert_ptr_null(r);
      ck_assert_int_eq(
          ufm_verify(&c, NULL, problem, solution->theta, 20, &error), UFM_ENAN);
      ck_assert_ptr_null(c);
      ck_assert(error.text[0] != '\0' && strchr(error.text, '\n') == NULL);
      solution->theta[i] = keep;
    }
  for (int k = 0; k < 2; k++) {
    ck_assert_int_eq(
        ufm_refine(&r, problem, solution->theta, digits[k], &error),
        UFM_EINVAL);
    ck_assert_ptr_nonnull(strstr(error.text, "digits"));
  }
  ufm_solution_free(solution);
  ufm_problem_free(problem);
}
END_TEST

/* A refined point of another problem. */
START_TEST(points_belong_to_their_problem)
{
  test_problem t = regular(UFM_LOSS_CE, UFM_BIAS_NONE);
  ufm_problem *problem = make_problem(&t), *other;
  ufm_solution *solution = solve_problem(problem, 0);
  ufm_refinement *r = refine(problem, solution->theta, 20);
  ufm_certificate *c = NULL;
  ufm_error error = {{0}};

  t.bias = UFM_BIAS_FREE;
  other = make_problem(&t);
  ck_assert_int_eq(ufm_certify(&c, other, r, 20, &error), UFM_EINVAL);
  ck_assert_ptr_null(c);
  ck_assert_int_eq(ufm_certify(&c, problem, r, 0, &error), UFM_EINVAL);
  ufm_refinement_free(r);
  ufm_solution_free(solution);
  ufm_problem_free(other);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-refine");
  int failed;

  tcase_add_loop_test(tests, digits_are_gained_at_every_step, 0, 6);
  tcase_add_loop_test(tests, deep_points_are_refined, 0, rounds(12));
  tcase_add_loop_test(tests, singular_minima_end_early_and_say_so, 0, 2);
  tcase_add_loop_test(tests, far_starts_end_somewhere, 0, rounds(25));
  tcase_add_test(tests, what_is_not_finite_or_out_of_range_is_refused);
  tcase_add_test(tests, points_belong_to_their_problem);
  failed = run_case("verify-refine", tests);
  mpfr_free_cache();
  return failed;
}
