/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optimal logits are functions of the moment B = N E (t - tbar)(t -
   tbar)^T, N = nu/pi, whose eigenvalues solve the scalar problem one by one
   (doc/mathematics.md, sections 2 and 3; doc/soft-targets.md, section 4).  On a
   group of q classes the q - 1 contrasts have the rational eigenvalue
   N E (t_k - t_l)^2/2; the rest is a G x G matrix. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/mse.h"
#include "theory/mse_columns.h"
#include "theory/symmetric.h"
#include "theory/threshold.h"

/* Eigenvalues within 2^-(bits - SLACK_BITS) of the largest are not told apart
   from their thresholds. */
enum { SLACK_BITS = 32 };

static ufm_status allocate(ufm__columns_plan *w, const ufm_problem *problem,
                           mpfr_prec_t bits, ufm_error *error)
{
  ufm_status status;

  *w = (ufm__columns_plan){.problem = problem,
                           .groups = ufm_problem_groups(problem),
                           .bits = bits,
                           .grams = true};
  w->G = w->groups->G;
  status = ufm__moments_init(&w->moments, problem, error);
  if (status != UFM_OK)
    return status;
  w->value = ufm__mpfr_array_new(w->G, bits);
  w->vectors = ufm__mpfr_array_new(w->G * w->G, bits);
  w->d = calloc(2 * w->G + 1, sizeof *w->d);
  for (size_t i = 0; w->d != NULL && i < 2 * w->G + 1; i++)
    mpfr_inits2(bits, w->d[i].m, w->d[i].base, (mpfr_ptr)NULL);
  return w->value != NULL && w->vectors != NULL && w->d != NULL
             ? UFM_OK
             : ufm__no_memory(error, "directions of the targets");
}

void ufm__columns_plan_clear(ufm__columns_plan *w)
{
  for (size_t i = 0; w->d != NULL && i < 2 * w->G + 1; i++)
    mpfr_clears(w->d[i].m, w->d[i].base, (mpfr_ptr)NULL);
  free(w->d);
  ufm__mpfr_array_free(w->value, w->G);
  ufm__mpfr_array_free(w->vectors, w->G * w->G);
  ufm__moments_clear(&w->moments);
}

/* In the basis 1_g/sqrt(q_g): sqrt(q_g q_h) cross_gh, plus extra_g. */
static ufm_status decompose(ufm__columns_plan *w, ufm_error *error)
{
  size_t G = w->G;
  mpfr_t *a = ufm__mpfr_array_new(G * G, w->bits), root;
  mpq_t x;

  if (a == NULL)
    return ufm__no_memory(error, "moments of the targets");
  mpfr_init2(root, w->bits);
  mpq_init(x);
  for (size_t g = 0; g < G; g++)
    for (size_t h = 0; h < G; h++) {
      if (g == h) {
        mpq_set_ui(x, w->groups->size[g], 1);
        mpq_mul(x, x, w->moments.cross[g * G + g]);
        mpq_add(x, x, w->moments.extra[g]);
        mpfr_set_q(a[g * G + g], x, MPFR_RNDN);
        continue;
      }
      mpfr_set_ui(root, w->groups->size[g], MPFR_RNDN);
      mpfr_mul_ui(root, root, w->groups->size[h], MPFR_RNDN);
      mpfr_sqrt(root, root, MPFR_RNDN);
      mpfr_mul_q(a[g * G + h], root, w->moments.cross[g * G + h], MPFR_RNDN);
    }
  ufm__symmetric_eigen(G, a, w->value, w->vectors);
  ufm__mpfr_array_free(a, G * G);
  mpfr_clear(root);
  mpq_clear(x);
  return UFM_OK;
}

static void add(ufm__columns_plan *w, bool contrasts, size_t index,
                size_t multiplicity)
{
  ufm__columns_direction *d = &w->d[w->n++];
  mpq_srcptr ratio = ufm_problem_columns(w->problem)->ratio;

  d->contrasts = contrasts;
  d->index = index;
  d->multiplicity = multiplicity;
  if (contrasts)
    mpfr_set_q(d->m, w->moments.extra[index], MPFR_RNDN);
  else
    mpfr_set(d->m, w->value[index], MPFR_RNDN);
  mpfr_mul_q(d->m, d->m, ratio, MPFR_RNDN);
  for (size_t i = w->n - 1; i > 0 && mpfr_greater_p(w->d[i].m, w->d[i - 1].m);
       i--) {
    ufm__columns_direction swap = w->d[i];

    w->d[i] = w->d[i - 1];
    w->d[i - 1] = swap;
  }
}

/* Errors of the eigenvalues are relative to the largest. */
static void set_slack(const ufm__columns_plan *w, mpfr_t slack)
{
  mpfr_abs(slack, w->d[0].m, MPFR_RNDU);
  mpfr_mul_2si(slack, slack, SLACK_BITS - (long)w->bits, MPFR_RNDU);
}

/* Sign of m - threshold, m^M (M-1)^{M-1} against N^L Lam M^{2M}: exact for
   contrasts, UFM__UNDECIDED within rounding of an eigenvalue. */
static int compare(const ufm__columns_plan *w, const ufm__columns_direction *d)
{
  mpq_srcptr ratio = ufm_problem_columns(w->problem)->ratio;
  ufm__threshold theta;
  mpq_t lambda, scale;
  mpfr_t lo, hi, slack;
  int sign;

  mpq_inits(lambda, scale, (mpq_ptr)NULL);
  mpfr_inits2(w->bits, lo, hi, slack, (mpfr_ptr)NULL);
  ufm_problem_lambda_product(w->problem, lambda);
  mpq_set_ui(scale, 1, 1);
  if (d->contrasts)
    mpq_mul(scale, w->moments.extra[d->index], ratio);
  ufm__threshold_init(&theta, ratio, lambda, ufm_problem_depth(w->problem),
                      scale);
  ufm__threshold_enclose(&theta, lo, hi);
  set_slack(w, slack);
  mpfr_sub(lo, lo, slack, MPFR_RNDD);
  mpfr_add(hi, hi, slack, MPFR_RNDU);
  if (d->contrasts)
    sign = ufm__threshold_compare(&theta, 1);
  else
    sign = mpfr_greater_p(d->m, hi) ? 1
           : mpfr_less_p(d->m, lo)  ? -1
                                    : UFM__UNDECIDED;
  ufm__threshold_clear(&theta);
  mpq_clears(lambda, scale, (mpq_ptr)NULL);
  mpfr_clears(lo, hi, slack, (mpfr_ptr)NULL);
  return sign;
}

/* Splits direction i so that its first part has `keep` dimensions. */
static void split(ufm__columns_plan *w, size_t i, size_t keep)
{
  ufm__columns_direction spare = w->d[w->n];

  for (size_t j = w->n++; j > i + 1; j--)
    w->d[j] = w->d[j - 1];
  mpfr_set(spare.m, w->d[i].m, MPFR_RNDN);
  spare.contrasts = w->d[i].contrasts;
  spare.index = w->d[i].index;
  spare.multiplicity = w->d[i].multiplicity - keep;
  w->d[i + 1] = spare;
  w->d[i].multiplicity = keep;
}

/* All directions, their states, and the cut to the rank. */
static void decide(ufm__columns_plan *w)
{
  size_t R = ufm_problem_rank_limit(w->problem), kept = 0;
  size_t M = ufm_problem_depth(w->problem);
  mpfr_t slack;

  mpfr_init2(slack, w->bits);
  for (size_t g = 0; g < w->G; g++) {
    add(w, false, g, 1);
    if (w->groups->size[g] > 1)
      add(w, true, g, w->groups->size[g] - 1);
  }
  set_slack(w, slack);
  for (size_t i = 0; i < w->n; i++) {
    ufm__columns_direction *d = &w->d[i];
    bool null = mpfr_lessequal_p(d->m, slack);

    d->state = null ? UFM_DIRECTION_NULL : ufm__mse_state(compare(w, d), M);
    if (!null && kept < R && kept + d->multiplicity > R) {
      w->grams = w->grams && !ufm__mse_fitted(d->state, M);
      split(w, i, R - kept);
    }
    if (!null && kept >= R)
      d->state = UFM_DIRECTION_RANK_CUT;
    kept += d->multiplicity;
    if (ufm__mse_fitted(d->state, M))
      w->rank += d->multiplicity;
  }
  mpfr_clear(slack);
}

static ufm_claim claim_of(const ufm__columns_plan *w)
{
  bool tie = false, undecided = false;

  for (size_t i = 0; i < w->n; i++) {
    tie = tie || w->d[i].state == UFM_DIRECTION_TIE;
    undecided = undecided || w->d[i].state == UFM_DIRECTION_UNDECIDED;
  }
  if (undecided)
    return UFM_CLAIM_TIE_UNDECIDED;
  if (tie)
    return UFM_CLAIM_TIE;
  if (!w->grams)
    return UFM_CLAIM_DEGENERATE;
  return w->rank == 0 ? UFM_CLAIM_ZERO : UFM_CLAIM_UNIQUE;
}

ufm_status ufm__columns_plan_init(ufm__columns_plan *plan,
                                  const ufm_problem *problem, mpfr_prec_t bits,
                                  ufm_error *error)
{
  ufm_status status = allocate(plan, problem, bits, error);

  if (status == UFM_OK)
    status = decompose(plan, error);
  if (status != UFM_OK)
    return status;
  decide(plan);
  plan->claim = claim_of(plan);
  return UFM_OK;
}
