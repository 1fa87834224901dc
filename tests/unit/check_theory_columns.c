/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE with mixup targets or given columns: stored values, agreement with the
   theorem for labels, and with the solver where only the spectrum is known. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/solve.h>
#include <ufm/spec.h>

#include "core/number.h"
#include "refs.h"
#include "run.h"

typedef struct option {
  const char *name, *value;
} option;

static ufm_problem *problem_of(const option *options)
{
  ufm_problem *problem = NULL;
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_spec_new(&spec, &error), UFM_OK);
  for (; options->name != NULL; options++)
    ck_assert_msg(ufm_spec_set(spec, options->name, options->value, &error) ==
                      UFM_OK,
                  "%s", error.text);
  ck_assert_msg(ufm_spec_problem(spec, &problem, &error) == UFM_OK, "%s",
                error.text);
  ufm_spec_free(spec);
  return problem;
}

static ufm_prediction *predict(const ufm_problem *problem)
{
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_theory_predict(&p, problem, DIGITS, &error) == UFM_OK, "%s",
                error.text);
  return p;
}

/* Stored: singular values ascending, of E t t^T or its centred form; a
   direction has their square (nu = pi). */
static void check_values(const refs_case *c, const json_t *values)
{
  size_t K = json_array_size(values);
  mpfr_t s;

  mpfr_init2(s, BITS);
  for (size_t j = 0; j < K; j++) {
    const json_t *want = json_array_get(values, K - 1 - j);

    mpfr_sqrt(s, direction_at(c, j)->m, MPFR_RNDN);
    if (strcmp(json_string_value(want), "0.0") == 0 ||
        strstr(json_string_value(want), "e-") != NULL)
      ck_assert_msg(mpfr_zero_p(s), "%s: singular value %zu", c->name, j);
    else
      expect_number(c, "sing_vals", j, s, want);
  }
  mpfr_clear(s);
}

/* Logits of a pure target without bias: P (e_k - b). */
static void check_map(const refs_case *c, const json_t *P, const json_t *b)
{
  size_t K = c->prediction->K;
  mpfr_t want, part, shift, got;

  mpfr_inits2(BITS, want, part, shift, got, (mpfr_ptr)NULL);
  for (size_t i = 0; i < K; i++) {
    mpfr_set_zero(shift, 1);
    for (size_t l = 0; l < K && json_is_array(b); l++) {
      refs_number(want, json_array_get(json_array_get(P, i), l));
      refs_number(part, json_array_get(b, l));
      mpfr_fma(shift, want, part, shift, MPFR_RNDN);
    }
    for (size_t k = 0; k < K; k++) {
      refs_number(want, json_array_get(json_array_get(P, i), k));
      mpfr_sub(want, want, shift, MPFR_RNDN);
      ufm_prediction_entry(c->prediction, &c->prediction->logits, i, k, got);
      ck_assert_msg(same_digits(got, want, COMPARED - 2), "%s: P[%zu][%zu]",
                    c->name, i, k);
    }
  }
  mpfr_clears(want, part, shift, got, (mpfr_ptr)NULL);
}

static void check_stored(const json_t *instance)
{
  const json_t *input = json_object_get(instance, "input");
  const json_t *result = json_object_get(instance, "result"), *n;
  char counts[256] = "", law[64];
  refs_case c = {.name = member_string(instance, "id")};
  ufm_problem *problem;
  ufm_prediction *p;
  size_t k;

  json_array_foreach(json_object_get(input, "counts"), k, n)
  {
    snprintf(counts + strlen(counts), sizeof counts - strlen(counts), "%s%lld",
             k > 0 ? "," : "", (long long)json_integer_value(n));
  }
  snprintf(law, sizeof law, "mixup:beta=%s,nodes=3,rule=jacobi",
           member_string(input, "alpha"));
  problem = problem_of(
      (const option[]){{"loss", "mse"},
                       {"counts", counts},
                       {"targets", law},
                       {"bias", member_string(input, "bias")},
                       {"lambda-W", member_string(input, "lambda_W")},
                       {"lambda-H", member_string(input, "lambda_H")},
                       {NULL, NULL}});
  p = predict(problem);
  c.problem = problem;
  c.prediction = p;
  ck_assert_str_eq(p->theorem, "mse-columns");
  ck_assert_uint_eq(p->rank, refs_size(json_object_get(result, "rank")));
  expect_objective(&c, "value", json_object_get(result, "value"));
  check_values(&c, json_object_get(result, "sing_vals"));
  expect_matrix(&c, "WWt", json_object_get(result, "WWt"), &p->gram_w, false);
  check_map(&c, json_object_get(result, "P"), json_object_get(result, "b"));
  for (k = 0; p->bias != NULL && k < p->K; k++)
    expect_number(&c, "b", k, p->bias[p->groups->of[k]],
                  json_array_get(json_object_get(result, "b"), k));
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}

START_TEST(stored_optima_are_reproduced)
{
  json_t *root = load("soft_targets.json");
  const json_t *instance;
  size_t i, seen = 0;

  json_array_foreach(json_object_get(root, "instances"), i, instance)
  {
    if (strcmp(member_string(instance, "kind"), "mse_mixup") == 0) {
      check_stored(instance);
      seen++;
    }
  }
  ck_assert_uint_eq(seen, 2);
  json_decref(root);
}
END_TEST

/* W_M W_M^T of both, relative to |w_0|^2. */
static void check_equal(const ufm_prediction *p, const ufm_prediction *q)
{
  mpfr_t x, y, size;

  mpfr_inits2(BITS, x, y, size, (mpfr_ptr)NULL);
  ufm_prediction_entry(q, &q->gram_w, 0, 0, size);
  mpfr_mul_d(size, size, 1e-36, MPFR_RNDN);
  for (size_t i = 0; i < p->K; i++)
    for (size_t k = 0; k < p->K; k++) {
      ufm_prediction_entry(p, &p->gram_w, i, k, x);
      ufm_prediction_entry(q, &q->gram_w, i, k, y);
      mpfr_sub(x, x, y, MPFR_RNDN);
      ck_assert_msg(mpfr_cmpabs(x, size) <= 0, "entry %zu, %zu", i, k);
    }
  mpfr_clears(x, y, size, (mpfr_ptr)NULL);
}

/* Mixup where every mixing value is 1 is labels of balanced or imbalanced
   counts, with lambda_H of labels divided by N. */
START_TEST(mixing_value_one_is_labels)
{
  static const char *const biases[] = {"none", "free"};
  static const char *const depths[][3] = {
      {"1", ".01", ".02"}, {"2", ".01,.03", ".02"}, {"3", ".01,.03,.02", ".1"}};

  for (size_t b = 0; b < 2; b++)
    for (size_t m = 0; m < 3; m++) {
      char lambda[32];
      ufm_problem *mixed, *plain;
      ufm_prediction *p, *q;

      mpq_t h;
      mpq_init(h);
      ck_assert_int_eq(ufm__parse_rational(depths[m][2], "h", h, NULL), UFM_OK);
      mpz_mul_ui(mpq_denref(h), mpq_denref(h), 9);
      mpq_canonicalize(h);
      gmp_snprintf(lambda, sizeof lambda, "%Qd", h);
      mpq_clear(h);
      mixed = problem_of((const option[]){{"loss", "mse"},
                                          {"counts", "4,2,2,1"},
                                          {"targets", "mixup:grid=1"},
                                          {"bias", biases[b]},
                                          {"depth", depths[m][0]},
                                          {"lambda-W", depths[m][1]},
                                          {"lambda-H", depths[m][2]},
                                          {NULL, NULL}});
      plain = problem_of((const option[]){{"loss", "mse"},
                                          {"counts", "4,2,2,1"},
                                          {"bias", biases[b]},
                                          {"depth", depths[m][0]},
                                          {"lambda-W", depths[m][1]},
                                          {"lambda-H", lambda},
                                          {NULL, NULL}});
      p = predict(mixed);
      q = predict(plain);
      ck_assert_str_eq(q->theorem, "mse");
      ck_assert_int_eq(p->claim, q->claim);
      ck_assert_uint_eq(p->rank, q->rank);
      ck_assert(same_digits(p->objective, q->objective, COMPARED));
      ck_assert_uint_eq(p->groups->G, q->groups->G);
      check_equal(p, q);
      ufm_prediction_free(p);
      ufm_prediction_free(q);
      ufm_problem_free(mixed);
      ufm_problem_free(plain);
    }
}
END_TEST

/* Blind agreement: value and rank, deep and narrow problems included. */
START_TEST(the_solver_agrees)
{
  static const option sets[][10] = {
      {{"counts", "5,5,2"}, {"targets", "mixup:beta=1/2,nodes=4"}, {0}},
      {{"counts", "5,5,2"},
       {"targets", "mixup:grid=.2@1;.9@2,same=1/2"},
       {"bias", "free"},
       {0}},
      {{"classes", "4"},
       {"targets", "mixup:grid=.3"},
       {"depth", "2"},
       {"bias", "free"},
       {"width", "4"},
       {0}},
      {{"classes", "5"},
       {"targets", "mixup:beta=1,nodes=3"},
       {"width", "2"},
       {0}}};

  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    option all[14] = {
        {"loss", "mse"}, {"lambda-W", "1/50"}, {"lambda-H", "1/40"}};
    ufm_solve_settings settings = ufm_solve_defaults();
    ufm_solution *solution = NULL;
    ufm_error error = {{0}};
    ufm_problem *problem;
    ufm_prediction *p;
    double want;

    for (size_t o = 0; sets[i][o].name != NULL; o++)
      all[3 + o] = sets[i][o];
    problem = problem_of(all);
    settings.starts = 4;
    p = predict(problem);
    ck_assert_msg(ufm_solve(&solution, problem, &settings, &error) == UFM_OK,
                  "%s", error.text);
    want = mpfr_get_d(p->objective, MPFR_RNDN);
    ck_assert_msg(fabs(solution->objective - want) <= 1e-12 * want,
                  "%zu: got %.17g, want %.17g", i, solution->objective, want);
    ck_assert_int_eq(p->grams, i != 3);
    ufm_solution_free(solution);
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
}
END_TEST

int main(void)
{
  TCase *tcase = tcase_create("columns");

  tcase_add_test(tcase, stored_optima_are_reproduced);
  tcase_add_test(tcase, mixing_value_one_is_labels);
  tcase_add_test(tcase, the_solver_agrees);
  return run_case("theory_columns", tcase);
}
