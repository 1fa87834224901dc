/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE with the classifier fixed to a simplex ETF: everything is rational
   (doc/soft-targets.md, section 4).  With theta = lambda_h/(g + lambda_h), the
   logits are W h = (1 - theta)(x - b) for the centred part x of t, and what is
   left costs theta |x - b|^2/2. */
#include <config.h>

#include "core/error.h"
#include "theory/etf_output.h"
#include "theory/moments.h"
#include "theory/theorem.h"

enum { GUARD_BITS = 64 };

typedef struct work {
  const ufm_problem *problem;
  ufm__moments moments;
  mpq_t g, lambda_h, theta;
  mpq_t spread; /* E|x - E x|^2 */
  mpq_t shift;  /* |E x|^2 */
  mpq_t square; /* E|x - b|^2 */
} work;

static bool covers(const ufm_problem *problem, const char **reason)
{
  (void)reason;
  return ufm_problem_loss(problem) == UFM_LOSS_MSE &&
         ufm_problem_multiplier(problem) != NULL;
}

/* E|t|^2 - |E t|^2 and |E t|^2 - 1/K; for a free bias the moments are
   centred. */
static void set_spread(work *w)
{
  const ufm_groups *groups = ufm_problem_groups(w->problem);
  mpq_t x, q;

  mpq_inits(x, q, (mpq_ptr)NULL);
  for (size_t g = 0; g < groups->G; g++) {
    mpq_set_ui(q, groups->size[g], 1);
    mpq_add(x, w->moments.cross[g * groups->G + g], w->moments.extra[g]);
    mpq_mul(x, x, q);
    mpq_add(w->spread, w->spread, x);
    mpq_mul(x, w->moments.mean[g], w->moments.mean[g]);
    mpq_mul(x, x, q);
    mpq_add(w->shift, w->shift, x);
  }
  if (ufm_problem_bias(w->problem) != UFM_BIAS_FREE)
    mpq_sub(w->spread, w->spread, w->shift);
  mpq_set_ui(x, 1, ufm_problem_classes(w->problem));
  mpq_sub(w->shift, w->shift, x);
  mpq_clears(x, q, (mpq_ptr)NULL);
}

/* The factor of E x that is left beside the bias, with its cost, and the cost
   of the constant part 1/K of the targets:
     none: 1, theta, 1/K;  free: 0, 0, 0;
     ridge: b = theta E x/(theta + lambda_b) + 1/(K (1 + lambda_b)). */
static void set_bias(const work *w, mpq_t factor, mpq_t cost, mpq_t constant)
{
  mpq_srcptr lambda_b = ufm_problem_lambda_b(w->problem);
  mpq_t sum;

  mpq_init(sum);
  mpq_set_ui(factor, 0, 1);
  mpq_set_ui(cost, 0, 1);
  mpq_set_ui(constant, 0, 1);
  switch (ufm_problem_bias(w->problem)) {
  case UFM_BIAS_NONE:
    mpq_set_ui(factor, 1, 1);
    mpq_set(cost, w->theta);
    mpq_set_ui(constant, 1, ufm_problem_classes(w->problem));
    break;
  case UFM_BIAS_RIDGE:
    mpq_add(sum, w->theta, lambda_b);
    mpq_div(factor, lambda_b, sum);
    mpq_mul(cost, factor, w->theta);
    mpq_set_ui(sum, 1, 1);
    mpq_add(sum, sum, lambda_b);
    mpq_div(sum, lambda_b, sum);
    mpq_set_ui(constant, 1, ufm_problem_classes(w->problem));
    mpq_mul(constant, constant, sum);
    break;
  case UFM_BIAS_FREE:
    break;
  }
  mpq_clear(sum);
}

/* (theta spread + cost shift + constant)/2, and the constant of one pair. */
static void objective(work *w, mpfr_t out, mpq_t constant)
{
  mpq_t factor, cost, sum;

  mpq_inits(factor, cost, sum, (mpq_ptr)NULL);
  set_bias(w, factor, cost, constant);
  mpq_mul(w->square, factor, factor);
  mpq_mul(w->square, w->square, w->shift);
  mpq_add(w->square, w->square, w->spread);
  mpq_mul(sum, w->theta, w->spread);
  mpq_mul(cost, cost, w->shift);
  mpq_add(sum, sum, cost);
  mpq_add(sum, sum, constant);
  mpq_div_2exp(sum, sum, 1);
  mpfr_add_q(out, out, sum, MPFR_RNDN);
  mpq_clears(factor, cost, sum, (mpq_ptr)NULL);
}

/* Coefficients t_k/(g + lambda_h) of the pair, less the one of other classes;
   |h|^2 = g |x|^2/(g + lambda_h)^2. */
static void fill_pair(const work *w, ufm_pair *pair, const ufm_soft_type *type,
                      mpq_srcptr constant)
{
  size_t K = ufm_problem_classes(w->problem), last = type->n - 1;
  mpq_t sum, x, square;

  mpq_inits(sum, x, square, (mpq_ptr)NULL);
  mpq_add(sum, w->g, w->lambda_h);
  for (size_t a = 0; a < type->n; a++) {
    mpq_set_ui(x, 1, K);
    mpq_sub(x, type->t[a], x);
    mpq_mul(x, x, x);
    mpz_mul_ui(mpq_numref(x), mpq_numref(x), type->multiplicity[a]);
    mpq_canonicalize(x);
    mpq_add(square, square, x);
  }
  for (size_t a = 0; a < 2; a++) {
    mpq_set_ui(x, 1, 2); /* K = 2: the coefficients sum to 0 */
    mpq_sub(x, type->t[a], K == 2 ? x : type->t[last]);
    mpq_div(x, x, sum);
    mpfr_set_q(a == 0 ? pair->coef_wi : pair->coef_wj, x, MPFR_RNDN);
  }
  mpq_mul(x, square, w->g);
  mpq_div(x, x, sum);
  mpq_div(x, x, sum);
  mpfr_set_q(pair->norm_h, x, MPFR_RNDN);
  mpfr_sqrt(pair->norm_h, pair->norm_h, MPFR_RNDN);
  mpq_mul(x, square, w->theta);
  mpq_add(x, x, constant);
  mpq_div_2exp(x, x, 1);
  mpfr_set_q(pair->value, x, MPFR_RNDN);
  mpfr_set_nan(pair->p_i);
  mpfr_set_nan(pair->p_j);
  mpq_clears(sum, x, square, (mpq_ptr)NULL);
}

/* Pairs, matrices and spectra of balanced or unbiased problems, where h is a
   combination of two rows. */
static ufm_status fill_pairs(ufm_prediction *p, work *w, mpq_srcptr constant,
                             ufm_error *error)
{
  ufm_soft_law *law = NULL;
  ufm_status status = ufm__etf_law(&law, w->problem, error);
  mpfr_t delta;
  mpq_t x;

  mpfr_init2(delta, p->bits);
  mpq_init(x);
  if (status == UFM_OK)
    status = ufm__etf_pairs(p, w->problem, law, error);
  for (size_t i = 0; status == UFM_OK && i < law->types; i++) {
    ufm_pair *pair = ufm__etf_pair(p, law, i);

    if (pair != NULL)
      fill_pair(w, pair, &law->type[i], constant);
  }
  if (status == UFM_OK) {
    /* delta = (1 - theta)(t_y - t_other) */
    mpq_set_ui(x, 1, 1);
    mpq_sub(x, x, w->theta);
    mpfr_set_q(delta, x, MPFR_RNDN);
    mpq_sub(x, law->type[0].t[0], law->type[0].t[1]);
    mpfr_mul_q(delta, delta, x, MPFR_RNDN);
    status = ufm__etf_grams(p, delta, error);
  }
  mpfr_clear(delta);
  mpq_clear(x);
  ufm_soft_law_free(law);
  return status;
}

/* theta E t/(theta + lambda_b) with the constant part, or E t. */
static ufm_status fill_bias(ufm_prediction *p, const work *w, ufm_error *error)
{
  mpq_srcptr lambda_b = ufm_problem_lambda_b(w->problem);
  ufm_status status = ufm__prediction_bias(p, error);
  mpq_t x, mean, factor;

  mpq_inits(x, mean, factor, (mpq_ptr)NULL);
  mpq_set_ui(mean, 1, p->K);
  for (size_t g = 0; status == UFM_OK && g < p->groups->G; g++) {
    mpq_sub(x, w->moments.mean[g], mean);
    if (lambda_b != NULL) {
      mpq_add(factor, w->theta, lambda_b);
      mpq_div(factor, w->theta, factor);
      mpq_mul(x, x, factor);
      mpq_set_ui(factor, 1, 1);
      mpq_add(factor, factor, lambda_b);
      mpq_div(factor, mean, factor);
      mpq_add(x, x, factor);
    } else {
      mpq_add(x, x, mean);
    }
    mpfr_set_q(p->bias[g], x, MPFR_RNDN);
  }
  mpq_clears(x, mean, factor, (mpq_ptr)NULL);
  return status;
}

static ufm_status fill(ufm_prediction *p, work *w, ufm_error *error)
{
  bool balanced = ufm_problem_groups(w->problem)->G == 1;
  ufm_bias bias = ufm_problem_bias(w->problem);
  ufm_status status = UFM_OK;
  mpq_t constant, x;
  mpfr_t square;

  ufm__etf_fix(p, w->problem);
  mpfr_set_q(p->kappa, w->lambda_h, MPFR_RNDN);
  mpfr_div_q(p->kappa, p->kappa, w->g, MPFR_RNDN);
  set_spread(w);
  mpq_inits(constant, x, (mpq_ptr)NULL);
  objective(w, p->objective, constant);
  if (ufm_problem_targets(w->problem) != UFM_TARGETS_FILE &&
      (balanced || bias == UFM_BIAS_NONE))
    status = fill_pairs(p, w, constant, error);
  if (status == UFM_OK && balanced) {
    mpfr_init2(square, p->bits); /* E|W h|^2 */
    mpq_set_ui(x, 1, 1);
    mpq_sub(x, x, w->theta);
    mpq_mul(x, x, x);
    mpq_mul(x, x, w->square);
    mpfr_set_q(square, x, MPFR_RNDN);
    status = ufm__etf_spectra(p, w->problem, square, error);
    mpfr_clear(square);
  }
  if (status == UFM_OK && bias != UFM_BIAS_NONE)
    status = fill_bias(p, w, error);
  mpq_clears(constant, x, (mpq_ptr)NULL);
  return status;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  work w = {.problem = problem};
  ufm_prediction *p = NULL;
  ufm_status status = ufm__moments_init(&w.moments, problem, error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  mpq_inits(w.g, w.lambda_h, w.theta, w.spread, w.shift, w.square,
            (mpq_ptr)NULL);
  mpq_mul(w.g, ufm_problem_multiplier(problem),
          ufm_problem_multiplier(problem));
  mpq_mul(w.lambda_h, ufm_problem_lambda_h(problem),
          ufm_problem_columns(problem)->ratio);
  mpq_add(w.theta, w.g, w.lambda_h);
  mpq_div(w.theta, w.lambda_h, w.theta);
  status = ufm__prediction_new(&p, problem, theorem, digits,
                               ufm__bits_for_digits(digits, GUARD_BITS), error);
  if (status == UFM_OK)
    status = fill(p, &w, error);
  mpq_clears(w.g, w.lambda_h, w.theta, w.spread, w.shift, w.square,
             (mpq_ptr)NULL);
  ufm__moments_clear(&w.moments);
  if (status == UFM_OK)
    *out = p;
  else
    ufm_prediction_free(p);
  return status;
}

const ufm__theorem_rule ufm__theorem_mse_fixed = {
    .about = {.name = "mse-fixed-etf",
              .covers = "MSE, classifier fixed to a simplex ETF, any targets "
                        "and bias",
              .source = "derived here (doc/soft-targets.md, section 4)"},
    .covers = covers,
    .predict = predict};
