/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refinement of points of a model. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/curvature.h"
#include "verify/evaluate.h"
#include "verify/interval.h"
#include "verify/newton.h"
#include "verify/refine.h"

enum { MOST_DIGITS = 100000 };

static ufm_status gradient(void *context, mpfr_t *x, mpfr_prec_t bits,
                           mpfr_t *r, ufm_error *error)
{
  ufm__curvature *c = context;
  ufm__evaluation ev;
  ufm_status status = ufm__evaluation_init(&ev, c->model, bits, error);

  if (status != UFM_OK)
    return status;
  ufm__evaluate(&ev, x);
  ufm__gradient(&ev, x, r);
  ufm__curvature_at(c, x, ev.p, ev.E);
  ufm__evaluation_clear(&ev);
  return UFM_OK;
}

static void scale(void *context, double *v)
{
  ufm__curvature_scale(context, v);
}

static void product(void *context, const double *v, double *out)
{
  ufm__curvature_product(context, v, out);
}

static void settle(void *context, mpfr_t *x)
{
  const ufm__curvature *c = context;

  ufm__model_frame(c->model, x);
}

ufm_status ufm__refine(ufm_refinement **out, const ufm__model *model,
                       mpfr_t *start, double digits, ufm_error *error)
{
  ufm__curvature curvature;
  ufm_status status = ufm__curvature_init(&curvature, model, error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  status = ufm__newton(out,
                       &(ufm__newton_system){&curvature, model->size,
                                             curvature.kappa, gradient, scale,
                                             product, settle, NULL},
                       start, digits, error);
  if (status == UFM_OK)
    (*out)->columns = model->J;
  ufm__curvature_clear(&curvature);
  return status;
}

ufm_status ufm_refine(ufm_refinement **out, const ufm_problem *problem,
                      const double *theta, size_t digits, ufm_error *error)
{
  ufm__model model = {0};
  mpfr_t *start = NULL;
  ufm_status status;

  *out = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  status = ufm__model_init(&model, problem, error);
  if (status != UFM_OK)
    return status;
  start = ufm__mp_new(model.size, 64);
  if (start == NULL)
    status = ufm__no_memory(error, "verify: point");
  if (status == UFM_OK)
    status = ufm__model_point(&model, theta, start, error);
  if (status == UFM_OK)
    status = ufm__refine(out, &model, start, (double)digits, error);
  ufm__mp_free(start, model.size);
  ufm__model_clear(&model);
  return status;
}
