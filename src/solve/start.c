/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random and saved starts. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include <ufm/support.h>

#include "core/error.h"
#include "core/number.h"
#include "core/rng.h"
#include "objective/size.h"
#include "solve/codes.h"
#include "solve/start.h"

static void fill_normal(gsl_rng *rng, size_t rows, size_t cols, double size,
                        double *x)
{
  double sigma = size / sqrt((double)(rows > cols ? rows : cols));

  for (size_t i = 0; i < rows * cols; i++)
    x[i] = gsl_ran_gaussian_ziggurat(rng, sigma);
}

void ufm__start_random(const ufm_problem *problem, const ufm_layout *layout,
                       gsl_rng *rng, double *x)
{
  double logits = sqrt(ufm__class_size(problem)) * ufm__logit_size(problem);
  double size = pow(logits, 1.0 / (double)(layout->M + 1));

  for (size_t m = 0; m < layout->M; m++)
    fill_normal(rng, layout->width[m + 1], layout->width[m], size,
                x + layout->w[m]);
  fill_normal(rng, layout->J, layout->width[0], size, x + layout->h);
  for (size_t i = layout->b; i < layout->size; i++)
    x[i] = 0.0;
}

/* Turns the complaint about a file into one about a misspelt kind, when it
   looks like one. */
static ufm_status explain(const char *text, ufm_error *error)
{
  const char *names[UFM_START_FILE], *closest;
  ufm_error reason = {{0}};

  for (size_t i = 0; i < UFM_START_FILE; i++)
    names[i] = ufm_start_name((ufm_start)i);
  closest = ufm_closest_name(text, names, UFM_START_FILE);
  if (closest == NULL || error == NULL)
    return UFM_EINVAL;
  reason = *error;
  return ufm__fail(error, UFM_EINVAL,
                   "start: '%s' is no kind, did you mean '%s'?, and no saved "
                   "point: %s",
                   text, closest, reason.text);
}

static ufm_status start_from_file(const ufm_objective *objective,
                                  const char *prefix, double *x,
                                  ufm_error *error)
{
  const ufm_layout *layout = ufm_objective_layout(objective);
  double *theta = malloc(layout->size * sizeof *theta);
  ufm_status status;

  if (theta == NULL)
    return ufm__no_memory(error, "start");
  status = ufm_point_load(layout, theta, prefix, error);
  if (status == UFM_OK)
    ufm_objective_from_plain(objective, theta, x);
  free(theta);
  /* A start that cannot be read is a bad setting, not a failure to write. */
  return status == UFM_EIO || status == UFM_ENAN ? explain(prefix, error)
                                                 : status;
}

/* Rows w_k = m (I - J/K) U with the K - 1 orthonormal Helmert contrasts. */
static void fix_classifier(const ufm_problem *problem, const ufm_layout *layout,
                           double *x)
{
  mpq_srcptr multiplier = ufm_problem_multiplier(problem);
  size_t K = layout->K, d = layout->width[0];
  double *W = x + layout->w[0];

  if (multiplier == NULL)
    return;
  memset(W, 0, K * d * sizeof *W);
  ufm__helmert(K, d, ufm__rational_double(multiplier), W);
}

static ufm_status start_free(const ufm_problem *problem,
                             ufm_objective *objective,
                             const ufm_solve_settings *settings, ufm_start kind,
                             size_t index, double *x, ufm_error *error)
{
  ufm_status status = UFM_OK;
  gsl_rng *rng;

  if (kind == UFM_START_FILE)
    return start_from_file(objective, settings->start_file, x, error);
  if (kind == UFM_START_THEORY)
    return ufm__start_theory(problem, objective, x, error);
  rng = ufm__rng_new(settings->seed, index);
  if (rng == NULL)
    return ufm__no_memory(error, "start");
  if (kind == UFM_START_SPECTRAL)
    status = ufm__start_spectral(problem, objective, rng, x, error);
  else
    ufm__start_random(problem, ufm_objective_layout(objective), rng, x);
  gsl_rng_free(rng);
  return status;
}

ufm_status ufm__start(const ufm_problem *problem, ufm_objective *objective,
                      const ufm_solve_settings *settings, ufm_start kind,
                      size_t index, double *x, ufm_error *error)
{
  ufm_status status =
      start_free(problem, objective, settings, kind, index, x, error);

  if (status == UFM_OK)
    fix_classifier(problem, ufm_objective_layout(objective), x);
  return status;
}
