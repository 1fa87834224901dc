/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distinct values among the runs. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "solve/levels.h"

/* Values closer than this, relatively, are one level. */
static const double same = 1e-9;

static bool converged(const ufm_run *run)
{
  return run->termination == UFM_TERMINATION_GRADIENT ||
         run->termination == UFM_TERMINATION_ROUNDOFF;
}

/* Ascending in the value, then in the first run. */
static int ascending(const void *left, const void *right)
{
  const ufm_level *l = left, *r = right;

  if (l->objective != r->objective)
    return l->objective < r->objective ? -1 : 1;
  return l->first < r->first ? -1 : l->first > r->first;
}

ufm_status ufm__levels(ufm_solution *s, ufm_error *error)
{
  size_t n = 0, kept = 0;
  double last = 0.0;

  s->hits = 0;
  s->level = calloc(s->starts, sizeof *s->level);
  if (s->level == NULL)
    return ufm__no_memory(error, "levels");
  for (size_t i = 0; i < s->starts; i++) {
    const ufm_run *run = &s->run[i];

    if (run->termination != UFM_TERMINATION_FAILED &&
        run->objective - s->objective <= same * fabs(s->objective))
      s->hits++;
    if (converged(run))
      s->level[n++] = (ufm_level){run->objective, 1, i};
  }
  qsort(s->level, n, sizeof *s->level, ascending);
  for (size_t i = 0; i < n; i++) {
    const ufm_level next = s->level[i];

    if (kept > 0 && next.objective - last <= same * fabs(last)) {
      ufm_level *level = &s->level[kept - 1];

      level->count++;
      if (next.first < level->first)
        level->first = next.first;
    } else {
      s->level[kept++] = next;
    }
    last = next.objective;
  }
  s->levels = kept;
  return UFM_OK;
}
