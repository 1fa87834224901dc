/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_SESSION_H
#define UFM_CHECK_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>

/* What became of one file. */
typedef enum chk_outcome {
  CHK_VERIFIED,
  CHK_REJECTED, /* well formed, but it does not prove what it claims */
  CHK_MALFORMED /* not a certificate, or beyond the limits */
} chk_outcome;

/* The checking of one file: the first reason against it, and what is left of
   the work and the memory that its size entitles it to. */
typedef struct chk_session {
  chk_outcome outcome;
  char reason[200];
  double work;   /* limb products */
  double memory; /* bits */
} chk_session;

/* What every file may cost besides what its size pays for. */
typedef struct chk_limits {
  double work_base, work_per_byte;     /* limb products */
  double memory_base, memory_per_byte; /* bits */
} chk_limits;

/* 2^32 + 2^14 per byte limb products, about a nanosecond each (certificates
   written by ufm need some hundred per byte), and 2^28 + 2^6 per byte bits
   (they need 8 per byte). */
extern const chk_limits chk_default_limits;

void chk_session_start(chk_session *session, const chk_limits *limits,
                       size_t file_size);

/* Record the first reason; both return false. */
__attribute__((format(printf, 2, 3))) bool chk_reject(chk_session *session,
                                                      const char *format, ...);
__attribute__((format(printf, 2, 3))) bool
chk_malformed(chk_session *session, const char *format, ...);

/* Pays for `count` products of integers of `bits` bits; false, with the
   verdict "malformed", when the file has used up its share. */
bool chk_spend(chk_session *session, double count, double bits);

/* Pays for a few operations whose result is the fraction x. */
bool chk_spend_on(chk_session *session, mpq_srcptr x);

/* True when there is memory for `count` integers of `bits` bits for a while;
   chk_hold takes it for good. */
bool chk_fits(chk_session *session, double count, double bits);
bool chk_hold(chk_session *session, double count, double bits);

#endif
