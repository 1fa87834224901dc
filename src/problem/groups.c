/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes with equal counts are interchangeable: find them. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "problem/groups.h"

typedef struct ranked_class {
  size_t count, k;
} ranked_class;

static int larger_count_first(const void *a, const void *b)
{
  const ranked_class *x = a, *y = b;

  if (x->count != y->count)
    return x->count < y->count ? 1 : -1;
  return x->k < y->k ? -1 : x->k > y->k;
}

/* Profiles come in order. */
static int ordered(const ranked_class *ranked, size_t K)
{
  for (size_t i = 1; i < K; i++)
    if (ranked[i - 1].count < ranked[i].count)
      return 0;
  return 1;
}

ufm_status ufm__groups_init(ufm_groups *out, size_t K, const size_t *counts,
                            int apart, ufm_error *error)
{
  ranked_class *ranked = calloc(K, sizeof *ranked);

  *out = (ufm_groups){0};
  out->of = calloc(K, sizeof *out->of);
  out->count = calloc(K, sizeof *out->count);
  out->size = calloc(K, sizeof *out->size);
  if (ranked == NULL || out->of == NULL || out->count == NULL ||
      out->size == NULL) {
    free(ranked);
    ufm__groups_clear(out);
    return ufm__no_memory(error, "groups of classes");
  }
  for (size_t k = 0; k < K; k++)
    ranked[k] = (ranked_class){counts[k], k};
  if (!ordered(ranked, K))
    qsort(ranked, K, sizeof *ranked, larger_count_first);
  for (size_t i = 0; i < K; i++) {
    if (out->G == 0 || apart || ranked[i].count != out->count[out->G - 1])
      out->count[out->G++] = ranked[i].count;
    out->size[out->G - 1]++;
    out->of[ranked[i].k] = out->G - 1;
  }
  free(ranked);
  return UFM_OK;
}

void ufm__groups_clear(ufm_groups *groups)
{
  free(groups->of);
  free(groups->count);
  free(groups->size);
  *groups = (ufm_groups){0};
}
