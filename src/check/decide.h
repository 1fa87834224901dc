/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_DECIDE_H
#define UFM_CHECK_DECIDE_H

#include "check/certificate.h"

/* Encloses one real number with t->f digits; false only when the session
   has a verdict. */
typedef bool chk_enclose(chk_interval *out, const void *data, chk_explog *t,
                         chk_session *session);

/* True iff the claim.lower of c is proved to be at most the number (or
   claim.upper at least the number).  Enclosures are refined until they decide,
   up to the digits that the claims can make use of; then, or when the claim is
   wrong, the file is rejected as "lower not implied" ("upper not implied"). */
bool chk_decide_lower(const chk_certificate *c, chk_enclose *enclose,
                      const void *data, chk_session *session);
bool chk_decide_upper(const chk_certificate *c, chk_enclose *enclose,
                      const void *data, chk_session *session);

/* Digits to which the claims of c are meaningful. */
mp_bitcnt_t chk_claim_digits(const chk_certificate *c);

#endif
