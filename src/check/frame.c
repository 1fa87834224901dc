/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "frame": the classifier is fixed to W = m (I - J/K).  For residuals E_j
   that are feasible but for the norm,
     F >= D - sum_j pi_j^2 |W^T E_j|^2/(2 lambda_H nu_j) + (lambda_W/2) |W|^2,
     |W^T E|^2 = m^2 (|E|^2 - (1.E)^2/K),  |W|^2 = m^2 (K - 1),
   D the dual value: loss(z + b, t) >= phi(E) - E.(z + b), minimised over h. */
#include <config.h>

#include "check/claims.h"
#include "check/decide.h"
#include "check/witness.h"

typedef struct frame_data {
  const chk_witness *witness;
  const chk_problem *problem;
} frame_data;

/* sum_j (K |M_j|^2 - (1.M_j)^2) / nu_j, exactly, M on its integer grid. */
static bool weighted_squares(mpq_t out, const chk_witness *w,
                             const chk_problem *p, chk_session *session)
{
  bool good = true;
  mpz_t squares, sum;
  mpq_t term, nu;

  mpz_init(squares);
  mpz_init(sum);
  mpq_init(term);
  mpq_init(nu);
  mpq_set_ui(out, 0, 1);
  for (size_t j = 0; j < p->J && good; j++) {
    mpz_set_ui(squares, 0);
    mpz_set_ui(sum, 0);
    for (size_t i = 0; i < p->K; i++) {
      const mpz_t *x = &w->M.x[i * p->J + j];

      mpz_addmul(squares, *x, *x);
      mpz_add(sum, sum, *x);
    }
    mpz_mul_ui(squares, squares, p->K);
    mpz_submul(squares, sum, sum);
    mpq_set_z(term, squares);
    chk_number_get_mpq(nu, &p->columns[j].multiple);
    mpq_div(term, term, nu);
    mpq_add(out, out, term);
    good = chk_spend_on(session, out);
  }
  mpz_clear(squares);
  mpz_clear(sum);
  mpq_clear(term);
  mpq_clear(nu);
  return good;
}

/* x times (s 2^e/q)^2 for the grids of M and s */
static void to_scale(mpq_t x, const chk_witness *w)
{
  mpq_t s, q;

  mpq_init(s);
  mpq_init(q);
  chk_number_get_mpq(s, &w->s);
  mpq_set_z(q, w->M.q);
  mpq_div(s, s, q);
  mpq_mul(s, s, s);
  mpq_mul(x, x, s);
  if (w->M.e >= 0)
    mpq_mul_2exp(x, x, 2 * (mp_bitcnt_t)w->M.e);
  else
    mpq_div_2exp(x, x, 2 * (mp_bitcnt_t)-w->M.e);
  mpq_clear(s);
  mpq_clear(q);
}

/* (lambda_W/2) m^2 (K - 1) minus the minimum over the features: E_j = s M_j/a_j
   and pi_j = a_j/A leave s^2 M_j/A in every term. */
static bool constant_part(mpq_t out, const chk_witness *w, const chk_problem *p,
                          chk_session *session)
{
  bool good = weighted_squares(out, w, p, session);
  mpq_t x;

  mpq_init(x);
  to_scale(out, w);
  mpz_mul(mpq_numref(x), p->total, p->total);
  mpz_mul_ui(mpq_numref(x), mpq_numref(x), p->K);
  mpq_mul(x, x, p->lambda_h);
  mpq_div(out, out, x);
  mpq_set_ui(x, p->K - 1, 1);
  mpq_mul(x, x, p->lambda_w[0]);
  mpq_sub(out, x, out);
  mpq_mul(out, out, p->multiplier);
  mpq_mul(out, out, p->multiplier);
  mpq_div_2exp(out, out, 1);
  mpq_clear(x);
  return good && chk_spend_on(session, out);
}

static bool enclose(chk_interval *out, const void *data, chk_explog *t,
                    chk_session *session)
{
  const frame_data *d = data;
  chk_interval term;
  mpq_t constant;
  bool good;

  mpq_init(constant);
  chk_interval_init(&term);
  good = constant_part(constant, d->witness, d->problem, session) &&
         chk_witness_value(out, d->witness, d->problem, t, session);
  if (good) {
    chk_interval_set_rational(&term, constant, t->f);
    chk_interval_add(out, out, &term);
  }
  chk_interval_clear(&term);
  mpq_clear(constant);
  return good;
}

bool chk_check_frame(const chk_certificate *c, chk_session *session)
{
  chk_witness witness;
  frame_data data = {&witness, &c->problem};
  json_t *value;
  bool good;

  chk_witness_init(&witness);
  good = chk_read_key(&value, c->root, "dual", "certificate", session) &&
         chk_witness_read(&witness, value, &c->problem, "dual", session) &&
         chk_witness_admissible(&witness, &c->problem, session) &&
         chk_decide_lower(c, enclose, &data, session);
  chk_witness_clear(&witness);
  return good;
}
