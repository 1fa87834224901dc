/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dual points of orbits: E is constant on the entries of a column and on an
   orbit, so sums of a_c E over all its columns and over the classes of an entry
   say everything. */
#include <config.h>

#include "check/norm.h"
#include "check/orbits.h"
#include "check/witness.h"

void chk_orbits_residual(mpq_t out, const chk_orbits *x, const chk_orbit *o,
                         size_t e)
{
  unsigned long many = (unsigned long)chk_orbit_many(x, o, e);
  mpq_t count;

  mpq_set_ui(out, 0, 1);
  if (many == 0)
    return;
  mpq_init(count);
  mpz_mul(mpq_numref(count), o->columns, o->weight);
  mpz_mul_ui(mpq_numref(count), mpq_numref(count), many);
  chk_orbits_entry(out, &x->m, o->first + e);
  mpq_div(out, out, count);
  mpq_clear(count);
}

/* ce: columns sum to 0. */
static bool sums_to_zero(const chk_orbits *x, size_t c, chk_session *session)
{
  const chk_orbit *o = &x->orbit[c];
  bool zero;
  mpz_t sum;

  mpz_init(sum);
  for (size_t e = 0; e < x->G + o->marks; e++)
    mpz_add(sum, sum, x->m.x[o->first + e]);
  zero = mpz_sgn(sum) == 0;
  mpz_clear(sum);
  return zero || chk_reject(session, "column sum (column %zu)", c);
}

/* Masses of what is not there are 0; ce: E <= t. */
static bool entries_hold(const chk_orbits *x, size_t c, chk_session *session)
{
  const chk_orbit *o = &x->orbit[c];
  bool good = true;
  mpq_t E;

  mpq_init(E);
  for (size_t e = 0; e < x->G + o->marks && good; e++) {
    if (chk_orbit_many(x, o, e) == 0) {
      good =
          mpz_sgn(x->m.x[o->first + e]) == 0 ||
          chk_reject(session, "mass of no class (entry %zu, column %zu)", e, c);
    } else if (x->head.loss == CHK_CE) {
      chk_orbits_residual(E, x, o, e);
      good = chk_spend_on(session, E) &&
             (mpq_cmp(E, chk_orbit_target(x, o, e)) <= 0 ||
              chk_reject(session, "simplex (entry %zu, column %zu)", e, c));
    }
  }
  mpq_clear(E);
  return good;
}

/* Sum of the masses of group u in all columns. */
static void row_sum(mpz_t out, const chk_orbits *x, size_t u)
{
  mpz_set_ui(out, 0);
  for (size_t c = 0; c < x->C; c++)
    mpz_add(out, out, x->sums[u * x->C + c]);
}

static bool rows_hold(const chk_orbits *x, chk_session *session)
{
  bool good = true;
  mpz_t sum;

  mpz_init(sum);
  for (size_t u = 0; u < x->G && good; u++) {
    row_sum(sum, x, u);
    if (mpz_sgn(sum) != 0)
      good = chk_reject(session, "row sum (row %zu)", u);
  }
  mpz_clear(sum);
  return good;
}

bool chk_orbits_feasible(const chk_orbits *x, chk_session *session)
{
  bool good =
      chk_is_scale(&x->s) || chk_reject(session, "scale (s outside (0, 1])");

  for (size_t c = 0; c < x->C && good; c++)
    good = (x->head.loss != CHK_CE || sums_to_zero(x, c, session)) &&
           entries_hold(x, c, session);
  return good && (x->head.bias != CHK_FREE || rows_hold(x, session)) &&
         chk_orbits_norm_holds(x, session);
}

/* out += many_e phi(E): -p log p with p = t - E (ce), E (t - E/2) (mse). */
static bool add_entry(chk_interval *out, const chk_orbits *x,
                      const chk_orbit *o, size_t e, chk_explog *t,
                      chk_session *session)
{
  mpq_srcptr target = chk_orbit_target(x, o, e);
  chk_interval term;
  bool good;
  mpq_t E, s;

  mpq_inits(E, s, (mpq_ptr)NULL);
  chk_interval_init(&term);
  chk_number_get_mpq(s, &x->s);
  chk_orbits_residual(E, x, o, e);
  mpq_mul(E, E, s);
  if (x->head.loss == CHK_CE) {
    mpq_sub(E, target, E);
  } else {
    mpq_div_2exp(s, E, 1);
    mpq_sub(s, target, s);
    mpq_mul(E, E, s);
  }
  good = chk_spend_on(session, E);
  chk_interval_set_rational(&term, E, t->f);
  if (x->head.loss == CHK_CE)
    chk_entropy(&term, &term, t);
  chk_interval_times(&term, (unsigned long)chk_orbit_many(x, o, e));
  chk_interval_add(out, out, &term);
  chk_interval_clear(&term);
  mpq_clears(E, s, (mpq_ptr)NULL);
  return good;
}

/* out -= sum_u K_u (s r_u/(A K_u))^2/(2 lambda_b), r_u the row sums */
static bool subtract_ridge(chk_interval *out, const chk_orbits *x,
                           mp_bitcnt_t digits, chk_session *session)
{
  chk_interval term;
  bool good = true;
  mpz_t sum;
  mpq_t unit, part;

  mpz_init(sum);
  mpq_inits(unit, part, (mpq_ptr)NULL);
  chk_interval_init(&term);
  /* (A q)^2 2 lambda_b/(s^2 2^(2e)), so that the sum is of r_u^2/(K_u unit) */
  mpq_mul_2exp(part, x->head.lambda_b, 1);
  chk_norm_unit(unit, x->head.total, &x->m, &x->s, part);
  for (size_t u = 0; u < x->G && good; u++) {
    row_sum(sum, x, u);
    mpz_mul(mpq_numref(part), sum, sum);
    mpz_set_ui(mpq_denref(part), (unsigned long)x->size[u]);
    mpq_canonicalize(part);
    mpq_div(part, part, unit);
    good = chk_spend_on(session, part);
    chk_interval_set_rational(&term, part, digits);
    chk_interval_sub(out, out, &term);
  }
  chk_interval_clear(&term);
  mpz_clear(sum);
  mpq_clears(unit, part, (mpq_ptr)NULL);
  return good;
}

bool chk_orbits_dual_value(chk_interval *out, const chk_orbits *x,
                           chk_explog *t, chk_session *session)
{
  chk_interval column;
  mpz_t share;
  bool good =
      x->head.loss != CHK_CE ||
      chk_spend(session, (double)x->entries * 2.0 * chk_explog_cost(t->f),
                (double)t->w);

  chk_interval_init(&column);
  mpz_init(share);
  chk_interval_set_si(out, 0, t->f);
  for (size_t c = 0; c < x->C && good; c++) {
    const chk_orbit *o = &x->orbit[c];

    chk_interval_set_si(&column, 0, t->f);
    for (size_t e = 0; e < x->G + o->marks && good; e++)
      good = add_entry(&column, x, o, e, t, session);
    mpz_mul(share, o->columns, o->weight);
    chk_interval_scale(&column, &column, share, x->head.total);
    chk_interval_add(out, out, &column);
  }
  if (good && x->head.bias == CHK_RIDGE)
    good = subtract_ridge(out, x, t->f, session);
  chk_interval_clear(&column);
  mpz_clear(share);
  return good;
}
