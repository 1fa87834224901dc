/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict on one file and the limits of what checking it may cost. */
#include <config.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "check/session.h"

const chk_limits chk_default_limits = {.work_base = 0x1p32,
                                       .work_per_byte = 0x1p14,
                                       .memory_base = 0x1p28,
                                       .memory_per_byte = 0x1p6};

void chk_session_start(chk_session *session, const chk_limits *limits,
                       size_t file_size)
{
  double bytes = (double)file_size;

  session->outcome = CHK_VERIFIED;
  session->reason[0] = '\0';
  session->work = limits->work_base + bytes * limits->work_per_byte;
  session->memory = limits->memory_base + bytes * limits->memory_per_byte;
}

__attribute__((format(printf, 3, 0))) static void record(chk_session *session,
                                                         chk_outcome outcome,
                                                         const char *format,
                                                         va_list arguments)
{
  if (session->outcome != CHK_VERIFIED)
    return;
  session->outcome = outcome;
  vsnprintf(session->reason, sizeof session->reason, format, arguments);
}

bool chk_reject(chk_session *session, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  record(session, CHK_REJECTED, format, arguments);
  va_end(arguments);
  return false;
}

bool chk_malformed(chk_session *session, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  record(session, CHK_MALFORMED, format, arguments);
  va_end(arguments);
  return false;
}

bool chk_spend(chk_session *session, double count, double bits)
{
  double limbs = bits / 64.0 + 1.0;
  double schoolbook = limbs < 64.0 ? limbs : 64.0;

  /* Above 64 limbs GMP is faster than limbs^(3/2) suggests; the constant
     stands for the call. */
  session->work -= count * (limbs * sqrt(limbs * schoolbook) + 8.0);
  if (session->work < 0.0)
    return chk_malformed(session, "too much work for a file of this size");
  return true;
}

bool chk_spend_on(chk_session *session, mpq_srcptr x)
{
  return chk_spend(session, 8.0,
                   (double)(mpz_sizeinbase(mpq_numref(x), 2) +
                            mpz_sizeinbase(mpq_denref(x), 2)));
}

bool chk_fits(chk_session *session, double count, double bits)
{
  /* 256 bits stand for the overhead of one integer. */
  if (count * (bits + 256.0) > session->memory)
    return chk_malformed(session, "numbers too long for a file of this size");
  return true;
}

bool chk_hold(chk_session *session, double count, double bits)
{
  if (!chk_fits(session, count, bits))
    return false;
  session->memory -= count * (bits + 256.0);
  return true;
}
