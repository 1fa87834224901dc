/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective at a point of orbits.  With contrast matrices C_g C_g^T = P_g =
   I - J/K_g in dimensions of their own,
     W = sum_g ( w_g C_g + 1_g v_g^T ),
     h = y_c + sum_l a_l C_{g(l)}^T e_{k(l)}    with marks k(l) in groups g(l)
   is a point of the problem.  Its outputs are v_u . y_c + b_u for a class of
   group u, plus w_{g(l)} a_l P_{g(l)} e_{k(l)} for each mark. */
#include <config.h>

#include "check/alloc.h"
#include "check/orbits.h"

/* a_l: the numbers h themselves; for two marks of one group their sum and
   difference, or the same number twice. */
static void amplitude(mpq_t out, const chk_orbits *x, const chk_orbit *o,
                      size_t l)
{
  mpq_t other;

  if (!chk_orbit_same(o) || o->unordered) {
    chk_orbits_entry(out, &x->h, o->contrast + (o->unordered ? 0 : l));
    return;
  }
  mpq_init(other);
  chk_orbits_entry(out, &x->h, o->contrast);
  chk_orbits_entry(other, &x->h, o->contrast + 1);
  if (l == 0)
    mpq_add(out, out, other);
  else
    mpq_sub(out, out, other);
  mpq_clear(other);
}

/* The outputs of orbit c, from the products z = V Y. */
static bool form_column(chk_orbits *x, const chk_grid *z, size_t c,
                        chk_session *session)
{
  const chk_orbit *o = &x->orbit[c];
  mpq_t *y = x->outputs + o->first, *own = y + x->G, part;
  bool good = true;

  mpq_init(part);
  for (size_t u = 0; u < x->G && good; u++) {
    if (z->x != NULL)
      chk_orbits_entry(y[u], z, u * x->C + c);
    if (x->b.x != NULL) {
      chk_orbits_entry(part, &x->b, u);
      mpq_add(y[u], y[u], part);
    }
    good = chk_spend_on(session, y[u]);
  }
  for (size_t l = 0; l < o->marks && good; l++) {
    size_t g = o->group[l];

    amplitude(own[l], x, o, l);
    chk_orbits_entry(part, &x->w, g);
    mpq_mul(own[l], own[l], part);
    mpq_set_ui(part, (unsigned long)x->size[g], 1);
    mpq_div(part, own[l], part);
    mpq_sub(y[g], y[g], part);
    good = chk_spend_on(session, y[g]);
  }
  for (size_t l = 0; l < o->marks && good; l++) {
    mpq_add(own[l], own[l], y[o->group[l]]);
    good = chk_spend_on(session, own[l]);
  }
  mpq_clear(part);
  return good;
}

bool chk_orbits_form(chk_orbits *x, chk_session *session)
{
  double bits = chk_grid_span(&x->V) + chk_grid_span(&x->Y) +
                chk_grid_span(&x->w) + chk_grid_span(&x->h) +
                chk_grid_span(&x->b) + 64.0;
  chk_grid z;
  bool good;

  if (!chk_hold(session, (double)x->entries, 2.0 * bits))
    return false;
  chk_grid_init(&z);
  good = x->r == 0 || chk_grid_multiply(&z, &x->V, &x->Y, session);
  x->outputs = chk_alloc(x->entries, sizeof *x->outputs);
  for (size_t i = 0; i < x->entries; i++)
    mpq_init(x->outputs[i]);
  for (size_t c = 0; c < x->C && good; c++)
    good = form_column(x, &z, c, session);
  chk_grid_clear(&z);
  return good;
}

/* With r = argmax y, which is there n times:
     log( n + sum_{e != r} many_e exp(y_e - y_r) )
       + sum_e many_e t_e (y_r - y_e) */
static bool ce_loss(chk_interval *out, const chk_orbits *x, const chk_orbit *o,
                    chk_explog *t, chk_session *session)
{
  size_t count = x->G + o->marks, r = x->G;
  const mpq_t *y = (const mpq_t *)x->outputs + o->first;
  chk_interval sum, term, weight;
  bool good = true;
  mpq_t gap;

  chk_interval_init(&sum);
  chk_interval_init(&term);
  chk_interval_init(&weight);
  mpq_init(gap);
  for (size_t e = 0; e < count; e++)
    if (chk_orbit_many(x, o, e) > 0 && mpq_cmp(y[e], y[r]) > 0)
      r = e;
  chk_interval_set_si(&sum, (long)chk_orbit_many(x, o, r), t->f);
  chk_interval_set_si(out, 0, t->f);
  for (size_t e = 0; e < count && good; e++) {
    unsigned long many = (unsigned long)chk_orbit_many(x, o, e);

    if (e == r || many == 0)
      continue;
    mpq_sub(gap, y[e], y[r]); /* <= 0 */
    good = chk_spend_on(session, gap);
    chk_interval_set_rational(&term, gap, t->f);
    chk_interval_set_rational(&weight, chk_orbit_target(x, o, e), t->f);
    chk_interval_mul(&weight, &weight, &term, t->f);
    chk_interval_times(&weight, many);
    chk_interval_sub(out, out, &weight);
    if (mpz_sgn(term.hi) > 0)
      mpz_set_ui(term.hi, 0);
    chk_exp(&term, &term, t);
    chk_interval_times(&term, many);
    chk_interval_add(&sum, &sum, &term);
  }
  chk_log(&sum, &sum, t);
  chk_interval_add(out, out, &sum);
  chk_interval_clear(&sum);
  chk_interval_clear(&term);
  chk_interval_clear(&weight);
  mpq_clear(gap);
  return good;
}

/* sum_e many_e (y_e - t_e)^2/2 */
static bool mse_loss(chk_interval *out, const chk_orbits *x, const chk_orbit *o,
                     chk_explog *t, chk_session *session)
{
  chk_interval term;
  bool good = true;
  mpq_t gap;

  chk_interval_init(&term);
  mpq_init(gap);
  chk_interval_set_si(out, 0, t->f);
  for (size_t e = 0; e < x->G + o->marks && good; e++) {
    mpq_sub(gap, x->outputs[o->first + e], chk_orbit_target(x, o, e));
    mpq_mul(gap, gap, gap);
    mpq_div_2exp(gap, gap, 1);
    good = chk_spend_on(session, gap);
    chk_interval_set_rational(&term, gap, t->f);
    chk_interval_times(&term, (unsigned long)chk_orbit_many(x, o, e));
    chk_interval_add(out, out, &term);
  }
  chk_interval_clear(&term);
  mpq_clear(gap);
  return good;
}

/* `count` entries of a grid, `stride` apart. */
typedef struct slice {
  const chk_grid *grid;
  size_t first, count, stride;
} slice;

/* out += (lambda/2) n sum of the squares of the slice */
static bool add_penalty(chk_interval *out, slice s, mpz_srcptr n,
                        mpq_srcptr lambda, mp_bitcnt_t f, chk_session *session)
{
  const chk_grid *grid = s.grid;
  chk_interval term;
  bool good;
  mpz_t sum;
  mpq_t x;

  if (!chk_spend(session, (double)s.count, (double)grid->bits))
    return false;
  mpz_init(sum);
  mpq_init(x);
  for (size_t i = 0; i < s.count; i++) {
    mpz_srcptr entry = grid->x[s.first + i * s.stride];

    mpz_addmul(sum, entry, entry);
  }
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

/* |W|^2 and |b|^2: (K_g - 1) w_g^2 + K_g |v_g|^2, K_g b_g^2 */
static bool add_group(chk_interval *out, const chk_orbits *x, size_t g,
                      mp_bitcnt_t f, chk_session *session)
{
  const chk_problem *p = &x->head;
  bool good;
  mpz_t n;

  mpz_init_set_ui(n, (unsigned long)x->size[g] - 1);
  good =
      add_penalty(out, (slice){&x->w, g, 1, 1}, n, p->lambda_w[0], f, session);
  mpz_add_ui(n, n, 1);
  good = good &&
         add_penalty(out, (slice){&x->V, g * x->r, x->r, 1}, n, p->lambda_w[0],
                     f, session) &&
         (p->bias != CHK_RIDGE || add_penalty(out, (slice){&x->b, g, 1, 1}, n,
                                              p->lambda_b, f, session));
  mpz_clear(n);
  return good;
}

/* e_q: sum over the columns of |sum_l alpha_l C^T e_{k(l)}|^2 is e_q (K_g - 1),
   alpha = (1, 1) or (1, -1) for two marks of one group. */
static size_t contrast_times(const chk_orbits *x, const chk_orbit *o, size_t q)
{
  size_t K = x->size[o->group[q]];

  if (!chk_orbit_same(o))
    return chk_orbit_partners(x, o, q);
  if (o->unordered)
    return K - 2;
  return q == 0 ? 2 * (K - 2) : 2 * K;
}

/* nu_c ( N_c |y_c|^2 + sum_q (K_g(q) - 1) e_q h_q^2 ) */
static bool add_column(chk_interval *out, const chk_orbits *x, size_t c,
                       mp_bitcnt_t f, chk_session *session)
{
  const chk_orbit *o = &x->orbit[c];
  mpq_t lambda;
  bool good;
  mpz_t n;

  mpz_init(n);
  mpq_init(lambda);
  mpq_mul(lambda, x->head.lambda_h, o->multiple);
  good = add_penalty(out, (slice){&x->Y, c, x->r, x->C}, o->columns, lambda, f,
                     session);
  for (size_t q = 0; q < chk_orbit_contrasts(o) && good; q++) {
    mpz_set_ui(n, (unsigned long)x->size[o->group[q]] - 1);
    mpz_mul_ui(n, n, (unsigned long)contrast_times(x, o, q));
    good = add_penalty(out, (slice){&x->h, o->contrast + q, 1, 1}, n, lambda, f,
                       session);
  }
  mpz_clear(n);
  mpq_clear(lambda);
  return good;
}

bool chk_orbits_value(chk_interval *out, const chk_orbits *x, chk_explog *t,
                      chk_session *session)
{
  chk_interval loss;
  mpz_t share;
  bool good =
      x->head.loss != CHK_CE ||
      chk_spend(session, (double)x->entries * 2.0 * chk_explog_cost(t->f),
                (double)t->w);

  chk_interval_init(&loss);
  mpz_init(share);
  chk_interval_set_si(out, 0, t->f);
  for (size_t c = 0; c < x->C && good; c++) {
    const chk_orbit *o = &x->orbit[c];

    good = x->head.loss == CHK_CE ? ce_loss(&loss, x, o, t, session)
                                  : mse_loss(&loss, x, o, t, session);
    mpz_mul(share, o->columns, o->weight);
    chk_interval_scale(&loss, &loss, share, x->head.total);
    chk_interval_add(out, out, &loss);
  }
  for (size_t g = 0; g < x->G && good; g++)
    good = add_group(out, x, g, t->f, session);
  for (size_t c = 0; c < x->C && good; c++)
    good = add_column(out, x, c, t->f, session);
  chk_interval_clear(&loss);
  mpz_clear(share);
  return good;
}
