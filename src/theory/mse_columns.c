/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE with mixup or given targets, bias none or free, any depth and widths:
   each fitted direction u of the targets has logits t u (u.(x - tbar)) for a
   column of target x (doc/soft-targets.md, section 4). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/mse.h"
#include "theory/mse_columns.h"
#include "theory/scalar.h"
#include "theory/theorem.h"

enum { GUARD_BITS = 64, MOST_GROUPS = 200 };

static void fill_directions(ufm_prediction *p, ufm__columns_plan *w)
{
  mpq_srcptr ratio = ufm_problem_columns(w->problem)->ratio;
  mpfr_t penalty, psi;
  mpq_t lambda;

  mpfr_inits2(p->bits, penalty, psi, (mpfr_ptr)NULL);
  mpq_init(lambda);
  ufm_problem_lambda_product(w->problem, lambda);
  ufm__scalar_penalty(penalty, ratio, lambda, p->M);
  mpfr_set_zero(p->objective, 1);
  for (size_t i = 0; i < w->n; i++) {
    ufm_direction *d = &p->direction[i];

    d->multiplicity = w->d[i].multiplicity;
    d->state = w->d[i].state;
    if (d->state == UFM_DIRECTION_NULL)
      mpfr_set_zero(d->m, 1);
    else
      mpfr_set(d->m, w->d[i].m, MPFR_RNDN);
    ufm__scalar_c(d->c, penalty, d->m, p->M);
    (void)ufm__mse_root(d, p->M);
    ufm__mse_base(w->d[i].base, d, ratio);
    ufm__scalar_value(psi, d->m, ratio, d->t, d->one_minus_t, p->M);
    mpfr_mul_ui(psi, psi, d->multiplicity, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, psi, MPFR_RNDN);
  }
  mpfr_clears(penalty, psi, (mpfr_ptr)NULL);
  mpq_clear(lambda);
}

static ufm_status fill_spectra(ufm_prediction *p, const ufm__columns_plan *w,
                               ufm_error *error)
{
  size_t spectra = 0, s = 0;
  ufm_status status;
  mpfr_t z;

  for (size_t i = 0; i < w->n; i++)
    spectra += ufm__mse_fitted(w->d[i].state, p->M);
  status = ufm__prediction_spectra(p, spectra, error);
  if (status != UFM_OK)
    return status;
  mpfr_init2(z, p->bits);
  for (size_t i = 0; i < w->n; i++) {
    if (!ufm__mse_fitted(w->d[i].state, p->M))
      continue;
    mpfr_sqrt(z, w->d[i].m, MPFR_RNDN);
    mpfr_mul(z, z, p->direction[i].t, MPFR_RNDN);
    ufm__mse_singular_values(p, w->problem, s++, w->d[i].multiplicity, z,
                             w->d[i].base);
  }
  mpfr_clear(z);
  return UFM_OK;
}

/* Coefficients of u u^T in W W^T, of (u.t)(u.t') in the features' Gram matrix
   and of u (u.t) in the logits: base/lambda_M, base/(lambda_H m), t. */
static void coefficients(const ufm_prediction *p, const ufm__columns_plan *w,
                         size_t i, mpfr_t c[3])
{
  mpfr_div_q(c[0], w->d[i].base, ufm_problem_lambda_w(w->problem, p->M),
             MPFR_RNDN);
  mpfr_div_q(c[1], w->d[i].base, ufm_problem_lambda_h(w->problem), MPFR_RNDN);
  mpfr_div(c[1], c[1], w->d[i].m, MPFR_RNDN);
  mpfr_set(c[2], p->direction[i].t, MPFR_RNDN);
}

/* u on a class of each group, and u.(e_k - tbar). */
static void vector_values(const ufm__columns_plan *w, size_t index, mpfr_t *u,
                          mpfr_t *y)
{
  bool centred = ufm_problem_bias(w->problem) == UFM_BIAS_FREE;
  mpfr_t shift;

  mpfr_init2(shift, w->bits);
  mpfr_set_zero(shift, 1);
  for (size_t g = 0; g < w->G; g++) {
    mpfr_sqrt_ui(y[g], w->groups->size[g], MPFR_RNDN);
    mpfr_div(u[g], w->vectors[g * w->G + index], y[g], MPFR_RNDN);
    mpfr_mul_ui(y[g], u[g], w->groups->size[g], MPFR_RNDN);
    mpfr_mul_q(y[g], y[g], w->moments.mean[g], MPFR_RNDN);
    if (centred)
      mpfr_add(shift, shift, y[g], MPFR_RNDN);
  }
  for (size_t g = 0; g < w->G; g++)
    mpfr_sub(y[g], u[g], shift, MPFR_RNDN);
  mpfr_clear(shift);
}

static void add_vector(ufm_block_matrix *matrix, size_t G, mpfr_srcptr c,
                       mpfr_t *left, mpfr_t *right, mpfr_t x)
{
  for (size_t g = 0; g < G; g++)
    for (size_t h = 0; h < G; h++) {
      mpfr_mul(x, left[g], right[h], MPFR_RNDN);
      mpfr_fma(matrix->block[g * G + h], x, c, matrix->block[g * G + h],
               MPFR_RNDN);
    }
}

/* c (I - J/q) on the group. */
static void add_contrasts(ufm_block_matrix *matrix, const ufm__columns_plan *w,
                          size_t g, mpfr_srcptr c, mpfr_t x)
{
  mpfr_ptr block = matrix->block[g * w->G + g];

  mpfr_add(matrix->extra[g], matrix->extra[g], c, MPFR_RNDN);
  mpfr_div_ui(x, c, w->groups->size[g], MPFR_RNDN);
  mpfr_sub(block, block, x, MPFR_RNDN);
}

/* Gram matrices and logits; columns are those of pure targets e_k. */
static ufm_status fill_matrices(ufm_prediction *p, const ufm__columns_plan *w,
                                ufm_error *error)
{
  ufm_block_matrix *matrix[3] = {&p->gram_w, &p->gram_h, &p->logits};
  ufm_status status = ufm__prediction_grams(p, error);
  mpfr_t *u = ufm__mpfr_array_new(w->G, w->bits);
  mpfr_t *y = ufm__mpfr_array_new(w->G, w->bits), c[3], x;

  mpfr_inits2(w->bits, c[0], c[1], c[2], x, (mpfr_ptr)NULL);
  if (status == UFM_OK && (u == NULL || y == NULL))
    status = ufm__no_memory(error, "matrices of a prediction");
  for (size_t i = 0; status == UFM_OK && i < w->n; i++) {
    if (!ufm__mse_fitted(w->d[i].state, p->M))
      continue;
    coefficients(p, w, i, c);
    if (w->d[i].contrasts) {
      for (int f = 0; f < 3; f++)
        add_contrasts(matrix[f], w, w->d[i].index, c[f], x);
      continue;
    }
    vector_values(w, w->d[i].index, u, y);
    add_vector(matrix[0], w->G, c[0], u, u, x);
    add_vector(matrix[1], w->G, c[1], y, y, x);
    add_vector(matrix[2], w->G, c[2], u, y, x);
  }
  mpfr_clears(c[0], c[1], c[2], x, (mpfr_ptr)NULL);
  ufm__mpfr_array_free(u, w->G);
  ufm__mpfr_array_free(y, w->G);
  return status;
}

static ufm_status fill(ufm_prediction *p, ufm__columns_plan *w,
                       ufm_error *error)
{
  ufm_status status;

  p->claim = w->claim;
  p->rank = w->rank;
  status = ufm__prediction_directions(p, w->n, error);
  if (status != UFM_OK)
    return status;
  fill_directions(p, w);
  status = fill_spectra(p, w, error);
  if (status == UFM_OK && ufm_problem_bias(w->problem) == UFM_BIAS_FREE) {
    status = ufm__prediction_bias(p, error);
    for (size_t g = 0; status == UFM_OK && g < w->G; g++)
      mpfr_set_q(p->bias[g], w->moments.mean[g], MPFR_RNDN);
  }
  if (status == UFM_OK && w->grams)
    status = fill_matrices(p, w, error);
  if (status == UFM_OK && p->claim == UFM_CLAIM_TIE_UNDECIDED)
    status = ufm__prediction_note(
        p, error,
        "a direction is too close to its threshold to tell whether it "
        "vanishes; the objective is the same to the digits shown");
  return status;
}

static bool covers(const ufm_problem *problem, const char **reason)
{
  ufm_targets targets = ufm_problem_targets(problem);

  if (ufm_problem_loss(problem) != UFM_LOSS_MSE ||
      ufm_problem_multiplier(problem) != NULL ||
      (targets != UFM_TARGETS_MIXUP && targets != UFM_TARGETS_FILE))
    return false;
  if (ufm_problem_bias(problem) == UFM_BIAS_RIDGE) {
    if (targets == UFM_TARGETS_FILE)
      *reason = "no closed form is known for a ridge bias and given targets";
    return false;
  }
  if (ufm_problem_groups(problem)->G > MOST_GROUPS) {
    *reason = "more than 200 different counts with mixup targets";
    return false;
  }
  return true;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  /* entries lose digits to small eigenvalues; those below 2^-GUARD/2 of the
     largest are beyond what is promised */
  mpfr_prec_t bits =
      2 * ufm__bits_for_digits(digits, ufm__mse_margin(problem)) + GUARD_BITS;
  ufm_prediction *p = NULL;
  ufm__columns_plan w;
  ufm_status status = ufm__columns_plan_init(&w, problem, bits, error);

  *out = NULL;
  if (status == UFM_OK)
    status = ufm__prediction_new(&p, problem, theorem, digits, bits, error);
  if (status == UFM_OK)
    status = fill(p, &w, error);
  ufm__columns_plan_clear(&w);
  if (status == UFM_OK)
    *out = p;
  else
    ufm_prediction_free(p);
  return status;
}

const ufm__theorem_rule ufm__theorem_mse_columns = {
    .about = {.name = "mse-columns",
              .covers = "MSE, bias none or free, any depth and widths, mixup "
                        "targets of any counts, or columns from a file",
              .source = "derived here (doc/mathematics.md, sections 2 and 3; "
                        "doc/soft-targets.md, section 4)"},
    .covers = covers,
    .predict = predict};
