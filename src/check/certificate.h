/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_CERTIFICATE_H
#define UFM_CHECK_CERTIFICATE_H

#include "check/primal.h"

/* How the lower bound is proved. */
typedef enum chk_kind {
  CHK_DUAL,
  CHK_SPECTRAL,
  CHK_ENVELOPE,
  CHK_REFUTATION,
  CHK_FRAME,
  CHK_ORBITS
} chk_kind;

typedef enum chk_status { CHK_PROVED, CHK_BRACKETED, CHK_REFUTED } chk_status;

/* What all kinds have in common; `root` keeps the rest.  Of kind orbits problem
   and primal stay empty. */
typedef struct chk_certificate {
  const json_t *root;
  chk_kind kind;
  chk_status status;
  chk_problem problem;
  chk_primal primal;
  mpq_t lower, upper; /* the claim */
  mpq_t tolerance;    /* proved only */
} chk_certificate;

void chk_certificate_init(chk_certificate *c);
void chk_certificate_clear(chk_certificate *c);
bool chk_certificate_read(chk_certificate *c, const json_t *root,
                          chk_session *session);

/* The lower bound, one function per kind: each checks its witness and that
   it implies claim.lower. */
bool chk_check_dual(const chk_certificate *c, chk_session *session);
bool chk_check_spectral(const chk_certificate *c, chk_session *session);
bool chk_check_envelope(const chk_certificate *c, chk_session *session);
bool chk_check_refutation(const chk_certificate *c, chk_session *session);
bool chk_check_frame(const chk_certificate *c, chk_session *session);

/* Kind orbits: both bounds and all claims. */
bool chk_check_orbits(const chk_certificate *c, chk_session *session);

#endif
