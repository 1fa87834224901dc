/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of reports. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "record/fail.h"

ufm_status ufm__record_no_memory(ufm_error *error)
{
  if (error != NULL)
    snprintf(error->text, sizeof error->text, "record: out of memory");
  return UFM_ENOMEM;
}

ufm_status ufm__record_io(ufm_error *error)
{
  if (error != NULL)
    snprintf(error->text, sizeof error->text, "record: cannot write: %s",
             strerror(errno));
  return UFM_EIO;
}
