/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_BARS_H
#define UFM_CHECK_BARS_H

#include "check/certificate.h"
#include "check/witness.h"

/* Enclosures of the optimum of depth 1 (at a width that does not bind) that
   follow from a dual point and the gap of the claim. */
typedef struct chk_bars {
  const chk_problem *problem;
  mp_bitcnt_t f;   /* digits */
  chk_interval *E; /* K x J: dual variables */
  chk_interval *z; /* K x J: logits without bias */
} chk_bars;

/* False when the file is rejected: its gap says nothing about some logit. */
bool chk_bars_set(chk_bars *x, const chk_certificate *c, const chk_witness *w,
                  mp_bitcnt_t f, chk_session *session);
void chk_bars_clear(chk_bars *x);

/* Inner products at the optimum: of rows i and k of W, of columns i and j of
   H, of row i of W and column j of H. */
void chk_bars_ww(chk_interval *out, const chk_bars *x, size_t i, size_t k);
void chk_bars_hh(chk_interval *out, const chk_bars *x, size_t i, size_t j);
void chk_bars_wh(chk_interval *out, const chk_bars *x, size_t i, size_t j);

#endif
