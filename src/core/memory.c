/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes that overflow or exceed the machine are refused before allocation. */
#include <config.h>

#include <stdint.h>

#include <unistd.h>

#include "core/error.h"
#include "core/memory.h"

bool ufm__add_product(size_t *total, size_t a, size_t b)
{
  if (b != 0 && a > SIZE_MAX / b)
    return false;
  if (a * b > SIZE_MAX - *total)
    return false;
  *total += a * b;
  return true;
}

ufm_status ufm__check_doubles_fit(size_t count, const char *what,
                                  ufm_error *error)
{
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  double need = (double)count * (double)sizeof(double);
  double have = (double)pages * (double)page;

  if (pages > 0 && page > 0 && need > have)
    return ufm__fail(error, UFM_ERANGE,
                     "%s: needs %.3g GB of memory, this machine has %.3g GB",
                     what, need / 1e9, have / 1e9);
  if (count > SIZE_MAX / sizeof(double))
    return ufm__fail(error, UFM_ERANGE, "%s: needs %zu numbers, too many", what,
                     count);
  return UFM_OK;
}
