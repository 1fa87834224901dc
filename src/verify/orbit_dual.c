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
  out->mass = ufm__integers_new(model->C * ufm__orbit_entries(model));
  if (out->mass == NULL) {
    ufm__orbit_dual_clear(out);
    return ufm__no_memory(error, "verify: dual point");
  }
  return UFM_OK;
}

void ufm__orbit_dual_clear(ufm__orbit_dual *dual)
{
  const ufm__orbit_model *m = dual->model;

  if (m == NULL)
    return;
  mpz_clear(dual->s);
  ufm__integers_free(dual->mass, m->C * ufm__orbit_entries(m));
  *dual = (ufm__orbit_dual){0};
}

void ufm__orbit_dual_weight(const ufm__orbit_dual *dual, size_t c, size_t e,
                            mpz_t out)
{
  const ufm__orbit_model *m = dual->model;

  mpz_mul_ui(out, m->weight[c], m->column[c].columns);
  mpz_mul_ui(out, out, ufm__orbit_many(m, c, e));
}

void ufm__orbit_dual_most(const ufm__orbit_dual *dual, size_t c, size_t e,
                          mpz_t out)
{
  mpq_srcptr t = ufm__orbit_target(dual->model, c, e);

  ufm__orbit_dual_weight(dual, c, e, out);
  mpz_mul(out, out, mpq_numref(t));
  mpz_mul_2exp(out, out, (mp_bitcnt_t)dual->grid);
  mpz_cdiv_q(out, out, mpq_denref(t));
  mpz_sub_ui(out, out, 1);
}

/* 2^grid N_c many a_c x, rounded. */
static void scaled(const ufm__orbit_dual *dual, size_t c, size_t e,
                   mpfr_srcptr x, mpfr_rnd_t direction, mpz_t out)
{
  mpfr_t y;

  ufm__orbit_dual_weight(dual, c, e, out);
  mpfr_init2(y, (mpfr_prec_t)(dual->grid + (long)mpz_sizeinbase(out, 2)) + 64);
  mpfr_mul_z(y, x, out, direction);
  mpfr_mul_2si(y, y, dual->grid, direction);
  mpfr_get_z(out, y, direction);
  mpfr_clear(y);
}

/* Two marks that take equal shares of a sum need an even one. */
static void make_even(mpz_t x)
{
  mpz_clrbit(x, 0);
}

/* Every entry but the first mark's is rounded so that probability is added;
   that one, or both marks when they are equal, takes what is left, so the
   column sums to 0 exactly. */
static bool round_column_ce(ufm__orbit_dual *dual, size_t c, const mpfr_t *p)
{
  const ufm__orbit_model *m = dual->model;
  size_t n = ufm__orbit_entries(m);
  bool unordered = m->column[c].unordered, good;
  mpz_t *mass = dual->mass + c * n, *own = mass + m->G, limit, part;

  mpz_inits(limit, part, (mpz_ptr)NULL);
  mpz_set_ui(own[0], 0);
  for (size_t e = 0; e < n; e++) {
    if (e == m->G)
      continue;
    mpz_set_ui(mass[e], 0);
    if (ufm__orbit_many(m, c, e) == 0 || (unordered && e > m->G))
      continue;
    scaled(dual, c, e, p[c * n + e], MPFR_RNDU, part);
    ufm__orbit_dual_most(dual, c, e, limit);
    mpz_add_ui(mass[e], limit, 1);
    mpz_sub(mass[e], mass[e], part);
    if (mpz_cmp(mass[e], limit) > 0)
      mpz_set(mass[e], limit);
    if (unordered)
      make_even(mass[e]);
    mpz_sub(own[0], own[0], mass[e]);
  }
  if (unordered) {
    mpz_divexact_ui(own[0], own[0], 2);
    mpz_set(own[1], own[0]);
  }
  ufm__orbit_dual_most(dual, c, m->G, limit);
  good = mpz_cmp(own[0], limit) <= 0;
  mpz_clears(limit, part, (mpz_ptr)NULL);
  return good;
}

void ufm__orbit_dual_block(const ufm__orbit_dual *dual, size_t f, size_t c,
                           mpz_t out)
{
  const ufm__orbit_model *m = dual->model;
  const ufm_column_orbit *column = &m->column[c];
  mpz_t *mass = dual->mass + c * ufm__orbit_entries(m);

  mpz_set(out, mass[f]);
  for (size_t l = 0; l < column->marks; l++)
    if (column->group[l] == f)
      mpz_add(out, out, mass[m->G + l]);
}

void ufm__orbit_dual_row(const ufm__orbit_dual *dual, size_t f, mpz_t out)
{
  mpz_t part;

  mpz_init(part);
  mpz_set_ui(out, 0);
  for (size_t c = 0; c < dual->model->C; c++) {
    ufm__orbit_dual_block(dual, f, c, part);
    mpz_add(out, out, part);
  }
  mpz_clear(part);
}

static void round_mse(ufm__orbit_dual *dual, const mpfr_t *E)
{
  const ufm__orbit_model *m = dual->model;
  size_t n = ufm__orbit_entries(m);

  for (size_t c = 0; c < m->C; c++)
    for (size_t e = 0; e < n; e++) {
      if (ufm__orbit_many(m, c, e) == 0)
        continue;
      scaled(dual, c, e, E[c * n + e], MPFR_RNDN, dual->mass[c * n + e]);
      if (m->column[c].unordered && e < m->G)
        make_even(dual->mass[c * n + e]);
    }
}

static bool all_finite(const ufm__orbit_model *m, const mpfr_t *x)
{
  size_t n = ufm__orbit_entries(m);

  for (size_t c = 0; c < m->C; c++)
    for (size_t e = 0; e < n; e++)
      if (ufm__orbit_many(m, c, e) > 0 && !mpfr_number_p(x[c * n + e]))
        return false;
  return true;
}

ufm_status ufm__orbit_dual_round(ufm__orbit_dual *dual, const mpfr_t *p,
                                 const mpfr_t *E, const char **reason,
                                 ufm_error *error)
{
  const ufm__orbit_model *m = dual->model;
  bool ce = m->loss == UFM_LOSS_CE, good = true;
  ufm_status status = UFM_OK;

  *reason = NULL;
  mpz_set_ui(dual->s, 1);
  dual->s_shift = 0;
  if (!all_finite(m, ce ? p : E)) {
    *reason = "the residuals of the point are not finite";
    return UFM_OK;
  }
  if (!ce)
    round_mse(dual, E);
  for (size_t c = 0; ce && c < m->C; c++)
    if (!round_column_ce(dual, c, p))
      *reason = "the grid is too coarse for the smallest weight";
  if (*reason == NULL && m->bias == UFM_BIAS_FREE) {
    status = ufm__orbit_dual_repair(dual, &good, error);
    if (!good)
      *reason = "the grid is too coarse for zero row sums";
  }
  return status;
}

void ufm__orbit_dual_entry(const ufm__orbit_dual *dual, size_t c, size_t e,
                           iv *out)
{
  mpz_t product, weight;

  mpz_inits(product, weight, (mpz_ptr)NULL);
  ufm__orbit_dual_weight(dual, c, e, weight);
  mpz_mul(product, dual->mass[c * ufm__orbit_entries(dual->model) + e],
          dual->s);
  ufm__iv_set_z_2exp(out, product, dual->grid + dual->s_shift);
  if (mpz_sgn(weight) > 0) {
    mpfr_div_z(out->lo, out->lo, weight, MPFR_RNDD);
    mpfr_div_z(out->hi, out->hi, weight, MPFR_RNDU);
  }
  mpz_clears(product, weight, (mpz_ptr)NULL);
}

/* E (t - E/2) from E and t */
static void mse_term(const iv *E, iv *t)
{
  iv half;

  ufm__iv_init(&half, mpfr_get_prec(E->lo));
  ufm__iv_mul(t, t, E);
  ufm__iv_sqr(&half, E);
  mpfr_div_2ui(half.lo, half.lo, 1, MPFR_RNDD);
  mpfr_div_2ui(half.hi, half.hi, 1, MPFR_RNDU);
  ufm__iv_sub(t, t, &half);
  ufm__iv_clear(&half);
}

/* phi of a column of orbit c: entropy of t - E (ce), t.E - |E|^2/2 (mse). */
static void column_value(const ufm__orbit_dual *dual, size_t c, iv *out)
{
  const ufm__orbit_model *m = dual->model;
  iv E, p;

  ufm__iv_init(&E, mpfr_get_prec(out->lo));
  ufm__iv_init(&p, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t e = 0; e < ufm__orbit_entries(m); e++) {
    unsigned long many = ufm__orbit_many(m, c, e);

    if (many == 0)
      continue;
    ufm__orbit_dual_entry(dual, c, e, &E);
    ufm__iv_set_q(&p, ufm__orbit_target(m, c, e));
    if (m->loss == UFM_LOSS_CE) {
      ufm__iv_sub(&p, &p, &E);
      ufm__iv_xlogx(&p, &p);
      ufm__iv_neg(&p, &p);
    } else {
      mse_term(&E, &p);
    }
    ufm__iv_mul_ui(&p, &p, many);
    ufm__iv_add(out, out, &p);
  }
  ufm__iv_clear(&E);
  ufm__iv_clear(&p);
}

/* |sum_j pi_j E_j|^2/(2 lambda_b) = s^2 sum_f r_f^2/K_f / (2 A^2 lambda_b
   4^grid) with the sums r_f of the rows. */
static void subtract_ridge(const ufm__orbit_dual *dual, iv *out)
{
  const ufm__orbit_model *m = dual->model;
  mpq_t sum, term;
  iv x;

  mpq_inits(sum, term, (mpq_ptr)NULL);
  ufm__iv_init(&x, mpfr_get_prec(out->lo));
  for (size_t f = 0; f < m->G; f++) {
    ufm__orbit_dual_row(dual, f, mpq_numref(term));
    mpz_mul(mpq_numref(term), mpq_numref(term), dual->s);
    mpz_mul(mpq_numref(term), mpq_numref(term), mpq_numref(term));
    mpz_set_ui(mpq_denref(term), m->classes[f]);
    mpq_canonicalize(term);
    mpq_add(sum, sum, term);
  }
  mpq_div_2exp(sum, sum, (mp_bitcnt_t)(2 * (dual->grid + dual->s_shift) + 1));
  mpq_div(sum, sum, m->lambda_b);
  mpq_set_z(term, m->total);
  mpq_div(sum, sum, term);
  mpq_div(sum, sum, term);
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
  for (size_t c = 0; c < m->C; c++) {
    column_value(dual, c, &value);
    ufm__iv_mul_q(&value, &value, m->share[c]);
    ufm__iv_add(out, out, &value);
  }
  if (m->bias == UFM_BIAS_RIDGE)
    subtract_ridge(dual, out);
  ufm__iv_clear(&value);
}
