/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-line error messages. */
#include <config.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/error.h"

ufm_status ufm__fail(ufm_error *error, ufm_status status, const char *format,
                     ...)
{
  va_list values;

  if (error == NULL)
    return status;
  va_start(values, format);
  if (vsnprintf(error->text, sizeof error->text, format, values) < 0)
    snprintf(error->text, sizeof error->text, "%s", ufm_strstatus(status));
  va_end(values);
  for (char *c = error->text; *c != '\0'; c++)
    if (iscntrl((unsigned char)*c))
      *c = '?';
  return status;
}

ufm_status ufm__no_memory(ufm_error *error, const char *what)
{
  return ufm__fail(error, UFM_ENOMEM, "%s: out of memory", what);
}
