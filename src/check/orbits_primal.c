/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective at a point of groups.  With contrast matrices C_g C_g^T = I -
   J/K_g in dimensions of their own,
     W = sum_g ( w_g C_g + 1_g v_g^T ),  H = sum_g ( h_g C_g^T + y_g 1_g^T ),
   is a point of the problem, K x d and d x K, whose squared norms are sums of
   (K_g - 1) w_g^2 + K_g |v_g|^2 and the same for H, and whose logits are
     v_f . y_g + [f = g] w_g h_g (I - J/K_g). */
#include <config.h>

#include "check/alloc.h"
#include "check/orbits.h"

/* Entry i of a grid. */
static void entry(mpq_t out, const chk_grid *g, size_t i)
{
  mpz_set(mpq_numref(out), g->x[i]);
  mpz_set(mpq_denref(out), g->q);
  mpq_canonicalize(out);
  if (g->e >= 0)
    mpq_mul_2exp(out, out, (mp_bitcnt_t)g->e);
  else
    mpq_div_2exp(out, out, (mp_bitcnt_t)-g->e);
}

/* The outputs of column g, from the products z = V Y. */
static bool form_column(chk_orbits *x, const chk_grid *z, size_t g,
                        chk_session *session)
{
  size_t G = x->G;
  mpq_t *y = x->outputs + g * (G + 1), c, part;
  bool good = true;

  mpq_init(c);
  mpq_init(part);
  for (size_t f = 0; f < G && good; f++) {
    if (z->x != NULL)
      entry(y[f], z, f * G + g);
    if (x->b.x != NULL) {
      entry(part, &x->b, f);
      mpq_add(y[f], y[f], part);
    }
    good = chk_spend_on(session, y[f]);
  }
  entry(c, &x->w, g);
  entry(part, &x->h, g);
  mpq_mul(c, c, part);
  mpq_add(y[G], y[g], c);
  mpq_set_z(part, x->groups[g].classes);
  mpq_div(c, c, part);
  mpq_sub(y[G], y[G], c);
  mpq_sub(y[g], y[g], c);
  good = good && chk_spend_on(session, y[G]);
  mpq_clear(c);
  mpq_clear(part);
  return good;
}

bool chk_orbits_form(chk_orbits *x, chk_session *session)
{
  double count = (double)x->G * ((double)x->G + 1.0);
  double bits = chk_grid_span(&x->V) + chk_grid_span(&x->Y) +
                chk_grid_span(&x->w) + chk_grid_span(&x->h) +
                chk_grid_span(&x->b) + 64.0;
  chk_grid z;
  bool good;

  if (!chk_hold(session, count, 2.0 * bits))
    return false;
  chk_grid_init(&z);
  good = x->r == 0 || chk_grid_multiply(&z, &x->V, &x->Y, session);
  x->outputs = chk_alloc(x->G * (x->G + 1), sizeof *x->outputs);
  for (size_t i = 0; i < x->G * (x->G + 1); i++)
    mpq_init(x->outputs[i]);
  for (size_t g = 0; g < x->G && good; g++)
    good = form_column(x, &z, g, session);
  chk_grid_clear(&z);
  return good;
}

/* x n, n >= 0 */
static void times(chk_interval *x, mpz_srcptr n)
{
  mpz_mul(x->lo, x->lo, n);
  mpz_mul(x->hi, x->hi, n);
}

/* With r = argmax y, n times:
     log( n + sum_{f != r} many_f exp(y_f - y_r) ) + sum_f many_f t_f (y_r -
   y_f)
 */
static bool ce_loss(chk_interval *out, const chk_orbits *x, size_t g,
                    chk_explog *t, chk_session *session)
{
  size_t G = x->G, r = G;
  const mpq_t *y = (const mpq_t *)x->outputs + g * (G + 1);
  chk_interval sum, term, weight;
  mpz_t many;
  mpq_t gap;
  bool good = true;

  chk_interval_init(&sum);
  chk_interval_init(&term);
  chk_interval_init(&weight);
  mpz_init(many);
  mpq_init(gap);
  for (size_t f = 0; f < G; f++) {
    chk_orbits_many(many, x, g, f);
    if (mpz_sgn(many) > 0 && mpq_cmp(y[f], y[r]) > 0)
      r = f;
  }
  chk_orbits_many(many, x, g, r);
  chk_interval_set_si(&sum, 1, t->f);
  times(&sum, many);
  chk_interval_set_si(out, 0, t->f);
  for (size_t f = 0; f <= G && good; f++) {
    chk_orbits_many(many, x, g, f);
    if (f == r || mpz_sgn(many) == 0)
      continue;
    mpq_sub(gap, y[f], y[r]); /* <= 0 */
    good = chk_spend_on(session, gap);
    chk_interval_set_rational(&term, gap, t->f);
    chk_interval_set_rational(&weight, f == G ? x->on : x->off, t->f);
    chk_interval_mul(&weight, &weight, &term, t->f);
    times(&weight, many);
    chk_interval_sub(out, out, &weight);
    if (mpz_sgn(term.hi) > 0)
      mpz_set_ui(term.hi, 0);
    chk_exp(&term, &term, t);
    times(&term, many);
    chk_interval_add(&sum, &sum, &term);
  }
  chk_log(&sum, &sum, t);
  chk_interval_add(out, out, &sum);
  chk_interval_clear(&sum);
  chk_interval_clear(&term);
  chk_interval_clear(&weight);
  mpz_clear(many);
  mpq_clear(gap);
  return good;
}

/* sum_f many_f (y_f - t_f)^2/2 */
static bool mse_loss(chk_interval *out, const chk_orbits *x, size_t g,
                     chk_explog *t, chk_session *session)
{
  size_t G = x->G;
  chk_interval term;
  mpz_t many;
  mpq_t gap;
  bool good = true;

  chk_interval_init(&term);
  mpz_init(many);
  mpq_init(gap);
  chk_interval_set_si(out, 0, t->f);
  for (size_t f = 0; f <= G && good; f++) {
    chk_orbits_many(many, x, g, f);
    mpq_sub(gap, x->outputs[g * (G + 1) + f], f == G ? x->on : x->off);
    mpq_mul(gap, gap, gap);
    mpq_div_2exp(gap, gap, 1);
    good = chk_spend_on(session, gap);
    chk_interval_set_rational(&term, gap, t->f);
    times(&term, many);
    chk_interval_add(out, out, &term);
  }
  chk_interval_clear(&term);
  mpz_clear(many);
  mpq_clear(gap);
  return good;
}

/* out += (lambda/2) n sum of squares of `count` entries of a grid, `stride`
   apart. */
static bool add_penalty(chk_interval *out, const chk_grid *grid, size_t first,
                        size_t count, size_t stride, mpz_srcptr n,
                        mpq_srcptr lambda, mp_bitcnt_t f, chk_session *session)
{
  chk_interval term;
  bool good;
  mpz_t sum;
  mpq_t x;

  if (!chk_spend(session, (double)count, (double)grid->bits))
    return false;
  mpz_init(sum);
  mpq_init(x);
  for (size_t i = 0; i < count; i++)
    mpz_addmul(sum, grid->x[first + i * stride], grid->x[first + i * stride]);
  mpz_mul(mpq_numref(x), sum, n);
  mpz_mul(mpq_denref(x), grid->q, grid->q);
  mpq_canonicalize(x);
  mpq_mul(x, x, lambda);
  if (grid->e >= 0)
    mpq_mul_2exp(x, x, 2 * (mp_bitcnt_t)grid->e);
  else
    mpq_div_2exp(x, x, 2 * (mp_bitcnt_t)-grid->e);
  mpq_div_2exp(x, x, 1);
  good = chk_spend_on(session, x);
  chk_interval_init(&term);
  chk_interval_set_rational(&term, x, f);
  chk_interval_add(out, out, &term);
  chk_interval_clear(&term);
  mpz_clear(sum);
  mpq_clear(x);
  return good;
}

static bool add_penalties(chk_interval *out, const chk_orbits *x, size_t g,
                          mp_bitcnt_t f, chk_session *session)
{
  const chk_problem *p = &x->head;
  mpz_srcptr all = x->groups[g].classes;
  mpz_t others;
  mpq_t lambda;
  bool good;

  mpz_init(others);
  mpq_init(lambda);
  mpz_sub_ui(others, all, 1);
  mpq_mul(lambda, p->lambda_h, x->groups[g].multiple);
  good = add_penalty(out, &x->w, g, 1, 1, others, p->lambda_w[0], f, session) &&
         add_penalty(out, &x->V, g * x->r, x->r, 1, all, p->lambda_w[0], f,
                     session) &&
         add_penalty(out, &x->h, g, 1, 1, others, lambda, f, session) &&
         add_penalty(out, &x->Y, g, x->r, x->G, all, lambda, f, session) &&
         (p->bias != CHK_RIDGE ||
          add_penalty(out, &x->b, g, 1, 1, all, p->lambda_b, f, session));
  mpz_clear(others);
  mpq_clear(lambda);
  return good;
}

bool chk_orbits_value(chk_interval *out, const chk_orbits *x, chk_explog *t,
                      chk_session *session)
{
  double entries = (double)x->G * ((double)x->G + 1.0);
  chk_interval loss;
  mpz_t one;
  bool good =
      x->head.loss != CHK_CE ||
      chk_spend(session, entries * 2.0 * chk_explog_cost(t->f), (double)t->w);

  chk_interval_init(&loss);
  mpz_init_set_ui(one, 1);
  chk_interval_set_si(out, 0, t->f);
  for (size_t g = 0; g < x->G && good; g++) {
    good = x->head.loss == CHK_CE ? ce_loss(&loss, x, g, t, session)
                                  : mse_loss(&loss, x, g, t, session);
    times(&loss, x->groups[g].weight);
    times(&loss, x->groups[g].classes);
    chk_interval_add(out, out, &loss);
  }
  chk_interval_scale(out, out, one, x->head.total);
  for (size_t g = 0; g < x->G && good; g++)
    good = add_penalties(out, x, g, t->f, session);
  chk_interval_clear(&loss);
  mpz_clear(one);
  return good;
}
