/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dual points: exact feasibility after rounding and repair, the norm condition
   against exact inertia in both of its forms, the dual value against twice the
   digits. */
#include <config.h>

#include <string.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"
#include "verify/dual_norm.h"
#include "verify/dual_point.h"
#include "verify/inertia.h"

enum { ROUNDS = 150, GRID = 90 };

/* Probabilities, or residuals, of no point in particular: some tiny. */
static void draw_columns(const ufm__model *model, gsl_rng *rng, mpfr_t *p,
                         mpfr_t *E)
{
  mpfr_t sum;

  mpfr_init2(sum, 128);
  for (size_t j = 0; j < model->J; j++) {
    mpfr_set_zero(sum, 1);
    for (size_t i = 0; i < model->K; i++) {
      mpfr_t *entry = &p[j * model->K + i];

      mpfr_set_d(*entry, -gsl_rng_uniform(rng) * (below(rng, 4) ? 5.0 : 40.0),
                 MPFR_RNDN);
      mpfr_exp(*entry, *entry, MPFR_RNDN);
      mpfr_add(sum, sum, *entry, MPFR_RNDN);
    }
    for (size_t i = 0; i < model->K; i++) {
      size_t at = j * model->K + i;

      mpfr_div(p[at], p[at], sum, MPFR_RNDN);
      mpfr_sub_q(E[at], p[at], model->target[at], MPFR_RNDN);
      mpfr_neg(E[at], E[at], MPFR_RNDN);
    }
  }
  mpfr_clear(sum);
}

/* M_ij <= a_j t_ij, sum_i M_ij = 0 (ce); sum_j M_ij = 0 (free), exactly. */
static void is_feasible(const ufm__dual *dual, int seed)
{
  const ufm__model *model = dual->model;
  bool ce = model->loss == UFM_LOSS_CE;
  mpq_t mass, most;
  mpz_t sum;

  mpz_init(sum);
  mpq_inits(mass, most, (mpq_ptr)NULL);
  for (size_t j = 0; j < model->J && ce; j++) {
    mpz_set_ui(sum, 0);
    for (size_t i = 0; i < model->K; i++) {
      size_t at = j * model->K + i;

      mpz_add(sum, sum, dual->mass[at]);
      mpq_set_z(mass, dual->mass[at]);
      mpq_div_2exp(mass, mass, (mp_bitcnt_t)dual->grid);
      mpq_set_z(most, model->weight[j]);
      mpq_mul(most, most, model->target[at]);
      ck_assert_msg(mpq_cmp(mass, most) <= 0,
                    "seed %d: p < 0 in row %zu, column %zu", seed, i, j);
    }
    ck_assert_msg(mpz_sgn(sum) == 0, "seed %d: column %zu", seed, j);
  }
  for (size_t i = 0; i < model->K && model->bias == UFM_BIAS_FREE; i++) {
    mpz_set_ui(sum, 0);
    for (size_t j = 0; j < model->J; j++)
      mpz_add(sum, sum, dual->mass[j * model->K + i]);
    ck_assert_msg(mpz_sgn(sum) == 0, "seed %d: row %zu", seed, i);
  }
  mpz_clear(sum);
  mpq_clears(mass, most, (mpq_ptr)NULL);
}

typedef struct scene {
  ufm__model model;
  ufm__dual dual;
  mpfr_t *p, *E;
} scene;

static void scene_init(scene *s, gsl_rng *rng)
{
  *s = (scene){0};
  draw_model(&s->model, rng, (ufm_loss)below(rng, 2), (ufm_bias)below(rng, 3),
             2 + below(rng, 5), 1 + below(rng, 8));
  s->p = ufm__mp_new(s->model.J * s->model.K, 128);
  s->E = ufm__mp_new(s->model.J * s->model.K, 128);
  ck_assert_int_eq(ufm__dual_init(&s->dual, &s->model, GRID, NULL), UFM_OK);
  draw_columns(&s->model, rng, s->p, s->E);
}

static void scene_clear(scene *s)
{
  ufm__mp_free(s->p, s->model.J * s->model.K);
  ufm__mp_free(s->E, s->model.J * s->model.K);
  ufm__dual_clear(&s->dual);
  ufm__model_clear(&s->model);
}

/* Feasible, or refused because some class has no target mass. */
static bool round_scene(scene *s, int seed)
{
  const char *reason;

  ufm__dual_round(&s->dual, s->p, s->E, &reason);
  ck_assert_msg((reason == NULL) == ufm__dual_attained(&s->model),
                "seed %d: %s", seed, reason != NULL ? reason : "no reason");
  if (reason == NULL)
    is_feasible(&s->dual, seed);
  return reason == NULL;
}

START_TEST(rounded_points_are_feasible)
{
  gsl_rng *rng = ufm__rng_new(31, (uint64_t)_i);
  scene s;

  scene_init(&s, rng);
  if (round_scene(&s, _i) && s.model.bias != UFM_BIAS_FREE) {
    /* nothing to repair: within a unit of the grid, but for the largest p */
    mpfr_t distance;
    size_t far = 0;

    mpfr_init2(distance, 300);
    for (size_t j = 0; j < s.model.J; j++)
      for (size_t i = 0; i < s.model.K; i++) {
        size_t at = j * s.model.K + i;

        mpfr_mul_z(distance, s.E[at], s.model.weight[j], MPFR_RNDN);
        mpfr_mul_2ui(distance, distance, GRID, MPFR_RNDN);
        mpfr_sub_z(distance, distance, s.dual.mass[at], MPFR_RNDN);
        far +=
            mpfr_cmpabs(distance, s.p[at]) > 0 && mpfr_cmp_ui(distance, 3) > 0;
      }
    ck_assert_msg(far <= (s.model.loss == UFM_LOSS_CE ? s.model.J : 0),
                  "seed %d: %zu entries moved", _i, far);
    mpfr_clear(distance);
  }
  scene_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

/* Columns with the right sums whose rows are far from it. */
START_TEST(transport_repairs_any_margins)
{
  gsl_rng *rng = ufm__rng_new(32, (uint64_t)_i);
  ufm__model model;
  ufm__dual dual;
  const char *reason;
  size_t moves, K, J;

  K = 2 + below(rng, 5);
  J = 1 + below(rng, 8);
  draw_model(&model, rng, UFM_LOSS_CE, UFM_BIAS_FREE, K, J);
  ck_assert_int_eq(ufm__dual_init(&dual, &model, 40, NULL), UFM_OK);
  for (size_t j = 0; j < J; j++) {
    mpz_t most;

    mpz_init(most);
    /* all probability but a little to one class */
    for (size_t i = 0, top = below(rng, K); i < K; i++)
      if (i != top) {
        ufm__dual_most(&dual, j, i, most);
        mpz_sub_ui(dual.mass[j * K + i], most, below(rng, 1000));
        mpz_sub(dual.mass[j * K + top], dual.mass[j * K + top],
                dual.mass[j * K + i]);
      }
    mpz_clear(most);
  }
  ufm__dual_repair(&dual, &moves, &reason);
  if (ufm__dual_attained(&model)) {
    ck_assert_msg(reason == NULL, "seed %d: %s", _i, reason);
    ck_assert_msg(moves <= 2 * K + K * J, "seed %d: %zu moves", _i, moves);
    is_feasible(&dual, _i);
  } else {
    ck_assert_msg(reason != NULL, "seed %d: not refused", _i);
    ck_assert_ptr_nonnull(strstr(reason, "without target mass"));
  }
  ufm__dual_clear(&dual);
  ufm__model_clear(&model);
  gsl_rng_free(rng);
}
END_TEST

/* Negative eigenvalues of A^2 omega I - s^2 sum_j M_j M_j^T/nu_j, with rational
   arithmetic and always K x K. */
static size_t violated(const ufm__dual *dual, mpq_srcptr omega)
{
  const ufm__model *model = dual->model;
  size_t K = model->K, result;
  mpq_t *a = ufm__rationals_new(K * K), factor, x, y;

  mpq_inits(factor, x, y, (mpq_ptr)NULL);
  for (size_t j = 0; j < model->J; j++) {
    mpq_set_z(factor, dual->s);
    mpq_div_2exp(factor, factor, (mp_bitcnt_t)(dual->s_shift + dual->grid));
    mpq_mul(factor, factor, factor);
    mpq_div(factor, factor, model->nu[j]);
    for (size_t i = 0; i < K; i++)
      for (size_t k = 0; k < K; k++) {
        mpq_set_z(x, dual->mass[j * K + i]);
        mpq_set_z(y, dual->mass[j * K + k]);
        mpq_mul(x, x, y);
        mpq_mul(x, x, factor);
        mpq_sub(a[i * K + k], a[i * K + k], x);
      }
  }
  mpq_set_z(x, model->total);
  mpq_mul(x, x, x);
  mpq_mul(x, x, omega);
  for (size_t i = 0; i < K; i++)
    mpq_add(a[i * K + i], a[i * K + i], x);
  result = ufm__inertia_exact(K, a).negative;
  mpq_clears(factor, x, y, (mpq_ptr)NULL);
  ufm__rationals_free(a, K * K);
  return result;
}

/* The scale that is found is feasible and, for ce, nearly the largest. */
START_TEST(norm_condition_is_proved)
{
  gsl_rng *rng = ufm__rng_new(33, (uint64_t)_i);
  ufm_error error = {{0}};
  ufm__norm norm;
  mpq_t omega;
  scene s;

  scene_init(&s, rng);
  mpq_init(omega);
  mpq_set_ui(omega, 1 + below(rng, 20), 1 + below(rng, 2000));
  mpq_canonicalize(omega);
  if (round_scene(&s, _i)) {
    ck_assert_int_eq(ufm__norm_init(&norm, &s.dual, 150, &error), UFM_OK);
    ck_assert_uint_eq(norm.n, s.model.J < s.model.K ? s.model.J : s.model.K);
    for (int k = 0; k < 6; k++) { /* scales on both sides of the limit */
      bool proved;

      mpz_set_ui(s.dual.s, 1 + below(rng, 255));
      s.dual.s_shift = 8;
      ck_assert_int_eq(ufm__norm_test(&norm, omega, 150, &proved, &error),
                       UFM_OK);
      /* equal unless the matrix is singular to 150 bits */
      ck_assert_msg(proved == (violated(&s.dual, omega) == 0),
                    "seed %d: scale %d", _i, k);
    }
    ck_assert_int_eq(ufm__norm_scale(&norm, &s.dual, omega, 150, &error),
                     UFM_OK);
    ck_assert_msg(mpz_sgn(s.dual.s) > 0 && ufm__dual_scale(&s.dual) <= 1.0,
                  "seed %d: scale", _i);
    ck_assert_msg(violated(&s.dual, omega) == 0, "seed %d: infeasible", _i);
    is_feasible(&s.dual, _i);
    if (s.model.loss == UFM_LOSS_CE && ufm__dual_scale(&s.dual) < 0.99) {
      mpz_mul_ui(s.dual.s, s.dual.s, 1025); /* s (1 + 2^-10) */
      s.dual.s_shift += 10;
      ck_assert_msg(violated(&s.dual, omega) > 0, "seed %d: timid scale", _i);
    }
    ufm__norm_clear(&norm);
  }
  mpq_clear(omega);
  scene_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

/* The formula of the dual, to nearest. */
static void plain_value(const ufm__dual *dual, mpfr_t out)
{
  const ufm__model *model = dual->model;
  mpfr_t e, t, phi, mean;
  mpq_t exact;

  mpq_init(exact);
  mpfr_inits2(mpfr_get_prec(out), e, t, phi, mean, (mpfr_ptr)NULL);
  mpfr_set_zero(out, 1);
  for (size_t i = 0; i < model->K; i++) {
    mpfr_set_zero(mean, 1);
    for (size_t j = 0; j < model->J; j++) {
      size_t at = j * model->K + i;

      mpz_mul(mpq_numref(exact), dual->mass[at], dual->s);
      mpz_set(mpq_denref(exact), model->weight[j]);
      mpq_canonicalize(exact);
      mpq_div_2exp(exact, exact, (mp_bitcnt_t)(dual->grid + dual->s_shift));
      mpfr_set_q(e, exact, MPFR_RNDN);
      mpq_sub(exact, model->target[at], exact);
      mpfr_set_q(t, exact, MPFR_RNDN); /* t - E */
      if (model->loss == UFM_LOSS_CE) {
        mpfr_log(phi, t, MPFR_RNDN);
        mpfr_mul(phi, phi, t, MPFR_RNDN);
        mpfr_neg(phi, phi, MPFR_RNDN);
        if (mpfr_zero_p(t))
          mpfr_set_zero(phi, 1);
      } else { /* t E - E^2/2 = E (t - E + E/2) */
        mpfr_div_2ui(phi, e, 1, MPFR_RNDN);
        mpfr_add(phi, phi, t, MPFR_RNDN);
        mpfr_mul(phi, phi, e, MPFR_RNDN);
      }
      mpfr_mul_q(phi, phi, model->pi[j], MPFR_RNDN);
      mpfr_add(out, out, phi, MPFR_RNDN);
      mpfr_mul_q(e, e, model->pi[j], MPFR_RNDN);
      mpfr_add(mean, mean, e, MPFR_RNDN);
    }
    mpfr_sqr(mean, mean, MPFR_RNDN);
    mpfr_div_2ui(mean, mean, 1, MPFR_RNDN);
    if (model->bias == UFM_BIAS_RIDGE) {
      mpfr_div_q(mean, mean, model->lambda_b, MPFR_RNDN);
      mpfr_sub(out, out, mean, MPFR_RNDN);
    }
  }
  mpq_clear(exact);
  mpfr_clears(e, t, phi, mean, (mpfr_ptr)NULL);
}

START_TEST(dual_values_are_enclosed)
{
  gsl_rng *rng = ufm__rng_new(34, (uint64_t)_i);
  mpfr_prec_t bits = (mpfr_prec_t)(30 + below(rng, 150));
  mpfr_t value, slack;
  iv box;
  scene s;

  scene_init(&s, rng);
  if (round_scene(&s, _i)) {
    mpfr_init2(value, 600);
    mpfr_init2(slack, 64);
    ufm__iv_init(&box, bits);
    mpz_set_ui(s.dual.s, 1 + below(rng, 256));
    s.dual.s_shift = 8;
    plain_value(&s.dual, value);
    ufm__dual_value(&s.dual, &box);
    mpfr_set_ui_2exp(slack, 1, -500, MPFR_RNDN);
    mpfr_sub(value, value, slack, MPFR_RNDN);
    ck_assert_msg(mpfr_greaterequal_p(box.hi, value), "seed %d: above", _i);
    mpfr_mul_2ui(slack, slack, 1, MPFR_RNDN);
    mpfr_add(value, value, slack, MPFR_RNDN);
    ck_assert_msg(mpfr_lessequal_p(box.lo, value), "seed %d: below", _i);
    mpfr_sub(slack, box.hi, box.lo, MPFR_RNDU);
    ck_assert_msg(mpfr_cmp_ui_2exp(slack, 1, 14 - bits) < 0, "seed %d: wide",
                  _i);
    mpfr_clears(value, slack, (mpfr_ptr)NULL);
    ufm__iv_clear(&box);
  }
  scene_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-dual");
  int failed;

  tcase_add_loop_test(tests, rounded_points_are_feasible, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, transport_repairs_any_margins, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, norm_condition_is_proved, 0, rounds(ROUNDS / 2));
  tcase_add_loop_test(tests, dual_values_are_enclosed, 0, rounds(ROUNDS));
  failed = run_case("verify-dual", tests);
  mpfr_free_cache();
  return failed;
}
