/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": the closest known name. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/suggest.h"

enum { LONGEST = 64 };

/* Levenshtein distance; both strings are cut at LONGEST. */
static size_t edit_distance(const char *a, const char *b)
{
  size_t row[LONGEST + 1];
  size_t na = strnlen(a, LONGEST), nb = strnlen(b, LONGEST);

  for (size_t j = 0; j <= nb; j++)
    row[j] = j;
  for (size_t i = 1; i <= na; i++) {
    size_t diagonal = row[0];

    row[0] = i;
    for (size_t j = 1; j <= nb; j++) {
      size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      size_t insert = row[j - 1] + 1, delete = row[j] + 1;

      diagonal = row[j];
      row[j] = replace < insert ? replace : insert;
      if (delete < row[j])
        row[j] = delete;
    }
  }
  return row[nb];
}

const char *ufm_closest_name(const char *text, const char *const *names,
                             size_t n)
{
  const char *closest = NULL;
  size_t best = LONGEST;

  for (size_t i = 0; i < n; i++) {
    size_t distance = edit_distance(text, names[i]);

    if (distance < best && 3 * distance <= strlen(names[i]) + 2) {
      best = distance;
      closest = names[i];
    }
  }
  return closest;
}

ufm_status ufm__unknown_name(ufm_error *error, const char *where,
                             const char *text, const char *const *names,
                             size_t n)
{
  const char *closest = ufm_closest_name(text, names, n);
  char all[UFM_ERROR_SIZE / 2] = "";
  size_t used = 0;

  if (closest != NULL)
    return ufm__fail(error, UFM_EINVAL,
                     "%s: unknown name '%.80s', did you mean '%s'?", where,
                     text, closest);
  for (size_t i = 0; i < n && used < sizeof all; i++)
    used += (size_t)snprintf(all + used, sizeof all - used, "%s%s",
                             i > 0 ? ", " : "", names[i]);
  return ufm__fail(error, UFM_EINVAL, "%s: unknown name '%.80s', want %s",
                   where, text, all);
}
