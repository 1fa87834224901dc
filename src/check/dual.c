/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "dual": one feasible dual point.  At depth 1 the penalty is
   sqrt(omega) |X|_*, omega = lambda_1 lambda_H.  At depth M >= 2 it is
   gamma sum_i sigma_i^(2/L), L = M + 1, gamma^L = (L/2)^L lambda_1..lambda_H,
   which on [0, S], gamma S^(2/L) = upper, lies above its chord: slope
   sqrt(omega) with omega = gamma^L / upper^(L-2).  The optimum satisfies
   gamma sigma_1^(2/L) <= upper because losses are not negative. */
#include <config.h>

#include "check/claims.h"
#include "check/decide.h"
#include "check/witness.h"

typedef struct dual_data {
  const chk_witness *witness;
  const chk_problem *problem;
} dual_data;

static bool enclose(chk_interval *out, const void *data, chk_explog *t,
                    chk_session *session)
{
  const dual_data *d = data;

  return chk_witness_value(out, d->witness, d->problem, t, session);
}

static bool slope_square(mpq_t omega, const chk_certificate *c,
                         chk_session *session)
{
  size_t powers = c->problem.M - 1;

  if (powers > 0 && mpq_sgn(c->upper) <= 0)
    return chk_reject(session, "upper not implied");
  if (!chk_penalty_product(omega, &c->problem, session))
    return false;
  for (size_t i = 0; i < powers; i++) {
    mpq_div(omega, omega, c->upper);
    if (!chk_spend_on(session, omega))
      return false;
  }
  return true;
}

bool chk_check_dual(const chk_certificate *c, chk_session *session)
{
  chk_witness witness;
  dual_data data = {&witness, &c->problem};
  json_t *value;
  mpq_t omega;
  bool good;

  chk_witness_init(&witness);
  mpq_init(omega);
  good = chk_read_key(&value, c->root, "dual", "certificate", session) &&
         chk_witness_read(&witness, value, &c->problem, "dual", session) &&
         slope_square(omega, c, session) &&
         chk_witness_feasible(&witness, &c->problem, omega, session) &&
         chk_decide_lower(c, enclose, &data, session) &&
         chk_check_claims(c, &witness, session);
  mpq_clear(omega);
  chk_witness_clear(&witness);
  return good;
}
