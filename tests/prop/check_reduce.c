/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced problem against the full one, which knows nothing of symmetry:
   the same minimum, the same Gram matrices, the same proofs; and the objective
   of an expanded point is that of the reduced one.  Many classes against closed
   forms and thresholds. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_rng.h>

#include <ufm/reduce.h>
#include <ufm/theory.h>
#include <ufm/verify.h>

#include "../unit/problem.h"
#include "../unit/run.h"
#include "check/verify.h"
#include "rounds.h"

enum { ROUNDS = 300, PROOFS = 60, SEED = 71, LARGEST = 12 };

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

/* Everything that both certificates enclose; the number of enclosures. */
static size_t compare_bars(const random_problem *s, const ufm_certificate *a,
                           const ufm_certificate *b, int round)
{
  size_t seen = 0;
  mpfr_t x[4];

  for (int i = 0; i < 4; i++)
    mpfr_init2(x[i], 200);
  for (int q = UFM_QUANTITY_PROBABILITY; q <= UFM_QUANTITY_COSINE_H; q++)
    for (size_t i = 0; i < s->t.K; i++)
      for (size_t j = 0; j < s->t.K; j++) {
        ufm_status first =
            ufm_certificate_enclose(a, (ufm_quantity)q, i, j, x[0], x[1], NULL);
        ufm_status second =
            ufm_certificate_enclose(b, (ufm_quantity)q, i, j, x[2], x[3], NULL);

        ck_assert_msg((first == UFM_EINVAL) == (second == UFM_EINVAL),
                      "seed %d, round %d: quantity %d", SEED, round, q);
        if (first != UFM_OK || second != UFM_OK)
          continue;
        seen++;
        ck_assert_msg(mpfr_lessequal_p(x[0], x[3]) &&
                          mpfr_lessequal_p(x[2], x[1]),
                      "seed %d, round %d: quantity %d of %zu and %zu: the "
                      "enclosures are disjoint",
                      SEED, round, q, i, j);
      }
  for (int i = 0; i < 4; i++)
    mpfr_clear(x[i]);
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
  for (size_t k = 0; b->collapsed != NULL && k < s->t.K; k++)
    ck_assert_uint_eq(a->collapsed[k], b->collapsed[k]);
  ck_assert(a->bars && b->bars);
  ck_assert_uint_ge(compare_bars(s, a, b, round), 4 * s->t.K);
  check_file(a, round);
  ufm_certificate_free(a);
  ufm_certificate_free(b);
  ufm_solution_free(full);
  ufm_solution_free(reduced);
}

START_TEST(test_proofs)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED + 1);
  for (int round = 0; round < rounds(PROOFS); round++) {
    random_problem s;

    random_problem_init(&s, rng);
    compare_proofs(&s, round);
    ufm_problem_free(s.p);
  }
  gsl_rng_free(rng);
}
END_TEST

/* From any point whatsoever the bounds are true, if wide. */
START_TEST(test_far_points)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED + 2);
  for (int round = 0; round < rounds(PROOFS); round++) {
    ufm_solve_settings settings = ufm_solve_defaults();
    double size = pow(10.0, 4.0 * gsl_rng_uniform(rng) - 2.0);
    ufm_certificate *c;
    ufm_solution *best;
    ufm_error error = {{0}};
    random_problem s;

    random_problem_init(&s, rng);
    ck_assert_int_eq(ufm_reduce_solve(&best, s.p, &settings, &error), UFM_OK);
    for (size_t i = 0; i < best->orbits->length; i++)
      best->orbits->x[i] = size * (gsl_rng_uniform(rng) - 0.5);
    ck_assert_msg(ufm_verify_orbits(&c, NULL, s.p, best->orbits, 20, &error) ==
                      UFM_OK,
                  "seed %d, round %d: %s", SEED, round, error.text);
    if (c->status != UFM_PROOF_REFUSED) {
      double slack = 1e-12 * best->objective;

      ck_assert_msg(
          mpfr_get_d(c->lower, MPFR_RNDN) <= best->objective + slack &&
              mpfr_get_d(c->upper, MPFR_RNDN) >= best->objective - slack,
          "seed %d, round %d: the minimum is outside", SEED, round);
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

/* Closed forms lie where the proofs of 50,000 classes put them. */
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
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_prediction *theory;
  ufm_certificate *proof;
  ufm_solution *s;
  ufm_error error = {{0}};
  mpfr_t slack;

  ck_assert_int_eq(ufm_reduce_solve(&s, p, &settings, &error), UFM_OK);
  ck_assert_int_eq(ufm_verify_orbits(&proof, NULL, p, s->orbits, 30, &error),
                   UFM_OK);
  ck_assert_int_eq(proof->status, UFM_PROOF_PROVED);
  ck_assert_msg(ufm_theory_predict(&theory, p, 40, &error) == UFM_OK, "%s",
                error.text);
  check_file(proof, _i);
  mpfr_init2(slack, 64);
  mpfr_set_d(slack, 1e-30, MPFR_RNDU);
  mpfr_sub(proof->lower, proof->lower, slack, MPFR_RNDD);
  mpfr_add(proof->upper, proof->upper, slack, MPFR_RNDU);
  ck_assert(mpfr_lessequal_p(proof->lower, theory->objective) &&
            mpfr_lessequal_p(theory->objective, proof->upper));
  mpfr_clear(slack);
  ufm_prediction_free(theory);
  ufm_certificate_free(proof);
  ufm_solution_free(s);
  ufm_problem_free(p);
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
  TCase *tests = tcase_create("reduce");

  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_random);
  tcase_add_test(tests, test_proofs);
  tcase_add_test(tests, test_far_points);
  tcase_add_loop_test(tests, test_closed_forms, 0, 4);
  tcase_add_loop_test(tests, test_collapse, 0, 4);
  return run_case("reduce", tests);
}
