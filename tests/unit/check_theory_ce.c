/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE predictions against the stored reference values: every key of every CE
   instance, to 38 digits. */
#include <config.h>

#include "refs.h"
#include "run.h"
#include "theory_ce.h"

static ufm_bias parse_bias(const char *text)
{
  ufm_bias bias = UFM_BIAS_NONE;

  while (strcmp(ufm_bias_name(bias), text) != 0)
    bias++;
  return bias;
}

static size_t list_sizes(const json_t *list, size_t *out, size_t max)
{
  ck_assert_uint_le(json_array_size(list), max);
  for (size_t i = 0; i < json_array_size(list); i++)
    out[i] = (size_t)json_integer_value(json_array_get(list, i));
  return json_array_size(list);
}

enum { MOST_CLASSES = 16, MOST_LAYERS = 8 };

static ufm_problem *read_problem(const json_t *instance, const char *bias)
{
  const json_t *lambdas = json_object_get(instance, "lambda_W_1toM");
  const char *lambda_w[MOST_LAYERS];
  size_t counts[MOST_CLASSES], widths[MOST_LAYERS];
  test_problem t = {.loss = UFM_LOSS_CE,
                    .bias = parse_bias(bias),
                    .counts = counts,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = member_string(instance, "lambda_H"),
                    .lambda_b = member_string(instance, "lambda_b")};

  t.K = list_sizes(json_object_get(instance, "n"), counts, MOST_CLASSES);
  t.M = list_sizes(json_object_get(instance, "d"), widths, MOST_LAYERS);
  for (size_t m = 0; m < t.M; m++)
    lambda_w[m] = json_string_value(json_array_get(lambdas, m));
  return make_problem(&t);
}

/* What an instance is compared with: the prediction at depth 1, the candidate
   of its family at greater depth. */
typedef struct answer {
  const char *name;
  const ufm_prediction *p;
  size_t rank;
  mpfr_srcptr objective;
  mpfr_t scale, sigma, layer; /* layer: sigma(factor)^2, equal penalties */
} answer;

static void answer_init(answer *a, const json_t *instance,
                        const ufm_prediction *p)
{
  const char *family = json_object_get(instance, "beta") ? "hypercube" : "etf";
  const ufm_candidate *c = candidate(p, family);

  *a = (answer){.name = member_string(instance, "name"), .p = p};
  mpfr_inits2(p->bits, a->scale, a->sigma, a->layer, (mpfr_ptr)NULL);
  mpfr_set_zero(a->sigma, 1);
  if (p->M == 1) {
    a->rank = p->rank;
    a->objective = p->objective;
    mpfr_set(a->scale, p->logits.extra[0], MPFR_RNDN);
    if (p->rank > 0)
      mpfr_set(a->sigma, p->sv[0], MPFR_RNDN);
  } else {
    ck_assert_ptr_nonnull(c);
    a->rank = c->rank;
    a->objective = c->objective;
    mpfr_set(a->scale, c->scale, MPFR_RNDN);
    mpfr_set(a->sigma, c->singular_value, MPFR_RNDN);
  }
  /* equal penalties: Lam^{1/L} = lambda */
  mpfr_sqr(a->layer, a->sigma, MPFR_RNDN);
  mpfr_rootn_ui(a->layer, a->layer, p->M + 1, MPFR_RNDN);
}

static void check_singular_values(const answer *a, const json_t *list)
{
  size_t n = json_array_size(list);

  ck_assert(a->rank == 0 || a->rank == n);
  for (size_t i = 0; i < n; i++)
    check_number(a->name, "product_Z_singular_values", a->sigma,
                 json_array_get(list, i));
}

static void check_factor(const answer *a, const char *key, size_t factor,
                         const json_t *want)
{
  mpfr_t square;

  mpfr_init2(square, a->p->bits);
  mpfr_set_zero(square, 1);
  if (a->p->rank > 0)
    mpfr_sqr(square, a->p->sv[factor], MPFR_RNDN);
  check_number(a->name, key, square, want);
  mpfr_clear(square);
}

static void check_norms(const answer *a, const char *key,
                        const ufm_block_matrix *gram, const json_t *list)
{
  mpfr_t entry;

  ck_assert(a->p->grams);
  ck_assert_uint_eq(json_array_size(list), a->p->K);
  mpfr_init2(entry, a->p->bits);
  for (size_t k = 0; k < a->p->K; k++) {
    ufm_prediction_entry(a->p, gram, k, k, entry);
    check_number(a->name, key, entry, json_array_get(list, k));
  }
  mpfr_clear(entry);
}

/* The common cosine of both Gram matrices; null when the rows are zero. */
static void check_cosine(const answer *a, const json_t *want)
{
  const ufm_block_matrix *gram[] = {&a->p->gram_w, &a->p->gram_h};
  mpfr_t norm, entry;

  mpfr_inits2(a->p->bits, norm, entry, (mpfr_ptr)NULL);
  for (size_t i = 0; i < 2; i++) {
    ufm_prediction_entry(a->p, gram[i], 1, 1, norm);
    ufm_prediction_entry(a->p, gram[i], 0, 1, entry);
    ck_assert_int_eq(mpfr_zero_p(norm) != 0, json_is_null(want));
    if (json_is_null(want))
      continue;
    mpfr_div(entry, entry, norm, MPFR_RNDN);
    check_number(a->name, "cos", entry, want);
  }
  mpfr_clears(norm, entry, (mpfr_ptr)NULL);
}

static void check_key(const answer *a, const char *key, const json_t *want)
{
  static const char *const input[] = {
      "name", "loss",     "K",         "n",          "N",         "M",     "d",
      "bias", "lambda_H", "bias_also", "difficulty", "certified", "logits"};

  if (strcmp(key, "objective") == 0)
    check_number(a->name, key, a->objective, want);
  else if (strcmp(key, "alpha") == 0 || strcmp(key, "beta") == 0)
    check_number(a->name, key, a->scale, want);
  else if (strcmp(key, "product_Z_singular_values") == 0)
    check_singular_values(a, want);
  else if (strcmp(key, "layer_singular_value_sq_all_layers") == 0)
    check_number(a->name, key, a->layer, want);
  else if (strcmp(key, "W_singular_value_sq") == 0)
    check_factor(a, key, 1, want);
  else if (strcmp(key, "H_singular_value_sq") == 0)
    check_factor(a, key, 2, want);
  else if (strcmp(key, "|w_k|^2") == 0)
    check_norms(a, key, &a->p->gram_w, want);
  else if (strcmp(key, "|h_k|^2") == 0)
    check_norms(a, key, &a->p->gram_h, want);
  else if (strcmp(key, "cos") == 0)
    check_cosine(a, want);
  else if (strncmp(key, "lambda_", 7) != 0) {
    size_t i = 0;

    while (i < sizeof input / sizeof *input && strcmp(key, input[i]) != 0)
      i++;
    ck_assert_msg(i < sizeof input / sizeof *input, "%s: key %s is not checked",
                  a->name, key);
  }
}

/* Every factor of a winner has the layer value the instance states. */
static void check_layers(const answer *a)
{
  mpfr_t square;

  if (a->p->M == 1 || a->p->rank == 0 || !mpfr_equal_p(a->p->sv[0], a->sigma))
    return;
  mpfr_init2(square, a->p->bits);
  for (size_t f = 1; f <= a->p->M + 1; f++) {
    mpfr_sqr(square, a->p->sv[f], MPFR_RNDN);
    ck_assert_msg(same_digits(square, a->layer, COMPARED), "%s: factor %zu",
                  a->name, f);
  }
  mpfr_clear(square);
}

static void check_balanced(json_t *instance, const ufm_problem *problem)
{
  ufm_prediction *p = predict_ce(problem, DIGITS);
  const char *key;
  json_t *want;
  answer a;

  answer_init(&a, instance, p);
  json_object_foreach(instance, key, want) check_key(&a, key, want);
  check_layers(&a);
  if (p->M == 1 || p->K == 2)
    ck_assert_int_eq(p->claim, p->rank > 0 ? UFM_CLAIM_UNIQUE : UFM_CLAIM_ZERO);
  else
    ck_assert_int_eq(p->claim, UFM_CLAIM_CANDIDATE);
  mpfr_clears(a.scale, a.sigma, a.layer, (mpfr_ptr)NULL);
  ufm_prediction_free(p);
}

static void check_instance(json_t *instance, const char *bias, size_t *balanced,
                           size_t *imbalanced)
{
  ufm_problem *problem = read_problem(instance, bias);
  const char *reason = NULL;

  if (ufm_problem_groups(problem)->G == 1) {
    check_balanced(instance, problem);
    ++*balanced;
  } else {
    ck_assert(!ce_rule(problem)->covers(problem, &reason));
    ck_assert_ptr_nonnull(reason);
    ck_assert_ptr_nonnull(strstr(reason, "imbalanced counts"));
    ++*imbalanced;
  }
  ufm_problem_free(problem);
}

START_TEST(reference_instances)
{
  json_t *root = load("deep_linear.json"), *instance, *bias;
  size_t balanced = 0, imbalanced = 0, i, j;

  json_array_foreach(json_object_get(root, "instances"), i, instance)
  {
    if (strcmp(member_string(instance, "loss"), "ce") != 0)
      continue;
    check_instance(instance, member_string(instance, "bias"), &balanced,
                   &imbalanced);
    json_array_foreach(json_object_get(instance, "bias_also"), j, bias)
        check_instance(instance, json_string_value(bias), &balanced,
                       &imbalanced);
  }
  ck_assert_uint_eq(balanced, 11);
  ck_assert_uint_eq(imbalanced, 3);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory_ce");

  tcase_add_test(tests, reference_instances);
  return run_case("theory_ce", tests);
}
