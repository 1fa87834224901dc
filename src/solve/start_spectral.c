/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectral start: one proximal step from zero.  The gradient of the loss at
   Z' = 0 has singular values sigma_i and the penalty on Z' is kappa times their
   sum at depth 1, so the step keeps max(sigma_i - kappa, 0); its length comes
   from a search over F itself.  No theorem about optima is used. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "objective/size.h"
#include "solve/start.h"
#include "solve/start_factors.h"
#include "solve/start_leading.h"

/* Up to this many columns or classes the whole matrix is decomposed. */
enum { FEW = 512 };

/* The bias that is optimal for Z = 0 when it is free: the mean target, or its
   logarithm; 0 otherwise.  In plain variables. */
static void zero_bias(const ufm_problem *problem, double *bias)
{
  const ufm_columns *c = ufm_problem_columns(problem);
  bool ce = ufm_problem_loss(problem) == UFM_LOSS_CE;
  double *target;

  memset(bias, 0, c->K * sizeof *bias);
  if (ufm_problem_bias(problem) != UFM_BIAS_FREE)
    return;
  target = malloc(c->K * sizeof *target);
  if (target == NULL)
    return; /* 0 is a start as well */
  for (size_t j = 0; j < c->J; j++) {
    ufm_columns_target(c, j, target);
    for (size_t i = 0; i < c->K; i++)
      bias[i] += c->rounded[c->weight[j]] * target[i];
  }
  for (size_t i = 0; ce && i < c->K; i++)
    bias[i] = log(bias[i]);
  free(target);
}

static void zero_gradient_clear(ufm__zero_gradient *G)
{
  free(G->scale);
  free(G->output);
}

static ufm_status zero_gradient_init(ufm__zero_gradient *G,
                                     const ufm_problem *problem,
                                     const double *bias, ufm_error *error)
{
  const ufm_columns *c = ufm_problem_columns(problem);
  double ratio = ufm__class_size(problem) * (double)c->K, sum = 0.0;
  bool ce = ufm_problem_loss(problem) == UFM_LOSS_CE;

  *G = (ufm__zero_gradient){.columns = c,
                            .scale = malloc(c->J * sizeof *G->scale),
                            .output = malloc(c->K * sizeof *G->output)};
  if (G->scale == NULL || G->output == NULL) {
    zero_gradient_clear(G);
    return ufm__no_memory(error, "spectral start");
  }
  for (size_t i = 0; i < c->K; i++)
    sum += exp(bias[i]);
  for (size_t i = 0; i < c->K; i++)
    G->output[i] = ce ? exp(bias[i]) / sum : bias[i];
  for (size_t j = 0; j < c->J; j++)
    G->scale[j] = sqrt(c->rounded[c->weight[j]] / ratio);
  return UFM_OK;
}

/* All of it, decomposed. */
static ufm_status all_triplets(ufm__logits *logits, const ufm_layout *layout,
                               const ufm__zero_gradient *G, ufm_error *error)
{
  ufm_status status = ufm__logits_init(logits, layout, error);

  for (size_t j = 0; status == UFM_OK && j < layout->J; j++) {
    double *row = logits->Z + j * layout->K;

    ufm_columns_target(G->columns, j, row);
    for (size_t i = 0; i < layout->K; i++)
      row[i] = G->scale[j] * (row[i] - G->output[i]);
  }
  return status == UFM_OK ? ufm__logits_decompose(logits, layout, error)
                          : status;
}

/* Leading triplets alone where the narrowest layer is a small part of J and K.
 */
static ufm_status decompose(ufm__logits *logits, const ufm_layout *layout,
                            const ufm__zero_gradient *G, gsl_rng *rng,
                            ufm_error *error)
{
  size_t least = layout->J < layout->K ? layout->J : layout->K, rank = least;

  for (size_t m = 0; m < layout->M; m++)
    rank = layout->width[m] < rank ? layout->width[m] : rank;
  return least > FEW && rank <= least / 4
             ? ufm__logits_leading(logits, G, rank, rng, error)
             : all_triplets(logits, layout, G, error);
}

ufm_status ufm__start_spectral(const ufm_problem *problem,
                               ufm_objective *objective, gsl_rng *rng,
                               double *x, ufm_error *error)
{
  const ufm_layout *layout = ufm_objective_layout(objective);
  double kappa = ufm__balanced_penalty(problem);
  ufm__logits logits = {0};
  ufm__zero_gradient G = {0};
  double *plain = calloc(layout->size, sizeof *plain);
  double *noise = calloc(layout->size, sizeof *noise);
  double *bias = calloc(layout->K, sizeof *bias);
  ufm_status status = UFM_OK;

  if (plain == NULL || noise == NULL || bias == NULL)
    status = ufm__no_memory(error, "spectral start");
  if (status == UFM_OK) {
    zero_bias(problem, bias);
    status = zero_gradient_init(&G, problem, bias, error);
  }
  if (status == UFM_OK)
    status = decompose(&logits, layout, &G, rng, error);
  for (size_t i = 0; status == UFM_OK && layout->M == 1 && i < logits.r; i++)
    logits.s[i] = fmax(logits.s[i] - kappa, 0.0);
  if (status == UFM_OK) {
    double natural = sqrt(ufm__class_size(problem)) * ufm__logit_size(problem);

    memcpy(plain + layout->b, bias, (layout->size - layout->b) * sizeof *bias);
    ufm_objective_from_plain(objective, plain, x);
    ufm__logits_search(&logits, objective,
                       logits.s[0] > 0.0 ? natural / logits.s[0] : 1.0, x);
    /* Directions that the step left at zero stay there without a push. */
    ufm__start_random(problem, layout, rng, noise);
    for (size_t i = 0; i < layout->b; i++)
      x[i] += 1e-2 * noise[i];
  }
  free(plain);
  free(noise);
  free(bias);
  zero_gradient_clear(&G);
  ufm__logits_clear(&logits);
  return status;
}
