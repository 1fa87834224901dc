/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_VERIFY_H
#define UFM_CHECK_VERIFY_H

#include <gmp.h>

#include "check/session.h"

/* The verdict on one certificate and, when it is verified, its claim. */
typedef struct chk_result {
  chk_session session;
  bool refutation; /* the bounds are those of a refutation */
  mpq_t lower, upper;
} chk_result;

void chk_result_init(chk_result *result);
void chk_result_clear(chk_result *result);

/* Checks the `size` bytes of a certificate file. */
void chk_verify(chk_result *result, const char *bytes, size_t size,
                const chk_limits *limits);

#endif
