/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invariant dual points written out for all columns: exact feasibility, the
   norm by exact inertia, the dual value. */
#include <config.h>

#include "../unit/run.h"
#include "rounds.h"
#include "setting.h"
#include "verify/inertia.h"
#include "verify/orbit_dual.h"
#include "verify/orbit_evaluate.h"

enum { ROUNDS = 80, SEED = 74, GRID = 100 };

/* E_ij of all columns, J x K, exactly. */
static mpq_t *expand(const ufm__orbit_dual *dual, size_t J)
{
  const ufm__orbit_model *m = dual->model;
  mpq_t *E = ufm__rationals_new(J * m->K);

  ck_assert_ptr_nonnull(E);
  for (size_t j = 0; j < J; j++)
    for (size_t i = 0; i < m->K; i++) {
      size_t c, mark[2], e = m->of[i];
      mpq_ptr out = E[j * m->K + i];

      ck_assert(ufm_orbits_column(m->orbits, j, &c, mark));
      for (size_t l = 0; l < m->column[c].marks; l++)
        if (mark[l] == i)
          e = m->G + l;
      mpz_mul(mpq_numref(out), dual->mass[c * (m->G + 2) + e], dual->s);
      mpz_mul_ui(mpq_denref(out), m->weight[c], m->column[c].columns);
      mpz_mul_ui(mpq_denref(out), mpq_denref(out), ufm__orbit_many(m, c, e));
      mpq_canonicalize(out);
      mpq_div_2exp(out, out, (mp_bitcnt_t)(dual->grid + dual->s_shift));
    }
  return E;
}

/* Column sums, signs of probabilities and row sums, exactly. */
static void is_feasible(const setting *t, const ufm_columns *columns, mpq_t *E)
{
  size_t K = t->s.K;
  mpq_t sum, x, *row = ufm__rationals_new(K);

  mpq_inits(sum, x, (mpq_ptr)NULL);
  for (size_t j = 0; j < columns->J; j++) {
    mpq_set_ui(sum, 0, 1);
    for (size_t i = 0; i < K; i++) {
      mpq_add(sum, sum, E[j * K + i]);
      mpq_mul(x, E[j * K + i], columns->palette[columns->weight[j]]);
      mpq_add(row[i], row[i], x);
      ufm_columns_target_exact(columns, j, i, x);
      ck_assert_msg(t->s.loss == UFM_LOSS_MSE || mpq_cmp(E[j * K + i], x) <= 0,
                    "seed %d, round %d: p of class %zu in column %zu is "
                    "negative",
                    SEED, t->round, i, j);
    }
    ck_assert_msg(t->s.loss == UFM_LOSS_MSE || mpq_sgn(sum) == 0,
                  "seed %d, round %d: column %zu", SEED, t->round, j);
  }
  for (size_t i = 0; i < K; i++)
    ck_assert_msg(t->s.bias != UFM_BIAS_FREE || mpq_sgn(row[i]) == 0,
                  "seed %d, round %d: row %zu", SEED, t->round, i);
  mpq_clears(sum, x, (mpq_ptr)NULL);
  ufm__rationals_free(row, K);
}

/* factor^2 sum_j (pi_j^2/nu_j) E_j E_j^T <= omega I, exactly */
static bool norm_holds(const setting *t, const ufm_columns *columns, mpq_t *E,
                       mpq_srcptr factor)
{
  size_t K = t->s.K;
  mpq_t x, scale, *B = ufm__rationals_new(K * K);
  ufm__inertia inertia;

  mpq_inits(x, scale, (mpq_ptr)NULL);
  mpq_mul(scale, factor, factor);
  mpq_div(scale, scale, columns->ratio);
  for (size_t j = 0; j < columns->J; j++)
    for (size_t i = 0; i < K; i++)
      for (size_t k = 0; k < K; k++) {
        mpq_mul(x, E[j * K + i], E[j * K + k]);
        mpq_mul(x, x, columns->palette[columns->weight[j]]);
        mpq_sub(B[i * K + k], B[i * K + k], x);
      }
  for (size_t i = 0; i < K * K; i++) {
    mpq_mul(B[i], B[i], scale);
    if (i % (K + 1) == 0)
      mpq_add(B[i], B[i], t->model.omega);
  }
  inertia = ufm__inertia_exact(K, B);
  mpq_clears(x, scale, (mpq_ptr)NULL);
  ufm__rationals_free(B, K * K);
  return inertia.negative == 0;
}

/* The norm condition holds, and not for the next larger s: 2 s for 2^-i, 3/4
   for 1/2, 1 - 2^-(i+1) for 1 - 2^-i. */
static void check_norm(const setting *t, const ufm__orbit_dual *dual,
                       const ufm_columns *columns, mpq_t *E)
{
  bool far = mpz_cmp_ui(dual->s, 1) == 0;
  mpq_t factor;

  mpq_init(factor);
  mpq_set_ui(factor, 1, 1);
  ck_assert_msg(norm_holds(t, columns, E, factor),
                "seed %d, round %d: the norm is too large", SEED, t->round);
  mpz_mul_2exp(mpq_denref(factor), dual->s, 1);
  mpz_add_ui(mpq_numref(factor), mpq_denref(factor), 1);
  mpq_canonicalize(factor);
  if (far && dual->s_shift > 1)
    mpq_set_ui(factor, 2, 1);
  ck_assert_msg(dual->s_shift == 0 || dual->s_shift > 60 ||
                    !norm_holds(t, columns, E, factor),
                "seed %d, round %d: s is smaller than it need be", SEED,
                t->round);
  mpq_clear(factor);
}

/* phi of one entry: -p log p (ce), E (t - E/2) (mse). */
static void entry_value(const setting *t, const ufm_columns *columns, size_t j,
                        size_t i, mpq_srcptr E, mpfr_t out)
{
  mpfr_t log;
  mpq_t x, half;

  mpq_inits(x, half, (mpq_ptr)NULL);
  mpfr_init2(log, BITS);
  ufm_columns_target_exact(columns, j, i, x);
  if (t->s.loss == UFM_LOSS_CE) {
    mpq_sub(x, x, E);
    mpfr_set_q(log, x, MPFR_RNDN);
    mpfr_log(log, log, MPFR_RNDN);
    mpfr_mul_q(out, log, x, MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
  } else {
    mpq_div_2exp(half, E, 1);
    mpq_sub(x, x, half);
    mpq_mul(x, x, E);
    mpfr_set_q(out, x, MPFR_RNDN);
  }
  mpfr_mul_q(out, out, columns->palette[columns->weight[j]], MPFR_RNDN);
  mpfr_clear(log);
  mpq_clears(x, half, (mpq_ptr)NULL);
}

/* The dual value, column by column. */
static void plain_value(const setting *t, const ufm_columns *columns, mpq_t *E,
                        mpfr_t out)
{
  size_t K = t->s.K;
  mpq_t mean, x;
  mpfr_t phi;

  mpq_inits(mean, x, (mpq_ptr)NULL);
  mpfr_init2(phi, BITS);
  mpfr_set_zero(out, 1);
  for (size_t i = 0; i < K; i++) {
    mpq_set_ui(mean, 0, 1);
    for (size_t j = 0; j < columns->J; j++) {
      entry_value(t, columns, j, i, E[j * K + i], phi);
      mpfr_add(out, out, phi, MPFR_RNDN);
      mpq_mul(x, E[j * K + i], columns->palette[columns->weight[j]]);
      mpq_add(mean, mean, x);
    }
    if (t->s.bias != UFM_BIAS_RIDGE)
      continue;
    mpq_mul(mean, mean, mean);
    mpq_div(mean, mean, t->model.lambda_b);
    mpq_div_2exp(mean, mean, 1);
    mpfr_sub_q(out, out, mean, MPFR_RNDN);
  }
  mpfr_clear(phi);
  mpq_clears(mean, x, (mpq_ptr)NULL);
}

static void check_value(const setting *t, const ufm__orbit_dual *dual,
                        const ufm_columns *columns, mpq_t *E)
{
  mpfr_t plain;
  iv value;

  mpfr_init2(plain, BITS);
  ufm__iv_init(&value, BITS / 2);
  ufm__orbit_dual_value(dual, &value);
  plain_value(t, columns, E, plain);
  ck_assert_msg(
      mpfr_lessequal_p(value.lo, plain) && mpfr_lessequal_p(plain, value.hi),
      "seed %d, round %d: the dual value is not enclosed", SEED, t->round);
  mpfr_sub(plain, value.hi, value.lo, MPFR_RNDU);
  ck_assert_double_lt(mpfr_get_d(plain, MPFR_RNDU), 1e-30);
  ufm__iv_clear(&value);
  mpfr_clear(plain);
}

/* |sum_l eta_l P_g e_{k(l)}|^2 of a column with these marks. */
static void contrast_square(const ufm__orbit_model *m, size_t c, mpq_t eta[2],
                            size_t g, mpq_t out)
{
  const ufm_column_orbit *column = &m->column[c];
  mpq_t sum, x;

  mpq_inits(sum, x, (mpq_ptr)NULL);
  mpq_set_ui(out, 0, 1);
  for (size_t l = 0; l < column->marks; l++)
    if (column->group[l] == g) {
      mpq_mul(x, eta[l], eta[l]);
      mpq_add(out, out, x);
      mpq_add(sum, sum, eta[l]);
    }
  mpq_mul(sum, sum, sum);
  mpq_set_ui(x, 1, m->classes[g]);
  mpq_mul(sum, sum, x);
  mpq_sub(out, out, sum);
  mpq_clears(sum, x, (mpq_ptr)NULL);
}

/* (pi_c^2/nu_c) e_cg against the sum over the columns of the orbit. */
static void check_contrasts(const setting *t, gsl_rng *rng)
{
  const ufm__orbit_model *m = &t->model;
  mpq_t eta[2], e, want, x;

  mpq_inits(eta[0], eta[1], e, want, x, (mpq_ptr)NULL);
  for (size_t c = 0; c < m->C; c++) {
    mpq_set_si(eta[0], (long)gsl_rng_uniform_int(rng, 9) - 4, 7);
    mpq_set_si(eta[1], (long)gsl_rng_uniform_int(rng, 9) - 4, 7);
    if (m->column[c].unordered)
      mpq_set(eta[1], eta[0]);
    for (size_t g = 0; g < m->G; g++) {
      if (m->classes[g] < 2)
        continue;
      mpq_set_ui(e, 0, 1);
      for (size_t l = 0; l < m->column[c].marks; l++)
        if (m->column[c].group[l] == g)
          ufm__orbit_add_contrast(m, c, l, eta, e);
      contrast_square(m, c, eta, g, want);
      mpq_set_ui(x, m->column[c].columns, m->classes[g] - 1);
      mpq_canonicalize(x);
      mpq_mul(want, want, x);
      mpq_mul(want, want, m->column[c].pi);
      mpq_mul(want, want, m->column[c].pi);
      mpq_div(want, want, m->column[c].nu);
      ck_assert_msg(mpq_equal(e, want),
                    "seed %d, round %d: contrast of orbit %zu, group %zu", SEED,
                    t->round, c, g);
    }
  }
  mpq_clears(eta[0], eta[1], e, want, x, (mpq_ptr)NULL);
}

/* A dual point from the residuals of the point, written out. */
static void check_dual(const setting *t)
{
  const ufm_columns *columns = ufm_problem_columns(t->s.p);
  const char *reason = NULL;
  ufm__orbit_evaluation ev;
  ufm__orbit_dual dual;
  ufm_error error = {{0}};
  mpq_t *E;

  ck_assert_int_eq(ufm__orbit_evaluation_init(&ev, &t->model, BITS, &error),
                   UFM_OK);
  ufm__orbit_evaluate(&ev, t->x);
  ck_assert_int_eq(ufm__orbit_dual_init(&dual, &t->model, GRID, &error),
                   UFM_OK);
  ck_assert_int_eq(ufm__orbit_dual_round(&dual, ev.p, ev.E, &reason, &error),
                   UFM_OK);
  ck_assert_msg(reason == NULL || t->s.bias == UFM_BIAS_FREE,
                "seed %d, round %d: %s", SEED, t->round, reason);
  if (reason == NULL) {
    ck_assert_int_eq(ufm__orbit_dual_scale(&dual, GRID, &error), UFM_OK);
    E = expand(&dual, columns->J);
    is_feasible(t, columns, E);
    check_norm(t, &dual, columns, E);
    check_value(t, &dual, columns, E);
    ufm__rationals_free(E, columns->J * t->s.K);
  }
  ufm__orbit_dual_clear(&dual);
  ufm__orbit_evaluation_clear(&ev);
}

START_TEST(test_duals)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED);
  for (int round = 0; round < rounds(ROUNDS); round++) {
    setting t;

    setting_init(&t, rng, round);
    check_dual(&t);
    check_contrasts(&t, rng);
    setting_clear(&t);
  }
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("reduce duals");

  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_duals);
  return run_case("reduce duals", tests);
}
