/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "core/error.h"
#include "theory/etf_output.h"

ufm_status ufm__etf_law(ufm_soft_law **out, const ufm_problem *problem,
                        ufm_error *error)
{
  const ufm_mixing *mixing = ufm_problem_mixing(problem);
  size_t K = ufm_problem_classes(problem);
  ufm_status status;
  mpq_t one;

  if (mixing != NULL)
    return ufm_soft_law_mixing(out, K, mixing->same, mixing->nodes,
                               (const mpq_t *)mixing->lam,
                               (const mpq_t *)mixing->weight, NULL, error);
  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  status = ufm_soft_law_mixing(out, K, one, 0, NULL, NULL,
                               ufm_problem_smoothing(problem), error);
  mpq_clear(one);
  return status;
}

bool ufm__etf_listed(const ufm_soft_law *law, size_t type)
{
  return type > 0 || mpq_sgn(law->type[0].weight) > 0;
}

ufm_pair *ufm__etf_pair(ufm_prediction *p, const ufm_soft_law *law, size_t type)
{
  if (!ufm__etf_listed(law, type))
    return NULL;
  return &p->pair[type == 0 ? law->types - 1 : type - 1];
}

ufm_status ufm__etf_pairs(ufm_prediction *p, const ufm_problem *problem,
                          const ufm_soft_law *law, ufm_error *error)
{
  const ufm_mixing *mixing = ufm_problem_mixing(problem);
  ufm_status status = ufm__prediction_pairs(
      p, law->types - (ufm__etf_listed(law, 0) ? 0 : 1), error);

  for (size_t i = 0; i < law->types && status == UFM_OK; i++) {
    ufm_pair *pair = ufm__etf_pair(p, law, i);

    if (pair == NULL)
      continue;
    pair->same = i == 0;
    if (i == 0)
      mpfr_set_ui(pair->lam, 1, MPFR_RNDN);
    else
      mpfr_set_q(pair->lam, mixing->lam[i - 1], MPFR_RNDN);
    mpfr_set_q(pair->weight, law->type[i].weight, MPFR_RNDN);
  }
  return status;
}

void ufm__etf_set_pair(ufm_pair *pair, const ufm_soft_point_mp *at)
{
  mpfr_set(pair->p_i, at->p[UFM_SOFT_I], MPFR_RNDN);
  mpfr_set(pair->p_j, at->p[UFM_SOFT_J], MPFR_RNDN);
  mpfr_set(pair->coef_wi, at->coef[UFM_SOFT_I], MPFR_RNDN);
  mpfr_set(pair->coef_wj, at->coef[UFM_SOFT_J], MPFR_RNDN);
  mpfr_set(pair->norm_h, at->norm_h, MPFR_RNDN);
  mpfr_set(pair->value, at->value, MPFR_RNDN);
}

void ufm__etf_fix(ufm_prediction *p, const ufm_problem *problem)
{
  mpq_srcptr m = ufm_problem_multiplier(problem);

  p->etf = true;
  p->claim = UFM_CLAIM_UNIQUE;
  p->rank = p->K - 1;
  mpfr_set_q(p->g, m, MPFR_RNDN);
  mpfr_mul_q(p->g, p->g, m, MPFR_RNDN);
  mpfr_mul_q(p->objective, p->g, ufm_problem_lambda_w(problem, 1), MPFR_RNDN);
  mpfr_mul_ui(p->objective, p->objective, p->K - 1, MPFR_RNDN);
  mpfr_div_2ui(p->objective, p->objective, 1, MPFR_RNDN);
}

void ufm__etf_matrix(ufm_block_matrix *matrix, size_t K, mpfr_srcptr scale)
{
  size_t G = matrix->G;

  for (size_t g = 0; g < G; g++)
    mpfr_set(matrix->extra[g], scale, MPFR_RNDN);
  for (size_t i = 0; i < G * G; i++) {
    mpfr_div_ui(matrix->block[i], scale, K, MPFR_RNDN);
    mpfr_neg(matrix->block[i], matrix->block[i], MPFR_RNDN);
  }
}

ufm_status ufm__etf_grams(ufm_prediction *p, mpfr_srcptr delta,
                          ufm_error *error)
{
  ufm_status status = ufm__prediction_grams(p, error);
  mpfr_t square;

  if (status != UFM_OK || mpfr_zero_p(p->g))
    return status;
  mpfr_init2(square, p->bits);
  ufm__etf_matrix(&p->gram_w, p->K, p->g);
  mpfr_sqr(square, delta, MPFR_RNDN);
  mpfr_div(square, square, p->g, MPFR_RNDN);
  ufm__etf_matrix(&p->gram_h, p->K, square);
  ufm__etf_matrix(&p->logits, p->K, delta);
  mpfr_clear(square);
  return UFM_OK;
}

/* E h h^T = E|z|^2/((K - 1) g) on the range of W, and W has sqrt(g) there. */
ufm_status ufm__etf_spectra(ufm_prediction *p, const ufm_problem *problem,
                            mpfr_srcptr square, ufm_error *error)
{
  ufm_status status = ufm__prediction_spectra(p, 1, error);

  if (status != UFM_OK)
    return status;
  p->rank = p->K - 1;
  p->sv_multiplicity[0] = p->rank;
  mpfr_sqrt(p->sv[1], p->g, MPFR_RNDN);
  mpfr_mul_q(p->sv[2], square, ufm_problem_columns(problem)->ratio, MPFR_RNDN);
  mpfr_div_ui(p->sv[2], p->sv[2], p->K - 1, MPFR_RNDN);
  mpfr_sqrt(p->sv[0], p->sv[2], MPFR_RNDN);
  mpfr_div(p->sv[2], p->sv[2], p->g, MPFR_RNDN);
  mpfr_sqrt(p->sv[2], p->sv[2], MPFR_RNDN);
  return UFM_OK;
}
