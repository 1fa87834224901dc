/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of sweeps. */
#include <config.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sweep/fail.h"

ufm_status ufm__sweep_fail(ufm_error *error, ufm_status status,
                           const char *format, ...)
{
  va_list values;

  if (error != NULL) {
    va_start(values, format);
    vsnprintf(error->text, sizeof error->text, format, values);
    va_end(values);
  }
  return status;
}

ufm_status ufm__sweep_io(ufm_error *error, const char *path, const char *what)
{
  return ufm__sweep_fail(error, UFM_EIO, "%.300s: %s: %s", path, what,
                         strerror(errno));
}

ufm_status ufm__sweep_no_memory(ufm_error *error)
{
  return ufm__sweep_fail(error, UFM_ENOMEM, "sweep: out of memory");
}

void ufm__sweep_copy(ufm_error *to, const ufm_error *from)
{
  if (to != NULL)
    *to = *from;
}
