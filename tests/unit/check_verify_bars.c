/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars: what a certificate of few digits says of the optimum holds for
   the optimum proved to more than twice as many; and the same optimum through
   other widths, merged or not, gives the same numbers. */
#include <config.h>

#include <string.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"

enum { ROUNDS = 30, FEW = 14, MANY = 44, BITS = 400 };

static const struct {
  ufm_quantity quantity;
  const char *name;
  bool two, rows, columns; /* indices: one or two; classes or columns */
} quantities[] = {{UFM_QUANTITY_PROBABILITY, "p", true, true, true},
                  {UFM_QUANTITY_LOGIT, "z", true, true, true},
                  {UFM_QUANTITY_BIAS, "b", false, true, false},
                  {UFM_QUANTITY_GRAM_W, "W W^T", true, true, false},
                  {UFM_QUANTITY_GRAM_H, "H^T H", true, false, true},
                  {UFM_QUANTITY_NORM_W, "|w|", false, true, false},
                  {UFM_QUANTITY_NORM_H, "|h|", false, false, true},
                  {UFM_QUANTITY_COSINE_W, "cos w", true, true, false},
                  {UFM_QUANTITY_COSINE_H, "cos h", true, false, true}};
enum { QUANTITIES = sizeof quantities / sizeof *quantities };

/* False when it has no enclosure. */
static bool enclose(const ufm_certificate *c, ufm_quantity quantity, size_t i,
                    size_t j, iv *out)
{
  ufm_error error = {{0}};
  ufm_status status =
      ufm_certificate_enclose(c, quantity, i, j, out->lo, out->hi, &error);

  ck_assert_msg(status == UFM_OK || (status == UFM_EUNSUPPORTED &&
                                     strstr(error.text, "may be 0") != NULL),
                "%s", error.text);
  ck_assert(status != UFM_OK || ufm__iv_bounded(out));
  return status == UFM_OK;
}

/* Every enclosure of b meets that of a; with `inside` it is a part of it. */
static size_t compare(const ufm_certificate *a, const ufm_certificate *b,
                      size_t K, bool bias, bool inside, int seed)
{
  size_t seen = 0;
  iv x, y;

  ufm__iv_init(&x, BITS);
  ufm__iv_init(&y, BITS);
  ck_assert_msg(a->bars && b->bars, "seed %d: no error bars", seed);
  for (int q = 0; q < QUANTITIES; q++)
    for (size_t i = 0; i < (quantities[q].rows ? K : a->columns); i++)
      for (size_t j = 0;
           j < (quantities[q].two ? quantities[q].columns ? a->columns : K : 1);
           j++) {
        if (quantities[q].quantity == UFM_QUANTITY_BIAS && !bias)
          continue;
        /* fewer digits say less, never more */
        if (!enclose(a, quantities[q].quantity, i, j, &x))
          continue;
        ck_assert(enclose(b, quantities[q].quantity, i, j, &y));
        ck_assert_msg(
            mpfr_lessequal_p(x.lo, y.hi) && mpfr_lessequal_p(y.lo, x.hi),
            "seed %d: %s of %zu, %zu: apart", seed, quantities[q].name, i, j);
        ck_assert_msg(!inside || (mpfr_lessequal_p(x.lo, y.lo) &&
                                  mpfr_lessequal_p(y.hi, x.hi)),
                      "seed %d: %s of %zu, %zu: outside", seed,
                      quantities[q].name, i, j);
        seen++;
      }
  ufm__iv_clear(&x);
  ufm__iv_clear(&y);
  return seen;
}

static void compare_bounds(const ufm_certificate *a, const ufm_certificate *b,
                           int seed)
{
  ck_assert_msg(mpfr_lessequal_p(a->lower, b->upper) &&
                    mpfr_lessequal_p(b->lower, a->upper),
                "seed %d: disjoint enclosures of the optimum", seed);
  ck_assert_msg(!a->ranked || !b->ranked ||
                    (a->rank_lo <= b->rank_hi && b->rank_lo <= a->rank_hi),
                "seed %d: ranks %zu to %zu and %zu to %zu", seed, a->rank_lo,
                a->rank_hi, b->rank_lo, b->rank_hi);
}

/* A certificate with error bars, unless the gap leaves a probability open. */
static ufm_certificate *few_digits(const ufm_problem *problem, int seed)
{
  for (size_t digits = FEW;; digits += 6) {
    ufm_certificate *c = prove_problem(problem, digits, seed);

    if (c->bars)
      return c;
    ck_assert_msg(c->notes > 0, "seed %d: no bars and no reason", seed);
    ufm_certificate_free(c);
    ck_assert_msg(digits < MANY, "seed %d: no bars with many digits", seed);
  }
}

START_TEST(bars_hold_the_optimum)
{
  gsl_rng *rng = ufm__rng_new(61, (uint64_t)_i);
  ufm_certificate *few, *many;
  ufm_problem *problem;
  double cosine;
  drawn d;

  draw_problem(&d, rng, 1);
  problem = make_problem(&d.t);
  few = few_digits(problem, _i);
  many = prove_problem(problem, 2 * MANY, _i);
  compare_bounds(few, many, _i);
  ck_assert_msg(mpfr_lessequal_p(few->lower, many->lower) &&
                    mpfr_lessequal_p(many->upper, few->upper),
                "seed %d: bounds", _i);
  ck_assert_uint_gt(
      compare(few, many, d.t.K, d.t.bias != UFM_BIAS_NONE, true, _i), 0);
  /* half of the digits of the gap, which are more than 88 */
  cosine = mpfr_get_d(many->cosine_error, MPFR_RNDU);
  ck_assert_msg(!(cosine > 1e-30), "seed %d: cosines to %.1e", _i, cosine);
  ufm_certificate_free(few);
  ufm_certificate_free(many);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

/* d = K - 1 (ce), K and 2 K, and one column per sample. */
START_TEST(other_widths_give_the_same_optimum)
{
  gsl_rng *rng = ufm__rng_new(62, (uint64_t)_i);
  ufm_certificate *all[3];
  size_t K;
  drawn d;

  draw_problem(&d, rng, 1);
  K = d.t.K;
  for (int k = 0; k < 3; k++) {
    ufm_problem *problem;

    d.widths[0] = k == 0 ? K - (d.t.loss == UFM_LOSS_CE) : k == 1 ? K : 2 * K;
    d.t.unmerged = k == 1;
    problem = make_problem(&d.t);
    all[k] = prove_problem(problem, 30, _i);
    ck_assert_uint_eq(all[k]->columns, K);
    ufm_problem_free(problem);
  }
  for (int k = 1; k < 3; k++) {
    compare_bounds(all[0], all[k], _i);
    compare(all[0], all[k], K, d.t.bias != UFM_BIAS_NONE, false, _i);
  }
  for (int k = 0; k < 3; k++)
    ufm_certificate_free(all[k]);
  gsl_rng_free(rng);
}
END_TEST

static const size_t equal[] = {3, 3, 3, 3};
static const size_t pairs[] = {9, 9, 2, 2};
static const size_t four = 4;

/* Balanced cross entropy: every cosine is -1/(K-1), the rank K - 1. */
START_TEST(cosines_of_the_simplex)
{
  const char *w = "1/50";
  test_problem t = {.loss = UFM_LOSS_CE,
                    .bias = _i ? UFM_BIAS_FREE : UFM_BIAS_NONE,
                    .K = 4,
                    .counts = equal,
                    .M = 1,
                    .widths = &four,
                    .lambda_w = &w,
                    .lambda_h = "1/90"};
  ufm_problem *problem = make_problem(&t);
  ufm_certificate *c = prove_problem(problem, 60, 0);
  mpq_t third;
  iv x;

  mpq_init(third);
  mpq_set_si(third, -1, 3);
  ufm__iv_init(&x, BITS);
  ck_assert(c->ranked && c->rank_lo == 3 && c->rank_hi == 3);
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < i; j++) {
      ck_assert(enclose(c, UFM_QUANTITY_COSINE_W, i, j, &x));
      ck_assert(mpfr_cmp_q(x.lo, third) <= 0 && mpfr_cmp_q(x.hi, third) >= 0);
      ck_assert(enclose(c, UFM_QUANTITY_COSINE_H, i, j, &x));
      ck_assert(mpfr_cmp_q(x.lo, third) <= 0 && mpfr_cmp_q(x.hi, third) >= 0);
    }
  mpq_clear(third);
  ufm__iv_clear(&x);
  ufm_certificate_free(c);
  ufm_problem_free(problem);
}
END_TEST

/* The two small classes merge exactly when n <= N^2 lambda_W lambda_H: on both
   sides of it, and on it, where curvature is missing. */
START_TEST(minority_collapse_is_exact)
{
  static const char *const lambda_h[] = {"99/4840", "1/242", "1/10000"};
  const char *w = "1";
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 4,
                    .counts = pairs,
                    .M = 1,
                    .widths = &four,
                    .lambda_w = &w};
  bool merged = _i < 2;
  ufm_solution *solution;
  ufm_problem *problem;
  ufm_certificate *c;

  /* N = 22: the threshold is lambda_W lambda_H = 2/484 = 1/242 */
  t.lambda_h = lambda_h[_i];
  problem = make_problem(&t);
  solution = solve_problem(problem, 0);
  c = verify_point(problem, solution->theta, 20);
  ck_assert(c->collapsed != NULL);
  ck_assert_int_eq(c->collapsed[2] == c->collapsed[3] &&
                       c->collapsed[2] != UFM_NO_LABEL,
                   merged);
  ck_assert(c->ranked && c->rank_lo <= c->rank_hi);
  if (_i != 1)
    ck_assert_uint_eq(c->rank_lo, c->rank_hi);
  ck_assert_uint_eq(c->rank_lo, _i == 0 ? 0 : merged ? 2 : 3);
  ufm_certificate_free(c);
  ufm_solution_free(solution);
  ufm_problem_free(problem);
}
END_TEST

START_TEST(questions_without_an_answer_are_refused)
{
  const char *w = "1/50";
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 4,
                    .counts = equal,
                    .M = 1,
                    .widths = &four,
                    .lambda_w = &w,
                    .lambda_h = "1/90"};
  ufm_problem *problem = make_problem(&t);
  ufm_certificate *c = prove_problem(problem, 20, 0);
  mpfr_t lo, hi;

  mpfr_inits2(64, lo, hi, (mpfr_ptr)NULL);
  for (int q = 0; q < QUANTITIES; q++)
    ck_assert_int_eq(
        ufm_certificate_enclose(c, quantities[q].quantity, 4, 0, lo, hi, NULL),
        UFM_EINVAL);
  ck_assert_int_eq(
      ufm_certificate_enclose(c, UFM_QUANTITY_BIAS, 0, 0, lo, hi, NULL),
      UFM_EINVAL);
  mpfr_clears(lo, hi, (mpfr_ptr)NULL);
  ufm_certificate_free(c);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-bars");
  int failed;

  tcase_add_loop_test(tests, bars_hold_the_optimum, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, other_widths_give_the_same_optimum, 0,
                      rounds(ROUNDS));
  tcase_add_loop_test(tests, cosines_of_the_simplex, 0, 2);
  tcase_add_loop_test(tests, minority_collapse_is_exact, 0, 3);
  tcase_add_test(tests, questions_without_an_answer_are_refused);
  failed = run_case("verify-bars", tests);
  mpfr_free_cache();
  return failed;
}
