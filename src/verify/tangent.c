/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two families of tangents. */
#include <config.h>

#include "core/error.h"
#include "verify/tangent.h"

/* Targets a on the diagonal and c elsewhere, a > c, equal weights. */
static bool is_balanced(const ufm__model *model)
{
  size_t K = model->K;
  mpq_srcptr a = model->target[0], c = model->target[1];

  if (model->J != K || mpq_cmp(a, c) <= 0)
    return false;
  for (size_t j = 0; j < K; j++) {
    if (!mpq_equal(model->pi[j], model->pi[0]))
      return false;
    for (size_t i = 0; i < K; i++)
      if (!mpq_equal(model->target[j * K + i], i == j ? a : c))
        return false;
  }
  return true;
}

bool ufm__tangent_covers(const ufm__model *model)
{
  return model->loss == UFM_LOSS_CE && (model->K == 2 || is_balanced(model));
}

ufm_status ufm__tangent_init(ufm__tangent *out, const ufm__model *model,
                             mpfr_prec_t bits, ufm_error *error)
{
  *out = (ufm__tangent){
      .model = model, .balanced = is_balanced(model), .bits = bits};
  mpfr_inits2(bits, out->D, out->mu, out->x, out->shift, out->last, out->t[0],
              out->t[1], out->t[2], out->t[3], (mpfr_ptr)NULL);
  mpfr_set_zero(out->shift, 1);
  mpfr_set_zero(out->last, 1);
  out->p = ufm__mp_new(model->J * model->K, bits);
  out->e = ufm__mp_new(model->J, bits);
  if (out->p != NULL && out->e != NULL)
    return UFM_OK;
  ufm__tangent_clear(out);
  return ufm__no_memory(error, "verify: tangents");
}

void ufm__tangent_clear(ufm__tangent *t)
{
  if (t->model == NULL)
    return;
  mpfr_clears(t->D, t->mu, t->x, t->shift, t->last, t->t[0], t->t[1], t->t[2],
              t->t[3], (mpfr_ptr)NULL);
  ufm__mp_free(t->p, t->model->J * t->model->K);
  ufm__mp_free(t->e, t->model->J);
  *t = (ufm__tangent){0};
}

/* D -= weight sum_i p_i log p_i for column j */
static void add_entropy(ufm__tangent *t, size_t j, mpq_srcptr weight)
{
  size_t K = t->model->K;

  for (size_t i = 0; i < K; i++) {
    if (mpfr_zero_p(t->p[j * K + i]))
      continue;
    mpfr_log(t->t[0], t->p[j * K + i], MPFR_RNDN);
    mpfr_mul(t->t[0], t->t[0], t->p[j * K + i], MPFR_RNDN);
    mpfr_mul_q(t->t[0], t->t[0], weight, MPFR_RNDN);
    mpfr_sub(t->D, t->D, t->t[0], MPFR_RNDN);
  }
}

/* alpha: p = softmax of alpha e_j; E = (p_other - c) (K e_j - 1) with
   c = t_other, of norm mu = K (p_other - c) pi/sqrt(nu);
   x = (K-1) sqrt(nu) alpha. */
static void at_balanced(ufm__tangent *t, mpfr_srcptr alpha)
{
  const ufm__model *model = t->model;
  size_t K = model->K;
  mpq_t one;

  mpfr_neg(t->t[0], alpha, MPFR_RNDN);
  mpfr_exp(t->t[0], t->t[0], MPFR_RNDN);
  mpfr_mul_ui(t->t[1], t->t[0], K - 1, MPFR_RNDN);
  mpfr_add_ui(t->t[1], t->t[1], 1, MPFR_RNDN);
  mpfr_ui_div(t->t[1], 1, t->t[1], MPFR_RNDN);    /* own class */
  mpfr_mul(t->t[2], t->t[0], t->t[1], MPFR_RNDN); /* another */
  mpfr_sub_q(t->mu, t->t[2], model->target[1], MPFR_RNDN);
  if (mpfr_sgn(t->mu) < 0) {
    /* beyond the target nothing is gained: the tangent is flat */
    mpfr_set_zero(t->mu, 1);
    mpfr_set_q(t->t[1], model->target[0], MPFR_RNDN);
    mpfr_set_q(t->t[2], model->target[1], MPFR_RNDN);
  }
  for (size_t j = 0; j < K; j++)
    for (size_t i = 0; i < K; i++)
      mpfr_set(t->p[j * K + i], i == j ? t->t[1] : t->t[2], MPFR_RNDN);
  mpfr_set_q(t->t[3], model->nu[0], MPFR_RNDN);
  mpfr_sqrt(t->t[3], t->t[3], MPFR_RNDN);
  mpfr_mul_ui(t->x, t->t[3], K - 1, MPFR_RNDN);
  mpfr_mul(t->x, t->x, alpha, MPFR_RNDN);
  mpfr_mul_ui(t->mu, t->mu, K, MPFR_RNDN);
  mpfr_mul_q(t->mu, t->mu, model->pi[0], MPFR_RNDN);
  mpfr_div(t->mu, t->mu, t->t[3], MPFR_RNDN);
  mpfr_set_zero(t->D, 1);
  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  add_entropy(t, 0, one);
  mpq_clear(one);
}

/* e = t_1j - 1/(1 + exp(-(2 theta e + shift))): the right side decreases in e,
   so there is one root; Newton kept inside a shrinking bracket.  Leaves p_1 in
   t[0] and p_1 p_2 in t[1]. */
static void solve_column(ufm__tangent *t, size_t j, mpfr_srcptr theta)
{
  mpq_srcptr target = t->model->target[j * 2];
  mpq_srcptr other = t->model->target[j * 2 + 1];
  bool first = mpq_cmp(target, other) > 0, positive;
  mpfr_t lo, hi, g, e;

  mpfr_inits2(t->bits, lo, hi, g, e, (mpfr_ptr)NULL);
  mpfr_set_q(hi, target, MPFR_RNDU);
  mpfr_sub_ui(lo, hi, 1, MPFR_RNDD);
  mpfr_set(e, t->e[j], MPFR_RNDN);
  for (int k = 0; k < 4 * (int)t->bits; k++) {
    if (!(mpfr_greater_p(e, lo) && mpfr_less_p(e, hi))) {
      mpfr_add(e, lo, hi, MPFR_RNDN);
      mpfr_div_2ui(e, e, 1, MPFR_RNDN);
    }
    mpfr_mul(t->t[1], theta, e, MPFR_RNDN);
    mpfr_mul_2ui(t->t[1], t->t[1], 1, MPFR_RNDN);
    mpfr_add(t->t[1], t->t[1], t->shift, MPFR_RNDN);
    positive = mpfr_sgn(t->t[1]) > 0;
    mpfr_abs(t->t[1], t->t[1], MPFR_RNDN);
    mpfr_neg(t->t[1], t->t[1], MPFR_RNDN);
    mpfr_exp(t->t[1], t->t[1], MPFR_RNDN);
    mpfr_add_ui(t->t[0], t->t[1], 1, MPFR_RNDN);
    mpfr_ui_div(t->t[0], 1, t->t[0], MPFR_RNDN);    /* the larger of p_1, p_2 */
    mpfr_mul(t->t[1], t->t[1], t->t[0], MPFR_RNDN); /* the smaller */
    if (!positive)
      mpfr_swap(t->t[0], t->t[1]);
    /* g = e - (t_1 - p_1) = e - (p_2 - t_2), increasing in e, by the form that
       does not cancel for a one-hot target */
    if (first) {
      mpfr_add_q(g, e, other, MPFR_RNDN);
      mpfr_sub(g, g, t->t[1], MPFR_RNDN);
    } else {
      mpfr_sub_q(g, e, target, MPFR_RNDN);
      mpfr_add(g, g, t->t[0], MPFR_RNDN);
    }
    mpfr_set(t->p[2 * j], t->t[0], MPFR_RNDN);
    mpfr_set(t->p[2 * j + 1], t->t[1], MPFR_RNDN);
    mpfr_mul(t->t[1], t->t[1], t->t[0], MPFR_RNDN);
    if (mpfr_zero_p(g))
      break;
    mpfr_set(mpfr_sgn(g) > 0 ? hi : lo, e, MPFR_RNDN);
    mpfr_mul(t->t[2], theta, t->t[1], MPFR_RNDN);
    mpfr_mul_2ui(t->t[2], t->t[2], 1, MPFR_RNDN);
    mpfr_add_ui(t->t[2], t->t[2], 1, MPFR_RNDN);
    mpfr_div(g, g, t->t[2], MPFR_RNDN);
    mpfr_sub(e, e, g, MPFR_RNDN);
    if (mpfr_get_exp(g) < -(mpfr_exp_t)t->bits + 6)
      break;
  }
  mpfr_set(t->e[j], e, MPFR_RNDN);
  mpfr_clears(lo, hi, g, e, (mpfr_ptr)NULL);
}

/* All columns for the bias difference t->shift; `sum` = sum_j pi_j e_j and
   `slope` its derivative in the shift, both negative multiples of it. */
static void solve_columns(ufm__tangent *t, mpfr_srcptr theta, mpfr_t sum,
                          mpfr_t slope)
{
  mpfr_set_zero(sum, 1);
  mpfr_set_zero(slope, 1);
  for (size_t j = 0; j < t->model->J; j++) {
    solve_column(t, j, theta);
    /* de/dshift = -p1 p2/(1 + 2 theta p1 p2) */
    mpfr_mul(t->t[2], theta, t->t[1], MPFR_RNDN);
    mpfr_mul_2ui(t->t[2], t->t[2], 1, MPFR_RNDN);
    mpfr_add_ui(t->t[2], t->t[2], 1, MPFR_RNDN);
    mpfr_div(t->t[2], t->t[1], t->t[2], MPFR_RNDN);
    mpfr_mul_q(t->t[2], t->t[2], t->model->pi[j], MPFR_RNDN);
    mpfr_sub(slope, slope, t->t[2], MPFR_RNDN);
    mpfr_mul_q(t->t[2], t->e[j], t->model->pi[j], MPFR_RNDN);
    mpfr_add(sum, sum, t->t[2], MPFR_RNDN);
  }
}

/* The shift with sum pi e = 0 (free) or shift = 2 sum pi e/lambda_b (ridge):
   both sides are monotone in it; damped Newton. */
static void solve_shift(ufm__tangent *t, mpfr_srcptr theta)
{
  bool ridge = t->model->bias == UFM_BIAS_RIDGE;
  mpfr_t sum, slope, half;

  mpfr_inits2(t->bits, sum, slope, half, (mpfr_ptr)NULL);
  mpfr_set_zero(half, 1);
  if (ridge)
    mpfr_set_q(half, t->model->lambda_b, MPFR_RNDN);
  mpfr_div_2ui(half, half, 1, MPFR_RNDN);
  for (int k = 0; k < 200; k++) {
    solve_columns(t, theta, sum, slope);
    /* g = (lambda_b/2) shift - sum, increasing */
    mpfr_neg(sum, sum, MPFR_RNDN);
    mpfr_fma(sum, half, t->shift, sum, MPFR_RNDN);
    mpfr_sub(slope, half, slope, MPFR_RNDN);
    mpfr_div(sum, sum, slope, MPFR_RNDN);
    if (!mpfr_number_p(sum) || mpfr_zero_p(sum))
      break;
    if (mpfr_cmp_ui(sum, 1) > 0)
      mpfr_set_ui(sum, 1, MPFR_RNDN);
    if (mpfr_cmp_si(sum, -1) < 0)
      mpfr_set_si(sum, -1, MPFR_RNDN);
    mpfr_sub(t->shift, t->shift, sum, MPFR_RNDN);
    if (mpfr_get_exp(sum) < -(mpfr_exp_t)t->bits + 12)
      break;
  }
  mpfr_clears(sum, slope, half, (mpfr_ptr)NULL);
}

static void at_binary(ufm__tangent *t, mpfr_srcptr theta)
{
  const ufm__model *model = t->model;
  mpfr_t sum, slope;

  mpfr_inits2(t->bits, sum, slope, (mpfr_ptr)NULL);
  /* theta e, the logit, changes slowly: start from its last value */
  if (mpfr_greater_p(theta, t->last)) {
    mpfr_div(sum, t->last, theta, MPFR_RNDN);
    for (size_t j = 0; j < model->J; j++)
      mpfr_mul(t->e[j], t->e[j], sum, MPFR_RNDN);
  }
  mpfr_set(t->last, theta, MPFR_RNDN);
  if (model->bias != UFM_BIAS_NONE)
    solve_shift(t, theta);
  solve_columns(t, theta, sum, slope);
  mpfr_set_zero(t->D, 1);
  mpfr_set_zero(t->mu, 1);
  for (size_t j = 0; j < model->J; j++) {
    add_entropy(t, j, model->pi[j]);
    /* mu^2 = sum 2 pi_j^2 e_j^2/nu_j = (2/ratio) sum pi_j e_j^2 */
    mpfr_sqr(t->t[0], t->e[j], MPFR_RNDN);
    mpfr_mul_q(t->t[0], t->t[0], model->pi[j], MPFR_RNDN);
    mpfr_add(t->mu, t->mu, t->t[0], MPFR_RNDN);
  }
  mpfr_mul_2ui(t->mu, t->mu, 1, MPFR_RNDN);
  mpfr_div_q(t->mu, t->mu, model->ratio, MPFR_RNDN);
  mpfr_sqrt(t->mu, t->mu, MPFR_RNDN);
  /* x = theta ratio mu */
  mpfr_mul(t->x, theta, t->mu, MPFR_RNDN);
  mpfr_mul_q(t->x, t->x, model->ratio, MPFR_RNDN);
  if (model->bias == UFM_BIAS_RIDGE) {
    /* |sum pi E|^2/(2 lambda_b) = (sum pi e)^2/lambda_b */
    mpfr_sqr(sum, sum, MPFR_RNDN);
    mpfr_div_q(sum, sum, model->lambda_b, MPFR_RNDN);
    mpfr_sub(t->D, t->D, sum, MPFR_RNDN);
  }
  mpfr_clears(sum, slope, (mpfr_ptr)NULL);
}

void ufm__tangent_at(ufm__tangent *t, mpfr_srcptr r)
{
  if (t->balanced)
    at_balanced(t, r);
  else
    at_binary(t, r);
}
