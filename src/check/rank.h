/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_RANK_H
#define UFM_CHECK_RANK_H

#include "check/bars.h"

/* Proved bounds of the rank of the optimal logits of depth 1. */
bool chk_rank_above(size_t *bound, const chk_certificate *c,
                    const chk_witness *w, chk_session *session);
bool chk_rank_below(size_t *bound, const chk_bars *x, chk_session *session);

#endif
