/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the logits of one column, in multiprecision: the formulas
   of soft_point.c and soft_pair.c, where the working precision pays for
   cancellation. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/prediction.h"
#include "theory/soft.h"
#include "theory/soft_mp.h"

void ufm_soft_point_mp_free(ufm_soft_point_mp *point)
{
  if (point == NULL)
    return;
  mpfr_clears(point->sigma, point->ce, point->entropy, point->logit_sq,
              point->residual, point->norm_h, point->value, point->gap,
              point->slope, (mpfr_ptr)NULL);
  ufm__mpfr_array_free(point->p, point->n);
  ufm__mpfr_array_free(point->z, point->n);
  ufm__mpfr_array_free(point->coef, point->n);
  ufm__mpfr_array_free(point->dp, point->n);
  ufm__mpfr_array_free(point->dz, point->n);
  free(point);
}

ufm_status ufm__soft_point_new(ufm_soft_point_mp **out, size_t n, bool pair,
                               mpfr_prec_t bits, ufm_error *error)
{
  ufm_soft_point_mp *point = calloc(1, sizeof *point);

  *out = point;
  if (point == NULL)
    return ufm__no_memory(error, "soft targets");
  point->n = n;
  point->bits = bits;
  mpfr_inits2(bits, point->sigma, point->ce, point->entropy, point->logit_sq,
              point->residual, point->norm_h, point->value, point->gap,
              point->slope, (mpfr_ptr)NULL);
  mpfr_set_zero(point->logit_sq, 1);
  mpfr_set_zero(point->residual, 1);
  mpfr_set_zero(point->norm_h, 1);
  mpfr_set_zero(point->gap, 1);
  mpfr_set_zero(point->slope, 1);
  point->p = ufm__mpfr_array_new(n, bits);
  point->z = ufm__mpfr_array_new(n, bits);
  point->coef = ufm__mpfr_array_new(n, bits);
  if (pair) {
    point->dp = ufm__mpfr_array_new(n, bits);
    point->dz = ufm__mpfr_array_new(n, bits);
  }
  if (point->p != NULL && point->z != NULL && point->coef != NULL &&
      (!pair || (point->dp != NULL && point->dz != NULL)))
    return UFM_OK;
  ufm_soft_point_mp_free(point);
  *out = NULL;
  return ufm__no_memory(error, "soft targets");
}

void ufm__soft_squares(const ufm_soft_type *type, mpfr_srcptr kappa,
                       mpfr_srcptr sigma, mpfr_t *z, mpfr_ptr logit_sq,
                       mpfr_ptr spread)
{
  mpfr_prec_t bits = mpfr_get_prec(logit_sq);
  mpfr_t p, x, total, mean;

  mpfr_inits2(bits, p, x, total, mean, (mpfr_ptr)NULL);
  mpfr_set_zero(logit_sq, 1);
  mpfr_set_zero(spread, 1);
  mpfr_set_zero(total, 1);
  mpfr_set_zero(mean, 1);
  for (int pass = 0; pass < 2; pass++) {
    for (size_t a = 0; a < type->n; a++) {
      mpfr_sub(p, z[a], sigma, MPFR_RNDN);
      mpfr_exp(p, p, MPFR_RNDN);
      mpfr_add(x, p, kappa, MPFR_RNDN);
      mpfr_div(p, p, x, MPFR_RNDN);
      mpfr_mul_ui(p, p, type->multiplicity[a], MPFR_RNDN);
      if (pass == 0) {
        mpfr_add(total, total, p, MPFR_RNDN);
        mpfr_fma(mean, p, z[a], mean, MPFR_RNDN);
        mpfr_sqr(x, z[a], MPFR_RNDN);
        mpfr_mul_ui(x, x, type->multiplicity[a], MPFR_RNDN);
        mpfr_add(logit_sq, logit_sq, x, MPFR_RNDN);
      } else {
        mpfr_sub(x, z[a], mean, MPFR_RNDN);
        mpfr_sqr(x, x, MPFR_RNDN);
        mpfr_fma(spread, p, x, spread, MPFR_RNDN);
      }
    }
    if (pass == 0)
      mpfr_div(mean, mean, total, MPFR_RNDN);
  }
  mpfr_clears(p, x, total, mean, (mpfr_ptr)NULL);
}

/* p, cross entropy and entropy. */
static void probabilities(ufm_soft_point_mp *at, const ufm_soft_type *type)
{
  mpfr_t log_p, x;

  mpfr_inits2(at->bits, log_p, x, (mpfr_ptr)NULL);
  mpfr_set_zero(at->ce, 1);
  mpfr_set_zero(at->entropy, 1);
  for (size_t a = 0; a < at->n; a++) {
    mpfr_sub(log_p, at->z[a], at->sigma, MPFR_RNDN);
    mpfr_exp(at->p[a], log_p, MPFR_RNDN);
    mpfr_mul_ui(log_p, log_p, type->multiplicity[a], MPFR_RNDN);
    mpfr_mul(x, log_p, at->p[a], MPFR_RNDN);
    mpfr_sub(at->entropy, at->entropy, x, MPFR_RNDN);
    mpfr_mul_q(x, log_p, type->t[a], MPFR_RNDN);
    mpfr_sub(at->ce, at->ce, x, MPFR_RNDN);
  }
  mpfr_clears(log_p, x, (mpfr_ptr)NULL);
}

/* |t - softmax(z) - kappa z|^2/(2 kappa), see duality_gap in soft_point.c. */
static void gap(ufm_soft_point_mp *at, const ufm_soft_type *type,
                mpfr_srcptr kappa)
{
  mpfr_t sum, x, r;

  mpfr_inits2(at->bits, sum, x, r, (mpfr_ptr)NULL);
  mpfr_set_zero(sum, 1);
  for (size_t a = 0; a < at->n; a++) {
    mpfr_mul_ui(x, at->p[a], type->multiplicity[a], MPFR_RNDN);
    mpfr_add(sum, sum, x, MPFR_RNDN);
  }
  mpfr_set_zero(at->gap, 1);
  for (size_t a = 0; a < at->n; a++) {
    mpfr_div(r, at->p[a], sum, MPFR_RNDN);
    mpfr_fma(r, kappa, at->z[a], r, MPFR_RNDN);
    mpfr_set_q(x, type->t[a], MPFR_RNDN);
    mpfr_sub(r, x, r, MPFR_RNDN);
    mpfr_sqr(r, r, MPFR_RNDN);
    mpfr_mul_ui(r, r, type->multiplicity[a], MPFR_RNDN);
    mpfr_add(at->gap, at->gap, r, MPFR_RNDN);
  }
  mpfr_div(at->gap, at->gap, kappa, MPFR_RNDN);
  mpfr_div_2ui(at->gap, at->gap, 1, MPFR_RNDN);
  mpfr_clears(sum, x, r, (mpfr_ptr)NULL);
}

/* coef = (z - z of the least target)/g, for K = 2 z/g. */
static void coefficients(ufm_soft_point_mp *at, const ufm_soft_type *type,
                         size_t K, mpfr_srcptr g)
{
  size_t least = 0;

  for (size_t a = 1; a < at->n; a++)
    if (mpq_cmp(type->t[a], type->t[least]) < 0)
      least = a;
  for (size_t a = 0; a < at->n; a++) {
    if (K == 2)
      mpfr_set(at->coef[a], at->z[a], MPFR_RNDN);
    else
      mpfr_sub(at->coef[a], at->z[a], at->z[least], MPFR_RNDN);
    mpfr_div(at->coef[a], at->coef[a], g, MPFR_RNDN);
  }
}

/* See `derivatives` in soft_pair.c: with w = p/(kappa + p),
     dsigma = (w_i/p_i) (w_j/p_j) (p_i - p_j)/sum m w,
     dz = (v + p dsigma)/(kappa + p),  dp = p (dz - dsigma). */
static void derivatives(ufm_soft_point_mp *at, const ufm_soft_type *type,
                        mpfr_srcptr kappa)
{
  mpfr_t sigma, x, sum;

  mpfr_inits2(at->bits, sigma, x, sum, (mpfr_ptr)NULL);
  mpfr_set_zero(sum, 1);
  for (size_t a = 0; a < at->n; a++) {
    mpfr_add(x, at->p[a], kappa, MPFR_RNDN);
    mpfr_div(x, at->p[a], x, MPFR_RNDN);
    mpfr_mul_ui(x, x, type->multiplicity[a], MPFR_RNDN);
    mpfr_add(sum, sum, x, MPFR_RNDN);
  }
  mpfr_sub(sigma, at->p[UFM_SOFT_I], at->p[UFM_SOFT_J], MPFR_RNDN);
  mpfr_div(sigma, sigma, sum, MPFR_RNDN);
  for (size_t a = 0; a < 2; a++) {
    mpfr_add(x, at->p[a], kappa, MPFR_RNDN);
    mpfr_div(sigma, sigma, x, MPFR_RNDN);
  }
  for (size_t a = 0; a < at->n; a++) {
    mpfr_mul(at->dz[a], at->p[a], sigma, MPFR_RNDN);
    mpfr_add_si(at->dz[a], at->dz[a],
                a == UFM_SOFT_I   ? 1
                : a == UFM_SOFT_J ? -1
                                  : 0,
                MPFR_RNDN);
    mpfr_add(x, at->p[a], kappa, MPFR_RNDN);
    mpfr_div(at->dz[a], at->dz[a], x, MPFR_RNDN);
    mpfr_sub(x, at->dz[a], sigma, MPFR_RNDN);
    mpfr_mul(at->dp[a], at->p[a], x, MPFR_RNDN);
  }
  mpfr_clears(sigma, x, sum, (mpfr_ptr)NULL);
}

ufm_status ufm__soft_point_solve(ufm_soft_point_mp **out,
                                 const ufm_soft_type *type, size_t K, bool pair,
                                 mpfr_srcptr kappa, mpfr_srcptr g,
                                 mpfr_prec_t bits, ufm_error *error)
{
  mpfr_prec_t working = bits + 2 * ufm__soft_loss(K, kappa);
  ufm_soft_point_mp *at;
  ufm_status status = ufm__soft_point_new(&at, type->n, pair, working, error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  status = ufm__soft_roots(type, K, kappa, at->sigma, at->z, bits, error);
  if (status != UFM_OK) {
    ufm_soft_point_mp_free(at);
    return status;
  }
  probabilities(at, type);
  gap(at, type, kappa);
  coefficients(at, type, K, g);
  if (pair)
    derivatives(at, type, kappa);
  ufm__soft_squares(type, kappa, at->sigma, at->z, at->logit_sq, at->slope);
  mpfr_mul(at->slope, at->slope, kappa, MPFR_RNDN);
  mpfr_mul_2ui(at->slope, at->slope, 1, MPFR_RNDN);
  mpfr_mul(at->value, kappa, at->logit_sq, MPFR_RNDN);
  mpfr_mul(at->residual, kappa, at->value, MPFR_RNDN);
  mpfr_div_2ui(at->value, at->value, 1, MPFR_RNDN);
  mpfr_add(at->value, at->value, at->ce, MPFR_RNDN);
  mpfr_div(at->norm_h, at->logit_sq, g, MPFR_RNDN);
  mpfr_sqrt(at->norm_h, at->norm_h, MPFR_RNDN);
  *out = at;
  return UFM_OK;
}
