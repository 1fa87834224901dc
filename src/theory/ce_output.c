/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hypotheses and outputs that the CE theorems share. */
#include <config.h>

#include "theory/ce_output.h"
#include "theory/etf_output.h"

bool ufm__ce_labels(const ufm_problem *problem)
{
  ufm_targets targets = ufm_problem_targets(problem);

  return ufm_problem_loss(problem) == UFM_LOSS_CE &&
         ufm_problem_multiplier(problem) == NULL &&
         (targets == UFM_TARGETS_ONEHOT || targets == UFM_TARGETS_SMOOTH);
}

bool ufm__ce_balanced(const ufm_problem *problem)
{
  return ufm_problem_groups(problem)->G == 1;
}

bool ufm__ce_onehot(const ufm_problem *problem)
{
  mpq_srcptr eps = ufm_problem_smoothing(problem);

  return eps == NULL || mpq_sgn(eps) == 0;
}

void ufm__ce_weight(const ufm_problem *problem, mpq_t out)
{
  mpq_t n;

  mpq_init(n);
  mpq_set_ui(n, ufm_problem_counts(problem)[0], 1);
  ufm_problem_lambda_product(problem, out);
  mpq_mul(out, out, n);
  mpq_clear(n);
}

ufm_status ufm__ce_spectra(ufm_prediction *p, const ufm_problem *problem,
                           size_t rank, mpfr_srcptr sigma, ufm_error *error)
{
  unsigned long L = p->M + 1;
  ufm_status status = ufm__prediction_spectra(p, 1, error);
  mpq_t lam;
  mpfr_t common;

  if (status != UFM_OK)
    return status;
  p->rank = rank;
  p->sv_multiplicity[0] = rank;
  mpfr_set(p->sv[0], sigma, MPFR_RNDN);
  mpq_init(lam);
  mpfr_init2(common, p->bits);
  ufm_problem_lambda_product(problem, lam);
  mpfr_set_q(common, lam, MPFR_RNDN);
  mpfr_mul(common, common, sigma, MPFR_RNDN);
  mpfr_mul(common, common, sigma, MPFR_RNDN);
  mpfr_rootn_ui(common, common, L, MPFR_RNDN);
  for (size_t f = 1; f <= L; f++) {
    mpfr_div_q(p->sv[f], common,
               f == L ? ufm_problem_lambda_h(problem)
                      : ufm_problem_lambda_w(problem, f),
               MPFR_RNDN);
    mpfr_sqrt(p->sv[f], p->sv[f], MPFR_RNDN);
  }
  mpfr_clear(common);
  mpq_clear(lam);
  return UFM_OK;
}

ufm_status ufm__ce_etf_grams(ufm_prediction *p, mpfr_srcptr alpha,
                             ufm_error *error)
{
  ufm_status status = ufm__prediction_grams(p, error);
  mpfr_t square;

  if (status != UFM_OK || alpha == NULL)
    return status;
  mpfr_init2(square, p->bits);
  mpfr_sqr(square, p->sv[p->M], MPFR_RNDN);
  ufm__etf_matrix(&p->gram_w, p->K, square);
  mpfr_sqr(square, p->sv[p->M + 1], MPFR_RNDN);
  mpfr_div_ui(square, square, p->groups->count[0], MPFR_RNDN);
  ufm__etf_matrix(&p->gram_h, p->K, square);
  ufm__etf_matrix(&p->logits, p->K, alpha);
  mpfr_clear(square);
  return UFM_OK;
}

ufm_status ufm__ce_zero_bias(ufm_prediction *p, const ufm_problem *problem,
                             ufm_error *error)
{
  if (ufm_problem_bias(problem) == UFM_BIAS_NONE)
    return UFM_OK;
  return ufm__prediction_bias(p, error);
}
