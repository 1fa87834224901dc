/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact, merged problem behind refinement and certificates. */
#include <config.h>

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cblas.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/number.h"
#include "verify/interval.h"
#include "verify/merge.h"
#include "verify/model.h"

/* Room for K, J, M and columns, which are set; also the scalars. */
static ufm_status model_alloc(ufm__model *model, ufm_error *error)
{
  size_t J = model->J, M = model->M;

  mpz_init(model->total);
  mpq_inits(model->ratio, model->lambda_b, model->product, model->multiplier,
            (mpq_ptr)NULL);
  model->width = calloc(M + 1, sizeof *model->width);
  model->w = calloc(M, sizeof *model->w);
  model->weight = calloc(J, sizeof *model->weight);
  for (size_t j = 0; model->weight != NULL && j < J; j++)
    mpz_init(model->weight[j]);
  model->pi = ufm__rationals_new(J);
  model->nu = ufm__rationals_new(J);
  model->target = ufm__rationals_new(J * model->K);
  model->lambda = ufm__rationals_new(M + 1);
  model->label = calloc(J, sizeof *model->label);
  model->from = calloc(model->columns, sizeof *model->from);
  model->share = calloc(model->columns, sizeof *model->share);
  if (model->width == NULL || model->w == NULL || model->weight == NULL ||
      model->pi == NULL || model->nu == NULL || model->target == NULL ||
      model->lambda == NULL || model->label == NULL || model->from == NULL ||
      model->share == NULL)
    return ufm__no_memory(error, "verify: problem");
  return UFM_OK;
}

void ufm__model_clear(ufm__model *model)
{
  if (model->K == 0)
    return;
  mpz_clear(model->total);
  mpq_clears(model->ratio, model->lambda_b, model->product, model->multiplier,
             (mpq_ptr)NULL);
  for (size_t j = 0; model->weight != NULL && j < model->J; j++)
    mpz_clear(model->weight[j]);
  ufm__rationals_free(model->pi, model->J);
  ufm__rationals_free(model->nu, model->J);
  ufm__rationals_free(model->target, model->J * model->K);
  ufm__rationals_free(model->lambda, model->M + 1);
  free(model->width);
  free(model->w);
  free(model->weight);
  free(model->label);
  free(model->from);
  free(model->share);
  *model = (ufm__model){0};
}

/* Weights as integers: the pi_j over their common denominator. */
static void set_weights(ufm__model *model)
{
  mpz_set_ui(model->total, 1);
  for (size_t j = 0; j < model->J; j++)
    mpz_lcm(model->total, model->total, mpq_denref(model->pi[j]));
  for (size_t j = 0; j < model->J; j++) {
    mpz_divexact(model->weight[j], model->total, mpq_denref(model->pi[j]));
    mpz_mul(model->weight[j], model->weight[j], mpq_numref(model->pi[j]));
  }
}

static void set_columns(ufm__model *model, const ufm_columns *columns)
{
  size_t K = model->K, next = 0;

  mpq_set(model->ratio, columns->ratio);
  for (size_t c = 0; c < columns->J; c++) {
    size_t j = model->from[c];

    mpq_add(model->pi[j], model->pi[j], columns->palette[columns->weight[c]]);
    if (j < next)
      continue;
    next = j + 1; /* the first column of its kind */
    model->label[j] = UFM_NO_LABEL;
    for (size_t i = 0; i < K; i++) {
      ufm_columns_target_exact(columns, c, i, model->target[j * K + i]);
      if (mpq_cmp_ui(model->target[j * K + i], 1, 1) == 0)
        model->label[j] = i;
    }
  }
  for (size_t j = 0; j < model->J; j++)
    mpq_mul(model->nu[j], model->pi[j], model->ratio);
  for (size_t c = 0; c < columns->J; c++)
    model->share[c] = columns->rounded[columns->weight[c]] /
                      ufm__rational_double(model->pi[model->from[c]]);
  set_weights(model);
}

/* Offsets of the factors; every factor must be a matrix BLAS can address. */
static ufm_status set_offsets(ufm__model *model, ufm_error *error)
{
  size_t size = 0, largest = model->J;
  bool fits = true;

  for (size_t m = 0; m <= model->M; m++)
    if (model->width[m] > largest)
      largest = model->width[m];
  for (size_t m = 0; m < model->M && fits; m++) {
    model->w[m] = size;
    fits = ufm__add_product(&size, model->width[m + 1], model->width[m]);
  }
  model->h = size;
  fits = fits && ufm__add_product(&size, model->J, model->width[0]);
  model->b = size;
  if (model->bias != UFM_BIAS_NONE)
    fits = fits && ufm__add_product(&size, model->K, 1);
  model->size = size;
  if (!fits || largest > INT_MAX || size > INT_MAX)
    return ufm__fail(error, UFM_ERANGE,
                     "verify: got a point of dimension %zu with a factor side "
                     "of %zu, want less than 2^31",
                     size, largest);
  /* an mpfr number of a few hundred bits weighs about ten doubles */
  return ufm__check_doubles_fit(size > SIZE_MAX / 16 ? SIZE_MAX : 16 * size,
                                "verify: point", error);
}

static void set_penalties(ufm__model *model, const ufm_problem *problem)
{
  for (size_t m = 1; m <= model->M; m++)
    mpq_set(model->lambda[m - 1], ufm_problem_lambda_w(problem, m));
  mpq_set(model->lambda[model->M], ufm_problem_lambda_h(problem));
  if (ufm_problem_lambda_b(problem) != NULL)
    mpq_set(model->lambda_b, ufm_problem_lambda_b(problem));
  ufm_problem_lambda_product(problem, model->product);
}

ufm_status ufm__model_init(ufm__model *out, const ufm_problem *problem,
                           ufm_error *error)
{
  const ufm_columns *columns = ufm_problem_columns(problem);
  size_t *from;
  ufm_status status;

  *out = (ufm__model){0};
  if (columns->J == 0)
    return ufm__fail(error, UFM_ERANGE,
                     "verify: the mixup law has too many columns");
  from = calloc(columns->J, sizeof *from);
  *out = (ufm__model){.loss = ufm_problem_loss(problem),
                      .bias = ufm_problem_bias(problem),
                      .K = columns->K,
                      .M = ufm_problem_depth(problem),
                      .columns = columns->J};
  if (from == NULL || !ufm__merge_columns(columns, from, &out->J)) {
    free(from);
    *out = (ufm__model){0};
    return ufm__no_memory(error, "verify: problem");
  }
  status = model_alloc(out, error);
  if (status == UFM_OK) {
    for (size_t c = 0; c < columns->J; c++)
      out->from[c] = from[c];
    for (size_t m = 0; m <= out->M; m++)
      out->width[m] = ufm_problem_width(problem, m + 1);
    out->given = out->width[0];
    out->fixed = ufm_problem_multiplier(problem) != NULL;
    if (out->fixed) {
      mpq_set(out->multiplier, ufm_problem_multiplier(problem));
      out->width[0] = out->K;
    }
    set_columns(out, columns);
    set_penalties(out, problem);
    status = set_offsets(out, error);
  }
  free(from);
  if (status != UFM_OK)
    ufm__model_clear(out);
  return status;
}

ufm_status ufm__model_relax(ufm__model *out, const ufm__model *model,
                            mpq_srcptr omega, ufm_error *error)
{
  ufm_status status;

  *out = (ufm__model){.loss = model->loss,
                      .bias = model->bias,
                      .K = model->K,
                      .J = model->J,
                      .M = 1,
                      .columns = model->J};
  status = model_alloc(out, error);
  if (status != UFM_OK) {
    ufm__model_clear(out);
    return status;
  }
  out->width[0] = model->K < model->J ? model->K : model->J;
  out->width[1] = model->K;
  mpz_set(out->total, model->total);
  mpq_set(out->ratio, model->ratio);
  for (size_t j = 0; j < model->J; j++) {
    mpz_set(out->weight[j], model->weight[j]);
    mpq_set(out->pi[j], model->pi[j]);
    mpq_set(out->nu[j], model->nu[j]);
    out->label[j] = model->label[j];
    out->from[j] = j;
    out->share[j] = 1.0;
  }
  for (size_t i = 0; i < model->J * model->K; i++)
    mpq_set(out->target[i], model->target[i]);
  mpq_set(out->lambda[0], omega);
  mpq_set_ui(out->lambda[1], 1, 1);
  mpq_set(out->lambda_b, model->lambda_b);
  mpq_set(out->product, omega);
  status = set_offsets(out, error);
  if (status != UFM_OK)
    ufm__model_clear(out);
  return status;
}

static ufm_status check_finite(const double *theta, size_t n, ufm_error *error)
{
  for (size_t i = 0; i < n; i++)
    if (!isfinite(theta[i]))
      return ufm__fail(error, UFM_ENAN,
                       "verify: entry %zu of the point is %g, want a finite "
                       "number",
                       i, theta[i]);
  return UFM_OK;
}

/* m (I - J/K), rounded to the precision of the entries. */
static void set_frame(const ufm__model *model, mpfr_t *W)
{
  size_t K = model->K;
  mpq_t x, y;

  mpq_inits(x, y, (mpq_ptr)NULL);
  mpq_set_ui(x, 1, K);
  mpq_mul(x, x, model->multiplier);
  mpq_sub(y, model->multiplier, x);
  mpq_neg(x, x);
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++)
      mpfr_set_q(W[i * K + k], i == k ? y : x, MPFR_RNDN);
  mpq_clears(x, y, (mpq_ptr)NULL);
}

/* Features W h_c/m of a fixed frame W (K x given) and h_c, averaged; the bias
   follows. */
static void fixed_point(const ufm__model *model, const double *theta,
                        mpfr_t *out)
{
  size_t K = model->K, d = model->given, at = K * d;
  double scale = 1.0 / ufm__rational_double(model->multiplier);
  mpfr_t term;

  mpfr_init2(term, 2 * DBL_MANT_DIG);
  for (size_t c = 0; c < model->columns; c++, at += d) {
    mpfr_t *h = ufm__feature(model, out, model->from[c]);

    for (size_t i = 0; i < K; i++) {
      mpfr_set_d(term,
                 scale * cblas_ddot((int)d, theta + i * d, 1, theta + at, 1),
                 MPFR_RNDN);
      mpfr_mul_d(term, term, model->share[c], MPFR_RNDN);
      mpfr_add(h[i], h[i], term, MPFR_RNDN);
    }
  }
  for (size_t i = model->b; i < model->size; i++, at++)
    mpfr_set_d(out[i], theta[at], MPFR_RNDN);
  mpfr_clear(term);
}

static void free_point(const ufm__model *model, const double *theta,
                       mpfr_t *out)
{
  size_t d = model->width[0], features = model->columns * d;
  mpfr_t term;

  mpfr_init2(term, 2 * DBL_MANT_DIG);
  for (size_t i = 0; i < model->h; i++)
    mpfr_set_d(out[i], theta[i], MPFR_RNDN);
  for (size_t c = 0; c < model->columns; c++) {
    mpfr_t *h = ufm__feature(model, out, model->from[c]);

    for (size_t i = 0; i < d; i++) {
      mpfr_set_d(term, theta[model->h + c * d + i], MPFR_RNDN);
      mpfr_mul_d(term, term, model->share[c], MPFR_RNDN);
      mpfr_add(h[i], h[i], term, MPFR_RNDN);
    }
  }
  for (size_t i = model->b; i < model->size; i++)
    mpfr_set_d(out[i], theta[model->h + features + i - model->b], MPFR_RNDN);
  mpfr_clear(term);
}

ufm_status ufm__model_point(const ufm__model *model, const double *theta,
                            mpfr_t *out, ufm_error *error)
{
  size_t entries = model->size - model->b;
  ufm_status status;

  for (size_t m = 0; m < model->M; m++)
    entries += model->width[m + 1] * (m == 0 ? model->given : model->width[m]);
  status = check_finite(theta, entries + model->columns * model->given, error);
  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < model->J * model->width[0]; i++)
    mpfr_set_zero(out[model->h + i], 1);
  if (model->fixed) {
    set_frame(model, out);
    fixed_point(model, theta, out);
  } else {
    free_point(model, theta, out);
  }
  return UFM_OK;
}

void ufm__model_frame(const ufm__model *model, mpfr_t *x)
{
  if (model->fixed)
    set_frame(model, x);
}

size_t ufm__model_rank_limit(const ufm__model *model)
{
  size_t R = model->K;

  for (size_t m = 0; m < model->M; m++)
    if (model->width[m] < R)
      R = model->width[m];
  return R;
}

size_t ufm__model_rank_possible(const ufm__model *model)
{
  size_t most = model->loss == UFM_LOSS_CE ? model->K - 1 : model->K;

  return most < model->J ? most : model->J;
}
