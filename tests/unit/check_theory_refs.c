/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every number of every MSE reference instance. */
#include <config.h>

#include "refs.h"
#include "run.h"

enum { INSTANCES = 31, MSE_INSTANCES = 20 };

/* Lists over directions follow the K singular values of the target. */
typedef void direction_number(const refs_case *c, const ufm_direction *d,
                              mpfr_t out);

static void expect_directions(const refs_case *c, const char *key,
                              const json_t *list, direction_number *number)
{
  mpfr_t got;

  ck_assert_uint_eq(json_array_size(list), c->prediction->K);
  mpfr_init2(got, BITS);
  for (size_t j = 0; j < json_array_size(list); j++) {
    const ufm_direction *d = direction_at(c, j);
    const json_t *want = json_array_get(list, j);

    ck_assert_ptr_nonnull(d);
    number(c, d, got);
    if (json_is_null(want))
      ck_assert(mpfr_inf_p(got) && d->state == UFM_DIRECTION_NULL);
    else
      expect_number(c, key, j, got, want);
  }
  ck_assert_ptr_null(direction_at(c, json_array_size(list)));
  mpfr_clear(got);
}

static void number_m(const refs_case *c, const ufm_direction *d, mpfr_t out)
{
  (void)c;
  mpfr_set(out, d->m, MPFR_RNDN);
}

static void number_c(const refs_case *c, const ufm_direction *d, mpfr_t out)
{
  (void)c;
  mpfr_set(out, d->c, MPFR_RNDN);
}

static void number_t(const refs_case *c, const ufm_direction *d, mpfr_t out)
{
  (void)c;
  mpfr_set(out, d->t, MPFR_RNDN);
}

static void number_r(const refs_case *c, const ufm_direction *d, mpfr_t out)
{
  (void)c;
  mpfr_set(out, d->one_minus_t, MPFR_RNDN);
}

/* The published variable x: t = x^M / (1 + x^M). */
static void number_x(const refs_case *c, const ufm_direction *d, mpfr_t out)
{
  mpfr_div(out, d->t, d->one_minus_t, MPFR_RNDN);
  mpfr_rootn_ui(out, out, c->prediction->M, MPFR_RNDN);
}

/* M N (N Lam)^{1/M} / m. */
static void number_b(const refs_case *c, const ufm_direction *d, mpfr_t out)
{
  size_t N = ufm_problem_samples(c->problem), M = c->prediction->M;
  mpq_t lambda;

  mpq_init(lambda);
  ufm_problem_lambda_product(c->problem, lambda);
  mpfr_set_q(out, lambda, MPFR_RNDN);
  mpfr_mul_ui(out, out, N, MPFR_RNDN);
  mpfr_rootn_ui(out, out, M, MPFR_RNDN);
  mpfr_mul_ui(out, out, N * M, MPFR_RNDN);
  mpfr_div(out, out, d->m, MPFR_RNDN);
  mpq_clear(lambda);
}

static void check_list(const refs_case *c, const char *key, const json_t *list)
{
  static const struct {
    const char *key;
    direction_number *number;
  } lists[] = {{"tau2", number_m},    {"c", number_c},
               {"t", number_t},       {"one_minus_t", number_r},
               {"paper_x", number_x}, {"paper_b_over_n", number_b}};

  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    if (strcmp(key, lists[i].key) == 0)
      expect_directions(c, key, list, lists[i].number);
}

/* (M-1)^{(M-1)/M} / M: active directions lie below it, the others above. */
static void check_paper_threshold(const refs_case *c, const char *key,
                                  const json_t *value)
{
  size_t M = c->prediction->M;
  mpfr_t threshold, b;

  mpfr_inits2(BITS, threshold, b, (mpfr_ptr)NULL);
  mpfr_ui_pow_ui(threshold, M - 1, M - 1, MPFR_RNDN);
  mpfr_rootn_ui(threshold, threshold, M, MPFR_RNDN);
  mpfr_div_ui(threshold, threshold, M, MPFR_RNDN);
  check_number(c->name, key, threshold, value);
  for (size_t i = 0; i < c->prediction->directions; i++) {
    const ufm_direction *d = &c->prediction->direction[i];

    number_b(c, d, b);
    if (d->state == UFM_DIRECTION_ACTIVE)
      ck_assert(mpfr_less_p(b, threshold));
    if (d->state == UFM_DIRECTION_COLLAPSED)
      ck_assert(mpfr_greater_p(b, threshold));
  }
  mpfr_clears(threshold, b, (mpfr_ptr)NULL);
}

static void check_status(const refs_case *c, const char *key,
                         const json_t *list)
{
  static const char *const words[] = {
      [UFM_DIRECTION_ACTIVE] = "active",
      [UFM_DIRECTION_COLLAPSED] = "collapsed",
      [UFM_DIRECTION_THRESHOLD] = "threshold(zero,unique)",
      [UFM_DIRECTION_TIE] = "threshold-tie(0 also optimal)",
      [UFM_DIRECTION_UNDECIDED] = "-",
      [UFM_DIRECTION_RANK_CUT] = "rank-cut",
      [UFM_DIRECTION_NULL] = "null"};

  for (size_t j = 0; j < json_array_size(list); j++)
    ck_assert_msg(strcmp(words[direction_at(c, j)->state],
                         json_string_value(json_array_get(list, j))) == 0,
                  "%s: %s[%zu]: got %s", c->name, key, j,
                  words[direction_at(c, j)->state]);
}

/* F at Z = 0 is sum_j m_j / 2N. */
static void check_objective_at_zero(const refs_case *c, const char *key,
                                    const json_t *value)
{
  mpfr_t sum, term;

  mpfr_inits2(BITS, sum, term, (mpfr_ptr)NULL);
  mpfr_set_zero(sum, 1);
  for (size_t i = 0; i < c->prediction->directions; i++) {
    const ufm_direction *d = &c->prediction->direction[i];

    mpfr_mul_ui(term, d->m, d->multiplicity, MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  mpfr_div_ui(sum, sum, 2 * ufm_problem_samples(c->problem), MPFR_RNDN);
  check_number(c->name, key, sum, value);
  mpfr_clears(sum, term, (mpfr_ptr)NULL);
}

static void check_layers(const refs_case *c, const char *key,
                         const json_t *layers)
{
  char name[16];

  ck_assert_uint_eq(json_object_size(layers), c->prediction->M + 1);
  for (size_t f = 1; f <= c->prediction->M; f++) {
    snprintf(name, sizeof name, "W%zu", f);
    ck_assert_ptr_nonnull(json_object_get(layers, name));
    expect_spectrum(c, key, json_object_get(layers, name), f);
  }
  ck_assert_ptr_nonnull(json_object_get(layers, "H"));
  expect_spectrum(c, key, json_object_get(layers, "H"), c->prediction->M + 1);
}

static void check_z(const refs_case *c, const char *key, const json_t *list)
{
  ck_assert_uint_eq(json_array_size(list), c->prediction->K);
  expect_spectrum(c, key, list, 0);
}

static void check_bias(const refs_case *c, const char *key, const json_t *list)
{
  const ufm_prediction *p = c->prediction;

  ck_assert(json_is_null(list) == (p->bias == NULL));
  for (size_t k = 0; k < json_array_size(list); k++)
    expect_number(c, key, k, p->bias[p->groups->of[k]],
                  json_array_get(list, k));
}

static void check_flag(const refs_case *c, const char *key, const json_t *value)
{
  ufm_claim claim =
      strcmp(key, "threshold_tie") == 0 ? UFM_CLAIM_TIE : UFM_CLAIM_DEGENERATE;

  ck_assert_msg(json_is_true(value) == (c->prediction->claim == claim),
                "%s: %s: claim %s", c->name, key,
                ufm_claim_name(c->prediction->claim));
  if (claim == UFM_CLAIM_DEGENERATE)
    ck_assert(c->prediction->grams != json_is_true(value));
}

static void check_diagonal(const refs_case *c, const char *key,
                           const json_t *list)
{
  expect_diagonal(c, key, list,
                  key[0] == 'W' ? &c->prediction->gram_w
                                : &c->prediction->gram_h);
}

static void check_cosines(const refs_case *c, const char *key,
                          const json_t *rows)
{
  expect_matrix(c, key, rows,
                strcmp(key, "cos_W") == 0 ? &c->prediction->gram_w
                                          : &c->prediction->gram_h,
                true);
}

static void check_logits(const refs_case *c, const char *key,
                         const json_t *rows)
{
  expect_matrix(c, key, rows, &c->prediction->logits, false);
}

/* Sum of the squared singular values of W_M, or of H. */
static void check_trace(const refs_case *c, const char *key,
                        const json_t *value)
{
  const ufm_prediction *p = c->prediction;
  size_t f = key[0] == 't' ? p->M : p->M + 1;
  mpfr_t sum, term;

  mpfr_inits2(BITS, sum, term, (mpfr_ptr)NULL);
  mpfr_set_zero(sum, 1);
  for (size_t s = 0; s < p->spectra; s++) {
    mpfr_sqr(term, p->sv[f * p->spectra + s], MPFR_RNDN);
    mpfr_mul_ui(term, term, p->sv_multiplicity[s], MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  check_number(c->name, key, sum, value);
  mpfr_clears(sum, term, (mpfr_ptr)NULL);
}

static const refs_key keys[] = {
    {"name", no_number},
    {"loss", no_number},
    {"bias", no_number},
    {"difficulty", no_number},
    {"note", no_number},
    {"tie_note", no_number},
    {"K", states_problem},
    {"n", states_problem},
    {"N", states_problem},
    {"M", states_problem},
    {"d", states_problem},
    {"R", states_problem},
    {"lambda_W_1toM", states_problem},
    {"lambda_H", states_problem},
    {"lambda_b", states_problem},
    {"tau2", check_list},
    {"c", check_list},
    {"t", check_list},
    {"one_minus_t", check_list},
    {"paper_x", check_list},
    {"paper_b_over_n", check_list},
    {"paper_threshold_on_b_over_n", check_paper_threshold},
    {"status", check_status},
    {"objective", expect_objective},
    {"objective_at_zero", check_objective_at_zero},
    {"layer_singular_values", check_layers},
    {"product_Z_singular_values", check_z},
    {"bias_vector", check_bias},
    {"degenerate_rank_tie", check_flag},
    {"threshold_tie", check_flag},
    {"W_M_gram_diag(=|w_k|^2)", check_diagonal},
    {"classmean_H_gram_diag(=|h_k|^2)", check_diagonal},
    {"cos_W", check_cosines},
    {"cos_H", check_cosines},
    {"logits_classmean_Zbar", check_logits},
    {"trace_WMWMT", check_trace},
    {"sum_n_k_|h_k|^2", check_trace},
    {NULL, NULL}};

START_TEST(mse_instance)
{
  json_t *root = load("deep_linear.json");
  json_t *instance = refs_instance(root, "mse", (size_t)_i);
  ufm_prediction *prediction = NULL;
  ufm_error error = {{0}};
  ufm_problem *problem;
  refs_case c = {.instance = instance};

  ck_assert_ptr_nonnull(instance);
  c.name = member_string(instance, "name");
  problem = refs_problem(instance, member_string(instance, "bias"));
  ck_assert_msg(ufm_theory_predict(&prediction, problem, DIGITS, &error) ==
                    UFM_OK,
                "%s: %s", c.name, error.text);
  c.problem = problem;
  c.prediction = prediction;
  check_keys(&c, keys);
  ufm_prediction_free(prediction);
  ufm_problem_free(problem);
  json_decref(root);
}
END_TEST

START_TEST(no_instance_is_left_out)
{
  json_t *root = load("deep_linear.json");

  ck_assert_uint_eq(json_array_size(json_object_get(root, "instances")),
                    INSTANCES);
  ck_assert_ptr_nonnull(refs_instance(root, "mse", MSE_INSTANCES - 1));
  ck_assert_ptr_null(refs_instance(root, "mse", MSE_INSTANCES));
  ck_assert_ptr_nonnull(
      refs_instance(root, "ce", INSTANCES - MSE_INSTANCES - 1));
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory-refs");

  tcase_add_loop_test(tests, mse_instance, 0, MSE_INSTANCES);
  tcase_add_test(tests, no_instance_is_left_out);
  return run_case("theory-refs", tests);
}
