/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random balanced CE problems: predictions do not depend on the precision they
   were computed at, and no scale of a family beats the one found. */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_rng.h>

#include "rounds.h"
#include "theory/ce_family.h"

#include "../unit/run.h"
#include "../unit/theory_ce.h"

enum { ROUNDS = 60, SCANS = 12, MOST_CLASSES = 128, MOST_LAYERS = 8 };

/* 10^-u for u up to `decades`, times a random factor, as a rational. */
static void random_lambda(gsl_rng *rng, double decades, char *out, size_t size)
{
  unsigned long top = 1 + gsl_rng_uniform_int(rng, 99);
  int zeros = 2 + (int)(decades * gsl_rng_uniform(rng));

  snprintf(out, size, "%lu/1%0*d", top, zeros, 0);
}

/* A problem of depth at most `depth`; the seed alone decides it.  Tiny
   penalties for every third seed. */
static ufm_problem *random_problem(unsigned long seed, size_t least_depth,
                                   size_t depth)
{
  static const size_t classes[] = {2, 2,  3,  3,  4,  5,  6,   7,
                                   8, 10, 12, 16, 32, 60, 100, 128};
  static const char *const eps[] = {"0", "1/10", "1/3", "1/1000000"};
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  double decades = seed % 3 == 0 ? 60.0 : 3.0;
  size_t counts[MOST_CLASSES], widths[MOST_LAYERS];
  char text[MOST_LAYERS + 1][96];
  const char *lambda_w[MOST_LAYERS];
  test_problem t = {.loss = UFM_LOSS_CE,
                    .counts = counts,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = text[MOST_LAYERS]};
  ufm_problem *problem;

  gsl_rng_set(rng, seed);
  t.K = classes[gsl_rng_uniform_int(rng, sizeof classes / sizeof *classes)];
  t.M = least_depth + gsl_rng_uniform_int(rng, depth - least_depth + 1);
  t.bias = (ufm_bias)gsl_rng_uniform_int(rng, 3);
  t.lambda_b = t.bias == UFM_BIAS_RIDGE ? "1/10" : NULL;
  counts[0] = 1 + gsl_rng_uniform_int(rng, 30);
  for (size_t k = 1; k < t.K; k++)
    counts[k] = counts[0];
  for (size_t m = 0; m < t.M; m++) {
    widths[m] = t.M == 1 ? t.K - 1 : 1 + gsl_rng_uniform_int(rng, 2 * t.K);
    random_lambda(rng, decades, text[m], sizeof text[m]);
    lambda_w[m] = text[m];
  }
  random_lambda(rng, decades, text[MOST_LAYERS], sizeof text[MOST_LAYERS]);
  if (t.M == 1)
    t.smoothing = eps[gsl_rng_uniform_int(rng, 4)];
  problem = make_problem(&t);
  gsl_rng_free(rng);
  return problem;
}

static void expect_same(unsigned long seed, const char *what, mpfr_srcptr x,
                        mpfr_srcptr y)
{
  ck_assert_msg(same_digits(x, y, 30), "seed %lu: %s differs", seed, what);
}

static void compare(unsigned long seed, const ufm_prediction *p,
                    const ufm_prediction *q)
{
  ck_assert_msg(
      p->claim == q->claim && p->rank == q->rank && p->spectra == q->spectra &&
          p->grams == q->grams && p->candidates == q->candidates,
      "seed %lu: %s and %s, rank %zu and %zu", seed, ufm_claim_name(p->claim),
      ufm_claim_name(q->claim), p->rank, q->rank);
  expect_same(seed, "objective", p->objective, q->objective);
  for (size_t i = 0; i < (p->M + 2) * p->spectra; i++)
    expect_same(seed, "singular value", p->sv[i], q->sv[i]);
  if (p->grams) {
    expect_same(seed, "W Gram", p->gram_w.extra[0], q->gram_w.extra[0]);
    expect_same(seed, "W Gram", p->gram_w.block[0], q->gram_w.block[0]);
    expect_same(seed, "H Gram", p->gram_h.extra[0], q->gram_h.extra[0]);
    expect_same(seed, "H Gram", p->gram_h.block[0], q->gram_h.block[0]);
    expect_same(seed, "logits", p->logits.extra[0], q->logits.extra[0]);
    expect_same(seed, "logits", p->logits.block[0], q->logits.block[0]);
  }
  for (size_t i = 0; i < p->candidates; i++) {
    const ufm_candidate *c = &p->candidate[i], *d = &q->candidate[i];

    ck_assert_str_eq(c->family, d->family);
    expect_same(seed, c->family, c->scale, d->scale);
    expect_same(seed, c->family, c->singular_value, d->singular_value);
    expect_same(seed, c->family, c->objective, d->objective);
  }
}

/* _i is the depth of the problems: 1, or 2 and more. */
START_TEST(precision_does_not_matter)
{
  unsigned long last = (unsigned long)rounds(ROUNDS);

  for (unsigned long seed = 1; seed <= last; seed++) {
    ufm_problem *problem =
        random_problem(seed, (size_t)_i, _i == 1 ? 1 : MOST_LAYERS);
    ufm_prediction *p = predict_ce(problem, 30), *q = predict_ce(problem, 60);

    compare(seed, p, q);
    ufm_prediction_free(p);
    ufm_prediction_free(q);
    ufm_problem_free(problem);
  }
}
END_TEST

/* The least of phi(a) + gamma rank (sqrt(n) steps a/2)^{2/L} over 40 scales per
   e-fold from 1e-7 to 1e5, and of log K. */
static double scan(const ufm_problem *problem, const ufm__ce_family *family)
{
  double L = (double)ufm_problem_depth(problem) + 1.0;
  double n = (double)ufm_problem_counts(problem)[0];
  double lowest = log((double)ufm_problem_classes(problem)), weight;
  mpq_t product;
  mpfr_t a, f;

  mpq_init(product);
  mpfr_inits2(64, a, f, (mpfr_ptr)NULL);
  ufm_problem_lambda_product(problem, product);
  weight = L / 2.0 * pow(mpq_get_d(product), 1.0 / L) * (double)family->rank;
  for (int i = -640; i < 460; i++) {
    double scale = exp(0.025 * i), value;

    mpfr_set_d(a, scale, MPFR_RNDN);
    family->loss.value(&family->loss, a, f);
    value = mpfr_get_d(f, MPFR_RNDN) +
            weight * pow(sqrt(n) * (double)family->half_steps * scale / 2.0,
                         2.0 / L);
    lowest = value < lowest ? value : lowest;
  }
  mpq_clear(product);
  mpfr_clears(a, f, (mpfr_ptr)NULL);
  return lowest;
}

START_TEST(no_scale_is_better)
{
  size_t moved = 0;

  for (unsigned long seed = 1; seed <= SCANS; seed++) {
    ufm_problem *problem = random_problem(3 * seed + 1, 2, MOST_LAYERS);
    ufm_prediction *p = predict_ce(problem, 20);
    ufm__ce_family family[UFM__CE_FAMILIES];
    size_t n = ufm__ce_families(problem, family);

    ck_assert_uint_eq(p->candidates, n + 1);
    for (size_t i = 0; i < n; i++) {
      const ufm_candidate *c = candidate(p, family[i].name);
      double found = mpfr_get_d(c->objective, MPFR_RNDN);
      double lowest = scan(problem, &family[i]);

      ck_assert_msg(found <= lowest * (1.0 + 1e-14) && found >= 0.99 * lowest,
                    "seed %lu: %s has %.17g, the scan %.17g", 3 * seed + 1,
                    family[i].name, found, lowest);
      moved += c->rank > 0;
    }
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
  ck_assert_uint_gt(moved, SCANS);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory_ce_random");

  tcase_add_loop_test(tests, precision_does_not_matter, 1, 3);
  tcase_add_test(tests, no_scale_is_better);
  return run_case("theory_ce_random", tests);
}
