/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random balanced deep cross entropy: proved enclosures of the families against
   their closed forms at more digits, scales drawn at random, and the mean value
   theorem for the derivatives. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include <ufm/families.h>
#include <ufm/theory.h>

#include "rounds.h"
#include "verify/family_minimum.h"

#include "../unit/problem.h"
#include "../unit/run.h"

enum {
  ROUNDS = 40,
  SCALES = 30,
  MOST_CLASSES = 40,
  MOST_LAYERS = 6,
  BITS = 200
};

static ufm_problem *random_problem(gsl_rng *rng)
{
  size_t counts[MOST_CLASSES], widths[MOST_LAYERS];
  char text[32];
  const char *lambda_w[MOST_LAYERS];
  test_problem t = {.loss = UFM_LOSS_CE,
                    .counts = counts,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = text};

  t.K = gsl_rng_uniform_int(rng, 4) > 0
            ? 3 + gsl_rng_uniform_int(rng, 8)
            : 3 + gsl_rng_uniform_int(rng, MOST_CLASSES - 2);
  t.M = 2 + gsl_rng_uniform_int(rng, MOST_LAYERS - 1);
  t.bias = (ufm_bias)gsl_rng_uniform_int(rng, 2);
  counts[0] = 1 + gsl_rng_uniform_int(rng, 5);
  for (size_t k = 1; k < t.K; k++)
    counts[k] = counts[0];
  snprintf(text, sizeof text, "%lu/%lu", 1 + gsl_rng_uniform_int(rng, 99),
           (unsigned long)(100.0 * pow(10.0, 3.5 * gsl_rng_uniform(rng))));
  for (size_t m = 0; m < t.M; m++) {
    widths[m] = t.K - gsl_rng_uniform_int(rng, 2);
    lambda_w[m] = text;
  }
  return make_problem(&t);
}

static const ufm_candidate *candidate(const ufm_prediction *p, const char *name)
{
  for (size_t i = 0; i < p->candidates; i++)
    if (strcmp(p->candidate[i].family, name) == 0)
      return &p->candidate[i];
  return NULL;
}

/* Every closed form lies in its enclosure, and the enclosure is narrow. */
static void compare(unsigned long seed, const ufm_problem *problem)
{
  ufm_families *families = NULL;
  ufm_prediction *prediction = NULL;
  ufm_error error = {{0}};
  mpfr_t slack, low, high;

  ck_assert_msg(ufm_families_enclose(&families, problem, 30, &error) == UFM_OK,
                "seed %lu: %s", seed, error.text);
  ck_assert_msg(ufm_theory_predict(&prediction, problem, 45, &error) == UFM_OK,
                "seed %lu: %s", seed, error.text);
  mpfr_inits2(BITS, slack, low, high, (mpfr_ptr)NULL);
  ck_assert_uint_eq(families->count, prediction->candidates);
  for (size_t i = 0; i < families->count; i++) {
    const ufm_family *f = &families->at[i];
    const ufm_candidate *c = candidate(prediction, f->name);

    ck_assert_ptr_nonnull(c);
    /* the closed form is rounded to 45 digits */
    mpfr_mul_d(slack, c->objective, 1e-44, MPFR_RNDU);
    mpfr_sub(low, f->lower, slack, MPFR_RNDD);
    mpfr_add(high, f->upper, slack, MPFR_RNDU);
    ck_assert_msg(mpfr_lessequal_p(low, c->objective) &&
                      mpfr_lessequal_p(c->objective, high),
                  "seed %lu: %s is not enclosed", seed, f->name);
    mpfr_sub(slack, f->upper, f->lower, MPFR_RNDU);
    mpfr_div(slack, slack, f->upper, MPFR_RNDU);
    ck_assert_msg(mpfr_cmp_d(slack, 1e-30) < 0, "seed %lu: %s is %g wide", seed,
                  f->name, mpfr_get_d(slack, MPFR_RNDN));
    if (f->located && c->rank > 0) {
      mpfr_mul_d(slack, c->scale, 1e-30, MPFR_RNDU);
      mpfr_sub(low, f->scale_lo, slack, MPFR_RNDD);
      mpfr_add(high, f->scale_hi, slack, MPFR_RNDU);
      ck_assert_msg(mpfr_lessequal_p(low, c->scale) &&
                        mpfr_lessequal_p(c->scale, high),
                    "seed %lu: scale of %s", seed, f->name);
    }
  }
  mpfr_clears(slack, low, high, (mpfr_ptr)NULL);
  ufm_prediction_free(prediction);
  ufm_families_free(families);
}

/* f_k(b) - f_k(a) is in (b - a) f_{k+1}([a, b]) for k = 0, 1. */
static void mean_value(unsigned long seed, const ufm__family *family, double a,
                       double b)
{
  iv x, y, at[3], to[3], on[3];

  ufm__iv_init(&x, BITS);
  ufm__iv_init(&y, BITS);
  for (int k = 0; k < 3; k++) {
    ufm__iv_init(&at[k], BITS);
    ufm__iv_init(&to[k], BITS);
    ufm__iv_init(&on[k], BITS);
  }
  mpfr_set_d(x.lo, a, MPFR_RNDD);
  mpfr_set_d(x.hi, a, MPFR_RNDU);
  ufm__family_value(family, &x, at);
  mpfr_set_d(x.lo, b, MPFR_RNDD);
  mpfr_set_d(x.hi, b, MPFR_RNDU);
  ufm__family_value(family, &x, to);
  mpfr_set_d(x.lo, a, MPFR_RNDD);
  ufm__family_value(family, &x, on);
  for (int k = 0; k < 2; k++) {
    ufm__iv_sub(&x, &to[k], &at[k]);
    ufm__iv_set(&y, &on[k + 1]);
    mpfr_mul_d(y.lo, y.lo, b - a, MPFR_RNDD);
    mpfr_mul_d(y.hi, y.hi, b - a, MPFR_RNDU);
    ck_assert_msg(mpfr_lessequal_p(y.lo, x.hi) && mpfr_lessequal_p(x.lo, y.hi),
                  "seed %lu: derivative %d of %s between %g and %g", seed,
                  k + 1, family->name, a, b);
  }
  ufm__iv_clear(&x);
  ufm__iv_clear(&y);
  for (int k = 0; k < 3; k++) {
    ufm__iv_clear(&at[k]);
    ufm__iv_clear(&to[k]);
    ufm__iv_clear(&on[k]);
  }
}

/* No scale is below the proved minimum. */
static void try_scales(unsigned long seed, const ufm__family *family,
                       gsl_rng *rng)
{
  ufm__family_minimum minimum;
  iv a, f[3];

  ufm__family_minimum_init(&minimum, BITS);
  ufm__family_minimise(family, &minimum);
  ufm__iv_init(&a, BITS);
  for (int k = 0; k < 3; k++)
    ufm__iv_init(&f[k], BITS);
  for (int i = 0; i < SCALES; i++) {
    double scale = pow(10.0, 4.0 * gsl_rng_uniform(rng) - 2.5);

    mpfr_set_d(a.lo, scale, MPFR_RNDD);
    mpfr_set_d(a.hi, scale, MPFR_RNDU);
    ufm__family_value(family, &a, f);
    ck_assert_msg(mpfr_lessequal_p(minimum.lower, f[0].hi),
                  "seed %lu: %s at scale %g", seed, family->name, scale);
    mean_value(seed, family, scale, scale * (1.0 + 1e-9));
    mean_value(seed, family, scale, scale * 1.02);
  }
  ufm__iv_clear(&a);
  for (int k = 0; k < 3; k++)
    ufm__iv_clear(&f[k]);
  ufm__family_minimum_clear(&minimum);
}

START_TEST(random_families)
{
  unsigned long seed = (unsigned long)_i;
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ufm__family family[UFM__FAMILIES];
  ufm_problem *problem;
  ufm__model model = {0};
  ufm_error error = {{0}};
  size_t n;
  mpq_t one;

  gsl_rng_set(rng, seed);
  problem = random_problem(rng);
  compare(seed, problem);
  ck_assert_int_eq(ufm__model_init(&model, problem, &error), UFM_OK);
  ck_assert(ufm__family_covers(&model));
  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  n = ufm__families(&model, one, family);
  for (size_t i = 0; i < n; i++) {
    try_scales(seed, &family[i], rng);
    ufm__family_clear(&family[i]);
  }
  mpq_clear(one);
  ufm__model_clear(&model);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("families");

  tcase_add_loop_test(tests, random_families, 0, rounds(ROUNDS));
  return run_case("families", tests);
}
