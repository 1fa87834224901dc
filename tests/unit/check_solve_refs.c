/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blind solver against every stored optimum (tests/data/deep_linear.json).
   Objectives to 1e-12 and singular values to 1e-6 relative, except where a case
   listed below cannot do better in double precision, with the reason. */
#include <config.h>

#include <math.h>

#include <ufm/geometry.h>
#include <ufm/solve.h>

#include "refs.h"
#include "run.h"

/* Cases that need more than the defaults. */
static const struct special {
  const char *name;
  size_t starts;
  ufm_start start;
  double spectrum; /* tolerance of singular values; HUGE_VAL: not determined */
  double below;    /* how far below the stored value the optimum may lie */
  const char *why;
} specials[] = {
    {"paper_cifar_counts_imb_M6", 1, UFM_START_SPECTRAL, 1e-6, 0.0,
     "six layers of width 512: half a minute for each random start"},
    {"M2_exact_threshold", 60, UFM_START_RANDOM, HUGE_VAL, 0.0,
     "a tie: each direction may be 0 or 1/2, all with the same objective"},
    {"M2_just_active", 400, UFM_START_RANDOM, 1e-6, 0.0,
     "so close to the threshold that few starts keep all four directions"},
    {"M2_imb_middle_collapse", 40, UFM_START_RANDOM, 1e-6, 0.0, "local minima"},
    {"M4_imb_mixed", 40, UFM_START_RANDOM, 1e-6, 0.0, "local minima"},
    {"CE_M2_K2_bal", 10, UFM_START_RANDOM, 1e-6, 0.0, "local minimum at zero"},
    {"CE_M2_K4_ETF_NOT_GLOBAL", 20, UFM_START_RANDOM, HUGE_VAL, 1e-3,
     "the stored point is a candidate; the optimum is below it"},
};

static const struct special *special_case(const char *name)
{
  static const struct special usual = {"", 3, UFM_START_RANDOM, 1e-6, 0.0, ""};

  for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++)
    if (strcmp(specials[i].name, name) == 0)
      return &specials[i];
  return &usual;
}

static double number(const json_t *value)
{
  double out;
  mpfr_t x;

  mpfr_init2(x, BITS);
  refs_number(x, value);
  out = mpfr_get_d(x, MPFR_RNDN);
  mpfr_clear(x);
  return out;
}

/* `stored` may have more entries than the layer, all of them zero. */
static void compare_spectrum(const char *name, const char *layer,
                             const json_t *stored, const double *got, size_t n,
                             double tolerance)
{
  double top = number(json_array_get(stored, 0));

  for (size_t j = 0; j < json_array_size(stored); j++) {
    double want = number(json_array_get(stored, j));
    double value = j < n ? got[j] : 0.0;

    ck_assert_msg(fabs(value - want) <= tolerance * (top > 0.0 ? top : 1.0),
                  "%s: %s[%zu]: got %.15g, want %.15g", name, layer, j, value,
                  want);
  }
}

static void compare_geometry(const json_t *instance, const ufm_problem *problem,
                             const ufm_solution *s, double tolerance)
{
  const char *name = json_string_value(json_object_get(instance, "name"));
  const json_t *layers = json_object_get(instance, "layer_singular_values");
  const json_t *Z = json_object_get(instance, "product_Z_singular_values");
  ufm_geometry *g = NULL;

  ck_assert_int_eq(
      ufm_geometry_measure(&g, problem, s->layout, s->theta, NULL, NULL),
      UFM_OK);
  if (Z != NULL)
    compare_spectrum(name, "Z", Z, g->spectrum[0], g->spectrum_size[0],
                     tolerance);
  for (size_t f = 1; layers != NULL && f <= g->M + 1; f++) {
    char layer[8] = "H";

    if (f <= g->M)
      snprintf(layer, sizeof layer, "W%zu", f);
    compare_spectrum(name, layer, json_object_get(layers, layer),
                     g->spectrum[f], g->spectrum_size[f], tolerance);
  }
  ufm_geometry_free(g);
}

static void solve_instance(const json_t *instance, const char *bias)
{
  const char *name = json_string_value(json_object_get(instance, "name"));
  const struct special *special = special_case(name);
  ufm_problem *problem = refs_problem(instance, bias);
  ufm_solve_settings settings = ufm_solve_defaults();
  double want = number(json_object_get(instance, "objective")), error;
  ufm_solution *s = NULL;

  settings.starts = special->starts;
  settings.start = special->start;
  settings.seed = 1;
  ck_assert_int_eq(ufm_solve(&s, problem, &settings, NULL), UFM_OK);
  error = (s->objective - want) / want;
  ck_assert_msg(error <= 1e-12 && error >= -1e-12 - special->below,
                "%s, bias %s: F = %.17g, stored %.17g, relative error %.2e",
                name, bias, s->objective, want, error);
  ck_assert_msg(s->run[s->best].termination == UFM_TERMINATION_GRADIENT ||
                    s->run[s->best].termination == UFM_TERMINATION_ROUNDOFF,
                "%s: %s", name,
                ufm_termination_name(s->run[s->best].termination));
  if (special->spectrum < HUGE_VAL)
    compare_geometry(instance, problem, s, special->spectrum);
  ufm_solution_free(s);
  ufm_problem_free(problem);
}

enum { INSTANCES = 31 };

START_TEST(the_solver_reaches_the_stored_optimum)
{
  json_t *root = load("deep_linear.json");
  json_t *instances = json_object_get(root, "instances");
  const json_t *instance = json_array_get(instances, (size_t)_i);
  const json_t *also = json_object_get(instance, "bias_also"), *other;
  size_t i;

  solve_instance(instance,
                 json_string_value(json_object_get(instance, "bias")));
  json_array_foreach(also, i, other)
      solve_instance(instance, json_string_value(other));
  json_decref(root);
}
END_TEST

START_TEST(no_instance_and_no_special_case_is_left_out)
{
  json_t *root = load("deep_linear.json");
  json_t *instances = json_object_get(root, "instances");
  const json_t *instance;
  size_t i, found = 0;

  ck_assert_uint_eq(json_array_size(instances), INSTANCES);
  json_array_foreach(
      instances, i,
      instance) if (special_case(json_string_value(json_object_get(instance,
                                                                   "name")))
                        ->name[0] != '\0') found++;
  ck_assert_uint_eq(found, sizeof specials / sizeof specials[0]);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("solve_refs");

  tcase_set_timeout(tests, 900); /* six wide layers with a slow BLAS */
  tcase_add_loop_test(tests, the_solver_reaches_the_stored_optimum, 0,
                      INSTANCES);
  tcase_add_test(tests, no_instance_and_no_special_case_is_left_out);
  return run_case("solve_refs", tests);
}
