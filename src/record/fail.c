/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of reports and tables. */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "record/fail.h"

ufm_status ufm__record_fail(ufm_error *error, ufm_status status,
                            const char *format, ...)
{
  va_list values;

  if (error == NULL)
    return status;
  va_start(values, format);
  vsnprintf(error->text, sizeof error->text, format, values);
  va_end(values);
  for (char *c = error->text; *c != '\0'; c++)
    if (iscntrl((unsigned char)*c))
      *c = '?';
  return status;
}

ufm_status ufm__record_no_memory(ufm_error *error)
{
  return ufm__record_fail(error, UFM_ENOMEM, "record: out of memory");
}

ufm_status ufm__record_io(ufm_error *error)
{
  return ufm__record_fail(error, UFM_EIO, "record: cannot write: %s",
                          strerror(errno));
}
