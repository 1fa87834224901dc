/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of the rank of the optimal logits.
   Above: they live on the singular directions of the optimal dual matrix with
   sigma = sqrt(omega), and the feasible one is within e sqrt(omega) of it,
     e^2 omega = eps r (ce) or 2 eps r (mse),   r = max_j pi_j/nu_j,
   so (Weyl) their number is at most that of the eigenvalues <= 0 of
     A^2 omega (1-e)^2 I - s^2 sum_j M_j M_j^T / nu_j.
   Below: if |Z - Z*|_F <= rho, then rank Z* is at least the number of singular
   values of Z above rho (Weyl). */
#include <config.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/inertia.h"
#include "check/norm.h"
#include "check/rank.h"

/* omega (1 - e)^2 rounded down; 0 when e >= 1. */
static bool shrunk_omega(mpq_t out, const chk_certificate *c,
                         chk_session *session)
{
  const chk_problem *p = &c->problem;
  mp_bitcnt_t f = chk_claim_digits(c);
  bool good = true;
  mpq_t ratio, most, omega;
  chk_interval e;

  chk_interval_init(&e);
  mpq_inits(ratio, most, omega, (mpq_ptr)NULL);
  for (size_t j = 0; j < p->J && good; j++) { /* A r = max a_j/nu_j */
    chk_number_get_mpq(ratio, &p->columns[j].multiple);
    good = chk_spend_on(session, ratio);
    mpq_inv(ratio, ratio);
    mpz_mul(mpq_numref(ratio), mpq_numref(ratio), p->columns[j].weight);
    mpq_canonicalize(ratio);
    if (mpq_cmp(ratio, most) > 0)
      mpq_swap(most, ratio);
  }
  mpz_mul(mpq_denref(most), mpq_denref(most), p->total);
  mpq_canonicalize(most);
  mpq_mul(omega, p->lambda_w[0], p->lambda_h);
  mpq_sub(ratio, c->upper, c->lower); /* e^2 */
  mpq_mul(ratio, ratio, most);
  mpq_div(ratio, ratio, omega);
  if (p->loss == CHK_MSE)
    mpq_mul_2exp(ratio, ratio, 1);
  chk_interval_root(&e, ratio, 2, f);
  mpz_set_ui(e.lo, 1);
  mpz_mul_2exp(e.lo, e.lo, f);
  mpz_sub(e.lo, e.lo, e.hi); /* 1 - e */
  if (mpz_sgn(e.lo) < 0)
    mpz_set_ui(e.lo, 0);
  mpq_set_z(out, e.lo);
  mpq_div_2exp(out, out, f);
  mpq_mul(out, out, out);
  mpq_mul(out, out, omega);
  mpq_clears(ratio, most, omega, (mpq_ptr)NULL);
  chk_interval_clear(&e);
  return good;
}

bool chk_rank_above(size_t *bound, const chk_certificate *c,
                    const chk_witness *w, chk_session *session)
{
  const chk_problem *p = &c->problem;
  mp_bitcnt_t digits = chk_norm_digits(&w->M, &w->s);
  chk_symmetric T = {0};
  size_t count;
  bool good;
  mpq_t omega;

  /* Without gradient in the direction 1, logits of ce have column sums 0. */
  *bound = p->loss == CHK_CE ? p->K - 1 : p->K;
  if (p->J < *bound)
    *bound = p->J;
  mpq_init(omega);
  good = shrunk_omega(omega, c, session);
  if (good && mpq_sgn(omega) > 0) {
    good = chk_norm_matrix(&T, chk_norm_form(p), digits, p, &w->M, &w->s, omega,
                           session) &&
           chk_fits(session, 2.0 * (double)T.n * (double)T.n,
                    (double)digits + 64.0) &&
           chk_spend(session, (double)T.n * (double)T.n * (double)T.n,
                     (double)digits + 64.0);
    if (good && chk_count_nonpositive(&count, (const mpz_t *)T.x, T.n) &&
        count < *bound)
      *bound = count;
    chk_integers_free(T.x, T.n * T.n);
  }
  mpq_clear(omega);
  return good;
}

/* Middles of z and the sum of the squared distances to their ends. */
static void split(mpz_t *middle, mpz_t square, const chk_bars *x)
{
  size_t entries = x->problem->K * x->problem->J;
  mpz_t distance;

  mpz_init(distance);
  mpz_set_ui(square, 0);
  for (size_t i = 0; i < entries; i++) {
    mpz_add(middle[i], x->z[i].lo, x->z[i].hi);
    mpz_fdiv_q_2exp(middle[i], middle[i], 1);
    mpz_sub(distance, x->z[i].hi, middle[i]); /* the larger of the two */
    mpz_addmul(square, distance, distance);
  }
  mpz_clear(distance);
}

bool chk_rank_below(size_t *bound, const chk_bars *x, chk_session *session)
{
  const chk_problem *p = x->problem;
  bool rows = p->K <= p->J; /* Z Z^T or Z^T Z, whichever is smaller */
  size_t n = rows ? p->K : p->J, inner = rows ? p->J : p->K;
  size_t row = rows ? p->J : 1, column = rows ? 1 : p->J, count;
  double size = (double)n;
  mpz_t *middle, *gram;
  mpz_t square;

  *bound = 0;
  if (!chk_fits(session, 4.0 * size * size, 2.0 * (double)x->f) ||
      !chk_spend(session, size * size * (size + (double)inner),
                 2.0 * (double)x->f + 64.0))
    return false;
  middle = chk_integers_new(p->K * p->J);
  gram = chk_integers_new(n * n);
  mpz_init(square);
  split(middle, square, x);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k <= i; k++) {
      for (size_t j = 0; j < inner; j++)
        mpz_addmul(gram[i * n + k], middle[i * row + j * column],
                   middle[k * row + j * column]);
      if (i == k)
        mpz_sub(gram[i * n + k], gram[i * n + k], square);
    }
  if (chk_count_nonpositive(&count, (const mpz_t *)gram, n))
    *bound = n - count;
  mpz_clear(square);
  chk_integers_free(middle, p->K * p->J);
  chk_integers_free(gram, n * n);
  return true;
}
