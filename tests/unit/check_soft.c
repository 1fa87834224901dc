/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar equations of soft targets: stored values, double against
   multiprecision, closed forms, limits and bad input. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include <ufm/soft.h>

#include "core/number.h"
#include "refs.h"
#include "run.h"

enum { CASES = 300 };

static void rational(mpq_t out, const json_t *object, const char *key)
{
  const char *text = member_string(object, key);

  ck_assert_ptr_nonnull(text);
  ck_assert_int_eq(ufm__parse_rational(text, key, out, NULL), UFM_OK);
}

static double real(mpfr_srcptr x)
{
  return mpfr_get_d(x, MPFR_RNDN);
}

/* A multiprecision number against a stored one, and a double against both:
   within `bound` of `scale`. */
static void expect(const char *id, const json_t *result, const char *key,
                   mpfr_srcptr many, double few, double scale, double bound)
{
  const json_t *stored = json_object_get(result, key);

  if (stored == NULL)
    return;
  check_number(id, key, many, stored);
  ck_assert_msg(fabs(few - real(many)) <= bound * scale,
                "%s: %s is %.17g in double, want %.17g", id, key, few,
                real(many));
}

static void check_pair(const json_t *instance)
{
  static const char *const p_keys[] = {"p_i", "p_j", "q"};
  static const char *const z_keys[] = {"z_i", "z_j", "z_other"};
  static const char *const coef_keys[] = {"coef_wi", "coef_wj"};
  const json_t *input = json_object_get(instance, "input");
  const json_t *result = json_object_get(instance, "result");
  const char *id = member_string(instance, "id");
  size_t K = refs_size(json_object_get(input, "K"));
  ufm_soft_point_mp *at = NULL;
  ufm_soft_pair pair;
  ufm_error error = {{0}};
  mpq_t m, lambda_h, lam;
  double top = 0.0;

  mpq_inits(m, lambda_h, lam, (mpq_ptr)NULL);
  rational(m, input, "m");
  rational(lambda_h, input, "lambda_H");
  rational(lam, input, "lam");
  mpq_mul(m, m, m);
  ck_assert_msg(ufm_soft_pair_solve_mp(&at, K, lambda_h, m, lam, DIGITS,
                                       &error) == UFM_OK,
                "%s: %s", id, error.text);
  ck_assert_msg(ufm_soft_pair_solve(&pair, K, mpq_get_d(lambda_h), mpq_get_d(m),
                                    mpq_get_d(lam), &error) == UFM_OK,
                "%s: %s", id, error.text);
  for (size_t a = 0; a < at->n; a++)
    top = fmax(top, fabs(real(at->z[a])));
  expect(id, result, "sigma_lse", at->sigma, pair.at.sigma, pair.at.sigma,
         1e-14);
  for (size_t a = 0; a < at->n; a++) {
    expect(id, result, p_keys[a], at->p[a], pair.p[a], pair.p[a], 1e-13);
    expect(id, result, z_keys[a], at->z[a], pair.z[a], top, 1e-13);
  }
  for (size_t a = 0; a < 2; a++)
    expect(id, result, coef_keys[a], at->coef[a], pair.coef[a],
           fabs(pair.coef[a]), 1e-12);
  expect(id, result, "norm_h", at->norm_h, pair.at.norm_h, pair.at.norm_h,
         1e-13);
  expect(id, result, "ce", at->ce, pair.at.ce, pair.at.ce, 1e-12);
  expect(id, result, "value", at->value, pair.at.value, pair.at.value, 1e-12);
  ck_assert_double_le(real(at->gap), 1e-60);
  ufm_soft_point_mp_free(at);
  mpq_clears(m, lambda_h, lam, (mpq_ptr)NULL);
}

static void check_soft(const json_t *instance)
{
  const json_t *input = json_object_get(instance, "input");
  const json_t *result = json_object_get(instance, "result");
  const json_t *list = json_object_get(input, "t");
  const char *id = member_string(instance, "id");
  size_t K = json_array_size(list);
  mpq_t *t = calloc(K, sizeof *t), m, lambda_h;
  size_t *one = calloc(K, sizeof *one);
  double *d = calloc(4 * K, sizeof *d);
  ufm_soft_point_mp *at = NULL;
  ufm_soft_point few;
  refs_case c = {.name = id};
  ufm_error error = {{0}};

  ck_assert(t != NULL && one != NULL && d != NULL);
  mpq_inits(m, lambda_h, (mpq_ptr)NULL);
  rational(m, input, "m");
  rational(lambda_h, input, "lambda_H");
  mpq_mul(m, m, m);
  for (size_t k = 0; k < K; k++) {
    mpq_init(t[k]);
    ck_assert_int_eq(
        ufm__parse_rational(json_string_value(json_array_get(list, k)), "t",
                            t[k], NULL),
        UFM_OK);
    d[k] = mpq_get_d(t[k]);
    one[k] = 1;
  }
  ck_assert_msg(ufm_soft_solve_mp(&at, K, (const mpq_t *)t, one, lambda_h, m,
                                  DIGITS, &error) == UFM_OK,
                "%s: %s", id, error.text);
  ck_assert_msg(ufm_soft_solve(&few, d + K, d + 2 * K, d + 3 * K, K, d, one,
                               mpq_get_d(lambda_h), mpq_get_d(m),
                               &error) == UFM_OK,
                "%s: %s", id, error.text);
  expect(id, result, "sigma_lse", at->sigma, few.sigma, few.sigma, 1e-14);
  expect(id, result, "value", at->value, few.value, few.value, 1e-13);
  expect(id, result, "norm_h", at->norm_h, few.norm_h, few.norm_h, 1e-13);
  for (size_t k = 0; k < K; k++) {
    expect_number(&c, "p", k, at->p[k],
                  json_array_get(json_object_get(result, "p"), k));
    expect_number(&c, "z", k, at->z[k],
                  json_array_get(json_object_get(result, "z"), k));
    ck_assert_double_le(fabs(d[K + k] - real(at->p[k])),
                        1e-13 * real(at->p[k]));
    mpq_clear(t[k]);
  }
  ufm_soft_point_mp_free(at);
  mpq_clears(m, lambda_h, (mpq_ptr)NULL);
  free(t);
  free(one);
  free(d);
}

/* The law of a stored joint problem, labels with smoothing included. */
static ufm_soft_law *stored_law(const json_t *input)
{
  const json_t *nodes = json_object_get(input, "nodes"), *node;
  size_t n = json_array_size(nodes), l,
         K = refs_size(json_object_get(input, "K"));
  mpq_t *lam = calloc(n + 1, sizeof *lam), *w = calloc(n + 1, sizeof *w);
  mpq_t same, eps;
  ufm_soft_law *law = NULL;
  ufm_error error = {{0}};

  ck_assert(lam != NULL && w != NULL);
  mpq_inits(same, eps, (mpq_ptr)NULL);
  mpq_set_ui(same, 1, 1);
  if (nodes != NULL)
    rational(same, input, "same_class_prob");
  else
    rational(eps, input, "eps");
  json_array_foreach(nodes, l, node)
  {
    mpq_inits(lam[l], w[l], (mpq_ptr)NULL);
    rational(lam[l], node, "lam");
    rational(w[l], node, "w");
  }
  ck_assert_msg(ufm_soft_law_mixing(&law, K, same, n, (const mpq_t *)lam,
                                    (const mpq_t *)w, eps, &error) == UFM_OK,
                "%s", error.text);
  for (l = 0; l < n; l++)
    mpq_clears(lam[l], w[l], (mpq_ptr)NULL);
  mpq_clears(same, eps, (mpq_ptr)NULL);
  free(lam);
  free(w);
  return law;
}

static void check_joint(const json_t *instance)
{
  const json_t *input = json_object_get(instance, "input");
  const json_t *result = json_object_get(instance, "result");
  const char *id = member_string(instance, "id");
  ufm_soft_law *law = stored_law(input);
  ufm_soft_joint_mp *many = NULL;
  ufm_soft_joint *few = NULL;
  ufm_error error = {{0}};
  mpq_t lambda_w, lambda_h;

  mpq_inits(lambda_w, lambda_h, (mpq_ptr)NULL);
  rational(lambda_w, input, "lambda_W");
  rational(lambda_h, input, "lambda_H");
  ck_assert_msg(ufm_soft_joint_solve_mp(&many, law, lambda_w, lambda_h, DIGITS,
                                        &error) == UFM_OK,
                "%s: %s", id, error.text);
  ck_assert_msg(ufm_soft_joint_solve(&few, law, lambda_w, lambda_h, &error) ==
                    UFM_OK,
                "%s: %s", id, error.text);
  ck_assert_int_eq(many->collapsed,
                   json_is_true(json_object_get(result, "collapsed")));
  ck_assert_int_eq(few->collapsed, many->collapsed);
  expect(id, result, "collapse_threshold_lWlH", many->threshold, few->threshold,
         few->threshold, 1e-15);
  expect(id, result, "value", many->value, few->value, few->value, 1e-13);
  expect(id, result, "kappa", many->kappa, few->kappa, few->kappa, 1e-13);
  expect(id, result, "g", many->g, few->g, few->g, 1e-13);
  expect(id, result, "normW_sq", many->norm_w_sq, few->norm_w_sq,
         few->norm_w_sq, 1e-13);
  expect(id, result, "E_h_sq", many->mean_h_sq, few->mean_h_sq, few->mean_h_sq,
         1e-13);
  ck_assert(same_digits(many->value_primal, many->value, DIGITS));
  ck_assert_double_eq_tol(few->value_primal, few->value, 1e-13 * few->value);
  if (!many->collapsed) {
    const json_t *nodes = json_object_get(result, "nodes"), *node;
    const json_t *same = json_object_get(result, "same_class");
    size_t l;

    expect(id, same, "p_y", many->at[0]->p[0], few->p[0], few->p[0], 1e-13);
    expect(id, same, "coef_w", many->at[0]->coef[0], few->coef[0], few->coef[0],
           1e-12);
    json_array_foreach(nodes, l, node)
    {
      size_t at = few->start[l + 1];

      expect(id, node, "p_i", many->at[l + 1]->p[0], few->p[at], few->p[at],
             1e-13);
      expect(id, node, "coef_wj", many->at[l + 1]->coef[1], few->coef[at + 1],
             few->coef[at + 1], 1e-12);
      expect(id, node, "norm_h", many->at[l + 1]->norm_h, few->at[l + 1].norm_h,
             few->at[l + 1].norm_h, 1e-13);
    }
  }
  ufm_soft_joint_free(few);
  ufm_soft_joint_mp_free(many);
  ufm_soft_law_free(law);
  mpq_clears(lambda_w, lambda_h, (mpq_ptr)NULL);
}

START_TEST(stored_values_are_reproduced)
{
  json_t *root = load("soft_targets.json");
  size_t i, pairs = 0, soft = 0, joint = 0;
  const json_t *instance;

  json_array_foreach(json_object_get(root, "instances"), i, instance)
  {
    const char *kind = member_string(instance, "kind");

    if (strcmp(kind, "fixed_etf_ce_pair") == 0) {
      check_pair(instance);
      pairs++;
    } else if (strcmp(kind, "fixed_etf_ce_soft") == 0) {
      check_soft(instance);
      soft++;
    } else if (strcmp(kind, "joint_ce_balanced") == 0 ||
               strcmp(kind, "joint_ce_label_smoothing") == 0) {
      check_joint(instance);
      joint++;
    }
  }
  ck_assert(pairs == 7 && soft == 2 && joint == 6);
  json_decref(root);
}
END_TEST

START_TEST(omega_solves_its_equation)
{
  ck_assert_double_eq_tol(ufm_wright_omega(1.0), 1.0, DBL_EPSILON);
  ck_assert_double_eq_tol(ufm_wright_omega(0.0), 0.567143290409783872999968662,
                          DBL_EPSILON);
  ck_assert(isnan(ufm_wright_omega((double)NAN)));
  ck_assert_double_eq(ufm_wright_omega(-HUGE_VAL), 0.0);
  for (double x = -700.0; x < 1e12; x += 0.37 * (1.0 + fabs(x) / 9.0)) {
    double w = ufm_wright_omega(x);

    /* w (1 + log) has the derivative 1 + 1/w */
    ck_assert_msg(fabs(w + log(w) - x) <=
                      8e-15 * (1.0 + w) + DBL_EPSILON * fabs(x),
                  "omega(%.17g)", x);
  }
}
END_TEST

/* Error bounds of the header, on random kappa in 1e-12..1e6. */
START_TEST(double_agrees_with_multiprecision)
{
  static const size_t classes[] = {2, 3, 4, 10, 100, 1000, 1000000};
  static const double special[] = {0.0, 1e-9, 0.5, 1.0};
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  mpq_t lambda_h, g, lam;

  ck_assert_ptr_nonnull(rng);
  gsl_rng_set(rng, 20240217);
  mpq_inits(lambda_h, g, lam, (mpq_ptr)NULL);
  mpq_set_ui(g, 1, 1);
  for (int i = 0; i < CASES; i++) {
    size_t K = classes[gsl_rng_uniform_int(rng, 7)];
    double kappa = pow(10.0, -12.0 + 18.0 * gsl_rng_uniform(rng));
    double x = i % 3 == 0 ? special[gsl_rng_uniform_int(rng, 4)]
                          : gsl_rng_uniform(rng);
    ufm_soft_point_mp *at = NULL;
    ufm_soft_pair few;
    double top = 1.0 / (1.0 + kappa);

    mpq_set_d(lambda_h, kappa);
    mpq_set_d(lam, x);
    ck_assert_int_eq(ufm_soft_pair_solve_mp(&at, K, lambda_h, g, lam, 20, NULL),
                     UFM_OK);
    ck_assert_int_eq(ufm_soft_pair_solve(&few, K, kappa, 1.0, x, NULL), UFM_OK);
    for (size_t a = 0; a < at->n; a++)
      top = fmax(top, fabs(real(at->z[a])));
    ck_assert_msg(fabs(few.at.sigma - real(at->sigma)) <= 5e-15 * few.at.sigma,
                  "sigma: K %zu, kappa %.17g, lam %.17g", K, kappa, x);
    for (size_t a = 0; a < at->n; a++) {
      ck_assert_msg(fabs(few.p[a] - real(at->p[a])) <= 2e-14 * few.p[a],
                    "p[%zu]: K %zu, kappa %.17g, lam %.17g", a, K, kappa, x);
      ck_assert_msg(fabs(few.z[a] - real(at->z[a])) <= 4e-14 * top,
                    "z[%zu]: K %zu, kappa %.17g, lam %.17g", a, K, kappa, x);
      ck_assert_msg(fabs(few.coef[a] - real(at->coef[a])) <=
                        2e-14 * (K == 2 ? top : fabs(few.coef[a])),
                    "coef[%zu]: K %zu, kappa %.17g, lam %.17g", a, K, kappa, x);
      ck_assert_msg(fabs(few.dz[a] - real(at->dz[a])) <=
                        4e-14 * fabs(few.dz[0]),
                    "dz[%zu]: K %zu, kappa %.17g, lam %.17g", a, K, kappa, x);
    }
    ck_assert_msg(fabs(few.at.value - real(at->value)) <= 2e-14 * few.at.value,
                  "value: K %zu, kappa %.17g, lam %.17g", K, kappa, x);
    ufm_soft_point_mp_free(at);
  }
  mpq_clears(lambda_h, g, lam, (mpq_ptr)NULL);
  gsl_rng_free(rng);
}
END_TEST

/* Differences of two solutions at lam and kappa 10^-25 apart, 80 digits. */
START_TEST(derivatives_are_those_of_differences)
{
  static const char *const kappas[] = {"1/1000", "1/7", "20"};
  mpq_t kappa, g, lam, h, moved;
  mpfr_t d, want;

  mpq_inits(kappa, g, lam, h, moved, (mpq_ptr)NULL);
  mpfr_inits2(400, d, want, (mpfr_ptr)NULL);
  mpq_set_ui(g, 1, 1);
  mpq_set_str(h, "1/10000000000000000000000000", 10);
  mpq_set_str(lam, "3/10", 10);
  for (size_t i = 0; i < 3; i++) {
    ufm_soft_point_mp *a = NULL, *b = NULL, *c = NULL;

    mpq_set_str(kappa, kappas[i], 10);
    mpq_add(moved, lam, h);
    ck_assert_int_eq(ufm_soft_pair_solve_mp(&a, 5, kappa, g, lam, 80, NULL),
                     UFM_OK);
    ck_assert_int_eq(ufm_soft_pair_solve_mp(&b, 5, kappa, g, moved, 80, NULL),
                     UFM_OK);
    mpq_add(moved, kappa, h);
    ck_assert_int_eq(ufm_soft_pair_solve_mp(&c, 5, moved, g, lam, 80, NULL),
                     UFM_OK);
    for (size_t k = 0; k < 3; k++) {
      mpfr_sub(d, b->p[k], a->p[k], MPFR_RNDN);
      mpfr_div_q(d, d, h, MPFR_RNDN);
      ck_assert(same_digits(d, a->dp[k], 18));
      mpfr_sub(d, b->z[k], a->z[k], MPFR_RNDN);
      mpfr_div_q(d, d, h, MPFR_RNDN);
      ck_assert(same_digits(d, a->dz[k], 18));
    }
    mpfr_sub(d, c->residual, a->residual, MPFR_RNDN);
    mpfr_div_q(d, d, h, MPFR_RNDN);
    ck_assert(same_digits(d, a->slope, 18));
    mpfr_sub(d, c->value, a->value, MPFR_RNDN); /* |z|^2/2 */
    mpfr_div_q(d, d, h, MPFR_RNDN);
    mpfr_div_2ui(want, a->logit_sq, 1, MPFR_RNDN);
    ck_assert(same_digits(d, want, 18));
    ufm_soft_point_mp_free(a);
    ufm_soft_point_mp_free(b);
    ufm_soft_point_mp_free(c);
  }
  mpfr_clears(d, want, (mpfr_ptr)NULL);
  mpq_clears(kappa, g, lam, h, moved, (mpq_ptr)NULL);
}
END_TEST

/* kappa = 10^300: z (kappa + 1/K) = t - 1/K to relative 1/kappa; kappa =
   10^-300: p = t and z_i - z_j = log(lam/(1 - lam)). */
START_TEST(limits_of_kappa)
{
  ufm_soft_point_mp *at = NULL;
  mpq_t kappa, g, lam;
  mpfr_t x, want;

  mpq_inits(kappa, g, lam, (mpq_ptr)NULL);
  mpfr_inits2(200, x, want, (mpfr_ptr)NULL);
  mpq_set_str(lam, "1/3", 10);
  mpq_set_ui(g, 1, 1);
  mpz_ui_pow_ui(mpq_numref(kappa), 10, 300);
  ck_assert_int_eq(ufm_soft_pair_solve_mp(&at, 10, kappa, g, lam, 30, NULL),
                   UFM_OK);
  mpfr_mul_q(x, at->z[UFM_SOFT_I], kappa, MPFR_RNDN);
  mpfr_set_str(want, "0.2333333333333333333333333333333333", 10, MPFR_RNDN);
  ck_assert(same_digits(x, want, 30));
  ufm_soft_point_mp_free(at);
  mpq_inv(kappa, kappa);
  ck_assert_int_eq(ufm_soft_pair_solve_mp(&at, 10, kappa, g, lam, 30, NULL),
                   UFM_OK);
  mpfr_sub(x, at->z[UFM_SOFT_J], at->z[UFM_SOFT_I], MPFR_RNDN);
  mpfr_set_ui(want, 2, MPFR_RNDN);
  mpfr_log(want, want, MPFR_RNDN);
  ck_assert(same_digits(x, want, 30));
  ufm_soft_point_mp_free(at);
  mpfr_clears(x, want, (mpfr_ptr)NULL);
  mpq_clears(kappa, g, lam, (mpq_ptr)NULL);
}
END_TEST

/* lam = 1/2 without same-class pairs: q = sqrt(2 (K-1) lW lH/(K (K-2))),
   eta = log((1 - (K-2) q)/(2 q)), kappa = K q/(2 eta). */
START_TEST(half_half_has_a_closed_form)
{
  static const size_t classes[] = {3, 10, 1000000};
  mpq_t same, half[1], lambda;
  mpfr_t q, eta;

  mpq_inits(same, half[0], lambda, (mpq_ptr)NULL);
  mpfr_inits2(BITS, q, eta, (mpfr_ptr)NULL);
  mpq_set_ui(half[0], 1, 2);
  for (size_t i = 0; i < 3; i++) {
    size_t K = classes[i];
    ufm_soft_law *law = NULL;
    ufm_soft_joint_mp *many = NULL;
    ufm_soft_joint *few = NULL;

    mpq_set_ui(lambda, 1, 50 * K);
    ck_assert_int_eq(ufm_soft_law_mixing(&law, K, same, 1, (const mpq_t *)half,
                                         NULL, NULL, NULL),
                     UFM_OK);
    ck_assert_int_eq(
        ufm_soft_joint_solve_mp(&many, law, lambda, lambda, DIGITS, NULL),
        UFM_OK);
    ck_assert_int_eq(ufm_soft_joint_solve(&few, law, lambda, lambda, NULL),
                     UFM_OK);
    mpfr_set_q(q, lambda, MPFR_RNDN);
    mpfr_mul_q(q, q, lambda, MPFR_RNDN);
    mpfr_mul_ui(q, q, 2 * (K - 1), MPFR_RNDN);
    mpfr_div_ui(q, q, K, MPFR_RNDN);
    mpfr_div_ui(q, q, K - 2, MPFR_RNDN);
    mpfr_sqrt(q, q, MPFR_RNDN);
    mpfr_mul_ui(eta, q, K - 2, MPFR_RNDN);
    mpfr_ui_sub(eta, 1, eta, MPFR_RNDN);
    mpfr_div(eta, eta, q, MPFR_RNDN);
    mpfr_div_2ui(eta, eta, 1, MPFR_RNDN);
    mpfr_log(eta, eta, MPFR_RNDN);
    mpfr_mul_ui(q, q, K, MPFR_RNDN);
    mpfr_div(q, q, eta, MPFR_RNDN);
    mpfr_div_2ui(q, q, 1, MPFR_RNDN);
    ck_assert(same_digits(many->kappa, q, COMPARED));
    ck_assert_double_eq_tol(few->kappa, real(q), 2e-14 * real(q));
    ufm_soft_joint_free(few);
    ufm_soft_joint_mp_free(many);
    ufm_soft_law_free(law);
  }
  mpfr_clears(q, eta, (mpfr_ptr)NULL);
  mpq_clears(same, half[0], lambda, (mpq_ptr)NULL);
}
END_TEST

/* lambda_W lambda_H on both sides of Phi_inf, down to 10^-30 from it, where
   g tends to 0 and the value to log K. */
START_TEST(collapse_is_decided_exactly)
{
  static const char *const inside[] = {"999999/1000000",
                                       "999999999999999999999999999999/"
                                       "1000000000000000000000000000000"};
  mpq_t same, lam[2], threshold, lambda, one;
  ufm_soft_law *law = NULL;
  ufm_soft_joint_mp *many = NULL;
  ufm_soft_joint *few = NULL;

  mpq_inits(same, lam[0], lam[1], threshold, lambda, one, (mpq_ptr)NULL);
  mpq_set_ui(same, 1, 5);
  mpq_set_ui(lam[0], 1, 3);
  mpq_set_ui(lam[1], 9, 10);
  mpq_set_ui(one, 1, 1);
  ck_assert_int_eq(ufm_soft_law_mixing(&law, 5, same, 2, (const mpq_t *)lam,
                                       NULL, NULL, NULL),
                   UFM_OK);
  ufm_soft_law_threshold(law, threshold);
  ck_assert_int_eq(
      ufm_soft_joint_solve_mp(&many, law, threshold, one, 30, NULL), UFM_OK);
  ck_assert(many->collapsed && mpfr_inf_p(many->kappa));
  ufm_soft_joint_mp_free(many);
  for (size_t i = 0; i < 2; i++) {
    mpq_set_str(lambda, inside[i], 10);
    mpq_mul(lambda, lambda, threshold);
    ck_assert_int_eq(ufm_soft_joint_solve_mp(&many, law, lambda, one, 30, NULL),
                     UFM_OK);
    ck_assert_int_eq(ufm_soft_joint_solve(&few, law, lambda, one, NULL),
                     UFM_OK);
    ck_assert(!many->collapsed && !few->collapsed);
    ck_assert_double_eq_tol(few->kappa, real(many->kappa), 1e-13 * few->kappa);
    ck_assert_double_gt(few->kappa, i == 0 ? 1e4 : 1e28);
    ck_assert(same_digits(many->value, many->value_primal, 30));
    ufm_soft_joint_mp_free(many);
    ufm_soft_joint_free(few);
  }
  ufm_soft_law_free(law);
  mpq_clears(same, lam[0], lam[1], threshold, lambda, one, (mpq_ptr)NULL);
}
END_TEST

static void expect_error(ufm_status got, ufm_status want,
                         const ufm_error *error, const char *part)
{
  ck_assert_int_eq(got, want);
  ck_assert_msg(strstr(error->text, part) != NULL, "'%s' without '%s'",
                error->text, part);
}

START_TEST(bad_input_is_refused)
{
  ufm_soft_point_mp *at = NULL;
  ufm_soft_law *law = NULL;
  ufm_soft_pair pair;
  ufm_soft_point few;
  ufm_error error = {{0}};
  double t[] = {0.5, 0.4}, out[6];
  size_t multiplicity[] = {1, 1};
  mpq_t one, bad[1];

  mpq_inits(one, bad[0], (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  mpq_set_si(bad[0], 11, 10);
  mpq_canonicalize(bad[0]);
  expect_error(ufm_soft_pair_solve(&pair, 1, 1.0, 1.0, 0.5, &error), UFM_ERANGE,
               &error, "K = 1");
  expect_error(ufm_soft_pair_solve(&pair, 3, 1.0, 1.0, 1.5, &error), UFM_EINVAL,
               &error, "lam = 1.5");
  expect_error(ufm_soft_pair_solve(&pair, 3, -1.0, 1.0, 0.5, &error),
               UFM_EINVAL, &error, "positive");
  expect_error(ufm_soft_pair_solve(&pair, 3, 1e200, 1.0, 0.5, &error),
               UFM_ERANGE, &error, "MPFR");
  expect_error(ufm_soft_solve(&few, out, out + 2, out + 4, 2, t, multiplicity,
                              1.0, 1.0, &error),
               UFM_EINVAL, &error, "sum to 0.9");
  expect_error(ufm_soft_pair_solve_mp(&at, 3, one, one, bad[0], 10, &error),
               UFM_EINVAL, &error, "lam = 1.1");
  expect_error(ufm_soft_pair_solve_mp(&at, 3, one, one, one, 0, &error),
               UFM_EINVAL, &error, "digits");
  expect_error(
      ufm_soft_law_mixing(&law, 3, bad[0], 0, NULL, NULL, NULL, &error),
      UFM_EINVAL, &error, "same = 1.1");
  expect_error(ufm_soft_law_mixing(&law, 3, one, 1, (const mpq_t *)bad, NULL,
                                   NULL, &error),
               UFM_EINVAL, &error, "lam = 1.1");
  ck_assert(at == NULL && law == NULL);
  mpq_clears(one, bad[0], (mpq_ptr)NULL);
}
END_TEST

int main(void)
{
  TCase *tcase = tcase_create("soft");

  tcase_add_test(tcase, stored_values_are_reproduced);
  tcase_add_test(tcase, omega_solves_its_equation);
  tcase_add_test(tcase, double_agrees_with_multiprecision);
  tcase_add_test(tcase, derivatives_are_those_of_differences);
  tcase_add_test(tcase, limits_of_kappa);
  tcase_add_test(tcase, half_half_has_a_closed_form);
  tcase_add_test(tcase, collapse_is_decided_exactly);
  tcase_add_test(tcase, bad_input_is_refused);
  return run_case("soft", tcase);
}
