/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dual points of groups.  E is constant on the parts of a column, so sums of
   a_g E over blocks of K_g many_f entries say everything:
     column sums 0 (ce), row sums 0 (free bias): of the blocks;
     E E^T-condition: on the contrasts of group g it is
       (a_g/A)^2 (E_own - E_in)^2 <= omega nu_g,
     on the span of the indicators 1_g, in the basis 1_g/sqrt(K_g), with m_fg
     the block sums (own class included),
       A^2 omega diag(K_f) - s^2 sum_g m_g m_g^T/(K_g nu_g) >= 0. */
#include <config.h>

#include "check/alloc.h"
#include "check/norm.h"
#include "check/orbits.h"
#include "check/psd.h"
#include "check/witness.h"

static const mpz_t *mass(const chk_orbits *x, size_t g, size_t f)
{
  return (const mpz_t *)&x->m.x[f * x->G + g];
}

/* The sum over block (f, g), own class included, on the grid of m. */
static void block(mpz_t out, const chk_orbits *x, size_t f, size_t g)
{
  mpz_set(out, *mass(x, g, f));
  if (f == g)
    mpz_add(out, out, *mass(x, g, x->G));
}

static void row_sum(mpz_t out, const chk_orbits *x, size_t f)
{
  mpz_set(out, *mass(x, f, x->G));
  for (size_t g = 0; g < x->G; g++)
    mpz_add(out, out, *mass(x, g, f));
}

void chk_orbits_residual(mpq_t out, const chk_orbits *x, size_t g, size_t f)
{
  mpz_t many;

  mpz_init(many);
  chk_orbits_many(many, x, g, f);
  mpq_set_ui(out, 0, 1);
  if (mpz_sgn(many) > 0) {
    mpz_set(mpq_numref(out), *mass(x, g, f));
    mpz_mul(mpq_denref(out), many, x->groups[g].classes);
    mpz_mul(mpq_denref(out), mpq_denref(out), x->groups[g].weight);
    mpz_mul(mpq_denref(out), mpq_denref(out), x->m.q);
    mpq_canonicalize(out);
    if (x->m.e >= 0)
      mpq_mul_2exp(out, out, (mp_bitcnt_t)x->m.e);
    else
      mpq_div_2exp(out, out, (mp_bitcnt_t)-x->m.e);
  }
  mpz_clear(many);
}

/* Masses of what is not there are 0; ce: columns sum to 0 and E <= t. */
static bool column_holds(const chk_orbits *x, size_t g, chk_session *session)
{
  bool good = true;
  mpz_t sum, many;
  mpq_t E;

  mpz_init(sum);
  mpz_init(many);
  mpq_init(E);
  for (size_t f = 0; f <= x->G && good; f++) {
    mpz_add(sum, sum, *mass(x, g, f));
    chk_orbits_many(many, x, g, f);
    chk_orbits_residual(E, x, g, f);
    good = chk_spend_on(session, E);
    if (good && mpz_sgn(many) == 0 && mpz_sgn(*mass(x, g, f)) != 0)
      good =
          chk_reject(session, "mass of no class (row %zu, column %zu)", f, g);
    if (good && x->head.loss == CHK_CE &&
        mpq_cmp(E, f == x->G ? x->on : x->off) > 0)
      good = chk_reject(session, "simplex (row %zu, column %zu)", f, g);
  }
  if (good && x->head.loss == CHK_CE && mpz_sgn(sum) != 0)
    good = chk_reject(session, "column sum (column %zu)", g);
  mpz_clear(sum);
  mpz_clear(many);
  mpq_clear(E);
  return good;
}

static bool rows_hold(const chk_orbits *x, chk_session *session)
{
  bool good = true;
  mpz_t sum;

  mpz_init(sum);
  for (size_t f = 0; f < x->G && good; f++) {
    row_sum(sum, x, f);
    if (mpz_sgn(sum) != 0)
      good = chk_reject(session, "row sum (row %zu)", f);
  }
  mpz_clear(sum);
  return good;
}

/* s^2 a_g^2 (E_own - E_in)^2 <= A^2 omega nu_g for every group of two or more
 */
static bool contrasts_hold(const chk_orbits *x, mpq_srcptr omega,
                           chk_session *session)
{
  bool good = true;
  mpq_t own, in, s, bound;

  mpq_init(own);
  mpq_init(in);
  mpq_init(s);
  mpq_init(bound);
  chk_number_get_mpq(s, &x->s);
  for (size_t g = 0; g < x->G && good; g++) {
    if (mpz_cmp_ui(x->groups[g].classes, 2) < 0)
      continue;
    chk_orbits_residual(own, x, g, x->G);
    chk_orbits_residual(in, x, g, g);
    mpq_sub(own, own, in);
    mpq_mul(own, own, s);
    mpq_set_z(in, x->groups[g].weight);
    mpq_mul(own, own, in);
    mpq_set_z(in, x->head.total);
    mpq_div(own, own, in);
    mpq_mul(own, own, own);
    mpq_mul(bound, omega, x->groups[g].multiple);
    good = chk_spend_on(session, own) && chk_spend_on(session, bound);
    if (good && mpq_cmp(own, bound) > 0)
      good = chk_reject(session, "spectral norm (contrasts of group %zu)", g);
  }
  mpq_clear(own);
  mpq_clear(in);
  mpq_clear(s);
  mpq_clear(bound);
  return good;
}

/* T = 2^digits diag(K_f) - sum_g w_g x_g x_g^T, w_g = 2^digits/(unit K_g nu_g)
   rounded up, entries rounded down, minus what the rounding of G^2 entries can
   do. */
static bool form_matrix(mpz_t *T, const chk_orbits *x, mp_bitcnt_t digits,
                        mpq_srcptr omega, chk_session *session)
{
  size_t G = x->G;
  mp_bitcnt_t u = digits + 2 * x->m.bits + 2, longest = 0;
  mpz_t *w = chk_integers_new(G), entry, part, row;
  bool good = true;
  mpq_t unit, share;

  mpz_init(entry);
  mpz_init(part);
  mpz_init(row);
  mpq_init(unit);
  mpq_init(share);
  chk_norm_unit(unit, x->head.total, &x->m, &x->s, omega);
  for (size_t g = 0; g < G && good; g++) {
    mpq_set_z(share, x->groups[g].classes);
    mpq_mul(share, share, x->groups[g].multiple);
    mpq_mul(share, share, unit);
    good = chk_spend_on(session, share);
    mpq_inv(share, share);
    chk_rational_ceil(w[g], share, u);
    if (mpz_sizeinbase(w[g], 2) > longest)
      longest = mpz_sizeinbase(w[g], 2);
  }
  good = good && chk_spend(session, (double)G * (double)G * (double)G,
                           (double)(longest / 2 + x->m.bits));
  for (size_t i = 0; i < G && good; i++)
    for (size_t k = 0; k <= i; k++) {
      mpz_set_ui(entry, 0);
      if (i == k)
        mpz_mul_2exp(entry, x->groups[i].classes, u);
      for (size_t g = 0; g < G; g++) {
        block(part, x, i, g);
        block(row, x, k, g);
        mpz_mul(part, part, w[g]);
        mpz_submul(entry, part, row);
      }
      mpz_fdiv_q_2exp(T[i * G + k], entry, u - digits);
      if (i == k)
        mpz_sub_ui(T[i * G + k], T[i * G + k], G);
    }
  mpz_clear(entry);
  mpz_clear(part);
  mpz_clear(row);
  mpq_clear(unit);
  mpq_clear(share);
  chk_integers_free(w, G);
  return good;
}

static bool norm_holds(const chk_orbits *x, mpq_srcptr omega,
                       chk_session *session)
{
  size_t G = x->G;
  double n = (double)G;
  mp_bitcnt_t digits = chk_norm_digits(&x->m, &x->s);

  for (int attempt = 0; attempt < 2; attempt++, digits *= 2) {
    mpz_t *T;
    bool good = chk_fits(session, n * n, (double)digits), proved = false;

    if (!good)
      return false;
    T = chk_integers_new(G * G);
    good = form_matrix(T, x, digits, omega, session) &&
           chk_spend(session, n * n * n / 3.0, (double)digits);
    if (good)
      proved = chk_psd((const mpz_t *)T, G);
    chk_integers_free(T, G * G);
    if (!good || proved)
      return good;
  }
  return chk_reject(session, "spectral norm");
}

bool chk_orbits_feasible(const chk_orbits *x, chk_session *session)
{
  bool good =
      chk_is_scale(&x->s) || chk_reject(session, "scale (s outside (0, 1])");
  mpq_t omega;

  for (size_t g = 0; g < x->G && good; g++)
    good = column_holds(x, g, session);
  good = good && (x->head.bias != CHK_FREE || rows_hold(x, session));
  mpq_init(omega);
  mpq_mul(omega, x->head.lambda_w[0], x->head.lambda_h);
  good = good && contrasts_hold(x, omega, session) &&
         norm_holds(x, omega, session);
  mpq_clear(omega);
  return good;
}

/* many_f phi(E): -p log p with p = t - E (ce), E (t - E/2) (mse). */
static bool add_entry(chk_interval *out, const chk_orbits *x, size_t g,
                      size_t f, chk_explog *t, chk_session *session)
{
  mpq_srcptr target = f == x->G ? x->on : x->off;
  chk_interval term;
  mpz_t many;
  mpq_t E, s;
  bool good;

  mpz_init(many);
  mpq_init(E);
  mpq_init(s);
  chk_interval_init(&term);
  chk_orbits_many(many, x, g, f);
  chk_number_get_mpq(s, &x->s);
  chk_orbits_residual(E, x, g, f);
  mpq_mul(E, E, s);
  if (x->head.loss == CHK_CE) {
    mpq_sub(E, target, E);
    good = chk_spend_on(session, E);
    chk_interval_set_rational(&term, E, t->f);
    chk_entropy(&term, &term, t);
  } else {
    mpq_div_2exp(s, E, 1);
    mpq_sub(s, target, s);
    mpq_mul(E, E, s);
    good = chk_spend_on(session, E);
    chk_interval_set_rational(&term, E, t->f);
  }
  mpz_mul(term.lo, term.lo, many);
  mpz_mul(term.hi, term.hi, many);
  chk_interval_add(out, out, &term);
  chk_interval_clear(&term);
  mpz_clear(many);
  mpq_clear(E);
  mpq_clear(s);
  return good;
}

/* out -= sum_f K_f (s r_f/(A K_f))^2/(2 lambda_b), r_f the row sums */
static bool subtract_ridge(chk_interval *out, const chk_orbits *x,
                           mp_bitcnt_t digits, chk_session *session)
{
  chk_interval term;
  bool good = true;
  mpz_t sum;
  mpq_t unit, part;

  mpz_init(sum);
  mpq_init(unit);
  mpq_init(part);
  chk_interval_init(&term);
  mpq_inv(part, x->head.lambda_b);
  mpq_div_2exp(part, part, 1);
  /* (A q)^2 2 lambda_b/(s^2 2^(2e)), so that the sum is of r_f^2/(K_f unit) */
  mpq_inv(part, part);
  chk_norm_unit(unit, x->head.total, &x->m, &x->s, part);
  for (size_t f = 0; f < x->G && good; f++) {
    row_sum(sum, x, f);
    mpz_mul(mpq_numref(part), sum, sum);
    mpz_set(mpq_denref(part), x->groups[f].classes);
    mpq_canonicalize(part);
    mpq_div(part, part, unit);
    good = chk_spend_on(session, part);
    chk_interval_set_rational(&term, part, digits);
    chk_interval_sub(out, out, &term);
  }
  chk_interval_clear(&term);
  mpz_clear(sum);
  mpq_clear(unit);
  mpq_clear(part);
  return good;
}

bool chk_orbits_dual_value(chk_interval *out, const chk_orbits *x,
                           chk_explog *t, chk_session *session)
{
  double entries = (double)x->G * ((double)x->G + 1.0);
  chk_interval column;
  mpz_t one;
  bool good =
      x->head.loss != CHK_CE ||
      chk_spend(session, entries * 2.0 * chk_explog_cost(t->f), (double)t->w);

  chk_interval_init(&column);
  mpz_init_set_ui(one, 1);
  chk_interval_set_si(out, 0, t->f);
  for (size_t g = 0; g < x->G && good; g++) {
    chk_interval_set_si(&column, 0, t->f);
    for (size_t f = 0; f <= x->G && good; f++)
      good = add_entry(&column, x, g, f, t, session);
    mpz_mul(column.lo, column.lo, x->groups[g].weight);
    mpz_mul(column.hi, column.hi, x->groups[g].weight);
    mpz_mul(column.lo, column.lo, x->groups[g].classes);
    mpz_mul(column.hi, column.hi, x->groups[g].classes);
    chk_interval_add(out, out, &column);
  }
  chk_interval_scale(out, out, one, x->head.total);
  if (good && x->head.bias == CHK_RIDGE)
    good = subtract_ridge(out, x, t->f, session);
  chk_interval_clear(&column);
  mpz_clear(one);
  return good;
}
