/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The norm condition of a dual point of orbits, sum_j (pi_j^2/nu_j) E_j E_j^T
   <= omega I.  The matrix commutes with permutations inside groups: it is a
   number on the contrasts of each group g with two classes or more,
     sum_c (pi_c^2/nu_c) e_cg <= omega,
   and on the span of the indicators 1_g, in the basis 1_g/sqrt(K_g), with m_c
   the sums of a column's masses over groups, the condition is
     A^2 omega diag(K_g) - s^2 sum_c m_c m_c^T/(N_c nu_c) >= 0. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/norm.h"
#include "check/orbits.h"
#include "check/psd.h"

/* eta_l: the entry of mark l minus that of the unmarked classes of its group,
   which is 0 where there are none. */
static void difference(mpq_t out, const chk_orbits *x, const chk_orbit *o,
                       size_t l, chk_pull pull)
{
  mpq_t rest;

  if (pull == CHK_PULL_TARGETS) {
    mpq_sub(out, o->target[l], o->background);
    return;
  }
  mpq_init(rest);
  chk_orbits_residual(rest, x, o, o->group[l]);
  chk_orbits_residual(out, x, o, x->G + l);
  mpq_sub(out, out, rest);
  mpq_clear(rest);
}

/* Sums for each group: enclosures with f digits, which decide but for ties, and
   then exact ones where they did not. */
typedef struct pulls {
  mp_bitcnt_t f;
  chk_interval *about;
  mpq_t *exact; /* NULL at first */
  bool *open;   /* nothing is decided yet */
} pulls;

static bool add_term(pulls *p, size_t g, mpq_srcptr term, chk_session *session)
{
  chk_interval part;

  if (p->exact != NULL) {
    mpq_add(p->exact[g], p->exact[g], term);
    return chk_spend_on(session, p->exact[g]);
  }
  chk_interval_init(&part);
  chk_interval_set_rational(&part, term, p->f);
  chk_interval_add(&p->about[g], &p->about[g], &part);
  chk_interval_clear(&part);
  return chk_spend(session, 2.0, (double)p->f) && chk_spend_on(session, term);
}

/* out = n x y */
static void product(mpq_t out, size_t n, mpq_srcptr x, mpq_srcptr y)
{
  mpq_t count;

  mpq_init(count);
  mpq_set_ui(count, (unsigned long)n, 1);
  mpq_mul(out, x, y);
  mpq_mul(out, out, count);
  mpq_clear(count);
}

/* (pi_c^2/nu_c) e_cg for the groups g of the marks of one orbit:
     e_cg = eta^2                          one mark
            K_f eta_l^2                    mark l in g, the other in group f
            (K_g - 1)(eta_1^2 + eta_2^2) - 2 eta_1 eta_2     both in g, and half
   of that for pairs without order. */
static bool add_orbit(pulls *p, const chk_orbits *x, const chk_orbit *o,
                      chk_pull pull, chk_session *session)
{
  bool good = true, same = chk_orbit_same(o);
  mpq_t eta[2], share, term, sum;

  mpq_inits(eta[0], eta[1], share, term, sum, (mpq_ptr)NULL);
  mpz_set(mpq_numref(share), o->weight);
  mpz_set(mpq_denref(share), x->head.total);
  mpq_canonicalize(share);
  mpq_mul(share, share, share);
  mpq_div(share, share, o->multiple);
  if (o->unordered)
    mpq_div_2exp(share, share, 1);
  for (size_t l = 0; l < o->marks && good; l++) {
    if (!p->open[o->group[l]])
      continue;
    difference(eta[l], x, o, l, pull);
    good = chk_spend_on(session, eta[l]);
    product(term, chk_orbit_partners(x, o, l), eta[l], eta[l]);
    mpq_add(sum, sum, term);
    if (same && l == 0)
      continue;
    if (same) {
      product(term, 2, eta[0], eta[1]);
      mpq_sub(sum, sum, term);
    }
    mpq_mul(sum, sum, share);
    good = good && add_term(p, o->group[l], sum, session);
    mpq_set_ui(sum, 0, 1);
  }
  mpq_clears(eta[0], eta[1], share, term, sum, (mpq_ptr)NULL);
  return good;
}

/* Digits that tell most sums from the bound. */
static mp_bitcnt_t pull_digits(const chk_orbits *x, chk_pull pull,
                               mpq_srcptr bound)
{
  mp_bitcnt_t top = mpz_sizeinbase(mpq_numref(bound), 2);
  mp_bitcnt_t bottom = mpz_sizeinbase(mpq_denref(bound), 2);

  return (pull == CHK_PULL_DUAL ? chk_norm_digits(&x->m, &x->s) : 256) +
         (bottom > top ? bottom - top : 0);
}

/* weak[g] and open[g] from the enclosures; true when all is decided. */
static bool decide(bool *weak, pulls *p, size_t G, mpq_srcptr bound)
{
  bool all = true;
  mpz_t most;

  mpz_init(most);
  chk_rational_floor(most, bound, p->f);
  for (size_t g = 0; g < G; g++) {
    if (!p->open[g])
      continue;
    weak[g] = mpz_cmp(p->about[g].hi, most) <= 0;
    p->open[g] = !weak[g] && mpz_cmp(p->about[g].lo, most) <= 0;
    all = all && !p->open[g];
  }
  mpz_clear(most);
  return all;
}

/* The same from exact sums, where it is open. */
static bool decide_ties(bool *weak, pulls *p, const chk_orbits *x,
                        chk_pull pull, mpq_srcptr bound, chk_session *session)
{
  bool good = true;

  p->exact = chk_alloc(x->G, sizeof *p->exact);
  for (size_t g = 0; g < x->G; g++)
    mpq_init(p->exact[g]);
  for (size_t c = 0; c < x->C && good; c++)
    good = add_orbit(p, x, &x->orbit[c], pull, session);
  for (size_t g = 0; g < x->G; g++) {
    if (p->open[g])
      weak[g] = mpq_cmp(p->exact[g], bound) <= 0;
    mpq_clear(p->exact[g]);
  }
  free(p->exact);
  return good;
}

bool chk_orbits_weak(bool *weak, const chk_orbits *x, chk_pull pull,
                     chk_session *session)
{
  pulls p = {.about = NULL};
  bool good;
  mpq_t bound, s;

  mpq_inits(bound, s, (mpq_ptr)NULL);
  mpq_mul(bound, x->head.lambda_w[0], x->head.lambda_h);
  if (pull == CHK_PULL_DUAL) { /* s^2 sum <= omega */
    chk_number_get_mpq(s, &x->s);
    mpq_div(bound, bound, s);
    mpq_div(bound, bound, s);
  }
  p.f = pull_digits(x, pull, bound);
  good = chk_spend_on(session, bound) &&
         chk_fits(session, 2.0 * (double)x->G, (double)p.f);
  if (good) {
    p.about = chk_intervals_new(x->G);
    p.open = chk_alloc(x->G, sizeof *p.open);
    for (size_t g = 0; g < x->G; g++) {
      p.open[g] = x->size[g] >= 2;
      weak[g] = !p.open[g];
    }
    for (size_t c = 0; c < x->C && good; c++)
      good = add_orbit(&p, x, &x->orbit[c], pull, session);
    good = good && (decide(weak, &p, x->G, bound) ||
                    decide_ties(weak, &p, x, pull, bound, session));
    chk_intervals_free(p.about, x->G);
    free(p.open);
  }
  mpq_clears(bound, s, (mpq_ptr)NULL);
  return good;
}

static bool contrasts_hold(const chk_orbits *x, chk_session *session)
{
  bool *weak = chk_alloc(x->G, sizeof *weak);
  bool good = chk_orbits_weak(weak, x, CHK_PULL_DUAL, session);

  for (size_t g = 0; g < x->G && good; g++)
    if (!weak[g])
      good = chk_reject(session, "spectral norm (contrasts of group %zu)", g);
  free(weak);
  return good;
}

/* T = 2^digits diag(K_g) - sum_c w_c m_c m_c^T, w_c = 2^digits/(unit N_c nu_c)
   rounded up, entries rounded down, minus what the rounding of G^2 entries can
   do. */
static bool form_matrix(mpz_t *T, const chk_orbits *x, mp_bitcnt_t digits,
                        mpq_srcptr omega, chk_session *session)
{
  size_t G = x->G, C = x->C;
  mp_bitcnt_t bits = x->m.bits + 2, u = digits + 2 * bits, longest = 0;
  mpz_t *w = chk_integers_new(C), *weighted = chk_integers_new(C), entry;
  bool good = true;
  mpq_t unit, share;

  mpz_init(entry);
  mpq_inits(unit, share, (mpq_ptr)NULL);
  chk_norm_unit(unit, x->head.total, &x->m, &x->s, omega);
  for (size_t c = 0; c < C && good; c++) {
    mpq_set_z(share, x->orbit[c].columns);
    mpq_mul(share, share, x->orbit[c].multiple);
    mpq_mul(share, share, unit);
    good = chk_spend_on(session, share);
    mpq_inv(share, share);
    chk_rational_ceil(w[c], share, u);
    if (mpz_sizeinbase(w[c], 2) > longest)
      longest = mpz_sizeinbase(w[c], 2);
  }
  good = good && chk_fits(session, (double)C, (double)(longest + bits)) &&
         chk_spend(session, (double)G * (double)G * (double)C / 2.0,
                   (double)(longest / 2 + bits));
  for (size_t i = 0; i < G && good; i++) {
    for (size_t c = 0; c < C; c++)
      mpz_mul(weighted[c], w[c], x->sums[i * C + c]);
    for (size_t k = 0; k <= i; k++) {
      mpz_set_ui(entry, i == k ? (unsigned long)x->size[i] : 0);
      mpz_mul_2exp(entry, entry, u);
      for (size_t c = 0; c < C; c++)
        mpz_submul(entry, weighted[c], x->sums[k * C + c]);
      mpz_fdiv_q_2exp(T[i * G + k], entry, u - digits);
      if (i == k)
        mpz_sub_ui(T[i * G + k], T[i * G + k], (unsigned long)G);
    }
  }
  mpz_clear(entry);
  mpq_clears(unit, share, (mpq_ptr)NULL);
  chk_integers_free(w, C);
  chk_integers_free(weighted, C);
  return good;
}

static bool matrix_holds(const chk_orbits *x, chk_session *session)
{
  size_t G = x->G;
  double n = (double)G;
  mp_bitcnt_t digits = chk_norm_digits(&x->m, &x->s);
  bool good = true, proved = false;
  mpq_t omega;

  mpq_init(omega);
  mpq_mul(omega, x->head.lambda_w[0], x->head.lambda_h);
  /* as in check/norm.c */
  for (int attempt = 0; attempt < 2 && good && !proved;
       attempt++, digits *= 2) {
    mpz_t *T;

    good = chk_fits(session, n * n, (double)digits);
    if (!good)
      break;
    T = chk_integers_new(G * G);
    good = form_matrix(T, x, digits, omega, session) &&
           chk_spend(session, n * n * n / 3.0, (double)digits);
    proved = good && chk_psd((const mpz_t *)T, G);
    chk_integers_free(T, G * G);
  }
  mpq_clear(omega);
  return good && (proved || chk_reject(session, "spectral norm"));
}

bool chk_orbits_norm_holds(const chk_orbits *x, chk_session *session)
{
  return contrasts_hold(x, session) && matrix_holds(x, session);
}
