/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars of the optimum of a problem of orbits.  With eps = upper - lower,
   as in check/bars.c, and the N_c equal columns of an orbit sharing the error,
     ce   N_c pi_c KL(p_c || p*_c) <= eps,  many_e |p - p*| <= |p_c - p*_c|_1/2
                                                 <= sqrt(eps/(2 N_c pi_c))
     mse  N_c pi_c many_e (E - E*)^2 <= 2 eps
   for entry e, which stands for many_e classes.  The rest is check/bars.c with
   equal terms taken together.  Pairs without order count as both orders with
   half the weight and half the multiplicity, which is the same problem; so
   their marks may have different masses. */
#include <config.h>

#include "check/alloc.h"
#include "check/orbits_bars.h"

/* The radius of entry e, upward. */
static void radius(mpz_t out, const chk_orbit_bars *b, const chk_certificate *c,
                   const chk_orbit *o, unsigned long many)
{
  const chk_orbits *x = b->x;
  bool ce = x->head.loss == CHK_CE;
  chk_interval root;
  mpq_t square, factor;

  chk_interval_init(&root);
  mpq_inits(square, factor, (mpq_ptr)NULL);
  mpq_sub(square, c->upper, c->lower);
  mpz_set(mpq_numref(factor), x->head.total);
  mpz_mul(mpq_denref(factor), o->weight, o->columns);
  if (!ce)
    mpz_mul_ui(mpq_denref(factor), mpq_denref(factor), many);
  mpq_canonicalize(factor);
  mpq_mul(square, square, factor);
  if (ce)
    mpq_div_2exp(square, square, 1);
  else
    mpq_mul_2exp(square, square, 1);
  chk_interval_root(&root, square, 2, b->f);
  if (ce)
    mpz_cdiv_q_ui(out, root.hi, many);
  else
    mpz_set(out, root.hi);
  mpq_clears(square, factor, (mpq_ptr)NULL);
  chk_interval_clear(&root);
}

/* E and log p (ce) or t - E (mse), the latter into z; false when a probability
   may be 0. */
static bool set_column(chk_orbit_bars *b, const chk_certificate *c,
                       const chk_orbit *o, chk_explog *t, chk_session *session)
{
  const chk_orbits *x = b->x;
  bool good = true;
  mpz_t delta;
  mpq_t E, s;

  mpz_init(delta);
  mpq_inits(E, s, (mpq_ptr)NULL);
  chk_number_get_mpq(s, &x->s);
  for (size_t e = 0; e < x->G + o->marks && good; e++) {
    unsigned long many = (unsigned long)chk_orbit_many(x, o, e);
    chk_interval *dual = &b->E[o->first + e], *z = &b->z[o->first + e];

    if (many == 0)
      continue;
    radius(delta, b, c, o, many);
    chk_orbits_residual(E, x, o, e);
    mpq_mul(E, E, s);
    good = chk_spend_on(session, E);
    chk_interval_set_rational(dual, E, b->f);
    mpz_sub(dual->lo, dual->lo, delta);
    mpz_add(dual->hi, dual->hi, delta);
    chk_interval_set_rational(z, chk_orbit_target(x, o, e), b->f);
    chk_interval_sub(z, z, dual);
    if (!good || x->head.loss == CHK_MSE)
      continue;
    good = chk_log_probability(z, t);
  }
  mpz_clear(delta);
  mpq_clears(E, s, (mpq_ptr)NULL);
  return good;
}

/* A column of z minus its mean over the classes. */
static void centre(chk_orbit_bars *b, const chk_orbit *o)
{
  const chk_orbits *x = b->x;
  chk_interval *z = b->z + o->first, mean, term;
  mpq_t K;

  chk_interval_init(&mean);
  chk_interval_init(&term);
  mpq_init(K);
  mpq_set_ui(K, (unsigned long)x->head.K, 1);
  chk_interval_set_si(&mean, 0, b->f);
  for (size_t e = 0; e < x->G + o->marks; e++) {
    chk_interval_set(&term, &z[e]);
    chk_interval_times(&term, (unsigned long)chk_orbit_many(x, o, e));
    chk_interval_add(&mean, &mean, &term);
  }
  chk_interval_over(&mean, &mean, K);
  for (size_t e = 0; e < x->G + o->marks; e++)
    chk_interval_sub(&z[e], &z[e], &mean);
  chk_interval_clear(&mean);
  chk_interval_clear(&term);
  mpq_clear(K);
}

size_t chk_orbit_as_mark(const chk_orbits *x, const chk_orbit *o, size_t f,
                         size_t l)
{
  return o->group[l] == f ? chk_orbit_partners(x, o, l) : 0;
}

void chk_orbit_tally_start(chk_orbit_tally *t, const chk_orbit *o)
{
  mpz_set_ui(t->sum.lo, 0);
  mpz_set_ui(t->sum.hi, 0);
  mpz_mul_ui(t->left, o->columns, o->unordered ? 2 : 1);
}

void chk_orbit_tally_add(chk_orbit_tally *t, size_t n, const chk_interval *term)
{
  mpz_addmul_ui(t->sum.lo, term->lo, (unsigned long)n);
  mpz_addmul_ui(t->sum.hi, term->hi, (unsigned long)n);
  mpz_sub_ui(t->left, t->left, (unsigned long)n);
}

void chk_orbit_tally_finish(chk_interval *out, chk_orbit_tally *t,
                            const chk_orbits *x, const chk_orbit *o,
                            const chk_interval *term)
{
  mpz_addmul(t->sum.lo, term->lo, t->left);
  mpz_addmul(t->sum.hi, term->hi, t->left);
  mpz_mul_ui(t->left, x->head.total, o->unordered ? 2 : 1);
  chk_interval_scale(&t->sum, &t->sum, o->weight, t->left);
  chk_interval_add(out, out, &t->sum);
}

void chk_orbit_tally_init(chk_orbit_tally *t)
{
  chk_interval_init(&t->sum);
  mpz_init(t->left);
}

void chk_orbit_tally_clear(chk_orbit_tally *t)
{
  chk_interval_clear(&t->sum);
  mpz_clear(t->left);
}

typedef enum source { SOURCE_E, SOURCE_Z, SOURCE_TARGET } source;

static void get(chk_interval *out, const chk_orbit_bars *b, source from,
                const chk_orbit *o, size_t e)
{
  if (from == SOURCE_TARGET)
    chk_interval_set_rational(out, chk_orbit_target(b->x, o, e), b->f);
  else
    chk_interval_set(out, (from == SOURCE_E ? b->E : b->z) + o->first + e);
}

/* out = sum_j pi_j v_ij for i in group f */
static void weighted_mean(chk_interval *out, const chk_orbit_bars *b,
                          source from, size_t f)
{
  const chk_orbits *x = b->x;
  chk_interval v;
  chk_orbit_tally t;

  chk_interval_init(&v);
  chk_orbit_tally_init(&t);
  chk_interval_set_si(out, 0, b->f);
  for (size_t c = 0; c < x->C; c++) {
    const chk_orbit *o = &x->orbit[c];

    chk_orbit_tally_start(&t, o);
    for (size_t l = 0; l < o->marks; l++) {
      get(&v, b, from, o, x->G + l);
      chk_orbit_tally_add(&t, chk_orbit_as_mark(x, o, f, l), &v);
    }
    get(&v, b, from, o, f);
    chk_orbit_tally_finish(out, &t, x, o, &v);
  }
  chk_interval_clear(&v);
  chk_orbit_tally_clear(&t);
}

/* Subtracts the bias, for a free one with nu proportional to pi: the weighted
   mean of z (ce), the mean target (mse); (1/lambda_b) sum pi E (ridge). */
static void subtract_bias(chk_orbit_bars *b)
{
  const chk_orbits *x = b->x;
  chk_interval *bias = chk_intervals_new(x->G);

  for (size_t u = 0; u < x->G; u++)
    if (x->head.bias == CHK_RIDGE) {
      weighted_mean(&bias[u], b, SOURCE_E, u);
      chk_interval_over(&bias[u], &bias[u], x->head.lambda_b);
    } else {
      weighted_mean(&bias[u], b,
                    x->head.loss == CHK_CE ? SOURCE_Z : SOURCE_TARGET, u);
    }
  for (size_t c = 0; c < x->C; c++) {
    const chk_orbit *o = &x->orbit[c];

    for (size_t e = 0; e < x->G + o->marks; e++) {
      chk_interval *z = &b->z[o->first + e];

      chk_interval_sub(z, z, &bias[e < x->G ? e : o->group[e - x->G]]);
    }
  }
  chk_intervals_free(bias, x->G);
}

bool chk_orbit_bars_set(chk_orbit_bars *b, const chk_orbits *x,
                        const chk_certificate *c, mp_bitcnt_t f,
                        chk_session *session)
{
  double entries = (double)x->entries;
  bool good = true;
  chk_explog t;

  *b = (chk_orbit_bars){.x = x, .f = f};
  if (!chk_spend(session, entries * 2.0 * chk_explog_cost(f), (double)f) ||
      !chk_fits(session, 4.0 * entries, (double)f))
    return false;
  b->E = chk_intervals_new(x->entries);
  b->z = chk_intervals_new(x->entries);
  chk_explog_init(&t, f);
  for (size_t i = 0; i < x->C && good; i++) {
    good = set_column(b, c, &x->orbit[i], &t, session);
    if (good && x->head.loss == CHK_CE)
      centre(b, &x->orbit[i]);
  }
  if (good && x->head.bias != CHK_NONE)
    subtract_bias(b);
  chk_explog_clear(&t);
  return good || chk_reject(session, "claims not implied (gap too large)");
}

void chk_orbit_bars_clear(chk_orbit_bars *b)
{
  chk_intervals_free(b->E, b->x->entries);
  chk_intervals_free(b->z, b->x->entries);
}
