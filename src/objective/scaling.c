/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balanced variables (derived in doc/mathematics.md, "Balanced variables").
   With kappa = Lam^{1/L} and W_m = sqrt(kappa/lambda_m) W'_m,
   h_j = sqrt(kappa/(lambda_H nu_j)) h'_j every penalty is kappa/2 |.|^2 and
   W_M...W_1 h_j = W'_M...W'_1 h'_j / sqrt(nu_j), because the factors multiply
   to sqrt(kappa^L/Lam) = 1.  At a stationary point all factors then have the
   same singular values. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "objective/internal.h"
#include "objective/size.h"

static void scale_features(ufm__scaling *s, const ufm_problem *problem,
                           bool balanced, double kappa)
{
  const ufm_columns *columns = ufm_problem_columns(problem);
  double lambda = ufm__rational_double(ufm_problem_lambda_h(problem));
  double ratio = ufm__rational_double(columns->ratio);

  for (size_t j = 0; j < columns->J; j++) {
    double nu = ratio * columns->rounded[columns->weight[j]];

    s->h_scale[j] = balanced ? sqrt(kappa / (lambda * nu)) : 1.0;
    s->h_penalty[j] = balanced ? kappa : lambda * nu;
    s->logit_scale[j] = balanced ? 1.0 / sqrt(nu) : 1.0;
  }
}

/* The loss has curvature of order 1 in the bias, and n^{(L-1)/L} size / N in a
   balanced factor (n samples per class, logits of that size: the other L - 1
   factors have singular values (sqrt(n) size)^{1/L}).  The bias is scaled to
   eight times that, the best of a few powers of two on runs with M = 1 to 9. */
static void scale_bias(ufm__scaling *s, const ufm_problem *problem,
                       bool balanced)
{
  mpq_srcptr lambda = ufm_problem_lambda_b(problem);
  double ridge = lambda != NULL ? ufm__rational_double(lambda) : 0.0;

  s->b_scale = 1.0;
  if (balanced) {
    double n = ufm__class_size(problem);
    double L = (double)ufm_problem_depth(problem) + 1.0;

    s->b_scale = sqrt(8.0 * ufm__logit_size(problem) * pow(n, -1.0 / L) /
                      (double)ufm_problem_classes(problem));
  }
  s->b_penalty = ridge * s->b_scale * s->b_scale;
}

ufm_status ufm__scaling_init(ufm__scaling *out, const ufm_problem *problem,
                             const ufm_layout *layout, ufm_variables variables,
                             ufm_error *error)
{
  bool balanced = variables == UFM_VARIABLES_BALANCED;
  double kappa = ufm__balanced_penalty(problem);

  *out = (ufm__scaling){.w_scale = calloc(layout->M, sizeof *out->w_scale),
                        .w_penalty = calloc(layout->M, sizeof *out->w_penalty),
                        .h_scale = calloc(layout->J, sizeof *out->h_scale),
                        .h_penalty = calloc(layout->J, sizeof *out->h_penalty),
                        .logit_scale =
                            calloc(layout->J, sizeof *out->logit_scale)};
  if (out->w_scale == NULL || out->w_penalty == NULL || out->h_scale == NULL ||
      out->h_penalty == NULL || out->logit_scale == NULL) {
    ufm__scaling_clear(out);
    return ufm__no_memory(error, "scaling of the variables");
  }
  for (size_t m = 0; m < layout->M; m++) {
    double lambda = ufm__rational_double(ufm_problem_lambda_w(problem, m + 1));

    if (ufm_problem_multiplier(problem) != NULL) {
      out->w_scale[m] = 1.0; /* fixed: its penalty, if any, is a constant */
      out->w_penalty[m] = lambda;
      continue;
    }
    out->w_scale[m] = balanced ? sqrt(kappa / lambda) : 1.0;
    out->w_penalty[m] = balanced ? kappa : lambda;
  }
  scale_features(out, problem, balanced, kappa);
  scale_bias(out, problem, balanced);
  return UFM_OK;
}

void ufm__scaling_clear(ufm__scaling *scaling)
{
  free(scaling->w_scale);
  free(scaling->w_penalty);
  free(scaling->h_scale);
  free(scaling->h_penalty);
  free(scaling->logit_scale);
  *scaling = (ufm__scaling){0};
}

void ufm_objective_to_plain(const ufm_objective *objective, const double *x,
                            double *theta)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  size_t d = l->width[0];

  for (size_t m = 0; m < l->M; m++)
    for (size_t i = 0; i < l->width[m] * l->width[m + 1]; i++)
      theta[l->w[m] + i] = s->w_scale[m] * x[l->w[m] + i];
  for (size_t j = 0; j < l->J; j++)
    for (size_t i = 0; i < d; i++)
      theta[l->h + j * d + i] = s->h_scale[j] * x[l->h + j * d + i];
  for (size_t i = l->b; i < l->size; i++)
    theta[i] = s->b_scale * x[i];
}

void ufm_objective_from_plain(const ufm_objective *objective,
                              const double *theta, double *x)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  size_t d = l->width[0];

  for (size_t m = 0; m < l->M; m++)
    for (size_t i = 0; i < l->width[m] * l->width[m + 1]; i++)
      x[l->w[m] + i] = theta[l->w[m] + i] / s->w_scale[m];
  for (size_t j = 0; j < l->J; j++)
    for (size_t i = 0; i < d; i++)
      x[l->h + j * d + i] = theta[l->h + j * d + i] / s->h_scale[j];
  for (size_t i = l->b; i < l->size; i++)
    x[i] = theta[i] / s->b_scale;
}
