/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting points for the convex relaxations that verify solves by itself. */
#include <config.h>

#include <math.h>
#include <stdint.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_multimin.h>

#include "core/error.h"
#include "verify/curvature.h"
#include "verify/seed.h"

/* One evaluation per point: GSL asks for value and gradient separately. */
typedef struct objective {
  ufm__curvature curvature;
} objective;

static double value_gradient(const gsl_vector *x, void *context, gsl_vector *g)
{
  objective *f = context;

  return ufm__curvature_gradient(&f->curvature, x->data, g->data);
}

static void value_gradient_both(const gsl_vector *x, void *context, double *f,
                                gsl_vector *g)
{
  *f = value_gradient(x, context, g);
}

static void gradient(const gsl_vector *x, void *context, gsl_vector *g)
{
  value_gradient(x, context, g);
}

static double value(const gsl_vector *x, void *context)
{
  objective *f = context;
  double result;
  gsl_vector *g = gsl_vector_alloc(x->size);

  if (g == NULL)
    return HUGE_VAL;
  result = value_gradient(x, context, g);
  gsl_vector_free(g);
  (void)f;
  return result;
}

/* Uniform in [-1, 1): 64-bit linear congruential generator (Knuth, MMIX). */
static double uniform(uint64_t *state)
{
  *state =
      *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(*state >> 11) * 0x1p-52 - 1.0;
}

static void to_plain(const ufm__curvature *c, gsl_vector *x, mpfr_t *out)
{
  ufm__curvature_scale(c, x->data);
  for (size_t i = 0; i < x->size; i++)
    mpfr_set_d(out[i], x->data[i], MPFR_RNDN);
}

ufm_status ufm__seed(const ufm__model *model, size_t iterations, mpfr_t *out,
                     ufm_error *error)
{
  size_t n = model->size;
  uint64_t state = 20240229;
  objective f;
  gsl_multimin_function_fdf function = {.f = value,
                                        .df = gradient,
                                        .fdf = value_gradient_both,
                                        .n = n,
                                        .params = &f};
  gsl_multimin_fdfminimizer *s = NULL;
  gsl_vector *x = gsl_vector_alloc(n);
  ufm_status status = ufm__curvature_init(&f.curvature, model, error);

  if (status == UFM_OK)
    s = gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2,
                                        n);
  if (x == NULL || s == NULL) {
    if (status == UFM_OK)
      status = ufm__no_memory(error, "verify: starting point");
    goto done;
  }
  for (size_t i = 0; i < n; i++)
    x->data[i] = i < model->b ? uniform(&state) : 0.0;
  if (gsl_multimin_fdfminimizer_set(s, &function, x, 0.1, 0.1) != 0) {
    status =
        ufm__fail(error, UFM_EINTERNAL, "verify: GSL refused a starting point");
    goto done;
  }
  for (size_t k = 0; k < iterations; k++)
    if (gsl_multimin_fdfminimizer_iterate(s) != 0 ||
        gsl_blas_dnrm2(s->gradient) < 1e-9 * f.curvature.kappa)
      break;
  gsl_vector_memcpy(x, s->x);
  to_plain(&f.curvature, x, out);
done:
  if (s != NULL)
    gsl_multimin_fdfminimizer_free(s);
  if (x != NULL)
    gsl_vector_free(x);
  ufm__curvature_clear(&f.curvature);
  return status;
}
