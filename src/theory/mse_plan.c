/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is exact about an MSE problem: its directions, their order, the rank
   cut and the thresholds (doc/mathematics.md, sections 5.1 to 5.6).

   Targets t_k = e e_k + (eps/K) 1, e = 1 - eps, have the Gram matrices
     no bias     X^T X = e^2 D + (eps (2 - eps)/K) s s^T,  s_k = sqrt(n_k)
     free bias   X X^T = e^2 (D - n n^T/N),
   diagonal plus rank one.  With m = e^2 mu both give the secular equation
   kappa + sum_k n_k/(n_k - mu) = 0, kappa = e^2 K/(eps (2 - eps)) and 0; for
   the free bias the root mu = 0 is divided out.  A count shared by q classes is
   an eigenvalue itself, q - 1 times, on centred vectors.  Without bias and
   smoothing kappa is infinite and the eigenvalues are the counts.  Smoothing
   is derived here. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/mse.h"

bool ufm__mse_labels(const ufm_problem *problem)
{
  return ufm_problem_loss(problem) == UFM_LOSS_MSE &&
         ufm_problem_multiplier(problem) == NULL &&
         (ufm_problem_targets(problem) == UFM_TARGETS_ONEHOT ||
          ufm_problem_targets(problem) == UFM_TARGETS_SMOOTH);
}

bool ufm__mse_fitted(ufm_direction_state state, size_t M)
{
  return state == UFM_DIRECTION_ACTIVE || state == UFM_DIRECTION_TIE ||
         (state == UFM_DIRECTION_UNDECIDED && M > 1);
}

ufm_direction_state ufm__mse_state(int sign, size_t M)
{
  if (sign == UFM__UNDECIDED)
    return UFM_DIRECTION_UNDECIDED;
  if (sign == 0)
    return M == 1 ? UFM_DIRECTION_THRESHOLD : UFM_DIRECTION_TIE;
  return sign > 0 ? UFM_DIRECTION_ACTIVE : UFM_DIRECTION_COLLAPSED;
}

static void add_direction(ufm__mse_plan *plan, ufm__mse_kind kind, size_t group,
                          size_t multiplicity)
{
  if (multiplicity > 0)
    plan->direction[plan->n++] = (ufm__mse_direction){kind, group, multiplicity,
                                                      UFM_DIRECTION_COLLAPSED};
}

/* Directions by descending mu. */
static void list_directions(ufm__mse_plan *plan, const ufm_groups *groups,
                            bool free_bias, bool smooth)
{
  for (size_t g = 0; g < groups->G; g++) {
    if (!free_bias && !smooth) {
      add_direction(plan, UFM__MSE_CLASSES, g, groups->size[g]);
      continue;
    }
    if (g > 0 || !free_bias)
      add_direction(plan, UFM__MSE_SECULAR, g, 1);
    add_direction(plan, UFM__MSE_CENTRED, g, groups->size[g] - 1);
  }
  if (free_bias)
    add_direction(plan, UFM__MSE_ONES, 0, 1);
}

static void set_constants(ufm__mse_plan *plan, const ufm_problem *problem,
                          bool free_bias)
{
  mpq_srcptr eps = ufm_problem_smoothing(problem);
  mpq_t factor;

  mpq_set_ui(plan->fit, 1, 1);
  mpq_set_ui(plan->shift, 0, 1);
  mpq_set_ui(plan->secular.kappa, 0, 1);
  if (eps == NULL || mpq_sgn(eps) == 0)
    return;
  mpq_init(factor);
  mpq_sub(plan->fit, plan->fit, eps);
  if (!free_bias) {
    mpq_set_ui(factor, 2, 1);
    mpq_sub(factor, factor, eps); /* 2 - eps */
    mpq_div(plan->shift, plan->fit, factor);
    mpq_mul(factor, factor, eps);
    mpq_set_ui(plan->secular.kappa, ufm_problem_classes(problem), 1);
    mpq_mul(plan->secular.kappa, plan->secular.kappa, plan->fit);
    mpq_mul(plan->secular.kappa, plan->secular.kappa, plan->fit);
    mpq_div(plan->secular.kappa, plan->secular.kappa, factor);
  }
  mpq_clear(factor);
}

/* Sign of mu - theta for a direction with mu > 0. */
static int compare(const ufm__mse_plan *plan, const ufm__mse_direction *d,
                   const ufm__threshold *theta, mpfr_prec_t cap)
{
  const size_t *count = plan->secular.groups->count;
  int pole = ufm__threshold_compare(theta, count[d->group]);

  if (d->kind != UFM__MSE_SECULAR)
    return pole;
  if (pole >= 0) /* mu > n_g >= theta */
    return 1;
  if (d->group > 0 && ufm__threshold_compare(theta, count[d->group - 1]) <= 0)
    return -1;
  return ufm__secular_compare(&plan->secular, d->group, theta, cap);
}

static void set_states(ufm__mse_plan *plan, const ufm__threshold *theta,
                       mpfr_prec_t cap)
{
  int sign = 1; /* it only decreases along the list */

  for (size_t i = 0; i < plan->n; i++) {
    ufm__mse_direction *d = &plan->direction[i];

    if (d->kind == UFM__MSE_ONES) {
      d->state = UFM_DIRECTION_NULL;
      continue;
    }
    if (sign >= 0)
      sign = compare(plan, d, theta, cap);
    d->state = ufm__mse_state(sign, theta->M);
  }
}

/* Keeps the R largest directions; one that the cut divides becomes two, and
   then, if it is fitted, its part of the matrices is any projector. */
static void cut_rank(ufm__mse_plan *plan, size_t R, size_t M)
{
  size_t kept = 0;

  for (size_t i = 0; i < plan->n; i++) {
    ufm__mse_direction *d = &plan->direction[i];

    if (kept < R && kept + d->multiplicity > R) {
      size_t cut = kept + d->multiplicity - R;

      for (size_t j = plan->n++; j > i; j--)
        plan->direction[j] = plan->direction[j - 1];
      d->multiplicity -= cut;
      plan->direction[i + 1].multiplicity = cut;
      plan->grams = !ufm__mse_fitted(d->state, M);
    }
    if (kept >= R && d->state != UFM_DIRECTION_NULL)
      d->state = UFM_DIRECTION_RANK_CUT;
    kept += d->multiplicity;
  }
}

static void set_claim(ufm__mse_plan *plan, size_t M)
{
  bool tie = false, undecided = false;

  for (size_t i = 0; i < plan->n; i++) {
    ufm_direction_state state = plan->direction[i].state;

    tie |= state == UFM_DIRECTION_TIE;
    undecided |= state == UFM_DIRECTION_UNDECIDED;
    if (ufm__mse_fitted(state, M))
      plan->rank += plan->direction[i].multiplicity;
  }
  if (undecided)
    plan->claim = UFM_CLAIM_TIE_UNDECIDED;
  else if (tie)
    plan->claim = UFM_CLAIM_TIE;
  else if (!plan->grams)
    plan->claim = UFM_CLAIM_DEGENERATE;
  else
    plan->claim = plan->rank == 0 ? UFM_CLAIM_ZERO : UFM_CLAIM_UNIQUE;
}

ufm_status ufm__mse_plan_init(ufm__mse_plan *plan, const ufm_problem *problem,
                              mpfr_prec_t cap, ufm_error *error)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  size_t M = ufm_problem_depth(problem);
  bool free_bias = ufm_problem_bias(problem) == UFM_BIAS_FREE;
  ufm__threshold theta;
  mpq_t scale, lambda;

  *plan = (ufm__mse_plan){.grams = true};
  mpq_inits(plan->fit, plan->shift, plan->secular.kappa, (mpq_ptr)NULL);
  plan->secular.groups = groups;
  /* two per group, the constant vector, and one more for the cut */
  plan->direction = calloc(groups->G + 1, 2 * sizeof *plan->direction);
  if (plan->direction == NULL)
    return ufm__no_memory(error, "directions of the target");
  set_constants(plan, problem, free_bias);
  list_directions(plan, groups, free_bias, mpq_sgn(plan->secular.kappa) > 0);
  mpq_inits(scale, lambda, (mpq_ptr)NULL);
  mpq_mul(scale, plan->fit, plan->fit);
  ufm_problem_lambda_product(problem, lambda);
  ufm__threshold_init(&theta, ufm_problem_columns(problem)->ratio, lambda, M,
                      scale);
  set_states(plan, &theta, cap);
  ufm__threshold_clear(&theta);
  mpq_clears(scale, lambda, (mpq_ptr)NULL);
  cut_rank(plan, ufm_problem_rank_limit(problem), M);
  set_claim(plan, M);
  return UFM_OK;
}

void ufm__mse_plan_clear(ufm__mse_plan *plan)
{
  mpq_clears(plan->fit, plan->shift, plan->secular.kappa, (mpq_ptr)NULL);
  free(plan->direction);
}
