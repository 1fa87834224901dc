/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed forms against proofs: over all reference instances, and over random
   problems, every number that both have is in the interval that was proved.
   Theory computes with formulas and to nearest, proofs with intervals and
   points of a solver: they share nothing but the problem. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <ufm/families.h>

#include "../unit/refs.h"
#include "../unit/run.h"
#include "../unit/verify.h"
#include "rounds.h"

enum { INSTANCES = 31, ROUNDS = 60, PROOF = 45, WIDEST = 16 };

/* Theory value x in [lower, upper], up to 10^-COMPARED of it. */
static bool meets(mpfr_srcptr x, mpfr_srcptr lower, mpfr_srcptr upper)
{
  bool good;
  mpfr_t slack, end;

  mpfr_init2(slack, 64);
  mpfr_init2(end, BITS);
  mpfr_set_si(slack, -COMPARED, MPFR_RNDU);
  mpfr_exp10(slack, slack, MPFR_RNDU);
  mpfr_mul(slack, slack, x, MPFR_RNDU);
  mpfr_abs(slack, slack, MPFR_RNDU);
  mpfr_sub(end, x, slack, MPFR_RNDD);
  good = mpfr_lessequal_p(end, upper);
  mpfr_add(end, x, slack, MPFR_RNDU);
  good = good && mpfr_greaterequal_p(end, lower);
  mpfr_clears(slack, end, (mpfr_ptr)NULL);
  return good;
}

/* What is compared: a problem, what theory says of it, what is proved. */
typedef struct pair {
  const char *name;
  size_t K;
  const ufm_prediction *theory;
  const ufm_certificate *proof;
} pair;

/* Entry (i, j) of a theory matrix, or its cosine, against its enclosure; true
   when both exist. */
static bool compare_entry(const pair *p, ufm_quantity quantity,
                          const ufm_block_matrix *matrix, size_t i, size_t j,
                          bool cosine)
{
  bool exists = true;
  mpfr_t value, norm, lo, hi;

  mpfr_inits2(BITS, value, norm, lo, hi, (mpfr_ptr)NULL);
  ufm_prediction_entry(p->theory, matrix, i, j, value);
  if (cosine) {
    ufm_prediction_entry(p->theory, matrix, i, i, norm);
    ufm_prediction_entry(p->theory, matrix, j, j, lo);
    mpfr_mul(norm, norm, lo, MPFR_RNDN);
    exists = mpfr_sgn(norm) > 0;
    mpfr_sqrt(norm, norm, MPFR_RNDN);
    mpfr_div(value, value, norm, MPFR_RNDN);
  }
  exists = exists && ufm_certificate_enclose(p->proof, quantity, i, j, lo, hi,
                                             NULL) == UFM_OK;
  ck_assert_msg(!exists || meets(value, lo, hi),
                "%s: quantity %d of %zu, %zu is not where it is proved to be",
                p->name, (int)quantity, i, j);
  mpfr_clears(value, norm, lo, hi, (mpfr_ptr)NULL);
  return exists;
}

/* Gram matrices, logits, cosines, bias; the number of comparisons. */
static size_t compare_entries(const pair *p)
{
  const ufm_prediction *t = p->theory;
  size_t seen = 0;
  mpfr_t lo, hi;

  if (!p->proof->bars || !t->grams || p->proof->columns != p->K)
    return 0;
  for (size_t i = 0; i < p->K; i++)
    for (size_t j = 0; j < p->K; j++) {
      seen += compare_entry(p, UFM_QUANTITY_GRAM_W, &t->gram_w, i, j, false);
      seen += compare_entry(p, UFM_QUANTITY_GRAM_H, &t->gram_h, i, j, false);
      seen += compare_entry(p, UFM_QUANTITY_LOGIT, &t->logits, i, j, false);
      seen += compare_entry(p, UFM_QUANTITY_COSINE_W, &t->gram_w, i, j, true);
      seen += compare_entry(p, UFM_QUANTITY_COSINE_H, &t->gram_h, i, j, true);
    }
  mpfr_inits2(BITS, lo, hi, (mpfr_ptr)NULL);
  for (size_t i = 0; i < p->K && t->bias != NULL; i++)
    if (ufm_certificate_enclose(p->proof, UFM_QUANTITY_BIAS, i, 0, lo, hi,
                                NULL) == UFM_OK) {
      /* of cross entropy the bias is known up to a constant: both choose sum 0
       */
      ck_assert_msg(meets(t->bias[t->groups->of[i]], lo, hi), "%s: bias %zu",
                    p->name, i);
      seen++;
    }
  mpfr_clears(lo, hi, (mpfr_ptr)NULL);
  return seen;
}

/* Named points of deep cross entropy against their enclosures. */
static size_t compare_candidates(const pair *p)
{
  const ufm_families *families = p->proof->families;
  size_t seen = 0;

  for (size_t i = 0; families != NULL && i < p->theory->candidates; i++) {
    const ufm_candidate *c = &p->theory->candidate[i];
    const ufm_family *f = ufm_families_find(families, c->family);

    ck_assert_msg(mpfr_greaterequal_p(c->objective, p->proof->lower),
                  "%s: %s is below the bound", p->name, c->family);
    if (f == NULL)
      continue;
    ck_assert_msg(meets(c->objective, f->lower, f->upper), "%s: %s", p->name,
                  c->family);
    seen++;
  }
  return seen;
}

static size_t compare(const pair *p)
{
  const ufm_prediction *t = p->theory;
  const ufm_certificate *c = p->proof;

  if (t->claim == UFM_CLAIM_CANDIDATE)
    return compare_candidates(p);
  ck_assert_msg(meets(t->objective, c->lower, c->upper),
                "%s: the closed form is outside the enclosure", p->name);
  ck_assert_msg(!c->ranked || t->claim != UFM_CLAIM_UNIQUE ||
                    (c->rank_lo <= t->rank && t->rank <= c->rank_hi),
                "%s: rank %zu, proved %zu to %zu", p->name, t->rank, c->rank_lo,
                c->rank_hi);
  return 1 + compare_entries(p);
}

static ufm_prediction *predict(const ufm_problem *problem)
{
  ufm_prediction *out = NULL;
  ufm_error error = {{0}};
  ufm_status status = ufm_theory_predict(&out, problem, DIGITS + 10, &error);

  ck_assert_msg(status == UFM_OK || status == UFM_EUNSUPPORTED, "%s",
                error.text);
  return out;
}

/* The certificate of the best of a few points; with a closed form among them
   when there is one, so that deep problems are found. */
static ufm_certificate *prove(const ufm_problem *problem, bool known, int seed)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_certificate *certificate;
  ufm_error error = {{0}};

  settings.starts = 3;
  settings.seed = (uint64_t)seed;
  settings.start = known ? UFM_START_THEORY : UFM_START_RANDOM;
  ck_assert_msg(ufm_solve(&solution, problem, &settings, &error) == UFM_OK,
                "%s", error.text);
  certificate = verify_point(problem, solution->theta, PROOF);
  ufm_solution_free(solution);
  return certificate;
}

/* Squared error without ridge: the enclosure that needs no point. */
static void compare_optimum(const pair *p, const ufm_problem *problem)
{
  ufm_optimum *optimum = NULL;
  ufm_error error = {{0}};
  ufm_status status = ufm_optimum_enclose(&optimum, problem, PROOF, &error);

  if (ufm_problem_loss(problem) == UFM_LOSS_CE ||
      ufm_problem_bias(problem) == UFM_BIAS_RIDGE) {
    ck_assert_int_eq(status, UFM_EUNSUPPORTED);
    return;
  }
  ck_assert_msg(status == UFM_OK, "%s: %s", p->name, error.text);
  ck_assert_ptr_nonnull(p->theory);
  ck_assert_msg(meets(p->theory->objective, optimum->lower, optimum->upper),
                "%s: the closed form is outside", p->name);
  ck_assert_msg(mpfr_lessequal_p(optimum->lower, p->proof->upper) &&
                    mpfr_lessequal_p(p->proof->lower, optimum->upper),
                "%s: two disjoint proofs", p->name);
  ufm_optimum_free(optimum);
}

/* Width beyond K changes nothing but the time it takes. */
static void cut_widths(json_t *instance)
{
  json_t *widths = json_object_get(instance, "d");

  for (size_t m = 0; m < json_array_size(widths); m++)
    if (json_integer_value(json_array_get(widths, m)) > WIDEST)
      json_array_set_new(widths, m, json_integer(WIDEST));
}

START_TEST(reference_instances_are_where_they_are_proved_to_be)
{
  json_t *root = load("deep_linear.json");
  json_t *instance =
      json_array_get(json_object_get(root, "instances"), (size_t)_i);
  const json_t *stored = json_object_get(instance, "objective");
  ufm_certificate *proof;
  ufm_prediction *theory;
  ufm_problem *problem;
  mpfr_t value;
  pair p;

  cut_widths(instance);
  problem = refs_problem(instance, member_string(instance, "bias"));
  theory = predict(problem);
  proof = prove(problem, theory != NULL && theory->grams, _i);
  p = (pair){member_string(instance, "name"), ufm_problem_classes(problem),
             theory, proof};
  ck_assert_msg(theory == NULL || compare(&p) > 0, "%s: nothing in common",
                p.name);
  compare_optimum(&p, problem);
  /* all but deep cross entropy with K >= 3 is proved, with the stored value */
  mpfr_init2(value, BITS);
  refs_number(value, stored);
  if (ufm_problem_loss(problem) == UFM_LOSS_MSE ||
      ufm_problem_depth(problem) == 1 || p.K == 2) {
    ck_assert_msg(proof->status == UFM_PROOF_PROVED, "%s: %s", p.name,
                  ufm_proof_status_name(proof->status));
    ck_assert_msg(meets(value, proof->lower, proof->upper),
                  "%s: the stored value is outside", p.name);
  }
  ck_assert_msg(mpfr_greaterequal_p(value, proof->lower) ||
                    meets(value, proof->lower, proof->upper),
                "%s: the stored value is below the bound", p.name);
  mpfr_clear(value);
  ufm_certificate_free(proof);
  ufm_prediction_free(theory);
  ufm_problem_free(problem);
  json_decref(root);
}
END_TEST

/* The smoothed instance of soft_targets.json, a law: nu = pi there, and 1
   sample per class with lambda_H/K here. */
START_TEST(smoothed_reference_is_where_it_is_proved_to_be)
{
  static const size_t counts[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const char *w = "1/1000";
  const size_t width = 10;
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 10,
                    .counts = counts,
                    .M = 1,
                    .widths = &width,
                    .lambda_w = &w,
                    .lambda_h = "1/10000",
                    .smoothing = "1/10"};
  json_t *root = load("soft_targets.json"), *instance, *found = NULL;
  ufm_problem *problem = make_problem(&t);
  ufm_prediction *theory = predict(problem);
  ufm_certificate *proof = prove(problem, true, 0);
  pair p = {"C08", 10, theory, proof};
  size_t index;
  mpfr_t value;

  json_array_foreach(json_object_get(root, "instances"), index, instance)
  {
    if (strcmp(member_string(instance, "id"), "C08") == 0)
      found = json_object_get(json_object_get(instance, "result"), "value");
  }
  ck_assert_ptr_nonnull(found);
  mpfr_init2(value, BITS);
  refs_number(value, found);
  ck_assert_int_eq(proof->status, UFM_PROOF_PROVED);
  ck_assert(meets(value, proof->lower, proof->upper));
  ck_assert_uint_gt(compare(&p), 100);
  mpfr_clear(value);
  ufm_certificate_free(proof);
  ufm_prediction_free(theory);
  ufm_problem_free(problem);
  json_decref(root);
}
END_TEST

START_TEST(random_problems_are_where_they_are_proved_to_be)
{
  gsl_rng *rng = ufm__rng_new(81, (uint64_t)_i);
  ufm_certificate *proof;
  ufm_prediction *theory;
  ufm_problem *problem;
  char name[32];
  drawn d;

  draw_problem(&d, rng, 1 + below(rng, MOST_LAYERS));
  if (below(rng, 2)) /* balanced: more is known */
    for (size_t k = 1; k < d.t.K; k++)
      d.counts[k] = d.counts[0];
  problem = make_problem(&d.t);
  theory = predict(problem);
  proof = prove(problem, theory != NULL && theory->grams, _i);
  snprintf(name, sizeof name, "seed %d", _i);
  if (theory != NULL)
    compare(&(pair){name, d.t.K, theory, proof});
  compare_optimum(&(pair){name, d.t.K, theory, proof}, problem);
  ufm_certificate_free(proof);
  ufm_prediction_free(theory);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(no_instance_is_left_out)
{
  json_t *root = load("deep_linear.json");

  ck_assert_uint_eq(json_array_size(json_object_get(root, "instances")),
                    INSTANCES);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("certified");
  int failed;

  tcase_add_loop_test(
      tests, reference_instances_are_where_they_are_proved_to_be, 0, INSTANCES);
  tcase_add_test(tests, no_instance_is_left_out);
  tcase_add_test(tests, smoothed_reference_is_where_it_is_proved_to_be);
  tcase_add_loop_test(tests, random_problems_are_where_they_are_proved_to_be, 0,
                      rounds(ROUNDS));
  failed = run_case("certified", tests);
  mpfr_free_cache();
  return failed;
}
