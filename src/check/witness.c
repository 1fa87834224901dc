/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dual points: exact feasibility and the lower bound they prove. */
#include <config.h>

#include "check/norm.h"
#include "check/witness.h"

void chk_witness_init(chk_witness *w)
{
  chk_grid_init(&w->M);
  chk_number_init(&w->s);
}

void chk_witness_clear(chk_witness *w)
{
  chk_grid_clear(&w->M);
  chk_number_clear(&w->s);
}

bool chk_witness_read(chk_witness *w, const json_t *value, const chk_problem *p,
                      const char *where, chk_session *session)
{
  json_t *matrix, *scale;

  return chk_read_key(&matrix, value, "M", where, session) &&
         chk_read_grid(&w->M, matrix, p->K, p->J, "M", session) &&
         chk_read_key(&scale, value, "s", where, session) &&
         chk_read_number(&w->s, scale, "s", session);
}

bool chk_is_scale(const chk_number *s)
{
  mpq_t value;
  bool good;

  mpq_init(value);
  chk_number_get_mpq(value, s);
  good = mpq_sgn(value) > 0 && mpq_cmp_ui(value, 1, 1) <= 0;
  mpq_clear(value);
  return good;
}

/* x 2^e / q <= a t for integers and t = y 2^d / r, all signs allowed. */
static bool at_most(mpz_srcptr x, const chk_grid *m, mpz_srcptr a, mpz_srcptr y,
                    mpz_srcptr r, long d)
{
  bool good;
  mpz_t left, right;

  mpz_init(left);
  mpz_init(right);
  mpz_mul(left, x, r);
  mpz_mul(right, y, m->q);
  mpz_mul(right, right, a);
  if (m->e >= d)
    mpz_mul_2exp(left, left, (mp_bitcnt_t)(m->e - d));
  else
    mpz_mul_2exp(right, right, (mp_bitcnt_t)(d - m->e));
  good = mpz_cmp(left, right) <= 0;
  mpz_clear(left);
  mpz_clear(right);
  return good;
}

static bool columns_in_simplex(const chk_witness *w, const chk_problem *p,
                               chk_session *session)
{
  bool good = true;
  mpz_t sum, one, hot;

  mpz_init(sum);
  mpz_init(hot);
  mpz_init_set_ui(one, 1);
  for (size_t j = 0; j < p->J && good; j++) {
    const chk_column *column = &p->columns[j];

    mpz_set_ui(sum, 0);
    for (size_t i = 0; i < p->K; i++)
      mpz_add(sum, sum, w->M.x[i * p->J + j]);
    if (mpz_sgn(sum) != 0)
      good = chk_reject(session, "column sum (column %zu)", j);
    for (size_t i = 0; i < p->K && good; i++) {
      const mpz_t *x = &w->M.x[i * p->J + j];

      mpz_set_ui(hot, column->one_hot && column->label == i);
      if (!(column->one_hot ? at_most(*x, &w->M, column->weight, hot, one, 0)
                            : at_most(*x, &w->M, column->weight, column->t.x[i],
                                      column->t.q, column->t.e)))
        good = chk_reject(session, "simplex (row %zu, column %zu)", i, j);
    }
  }
  mpz_clear(sum);
  mpz_clear(one);
  mpz_clear(hot);
  return good;
}

static bool rows_sum_to_zero(const chk_witness *w, const chk_problem *p,
                             chk_session *session)
{
  bool good = true;
  mpz_t sum;

  mpz_init(sum);
  for (size_t i = 0; i < p->K && good; i++) {
    mpz_set_ui(sum, 0);
    for (size_t j = 0; j < p->J; j++)
      mpz_add(sum, sum, w->M.x[i * p->J + j]);
    if (mpz_sgn(sum) != 0)
      good = chk_reject(session, "row sum (row %zu)", i);
  }
  mpz_clear(sum);
  return good;
}

bool chk_witness_admissible(const chk_witness *w, const chk_problem *p,
                            chk_session *session)
{
  if (!chk_is_scale(&w->s))
    return chk_reject(session, "scale (s outside (0, 1])");
  if (p->loss == CHK_CE && !columns_in_simplex(w, p, session))
    return false;
  return p->bias != CHK_FREE || rows_sum_to_zero(w, p, session);
}

bool chk_witness_feasible(const chk_witness *w, const chk_problem *p,
                          mpq_srcptr omega, chk_session *session)
{
  return chk_witness_admissible(w, p, session) &&
         chk_norm_holds(chk_norm_form(p), p, &w->M, &w->s, omega, session);
}

/* top (s/q)^power 2^(power e) / bottom, bottom > 0: the form that all terms
   below have.  Uses and changes top and bottom. */
static void scaled(chk_interval *out, const chk_witness *w, mpz_t top,
                   mpz_t bottom, int power, mp_bitcnt_t f)
{
  long shift = (long)f;

  for (int i = 0; i < power; i++) {
    mpz_mul(top, top, w->s.p);
    mpz_mul(bottom, bottom, w->s.q);
    mpz_mul(bottom, bottom, w->M.q);
    shift += w->s.e + w->M.e;
  }
  chk_scale_floor(out->lo, top, bottom, shift);
  chk_scale_ceil(out->hi, top, bottom, shift);
}

void chk_witness_entry(chk_interval *out, const chk_witness *w,
                       const chk_problem *p, size_t i, size_t j, mp_bitcnt_t f)
{
  mpz_t top, bottom;

  mpz_init_set(top, w->M.x[i * p->J + j]);
  mpz_init_set(bottom, p->columns[j].weight);
  scaled(out, w, top, bottom, 1, f);
  mpz_clear(top);
  mpz_clear(bottom);
}

/* a_j times the entropy of t_j - E_j. */
static void ce_term(chk_interval *out, const chk_witness *w,
                    const chk_problem *p, size_t j, chk_explog *t)
{
  chk_interval target, x;

  chk_interval_init(&target);
  chk_interval_init(&x);
  chk_interval_set_si(out, 0, t->f);
  for (size_t i = 0; i < p->K; i++) {
    chk_target(&target, &p->columns[j], i, t->f);
    chk_witness_entry(&x, w, p, i, j, t->f);
    chk_interval_sub(&x, &target, &x);
    chk_entropy(&x, &x, t);
    chk_interval_add(out, out, &x);
  }
  mpz_mul(out->lo, out->lo, p->columns[j].weight);
  mpz_mul(out->hi, out->hi, p->columns[j].weight);
  chk_interval_clear(&target);
  chk_interval_clear(&x);
}

/* a_j (t.E - |E|^2/2) = s t.M_j - s^2 |M_j|^2/(2 a_j): two roundings. */
static void mse_term(chk_interval *out, const chk_witness *w,
                     const chk_problem *p, size_t j, chk_explog *t)
{
  const chk_column *column = &p->columns[j];
  chk_interval square;
  mpz_t top, bottom;

  chk_interval_init(&square);
  mpz_init(top);
  mpz_init_set_ui(bottom, 1);
  if (column->one_hot) {
    mpz_set(top, w->M.x[column->label * p->J + j]);
    scaled(out, w, top, bottom, 1, t->f);
  } else {
    long e = column->t.e;

    for (size_t i = 0; i < p->K; i++)
      mpz_addmul(top, column->t.x[i], w->M.x[i * p->J + j]);
    mpz_set(bottom, column->t.q);
    if (e >= 0)
      mpz_mul_2exp(top, top, (mp_bitcnt_t)e);
    else
      mpz_mul_2exp(bottom, bottom, (mp_bitcnt_t)-e);
    scaled(out, w, top, bottom, 1, t->f);
  }
  mpz_set_ui(top, 0);
  for (size_t i = 0; i < p->K; i++)
    mpz_addmul(top, w->M.x[i * p->J + j], w->M.x[i * p->J + j]);
  mpz_mul_2exp(bottom, column->weight, 1);
  scaled(&square, w, top, bottom, 2, t->f);
  chk_interval_sub(out, out, &square);
  mpz_clear(top);
  mpz_clear(bottom);
  chk_interval_clear(&square);
}

/* |sum_j (a_j/A) E_j|^2/(2 lambda_b) = s^2 |sum_j M_j|^2/(2 lambda_b A^2). */
static void ridge_term(chk_interval *out, const chk_witness *w,
                       const chk_problem *p, mp_bitcnt_t f)
{
  mpz_t sum, top, bottom;

  mpz_init(sum);
  mpz_init(top);
  mpz_init(bottom);
  for (size_t i = 0; i < p->K; i++) {
    mpz_set_ui(sum, 0);
    for (size_t j = 0; j < p->J; j++)
      mpz_add(sum, sum, w->M.x[i * p->J + j]);
    mpz_addmul(top, sum, sum);
  }
  mpz_mul(top, top, mpq_denref(p->lambda_b));
  mpz_mul(bottom, p->total, p->total);
  mpz_mul(bottom, bottom, mpq_numref(p->lambda_b));
  mpz_mul_2exp(bottom, bottom, 1);
  scaled(out, w, top, bottom, 2, f);
  mpz_clear(sum);
  mpz_clear(top);
  mpz_clear(bottom);
}

bool chk_witness_value(chk_interval *out, const chk_witness *w,
                       const chk_problem *p, chk_explog *t,
                       chk_session *session)
{
  double entries = (double)p->K * (double)p->J;
  chk_interval term;
  mpz_t one;

  if (!chk_spend(session,
                 p->loss == CHK_CE ? entries * 2.0 * chk_explog_cost(t->f)
                                   : entries * 4.0,
                 (double)t->w) ||
      !chk_spend(session, entries * 4.0, (double)w->M.bits))
    return false;
  chk_interval_init(&term);
  mpz_init_set_ui(one, 1);
  chk_interval_set_si(out, 0, t->f);
  for (size_t j = 0; j < p->J; j++) {
    if (p->loss == CHK_CE)
      ce_term(&term, w, p, j, t);
    else
      mse_term(&term, w, p, j, t);
    chk_interval_add(out, out, &term);
  }
  chk_interval_scale(out, out, one, p->total);
  if (p->bias == CHK_RIDGE) {
    ridge_term(&term, w, p, t->f);
    chk_interval_sub(out, out, &term);
  }
  chk_interval_clear(&term);
  mpz_clear(one);
  return true;
}
