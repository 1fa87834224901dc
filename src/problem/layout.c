/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offsets of the factors in a point. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include <ufm/layout.h>

#include "core/error.h"
#include "core/memory.h"
#include "problem/layout.h"

static ufm_status set_offsets(ufm_layout *layout, const ufm_problem *problem,
                              size_t most, ufm_error *error)
{
  size_t size = 0;
  bool fits = true;

  layout->width[layout->M] = layout->K;
  for (size_t m = 0; m < layout->M; m++) {
    size_t width = ufm_problem_width(problem, m + 1);

    layout->width[m] = width < most ? width : most;
  }
  for (size_t m = 0; m < layout->M && fits; m++) {
    layout->w[m] = size;
    fits = ufm__add_product(&size, layout->width[m + 1], layout->width[m]);
  }
  layout->h = size;
  fits = fits && ufm__add_product(&size, layout->J, layout->width[0]);
  layout->b = size;
  if (ufm_problem_bias(problem) != UFM_BIAS_NONE)
    fits = fits && ufm__add_product(&size, layout->K, 1);
  layout->size = size;
  if (!fits)
    return ufm__fail(error, UFM_ERANGE,
                     "point: the number of its entries overflows");
  return ufm__check_doubles_fit(size, "point", error);
}

ufm_status ufm_layout_new(ufm_layout **out, const ufm_problem *problem,
                          ufm_error *error)
{
  return ufm__layout_narrow(out, problem, SIZE_MAX, error);
}

ufm_status ufm__layout_narrow(ufm_layout **out, const ufm_problem *problem,
                              size_t most, ufm_error *error)
{
  ufm_layout *layout = calloc(1, sizeof *layout);
  ufm_status status;

  *out = NULL;
  if (layout == NULL)
    return ufm__no_memory(error, "layout");
  if (ufm_problem_columns(problem)->J == 0) {
    free(layout);
    return ufm__fail(error, UFM_ERANGE,
                     "point: the mixup law has more than 4000000 columns: "
                     "want fewer classes or mixing values");
  }
  layout->M = ufm_problem_depth(problem);
  layout->K = ufm_problem_classes(problem);
  layout->J = ufm_problem_columns(problem)->J;
  layout->width = calloc(layout->M + 1, sizeof *layout->width);
  layout->w = calloc(layout->M, sizeof *layout->w);
  if (layout->width == NULL || layout->w == NULL)
    status = ufm__no_memory(error, "layout");
  else
    status = set_offsets(layout, problem, most, error);
  if (status != UFM_OK) {
    ufm_layout_free(layout);
    return status;
  }
  *out = layout;
  return UFM_OK;
}

void ufm_layout_free(ufm_layout *layout)
{
  if (layout == NULL)
    return;
  free(layout->width);
  free(layout->w);
  free(layout);
}
