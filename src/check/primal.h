/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_PRIMAL_H
#define UFM_CHECK_PRIMAL_H

#include "check/explog.h"
#include "check/problem.h"

/* A point (W_1..W_M, H, b) and its logits, all exact. */
typedef struct chk_primal {
  size_t M;
  chk_grid *W; /* M: d_{m+1} x d_m */
  chk_grid H;  /* d_1 x J */
  chk_grid b;  /* K x 1; empty for bias none */
  chk_grid y;  /* K x J: W_M..W_1 H + b 1^T */
} chk_primal;

void chk_primal_init(chk_primal *x, size_t M);
void chk_primal_clear(chk_primal *x);

/* Reads "W", "H", "b" and forms the logits. */
bool chk_primal_read(chk_primal *x, const json_t *value, const chk_problem *p,
                     chk_session *session);

/* The objective at the point: an upper bound of the minimum. */
bool chk_primal_value(chk_interval *out, const chk_primal *x,
                      const chk_problem *p, chk_explog *t,
                      chk_session *session);

#endif
