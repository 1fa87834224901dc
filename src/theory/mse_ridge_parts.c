/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two scalar problems of a balanced MSE problem with a ridge bias
   (doc/mathematics.md, section 5.4). */
#include <config.h>

#include "theory/moments.h"
#include "theory/mse_ridge_parts.h"
#include "theory/scalar.h"

enum { CENTRED = UFM__RIDGE_CENTRED, ONES = UFM__RIDGE_ONES };

static void part_init(ufm__ridge_part *part, mpq_srcptr ratio, mpfr_prec_t bits)
{
  ufm_direction *d = &part->scalar;

  mpq_inits(part->ratio, part->scale, part->pure, (mpq_ptr)NULL);
  mpfr_inits2(bits, d->m, d->c, d->t, d->one_minus_t, part->psi, part->base,
              part->z, (mpfr_ptr)NULL);
  mpq_set(part->ratio, ratio);
  mpq_set_ui(part->scale, 1, 1);
}

void ufm__ridge_clear(ufm__ridge *ridge)
{
  for (size_t i = 0; i < UFM__RIDGE_PARTS; i++) {
    ufm__ridge_part *part = &ridge->part[i];
    ufm_direction *d = &part->scalar;

    mpq_clears(part->ratio, part->scale, part->pure, (mpq_ptr)NULL);
    mpfr_clears(d->m, d->c, d->t, d->one_minus_t, part->psi, part->base,
                part->z, (mpfr_ptr)NULL);
  }
}

/* The scalar problem of a part; its state is decided exactly. */
static void solve_part(ufm__ridge *ridge, ufm__ridge_part *part)
{
  ufm_direction *d = &part->scalar;
  ufm__threshold theta;
  mpq_t lambda;
  int sign;
  long lost;

  mpq_init(lambda);
  ufm_problem_lambda_product(ridge->problem, lambda);
  ufm__threshold_init(&theta, part->ratio, lambda, ridge->M, part->scale);
  sign = ufm__threshold_compare(&theta, ridge->n);
  ufm__threshold_clear(&theta);
  d->state = ufm__mse_state(sign, ridge->M);
  mpfr_set_q(d->m, part->scale, MPFR_RNDN);
  mpfr_mul_ui(d->m, d->m, ridge->n, MPFR_RNDN);
  ufm__scalar_penalty(part->z, part->ratio, lambda, ridge->M);
  ufm__scalar_c(d->c, part->z, d->m, ridge->M);
  mpq_clear(lambda);
  lost = ufm__mse_root(d, ridge->M);
  ridge->lost = lost > ridge->lost ? lost : ridge->lost;
  ufm__scalar_value(part->psi, d->m, part->ratio, d->t, d->one_minus_t,
                    ridge->M);
  ufm__mse_base(part->base, d, part->ratio);
  mpfr_sqrt(part->z, d->m, MPFR_RNDN);
  mpfr_mul(part->z, part->z, d->t, MPFR_RNDN);
}

/* True when the vector 1 gains no more over z = 0 than a centred one; the gain
   is (m/2N) t (1 - M (1 - t)). */
static bool ones_gain_less(const ufm__ridge *ridge, mpfr_prec_t bits)
{
  bool less;
  mpfr_t gain[UFM__RIDGE_PARTS];

  for (size_t i = 0; i < UFM__RIDGE_PARTS; i++) {
    const ufm__ridge_part *part = &ridge->part[i];

    mpfr_init2(gain[i], bits);
    mpfr_mul_ui(gain[i], part->scalar.one_minus_t, ridge->M, MPFR_RNDN);
    mpfr_ui_sub(gain[i], 1, gain[i], MPFR_RNDN);
    mpfr_mul(gain[i], gain[i], part->scalar.t, MPFR_RNDN);
    mpfr_mul(gain[i], gain[i], part->scalar.m, MPFR_RNDN);
    mpfr_div_q(gain[i], gain[i], part->ratio, MPFR_RNDN);
  }
  less = mpfr_lessequal_p(gain[ONES], gain[CENTRED]) != 0;
  mpfr_clears(gain[ONES], gain[CENTRED], (mpfr_ptr)NULL);
  return less;
}

size_t ufm__ridge_fitted(const ufm__ridge *ridge, size_t part)
{
  return ufm__mse_fitted(ridge->part[part].scalar.state, ridge->M)
             ? ridge->part[part].multiplicity
             : 0;
}

static void cut_rank(ufm__ridge *ridge, mpfr_prec_t bits)
{
  size_t R = ufm_problem_rank_limit(ridge->problem);
  size_t ones = ufm__ridge_fitted(ridge, ONES);
  size_t fitted = ones + ufm__ridge_fitted(ridge, CENTRED), excess;

  if (fitted <= R)
    return;
  excess = ridge->cut = fitted - R;
  if (ones > 0 && ones_gain_less(ridge, bits)) {
    ridge->part[ONES].multiplicity = 0;
    ridge->part[ONES].cut = 1;
    excess--;
  }
  ridge->part[CENTRED].multiplicity -= excess;
  ridge->part[CENTRED].cut = excess;
}

/* m of both parts: for labels n (1 - eps)^2 and n, for mixup the moments of
   contrasts and 1/K. */
static ufm_status set_scales(ufm__ridge *ridge, ufm_error *error)
{
  mpq_srcptr eps = ufm_problem_smoothing(ridge->problem);
  ufm__ridge_part *centred = &ridge->part[CENTRED], *ones = &ridge->part[ONES];
  ufm__moments moments;
  ufm_status status;

  if (ufm_problem_mixing(ridge->problem) == NULL) {
    if (eps != NULL)
      mpq_sub(centred->scale, centred->scale, eps);
    mpq_mul(centred->scale, centred->scale, centred->scale);
    mpq_set_ui(centred->pure, ridge->n, 1);
    mpq_set(ones->pure, centred->pure);
    return UFM_OK;
  }
  status = ufm__moments_init(&moments, ridge->problem, error);
  if (status != UFM_OK)
    return status;
  ridge->n = 1;
  mpq_mul(centred->scale, moments.extra[0], centred->ratio);
  mpq_set(centred->pure, centred->scale);
  mpq_set_ui(ones->scale, 1, ridge->K);
  mpq_mul(ones->scale, ones->scale, ones->ratio);
  mpq_set(ones->pure, ones->scale);
  ufm__moments_clear(&moments);
  return UFM_OK;
}

ufm_status ufm__ridge_init(ufm__ridge *ridge, const ufm_problem *problem,
                           mpfr_prec_t bits, ufm_error *error)
{
  mpq_srcptr N = ufm_problem_columns(problem)->ratio;
  ufm_status status;
  mpq_ptr ratio;

  *ridge = (ufm__ridge){.problem = problem,
                        .n = ufm_problem_counts(problem)[0],
                        .K = ufm_problem_classes(problem),
                        .M = ufm_problem_depth(problem),
                        .lambda_b = ufm_problem_lambda_b(problem)};
  for (size_t i = 0; i < UFM__RIDGE_PARTS; i++)
    part_init(&ridge->part[i], N, bits);
  ridge->part[CENTRED].multiplicity = ridge->K - 1;
  ridge->part[ONES].multiplicity = 1;
  status = set_scales(ridge, error);
  if (status != UFM_OK)
    return status;
  ratio = ridge->part[ONES].ratio; /* N/lambda_b + N */
  mpq_div(ratio, ratio, ridge->lambda_b);
  mpq_add(ratio, ratio, N);
  for (size_t i = 0; i < UFM__RIDGE_PARTS; i++)
    solve_part(ridge, &ridge->part[i]);
  cut_rank(ridge, bits);
  return UFM_OK;
}
