/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proved ranks at points of a family, and brackets of their changes against
   the thresholds that are known exactly. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/phase.h>
#include <ufm/thresholds.h>

#include "run.h"

/* Options as "name=value name=value"; lambdas default to 1. */
static ufm_spec *make_spec(const char *options)
{
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};
  char text[256], *rest = text;

  ck_assert_int_eq(ufm_spec_new(&spec, NULL), UFM_OK);
  ck_assert_int_eq(ufm_spec_set(spec, "lambda-W", "1", NULL), UFM_OK);
  ck_assert_int_eq(ufm_spec_set(spec, "lambda-H", "1", NULL), UFM_OK);
  ck_assert_uint_lt(strlen(options), sizeof text);
  strcpy(text, options);
  for (char *item = strtok_r(text, " ", &rest); item != NULL;
       item = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(item, '=');

    *value++ = '\0';
    ck_assert_msg(ufm_spec_set(spec, item, value, &error) == UFM_OK, "%s",
                  error.text);
  }
  return spec;
}

static ufm_phase *make_phase(const char *options)
{
  ufm_spec *spec = make_spec(options);
  ufm_phase *phase = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_phase_new(&phase, spec, &error) == UFM_OK, "%s",
                error.text);
  ufm_spec_free(spec);
  return phase;
}

static const char *const families[] = {
    "loss=ce counts=10,10,10,2,2,2 bias=free",
    "loss=ce counts=30,10,10,2 lambda-W=1/3 lambda-H=5",
    "loss=mse counts=10,10,10,2,2,2 bias=free depth=3",
    "loss=mse counts=40,12,12,3 lambda-H=1/7",
    "loss=mse counts=9,9,4 bias=ridge lambda-b=1/5",
};
enum { FAMILIES = sizeof families / sizeof families[0] };

/* Every threshold is a change of rank, by at least its multiplicity where that
   is known, so a bracket must hold it. */
START_TEST(brackets_hold_the_thresholds)
{
  ufm_spec *spec = make_spec(families[_i]);
  ufm_phase *phase = make_phase(families[_i]);
  ufm_problem *problem = NULL;
  ufm_thresholds *known = NULL;
  ufm_rank_changes *found = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_spec_problem(spec, &problem, NULL), UFM_OK);
  ck_assert_msg(ufm_thresholds_enclose(&known, problem, 30, &error) == UFM_OK,
                "%s", error.text);
  ck_assert_msg(ufm_phase_rank_changes(&found, phase, 0.7, 1e-4, &error) ==
                    UFM_OK,
                "%s", error.text);
  ck_assert_uint_ge(found->count, 1);
  for (size_t i = 0; i < known->count; i++) {
    const ufm_threshold *t = &known->at[i];
    bool held = false;

    for (size_t k = 0; k < found->count; k++)
      held = held || (mpfr_cmp_d(t->upper, found->at[k].lower) >= 0 &&
                      mpfr_cmp_d(t->lower, found->at[k].upper) <= 0 &&
                      found->at[k].from - found->at[k].to >= t->multiplicity);
    ck_assert_msg(held, "%s: threshold %zu is in no bracket", families[_i], i);
  }
  for (size_t k = 0; k < found->count; k++) {
    ck_assert(found->at[k].reached);
    ck_assert_double_le(found->at[k].upper, 1.0001 * found->at[k].lower);
    ck_assert_uint_gt(found->at[k].from, found->at[k].to);
    if (k > 0)
      ck_assert_double_ge(found->at[k].lower, found->at[k - 1].upper);
  }
  ck_assert_uint_eq(found->at[found->count - 1].to, 0);
  ufm_rank_changes_free(found);
  ufm_thresholds_free(known);
  ufm_problem_free(problem);
  ufm_phase_free(phase);
  ufm_spec_free(spec);
}
END_TEST

/* With few samples in the smallest class its direction is lost first. */
START_TEST(rank_falls_with_the_ratio)
{
  ufm_phase *phase = make_phase("loss=mse profile=step:4:1000:1:2 depth=1");
  ufm_phase_rank rank;
  double scale = sqrt(1000.0) / 4000.0 / 2.0; /* half the balanced threshold */

  ck_assert_int_eq(ufm_phase_evaluate(phase, scale, 1.0, &rank, NULL), UFM_OK);
  ck_assert_uint_eq(rank.lo, 4);
  ck_assert_uint_eq(rank.hi, 4);
  /* counts 1000, 1000, 10, 10: 10 < N^2 omega = 2020^2 scale^2 = 63.8 */
  ck_assert_int_eq(ufm_phase_evaluate(phase, scale, 100.0, &rank, NULL),
                   UFM_OK);
  ck_assert_uint_eq(rank.lo, 2);
  ck_assert_uint_eq(rank.hi, 2);
  ufm_phase_free(phase);
}
END_TEST

START_TEST(bad_input)
{
  ufm_phase *phase = make_phase("loss=mse counts=3,2");
  ufm_phase_rank rank;
  ufm_rank_changes *changes = NULL;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_phase_evaluate(phase, 0.0, 0.0, &rank, &error),
                   UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "scale"));
  ck_assert_int_eq(ufm_phase_evaluate(phase, 1.0, 2.0, &rank, &error),
                   UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "profile"));
  ck_assert_int_eq(ufm_phase_rank_changes(&changes, phase, 1.0, 0.0, &error),
                   UFM_EINVAL);
  ck_assert_ptr_null(changes);
  ufm_phase_free(phase);
  phase = make_phase("loss=mse profile=exp:3:100:10");
  ck_assert_int_eq(ufm_phase_evaluate(phase, 1.0, 0.5, &rank, &error),
                   UFM_EINVAL);
  ck_assert_ptr_nonnull(strstr(error.text, "ratio"));
  ufm_phase_free(phase);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("phase");

  tcase_add_loop_test(tests, brackets_hold_the_thresholds, 0, FAMILIES);
  tcase_add_test(tests, rank_falls_with_the_ratio);
  tcase_add_test(tests, bad_input);
  return run_case("phase", tests);
}
