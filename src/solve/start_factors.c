/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points from logits: factors by singular value decomposition, and the scale by
   a search over F. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "linalg/svd.h"
#include "solve/start_factors.h"

ufm_status ufm__logits_init(ufm__logits *logits, const ufm_layout *layout,
                            ufm_error *error)
{
  size_t J = layout->J, K = layout->K, r = J < K ? J : K;

  *logits = (ufm__logits){.r = r,
                          .Z = malloc(J * K * sizeof(double)),
                          .V = malloc(J * r * sizeof(double)),
                          .s = malloc(r * sizeof(double)),
                          .Ut = malloc(r * K * sizeof(double)),
                          .bias = calloc(K, sizeof(double))};
  if (logits->Z == NULL || logits->V == NULL || logits->s == NULL ||
      logits->Ut == NULL || logits->bias == NULL)
    return ufm__no_memory(error, "start");
  return UFM_OK;
}

void ufm__logits_clear(ufm__logits *logits)
{
  free(logits->Z);
  free(logits->V);
  free(logits->s);
  free(logits->Ut);
  free(logits->bias);
}

ufm_status ufm__logits_decompose(ufm__logits *logits, const ufm_layout *layout,
                                 ufm_error *error)
{
  return ufm__svd(layout->J, layout->K, logits->Z, logits->s, logits->V,
                  logits->Ut, error);
}

void ufm__logits_factors(const ufm__logits *logits, const ufm_layout *layout,
                         double length, double *x)
{
  size_t M = layout->M, r = logits->r, kept = r, last = layout->width[M - 1];
  size_t first = layout->width[0];
  double power = 1.0 / (double)(M + 1);

  for (size_t m = 0; m < M; m++)
    if (layout->width[m] < kept)
      kept = layout->width[m];
  memset(x, 0, layout->b * sizeof *x);
  for (size_t i = 0; i < kept; i++) {
    double part = pow(length * logits->s[i], power);

    for (size_t m = 0; m + 1 < M; m++)
      x[layout->w[m] + i * layout->width[m] + i] = part;
    for (size_t k = 0; k < layout->K; k++)
      x[layout->w[M - 1] + k * last + i] = part * logits->Ut[i * layout->K + k];
    for (size_t j = 0; j < layout->J; j++)
      x[layout->h + j * first + i] = part * logits->V[j * r + i];
  }
}

/* The point at `length`, coming from the one at `before`; returns F. */
static double move_to(const ufm__logits *logits, ufm_objective *objective,
                      double before, double length, double *x)
{
  const ufm_layout *layout = ufm_objective_layout(objective);

  ufm__logits_factors(logits, layout, length, x);
  if (layout->b < layout->size)
    ufm__axpy(layout->K, length - before, logits->bias, x + layout->b);
  return ufm_objective_value(objective, x);
}

double ufm__logits_search(const ufm__logits *logits, ufm_objective *objective,
                          double first, double *x)
{
  double best = first, at = first;
  double F = move_to(logits, objective, 0.0, first, x);

  for (int way = 0; way < 2; way++) {
    double factor = way == 0 ? 2.0 : 0.5;

    for (int i = 0; i < 30; i++) {
      double trial = move_to(logits, objective, at, best * factor, x);

      at = best * factor;
      if (!(trial < F))
        break;
      best = at;
      F = trial;
    }
  }
  return move_to(logits, objective, at, best, x);
}
