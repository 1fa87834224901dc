/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE, bias none or free: global optima of any depth, counts and widths.  The
   optimal logits share the singular vectors of the target, and every singular
   value solves its own scalar problem (doc/mathematics.md, sections 2 to 5). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/mse.h"
#include "theory/scalar.h"
#include "theory/theorem.h"

mpfr_prec_t ufm__mse_margin(const ufm_problem *problem)
{
  return 24 + 2 * ufm__bit_length(ufm_problem_groups(problem)->G) +
         2 * ufm__bit_length(ufm_problem_depth(problem));
}

long ufm__mse_root(ufm_direction *d, size_t M)
{
  mpfr_set_zero(d->t, 1);
  mpfr_set_ui(d->one_minus_t, 1, MPFR_RNDN);
  if (!ufm__mse_fitted(d->state, M))
    return 0;
  if (d->state != UFM_DIRECTION_ACTIVE) {
    ufm__scalar_root_at_threshold(d->t, d->one_minus_t, M);
    return 0;
  }
  ufm__scalar_root(d->t, d->one_minus_t, d->c, M);
  if (mpfr_sgn(d->t) <= 0) /* the precision is too low to see t */
    return mpfr_get_prec(d->t);
  return mpfr_get_exp(d->t) < 0 ? -mpfr_get_exp(d->t) : 0;
}

void ufm__mse_base(mpfr_t base, const ufm_direction *d, mpq_srcptr ratio)
{
  mpfr_mul(base, d->m, d->t, MPFR_RNDN);
  mpfr_mul(base, base, d->one_minus_t, MPFR_RNDN);
  mpfr_div_q(base, base, ratio, MPFR_RNDN);
}

void ufm__mse_singular_values(ufm_prediction *p, const ufm_problem *problem,
                              size_t s, size_t multiplicity, mpfr_srcptr z,
                              mpfr_srcptr base)
{
  p->sv_multiplicity[s] = multiplicity;
  mpfr_set(p->sv[s], z, MPFR_RNDN);
  for (size_t f = 1; f <= p->M + 1; f++) {
    mpq_srcptr lambda = f <= p->M ? ufm_problem_lambda_w(problem, f)
                                  : ufm_problem_lambda_h(problem);
    mpfr_ptr value = p->sv[f * p->spectra + s];

    mpfr_div_q(value, base, lambda, MPFR_RNDN);
    mpfr_sqrt(value, value, MPFR_RNDN);
  }
}

static ufm_status values_init(ufm__mse_values *v, size_t n, mpfr_prec_t bits,
                              ufm_error *error)
{
  *v = (ufm__mse_values){ufm__mpfr_array_new(n, bits),
                         ufm__mpfr_array_new(n, bits),
                         calloc(n, sizeof *v->root)};
  for (size_t i = 0; v->root != NULL && i < n; i++)
    mpfr_init2(v->root[i].offset, bits);
  if (v->mu == NULL || v->base == NULL || v->root == NULL)
    return ufm__no_memory(error, "values of a prediction");
  return UFM_OK;
}

static void values_clear(ufm__mse_values *v, size_t n)
{
  ufm__mpfr_array_free(v->mu, n);
  ufm__mpfr_array_free(v->base, n);
  for (size_t i = 0; v->root != NULL && i < n; i++)
    mpfr_clear(v->root[i].offset);
  free(v->root);
}

/* mu of direction i; returns the bits lost. */
static long find_mu(const ufm__mse_plan *plan, ufm__mse_values *v, size_t i)
{
  const ufm__mse_direction *d = &plan->direction[i];
  long lost = 0;

  if (d->kind == UFM__MSE_SECULAR) {
    lost = ufm__secular_solve(&plan->secular, d->group, &v->root[i]);
    ufm__secular_mu(v->mu[i], &plan->secular, &v->root[i]);
  } else if (d->kind != UFM__MSE_ONES) {
    mpfr_set_ui(v->mu[i], plan->secular.groups->count[d->group], MPFR_RNDN);
  }
  return lost;
}

/* Directions and objective.  Returns the bits lost in the worst direction. */
static long fill_directions(ufm_prediction *p, const ufm_problem *problem,
                            const ufm__mse_plan *plan, ufm__mse_values *v)
{
  mpq_srcptr ratio = ufm_problem_columns(problem)->ratio;
  long lost_mu = 0, lost_t = 0;
  mpfr_t penalty, psi;
  mpq_t rational;

  mpfr_inits2(p->bits, penalty, psi, (mpfr_ptr)NULL);
  mpq_init(rational);
  ufm_problem_lambda_product(problem, rational);
  ufm__scalar_penalty(penalty, ratio, rational, p->M);
  mpq_mul(rational, plan->fit, plan->fit);
  mpfr_set_zero(p->objective, 1);
  for (size_t i = 0; i < plan->n; i++) {
    ufm_direction *d = &p->direction[i];
    long lost = find_mu(plan, v, i);

    lost_mu = lost > lost_mu ? lost : lost_mu;
    d->multiplicity = plan->direction[i].multiplicity;
    d->state = plan->direction[i].state;
    mpfr_mul_q(d->m, v->mu[i], rational, MPFR_RNDN);
    ufm__scalar_c(d->c, penalty, d->m, p->M);
    lost = ufm__mse_root(d, p->M);
    lost_t = lost > lost_t ? lost : lost_t;
    ufm__mse_base(v->base[i], d, ratio);
    ufm__scalar_value(psi, d->m, ratio, d->t, d->one_minus_t, p->M);
    mpfr_mul_ui(psi, psi, d->multiplicity, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, psi, MPFR_RNDN);
  }
  mpfr_clears(penalty, psi, (mpfr_ptr)NULL);
  mpq_clear(rational);
  return lost_mu + lost_t;
}

static ufm_status fill_spectra(ufm_prediction *p, const ufm_problem *problem,
                               const ufm__mse_values *v, ufm_error *error)
{
  size_t spectra = 0, s = 0;
  ufm_status status;
  mpfr_t z;

  for (size_t i = 0; i < p->directions; i++)
    spectra += ufm__mse_fitted(p->direction[i].state, p->M);
  status = ufm__prediction_spectra(p, spectra, error);
  if (status != UFM_OK)
    return status;
  mpfr_init2(z, p->bits);
  for (size_t i = 0; i < p->directions; i++) {
    const ufm_direction *d = &p->direction[i];

    if (!ufm__mse_fitted(d->state, p->M))
      continue;
    mpfr_sqrt(z, d->m, MPFR_RNDN);
    mpfr_mul(z, z, d->t, MPFR_RNDN);
    ufm__mse_singular_values(p, problem, s++, d->multiplicity, z, v->base[i]);
  }
  mpfr_clear(z);
  return UFM_OK;
}

/* The free bias is the mean target (1 - eps) n_k/N + eps/K. */
static ufm_status fill_bias(ufm_prediction *p, const ufm_problem *problem,
                            const ufm__mse_plan *plan, ufm_error *error)
{
  mpq_srcptr eps = ufm_problem_smoothing(problem);
  ufm_status status = ufm__prediction_bias(p, error);
  mpq_t b, count;

  if (status != UFM_OK)
    return status;
  mpq_inits(b, count, (mpq_ptr)NULL);
  for (size_t g = 0; g < p->groups->G; g++) {
    mpq_set_ui(count, p->groups->count[g], 1);
    mpq_div(b, count, ufm_problem_columns(problem)->ratio);
    mpq_mul(b, b, plan->fit);
    if (eps != NULL) {
      mpq_set_ui(count, p->K, 1);
      mpq_div(count, eps, count);
      mpq_add(b, b, count);
    }
    mpfr_set_q(p->bias[g], b, MPFR_RNDN);
  }
  mpq_clears(b, count, (mpq_ptr)NULL);
  return UFM_OK;
}

static ufm_status write_note(ufm_prediction *p, const ufm__mse_plan *plan,
                             size_t R, ufm_error *error)
{
  size_t tied = 0, cut = 0;

  for (size_t i = 0; i < p->directions; i++) {
    ufm_direction_state state = p->direction[i].state;

    if (state == UFM_DIRECTION_TIE || state == UFM_DIRECTION_UNDECIDED)
      tied = i + 1; /* distinct m: at most one is at the threshold */
    if (state == UFM_DIRECTION_RANK_CUT)
      cut += p->direction[i].multiplicity;
  }
  if (plan->claim == UFM_CLAIM_TIE)
    return ufm__prediction_note(
        p, error,
        "direction %zu (multiplicity %zu) is exactly at its threshold: in each "
        "of its dimensions t = 0 and t = %zu/%zu are both optimal%s",
        tied, p->direction[tied - 1].multiplicity, p->M - 1, p->M,
        plan->grams ? "" : ", and the width cuts through it");
  if (plan->claim == UFM_CLAIM_TIE_UNDECIDED)
    return ufm__prediction_note(
        p, error,
        "direction %zu is too close to its threshold to tell whether it "
        "vanishes; the objective is the same to the digits shown",
        tied);
  if (plan->claim == UFM_CLAIM_DEGENERATE)
    return ufm__prediction_note(
        p, error,
        "the width allows rank %zu and cuts through equal directions: any "
        "subspace of them is optimal",
        R);
  if (cut > 0)
    return ufm__prediction_note(
        p, error, "the width allows rank %zu: %zu directions are left out", R,
        cut);
  return UFM_OK;
}

static ufm_status fill(ufm_prediction *p, const ufm_problem *problem,
                       const ufm__mse_plan *plan, long *lost, ufm_error *error)
{
  ufm__mse_values values;
  long lost_entry = 0;
  ufm_status status = values_init(&values, plan->n, p->bits, error);

  p->claim = plan->claim;
  p->rank = plan->rank;
  if (status == UFM_OK && plan->grams) /* refuses huge ones before the work */
    status = ufm__prediction_grams(p, error);
  if (status == UFM_OK)
    status = ufm__prediction_directions(p, plan->n, error);
  if (status == UFM_OK) {
    *lost = fill_directions(p, problem, plan, &values);
    status = fill_spectra(p, problem, &values, error);
  }
  if (status == UFM_OK && ufm_problem_bias(problem) == UFM_BIAS_FREE)
    status = fill_bias(p, problem, plan, error);
  if (status == UFM_OK && plan->grams)
    status = ufm__mse_matrices(p, problem, plan, &values, &lost_entry, error);
  if (status == UFM_OK)
    status = write_note(p, plan, ufm_problem_rank_limit(problem), error);
  *lost += lost_entry;
  values_clear(&values, plan->n);
  return status;
}

static bool covers(const ufm_problem *problem, const char **reason)
{
  (void)reason;
  return ufm__mse_labels(problem) &&
         ufm_problem_bias(problem) != UFM_BIAS_RIDGE;
}

/* Evaluates with room for some cancellation, measures how much there is, and
   starts again when the room was too small. */
static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  enum { LEAST_CAP = 1 << 17 };
  mpfr_prec_t wanted = ufm__bits_for_digits(digits, ufm__mse_margin(problem));
  mpfr_prec_t cap = 2 * wanted > LEAST_CAP ? 2 * wanted : LEAST_CAP;
  ufm__mse_plan plan;
  ufm_prediction *p = NULL;
  ufm_status status = ufm__mse_plan_init(&plan, problem, cap, error);
  long room = 64, lost = 0;

  *out = NULL;
  while (status == UFM_OK) {
    status =
        ufm__prediction_new(&p, problem, theorem, digits, wanted + room, error);
    if (status == UFM_OK)
      status = fill(p, problem, &plan, &lost, error);
    if (status != UFM_OK || lost <= room)
      break;
    room += lost;
    ufm_prediction_free(p);
    p = NULL;
  }
  ufm__mse_plan_clear(&plan);
  if (status == UFM_OK)
    *out = p;
  else
    ufm_prediction_free(p);
  return status;
}

const ufm__theorem_rule ufm__theorem_mse = {
    .about =
        {.name = "mse",
         .covers =
             "MSE, bias none or free, any depth, counts and widths, one-hot or "
             "smoothed labels",
         .source = "arXiv 2301.00437; derived here (doc/mathematics.md, "
                   "sections 3 to 5)"},
    .covers = covers,
    .predict = predict};
