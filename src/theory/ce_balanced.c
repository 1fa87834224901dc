/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE, depth 1, balanced counts, one-hot or smoothed labels: the optimum is a
   simplex ETF, Zbar = alpha (I - J/K) (doc/mathematics.md, section 6). */
#include <config.h>

#include "theory/ce_output.h"
#include "theory/theorem.h"

/* No step below loses more than a factor 2 of relative accuracy, and there are
   fewer than 30. */
enum { GUARD_BITS = 64 };

static bool covers(const ufm_problem *problem, const char **reason)
{
  if (!ufm__ce_labels(problem) || ufm_problem_depth(problem) != 1)
    return false;
  if (!ufm__ce_balanced(problem)) {
    *reason = "no closed form is known for imbalanced counts";
    return false;
  }
  if (ufm_problem_rank_limit(problem) + 1 < ufm_problem_classes(problem)) {
    *reason = "the width is below K - 1, where only the convex lower bound is "
              "known";
    return false;
  }
  return true;
}

/* Let v = K^2 n lambda_W lambda_H and s = sqrt(v).  x = eps + s is K times the
   probability of a wrong class, and e^alpha = 1 + y with

     y = K (1-x)/x,   1 - x = ((1-eps)^2 - v)/(1 - eps + s).

   The numerator is formed exactly, so alpha keeps all digits next to the
   threshold; its sign is the exact test: true when alpha > 0. */
static bool odds(const ufm_problem *problem, mpfr_ptr x, mpfr_ptr y)
{
  size_t K = ufm_problem_classes(problem);
  bool active;
  mpq_t eps, keep, v, square;

  mpq_inits(eps, keep, v, square, (mpq_ptr)NULL);
  if (ufm_problem_smoothing(problem) != NULL)
    mpq_set(eps, ufm_problem_smoothing(problem));
  mpq_set_ui(keep, 1, 1);
  mpq_sub(keep, keep, eps);
  ufm__ce_weight(problem, v);
  mpz_mul_ui(mpq_numref(v), mpq_numref(v), K);
  mpz_mul_ui(mpq_numref(v), mpq_numref(v), K);
  mpq_canonicalize(v);
  mpq_mul(square, keep, keep);
  mpq_sub(square, square, v);
  active = mpq_sgn(square) > 0;

  mpfr_set_q(x, v, MPFR_RNDN);
  mpfr_sqrt(x, x, MPFR_RNDN);
  mpfr_add_q(y, x, keep, MPFR_RNDN);
  mpfr_add_q(x, x, eps, MPFR_RNDN);
  mpfr_mul(y, y, x, MPFR_RNDN);
  mpfr_div_ui(y, y, K, MPFR_RNDN);
  mpfr_div_q(y, y, square, MPFR_RNDN);
  mpfr_ui_div(y, 1, y, MPFR_RNDN);
  mpq_clears(eps, keep, v, square, (mpq_ptr)NULL);
  return active;
}

/* F = log(1 + (K-1) e^{-alpha}) + eps ((K-1)/K) alpha + penalties, and the
   penalties are sqrt(lW lH) (K-1) sqrt(n) alpha = s ((K-1)/K) alpha. */
static void objective(size_t K, mpfr_srcptr x, mpfr_srcptr y, mpfr_srcptr alpha,
                      mpfr_ptr out)
{
  mpfr_t loss;

  mpfr_init2(loss, mpfr_get_prec(out));
  mpfr_add_ui(loss, y, 1, MPFR_RNDN);
  mpfr_ui_div(loss, K - 1, loss, MPFR_RNDN);
  mpfr_log1p(loss, loss, MPFR_RNDN);
  mpfr_mul(out, x, alpha, MPFR_RNDN);
  mpfr_mul_ui(out, out, K - 1, MPFR_RNDN);
  mpfr_div_ui(out, out, K, MPFR_RNDN);
  mpfr_add(out, out, loss, MPFR_RNDN);
  mpfr_clear(loss);
}

static ufm_status fill(ufm_prediction *p, const ufm_problem *problem,
                       ufm_error *error)
{
  bool active;
  ufm_status status;
  mpfr_t x, alpha, sigma;

  mpfr_inits2(p->bits, x, alpha, sigma, (mpfr_ptr)NULL);
  active = odds(problem, x, sigma);
  if (active) {
    mpfr_log1p(alpha, sigma, MPFR_RNDN);
    objective(p->K, x, sigma, alpha, p->objective);
    mpfr_sqrt_ui(sigma, p->groups->count[0], MPFR_RNDN);
    mpfr_mul(sigma, sigma, alpha, MPFR_RNDN);
    p->claim = UFM_CLAIM_UNIQUE;
    status = ufm__ce_spectra(p, problem, p->K - 1, sigma, error);
  } else {
    mpfr_log_ui(p->objective, p->K, MPFR_RNDN);
    p->claim = UFM_CLAIM_ZERO;
    status = UFM_OK;
  }
  if (status == UFM_OK)
    status = ufm__ce_etf_grams(p, active ? alpha : NULL, error);
  if (status == UFM_OK)
    status = ufm__ce_zero_bias(p, problem, error);
  mpfr_clears(x, alpha, sigma, (mpfr_ptr)NULL);
  return status;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  ufm_prediction *p = NULL;
  ufm_status status =
      ufm__prediction_new(&p, problem, theorem, digits,
                          ufm__bits_for_digits(digits, GUARD_BITS), error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  if (!ufm__ce_onehot(problem))
    p->source = "derived here (doc/mathematics.md, section 6)";
  status = fill(p, problem, error);
  if (status != UFM_OK) {
    ufm_prediction_free(p);
    return status;
  }
  *out = p;
  return UFM_OK;
}

const ufm__theorem_rule ufm__theorem_ce = {
    .about =
        {.name = "ce-balanced",
         .covers =
             "CE, depth 1, balanced counts, width at least K - 1, one-hot or "
             "smoothed labels, any bias",
         .source =
             "arXiv 2301.00437; derived here (doc/mathematics.md, section 6)"},
    .covers = covers,
    .predict = predict};
