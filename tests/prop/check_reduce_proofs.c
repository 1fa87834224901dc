/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proofs of reduced problems against those of full ones, and of many classes
   against closed forms and thresholds. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ufm/reduce.h>
#include <ufm/theory.h>
#include <ufm/verify.h>

#include "../unit/run.h"
#include "check/verify.h"
#include "reduce.h"
#include "rounds.h"

enum { PROOFS = 60, SEED = 72 };

/* The written certificate, checked by the code of ufm-check. */
static void check_file(const ufm_certificate *c, int round)
{
  char name[64], *text = calloc(1, 1 << 20);
  chk_result result;
  ufm_error error = {{0}};
  size_t size;
  FILE *file;

  snprintf(name, sizeof name, "check_reduce.%ld.json", (long)getpid());
  ck_assert_msg(ufm_certificate_write(c, name, &error) == UFM_OK, "%s",
                error.text);
  file = fopen(name, "rb");
  ck_assert(file != NULL && text != NULL);
  size = fread(text, 1, 1 << 20, file);
  fclose(file);
  remove(name);
  chk_result_init(&result);
  chk_verify(&result, text, size, &chk_default_limits);
  ck_assert_msg(result.session.outcome == CHK_VERIFIED,
                "seed %d, round %d: %s: %s", SEED, round, result.session.reason,
                text);
  chk_result_clear(&result);
  free(text);
}

/* One quantity in both certificates; true when both enclose it. */
static bool compare_bar(const ufm_certificate *a, const ufm_certificate *b,
                        ufm_quantity q, size_t i, size_t j, int round)
{
  ufm_status first, second;
  mpfr_t x[4];

  for (int l = 0; l < 4; l++)
    mpfr_init2(x[l], 200);
  first = ufm_certificate_enclose(a, q, i, j, x[0], x[1], NULL);
  second = ufm_certificate_enclose(b, q, i, j, x[2], x[3], NULL);
  ck_assert_msg((first == UFM_EINVAL) == (second == UFM_EINVAL),
                "seed %d, round %d: quantity %d of %zu and %zu", SEED, round, q,
                i, j);
  if (first == UFM_OK && second == UFM_OK)
    ck_assert_msg(mpfr_lessequal_p(x[0], x[3]) && mpfr_lessequal_p(x[2], x[1]),
                  "seed %d, round %d: quantity %d of %zu and %zu: the "
                  "enclosures are disjoint",
                  SEED, round, q, i, j);
  for (int l = 0; l < 4; l++)
    mpfr_clear(x[l]);
  return first == UFM_OK && second == UFM_OK;
}

/* What both certificates enclose, of all classes and some columns, also of some
   that do not exist; the number of enclosures. */
static size_t compare_bars(const random_problem *s, const ufm_certificate *a,
                           const ufm_certificate *b, int round)
{
  enum { COLUMNS = 30 };
  size_t seen = 0, J = b->columns, others = J > s->K ? COLUMNS : 0;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  ck_assert_uint_eq(a->columns, J);
  gsl_rng_set(rng, SEED + (unsigned long)round);
  for (int q = UFM_QUANTITY_PROBABILITY; q <= UFM_QUANTITY_COSINE_H; q++) {
    for (size_t i = 0; i < s->K; i++)
      for (size_t j = 0; j < s->K; j++)
        seen += compare_bar(a, b, (ufm_quantity)q, i, j, round);
    for (size_t l = 0; l < others; l++) {
      size_t i = gsl_rng_uniform_int(rng, l % 2 > 0 ? s->K : J);

      seen += compare_bar(a, b, (ufm_quantity)q, i,
                          gsl_rng_uniform_int(rng, J + 1), round);
    }
  }
  gsl_rng_free(rng);
  return seen;
}

/* Two proofs of one minimum: their intervals meet, and what they say of rank,
   collapse, Gram matrices, cosines, logits and bias agrees. */
static void compare_proofs(const random_problem *s, int round)
{
  enum { DIGITS = 25 };
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *full, *reduced;
  ufm_certificate *a, *b;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_reduce_solve(&reduced, s->p, &settings, &error), UFM_OK);
  ck_assert_int_eq(ufm_solve(&full, s->p, &settings, &error), UFM_OK);
  ck_assert_msg(ufm_verify_orbits(&a, NULL, s->p, reduced->orbits, DIGITS,
                                  &error) == UFM_OK,
                "seed %d, round %d: %s", SEED, round, error.text);
  ck_assert_int_eq(ufm_verify(&b, NULL, s->p, full->theta, DIGITS, &error),
                   UFM_OK);
  ck_assert_msg(a->status == UFM_PROOF_PROVED && b->status == UFM_PROOF_PROVED,
                "seed %d, round %d: reduced %s, full %s", SEED, round,
                ufm_proof_status_name(a->status),
                ufm_proof_status_name(b->status));
  ck_assert_int_eq(a->kind, UFM_PROOF_ORBITS);
  ck_assert_msg(mpfr_lessequal_p(a->lower, b->upper) &&
                    mpfr_lessequal_p(b->lower, a->upper),
                "seed %d, round %d: the enclosures are disjoint", SEED, round);
  ck_assert(a->ranked && a->rank_lo <= a->rank_hi);
  ck_assert(!b->ranked || b->rank_lo < b->rank_hi || a->rank_lo < a->rank_hi ||
            a->rank_lo == b->rank_lo);
  ck_assert_msg(!b->ranked ||
                    (a->rank_lo <= b->rank_hi && b->rank_lo <= a->rank_hi),
                "seed %d, round %d: rank %zu to %zu and %zu to %zu", SEED,
                round, a->rank_lo, a->rank_hi, b->rank_lo, b->rank_hi);
  for (size_t k = 0; b->collapsed != NULL && k < s->K; k++)
    ck_assert_uint_eq(a->collapsed[k], b->collapsed[k]);
  ck_assert(a->bars && b->bars);
  ck_assert_uint_ge(compare_bars(s, a, b, round), 4 * s->K);
  check_file(a, round);
  ufm_certificate_free(a);
  ufm_certificate_free(b);
  ufm_solution_free(full);
  ufm_solution_free(reduced);
}

START_TEST(test_proofs)
{
  bool mixed = _i > 0;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED);
  for (int round = 0; round < rounds(PROOFS); round++) {
    random_problem s;

    random_problem_init(&s, rng, mixed);
    compare_proofs(&s, round);
    ufm_problem_free(s.p);
  }
  gsl_rng_free(rng);
}
END_TEST

/* From any point whatsoever the bounds are true, if wide. */
START_TEST(test_far_points)
{
  bool mixed = _i > 0;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED + 1);
  for (int round = 0; round < rounds(PROOFS); round++) {
    ufm_solve_settings settings = ufm_solve_defaults();
    double size = pow(10.0, 4.0 * gsl_rng_uniform(rng) - 2.0);
    ufm_certificate *c;
    ufm_solution *best;
    ufm_error error = {{0}};
    random_problem s;

    random_problem_init(&s, rng, mixed);
    ck_assert_int_eq(ufm_reduce_solve(&best, s.p, &settings, &error), UFM_OK);
    for (size_t i = 0; i < best->orbits->length; i++)
      best->orbits->x[i] = size * (gsl_rng_uniform(rng) - 0.5);
    ck_assert_msg(ufm_verify_orbits(&c, NULL, s.p, best->orbits, 20, &error) ==
                      UFM_OK,
                  "seed %d, round %d: %s", SEED, round, error.text);
    if (c->status != UFM_PROOF_REFUSED) {
      double slack = 1e-12 * best->objective + 1e-30; /* it may be 0 */

      ck_assert_msg(
          mpfr_get_d(c->lower, MPFR_RNDN) <= best->objective + slack &&
              mpfr_get_d(c->upper, MPFR_RNDN) >= best->objective - slack,
          "seed %d, round %d: %.17g is not between %.17g and %.17g", SEED,
          round, best->objective, mpfr_get_d(c->lower, MPFR_RNDN),
          mpfr_get_d(c->upper, MPFR_RNDN));
      check_file(c, round);
    }
    ufm_certificate_free(c);
    best->orbits->x[0] = (double)NAN;
    ck_assert_int_eq(ufm_verify_orbits(&c, NULL, s.p, best->orbits, 20, &error),
                     UFM_ENAN);
    ufm_solution_free(best);
    ufm_problem_free(s.p);
  }
  gsl_rng_free(rng);
}
END_TEST

/* A step profile of `classes` classes, `small` of which have `few` samples. */
static ufm_problem *step_problem(test_problem t, size_t classes, size_t many,
                                 size_t small, size_t few)
{
  size_t *counts = calloc(classes, sizeof *counts);
  ufm_problem *p;

  ck_assert_ptr_nonnull(counts);
  for (size_t k = 0; k < classes; k++)
    counts[k] = k < classes - small ? many : few;
  t.K = classes;
  t.M = 1;
  t.counts = counts;
  t.widths = &classes;
  p = make_problem(&t);
  free(counts);
  return p;
}

/* Closed forms lie where proofs put them. */
static void check_closed_form(ufm_problem *p, size_t digits)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_prediction *theory;
  ufm_certificate *proof;
  ufm_solution *s;
  ufm_error error = {{0}};
  mpfr_t slack;

  ck_assert_int_eq(ufm_reduce_solve(&s, p, &settings, &error), UFM_OK);
  ck_assert_int_eq(
      ufm_verify_orbits(&proof, NULL, p, s->orbits, digits, &error), UFM_OK);
  ck_assert_int_eq(proof->status, UFM_PROOF_PROVED);
  ck_assert_msg(ufm_theory_predict(&theory, p, digits + 10, &error) == UFM_OK,
                "%s", error.text);
  check_file(proof, (int)digits);
  mpfr_init2(slack, 64);
  mpfr_set_ui(slack, 10, MPFR_RNDN);
  mpfr_pow_si(slack, slack, -(long)digits, MPFR_RNDU);
  mpfr_sub(proof->lower, proof->lower, slack, MPFR_RNDD);
  mpfr_add(proof->upper, proof->upper, slack, MPFR_RNDU);
  ck_assert(mpfr_lessequal_p(proof->lower, theory->objective) &&
            mpfr_lessequal_p(theory->objective, proof->upper));
  mpfr_clear(slack);
  ufm_prediction_free(theory);
  ufm_certificate_free(proof);
  ufm_solution_free(s);
}

START_TEST(test_closed_forms)
{
  static const char *const lambda = "1/10000000";
  const struct {
    ufm_loss loss;
    ufm_bias bias;
    size_t small;
  } cases[] = {{UFM_LOSS_CE, UFM_BIAS_NONE, 0},
               {UFM_LOSS_CE, UFM_BIAS_FREE, 0},
               {UFM_LOSS_MSE, UFM_BIAS_NONE, 20000},
               {UFM_LOSS_MSE, UFM_BIAS_FREE, 20000}};
  ufm_problem *p = step_problem((test_problem){.loss = cases[_i].loss,
                                               .bias = cases[_i].bias,
                                               .lambda_w = &lambda,
                                               .lambda_h = lambda},
                                50000, 40, cases[_i].small, 2);

  check_closed_form(p, 30);
  ufm_problem_free(p);
}
END_TEST

/* Mixup of a thousand and a million classes, 10^12 pairs with each mixing
   value. */
START_TEST(test_mixup_closed_forms)
{
  static const char *const bias[] = {"none", "free"};
  ufm_problem *p;
  ufm_spec *spec;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_spec_new(&spec, &error), UFM_OK);
  set_option(spec, "loss", _i < 2 ? "ce" : "mse");
  set_option(spec, "bias", bias[_i % 2]);
  set_option(spec, "classes", _i % 3 == 0 ? "1000000" : "1000");
  set_option(spec, "per-class", "100");
  set_option(spec, "targets",
             _i % 3 == 2 ? "mixup:grid=0;3/10;1/2,same=1/5"
                         : "mixup:beta=1,nodes=4");
  set_option(spec, "lambda-W", "1/100000000");
  set_option(spec, "lambda-H", "1/10000");
  ck_assert_msg(ufm_spec_problem(spec, &p, &error) == UFM_OK, "%s", error.text);
  check_closed_form(p, 50);
  ufm_problem_free(p);
  ufm_spec_free(spec);
}
END_TEST

/* 400 classes of 3 samples beside 600 of 50: they are equal iff 3 <= N^2
   lambda_W lambda_H, here 0.999 or 1.001 times that. */
START_TEST(test_collapse)
{
  static const char *const lambda_w[] = {"999/1000", "1001/1000"};
  /* N = 31200 */
  test_problem t = {.loss = _i < 2 ? UFM_LOSS_CE : UFM_LOSS_MSE,
                    .bias = UFM_BIAS_FREE,
                    .lambda_w = &lambda_w[_i % 2],
                    .lambda_h = "3/973440000"};
  ufm_problem *p = step_problem(t, 1000, 50, 400, 3);
  ufm_solve_settings settings = ufm_solve_defaults();
  bool collapsed = _i % 2 == 1;
  ufm_certificate *proof;
  ufm_solution *s;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_reduce_solve(&s, p, &settings, &error), UFM_OK);
  ck_assert(collapsed == !(fabs(s->orbits->x[s->orbits->w + 1]) > 0.0));
  ck_assert_int_eq(ufm_verify_orbits(&proof, NULL, p, s->orbits, 40, &error),
                   UFM_OK);
  ck_assert_int_eq(proof->status, UFM_PROOF_PROVED);
  ck_assert_uint_eq(proof->rank_lo, collapsed ? 600 : 999);
  ck_assert_uint_eq(proof->rank_hi, proof->rank_lo);
  ck_assert_uint_eq(proof->collapsed[0], UFM_NO_LABEL);
  ck_assert_uint_eq(proof->collapsed[999], collapsed ? 600 : UFM_NO_LABEL);
  check_file(proof, _i);
  ufm_certificate_free(proof);
  ufm_solution_free(s);
  ufm_problem_free(p);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("reduce proofs");

  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, test_proofs, 0, 2);
  tcase_add_loop_test(tests, test_far_points, 0, 2);
  tcase_add_loop_test(tests, test_closed_forms, 0, 4);
  tcase_add_loop_test(tests, test_mixup_closed_forms, 0, 4);
  tcase_add_loop_test(tests, test_collapse, 0, 4);
  return run_case("reduce proofs", tests);
}
