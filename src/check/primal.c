/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective at a point: logits exactly, everything else enclosed. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/primal.h"

void chk_primal_init(chk_primal *x, size_t M)
{
  x->M = M;
  x->W = chk_alloc(M, sizeof *x->W);
  for (size_t m = 0; m < M; m++)
    chk_grid_init(&x->W[m]);
  chk_grid_init(&x->H);
  chk_grid_init(&x->b);
  chk_grid_init(&x->y);
}

void chk_primal_clear(chk_primal *x)
{
  for (size_t m = 0; m < x->M; m++)
    chk_grid_clear(&x->W[m]);
  free(x->W);
  chk_grid_clear(&x->H);
  chk_grid_clear(&x->b);
  chk_grid_clear(&x->y);
}

/* y = W_M (... (W_1 H)) + b 1^T. */
static bool form_logits(chk_primal *x, chk_session *session)
{
  chk_grid z;
  bool good = true;

  for (size_t m = 0; m < x->M && good; m++) {
    chk_grid_init(&z);
    good = chk_grid_multiply(&z, &x->W[m], m == 0 ? &x->H : &x->y, session);
    chk_grid_clear(&x->y);
    x->y = z;
  }
  if (good && x->b.x != NULL)
    good = chk_grid_add_column(&x->y, &x->b, session);
  return good;
}

/* Depth 1: a flat array of K d numbers; else (or also) an array of arrays. */
static bool read_layers(chk_primal *x, const json_t *value,
                        const chk_problem *p, chk_session *session)
{
  bool nested = json_is_array(json_array_get(value, 0));

  if (!nested && p->M == 1)
    return chk_read_grid(&x->W[0], value, p->width[1], p->width[0], "W",
                         session);
  if (json_array_size(value) != p->M)
    return chk_malformed(session, "W: want an array of %zu arrays", p->M);
  for (size_t m = 0; m < p->M; m++)
    if (!chk_read_grid(&x->W[m], json_array_get(value, m), p->width[m + 1],
                       p->width[m], "W", session))
      return false;
  return true;
}

/* W = m (I - J/K): num(m) (K - 1) and -num(m) over K den(m). */
static bool form_frame(chk_grid *W, const json_t *value, const chk_problem *p,
                       chk_session *session)
{
  size_t K = p->K;
  double bits = (double)mpz_sizeinbase(mpq_numref(p->multiplier), 2) + 64.0;

  if (!json_is_null(value))
    return chk_malformed(session, "W: want null with a fixed classifier");
  if (!chk_hold(session, (double)K * (double)K, bits) ||
      !chk_spend(session, (double)K * (double)K, bits))
    return false;
  W->rows = W->cols = K;
  W->x = chk_integers_new(K * K);
  W->bits = (mp_bitcnt_t)bits;
  mpz_mul_ui(W->q, mpq_denref(p->multiplier), K);
  for (size_t i = 0; i < K * K; i++) {
    if (i % (K + 1) == 0)
      mpz_mul_ui(W->x[i], mpq_numref(p->multiplier), K - 1);
    else
      mpz_neg(W->x[i], mpq_numref(p->multiplier));
  }
  return true;
}

bool chk_primal_read(chk_primal *x, const json_t *value, const chk_problem *p,
                     chk_session *session)
{
  json_t *W, *H, *b;

  if (!chk_read_key(&W, value, "W", "primal", session) ||
      !chk_read_key(&H, value, "H", "primal", session) ||
      !chk_read_key(&b, value, "b", "primal", session) ||
      !(p->fixed ? form_frame(&x->W[0], W, p, session)
                 : read_layers(x, W, p, session)) ||
      !chk_read_grid(&x->H, H, p->width[0], p->J, "H", session))
    return false;
  if (p->bias == CHK_NONE) {
    if (!json_is_null(b))
      return chk_malformed(session, "b: want null");
  } else if (!chk_read_grid(&x->b, b, p->K, 1, "b", session)) {
    return false;
  }
  return form_logits(x, session);
}

/* (y_rj - y_ij), y on its grid. */
static void logit_difference(chk_interval *out, const chk_primal *x, size_t r,
                             size_t i, size_t j, mp_bitcnt_t f)
{
  const chk_grid *y = &x->y;
  mpz_t n;

  mpz_init(n);
  mpz_sub(n, y->x[r * y->cols + j], y->x[i * y->cols + j]);
  chk_scale_floor(out->lo, n, y->q, y->e + (long)f);
  chk_scale_ceil(out->hi, n, y->q, y->e + (long)f);
  mpz_clear(n);
}

/* With r = argmax y:  log sum_i exp(y_i) - t.y
     = log(1 + sum_{i != r} exp(y_i - y_r)) + sum_i t_i (y_r - y_i). */
static void ce_loss(chk_interval *out, const chk_primal *x,
                    const chk_problem *p, size_t j, chk_explog *t)
{
  const chk_grid *y = &x->y;
  chk_interval sum, term, target;
  size_t r = 0;

  chk_interval_init(&sum);
  chk_interval_init(&term);
  chk_interval_init(&target);
  for (size_t i = 1; i < p->K; i++)
    if (mpz_cmp(y->x[i * y->cols + j], y->x[r * y->cols + j]) > 0)
      r = i;
  chk_interval_set_si(&sum, 1, t->f);
  chk_interval_set_si(out, 0, t->f);
  for (size_t i = 0; i < p->K; i++) {
    if (i == r)
      continue;
    logit_difference(&term, x, r, i, j, t->f);
    if (!p->columns[j].one_hot) {
      chk_target(&target, &p->columns[j], i, t->f);
      chk_interval_mul(&target, &target, &term, t->f);
      chk_interval_add(out, out, &target);
    } else if (p->columns[j].label == i) {
      chk_interval_add(out, out, &term);
    }
    mpz_neg(term.lo, term.lo);
    mpz_neg(term.hi, term.hi);
    mpz_swap(term.lo, term.hi);
    chk_exp(&term, &term, t);
    chk_interval_add(&sum, &sum, &term);
  }
  chk_log(&sum, &sum, t);
  chk_interval_add(out, out, &sum);
  chk_interval_clear(&sum);
  chk_interval_clear(&term);
  chk_interval_clear(&target);
}

/* |y - t|^2/2, exact but for one rounding. */
static void mse_loss(chk_interval *out, const chk_primal *x,
                     const chk_problem *p, size_t j, chk_explog *t)
{
  const chk_column *column = &p->columns[j];
  const chk_grid *y = &x->y;
  const mpz_t *tq = &column->t.q;
  long te = column->one_hot ? 0 : column->t.e;
  long e = y->e < te ? y->e : te;
  mpz_t sum, difference, hot, term;

  mpz_init(sum);
  mpz_init(difference);
  mpz_init(hot);
  mpz_init(term);
  for (size_t i = 0; i < p->K; i++) { /* difference 2^e / (q tq) = y - t */
    mpz_mul(difference, y->x[i * y->cols + j], *tq);
    mpz_mul_2exp(difference, difference, (mp_bitcnt_t)(y->e - e));
    mpz_set_ui(hot, column->one_hot && column->label == i);
    mpz_mul(term, column->one_hot ? hot : column->t.x[i], y->q);
    mpz_mul_2exp(term, term, (mp_bitcnt_t)(te - e));
    mpz_sub(difference, difference, term);
    mpz_addmul(sum, difference, difference);
  }
  mpz_mul(term, y->q, *tq);
  mpz_mul(term, term, term);
  chk_scale_floor(out->lo, sum, term, 2 * e - 1 + (long)t->f);
  chk_scale_ceil(out->hi, sum, term, 2 * e - 1 + (long)t->f);
  mpz_clear(sum);
  mpz_clear(difference);
  mpz_clear(hot);
  mpz_clear(term);
}

/* out += (lambda/2) nu n 2^(2e)/q^2, one rounding; nu may be NULL (1). */
static void add_penalty(chk_interval *out, mpq_srcptr lambda,
                        const chk_number *nu, mpz_srcptr n, const chk_grid *g,
                        mp_bitcnt_t f)
{
  long shift = 2 * g->e - 1 + (long)f;
  chk_interval term;
  mpz_t top, bottom;

  chk_interval_init(&term);
  mpz_init(top);
  mpz_init(bottom);
  mpz_mul(top, n, mpq_numref(lambda));
  mpz_mul(bottom, g->q, g->q);
  mpz_mul(bottom, bottom, mpq_denref(lambda));
  if (nu != NULL) {
    mpz_mul(top, top, nu->p);
    mpz_mul(bottom, bottom, nu->q);
    shift += nu->e;
  }
  chk_scale_floor(term.lo, top, bottom, shift);
  chk_scale_ceil(term.hi, top, bottom, shift);
  chk_interval_add(out, out, &term);
  chk_interval_clear(&term);
  mpz_clear(top);
  mpz_clear(bottom);
}

static void add_penalties(chk_interval *out, const chk_primal *x,
                          const chk_problem *p, mp_bitcnt_t f)
{
  mpz_t n;

  mpz_init(n);
  for (size_t m = 0; m < p->M; m++) {
    chk_grid_square_sum(n, &x->W[m]);
    add_penalty(out, p->lambda_w[m], NULL, n, &x->W[m], f);
  }
  for (size_t j = 0; j < p->J; j++) {
    mpz_set_ui(n, 0);
    for (size_t i = 0; i < x->H.rows; i++)
      mpz_addmul(n, x->H.x[i * p->J + j], x->H.x[i * p->J + j]);
    add_penalty(out, p->lambda_h, &p->columns[j].multiple, n, &x->H, f);
  }
  if (p->bias == CHK_RIDGE) {
    chk_grid_square_sum(n, &x->b);
    add_penalty(out, p->lambda_b, NULL, n, &x->b, f);
  }
  mpz_clear(n);
}

/* Pays for one evaluation. */
static bool afford(const chk_primal *x, const chk_problem *p,
                   const chk_explog *t, chk_session *session)
{
  double K = (double)p->K, J = (double)p->J;
  bool good;

  if (p->loss == CHK_CE)
    good =
        chk_spend(session, K * J * 2.0 * chk_explog_cost(t->f), (double)t->w) &&
        chk_spend(session, K * J * 4.0, (double)x->y.bits);
  else
    good = chk_spend(session, K * J * 4.0, chk_grid_span(&x->y));
  for (size_t j = 0; j < p->J && good; j++)
    if (!p->columns[j].one_hot)
      good = chk_spend(session, K * 4.0, chk_grid_span(&p->columns[j].t));
  for (size_t m = 0; m < p->M && good; m++)
    good = chk_spend(session, (double)x->W[m].rows * (double)x->W[m].cols,
                     (double)x->W[m].bits);
  return good && chk_spend(session, (double)x->H.rows * J, (double)x->H.bits);
}

bool chk_primal_value(chk_interval *out, const chk_primal *x,
                      const chk_problem *p, chk_explog *t, chk_session *session)
{
  chk_interval loss;
  mpz_t one;

  if (!afford(x, p, t, session))
    return false;
  chk_interval_init(&loss);
  mpz_init_set_ui(one, 1);
  chk_interval_set_si(out, 0, t->f);
  for (size_t j = 0; j < p->J; j++) {
    if (p->loss == CHK_CE)
      ce_loss(&loss, x, p, j, t);
    else
      mse_loss(&loss, x, p, j, t);
    mpz_mul(loss.lo, loss.lo, p->columns[j].weight);
    mpz_mul(loss.hi, loss.hi, p->columns[j].weight);
    chk_interval_add(out, out, &loss);
  }
  chk_interval_scale(out, out, one, p->total);
  add_penalties(out, x, p, t->f);
  chk_interval_clear(&loss);
  mpz_clear(one);
  return true;
}
