/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_EXPLOG_H
#define UFM_CHECK_EXPLOG_H

#include "check/interval.h"

/* Enclosures of exp and log at a fixed number f of binary digits. */
typedef struct chk_explog {
  mp_bitcnt_t f; /* digits of arguments and results */
  mp_bitcnt_t k; /* halvings of the argument */
  mp_bitcnt_t w; /* working digits, f + k + 64 */
  mpz_t ln2;     /* |ln2 - 2^w log 2| <= ln2_error */
  unsigned long ln2_error;
  mpz_t term, sum, part, power; /* scratch */
} chk_explog;

void chk_explog_init(chk_explog *t, mp_bitcnt_t f);
void chk_explog_clear(chk_explog *t);

/* x <= 0: out contains exp of every number of x; an end point is at most 2
   units from the exact one. */
void chk_exp(chk_interval *out, const chk_interval *x, chk_explog *t);

/* x > 0: likewise for log. */
void chk_log(chk_interval *out, const chk_interval *x, chk_explog *t);

/* A probability that is not 0 (parts above 1 are ignored); false when it may be
   0. */
bool chk_log_probability(chk_interval *p, chk_explog *t);

/* 0 <= p <= 1 (parts of p outside are ignored): out contains -x log x for
   every x of p, with 0 log 0 = 0. */
void chk_entropy(chk_interval *out, const chk_interval *p, chk_explog *t);

/* Roughly the number of products one exp or log costs. */
double chk_explog_cost(mp_bitcnt_t f);

#endif
