/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE with the classifier fixed to a simplex ETF: columns decouple, each is a
   scalar equation (doc/soft-targets.md, section 5).  A bias stays 0 when the
   targets are exchangeable. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/ce_output.h"
#include "theory/etf_output.h"
#include "theory/soft_mp.h"
#include "theory/theorem.h"

enum { GUARD_BITS = 64 };

typedef struct work {
  const ufm_problem *problem;
  mpq_t g, lambda_h; /* of a column: (nu/pi) lambda_H */
  size_t digits;
  ufm_soft_law *law;
  mpfr_t delta, square; /* z_y - z_other of a pure target, E|z|^2 */
} work;

static bool covers(const ufm_problem *problem, const char **reason)
{
  if (ufm_problem_loss(problem) != UFM_LOSS_CE ||
      ufm_problem_multiplier(problem) == NULL)
    return false;
  if (ufm_problem_bias(problem) != UFM_BIAS_NONE &&
      (!ufm__ce_balanced(problem) ||
       ufm_problem_targets(problem) == UFM_TARGETS_FILE)) {
    *reason = "a bias with a fixed classifier has a closed form only for "
              "balanced counts";
    return false;
  }
  return true;
}

/* Every column of a file, its classes one by one. */
static ufm_status fill_columns(ufm_prediction *p, work *w, ufm_error *error)
{
  const ufm_columns *columns = ufm_problem_columns(w->problem);
  ufm_status status = ufm__prediction_columns(p, columns->J, error);
  ufm_soft_type type = {.n = p->K};
  mpfr_t term;

  mpfr_init2(term, p->bits);
  type.t = malloc(p->K * sizeof *type.t);
  type.multiplicity = malloc(p->K * sizeof *type.multiplicity);
  if (type.t == NULL || type.multiplicity == NULL) {
    free(type.t);
    free(type.multiplicity);
    mpfr_clear(term);
    return ufm__no_memory(error, "columns of a prediction");
  }
  for (size_t k = 0; k < p->K; k++) {
    mpq_init(type.t[k]);
    type.multiplicity[k] = 1;
  }
  for (size_t j = 0; j < columns->J && status == UFM_OK; j++) {
    ufm_column_optimum *c = &p->column[j];
    ufm_soft_point_mp *at = NULL;

    for (size_t k = 0; k < p->K; k++)
      ufm_columns_target_exact(columns, j, k, type.t[k]);
    status = ufm__soft_fixed(&at, &type, p->K, false, w->lambda_h, w->g,
                             w->digits, error);
    if (status != UFM_OK)
      break;
    mpfr_set_q(c->weight, columns->palette[columns->weight[j]], MPFR_RNDN);
    mpfr_set(c->norm_h, at->norm_h, MPFR_RNDN);
    mpfr_set(c->value, at->value, MPFR_RNDN);
    for (size_t k = 0; k < p->K; k++) {
      mpfr_set(c->p[k], at->p[k], MPFR_RNDN);
      mpfr_set(c->z[k], at->z[k], MPFR_RNDN);
    }
    mpfr_mul(term, c->value, c->weight, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, term, MPFR_RNDN);
    ufm_soft_point_mp_free(at);
  }
  for (size_t k = 0; k < p->K; k++)
    mpq_clear(type.t[k]);
  free(type.t);
  free(type.multiplicity);
  mpfr_clear(term);
  return status;
}

static ufm_status fill_pairs(ufm_prediction *p, work *w, ufm_error *error)
{
  ufm_status status = ufm__etf_pairs(p, w->problem, w->law, error);
  mpfr_t term;

  mpfr_init2(term, p->bits);
  for (size_t i = 0; i < w->law->types && status == UFM_OK; i++) {
    const ufm_soft_type *type = &w->law->type[i];
    ufm_pair *pair = ufm__etf_pair(p, w->law, i);
    ufm_soft_point_mp *at = NULL;

    status = ufm__soft_fixed(&at, type, p->K, false, w->lambda_h, w->g,
                             w->digits, error);
    if (status != UFM_OK)
      break;
    if (i == 0)
      mpfr_sub(w->delta, at->z[0], at->z[1], MPFR_RNDN);
    if (pair != NULL)
      ufm__etf_set_pair(pair, at);
    mpfr_mul_q(term, at->logit_sq, type->weight, MPFR_RNDN);
    mpfr_add(w->square, w->square, term, MPFR_RNDN);
    mpfr_mul_q(term, at->value, type->weight, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, term, MPFR_RNDN);
    ufm_soft_point_mp_free(at);
  }
  mpfr_clear(term);
  return status;
}

static ufm_status fill(ufm_prediction *p, work *w, ufm_error *error)
{
  ufm_status status;

  ufm__etf_fix(p, w->problem);
  mpfr_set_q(p->kappa, w->lambda_h, MPFR_RNDN);
  mpfr_div_q(p->kappa, p->kappa, w->g, MPFR_RNDN);
  if (w->law == NULL)
    return fill_columns(p, w, error);
  status = fill_pairs(p, w, error);
  if (status == UFM_OK)
    status = ufm__etf_grams(p, w->delta, error);
  if (status == UFM_OK && ufm__ce_balanced(w->problem))
    status = ufm__etf_spectra(p, w->problem, w->square, error);
  if (status == UFM_OK)
    status = ufm__ce_zero_bias(p, w->problem, error);
  return status;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  mpfr_prec_t bits = ufm__bits_for_digits(digits, GUARD_BITS);
  work w = {.problem = problem, .digits = digits};
  ufm_prediction *p = NULL;
  ufm_status status = UFM_OK;

  *out = NULL;
  mpq_inits(w.g, w.lambda_h, (mpq_ptr)NULL);
  mpfr_inits2(bits, w.delta, w.square, (mpfr_ptr)NULL);
  mpfr_set_zero(w.square, 1);
  mpq_mul(w.g, ufm_problem_multiplier(problem),
          ufm_problem_multiplier(problem));
  mpq_mul(w.lambda_h, ufm_problem_lambda_h(problem),
          ufm_problem_columns(problem)->ratio);
  if (ufm_problem_targets(problem) != UFM_TARGETS_FILE)
    status = ufm__etf_law(&w.law, problem, error);
  if (status == UFM_OK)
    status = ufm__prediction_new(&p, problem, theorem, digits, bits, error);
  if (status == UFM_OK)
    status = fill(p, &w, error);
  ufm_soft_law_free(w.law);
  mpq_clears(w.g, w.lambda_h, (mpq_ptr)NULL);
  mpfr_clears(w.delta, w.square, (mpfr_ptr)NULL);
  if (status == UFM_OK)
    *out = p;
  else
    ufm_prediction_free(p);
  return status;
}

const ufm__theorem_rule ufm__theorem_ce_fixed = {
    .about = {.name = "ce-fixed-etf",
              .covers = "CE, classifier fixed to a simplex ETF, any targets; "
                        "with a bias, balanced counts",
              .source = "arXiv 2402.06171; derived here (doc/soft-targets.md, "
                        "section 5)"},
    .covers = covers,
    .predict = predict};
