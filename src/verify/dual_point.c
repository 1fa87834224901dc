/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounding to exactly feasible dual points, and their value. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/dual_point.h"

ufm_status ufm__dual_init(ufm__dual *out, const ufm__model *model, long grid,
                          ufm_error *error)
{
  size_t n = model->J * model->K;

  *out = (ufm__dual){.model = model, .grid = grid};
  mpz_init_set_ui(out->s, 1);
  out->mass = calloc(n, sizeof *out->mass);
  if (out->mass == NULL) {
    ufm__dual_clear(out);
    return ufm__no_memory(error, "verify: dual point");
  }
  for (size_t i = 0; i < n; i++)
    mpz_init(out->mass[i]);
  return UFM_OK;
}

void ufm__dual_clear(ufm__dual *dual)
{
  if (dual->model == NULL)
    return;
  mpz_clear(dual->s);
  for (size_t i = 0; dual->mass != NULL && i < dual->model->J * dual->model->K;
       i++)
    mpz_clear(dual->mass[i]);
  free(dual->mass);
  *dual = (ufm__dual){0};
}

void ufm__dual_most(const ufm__dual *dual, size_t j, size_t i, mpz_t out)
{
  mpq_srcptr t = dual->model->target[j * dual->model->K + i];

  mpz_mul(out, dual->model->weight[j], mpq_numref(t));
  mpz_mul_2exp(out, out, (mp_bitcnt_t)dual->grid);
  mpz_cdiv_q(out, out, mpq_denref(t));
  mpz_sub_ui(out, out, 1);
}

/* Column j of masses from probabilities: every entry but the largest is
   floor(2^grid a_j (t_ij - p_ij)), which only adds probability; the largest
   takes what is left, so the column sums to 0 exactly. */
static bool round_column_ce(ufm__dual *dual, size_t j, const mpfr_t *p)
{
  const ufm__model *model = dual->model;
  size_t K = model->K, top = 0;
  mpz_t *mass = dual->mass + j * K, most, part;
  bool good;
  mpfr_t x;

  mpz_inits(most, part, (mpz_ptr)NULL);
  mpfr_init2(x, (mpfr_prec_t)dual->grid + 64);
  for (size_t i = 1; i < K; i++)
    if (mpfr_greater_p(p[j * K + i], p[j * K + top]))
      top = i;
  mpz_set_ui(mass[top], 0);
  for (size_t i = 0; i < K; i++) {
    if (i == top)
      continue;
    /* floor(2^g a t) - ceil(2^g a p) <= 2^g a (t - p) */
    mpfr_mul_z(x, p[j * K + i], model->weight[j], MPFR_RNDU);
    mpfr_mul_2si(x, x, dual->grid, MPFR_RNDU);
    mpfr_get_z(part, x, MPFR_RNDU);
    ufm__dual_most(dual, j, i, most);
    mpz_add_ui(mass[i], most, 1);
    mpz_sub(mass[i], mass[i], part);
    if (mpz_cmp(mass[i], most) > 0)
      mpz_set(mass[i], most);
    mpz_sub(mass[top], mass[top], mass[i]);
  }
  ufm__dual_most(dual, j, top, most);
  good = mpz_cmp(mass[top], most) <= 0;
  mpfr_clear(x);
  mpz_clears(most, part, (mpz_ptr)NULL);
  return good;
}

static void round_mse(ufm__dual *dual, const mpfr_t *E)
{
  const ufm__model *model = dual->model;
  mpfr_t x;

  mpfr_init2(x, (mpfr_prec_t)dual->grid + 64);
  for (size_t j = 0; j < model->J; j++)
    for (size_t i = 0; i < model->K; i++) {
      mpfr_mul_z(x, E[j * model->K + i], model->weight[j], MPFR_RNDN);
      mpfr_mul_2si(x, x, dual->grid, MPFR_RNDN);
      mpfr_get_z(dual->mass[j * model->K + i], x, MPFR_RNDN);
    }
  mpfr_clear(x);
}

void ufm__dual_round(ufm__dual *dual, const mpfr_t *p, const mpfr_t *E,
                     const char **reason)
{
  const ufm__model *model = dual->model;
  const mpfr_t *value = model->loss == UFM_LOSS_CE ? p : E;
  size_t moves;

  *reason = NULL;
  mpz_set_ui(dual->s, 1);
  dual->s_shift = 0;
  for (size_t i = 0; i < model->J * model->K; i++)
    if (!mpfr_number_p(value[i])) {
      *reason = "the residuals of the point are not finite";
      return;
    }
  if (model->loss == UFM_LOSS_MSE)
    round_mse(dual, E);
  for (size_t j = 0; j < model->J && model->loss == UFM_LOSS_CE; j++)
    if (!round_column_ce(dual, j, p))
      *reason = "the grid is too coarse for the smallest weight";
  if (*reason == NULL && model->bias == UFM_BIAS_FREE)
    ufm__dual_repair(dual, &moves, reason);
}

void ufm__dual_entry(const ufm__dual *dual, size_t j, size_t i, iv *out)
{
  const ufm__model *model = dual->model;
  mpz_t product;

  mpz_init(product);
  mpz_mul(product, dual->mass[j * model->K + i], dual->s);
  ufm__iv_set_z_2exp(out, product, dual->grid + dual->s_shift);
  mpfr_div_z(out->lo, out->lo, model->weight[j], MPFR_RNDD);
  mpfr_div_z(out->hi, out->hi, model->weight[j], MPFR_RNDU);
  mpz_clear(product);
}

double ufm__dual_scale(const ufm__dual *dual)
{
  double result;
  mpfr_t s;

  mpfr_init2(s, 53);
  mpfr_set_z_2exp(s, dual->s, -dual->s_shift, MPFR_RNDN);
  result = mpfr_get_d(s, MPFR_RNDN);
  mpfr_clear(s);
  return result;
}

/* phi_j: entropy of t_j - E_j (ce), t_j.E_j - |E_j|^2/2 (mse); E is scratch
   and keeps the column. */
static void column_value(const ufm__dual *dual, size_t j, iv *E, iv *out)
{
  const ufm__model *model = dual->model;
  iv p;

  ufm__iv_init(&p, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t i = 0; i < model->K; i++) {
    mpq_srcptr t = model->target[j * model->K + i];

    ufm__dual_entry(dual, j, i, &E[i]);
    ufm__iv_set_q(&p, t);
    if (model->loss == UFM_LOSS_CE) {
      ufm__iv_sub(&p, &p, &E[i]);
      ufm__iv_xlogx(&p, &p);
      ufm__iv_sub(out, out, &p);
    } else {
      ufm__iv_mul(&p, &p, &E[i]);
      ufm__iv_add(out, out, &p);
      ufm__iv_sqr(&p, &E[i]);
      mpfr_div_2ui(p.lo, p.lo, 1, MPFR_RNDD);
      mpfr_div_2ui(p.hi, p.hi, 1, MPFR_RNDU);
      ufm__iv_sub(out, out, &p);
    }
  }
  ufm__iv_clear(&p);
}

/* out -= |sum_j pi_j E_j|^2 / (2 lambda_b), with the K sums in `mean`. */
static void subtract_ridge(const ufm__model *model, iv *mean, iv *out)
{
  mpq_t factor;

  mpq_init(factor);
  mpq_inv(factor, model->lambda_b);
  mpq_div_2exp(factor, factor, 1);
  for (size_t i = 0; i < model->K; i++) {
    ufm__iv_sqr(&mean[i], &mean[i]);
    ufm__iv_mul_q(&mean[i], &mean[i], factor);
    ufm__iv_sub(out, out, &mean[i]);
  }
  mpq_clear(factor);
}

void ufm__dual_value(const ufm__dual *dual, iv *out)
{
  const ufm__model *model = dual->model;
  size_t K = model->K;
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  iv *E = ufm__iv_new(2 * K, bits), value;

  ufm__iv_set_ui(out, 0);
  if (E == NULL) { /* no information */
    mpfr_set_nan(out->lo);
    return;
  }
  ufm__iv_init(&value, bits);
  for (size_t j = 0; j < model->J; j++) {
    column_value(dual, j, E, &value);
    ufm__iv_mul_q(&value, &value, model->pi[j]);
    ufm__iv_add(out, out, &value);
    for (size_t i = 0; i < K; i++) {
      ufm__iv_mul_q(&value, &E[i], model->pi[j]);
      ufm__iv_add(&E[K + i], &E[K + i], &value);
    }
  }
  if (model->bias == UFM_BIAS_RIDGE)
    subtract_ridge(model, E + K, out);
  ufm__iv_clear(&value);
  ufm__iv_free(E, 2 * K);
}
