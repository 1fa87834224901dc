/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best classifier for an exchangeable law, in multiprecision: the root
   kappa of f = log(E|t - p|^2/((K - 1) lambda_W lambda_H)), as in soft_joint.c
   (doc/soft-targets.md, section 6). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "theory/ce_root.h"
#include "theory/prediction.h"
#include "theory/soft.h"
#include "theory/soft_mp.h"

enum { GUARD_BITS = 40, COARSE_STEPS = 200 };

typedef struct equation {
  const ufm_soft_law *law;
  mpq_t total, target;  /* of the weights; (K - 1) lambda_W lambda_H total */
  mpfr_prec_t flatness; /* -log2(1 - lambda_W lambda_H/Phi_inf) */
  ufm_error *error;
  ufm_status *status; /* of the first evaluation that failed */
} equation;

void ufm_soft_joint_mp_free(ufm_soft_joint_mp *joint)
{
  if (joint == NULL)
    return;
  mpfr_clears(joint->threshold, joint->kappa, joint->g, joint->norm_w_sq,
              joint->mean_h_sq, joint->residual, joint->value,
              joint->value_primal, (mpfr_ptr)NULL);
  for (size_t i = 0; joint->at != NULL && i < joint->types; i++)
    ufm_soft_point_mp_free(joint->at[i]);
  free(joint->at);
  free(joint);
}

static ufm_status joint_new(ufm_soft_joint_mp **out, const ufm_soft_law *law,
                            mpfr_prec_t bits, ufm_error *error)
{
  ufm_soft_joint_mp *joint = calloc(1, sizeof *joint);

  *out = joint;
  if (joint == NULL)
    return ufm__no_memory(error, "soft targets");
  joint->K = law->K;
  joint->types = law->types;
  joint->bits = bits;
  mpfr_inits2(bits, joint->threshold, joint->kappa, joint->g, joint->norm_w_sq,
              joint->mean_h_sq, joint->residual, joint->value,
              joint->value_primal, (mpfr_ptr)NULL);
  joint->at = calloc(law->types, sizeof *joint->at);
  return joint->at != NULL ? UFM_OK : ufm__no_memory(error, "soft targets");
}

/* E|z|^2 and E spread, times the total weight. */
static ufm_status squares(const equation *e, mpfr_srcptr kappa,
                          mpfr_prec_t bits, mpfr_ptr logit_sq, mpfr_ptr spread)
{
  const ufm_soft_law *law = e->law;
  mpfr_prec_t working = bits + 2 * ufm__soft_loss(law->K, kappa);
  ufm_status status = UFM_OK;
  mpfr_t sigma, x, y;

  mpfr_inits2(working, sigma, x, y, (mpfr_ptr)NULL);
  mpfr_set_zero(logit_sq, 1);
  mpfr_set_zero(spread, 1);
  for (size_t i = 0; i < law->types && status == UFM_OK; i++) {
    const ufm_soft_type *type = &law->type[i];
    mpfr_t *z = ufm__mpfr_array_new(type->n, working);

    if (z == NULL)
      status = ufm__no_memory(e->error, "soft targets");
    else
      status = ufm__soft_roots(type, law->K, kappa, sigma, z, bits, e->error);
    if (status == UFM_OK) {
      ufm__soft_squares(type, kappa, sigma, z, x, y);
      mpfr_mul_q(x, x, type->weight, MPFR_RNDN);
      mpfr_mul_q(y, y, type->weight, MPFR_RNDN);
      mpfr_add(logit_sq, logit_sq, x, MPFR_RNDN);
      mpfr_add(spread, spread, y, MPFR_RNDN);
    }
    ufm__mpfr_array_free(z, type->n);
  }
  mpfr_clears(sigma, x, y, (mpfr_ptr)NULL);
  return status;
}

/* f at kappa, and its derivative by kappa.  f is a difference of logarithms
   whose slope is of the order of 1 - lambda_W lambda_H/Phi_inf. */
static void evaluate(const void *context, mpfr_srcptr kappa, mpfr_ptr value,
                     mpfr_ptr slope)
{
  const equation *e = context;
  mpfr_prec_t bits = mpfr_get_prec(value) + e->flatness + GUARD_BITS / 2;
  mpfr_t f, d;

  mpfr_init2(f, bits + 2 * ufm__soft_loss(e->law->K, kappa));
  mpfr_init2(d, bits);
  if (*e->status == UFM_OK)
    *e->status = squares(e, kappa, bits, f, d);
  mpfr_div(d, d, f, MPFR_RNDN);
  mpfr_mul_2ui(d, d, 1, MPFR_RNDN);
  mpfr_div(slope, d, kappa, MPFR_RNDN);
  mpfr_mul(f, f, kappa, MPFR_RNDN);
  mpfr_mul(f, f, kappa, MPFR_RNDN);
  mpfr_div_q(f, f, e->target, MPFR_RNDN);
  mpfr_log(value, f, MPFR_RNDN);
  mpfr_clears(f, d, (mpfr_ptr)NULL);
}

/* Newton in log kappa from the upper end of the bracket of doc/soft-targets.md,
   section 6, halving it in logarithms where a step leaves it: for kappa out of
   the range of double precision. */
static void coarse_kappa(const equation *e, mpq_srcptr mu_sq, mpq_srcptr margin,
                         mpfr_ptr kappa)
{
  mpfr_t lo, hi, x, f, slope;

  mpfr_inits2(UFM__CE_COARSE_BITS, lo, hi, x, f, slope, (mpfr_ptr)NULL);
  mpfr_set_q(lo, mu_sq, MPFR_RNDD);
  mpfr_mul_ui(lo, lo, e->law->K - 1, MPFR_RNDD);
  mpfr_log_ui(x, e->law->K, MPFR_RNDU);
  mpfr_mul_2ui(x, x, 1, MPFR_RNDU);
  mpfr_div(lo, lo, x, MPFR_RNDD);
  mpfr_set_ui(hi, 2, MPFR_RNDU); /* tau (1 + tau)/(1 - tau^2), tau < 1 */
  mpfr_div_q(hi, hi, margin, MPFR_RNDU);
  mpfr_set(x, hi, MPFR_RNDN);
  for (int i = 0; i < COARSE_STEPS; i++) {
    bool last;

    evaluate(e, x, f, slope);
    mpfr_set(mpfr_sgn(f) > 0 ? hi : lo, x, MPFR_RNDN);
    mpfr_mul(slope, slope, x, MPFR_RNDN);
    mpfr_div(f, f, slope, MPFR_RNDN);
    last = !mpfr_number_p(f) || mpfr_zero_p(f) ||
           mpfr_get_exp(f) < -UFM__CE_COARSE_BITS / 2;
    mpfr_neg(f, f, MPFR_RNDN);
    mpfr_exp(f, f, MPFR_RNDN);
    mpfr_mul(x, x, f, MPFR_RNDN);
    if (last)
      break;
    if (!(mpfr_greater_p(x, lo) && mpfr_less_p(x, hi))) {
      mpfr_mul(x, lo, hi, MPFR_RNDN);
      mpfr_sqrt(x, x, MPFR_RNDN);
    }
  }
  mpfr_set(kappa, x, MPFR_RNDN);
  mpfr_clears(lo, hi, x, f, slope, (mpfr_ptr)NULL);
}

static ufm_status find_kappa(const equation *e, mpq_srcptr lambda_w,
                             mpq_srcptr lambda_h, mpq_srcptr mu_sq,
                             mpq_srcptr margin, mpfr_ptr kappa)
{
  ufm__ce_function f = {evaluate, e};
  ufm_soft_joint *start = NULL;
  ufm_error ignored = {{0}};
  mpfr_t reach;

  if (ufm_soft_joint_solve(&start, e->law, lambda_w, lambda_h, &ignored) ==
      UFM_OK)
    mpfr_set_d(kappa, start->kappa, MPFR_RNDN);
  else
    coarse_kappa(e, mu_sq, margin, kappa);
  ufm_soft_joint_free(start);
  mpfr_init2(reach, UFM__CE_COARSE_BITS);
  mpfr_div_2ui(reach, kappa, 20, MPFR_RNDN);
  if (!ufm__ce_newton(&f, kappa, reach) && *e->status == UFM_OK)
    *e->status = ufm__fail(e->error, UFM_EINTERNAL,
                           "soft targets: kappa near %.17g does not converge",
                           mpfr_get_d(kappa, MPFR_RNDN));
  mpfr_clear(reach);
  return *e->status;
}

/* Sums over the types once kappa is known. */
static ufm_status summarise(ufm_soft_joint_mp *joint, const equation *e,
                            mpq_srcptr lambda_w, mpq_srcptr lambda_h,
                            mpfr_prec_t bits)
{
  const ufm_soft_law *law = e->law;
  ufm_status status = UFM_OK;
  mpfr_t x;

  mpfr_init2(x, joint->bits);
  mpfr_set_q(joint->g, lambda_h, MPFR_RNDN);
  mpfr_div(joint->g, joint->g, joint->kappa, MPFR_RNDN);
  mpfr_mul_ui(joint->norm_w_sq, joint->g, joint->K - 1, MPFR_RNDN);
  mpfr_set_q(x, lambda_w, MPFR_RNDN);
  mpfr_mul_ui(x, x, joint->K - 1, MPFR_RNDN);
  mpfr_div(joint->mean_h_sq, x, joint->kappa, MPFR_RNDN);
  mpfr_set_zero(joint->residual, 1);
  mpfr_set_zero(joint->value, 1);
  mpfr_mul(joint->value_primal, joint->g, x, MPFR_RNDN);
  mpfr_div_2ui(joint->value_primal, joint->value_primal, 1, MPFR_RNDN);
  mpfr_mul_q(joint->value_primal, joint->value_primal, e->total, MPFR_RNDN);
  for (size_t i = 0; i < law->types && status == UFM_OK; i++) {
    status = ufm__soft_point_solve(&joint->at[i], &law->type[i], law->K, false,
                                   joint->kappa, joint->g, bits, e->error);
    if (status != UFM_OK)
      break;
    mpfr_mul_q(x, joint->at[i]->residual, law->type[i].weight, MPFR_RNDN);
    mpfr_add(joint->residual, joint->residual, x, MPFR_RNDN);
    mpfr_mul_q(x, joint->at[i]->entropy, law->type[i].weight, MPFR_RNDN);
    mpfr_add(joint->value, joint->value, x, MPFR_RNDN);
    mpfr_mul_q(x, joint->at[i]->value, law->type[i].weight, MPFR_RNDN);
    mpfr_add(joint->value_primal, joint->value_primal, x, MPFR_RNDN);
  }
  mpfr_div_q(joint->residual, joint->residual, e->total, MPFR_RNDN);
  mpfr_div_q(joint->value, joint->value, e->total, MPFR_RNDN);
  mpfr_div_q(joint->value_primal, joint->value_primal, e->total, MPFR_RNDN);
  mpfr_clear(x);
  return status;
}

/* The zero point. */
static ufm_status collapse(ufm_soft_joint_mp *joint, const equation *e)
{
  const ufm_soft_law *law = e->law;
  ufm_status status = UFM_OK;
  mpq_t d, square;

  joint->collapsed = true;
  mpfr_set_inf(joint->kappa, 1);
  mpfr_set_zero(joint->g, 1);
  mpfr_set_zero(joint->norm_w_sq, 1);
  mpfr_set_zero(joint->mean_h_sq, 1);
  mpfr_log_ui(joint->value, law->K, MPFR_RNDN);
  mpfr_set(joint->value_primal, joint->value, MPFR_RNDN);
  mpfr_mul_ui(joint->residual, joint->threshold, law->K - 1, MPFR_RNDN);
  mpq_inits(d, square, (mpq_ptr)NULL);
  for (size_t i = 0; i < law->types && status == UFM_OK; i++) {
    const ufm_soft_type *type = &law->type[i];
    ufm_soft_point_mp *at;

    status = ufm__soft_point_new(&joint->at[i], type->n, false, joint->bits,
                                 e->error);
    if (status != UFM_OK)
      break;
    at = joint->at[i];
    mpfr_set(at->sigma, joint->value, MPFR_RNDN);
    mpfr_set(at->ce, joint->value, MPFR_RNDN);
    mpfr_set(at->entropy, joint->value, MPFR_RNDN);
    mpfr_set(at->value, joint->value, MPFR_RNDN);
    for (size_t a = 0; a < type->n; a++) {
      mpfr_set_ui(at->p[a], 1, MPFR_RNDN);
      mpfr_div_ui(at->p[a], at->p[a], law->K, MPFR_RNDN);
      mpq_set_ui(d, 1, law->K);
      mpq_sub(d, type->t[a], d);
      mpq_mul(square, d, d);
      mpq_set_ui(d, type->multiplicity[a], 1);
      mpq_mul(square, square, d);
      mpfr_add_q(at->residual, at->residual, square, MPFR_RNDN);
    }
  }
  mpq_clears(d, square, (mpq_ptr)NULL);
  return status;
}

/* log2 of a bound of |log2 kappa| and of the flatness of f, from the bracket.
 */
static mpfr_prec_t binary_size(mpq_srcptr x)
{
  long num = (long)mpz_sizeinbase(mpq_numref(x), 2);
  long den = (long)mpz_sizeinbase(mpq_denref(x), 2);

  return (mpfr_prec_t)labs(num - den) + 1;
}

static ufm_status solve(ufm_soft_joint_mp **out, equation *e,
                        mpq_srcptr lambda_w, mpq_srcptr lambda_h,
                        mpq_srcptr mu_sq, mpq_srcptr threshold, size_t digits)
{
  mpfr_prec_t bits = ufm__bits_for_digits(digits, GUARD_BITS), loss;
  ufm_soft_joint_mp *joint = NULL;
  ufm_status status = UFM_OK;
  mpq_t margin;

  mpq_init(margin);
  if (mpq_cmp(mu_sq, threshold) < 0) {
    mpq_sub(margin, threshold, mu_sq);
    mpq_div(margin, margin, threshold);
    e->flatness = binary_size(margin);
  }
  loss = binary_size(mu_sq) + e->flatness + GUARD_BITS;
  if (loss > UFM__SOFT_MOST_LOG2_KAPPA)
    status = ufm__fail(e->error, UFM_ERANGE,
                       "soft targets: log2 kappa may reach %ld, want at most "
                       "%d",
                       (long)loss, UFM__SOFT_MOST_LOG2_KAPPA);
  for (size_t i = e->law->types; i > 0; i /= 2)
    bits++;
  if (status == UFM_OK)
    status = joint_new(&joint, e->law, bits + 2 * loss, e->error);
  if (status == UFM_OK) {
    mpfr_set_q(joint->threshold, threshold, MPFR_RNDN);
    if (mpq_sgn(margin) == 0)
      status = collapse(joint, e);
    else
      status = find_kappa(e, lambda_w, lambda_h, mu_sq, margin, joint->kappa);
  }
  if (status == UFM_OK && !joint->collapsed)
    status = summarise(joint, e, lambda_w, lambda_h, bits);
  mpq_clear(margin);
  if (status == UFM_OK)
    *out = joint;
  else
    ufm_soft_joint_mp_free(joint);
  return status;
}

ufm_status ufm_soft_joint_solve_mp(ufm_soft_joint_mp **out,
                                   const ufm_soft_law *law, mpq_srcptr lambda_w,
                                   mpq_srcptr lambda_h, size_t digits,
                                   ufm_error *error)
{
  ufm_status status = ufm__soft_check_digits(digits, error), inner = UFM_OK;
  equation e = {.law = law, .error = error, .status = &inner};
  mpq_t mu_sq, threshold;

  *out = NULL;
  if (status != UFM_OK)
    return status;
  mpq_inits(mu_sq, threshold, e.total, e.target, (mpq_ptr)NULL);
  status = ufm__soft_collapse(law, lambda_w, lambda_h, mu_sq, threshold, error);
  if (status == UFM_OK) {
    ufm__soft_law_total(law, e.total);
    mpq_set_ui(e.target, law->K - 1, 1);
    mpq_mul(e.target, e.target, mu_sq);
    mpq_mul(e.target, e.target, e.total);
    status = solve(out, &e, lambda_w, lambda_h, mu_sq, threshold, digits);
  }
  mpq_clears(mu_sq, threshold, e.total, e.target, (mpq_ptr)NULL);
  return status;
}
