/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory.h"
#include "verify/orbit_model.h"

static ufm_status model_alloc(ufm__orbit_model *model, ufm_error *error)
{
  mpz_init(model->total);
  mpq_inits(model->lambda_w, model->lambda_h, model->lambda_b, model->omega,
            (mpq_ptr)NULL);
  model->classes = calloc(model->G, sizeof *model->classes);
  model->of = calloc(model->K, sizeof *model->of);
  model->weight = ufm__integers_new(model->C);
  model->share = ufm__rationals_new(model->C);
  if (model->classes == NULL || model->of == NULL || model->weight == NULL ||
      model->share == NULL)
    return ufm__no_memory(error, "verify: groups of classes");
  return UFM_OK;
}

void ufm__orbit_model_clear(ufm__orbit_model *model)
{
  if (model->K == 0)
    return;
  mpz_clear(model->total);
  mpq_clears(model->lambda_w, model->lambda_h, model->lambda_b, model->omega,
             (mpq_ptr)NULL);
  free(model->classes);
  free(model->of);
  ufm__integers_free(model->weight, model->C);
  ufm__rationals_free(model->share, model->C);
  ufm_orbits_free(model->orbits);
  *model = (ufm__orbit_model){0};
}

/* Groups, copied: those of orbits belong to the problem, which may end. */
static void set_groups(ufm__orbit_model *model)
{
  ufm_orbits *o = model->orbits;

  for (size_t g = 0; g < model->G; g++)
    model->classes[g] = o->size[g];
  memcpy(model->of, o->of, model->K * sizeof *model->of);
  o->size = model->classes;
  o->of = model->of;
  o->count = NULL;
}

/* The pi_c over their common denominator. */
static void set_weights(ufm__orbit_model *model)
{
  mpz_set_ui(model->total, 1);
  for (size_t c = 0; c < model->C; c++)
    mpz_lcm(model->total, model->total, mpq_denref(model->column[c].pi));
  for (size_t c = 0; c < model->C; c++) {
    mpq_srcptr pi = model->column[c].pi;

    mpz_divexact(model->weight[c], model->total, mpq_denref(pi));
    mpz_mul(model->weight[c], model->weight[c], mpq_numref(pi));
    mpq_set_ui(model->share[c], model->column[c].columns, 1);
    mpq_mul(model->share[c], model->share[c], pi);
  }
}

static void set_penalties(ufm__orbit_model *model, const ufm_problem *problem)
{
  mpq_srcptr lambda_b = ufm_problem_lambda_b(problem);

  mpq_set(model->lambda_w, ufm_problem_lambda_w(problem, 1));
  mpq_set(model->lambda_h, ufm_problem_lambda_h(problem));
  if (lambda_b != NULL)
    mpq_set(model->lambda_b, lambda_b);
  mpq_mul(model->omega, model->lambda_w, model->lambda_h);
}

static bool same_problem(const ufm_orbits *a, const ufm_orbits *b)
{
  return a->K == b->K && a->G == b->G && a->C == b->C && a->Q == b->Q &&
         a->r == b->r && a->length == b->length && a->of == b->of;
}

/* Evaluation, dual point and bars hold some ten numbers for each entry of a
   column; one of a few hundred bits weighs about ten doubles. */
static ufm_status check_size(const ufm_orbits *o, ufm_error *error)
{
  enum { DOUBLES = 100 };
  size_t entries = 0, doubles = 0;

  if (!ufm__add_product(&entries, o->C, o->G + 2) ||
      !ufm__add_product(&doubles, entries, DOUBLES) || o->length > INT_MAX)
    return ufm__fail(
        error, UFM_ERANGE,
        "verify: got a point of dimension %zu, want less than 2^31", o->length);
  return ufm__check_doubles_fit(doubles, "verify: columns", error);
}

ufm_status ufm__orbit_model_init(ufm__orbit_model *out,
                                 const ufm_problem *problem,
                                 const ufm_orbits *orbits, ufm_error *error)
{
  ufm_orbits *own = NULL;
  ufm_status status = ufm_orbits_new(&own, problem, error);

  if (status == UFM_OK && !same_problem(own, orbits))
    status = ufm__fail(error, UFM_EINVAL,
                       "verify: got the orbits of another problem");
  if (status == UFM_OK)
    status = check_size(own, error);
  if (status != UFM_OK) {
    ufm_orbits_free(own);
    return status;
  }
  *out = (ufm__orbit_model){.loss = ufm_problem_loss(problem),
                            .bias = ufm_problem_bias(problem),
                            .K = own->K,
                            .G = own->G,
                            .C = own->C,
                            .Q = own->Q,
                            .r = own->r,
                            .d = ufm_problem_width(problem, 1),
                            .w = own->w,
                            .h = own->h,
                            .v = own->v,
                            .y = own->y,
                            .b = own->b,
                            .size = own->length,
                            .orbits = own,
                            .column = own->column,
                            .contrast = own->contrast};
  status = model_alloc(out, error);
  if (status != UFM_OK) {
    ufm__orbit_model_clear(out);
    return status;
  }
  set_groups(out);
  set_weights(out);
  set_penalties(out, problem);
  return UFM_OK;
}

size_t ufm__orbit_columns(const ufm__orbit_model *model)
{
  size_t sum = 0;

  for (size_t c = 0; c < model->C; c++)
    if (!ufm__add_product(&sum, model->column[c].columns, 1))
      return SIZE_MAX;
  return sum;
}

void ufm__orbit_add_contrast(const ufm__orbit_model *model, size_t c, size_t l,
                             mpq_t eta[2], mpq_t out)
{
  const ufm_column_orbit *column = &model->column[c];
  mpq_t e, part;

  if (column->marks == 2 && l == 1 && column->group[0] == column->group[1])
    return;
  mpq_inits(e, part, (mpq_ptr)NULL);
  mpq_mul(e, eta[l], eta[l]);
  if (column->marks == 2 && column->group[0] != column->group[1]) {
    mpq_set_ui(part, model->classes[column->group[1 - l]], 1);
    mpq_mul(e, e, part);
  } else if (column->marks == 2) {
    mpq_mul(part, eta[1], eta[1]);
    mpq_add(e, e, part);
    mpq_set_ui(part, model->classes[column->group[0]] - 1, 1);
    mpq_mul(e, e, part);
    mpq_mul(part, eta[0], eta[1]);
    mpq_mul_2exp(part, part, 1);
    mpq_sub(e, e, part);
    if (column->unordered)
      mpq_div_2exp(e, e, 1);
  }
  mpq_mul(e, e, column->pi);
  mpq_div(part, column->pi, column->nu);
  mpq_mul(e, e, part);
  mpq_add(out, out, e);
  mpq_clears(e, part, (mpq_ptr)NULL);
}
