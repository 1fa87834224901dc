/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounding to feasible invariant dual points, and their value. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/orbit_dual.h"

ufm_status ufm__orbit_dual_init(ufm__orbit_dual *out,
                                const ufm__orbit_model *model, long grid,
                                ufm_error *error)
{
  *out = (ufm__orbit_dual){.model = model, .grid = grid};
  mpz_init_set_ui(out->s, 1);
  out->mass = ufm__integers_new(model->G * (model->G + 1));
  if (out->mass == NULL) {
    ufm__orbit_dual_clear(out);
    return ufm__no_memory(error, "verify: dual point");
  }
  return UFM_OK;
}

void ufm__orbit_dual_clear(ufm__orbit_dual *dual)
{
  if (dual->model == NULL)
    return;
  mpz_clear(dual->s);
  ufm__integers_free(dual->mass, dual->model->G * (dual->model->G + 1));
  *dual = (ufm__orbit_dual){0};
}

/* Entries of E that a mass sums up, times a_g: K_g many(f) a_g. */
static void block_weight(const ufm__orbit_model *m, size_t g, size_t f,
                         mpz_t out)
{
  mpz_set_ui(out, m->classes[g]);
  mpz_mul_ui(out, out, ufm__orbit_many(m, g, f));
  mpz_mul_ui(out, out, m->weight[g]);
}

/* The largest mass that keeps p > 0. */
static void most(const ufm__orbit_dual *dual, size_t g, size_t f, mpz_t out)
{
  mpq_srcptr t = ufm__orbit_target(dual->model, f);

  block_weight(dual->model, g, f, out);
  mpz_mul(out, out, mpq_numref(t));
  mpz_mul_2exp(out, out, (mp_bitcnt_t)dual->grid);
  mpz_cdiv_q(out, out, mpq_denref(t));
  mpz_sub_ui(out, out, 1);
}

/* 2^grid K_g many a_g x, rounded. */
static void scaled(const ufm__orbit_dual *dual, size_t g, size_t f,
                   mpfr_srcptr x, mpfr_rnd_t direction, mpz_t out)
{
  mpfr_t y;

  mpfr_init2(y, (mpfr_prec_t)dual->grid + 192);
  block_weight(dual->model, g, f, out);
  mpfr_mul_z(y, x, out, direction);
  mpfr_mul_2si(y, y, dual->grid, direction);
  mpfr_get_z(out, y, direction);
  mpfr_clear(y);
}

/* Every entry but the column's own is rounded so that probability is added; the
   own takes what is left, so the column sums to 0 exactly. */
static bool round_column_ce(ufm__orbit_dual *dual, size_t g, const mpfr_t *p)
{
  const ufm__orbit_model *m = dual->model;
  size_t G = m->G;
  mpz_t *mass = dual->mass + g * (G + 1), limit, part;
  bool good;

  mpz_inits(limit, part, (mpz_ptr)NULL);
  mpz_set_ui(mass[G], 0);
  for (size_t f = 0; f < G; f++) {
    mpz_set_ui(mass[f], 0);
    if (ufm__orbit_many(m, g, f) == 0)
      continue;
    scaled(dual, g, f, p[g * (G + 1) + f], MPFR_RNDU, part);
    most(dual, g, f, limit);
    mpz_add_ui(mass[f], limit, 1);
    mpz_sub(mass[f], mass[f], part);
    if (mpz_cmp(mass[f], limit) > 0)
      mpz_set(mass[f], limit);
    mpz_sub(mass[G], mass[G], mass[f]);
  }
  most(dual, g, G, limit);
  good = mpz_cmp(mass[G], limit) <= 0;
  mpz_clears(limit, part, (mpz_ptr)NULL);
  return good;
}

void ufm__orbit_dual_block(const ufm__orbit_dual *dual, size_t f, size_t g,
                           mpz_t out)
{
  size_t G = dual->model->G;
  const mpz_t *mass = (const mpz_t *)dual->mass + g * (G + 1);

  if (f == g)
    mpz_add(out, mass[g], mass[G]);
  else
    mpz_set(out, mass[f]);
}

static void row_sum(const ufm__orbit_dual *dual, size_t f, mpz_t out)
{
  mpz_t part;

  mpz_init(part);
  mpz_set_ui(out, 0);
  for (size_t g = 0; g < dual->model->G; g++) {
    ufm__orbit_dual_block(dual, f, g, part);
    mpz_add(out, out, part);
  }
  mpz_clear(part);
}

/* The group whose own probabilities have the most mass to give away. */
static size_t richest(const ufm__orbit_dual *dual)
{
  size_t G = dual->model->G, hub = 0;
  mpz_t slack, best;

  mpz_inits(slack, best, (mpz_ptr)NULL);
  mpz_set_si(best, -1);
  for (size_t g = 0; g < G; g++) {
    most(dual, g, G, slack);
    mpz_sub(slack, slack, dual->mass[g * (G + 1) + G]);
    if (mpz_cmp(slack, best) > 0) {
      mpz_set(best, slack);
      hub = g;
    }
  }
  mpz_clears(slack, best, (mpz_ptr)NULL);
  return hub;
}

/* Makes the rows of blocks sum to 0 too.  A row f with sum delta > 0 gets
   probability in the columns of the hub, one with delta < 0 gives the hub some
   in its own; each time the column's own class pays, so columns keep their sums
   and only own entries need room.  The row of the hub is the last to become 0,
   because all sums together are 0. */
static bool repair_ce(ufm__orbit_dual *dual)
{
  size_t G = dual->model->G, hub = richest(dual);
  bool good = true;
  mpz_t delta;

  mpz_init(delta);
  for (size_t f = 0; f < G; f++) {
    size_t column = f;

    if (f == hub)
      continue;
    row_sum(dual, f, delta);
    if (mpz_sgn(delta) > 0) {
      column = hub;
      mpz_sub(dual->mass[hub * (G + 1) + f], dual->mass[hub * (G + 1) + f],
              delta);
    } else {
      mpz_neg(delta, delta);
      mpz_sub(dual->mass[f * (G + 1) + hub], dual->mass[f * (G + 1) + hub],
              delta);
    }
    mpz_add(dual->mass[column * (G + 1) + G], dual->mass[column * (G + 1) + G],
            delta);
  }
  for (size_t g = 0; g < G; g++) {
    most(dual, g, G, delta);
    good = good && mpz_cmp(dual->mass[g * (G + 1) + G], delta) <= 0;
  }
  mpz_clear(delta);
  return good;
}

static void round_mse(ufm__orbit_dual *dual, const mpfr_t *E)
{
  const ufm__orbit_model *m = dual->model;
  size_t G = m->G;
  mpz_t delta;

  for (size_t g = 0; g < G; g++)
    for (size_t f = 0; f <= G; f++)
      scaled(dual, g, f, E[g * (G + 1) + f], MPFR_RNDN,
             dual->mass[g * (G + 1) + f]);
  if (m->bias != UFM_BIAS_FREE)
    return;
  mpz_init(delta);
  for (size_t f = 0; f < G; f++) {
    row_sum(dual, f, delta);
    mpz_sub(dual->mass[f * (G + 1) + G], dual->mass[f * (G + 1) + G], delta);
  }
  mpz_clear(delta);
}

void ufm__orbit_dual_round(ufm__orbit_dual *dual, const mpfr_t *p,
                           const mpfr_t *E, const char **reason)
{
  const ufm__orbit_model *m = dual->model;
  const mpfr_t *value = m->loss == UFM_LOSS_CE ? p : E;

  *reason = NULL;
  mpz_set_ui(dual->s, 1);
  dual->s_shift = 0;
  for (size_t i = 0; i < m->G * (m->G + 1); i++)
    if (!mpfr_number_p(value[i])) {
      *reason = "the residuals of the point are not finite";
      return;
    }
  if (m->loss == UFM_LOSS_MSE) {
    round_mse(dual, E);
    return;
  }
  for (size_t g = 0; g < m->G; g++)
    if (!round_column_ce(dual, g, p))
      *reason = "the grid is too coarse for the smallest weight";
  if (*reason == NULL && m->bias == UFM_BIAS_FREE && !repair_ce(dual))
    *reason = "the grid is too coarse for zero row sums";
}

void ufm__orbit_dual_entry(const ufm__orbit_dual *dual, size_t g, size_t f,
                           iv *out)
{
  mpz_t product, weight;

  mpz_inits(product, weight, (mpz_ptr)NULL);
  block_weight(dual->model, g, f, weight);
  mpz_mul(product, dual->mass[g * (dual->model->G + 1) + f], dual->s);
  ufm__iv_set_z_2exp(out, product, dual->grid + dual->s_shift);
  if (mpz_sgn(weight) > 0) {
    mpfr_div_z(out->lo, out->lo, weight, MPFR_RNDD);
    mpfr_div_z(out->hi, out->hi, weight, MPFR_RNDU);
  }
  mpz_clears(product, weight, (mpz_ptr)NULL);
}

/* phi of column g: entropy of t - E (ce), t.E - |E|^2/2 (mse). */
static void column_value(const ufm__orbit_dual *dual, size_t g, iv *out)
{
  const ufm__orbit_model *m = dual->model;
  iv E, p;

  ufm__iv_init(&E, mpfr_get_prec(out->lo));
  ufm__iv_init(&p, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t f = 0; f <= m->G; f++) {
    unsigned long many = ufm__orbit_many(m, g, f);

    if (many == 0)
      continue;
    ufm__orbit_dual_entry(dual, g, f, &E);
    ufm__iv_set_q(&p, ufm__orbit_target(m, f));
    if (m->loss == UFM_LOSS_CE) {
      ufm__iv_sub(&p, &p, &E);
      ufm__iv_xlogx(&p, &p);
      ufm__iv_neg(&p, &p);
    } else { /* E (t - E/2) */
      iv half;

      ufm__iv_init(&half, mpfr_get_prec(out->lo));
      ufm__iv_mul(&p, &p, &E);
      ufm__iv_sqr(&half, &E);
      mpfr_div_2ui(half.lo, half.lo, 1, MPFR_RNDD);
      mpfr_div_2ui(half.hi, half.hi, 1, MPFR_RNDU);
      ufm__iv_sub(&p, &p, &half);
      ufm__iv_clear(&half);
    }
    ufm__iv_mul_ui(&p, &p, many);
    ufm__iv_add(out, out, &p);
  }
  ufm__iv_clear(&E);
  ufm__iv_clear(&p);
}

/* |sum_k pi_k E_k|^2/(2 lambda_b) = s^2 sum_f r_f^2/K_f / (2 A^2 lambda_b
   4^grid) with the sums r_f of the rows of blocks. */
static void subtract_ridge(const ufm__orbit_dual *dual, iv *out)
{
  const ufm__orbit_model *m = dual->model;
  mpq_t sum, term;
  iv x;

  mpq_inits(sum, term, (mpq_ptr)NULL);
  ufm__iv_init(&x, mpfr_get_prec(out->lo));
  for (size_t f = 0; f < m->G; f++) {
    row_sum(dual, f, mpq_numref(term));
    mpz_mul(mpq_numref(term), mpq_numref(term), dual->s);
    mpz_mul(mpq_numref(term), mpq_numref(term), mpq_numref(term));
    mpz_set_ui(mpq_denref(term), m->classes[f]);
    mpq_canonicalize(term);
    mpq_add(sum, sum, term);
  }
  mpq_div_2exp(sum, sum, (mp_bitcnt_t)(2 * (dual->grid + dual->s_shift) + 1));
  mpq_div(sum, sum, m->lambda_b);
  mpq_set_ui(term, 1, m->total);
  mpq_mul(sum, sum, term);
  mpq_mul(sum, sum, term);
  ufm__iv_set_q(&x, sum);
  ufm__iv_sub(out, out, &x);
  ufm__iv_clear(&x);
  mpq_clears(sum, term, (mpq_ptr)NULL);
}

void ufm__orbit_dual_value(const ufm__orbit_dual *dual, iv *out)
{
  const ufm__orbit_model *m = dual->model;
  iv value;

  ufm__iv_init(&value, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t g = 0; g < m->G; g++) {
    column_value(dual, g, &value);
    ufm__iv_mul_q(&value, &value, m->pi[g]);
    ufm__iv_mul_ui(&value, &value, m->classes[g]);
    ufm__iv_add(out, out, &value);
  }
  if (m->bias == UFM_BIAS_RIDGE)
    subtract_ridge(dual, out);
  ufm__iv_clear(&value);
}
