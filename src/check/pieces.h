/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_PIECES_H
#define UFM_CHECK_PIECES_H

#include "check/interval.h"
#include "check/reader.h"

/* Bounds that hold on [0, infinity) piece by piece: on each piece a line plus
   the concave penalty (product x^2)^(1/L), which is smallest at an end. */
typedef struct chk_penalty {
  mpq_t product;
  unsigned long L;
} chk_penalty;

/* (product x^2)^(1/L). */
bool chk_penalty_at(chk_interval *out, const chk_penalty *g, mpq_srcptr x,
                    mp_bitcnt_t f, chk_session *session);

/* least = min(least, level - slope x + penalty), penalty that at x. */
void chk_lower_by(chk_interval *least, const chk_interval *level,
                  mpq_srcptr slope, mpq_srcptr x, const chk_interval *penalty,
                  mp_bitcnt_t f);

/* Reads the end "to" of a piece; `before` is the end of the last one. */
bool chk_read_end(mpq_t to, mpq_srcptr before, const json_t *piece,
                  chk_session *session);

#endif
