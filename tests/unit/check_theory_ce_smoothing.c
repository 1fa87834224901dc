/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Label smoothing at depth 1 against the stored reference values. */
#include <config.h>

#include "refs.h"
#include "run.h"
#include "theory_ce.h"

/* "0.001" times 1/N as a GMP rational: the references weight features by
   nu = pi, samples by nu = N pi, so lambda_H there is N times ours. */
static void per_sample(const char *decimal, size_t N, char *out, size_t size)
{
  mpq_t value;

  mpq_init(value);
  ck_assert_ptr_nonnull(strchr(decimal, '.'));
  ck_assert_int_eq(decimal[0], '0');
  mpz_set_str(mpq_numref(value), strchr(decimal, '.') + 1, 10);
  mpz_ui_pow_ui(mpq_denref(value), 10, strlen(strchr(decimal, '.') + 1));
  mpz_mul_ui(mpq_denref(value), mpq_denref(value), N);
  mpq_canonicalize(value);
  gmp_snprintf(out, size, "%Qd", value);
  mpq_clear(value);
}

/* lambda_W lambda_H at the stated threshold collapses exactly. */
static void check_collapse(const ce_case *c, const json_t *threshold)
{
  char lambda_w[96], lambda_h[32];
  ce_case edge = *c;
  ufm_problem *problem;
  ufm_prediction *p;

  per_sample(json_string_value(threshold), 1, lambda_w, sizeof lambda_w);
  snprintf(lambda_h, sizeof lambda_h, "1/%zu", c->K * c->n);
  edge.lambda = lambda_w;
  edge.lambda_h = lambda_h;
  problem = make_ce(&edge);
  p = predict_ce(problem, DIGITS);
  ck_assert_int_eq(p->claim, UFM_CLAIM_ZERO);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
  snprintf(lambda_h, sizeof lambda_h, "1/%zu", c->K * c->n + 1);
  problem = make_ce(&edge);
  p = predict_ce(problem, DIGITS);
  ck_assert_int_eq(p->claim, UFM_CLAIM_UNIQUE);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}

/* Results of a joint_ce_label_smoothing instance from the prediction. */
static void check_smoothing(const json_t *instance, size_t n)
{
  const json_t *in = json_object_get(instance, "input");
  json_t *want = json_object_get(instance, "result"), *value;
  size_t K = (size_t)json_integer_value(json_object_get(in, "K"));
  const char *name = member_string(instance, "id"), *key;
  char lambda_w[64], lambda_h[64], eps[64];
  ce_case c = {.K = K,
               .n = n,
               .M = 1,
               .lambda = lambda_w,
               .lambda_h = lambda_h,
               .smoothing = eps};
  ufm_problem *problem;
  ufm_prediction *p;
  mpfr_t got, other, gap;

  per_sample(member_string(in, "lambda_W"), 1, lambda_w, sizeof lambda_w);
  per_sample(member_string(in, "lambda_H"), K * n, lambda_h, sizeof lambda_h);
  per_sample(member_string(in, "eps"), 1, eps, sizeof eps);
  problem = make_ce(&c);
  p = predict_ce(problem, DIGITS);
  mpfr_inits2(p->bits, got, other, gap, (mpfr_ptr)NULL);
  ufm_prediction_entry(p, &p->logits, 0, 0, gap);
  ufm_prediction_entry(p, &p->logits, 1, 0, other);
  mpfr_sub(gap, gap, other, MPFR_RNDN);
  mpfr_exp(other, gap, MPFR_RNDN);
  mpfr_add_ui(other, other, K - 1, MPFR_RNDN);
  mpfr_ui_div(other, 1, other, MPFR_RNDN);
  json_object_foreach(want, key, value)
  {
    if (strcmp(key, "value") == 0) {
      mpfr_set(got, p->objective, MPFR_RNDN);
    } else if (strcmp(key, "logit_gap") == 0) {
      mpfr_set(got, gap, MPFR_RNDN);
    } else if (strcmp(key, "g") == 0) {
      mpfr_sqr(got, p->sv[1], MPFR_RNDN);
    } else if (strcmp(key, "kappa") == 0) {
      mpfr_set_q(got, ufm_problem_lambda_h(problem), MPFR_RNDN);
      mpfr_mul_ui(got, got, K * n, MPFR_RNDN);
      mpfr_div(got, got, p->sv[1], MPFR_RNDN);
      mpfr_div(got, got, p->sv[1], MPFR_RNDN);
    } else if (strcmp(key, "p_other") == 0) {
      mpfr_set(got, other, MPFR_RNDN);
    } else if (strcmp(key, "p_y") == 0) {
      mpfr_mul_ui(got, other, K - 1, MPFR_RNDN);
      mpfr_ui_sub(got, 1, got, MPFR_RNDN);
    } else if (strcmp(key, "norm_h") == 0) {
      ufm_prediction_entry(p, &p->gram_h, 2, 2, got);
      mpfr_sqrt(got, got, MPFR_RNDN);
    } else if (strcmp(key, "collapsed") == 0) {
      ck_assert_int_eq(json_is_true(value), p->claim == UFM_CLAIM_ZERO);
      continue;
    } else {
      ck_assert_str_eq(key, "collapse_threshold_lWlH");
      check_collapse(&c, value);
      continue;
    }
    check_number(name, key, got, value);
  }
  mpfr_clears(got, other, gap, (mpfr_ptr)NULL);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}

START_TEST(label_smoothing_instances)
{
  json_t *root = load("soft_targets.json"), *instance;
  size_t checked = 0, i;

  json_array_foreach(json_object_get(root, "instances"), i, instance)
  {
    if (strcmp(member_string(instance, "kind"), "joint_ce_label_smoothing") !=
        0)
      continue;
    check_smoothing(instance, 1);
    check_smoothing(instance, 7);
    checked++;
  }
  ck_assert_uint_ge(checked, 1);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory_ce_smoothing");

  tcase_add_test(tests, label_smoothing_instances);
  return run_case("theory_ce_smoothing", tests);
}
