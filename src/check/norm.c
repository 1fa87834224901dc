/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The norm condition of a dual point, s^2 sum_j m_j m_j^T / nu_j <=
   A^2 omega I, as an integer matrix.  Everything is rounded towards a smaller
   matrix: the weights s^2/(A^2 omega nu_j) of the subtracted squares upward,
   the entries downward, and the diagonal is reduced by what the rounding of
   n^2 entries by less than one unit can do, n units. */
#include <config.h>

#include "check/alloc.h"
#include "check/norm.h"
#include "check/psd.h"

chk_form chk_norm_form(const chk_problem *p)
{
  return p->J < p->K ? CHK_J_FORM : CHK_K_FORM;
}

mp_bitcnt_t chk_norm_digits(const chk_grid *m, const chk_number *s)
{
  mp_bitcnt_t fraction = chk_number_fraction(s);

  return (m->bits > fraction ? m->bits : fraction) + 128;
}

void chk_norm_unit(mpq_t unit, mpz_srcptr total, const chk_grid *m,
                   const chk_number *s, mpq_srcptr omega)
{
  mpq_t factor;

  mpq_init(factor);
  mpz_mul(mpq_numref(factor), total, m->q);
  mpq_mul(unit, omega, factor);
  mpq_mul(unit, unit, factor);
  chk_number_get_mpq(factor, s);
  mpq_div(unit, unit, factor);
  mpq_div(unit, unit, factor);
  if (m->e >= 0)
    mpq_div_2exp(unit, unit, 2 * (mp_bitcnt_t)m->e);
  else
    mpq_mul_2exp(unit, unit, 2 * (mp_bitcnt_t)-m->e);
  mpq_clear(factor);
}

/* unit nu_j, paid for: the numbers may be long. */
static bool times_multiple(mpq_t out, mpq_srcptr unit, const chk_column *column,
                           chk_session *session)
{
  chk_number_get_mpq(out, &column->multiple);
  mpq_mul(out, out, unit);
  return chk_spend_on(session, out);
}

/* 2^u I - sum_j w_j x_j x_j^T with w_j = 2^u/(unit nu_j) rounded up and
   u = digits + 2 bits of x, cut to `digits` digits. */
static bool k_form(chk_symmetric *T, mp_bitcnt_t digits, const chk_problem *p,
                   const chk_grid *m, mpq_srcptr unit, chk_session *session)
{
  mp_bitcnt_t u = digits + 2 * m->bits, longest = 0;
  mpz_t *weighted = chk_integers_new(p->J);
  mpz_t *w = chk_integers_new(p->J);
  double products = (double)p->K * (double)p->K * (double)p->J / 2.0;
  bool good = true;
  mpq_t share;
  mpz_t entry;

  mpq_init(share);
  mpz_init(entry);
  for (size_t j = 0; j < p->J && good; j++) {
    good = times_multiple(share, unit, &p->columns[j], session);
    mpq_inv(share, share);
    chk_rational_ceil(w[j], share, u);
    if (mpz_sizeinbase(w[j], 2) > longest)
      longest = mpz_sizeinbase(w[j], 2);
  }
  good = good && chk_fits(session, (double)p->J, (double)(longest + m->bits)) &&
         chk_spend(session, products, (double)(longest / 2 + m->bits));
  for (size_t i = 0; i < p->K && good; i++) {
    for (size_t j = 0; j < p->J; j++)
      mpz_mul(weighted[j], w[j], m->x[i * p->J + j]);
    for (size_t k = 0; k <= i; k++) {
      mpz_set_ui(entry, i == k);
      mpz_mul_2exp(entry, entry, u);
      for (size_t j = 0; j < p->J; j++)
        mpz_submul(entry, weighted[j], m->x[k * p->J + j]);
      mpz_fdiv_q_2exp(T->x[i * T->n + k], entry, u - digits);
    }
  }
  mpq_clear(share);
  mpz_clear(entry);
  chk_integers_free(weighted, p->J);
  chk_integers_free(w, p->J);
  return good;
}

/* unit diag(nu_j) - x^T x, row and column j scaled by 2^-k_j to size 1, the
   two parts of the diagonal cut one by one. */
static bool j_form(chk_symmetric *T, mp_bitcnt_t digits, const chk_problem *p,
                   const chk_grid *m, mpq_srcptr unit, chk_session *session)
{
  double products = (double)p->J * (double)p->J * (double)p->K / 2.0;
  bool good = true;
  long *scale;
  mpq_t diagonal;
  mpz_t entry, one;

  if (!chk_spend(session, products, (double)m->bits))
    return false;
  scale = chk_alloc(p->J, sizeof *scale);
  mpq_init(diagonal);
  mpz_init(entry);
  mpz_init_set_ui(one, 1);
  for (size_t j = 0; j < p->J && good; j++) {
    good = times_multiple(diagonal, unit, &p->columns[j], session);
    scale[j] = ((long)mpz_sizeinbase(mpq_numref(diagonal), 2) -
                (long)mpz_sizeinbase(mpq_denref(diagonal), 2)) /
               2;
    for (size_t l = 0; l <= j; l++) {
      mpz_set_ui(entry, 0);
      for (size_t i = 0; i < p->K; i++)
        mpz_submul(entry, m->x[i * p->J + j], m->x[i * p->J + l]);
      chk_scale_floor(T->x[j * T->n + l], entry, one,
                      (long)digits - scale[j] - scale[l]);
    }
    chk_scale_floor(entry, mpq_numref(diagonal), mpq_denref(diagonal),
                    (long)digits - 2 * scale[j]);
    mpz_sub_ui(entry, entry, 1);
    mpz_add(T->x[j * T->n + j], T->x[j * T->n + j], entry);
  }
  free(scale);
  mpq_clear(diagonal);
  mpz_clear(entry);
  mpz_clear(one);
  return good;
}

bool chk_norm_matrix(chk_symmetric *T, chk_form form, mp_bitcnt_t digits,
                     const chk_problem *p, const chk_grid *m,
                     const chk_number *s, mpq_srcptr omega,
                     chk_session *session)
{
  bool good;
  mpq_t unit;

  T->n = form == CHK_K_FORM ? p->K : p->J;
  T->x = NULL;
  if (!chk_fits(session, (double)T->n * (double)T->n, (double)digits))
    return false;
  T->x = chk_integers_new(T->n * T->n);
  mpq_init(unit);
  chk_norm_unit(unit, p->total, m, s, omega);
  good = form == CHK_K_FORM ? k_form(T, digits, p, m, unit, session)
                            : j_form(T, digits, p, m, unit, session);
  for (size_t i = 0; i < T->n; i++)
    mpz_sub_ui(T->x[i * T->n + i], T->x[i * T->n + i], T->n);
  mpq_clear(unit);
  return good;
}

bool chk_norm_holds(chk_form form, const chk_problem *p, const chk_grid *m,
                    const chk_number *s, mpq_srcptr omega, chk_session *session)
{
  mp_bitcnt_t digits = chk_norm_digits(m, s);

  /* The second attempt resolves four times the gap of the first; a smaller
     margin than that is not worth a third. */
  for (int attempt = 0; attempt < 2; attempt++, digits *= 2) {
    chk_symmetric T;
    double n;
    bool good = chk_norm_matrix(&T, form, digits, p, m, s, omega, session);

    n = (double)T.n;
    good = good && chk_spend(session, n * n * n / 3.0, (double)digits);
    if (good && chk_psd((const mpz_t *)T.x, T.n)) {
      chk_integers_free(T.x, T.n * T.n);
      return true;
    }
    chk_integers_free(T.x, T.n * T.n);
    if (!good)
      return false;
  }
  return chk_reject(session, "spectral norm");
}
