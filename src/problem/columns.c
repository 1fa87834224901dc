/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns: exact targets and weights through a palette of rationals. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/number.h"
#include "problem/columns.h"

ufm_status ufm__columns_alloc(ufm_columns *out, size_t K, size_t J,
                              size_t entries, size_t palette, ufm_error *error)
{
  ufm_status status = ufm__check_doubles_fit(
      J > SIZE_MAX / 16 ? SIZE_MAX : 8 * J + 2 * entries, "columns", error);

  if (status != UFM_OK)
    return status;
  *out = (ufm_columns){.K = K, .J = J};
  mpq_init(out->ratio);
  out->first = calloc(J + 1, sizeof *out->first);
  out->row = calloc(entries + 1, sizeof *out->row);
  out->value = calloc(entries + 1, sizeof *out->value);
  out->background = calloc(J + 1, sizeof *out->background);
  out->weight = calloc(J + 1, sizeof *out->weight);
  out->label = calloc(J + 1, sizeof *out->label);
  out->count = calloc(J + 1, sizeof *out->count);
  out->palette = calloc(palette, sizeof *out->palette);
  out->rounded = calloc(palette, sizeof *out->rounded);
  if (out->palette != NULL)
    for (; out->palette_size < palette; out->palette_size++)
      mpq_init(out->palette[out->palette_size]);
  if (out->first != NULL && out->row != NULL && out->value != NULL &&
      out->background != NULL && out->weight != NULL && out->label != NULL &&
      out->count != NULL && out->palette != NULL && out->rounded != NULL)
    return UFM_OK;
  ufm__columns_clear(out);
  return ufm__no_memory(error, "columns");
}

void ufm__columns_round(ufm_columns *columns)
{
  for (size_t i = 0; i < columns->palette_size; i++)
    columns->rounded[i] = ufm__rational_double(columns->palette[i]);
}

void ufm__columns_clear(ufm_columns *columns)
{
  if (columns->K == 0)
    return;
  for (size_t i = 0; i < columns->palette_size; i++)
    mpq_clear(columns->palette[i]);
  mpq_clear(columns->ratio);
  free(columns->first);
  free(columns->row);
  free(columns->value);
  free(columns->background);
  free(columns->weight);
  free(columns->label);
  free(columns->count);
  free(columns->palette);
  free(columns->rounded);
  *columns = (ufm_columns){0};
}

/* Palette of class data: 0 is eps/K, 1 is 1 - eps, then the weights: one per
   group of equal counts when merged, one for all when not. */
enum { PALETTE_BACKGROUND, PALETTE_LABEL, PALETTE_WEIGHTS };

static void set_class_palette(ufm_columns *out, const ufm_groups *groups,
                              size_t samples, mpq_srcptr smoothing,
                              int unmerged)
{
  mpq_ptr background = out->palette[PALETTE_BACKGROUND];
  mpq_ptr label = out->palette[PALETTE_LABEL];

  mpq_set_ui(label, 1, 1);
  if (smoothing != NULL) {
    mpq_sub(label, label, smoothing);
    mpq_set_ui(background, 1, out->K);
    mpq_mul(background, background, smoothing);
  }
  for (size_t i = PALETTE_WEIGHTS; i < out->palette_size; i++) {
    mpq_set_ui(out->palette[i],
               unmerged ? 1 : groups->count[i - PALETTE_WEIGHTS], samples);
    mpq_canonicalize(out->palette[i]);
  }
  mpq_set_ui(out->ratio, samples, 1);
  ufm__columns_round(out);
}

ufm_status ufm__columns_from_counts(ufm_columns *out, size_t K,
                                    const ufm_groups *groups,
                                    mpq_srcptr smoothing, int unmerged,
                                    ufm_error *error)
{
  size_t samples = 0, j = 0, J;
  ufm_status status;

  for (size_t g = 0; g < groups->G; g++)
    samples += groups->size[g] * groups->count[g];
  J = unmerged ? samples : K;
  status = ufm__columns_alloc(
      out, K, J, J, PALETTE_WEIGHTS + (unmerged ? 1 : groups->G), error);
  if (status != UFM_OK)
    return status;
  set_class_palette(out, groups, samples, smoothing, unmerged);
  for (size_t k = 0; k < K; k++) {
    size_t g = groups->of[k], count = groups->count[g];

    for (size_t s = 0; s < (unmerged ? count : 1); s++, j++) {
      out->first[j] = j;
      out->row[j] = k;
      out->value[j] = PALETTE_LABEL;
      out->background[j] = PALETTE_BACKGROUND;
      out->weight[j] = PALETTE_WEIGHTS + (unmerged ? 0 : g);
      out->label[j] = k;
      out->count[j] = unmerged ? 1 : count;
    }
  }
  out->first[J] = J;
  return UFM_OK;
}

void ufm_columns_target(const ufm_columns *columns, size_t j, double *out)
{
  double background = columns->rounded[columns->background[j]];

  for (size_t i = 0; i < columns->K; i++)
    out[i] = background;
  for (size_t e = columns->first[j]; e < columns->first[j + 1]; e++)
    out[columns->row[e]] += columns->rounded[columns->value[e]];
}

void ufm_columns_target_exact(const ufm_columns *columns, size_t j, size_t i,
                              mpq_t out)
{
  mpq_set(out, columns->palette[columns->background[j]]);
  for (size_t e = columns->first[j]; e < columns->first[j + 1]; e++)
    if (columns->row[e] == i)
      mpq_add(out, out, columns->palette[columns->value[e]]);
}
