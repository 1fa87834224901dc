/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars of the optimum.  With eps = upper - lower, E a feasible dual point
   and E* the dual optimum, strong concavity of the dual gives
     ce   sum_j pi_j KL(p_j || p*_j) <= eps,
          |p_ij - p*_ij| <= sqrt(eps/(2 pi_j))
     mse  sum_j pi_j |E_j - E*_j|^2/2 <= eps,
          |E_ij - E*_ij| <= sqrt(2 eps/pi_j)
   (ce by Pinsker's inequality; p_j - p*_j has sum 0).  The optimality
   conditions give the rest from E* alone, c_j = log p_j minus its mean:
     ce   z_j = c_j - b
     mse  z_j = t_j - E_j - b
     b = 0 (none), (1/lambda_b) sum_j pi_j E_j (ridge),
         sum_j nu_j (z_j + b) / sum_j nu_j (free)
     W W^T = (1/lambda_W) sum_j pi_j E_j z_j^T
     h_i.h_j = pi_j z_i.E_j / (nu_j lambda_H). */
#include <config.h>

#include "check/alloc.h"
#include "check/bars.h"

/* sqrt(eps/(2 pi_j)) (ce) or sqrt(2 eps/pi_j) (mse), upward. */
static void radius(mpz_t out, const chk_certificate *c, size_t j, mp_bitcnt_t f)
{
  chk_interval root;
  mpq_t square, weight;

  chk_interval_init(&root);
  mpq_inits(square, weight, (mpq_ptr)NULL);
  mpq_sub(square, c->upper, c->lower);
  mpz_set(mpq_numref(weight), c->problem.total);
  mpz_set(mpq_denref(weight), c->problem.columns[j].weight);
  mpq_canonicalize(weight);
  mpq_mul(square, square, weight);
  if (c->problem.loss == CHK_CE)
    mpq_div_2exp(square, square, 1);
  else
    mpq_mul_2exp(square, square, 1);
  chk_interval_root(&root, square, 2, f);
  mpz_set(out, root.hi);
  mpq_clears(square, weight, (mpq_ptr)NULL);
  chk_interval_clear(&root);
}

/* E_ij and log p_ij (ce) or t_ij - E_ij (mse), the latter into z; false when
   some p may be 0. */
static bool set_entries(chk_bars *x, const chk_certificate *c,
                        const chk_witness *w, size_t j, mpz_srcptr delta,
                        chk_explog *t)
{
  const chk_problem *p = x->problem;
  bool good = true;

  for (size_t i = 0; i < p->K && good; i++) {
    chk_interval *E = &x->E[i * p->J + j], *z = &x->z[i * p->J + j];

    chk_witness_entry(E, w, p, i, j, x->f);
    mpz_sub(E->lo, E->lo, delta);
    mpz_add(E->hi, E->hi, delta);
    chk_target(z, &p->columns[j], i, x->f);
    chk_interval_sub(z, z, E);
    if (c->problem.loss == CHK_MSE)
      continue;
    good = chk_log_probability(z, t);
  }
  return good;
}

/* Column j of z minus its mean: ((K-1) z_i - sum of the others)/K. */
static void centre(chk_bars *x, size_t j)
{
  const chk_problem *p = x->problem;
  unsigned long K = (unsigned long)p->K;
  chk_interval sum;

  chk_interval_init(&sum);
  for (size_t i = 0; i < p->K; i++)
    chk_interval_add(&sum, &sum, &x->z[i * p->J + j]);
  for (size_t i = 0; i < p->K; i++) {
    chk_interval *z = &x->z[i * p->J + j];
    chk_interval others;

    chk_interval_init(&others);
    mpz_sub(others.lo, sum.lo, z->lo);
    mpz_sub(others.hi, sum.hi, z->hi);
    mpz_mul_ui(z->lo, z->lo, K - 1);
    mpz_mul_ui(z->hi, z->hi, K - 1);
    mpz_sub(z->lo, z->lo, others.hi);
    mpz_sub(z->hi, z->hi, others.lo);
    mpz_fdiv_q_ui(z->lo, z->lo, K);
    mpz_cdiv_q_ui(z->hi, z->hi, K);
    chk_interval_clear(&others);
  }
  chk_interval_clear(&sum);
}
/* nu_j = N pi_j for one N: then sum_j nu_j E_j = 0 for a free bias. */
static bool proportional(const chk_problem *p)
{
  const chk_column *first = &p->columns[0];
  bool good = true;
  mpz_t left, right;

  mpz_init(left);
  mpz_init(right);
  for (size_t j = 1; j < p->J && good; j++) {
    const chk_column *column = &p->columns[j];

    mpz_mul(left, column->multiple.p, first->multiple.q);
    mpz_mul(left, left, first->weight);
    mpz_mul(right, first->multiple.p, column->multiple.q);
    mpz_mul(right, right, column->weight);
    if (column->multiple.e >= first->multiple.e)
      mpz_mul_2exp(left, left,
                   (mp_bitcnt_t)(column->multiple.e - first->multiple.e));
    else
      mpz_mul_2exp(right, right,
                   (mp_bitcnt_t)(first->multiple.e - column->multiple.e));
    good = mpz_cmp(left, right) == 0;
  }
  mpz_clear(left);
  mpz_clear(right);
  return good;
}

/* weights[j] = nu_j / sum nu (free) or pi_j (ridge); false when all nu_j are
   below the resolution. */
static bool bias_weights(chk_interval *weights, const chk_bars *x)
{
  const chk_problem *p = x->problem;
  chk_interval sum;
  bool good;

  chk_interval_init(&sum);
  for (size_t j = 0; j < p->J; j++) {
    if (p->bias == CHK_RIDGE) {
      chk_interval_set_si(&weights[j], 1, x->f);
      chk_interval_scale(&weights[j], &weights[j], p->columns[j].weight,
                         p->total);
    } else {
      chk_interval_set_number(&weights[j], &p->columns[j].multiple, x->f);
      chk_interval_add(&sum, &sum, &weights[j]);
    }
  }
  good = p->bias == CHK_RIDGE || mpz_sgn(sum.lo) > 0;
  for (size_t j = 0; j < p->J && good && p->bias == CHK_FREE; j++)
    chk_interval_div(&weights[j], &weights[j], &sum, x->f);
  chk_interval_clear(&sum);
  return good;
}

/* Subtracts the bias, weighted sums along the rows. */
static bool subtract_bias(chk_bars *x)
{
  const chk_problem *p = x->problem;
  bool mean_target =
      p->bias == CHK_FREE && p->loss == CHK_MSE && proportional(p);
  chk_interval *weights = chk_intervals_new(p->J);
  bool good = bias_weights(weights, x);
  chk_interval b, term;

  chk_interval_init(&b);
  chk_interval_init(&term);
  for (size_t i = 0; i < p->K && good; i++) {
    chk_interval_set_si(&b, 0, x->f);
    for (size_t j = 0; j < p->J; j++) {
      size_t at = i * p->J + j;

      if (mean_target)
        chk_target(&term, &p->columns[j], i, x->f);
      chk_interval_mul(&term, &weights[j],
                       p->bias == CHK_RIDGE ? &x->E[at]
                       : mean_target        ? &term
                                            : &x->z[at],
                       x->f);
      chk_interval_add(&b, &b, &term);
    }
    if (p->bias == CHK_RIDGE)
      chk_interval_over(&b, &b, p->lambda_b);
    for (size_t j = 0; j < p->J; j++)
      chk_interval_sub(&x->z[i * p->J + j], &x->z[i * p->J + j], &b);
  }
  chk_interval_clear(&b);
  chk_interval_clear(&term);
  chk_intervals_free(weights, p->J);
  return good;
}

bool chk_bars_set(chk_bars *x, const chk_certificate *c, const chk_witness *w,
                  mp_bitcnt_t f, chk_session *session)
{
  const chk_problem *p = &c->problem;
  double entries = (double)p->K * (double)p->J;
  bool good = true;
  chk_explog t;
  mpz_t delta;

  x->problem = p;
  x->f = f;
  x->E = x->z = NULL;
  if (!chk_spend(session, entries * 2.0 * chk_explog_cost(f), (double)f) ||
      !chk_fits(session, 4.0 * entries, (double)f))
    return false;
  x->E = chk_intervals_new(p->K * p->J);
  x->z = chk_intervals_new(p->K * p->J);
  chk_explog_init(&t, f);
  mpz_init(delta);
  for (size_t j = 0; j < p->J && good; j++) {
    radius(delta, c, j, f);
    good = set_entries(x, c, w, j, delta, &t);
    if (good && p->loss == CHK_CE)
      centre(x, j);
  }
  if (p->bias != CHK_NONE)
    good = good && subtract_bias(x);
  mpz_clear(delta);
  chk_explog_clear(&t);
  return good || chk_reject(session, "claims not implied (gap too large)");
}

void chk_bars_clear(chk_bars *x)
{
  size_t entries = x->problem->K * x->problem->J;

  chk_intervals_free(x->E, entries);
  chk_intervals_free(x->z, entries);
}

/* (1/lambda_W) sum_j pi_j E_ij z_kj. */
static void row_product(chk_interval *out, const chk_bars *x, size_t i,
                        size_t k)
{
  const chk_problem *p = x->problem;
  chk_interval term;

  chk_interval_init(&term);
  chk_interval_set_si(out, 0, x->f);
  for (size_t j = 0; j < p->J; j++) {
    chk_interval_mul(&term, &x->E[i * p->J + j], &x->z[k * p->J + j], x->f);
    chk_interval_scale(&term, &term, p->columns[j].weight, p->total);
    chk_interval_add(out, out, &term);
  }
  chk_interval_over(out, out, p->lambda_w[0]);
  chk_interval_clear(&term);
}

/* pi_j z_i.E_j / (nu_j lambda_H). */
static void column_product(chk_interval *out, const chk_bars *x, size_t i,
                           size_t j)
{
  const chk_problem *p = x->problem;
  chk_interval term;
  mpq_t factor;

  chk_interval_init(&term);
  mpq_init(factor);
  chk_interval_set_si(out, 0, x->f);
  for (size_t k = 0; k < p->K; k++) {
    chk_interval_mul(&term, &x->z[k * p->J + i], &x->E[k * p->J + j], x->f);
    chk_interval_add(out, out, &term);
  }
  chk_number_get_mpq(factor, &p->columns[j].multiple);
  mpq_mul(factor, factor, p->lambda_h);
  chk_interval_scale(out, out, p->columns[j].weight, p->total);
  chk_interval_over(out, out, factor);
  chk_interval_clear(&term);
  mpq_clear(factor);
}

/* Both orders enclose the same number; a square is not negative. */
static void symmetric(chk_interval *out, const chk_bars *x, size_t i, size_t k,
                      void (*product)(chk_interval *, const chk_bars *, size_t,
                                      size_t))
{
  chk_interval other;

  chk_interval_init(&other);
  product(out, x, i, k);
  if (i != k) {
    product(&other, x, k, i);
    chk_interval_meet(out, out, &other);
  } else if (mpz_sgn(out->lo) < 0) {
    mpz_set_ui(out->lo, 0);
  }
  chk_interval_clear(&other);
}

void chk_bars_ww(chk_interval *out, const chk_bars *x, size_t i, size_t k)
{
  symmetric(out, x, i, k, row_product);
}

void chk_bars_hh(chk_interval *out, const chk_bars *x, size_t i, size_t j)
{
  symmetric(out, x, i, j, column_product);
}

void chk_bars_wh(chk_interval *out, const chk_bars *x, size_t i, size_t j)
{
  chk_interval_set(out, &x->z[i * x->problem->J + j]);
}
