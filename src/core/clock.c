/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that passes. */
#include <config.h>

#include <time.h>

#include <ufm/support.h>

double ufm_clock(void)
{
  struct timespec t = {0};

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
