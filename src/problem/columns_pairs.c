/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of mixup: pairs of classes times mixing values, equal targets
   merged. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "core/error.h"
#include "problem/columns.h"
#include "problem/pairs.h"

/* Palette: 0, 1, the inner values, the weights of e_k by group, the weights of
   pairs by groups and value. */
typedef struct palette {
  size_t G, inner;
  size_t values, same, pairs, size;
} palette;

enum { PALETTE_ZERO, PALETTE_ONE, PALETTE_VALUES };

static palette palette_plan(size_t G, size_t inner)
{
  palette p = {.G = G, .inner = inner, .values = PALETTE_VALUES};

  p.same = p.values + inner;
  p.pairs = p.same + G;
  p.size = p.pairs + G * G * inner;
  return p;
}

static void set_palette(ufm_columns *out, const palette *p, const ufm__pairs *s,
                        const ufm_groups *groups)
{
  mpq_set_ui(out->palette[PALETTE_ONE], 1, 1);
  for (size_t l = 0; l < p->inner; l++)
    mpq_set(out->palette[p->values + l], s->v[s->first + l]);
  for (size_t g = 0; g < p->G; g++) {
    ufm__pairs_class_weight(s, groups->count[g], out->palette[p->same + g]);
    for (size_t h = 0; h < p->G; h++)
      for (size_t l = 0; l < p->inner; l++)
        ufm__pairs_weight(
            s, groups->count[g], groups->count[h], l,
            out->palette[p->pairs + (g * p->G + h) * p->inner + l]);
  }
  ufm__columns_round(out);
}

static void set_columns(ufm_columns *out, const palette *p,
                        const ufm_groups *groups, bool classes)
{
  size_t j = 0, entry = 0, K = out->K;

  for (size_t k = 0; k < K && classes; k++, j++) {
    out->row[entry] = k;
    out->value[entry++] = PALETTE_ONE;
    out->weight[j] = p->same + groups->of[k];
    out->label[j] = k;
    out->first[j + 1] = entry;
  }
  for (size_t i = 0; i < K; i++)
    for (size_t k = i + 1; k < K; k++)
      for (size_t l = 0; l < p->inner; l++, j++) {
        size_t pair = groups->of[i] * p->G + groups->of[k];

        out->row[entry] = i;
        out->value[entry++] = p->values + l;
        out->row[entry] = k;
        out->value[entry++] = p->values + p->inner - 1 - l; /* 1 - v */
        out->weight[j] = p->pairs + pair * p->inner + l;
        out->label[j] = UFM_NO_LABEL;
        out->first[j + 1] = entry;
      }
}

/* J, or 0 when there are too many. */
static size_t number_of_columns(size_t K, size_t inner, bool classes)
{
  double n = (classes ? (double)K : 0.0) +
             0.5 * (double)K * (double)(K - 1) * (double)inner;

  return n > UFM__MOST_COLUMNS ? 0 : (size_t)n;
}

static ufm_status build(ufm_columns *out, size_t K, const ufm_groups *groups,
                        const ufm__pairs *s, ufm_error *error)
{
  size_t J = number_of_columns(K, s->inner, s->classes);
  palette p = palette_plan(groups->G, J > 0 ? s->inner : 0);
  ufm_status status = ufm__columns_alloc(out, K, J, 2 * J, p.size, error);

  if (status != UFM_OK)
    return status;
  set_palette(out, &p, s, groups);
  mpq_set_ui(out->ratio, 1, 1);
  if (J > 0)
    set_columns(out, &p, groups, s->classes);
  return UFM_OK;
}

ufm_status ufm__columns_from_pairs(ufm_columns *out, size_t K,
                                   const size_t *counts,
                                   const ufm_groups *groups,
                                   const ufm_mixing *mixing, ufm_error *error)
{
  ufm__pairs s;
  ufm_status status = ufm__pairs_init(&s, K, counts, mixing, error);

  if (status == UFM_OK)
    status = build(out, K, groups, &s, error);
  ufm__pairs_clear(&s);
  return status;
}
