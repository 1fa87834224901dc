/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower bounds of a line plus a concave penalty on pieces of a half line. */
#include <config.h>

#include "check/pieces.h"

bool chk_penalty_at(chk_interval *out, const chk_penalty *g, mpq_srcptr x,
                    mp_bitcnt_t f, chk_session *session)
{
  bool good;
  mpq_t power;

  mpq_init(power);
  mpq_mul(power, x, x);
  mpq_mul(power, power, g->product);
  good = chk_spend(session, 16.0,
                   (double)(g->L * f) +
                       (double)mpz_sizeinbase(mpq_numref(power), 2) +
                       (double)mpz_sizeinbase(mpq_denref(power), 2));
  if (good)
    chk_interval_root(out, power, g->L, f);
  mpq_clear(power);
  return good;
}

void chk_lower_by(chk_interval *least, const chk_interval *level,
                  mpq_srcptr slope, mpq_srcptr x, const chk_interval *penalty,
                  mp_bitcnt_t f)
{
  chk_interval value, drop;
  mpq_t product;

  chk_interval_init(&value);
  chk_interval_init(&drop);
  mpq_init(product);
  mpq_mul(product, slope, x);
  chk_interval_set_rational(&drop, product, f);
  chk_interval_sub(&value, level, &drop);
  chk_interval_add(&value, &value, penalty);
  chk_interval_min(least, least, &value);
  mpq_clear(product);
  chk_interval_clear(&value);
  chk_interval_clear(&drop);
}

bool chk_read_end(mpq_t to, mpq_srcptr before, const json_t *piece,
                  chk_session *session)
{
  if (!chk_read_key_fraction(to, piece, "to", "pieces", session))
    return false;
  if (mpq_cmp(to, before) <= 0)
    return chk_malformed(session, "pieces: \"to\" must increase from 0");
  return true;
}
