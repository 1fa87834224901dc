/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many random problems a property test tries. */
#ifndef UFM_TESTS_ROUNDS_H
#define UFM_TESTS_ROUNDS_H

#include <stdlib.h>

/* `usual`, times UFM_ROUNDS when that is a positive number. */
static inline int rounds(int usual)
{
  const char *text = getenv("UFM_ROUNDS");
  int times = text != NULL ? atoi(text) : 0;

  return times > 0 ? usual * times : usual;
}

#endif
