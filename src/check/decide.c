/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparison of a claimed bound with a number that can be enclosed. */
#include <config.h>

#include "check/decide.h"

enum { FIRST_DIGITS = 128, MOST_DIGITS = 1 << 19 };

/* -log2 of a positive fraction, rounded up; at least 0. */
static mp_bitcnt_t smallness(mpq_srcptr x)
{
  mp_bitcnt_t top = mpz_sizeinbase(mpq_numref(x), 2);
  mp_bitcnt_t bottom = mpz_sizeinbase(mpq_denref(x), 2);

  return bottom > top ? bottom - top + 1 : 0;
}

mp_bitcnt_t chk_claim_digits(const chk_certificate *c)
{
  mp_bitcnt_t digits = FIRST_DIGITS;
  mp_bitcnt_t lower = mpz_sizeinbase(mpq_denref(c->lower), 2) + 64;
  mp_bitcnt_t upper = mpz_sizeinbase(mpq_denref(c->upper), 2) + 64;
  mpq_t gap;

  mpq_init(gap);
  mpq_sub(gap, c->upper, c->lower);
  if (mpq_sgn(gap) > 0)
    digits = smallness(gap) + 96;
  mpq_clear(gap);
  if (digits < lower)
    digits = lower;
  if (digits < upper)
    digits = upper;
  return digits < MOST_DIGITS ? digits : MOST_DIGITS;
}

/* 1: claim holds; -1: it does not; 0: too coarse to tell. */
static int compare(mpq_srcptr claim, bool is_lower, const chk_interval *value,
                   mp_bitcnt_t f)
{
  int result = 0;
  mpz_t low, high;

  mpz_init(low);
  mpz_init(high);
  chk_rational_floor(low, claim, f);
  chk_rational_ceil(high, claim, f);
  if (is_lower) {
    if (mpz_cmp(high, value->lo) <= 0)
      result = 1;
    else if (mpz_cmp(low, value->hi) > 0)
      result = -1;
  } else {
    if (mpz_cmp(low, value->hi) >= 0)
      result = 1;
    else if (mpz_cmp(high, value->lo) < 0)
      result = -1;
  }
  mpz_clear(low);
  mpz_clear(high);
  return result;
}

static bool decide(const chk_certificate *c, bool is_lower,
                   chk_enclose *enclose, const void *data, chk_session *session)
{
  mp_bitcnt_t full = chk_claim_digits(c);
  const mp_bitcnt_t digits[] = {FIRST_DIGITS, full, 2 * full};
  int result = 0;
  bool good = true;

  for (size_t i = 0; i < 3 && result == 0 && good; i++) {
    chk_interval value;
    chk_explog t;

    if (i > 0 && !chk_spend(session, 64.0, (double)digits[i]))
      return false; /* for the constant log 2 */
    chk_interval_init(&value);
    chk_explog_init(&t, digits[i]);
    good = enclose(&value, data, &t, session);
    if (good)
      result =
          compare(is_lower ? c->lower : c->upper, is_lower, &value, digits[i]);
    chk_explog_clear(&t);
    chk_interval_clear(&value);
  }
  if (!good)
    return false;
  if (result <= 0)
    return chk_reject(session,
                      is_lower ? "lower not implied" : "upper not implied");
  return true;
}

bool chk_decide_lower(const chk_certificate *c, chk_enclose *enclose,
                      const void *data, chk_session *session)
{
  return decide(c, true, enclose, data, session);
}

bool chk_decide_upper(const chk_certificate *c, chk_enclose *enclose,
                      const void *data, chk_session *session)
{
  return decide(c, false, enclose, data, session);
}
