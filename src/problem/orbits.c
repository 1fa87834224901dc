/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When interchangeable classes reduce the problem, and its points then. */
#include <config.h>

#include <stdlib.h>

#include <ufm/orbits.h>

#include "core/error.h"
#include "core/memory.h"

/* The optimal Z has 1^T Z = 0 (ce) or Z nu = 0 (mse, free bias): one invariant
   direction less. */
static bool rank_is_cut(const ufm_problem *problem)
{
  return ufm_problem_loss(problem) == UFM_LOSS_CE ||
         ufm_problem_bias(problem) == UFM_BIAS_FREE;
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
  if (targets != UFM_TARGETS_ONEHOT && targets != UFM_TARGETS_SMOOTH)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "orbits: got targets %s, want onehot or smooth",
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

ufm_status ufm_orbits_new(ufm_orbits **out, const ufm_problem *problem,
                          ufm_error *error)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  size_t G = groups->G, r = G - rank_is_cut(problem), length = 0;
  ufm_status status = check_exact(problem, error);
  ufm_orbits *o;

  *out = NULL;
  if (status != UFM_OK)
    return status;
  if (!ufm__add_product(&length, 2 * G, r + 1) ||
      !ufm__add_product(&length, G, 1))
    return ufm__fail(error, UFM_ERANGE, "orbits: the point's size overflows");
  status = ufm__check_doubles_fit(length, "orbits", error);
  if (status != UFM_OK)
    return status;
  o = calloc(1, sizeof *o);
  if (o != NULL)
    o->x = calloc(length, sizeof *o->x);
  if (o == NULL || o->x == NULL) {
    ufm_orbits_free(o);
    return ufm__no_memory(error, "orbits");
  }
  o->K = ufm_problem_classes(problem);
  o->G = G;
  o->r = r;
  o->size = groups->size;
  o->count = groups->count;
  o->of = groups->of;
  o->w = 0;
  o->h = G;
  o->v = 2 * G;
  o->y = o->v + G * r;
  o->b = o->y + G * r;
  o->length = ufm_problem_bias(problem) == UFM_BIAS_NONE ? o->b : o->b + G;
  *out = o;
  return UFM_OK;
}

void ufm_orbits_free(ufm_orbits *orbits)
{
  if (orbits == NULL)
    return;
  free(orbits->x);
  free(orbits);
}
