/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Value and gradient.  With Y_0 the features (one per row), Y_m = Y_{m-1}
   W_m^T are the activations and Y_M the logits; G_m is the gradient of the loss
   with respect to Y_m.  Three matrix products per layer, block by block of
   columns: activations are never whole, and stay in cache between the passes.
   */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/number.h"
#include "linalg/blas.h"
#include "linalg/sums.h"
#include "objective/internal.h"
#include "objective/narrow.h"
#include "objective/size.h"
#include "problem/layout.h"

/* Doubles in the activations of a block (8 MB) and the fewest columns: products
   of fewer fall behind, of more gain nothing. */
enum { BLOCK_SIZE = 1 << 20, BLOCK_COLUMNS = 256 };

/* Doubles of the point that Hessian products keep (256 MB): all of it up to
   5,800 classes at depth 1.  What is not kept costs a sixth of a product and
   the exponentials. */
enum { KEPT_SIZE = 1 << 25 };

static size_t block_columns(const ufm_layout *layout)
{
  size_t width = 0, block;

  for (size_t m = 0; m < layout->M; m++)
    width += layout->width[m + 1];
  block =
      BLOCK_SIZE / width > BLOCK_COLUMNS ? BLOCK_SIZE / width : BLOCK_COLUMNS;
  return block < layout->J ? block : layout->J;
}

double **ufm__activations_new(const ufm_layout *layout, size_t layers,
                              size_t columns)
{
  double **y = calloc(layers + 1, sizeof *y); /* no layers, no failure */

  for (size_t m = 0; y != NULL && m < layers; m++) {
    y[m] = calloc(columns * layout->width[m + 1], sizeof **y);
    if (y[m] == NULL) {
      ufm__activations_free(y, m);
      return NULL;
    }
  }
  return y;
}

void ufm__activations_free(double **y, size_t layers)
{
  for (size_t m = 0; y != NULL && m < layers; m++)
    free(y[m]);
  free(y);
}

/* A point, its gradient, the vectors of a minimizer and the blocks of an
   evaluation and a Hessian product must fit in memory; every matrix dimension
   must fit in an int for BLAS. */
static ufm_status check_size(const ufm_layout *layout, ufm_error *error)
{
  size_t need = KEPT_SIZE, block = block_columns(layout);
  bool fits =
      ufm__add_product(&need, 8, layout->size) && ufm__blas_fits(layout->J);

  for (size_t m = 0; m <= layout->M; m++)
    fits = fits && ufm__blas_fits(layout->width[m]) &&
           ufm__add_product(&need, 4 * block, layout->width[m]);
  if (!fits)
    return ufm__fail(error, UFM_ERANGE,
                     "objective: a matrix dimension or the total size is too "
                     "large (%zu columns)",
                     layout->J);
  return ufm__check_doubles_fit(need, "objective", error);
}

/* Decimal exponent of a positive rational, within one. */
static long decimal_exponent(mpq_srcptr x)
{
  return (long)mpz_sizeinbase(mpq_numref(x), 10) -
         (long)mpz_sizeinbase(mpq_denref(x), 10);
}

/* Exact penalties can be any rationals; here they, and F at points of natural
   size, must be doubles with room for products. */
static ufm_status check_penalty(mpq_srcptr lambda, const char *name,
                                ufm_error *error)
{
  double value = ufm__rational_double(lambda);

  if (value >= 1e-100 && value <= 1e100)
    return UFM_OK;
  return ufm__fail(error, UFM_ERANGE,
                   "%s: about 1e%ld is outside 1e-100 to 1e100, the range of "
                   "double-precision solving",
                   name, decimal_exponent(lambda));
}

static ufm_status check_penalties(const ufm_problem *problem, ufm_error *error)
{
  ufm_status status =
      check_penalty(ufm_problem_lambda_h(problem), "lambda-H", error);

  for (size_t m = 1; m <= ufm_problem_depth(problem) && status == UFM_OK; m++)
    if (mpq_sgn(ufm_problem_lambda_w(problem, m)) > 0) /* 0: W is fixed */
      status =
          check_penalty(ufm_problem_lambda_w(problem, m), "lambda-W", error);
  if (status == UFM_OK && ufm_problem_lambda_b(problem) != NULL)
    status = check_penalty(ufm_problem_lambda_b(problem), "lambda-b", error);
  return status;
}

static ufm_status alloc_workspace(ufm_objective *o, ufm_variables variables,
                                  ufm_error *error)
{
  const ufm_layout *layout = o->layout;

  o->weight = calloc(layout->J, sizeof *o->weight);
  o->logits = calloc(layout->K, sizeof *o->logits);
  o->terms = calloc(layout->J + layout->M + 2, sizeof *o->terms);
  o->block = block_columns(layout);
  o->y = ufm__activations_new(layout, layout->M, o->block);
  if (o->weight == NULL || o->logits == NULL || o->terms == NULL ||
      o->y == NULL)
    return ufm__no_memory(error, "objective");
  for (size_t j = 0; j < layout->J; j++)
    o->weight[j] = o->columns->rounded[o->columns->weight[j]];
  return ufm__scaling_init(&o->scaling, o->problem, layout, variables, error);
}

static ufm_status objective_new(ufm_objective **out, const ufm_problem *problem,
                                ufm_variables variables, size_t most,
                                ufm_error *error)
{
  ufm_objective *o = calloc(1, sizeof *o);
  ufm_status status;

  *out = NULL;
  if (o == NULL)
    return ufm__no_memory(error, "objective");
  o->problem = problem;
  o->columns = ufm_problem_columns(problem);
  o->fixed = ufm_problem_multiplier(problem) != NULL;
  o->tangents.room = KEPT_SIZE;
  o->loss = ufm__loss_get(ufm_problem_loss(problem));
  status = check_penalties(problem, error);
  if (status == UFM_OK)
    status = ufm__layout_narrow(&o->layout, problem, most, error);
  if (status == UFM_OK)
    status = check_size(o->layout, error);
  if (status == UFM_OK)
    status = alloc_workspace(o, variables, error);
  if (status != UFM_OK) {
    ufm_objective_free(o);
    return status;
  }
  *out = o;
  return UFM_OK;
}

ufm_status ufm_objective_new(ufm_objective **out, const ufm_problem *problem,
                             ufm_variables variables, ufm_error *error)
{
  return objective_new(out, problem, variables, SIZE_MAX, error);
}

ufm_status ufm__objective_narrow(ufm_objective **out, const ufm_objective *wide,
                                 size_t most, ufm_error *error)
{
  return objective_new(out, wide->problem, UFM_VARIABLES_BALANCED, most, error);
}

void ufm__objective_charge(ufm_objective *objective,
                           const ufm_evaluations *extra)
{
  objective->evaluations.values += extra->values;
  objective->evaluations.gradients += extra->gradients;
  objective->evaluations.hessian_products += extra->hessian_products;
}

void ufm_objective_free(ufm_objective *objective)
{
  if (objective == NULL)
    return;
  if (objective->layout != NULL) {
    ufm__activations_free(objective->y, objective->layout->M);
    ufm__tangents_clear(&objective->tangents, objective->layout->M);
  }
  ufm__blocks_clear(&objective->blocks);
  ufm__scaling_clear(&objective->scaling);
  ufm_layout_free(objective->layout);
  free(objective->weight);
  free(objective->logits);
  free(objective->terms);
  free(objective);
}

const ufm_layout *ufm_objective_layout(const ufm_objective *objective)
{
  return objective->layout;
}

ufm_loss ufm__objective_loss(const ufm_objective *objective)
{
  return ufm_problem_loss(objective->problem);
}

ufm_evaluations ufm_objective_evaluations(const ufm_objective *objective)
{
  return objective->evaluations;
}

ufm__range ufm__next_block(const ufm_objective *objective, ufm__range last)
{
  size_t first = last.first + last.count, left = objective->layout->J - first;

  return (ufm__range){first, left < objective->block ? left : objective->block};
}

void ufm__forward(const ufm_objective *objective, const double *x,
                  ufm__range range, double **y)
{
  const ufm_layout *l = objective->layout;
  const double *in = x + l->h + range.first * l->width[0];

  for (size_t m = 0; m < l->M; m++) {
    ufm__gemm_nt(range.count, l->width[m + 1], l->width[m], in, x + l->w[m],
                 0.0, y[m]);
    in = y[m];
  }
}

void ufm__column_logits(const ufm_objective *objective, const double *x,
                        size_t j, const double *row, double *out)
{
  const ufm_layout *l = objective->layout;
  double scale = objective->scaling.logit_scale[j];
  double b_scale = objective->scaling.b_scale;

  for (size_t i = 0; i < l->K; i++)
    out[i] = scale * row[i];
  if (l->b < l->size)
    for (size_t i = 0; i < l->K; i++)
      out[i] += b_scale * x[l->b + i];
}

/* The penalties, one term per factor, in terms[0..M+1]. */
static void penalty_terms(const ufm_objective *objective, const double *x,
                          double *terms)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  size_t d = l->width[0];

  for (size_t m = 0; m < l->M; m++)
    terms[m] = 0.5 * s->w_penalty[m] *
               ufm__sum_of_squares(l->width[m] * l->width[m + 1], x + l->w[m]);
  terms[l->M] = 0.0;
  for (size_t j = 0; j < l->J; j++)
    terms[l->M] +=
        0.5 * s->h_penalty[j] * ufm__sum_of_squares(d, x + l->h + j * d);
  terms[l->M + 1] =
      0.5 * s->b_penalty * ufm__sum_of_squares(l->size - l->b, x + l->b);
}

/* Weighted losses in terms[0..J-1], penalties in the M + 2 after them. */
static void all_terms(ufm_objective *objective, const double *x)
{
  const ufm_layout *l = objective->layout;
  ufm__range r = {0, 0};

  while ((r = ufm__next_block(objective, r)).count > 0) {
    const double *z = objective->y[l->M - 1];

    ufm__forward(objective, x, r, objective->y);
    for (size_t j = r.first; j < r.first + r.count; j++, z += l->K) {
      ufm__column_logits(objective, x, j, z, objective->logits);
      objective->terms[j] =
          objective->weight[j] *
          objective->loss->value(objective->columns, j, objective->logits);
    }
  }
  penalty_terms(objective, x, objective->terms + l->J);
  objective->evaluations.values++;
}

double ufm_objective_value(ufm_objective *objective, const double *x)
{
  const ufm_layout *l = objective->layout;

  all_terms(objective, x);
  return ufm__sum(l->J + l->M + 2, objective->terms);
}

void ufm_objective_penalty_gradient(const ufm_objective *objective,
                                    const double *x, double *out)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  size_t d = l->width[0];

  for (size_t m = 0; m < l->M; m++)
    for (size_t i = 0; i < l->width[m] * l->width[m + 1]; i++)
      out[l->w[m] + i] =
          objective->fixed ? 0.0 : s->w_penalty[m] * x[l->w[m] + i];
  for (size_t j = 0; j < l->J; j++)
    for (size_t i = 0; i < d; i++)
      out[l->h + j * d + i] = s->h_penalty[j] * x[l->h + j * d + i];
  for (size_t i = l->b; i < l->size; i++)
    out[i] = s->b_penalty * x[i];
}

void ufm__loss_gradients(ufm_objective *objective, const double *x,
                         ufm__range range, double *g_bias)
{
  const ufm_layout *l = objective->layout;
  const ufm__scaling *s = &objective->scaling;
  double *row = objective->y[l->M - 1];

  for (size_t j = range.first; j < range.first + range.count;
       j++, row += l->K) {
    double weight = objective->weight[j];

    ufm__column_logits(objective, x, j, row, row);
    objective->terms[j] =
        weight * objective->loss->gradient(objective->columns, j, row, row);
    ufm__blocks_column(objective, x, j, row);
    if (g_bias != NULL)
      for (size_t i = 0; i < l->K; i++)
        g_bias[i] += weight * s->b_scale * row[i];
    for (size_t i = 0; i < l->K; i++)
      row[i] *= weight * s->logit_scale[j];
  }
}

/* Adds what a block of columns gives to the gradient, from its G_M. */
static void backward(ufm_objective *objective, const double *x,
                     ufm__range range, double *g)
{
  const ufm_layout *l = objective->layout;
  size_t features = l->h + range.first * l->width[0];

  for (size_t m = l->M; m-- > 0;) {
    const double *in = m > 0 ? objective->y[m - 1] : x + features;
    double *gm = objective->y[m];

    if (!objective->fixed)
      ufm__gemm_tn(l->width[m + 1], l->width[m], range.count, gm, in, 1.0,
                   g + l->w[m]);
    /* Y_m has served: G_m takes its place, and G_0 goes to the features. */
    if (m > 0)
      ufm__gemm(range.count, l->width[m], l->width[m + 1], gm, x + l->w[m], 0.0,
                objective->y[m - 1]);
    else
      ufm__gemm(range.count, l->width[0], l->width[1], gm, x + l->w[0], 1.0,
                g + features);
  }
}

double ufm_objective_gradient(ufm_objective *objective, const double *x,
                              double *g)
{
  const ufm_layout *l = objective->layout;
  ufm__range r = {0, 0};

  ufm_objective_penalty_gradient(objective, x, g);
  ufm__blocks_begin(objective, x);
  while ((r = ufm__next_block(objective, r)).count > 0) {
    ufm__forward(objective, x, r, objective->y);
    ufm__loss_gradients(objective, x, r, l->b < l->size ? g + l->b : NULL);
    backward(objective, x, r, g);
  }
  ufm__blocks_end(objective, x);
  penalty_terms(objective, x, objective->terms + l->J);
  objective->evaluations.values++;
  objective->evaluations.gradients++;
  return ufm__sum(l->J + l->M + 2, objective->terms);
}
