/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "spectral": MSE, any depth M (L = M + 1).  The minimum (a lower bound of
   it for a ridge bias, whose penalty is dropped) is
   sum_{j<=R} psi(tau_j) + sum_{j>R} tau_j^2/(2N) over the eigenvalues
   tau_j^2 of the second moment B of the targets, and
     psi(tau) = min over u in [0,1] of (tau^2/2N)((1 - u^L)^2 + L c u^2),
     c^L = ratio := N^L lambda_1..lambda_M lambda_H / (tau^2)^M,
   increases with tau, so lower bounds m_j of tau_j^2 give a lower bound.
   The derivative in u has the sign of P(u) = u^(2M) - u^(M-1) + c. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/eigenvalues.h"

typedef struct direction {
  bool active;
  mpq_t m;     /* lower bound of the eigenvalue */
  mpq_t ratio; /* c^L; not set when m = 0 */
  mpq_t lo, hi;
} direction;

typedef struct spectral {
  size_t K, R;
  unsigned long M, L;
  mpq_t N;
  direction *d; /* K; the last K - R are cut */
} spectral;

static void spectral_init(spectral *s, const chk_problem *p)
{
  s->K = s->R = p->K;
  for (size_t m = 0; m < p->M; m++)
    if (p->width[m] < s->R)
      s->R = p->width[m];
  s->M = (unsigned long)p->M;
  s->L = s->M + 1;
  mpq_init(s->N);
  s->d = chk_alloc(s->K, sizeof *s->d);
  for (size_t j = 0; j < s->K; j++)
    mpq_inits(s->d[j].m, s->d[j].ratio, s->d[j].lo, s->d[j].hi, (mpq_ptr)NULL);
}

static void spectral_clear(spectral *s)
{
  for (size_t j = 0; j < s->K; j++)
    mpq_clears(s->d[j].m, s->d[j].ratio, s->d[j].lo, s->d[j].hi, (mpq_ptr)NULL);
  mpq_clear(s->N);
  free(s->d);
}

static double length(mpq_srcptr x)
{
  return (double)(mpz_sizeinbase(mpq_numref(x), 2) +
                  mpz_sizeinbase(mpq_denref(x), 2));
}

/* out = x^n; the length of the result is paid for. */
static bool power(mpq_t out, mpq_srcptr x, unsigned long n,
                  chk_session *session)
{
  if (!chk_spend(session, 4.0, (double)n * length(x)))
    return false;
  mpz_pow_ui(mpq_numref(out), mpq_numref(x), n);
  mpz_pow_ui(mpq_denref(out), mpq_denref(x), n);
  return true;
}

/* N = nu_j A / a_j must be the same for all columns. */
static bool read_ratio(mpq_t N, const chk_problem *p, chk_session *session)
{
  bool good = true;
  mpq_t value, weight;

  mpq_inits(value, weight, (mpq_ptr)NULL);
  for (size_t j = 0; j < p->J && good; j++) {
    chk_number_get_mpq(value, &p->columns[j].multiple);
    good = chk_spend(session, 8.0, length(value));
    mpz_set(mpq_numref(weight), p->total);
    mpz_set(mpq_denref(weight), p->columns[j].weight);
    mpq_canonicalize(weight);
    mpq_mul(value, value, weight);
    if (j == 0)
      mpq_set(N, value);
    else if (good && !mpq_equal(N, value))
      good = chk_malformed(session, "spectral: multiplicities are not "
                                    "proportional to weights");
  }
  mpq_clears(value, weight, (mpq_ptr)NULL);
  return good;
}

static bool read_nonnegative(mpq_t out, const json_t *value, const char *where,
                             chk_session *session)
{
  if (!chk_read_fraction(out, value, where, session))
    return false;
  if (mpq_sgn(out) < 0)
    return chk_malformed(session, "%s: want a number >= 0", where);
  return true;
}

static bool read_direction(direction *d, const json_t *value,
                           chk_session *session)
{
  static const char *const states[] = {"zero", "active"};
  json_t *state, *u;
  size_t index;

  if (!chk_read_key(&state, value, "state", "spectral.directions", session) ||
      !chk_read_name(&index, state, states, 2, "spectral.directions: state",
                     session))
    return false;
  d->active = index == 1;
  if (!d->active)
    return true;
  if (!chk_read_key(&u, value, "u", "spectral.directions", session))
    return false;
  if (json_array_size(u) != 2)
    return chk_malformed(session, "spectral.directions: want u = [lo, hi]");
  return read_nonnegative(d->lo, json_array_get(u, 0), "u", session) &&
         read_nonnegative(d->hi, json_array_get(u, 1), "u", session);
}

static bool spectral_read(spectral *s, const chk_certificate *c,
                          chk_session *session)
{
  json_t *root, *eigenvalues, *directions;

  if (!chk_read_key(&root, c->root, "spectral", "certificate", session) ||
      !chk_read_key(&eigenvalues, root, "eigenvalues", "spectral", session) ||
      !chk_read_key(&directions, root, "directions", "spectral", session))
    return false;
  if (json_array_size(eigenvalues) != s->K ||
      json_array_size(directions) != s->R)
    return chk_malformed(session,
                         "spectral: want %zu eigenvalues and %zu directions",
                         s->K, s->R);
  for (size_t j = 0; j < s->K; j++)
    if (!read_nonnegative(s->d[j].m, json_array_get(eigenvalues, j),
                          "spectral.eigenvalues", session))
      return false;
  for (size_t j = 0; j < s->R; j++)
    if (!read_direction(&s->d[j], json_array_get(directions, j), session))
      return false;
  return read_ratio(s->N, &c->problem, session);
}

/* Descending, and each run of equal values proved at its last place. */
static bool check_eigenvalues(const spectral *s, const chk_problem *p,
                              chk_session *session)
{
  chk_moment b;
  bool good;

  chk_moment_init(&b);
  good = chk_moment_set(&b, p, session);
  for (size_t j = 0; j < s->K && good; j++) {
    int step = j + 1 < s->K ? mpq_cmp(s->d[j].m, s->d[j + 1].m) : 1;

    if (step < 0)
      good = chk_reject(session, "eigenvalues (not descending)");
    else if (step > 0 && mpq_sgn(s->d[j].m) > 0)
      good = chk_moment_has(&b, j + 1, s->d[j].m, session);
  }
  chk_moment_clear(&b);
  return good;
}

/* g = u^(M-1) - u^(2M); then sign(g^L - ratio), with the sign -1 for g < 0:
   P(u) <= 0 iff the result is >= 0. */
static bool compare_root(int *sign, mpq_srcptr u, const spectral *s,
                         mpq_srcptr ratio, chk_session *session)
{
  mpq_t g, high;
  bool good;

  mpq_inits(g, high, (mpq_ptr)NULL);
  good = power(g, u, s->M - 1, session) && power(high, u, 2 * s->M, session);
  if (good) {
    mpq_sub(g, g, high);
    if (mpq_sgn(g) < 0) {
      *sign = -1;
    } else {
      good = power(high, g, s->L, session);
      *sign = mpq_cmp(high, ratio);
    }
  }
  mpq_clears(g, high, (mpq_ptr)NULL);
  return good;
}

/* 0 <= lo <= hi <= 1, M lo^L >= M - 1, P(lo) <= 0 <= P(hi). */
static bool check_active(const spectral *s, const direction *d, size_t j,
                         chk_session *session)
{
  int at_lo = 0, at_hi = 0;
  bool good, holds;
  mpq_t lift, bound;

  if (mpq_sgn(d->m) == 0)
    return chk_reject(session, "direction %zu (active at eigenvalue 0)", j);
  mpq_inits(lift, bound, (mpq_ptr)NULL);
  mpq_set_ui(bound, s->M - 1, s->M);
  mpq_canonicalize(bound);
  good = power(lift, d->lo, s->L, session) &&
         compare_root(&at_lo, d->lo, s, d->ratio, session) &&
         compare_root(&at_hi, d->hi, s, d->ratio, session);
  holds = mpq_cmp(d->lo, d->hi) <= 0 && mpq_cmp_ui(d->hi, 1, 1) <= 0 &&
          mpq_cmp(lift, bound) >= 0 && at_lo >= 0 && at_hi <= 0;
  mpq_clears(lift, bound, (mpq_ptr)NULL);
  if (!good)
    return false;
  return holds || chk_reject(session, "direction %zu (root not in u)", j);
}

/* (M-1)^(M-1) <= ratio M^(2M). */
static bool check_zero(const spectral *s, const direction *d, size_t j,
                       chk_session *session)
{
  bool holds;
  mpq_t right;
  mpz_t left, factor;

  if (mpq_sgn(d->m) == 0)
    return true;
  mpq_init(right);
  mpz_init(left);
  mpz_init(factor);
  mpz_ui_pow_ui(left, s->M - 1, s->M - 1); /* 0^0 = 1 */
  mpz_ui_pow_ui(factor, s->M, 2 * s->M);
  mpq_set_z(right, factor);
  mpq_mul(right, right, d->ratio);
  holds = mpq_cmp_z(right, left) >= 0;
  mpq_clear(right);
  mpz_clear(left);
  mpz_clear(factor);
  return holds || chk_reject(session, "direction %zu (not zero)", j);
}

static bool check_directions(spectral *s, const chk_problem *p,
                             chk_session *session)
{
  bool good;
  mpq_t top, bottom;

  mpq_inits(top, bottom, (mpq_ptr)NULL);
  good = power(top, s->N, s->L, session);
  mpq_mul(top, top, p->lambda_h);
  for (size_t m = 0; m < s->M && good; m++) {
    mpq_mul(top, top, p->lambda_w[m]);
    good = chk_spend_on(session, top);
  }
  for (size_t j = 0; j < s->R && good; j++) {
    direction *d = &s->d[j];

    if (mpq_sgn(d->m) > 0) {
      good = power(bottom, d->m, s->M, session) &&
             chk_spend(session, 4.0, length(bottom) + length(top));
      if (good)
        mpq_div(d->ratio, top, bottom);
    }
    good = good && (d->active ? check_active(s, d, j, session)
                              : check_zero(s, d, j, session));
  }
  mpq_clears(top, bottom, (mpq_ptr)NULL);
  return good;
}

/* min(1, (1 - hi^L)^2 + L c lo^2). */
static void share(chk_interval *out, const spectral *s, const direction *d,
                  mp_bitcnt_t f)
{
  chk_interval one, x;

  chk_interval_init(&one);
  chk_interval_init(&x);
  chk_interval_set_si(&one, 1, f);
  chk_interval_set_rational(&x, d->hi, f);
  chk_interval_power(&x, &x, s->L, f);
  chk_interval_sub(&x, &one, &x);
  chk_interval_power(out, &x, 2, f);
  chk_interval_set_rational(&x, d->lo, f);
  chk_interval_power(&x, &x, 2, f);
  mpz_mul_ui(x.lo, x.lo, s->L);
  mpz_mul_ui(x.hi, x.hi, s->L);
  chk_interval_root(&one, d->ratio, s->L, f);
  chk_interval_mul(&x, &x, &one, f);
  chk_interval_add(out, out, &x);
  chk_interval_set_si(&one, 1, f);
  chk_interval_min(out, out, &one);
  chk_interval_clear(&one);
  chk_interval_clear(&x);
}

/* sum_j m_j/(2N) times the share of each direction. */
static bool enclose(chk_interval *out, const void *data, chk_explog *t,
                    chk_session *session)
{
  const spectral *s = data;
  chk_interval part;
  mpq_t factor;
  bool good = true;

  chk_interval_init(&part);
  mpq_init(factor);
  chk_interval_set_si(out, 0, t->f);
  for (size_t j = 0; j < s->K && good; j++) {
    const direction *d = &s->d[j];

    good = chk_spend(session, 16.0,
                     (double)(s->L * t->f) + length(d->ratio) + length(d->m) +
                         length(s->N));
    chk_interval_set_si(&part, 1, t->f);
    if (good && j < s->R && d->active)
      share(&part, s, d, t->f);
    mpq_div(factor, d->m, s->N);
    mpq_div_2exp(factor, factor, 1);
    mpz_mul(part.lo, part.lo, mpq_numref(factor));
    mpz_mul(part.hi, part.hi, mpq_numref(factor));
    mpz_fdiv_q(part.lo, part.lo, mpq_denref(factor));
    mpz_cdiv_q(part.hi, part.hi, mpq_denref(factor));
    chk_interval_add(out, out, &part);
  }
  chk_interval_clear(&part);
  mpq_clear(factor);
  return good;
}

bool chk_check_spectral(const chk_certificate *c, chk_session *session)
{
  spectral s;
  bool good;

  if (c->problem.loss != CHK_MSE)
    return chk_malformed(session, "kind spectral: want mse");
  spectral_init(&s, &c->problem);
  good = spectral_read(&s, c, session) &&
         check_eigenvalues(&s, &c->problem, session) &&
         check_directions(&s, &c->problem, session) &&
         chk_decide_lower(c, enclose, &s, session);
  spectral_clear(&s);
  return good;
}
