/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refinement of invariant points. */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "verify/newton.h"
#include "verify/orbit_blocks.h"
#include "verify/orbit_refine.h"

typedef struct system {
  ufm__orbit_curvature curvature;
  ufm__orbit_blocks blocks;
} system;

static ufm_status gradient(void *context, mpfr_t *x, mpfr_prec_t bits,
                           mpfr_t *r, ufm_error *error)
{
  system *s = context;
  ufm__orbit_curvature *c = &s->curvature;
  ufm__orbit_evaluation ev;
  ufm_status status = ufm__orbit_evaluation_init(&ev, c->model, bits, error);

  if (status != UFM_OK)
    return status;
  ufm__orbit_evaluate(&ev, x);
  ufm__orbit_gradient(&ev, x, r);
  ufm__orbit_curvature_at(c, x, &ev);
  ufm__orbit_blocks_at(&s->blocks, c);
  ufm__orbit_evaluation_clear(&ev);
  return UFM_OK;
}

static void scale(void *context, double *v)
{
  const ufm__orbit_curvature *c = &((const system *)context)->curvature;

  for (size_t i = 0; i < c->model->size; i++)
    v[i] *= c->scale[i];
}

static void product(void *context, const double *v, double *out)
{
  ufm__orbit_curvature_product(&((system *)context)->curvature, v, out);
}

static void precondition(void *context, const double *r, double *z)
{
  const system *s = context;

  ufm__orbit_blocks_apply(&s->blocks, s->curvature.model, r, z);
}

ufm_status ufm__orbit_refine(ufm_refinement **out,
                             const ufm__orbit_model *model, const double *x,
                             double digits, ufm_error *error)
{
  system s = {.blocks = {0}};
  mpfr_t *start;
  ufm_status status;

  *out = NULL;
  for (size_t i = 0; i < model->size; i++)
    if (!isfinite(x[i]))
      return ufm__fail(error, UFM_ENAN,
                       "verify: entry %zu of the point is not finite", i);
  start = ufm__mp_new(model->size, 64);
  status = ufm__orbit_curvature_init(&s.curvature, model, error);
  if (status == UFM_OK)
    status = ufm__orbit_blocks_init(&s.blocks, model, error);
  if (status == UFM_OK && start == NULL)
    status = ufm__no_memory(error, "verify: point");
  for (size_t i = 0; status == UFM_OK && i < model->size; i++)
    mpfr_set_d(start[i], x[i], MPFR_RNDN);
  if (status == UFM_OK)
    status = ufm__newton(out,
                         &(ufm__newton_system){.context = &s,
                                               .size = model->size,
                                               .kappa = s.curvature.kappa,
                                               .gradient = gradient,
                                               .scale = scale,
                                               .product = product,
                                               .precondition = precondition},
                         start, digits, error);
  if (status == UFM_OK)
    (*out)->columns = ufm__orbit_columns(model);
  ufm__mp_free(start, model->size);
  ufm__orbit_curvature_clear(&s.curvature);
  ufm__orbit_blocks_clear(&s.blocks);
  return status;
}
