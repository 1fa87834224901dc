/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When interchangeable classes reduce the problem, and its points then. */
#include <config.h>

#include <stdlib.h>

#include <ufm/orbits.h>

#include "core/error.h"
#include "core/memory.h"
#include "problem/column_orbits.h"

/* The rank of Z is at most K - 1: 1^T Z = 0 (ce), or Z nu = 0 (free bias) and
   there are no more columns than classes. */
static bool rank_is_cut(const ufm_problem *problem)
{
  return ufm_problem_loss(problem) == UFM_LOSS_CE ||
         (ufm_problem_bias(problem) == UFM_BIAS_FREE &&
          ufm_problem_mixing(problem) == NULL);
}

static ufm_status check_exact(const ufm_problem *problem, ufm_error *error)
{
  size_t d = ufm_problem_width(problem, 1);
  size_t least = ufm_problem_classes(problem) - rank_is_cut(problem);
  ufm_targets targets = ufm_problem_targets(problem);

  if (ufm_problem_depth(problem) != 1)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "orbits: got depth %zu, want 1: deeper problems are not "
                     "convex",
                     ufm_problem_depth(problem));
  if (ufm_problem_multiplier(problem) != NULL)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "orbits: got a fixed classifier, want a free one");
  if (targets == UFM_TARGETS_FILE)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "orbits: got targets %s, want onehot, smooth or mixup",
                     ufm_targets_name(targets));
  if (!ufm_problem_merged(problem))
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "orbits: got one column per sample, want merged columns");
  if (d < least)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "orbits: got width %zu, want at least %zu: a smaller "
                     "width may break the symmetry of the optimum",
                     d, least);
  return UFM_OK;
}

/* Offsets, and room for the point. */
static ufm_status lay_out(ufm_orbits *o, bool bias, ufm_error *error)
{
  size_t length = o->Q;
  ufm_status status;

  if (!ufm__add_product(&length, o->G, o->r + 2) ||
      !ufm__add_product(&length, o->C, o->r))
    return ufm__fail(error, UFM_ERANGE, "orbits: the point's size overflows");
  status = ufm__check_doubles_fit(length, "orbits", error);
  if (status != UFM_OK)
    return status;
  o->w = 0;
  o->h = o->G;
  o->v = o->h + o->Q;
  o->y = o->v + o->G * o->r;
  o->b = o->y + o->C * o->r;
  o->length = bias ? o->b + o->G : o->b;
  o->x = calloc(length, sizeof *o->x);
  return o->x != NULL ? UFM_OK : ufm__no_memory(error, "orbits");
}

ufm_status ufm_orbits_new(ufm_orbits **out, const ufm_problem *problem,
                          ufm_error *error)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  ufm_status status = check_exact(problem, error);
  ufm_orbits *o;

  *out = NULL;
  if (status != UFM_OK)
    return status;
  o = calloc(1, sizeof *o);
  if (o == NULL)
    return ufm__no_memory(error, "orbits");
  o->K = ufm_problem_classes(problem);
  o->G = groups->G;
  o->r = groups->G - rank_is_cut(problem);
  o->size = groups->size;
  o->count = groups->count;
  o->of = groups->of;
  status = ufm__column_orbits_init(o, problem, error);
  if (status == UFM_OK)
    status = lay_out(o, ufm_problem_bias(problem) != UFM_BIAS_NONE, error);
  if (status != UFM_OK) {
    ufm_orbits_free(o);
    return status;
  }
  *out = o;
  return UFM_OK;
}

void ufm_orbits_free(ufm_orbits *orbits)
{
  if (orbits == NULL)
    return;
  ufm__column_orbits_clear(orbits);
  free(orbits->x);
  free(orbits);
}
