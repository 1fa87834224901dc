/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of phase diagrams. */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>

#include "phase/fail.h"

ufm_status ufm__phase_fail(ufm_error *error, ufm_status status,
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
