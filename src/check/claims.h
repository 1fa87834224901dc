/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_CLAIMS_H
#define UFM_CHECK_CLAIMS_H

#include "check/certificate.h"
#include "check/witness.h"

/* Whether the file makes any of the optional claims: "cosines", "grams",
   "rank", "collapsed". */
bool chk_has_claims(const chk_certificate *c);

/* Recomputes them (kind "dual", depth 1). */
bool chk_check_claims(const chk_certificate *c, const chk_witness *w,
                      chk_session *session);

#endif
