/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/orbit_model.h"

static ufm_status model_alloc(ufm__orbit_model *model, ufm_error *error)
{
  mpq_inits(model->eps, model->on, model->off, model->lambda_w, model->lambda_h,
            model->lambda_b, model->omega, (mpq_ptr)NULL);
  model->classes = calloc(model->G, sizeof *model->classes);
  model->weight = calloc(model->G, sizeof *model->weight);
  model->pi = ufm__rationals_new(model->G);
  model->nu = ufm__rationals_new(model->G);
  if (model->classes == NULL || model->weight == NULL || model->pi == NULL ||
      model->nu == NULL)
    return ufm__no_memory(error, "verify: groups of classes");
  return UFM_OK;
}

void ufm__orbit_model_clear(ufm__orbit_model *model)
{
  if (model->K == 0)
    return;
  mpq_clears(model->eps, model->on, model->off, model->lambda_w,
             model->lambda_h, model->lambda_b, model->omega, (mpq_ptr)NULL);
  free(model->classes);
  free(model->weight);
  ufm__rationals_free(model->pi, model->G);
  ufm__rationals_free(model->nu, model->G);
  *model = (ufm__orbit_model){0};
}

static void set_numbers(ufm__orbit_model *model, const ufm_problem *problem,
                        const ufm_orbits *orbits)
{
  mpq_srcptr eps = ufm_problem_smoothing(problem);
  mpq_srcptr lambda_b = ufm_problem_lambda_b(problem);

  model->total = ufm_problem_samples(problem);
  for (size_t g = 0; g < model->G; g++) {
    model->classes[g] = orbits->size[g];
    model->weight[g] = orbits->count[g];
    mpq_set_ui(model->pi[g], model->weight[g], model->total);
    mpq_canonicalize(model->pi[g]);
    mpq_set_ui(model->nu[g], model->weight[g], 1);
  }
  if (eps != NULL)
    mpq_set(model->eps, eps);
  mpq_set_ui(model->off, 1, model->K);
  mpq_mul(model->off, model->off, model->eps);
  mpq_set_ui(model->on, 1, 1);
  mpq_sub(model->on, model->on, model->eps);
  mpq_add(model->on, model->on, model->off);
  mpq_set(model->lambda_w, ufm_problem_lambda_w(problem, 1));
  mpq_set(model->lambda_h, ufm_problem_lambda_h(problem));
  if (lambda_b != NULL)
    mpq_set(model->lambda_b, lambda_b);
  mpq_mul(model->omega, model->lambda_w, model->lambda_h);
}

ufm_status ufm__orbit_model_init(ufm__orbit_model *out,
                                 const ufm_problem *problem,
                                 const ufm_orbits *orbits, ufm_error *error)
{
  ufm_orbits *own = NULL;
  ufm_status status = ufm_orbits_new(&own, problem, error);

  if (status != UFM_OK)
    return status;
  if (own->K != orbits->K || own->G != orbits->G || own->r != orbits->r ||
      own->length != orbits->length || own->of != orbits->of)
    status = ufm__fail(error, UFM_EINVAL,
                       "verify: got the orbits of another problem");
  ufm_orbits_free(own);
  if (status != UFM_OK)
    return status;
  *out = (ufm__orbit_model){.loss = ufm_problem_loss(problem),
                            .bias = ufm_problem_bias(problem),
                            .K = orbits->K,
                            .G = orbits->G,
                            .r = orbits->r,
                            .d = ufm_problem_width(problem, 1),
                            .w = orbits->w,
                            .h = orbits->h,
                            .v = orbits->v,
                            .y = orbits->y,
                            .b = orbits->b,
                            .size = orbits->length};
  status = model_alloc(out, error);
  if (status == UFM_OK)
    set_numbers(out, problem, orbits);
  else
    ufm__orbit_model_clear(out);
  return status;
}
