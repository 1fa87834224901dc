/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factors from a singular value decomposition of the logits. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "solve/start_factors.h"

void ufm__factors_from_svd(const ufm_layout *layout, size_t r, const double *V,
                           const double *s, const double *Ut, double *x)
{
  size_t M = layout->M, kept = r, last = layout->width[M - 1];
  size_t first = layout->width[0];
  double power = 1.0 / (double)(M + 1);

  for (size_t m = 0; m < M; m++)
    if (layout->width[m] < kept)
      kept = layout->width[m];
  memset(x, 0, layout->b * sizeof *x);
  for (size_t i = 0; i < kept; i++) {
    double part = pow(s[i], power);

    for (size_t m = 0; m + 1 < M; m++)
      x[layout->w[m] + i * layout->width[m] + i] = part;
    for (size_t k = 0; k < layout->K; k++)
      x[layout->w[M - 1] + k * last + i] = part * Ut[i * layout->K + k];
    for (size_t j = 0; j < layout->J; j++)
      x[layout->h + j * first + i] = part * V[j * r + i];
  }
}
