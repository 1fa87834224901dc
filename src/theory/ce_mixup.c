/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE, depth 1, balanced mixup: the simplex ETF with the multiplier from the
   scalar equation is globally optimal (doc/soft-targets.md, section 6). */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "theory/ce_output.h"
#include "theory/etf_output.h"
#include "theory/theorem.h"

enum { GUARD_BITS = 64 };

static bool covers(const ufm_problem *problem, const char **reason)
{
  ufm_targets targets = ufm_problem_targets(problem);

  if (ufm_problem_loss(problem) != UFM_LOSS_CE ||
      ufm_problem_multiplier(problem) != NULL ||
      (targets != UFM_TARGETS_MIXUP && targets != UFM_TARGETS_FILE))
    return false;
  if (targets == UFM_TARGETS_FILE)
    *reason = "no closed form is known for given targets, which need not be "
              "exchangeable";
  else if (ufm_problem_depth(problem) > 1)
    *reason = "no closed form is known for mixup beyond depth 1";
  else if (!ufm__ce_balanced(problem))
    *reason = "no closed form is known for mixup with imbalanced counts";
  else if (ufm_problem_rank_limit(problem) + 1 < ufm_problem_classes(problem))
    *reason = "the width is below K - 1, where only the convex lower bound is "
              "known";
  else
    return true;
  return false;
}

/* How far kappa moves with twice the nodes: the error of a quadrature rule for
   the continuous law, as far as double precision can tell. */
static ufm_status note_quadrature(ufm_prediction *p, const ufm_problem *problem,
                                  mpq_srcptr lambda_h, ufm_error *error)
{
  const ufm_mixing *mixing = ufm_problem_mixing(problem);
  ufm_soft_joint *joint = NULL;
  ufm_soft_law *law = NULL;
  ufm_mixing *finer = NULL;
  ufm_error ignored = {{0}};
  ufm_status status = UFM_OK;
  double kappa = mpfr_get_d(p->kappa, MPFR_RNDN);

  if (mixing->rule == UFM_MIXING_GRID || 2 * mixing->nodes > UFM_MIXING_MOST ||
      !mpfr_number_p(p->kappa))
    return UFM_OK;
  if (ufm_mixing_beta(&finer, mixing->alpha, 2 * mixing->nodes, mixing->rule,
                      &ignored) == UFM_OK &&
      ufm_soft_law_mixing(
          &law, p->K, mixing->same, finer->nodes, (const mpq_t *)finer->lam,
          (const mpq_t *)finer->weight, NULL, &ignored) == UFM_OK &&
      ufm_soft_joint_solve(&joint, law, ufm_problem_lambda_w(problem, 1),
                           lambda_h, &ignored) == UFM_OK &&
      !joint->collapsed)
    status = ufm__prediction_note(
        p, error,
        "exact for its %zu nodes; with %zu nodes kappa would change by %.1e "
        "(relative, computed)",
        mixing->nodes, finer->nodes, fabs(joint->kappa / kappa - 1.0));
  ufm_soft_joint_free(joint);
  ufm_soft_law_free(law);
  ufm_mixing_free(finer);
  return status;
}

static ufm_status fill(ufm_prediction *p, const ufm_problem *problem,
                       const ufm_soft_law *law, const ufm_soft_joint_mp *joint,
                       ufm_error *error)
{
  ufm_status status = ufm__etf_pairs(p, problem, law, error);
  mpfr_t delta, square;

  if (status != UFM_OK)
    return status;
  p->etf = true;
  mpfr_set(p->kappa, joint->kappa, MPFR_RNDN);
  mpfr_set(p->g, joint->g, MPFR_RNDN);
  mpfr_set(p->objective, joint->value, MPFR_RNDN);
  p->claim = joint->collapsed ? UFM_CLAIM_ZERO : UFM_CLAIM_UNIQUE;
  mpfr_inits2(joint->bits, delta, square, (mpfr_ptr)NULL);
  for (size_t i = 0; i < law->types; i++) {
    const ufm_soft_point_mp *at = joint->at[i];
    ufm_pair *pair = ufm__etf_pair(p, law, i);

    if (i == 0)
      mpfr_sub(delta, at->z[0], at->z[1], MPFR_RNDN);
    if (pair != NULL)
      ufm__etf_set_pair(pair, at);
  }
  /* E|t - p|^2 = kappa^2 E|z|^2 */
  if (!joint->collapsed) {
    mpfr_div(square, joint->residual, joint->kappa, MPFR_RNDN);
    mpfr_div(square, square, joint->kappa, MPFR_RNDN);
    status = ufm__etf_spectra(p, problem, square, error);
  }
  if (status == UFM_OK)
    status = ufm__etf_grams(p, delta, error);
  if (status == UFM_OK)
    status = ufm__ce_zero_bias(p, problem, error);
  mpfr_clears(delta, square, (mpfr_ptr)NULL);
  return status;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  ufm_soft_joint_mp *joint = NULL;
  ufm_soft_law *law = NULL;
  ufm_prediction *p = NULL;
  ufm_status status = ufm__etf_law(&law, problem, error);
  mpq_t lambda_h;

  *out = NULL;
  mpq_init(lambda_h); /* of a column: (nu/pi) lambda_H */
  mpq_mul(lambda_h, ufm_problem_lambda_h(problem),
          ufm_problem_columns(problem)->ratio);
  if (status == UFM_OK)
    status = ufm_soft_joint_solve_mp(
        &joint, law, ufm_problem_lambda_w(problem, 1), lambda_h, digits, error);
  if (status == UFM_OK)
    status =
        ufm__prediction_new(&p, problem, theorem, digits,
                            ufm__bits_for_digits(digits, GUARD_BITS), error);
  if (status == UFM_OK)
    status = fill(p, problem, law, joint, error);
  if (status == UFM_OK)
    status = note_quadrature(p, problem, lambda_h, error);
  mpq_clear(lambda_h);
  ufm_soft_joint_mp_free(joint);
  ufm_soft_law_free(law);
  if (status == UFM_OK)
    *out = p;
  else
    ufm_prediction_free(p);
  return status;
}

const ufm__theorem_rule ufm__theorem_ce_mixup = {
    .about = {.name = "ce-mixup",
              .covers = "CE, depth 1, mixup of balanced classes with any law, "
                        "width at least K - 1, any bias",
              .source = "derived here (doc/soft-targets.md, section 6)"},
    .covers = covers,
    .predict = predict};
