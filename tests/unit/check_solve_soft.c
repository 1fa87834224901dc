/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored soft-target optima: the blind solver reaches their objective to 1e-12,
   and the certificate encloses it to 30 digits. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ufm/solve.h>
#include <ufm/spec.h>
#include <ufm/verify.h>

#include "core/number.h"
#include "refs.h"
#include "run.h"

enum { PROOF_DIGITS = 32, TEXT = 8192 };

/* The options an instance stands for. */
typedef struct options {
  ufm_spec *spec;
  const json_t *input;
} options;

static void set(const options *o, const char *name, const char *text)
{
  ufm_error error = {{0}};

  ck_assert_msg(ufm_spec_set(o->spec, name, text, &error) == UFM_OK, "%s",
                error.text);
}

static void copy(const options *o, const char *name, const char *key)
{
  set(o, name, member_string(o->input, key));
}

static void set_size(const options *o, const char *name, const char *key)
{
  char text[32];

  snprintf(text, sizeof text, "%lld",
           (long long)json_integer_value(json_object_get(o->input, key)));
  set(o, name, text);
}

/* mixup:grid=... from the stored nodes, or a single value. */
static void set_law(const options *o, const char *lam, const char *same)
{
  const json_t *nodes = json_object_get(o->input, "nodes"), *node;
  char text[TEXT] = "mixup:grid=";
  size_t l;

  if (lam != NULL)
    strcat(text, lam);
  json_array_foreach(nodes, l, node)
  {
    size_t used = strlen(text);

    snprintf(text + used, sizeof text - used, "%s%s@%s", l > 0 ? ";" : "",
             member_string(node, "lam"), member_string(node, "w"));
  }
  if (same != NULL) {
    strcat(text, ",same=");
    strcat(text, same);
  }
  set(o, "targets", text);
}

/* K_A classes of n_A, K_B of n_B; or a list. */
static void set_counts(const options *o)
{
  char text[TEXT] = "";
  const char *keys[2][2] = {{"K_A", "n_A"}, {"K_B", "n_B"}};
  const json_t *list = json_object_get(o->input, "counts"), *n;
  size_t k;

  json_array_foreach(list, k, n)
  {
    size_t used = strlen(text);

    snprintf(text + used, sizeof text - used, "%s%lld", k > 0 ? "," : "",
             (long long)json_integer_value(n));
  }
  for (size_t g = 0; list == NULL && g < 2; g++)
    for (json_int_t i = 0;
         i < json_integer_value(json_object_get(o->input, keys[g][0])); i++) {
      size_t used = strlen(text);

      snprintf(
          text + used, sizeof text - used, "%s%lld", used > 0 ? "," : "",
          (long long)json_integer_value(json_object_get(o->input, keys[g][1])));
    }
  set(o, "counts", text);
}

/* Labels count the feature penalty once per sample: lambda_H/K for K samples.
 */
static void set_per_sample(const options *o)
{
  char text[TEXT];
  mpq_t lambda, K;

  mpq_inits(lambda, K, (mpq_ptr)NULL);
  ck_assert_int_eq(ufm__parse_rational(member_string(o->input, "lambda_H"),
                                       "lambda_H", lambda, NULL),
                   UFM_OK);
  mpq_set_ui(
      K, (unsigned long)json_integer_value(json_object_get(o->input, "K")), 1);
  mpq_div(lambda, lambda, K);
  gmp_snprintf(text, sizeof text, "%Qd", lambda);
  set(o, "lambda-H", text);
  mpq_clears(lambda, K, (mpq_ptr)NULL);
}

/* False for kinds without a blind problem here. */
static bool describe(const options *o, const char *kind)
{
  char text[TEXT];

  copy(o, "lambda-H", "lambda_H");
  set(o, "loss", strcmp(kind, "mse_mixup") == 0 ? "mse" : "ce");
  if (strcmp(kind, "fixed_etf_ce_pair") == 0) {
    set_size(o, "classes", "K");
    snprintf(text, sizeof text, "etf:%s", member_string(o->input, "m"));
    set(o, "fix-W", text);
    set_law(o, member_string(o->input, "lam"),
            strcmp(member_string(o->input, "lam"), "1") == 0 ? "1" : "0");
    return true;
  }
  if (strcmp(kind, "joint_ce_balanced") == 0) {
    set_size(o, "classes", "K");
    copy(o, "lambda-W", "lambda_W");
    set_law(o, NULL, member_string(o->input, "same_class_prob"));
    return true;
  }
  if (strcmp(kind, "joint_ce_label_smoothing") == 0) {
    set_size(o, "classes", "K");
    copy(o, "lambda-W", "lambda_W");
    snprintf(text, sizeof text, "smooth:%s", member_string(o->input, "eps"));
    set(o, "targets", text);
    set_per_sample(o);
    return true;
  }
  if (strcmp(kind, "mse_mixup") == 0) {
    set_counts(o);
    copy(o, "lambda-W", "lambda_W");
    copy(o, "bias", "bias");
    snprintf(text, sizeof text, "mixup:beta=%s,nodes=4,rule=jacobi",
             member_string(o->input, "alpha"));
    set(o, "targets", text);
    return true;
  }
  if (strcmp(kind, "joint_ce_imbalanced_two_groups") == 0) {
    set_counts(o);
    copy(o, "lambda-W", "lambda_W");
    set_law(o, NULL, NULL);
    return true;
  }
  return false;
}

/* The stored law is rounded to 40 digits, and its optimum to `digits`. */
static void check_certificate(const char *id, const ufm_problem *problem,
                              const double *theta, mpfr_srcptr value)
{
  ufm_certificate *c = NULL;
  ufm_error error = {{0}};
  mpfr_t low, high;

  ck_assert_msg(ufm_verify(&c, NULL, problem, theta, PROOF_DIGITS, &error) ==
                    UFM_OK,
                "%s: %s", id, error.text);
  ck_assert_msg(c->status == UFM_PROOF_PROVED, "%s: %s", id,
                ufm_proof_status_name(c->status));
  mpfr_inits2(BITS, low, high, (mpfr_ptr)NULL);
  mpfr_mul_d(low, value, 1e-31, MPFR_RNDU);
  mpfr_add(high, c->upper, low, MPFR_RNDU);
  mpfr_sub(low, c->lower, low, MPFR_RNDD);
  ck_assert_msg(mpfr_lessequal_p(low, value) && mpfr_lessequal_p(value, high),
                "%s: the stored value is not enclosed", id);
  mpfr_clears(low, high, (mpfr_ptr)NULL);
  ufm_certificate_free(c);
}

static bool check_instance(const json_t *instance)
{
  const char *id = member_string(instance, "id");
  const char *kind = member_string(instance, "kind");
  options o = {NULL, json_object_get(instance, "input")};
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  bool covered;
  mpfr_t value;

  ck_assert_int_eq(ufm_spec_new(&o.spec, &error), UFM_OK);
  covered = describe(&o, kind);
  if (covered) {
    mpfr_init2(value, BITS);
    ck_assert_int_eq(
        mpfr_set_str(
            value, member_string(json_object_get(instance, "result"), "value"),
            10, MPFR_RNDN),
        0);
    ck_assert_msg(ufm_spec_problem(o.spec, &problem, &error) == UFM_OK,
                  "%s: %s", id, error.text);
    ck_assert_msg(ufm_solve(&solution, problem, &settings, &error) == UFM_OK,
                  "%s: %s", id, error.text);
    ck_assert_msg(fabs(solution->objective - mpfr_get_d(value, MPFR_RNDN)) <=
                      1e-12 * mpfr_get_d(value, MPFR_RNDN),
                  "%s: got %.17g, want %.17g", id, solution->objective,
                  mpfr_get_d(value, MPFR_RNDN));
    check_certificate(id, problem, solution->theta, value);
    mpfr_clear(value);
  }
  ufm_solution_free(solution);
  ufm_problem_free(problem);
  ufm_spec_free(o.spec);
  return covered;
}

START_TEST(stored_optima)
{
  json_t *root = load("soft_targets.json"), *instance;
  size_t index, seen = 0;

  json_array_foreach(json_object_get(root, "instances"), index, instance)
  {
    seen += check_instance(instance);
  }
  ck_assert_uint_ge(seen, 17);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("soft targets");

  tcase_add_test(tests, stored_optima);
  return run_case("solve_soft", tests);
}
