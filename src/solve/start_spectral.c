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
#include "linalg/svd.h"
#include "objective/size.h"
#include "solve/start.h"
#include "solve/start_factors.h"

/* What the search over step lengths needs. */
typedef struct spectral {
  ufm_objective *objective;
  const ufm_layout *layout;
  size_t r;
  double *G, *V, *s, *Ut; /* J x K, J x r, r, r x K */
  double *scaled;         /* r: length * s */
} spectral;

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

/* G = minus the gradient with respect to Z' (one row per column) at Z' = 0. */
static void gradient_at_zero(const ufm_problem *problem, const double *bias,
                             double *G)
{
  const ufm_columns *c = ufm_problem_columns(problem);
  double ratio = ufm__class_size(problem) * (double)c->K, sum = 0.0;

  for (size_t i = 0; i < c->K; i++)
    sum += exp(bias[i]);
  for (size_t j = 0; j < c->J; j++) {
    double *row = G + j * c->K, weight = c->rounded[c->weight[j]];

    ufm_columns_target(c, j, row);
    for (size_t i = 0; i < c->K; i++) {
      row[i] -= ufm_problem_loss(problem) == UFM_LOSS_CE ? exp(bias[i]) / sum
                                                         : bias[i];
      row[i] *= weight / sqrt(ratio * weight);
    }
  }
}

static double value_at(spectral *sp, double length, double *x)
{
  for (size_t i = 0; i < sp->r; i++)
    sp->scaled[i] = length * sp->s[i];
  ufm__factors_from_svd(sp->layout, sp->r, sp->V, sp->scaled, sp->Ut, x);
  return ufm_objective_value(sp->objective, x);
}

/* Doubles or halves the length while F falls; x ends at the best. */
static void search_length(spectral *sp, double first, double *x)
{
  double best = first, F = value_at(sp, first, x);

  for (int way = 0; way < 2; way++) {
    double factor = way == 0 ? 2.0 : 0.5;

    for (int i = 0; i < 30; i++) {
      double trial = value_at(sp, best * factor, x);

      if (!(trial < F))
        break;
      best *= factor;
      F = trial;
    }
  }
  value_at(sp, best, x);
}

static ufm_status decompose(spectral *sp, const ufm_problem *problem,
                            const double *bias, ufm_error *error)
{
  size_t J = sp->layout->J, K = sp->layout->K;
  double kappa = ufm__balanced_penalty(problem);
  ufm_status status;

  sp->r = J < K ? J : K;
  sp->G = malloc(J * K * sizeof *sp->G);
  sp->V = malloc(J * sp->r * sizeof *sp->V);
  sp->s = malloc(sp->r * sizeof *sp->s);
  sp->scaled = malloc(sp->r * sizeof *sp->scaled);
  sp->Ut = malloc(sp->r * K * sizeof *sp->Ut);
  if (sp->G == NULL || sp->V == NULL || sp->s == NULL || sp->scaled == NULL ||
      sp->Ut == NULL)
    return ufm__no_memory(error, "spectral start");
  gradient_at_zero(problem, bias, sp->G);
  status = ufm__svd(J, K, sp->G, sp->s, sp->V, sp->Ut, error);
  for (size_t i = 0; status == UFM_OK && sp->layout->M == 1 && i < sp->r; i++)
    sp->s[i] = fmax(sp->s[i] - kappa, 0.0);
  return status;
}

ufm_status ufm__start_spectral(const ufm_problem *problem,
                               ufm_objective *objective, gsl_rng *rng,
                               double *x, ufm_error *error)
{
  const ufm_layout *layout = ufm_objective_layout(objective);
  spectral sp = {.objective = objective, .layout = layout};
  double *plain = calloc(layout->size, sizeof *plain);
  double *noise = calloc(layout->size, sizeof *noise);
  double *bias = calloc(layout->K, sizeof *bias);
  ufm_status status;

  if (plain == NULL || noise == NULL || bias == NULL) {
    status = ufm__no_memory(error, "spectral start");
  } else {
    zero_bias(problem, bias);
    status = decompose(&sp, problem, bias, error);
  }
  if (status == UFM_OK) {
    double natural = sqrt(ufm__class_size(problem)) * ufm__logit_size(problem);

    memcpy(plain + layout->b, bias, (layout->size - layout->b) * sizeof *bias);
    ufm_objective_from_plain(objective, plain, x);
    search_length(&sp, sp.s[0] > 0.0 ? natural / sp.s[0] : 1.0, x);
    /* Directions that the step left at zero stay there without a push. */
    ufm__start_random(problem, layout, rng, noise);
    for (size_t i = 0; i < layout->b; i++)
      x[i] += 1e-2 * noise[i];
  }
  free(plain);
  free(noise);
  free(bias);
  free(sp.G);
  free(sp.V);
  free(sp.s);
  free(sp.scaled);
  free(sp.Ut);
  return status;
}
