/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadrature for Beta(alpha, alpha) (doc/soft-targets.md, section 2). */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_integration.h>
#include <mpfr.h>

#include "core/error.h"
#include "core/number.h"
#include "problem/mixing.h"

enum { NODE_BITS = 160, WORK_BITS = 256, NEWTON_STEPS = 12 };

/* The monic orthogonal polynomials of (1 - x^2)^a, a = alpha - 1:
   p_{k+1} = x p_k - beta_k p_{k-1}, with
   beta_k = k (k + 2a)/((2k + 2a + 1)(2k + 2a - 1)), beta_1 = 1/(2a + 3). */
typedef struct recurrence {
  size_t n;
  mpfr_t *beta; /* n: beta_1..beta_n at [0..n-1] */
  mpfr_t x, p, q, dp, dq, t;
} recurrence;

static ufm_status recurrence_init(recurrence *r, size_t n, mpq_srcptr alpha,
                                  ufm_error *error)
{
  mpq_t a2, value, factor;

  r->n = n;
  r->beta = calloc(n, sizeof *r->beta);
  if (r->beta == NULL)
    return ufm__no_memory(error, "quadrature");
  mpfr_inits2(WORK_BITS, r->x, r->p, r->q, r->dp, r->dq, r->t, (mpfr_ptr)NULL);
  mpq_inits(a2, value, factor, (mpq_ptr)NULL);
  mpq_set_si(a2, -1, 1);
  mpq_add(a2, a2, alpha);
  mpq_mul_2exp(a2, a2, 1);
  for (size_t k = 1; k <= n; k++) {
    mpfr_init2(r->beta[k - 1], WORK_BITS);
    mpq_set_ui(factor, 2 * k + 1, 1);
    mpq_add(value, a2, factor);
    mpq_inv(value, value);
    if (k > 1) {
      mpq_set_ui(factor, k, 1);
      mpq_mul(value, value, factor);
      mpq_add(factor, a2, factor);
      mpq_mul(value, value, factor);
      mpq_set_ui(factor, 2 * k - 1, 1);
      mpq_add(factor, a2, factor);
      mpq_div(value, value, factor);
    }
    mpfr_set_q(r->beta[k - 1], value, MPFR_RNDN);
  }
  mpq_clears(a2, value, factor, (mpq_ptr)NULL);
  return UFM_OK;
}

static void recurrence_clear(recurrence *r)
{
  for (size_t k = 0; k < r->n; k++)
    mpfr_clear(r->beta[k]);
  mpfr_clears(r->x, r->p, r->q, r->dp, r->dq, r->t, (mpfr_ptr)NULL);
  free(r->beta);
}

/* p = p_n(x), dp = p_n'(x); weight = 1/sum_{k<n} p_k^2/(beta_1..beta_k), the
   Christoffel number for a measure of mass 1. */
static void recur(recurrence *r, mpfr_ptr weight)
{
  mpfr_t norm;

  mpfr_init2(norm, WORK_BITS);
  mpfr_set_ui(norm, 1, MPFR_RNDN);
  mpfr_set_zero(r->q, 1);
  mpfr_set_zero(r->dq, 1);
  mpfr_set_ui(r->p, 1, MPFR_RNDN);
  mpfr_set_zero(r->dp, 1);
  mpfr_set_zero(weight, 1);
  for (size_t k = 0; k < r->n; k++) {
    mpfr_sqr(r->t, r->p, MPFR_RNDN);
    mpfr_div(r->t, r->t, norm, MPFR_RNDN);
    mpfr_add(weight, weight, r->t, MPFR_RNDN);
    mpfr_mul(norm, norm, r->beta[k], MPFR_RNDN);
    /* dq, dp <- dp, p + x dp - beta_k dq, and the same for q, p */
    if (k > 0) {
      mpfr_mul(r->dq, r->dq, r->beta[k - 1], MPFR_RNDN);
      mpfr_mul(r->q, r->q, r->beta[k - 1], MPFR_RNDN);
    }
    mpfr_fms(r->dq, r->x, r->dp, r->dq, MPFR_RNDN);
    mpfr_add(r->dq, r->dq, r->p, MPFR_RNDN);
    mpfr_fms(r->q, r->x, r->p, r->q, MPFR_RNDN);
    mpfr_swap(r->dq, r->dp);
    mpfr_swap(r->q, r->p);
  }
  mpfr_ui_div(weight, 1, weight, MPFR_RNDN);
  mpfr_clear(norm);
}

/* A dyadic number of NODE_BITS bits. */
static void set_dyadic(mpq_t out, mpfr_srcptr x)
{
  mpfr_t y;

  mpfr_init2(y, NODE_BITS);
  mpfr_set(y, x, MPFR_RNDN);
  mpfr_get_q(out, y);
  mpfr_clear(y);
}

/* Node l (from below) from a double in [0, 1]; its mirror image is exact. */
static void jacobi_node(ufm_mixing *m, recurrence *r, size_t l, double start)
{
  size_t mirror = m->nodes - 1 - l;
  mpfr_t weight;

  mpfr_init2(weight, WORK_BITS);
  if (l == mirror)
    mpfr_set_zero(r->x, 1);
  else
    mpfr_set_d(r->x, 2.0 * start - 1.0, MPFR_RNDN);
  for (int k = 0; k < NEWTON_STEPS; k++) {
    recur(r, weight);
    mpfr_div(r->t, r->p, r->dp, MPFR_RNDN);
    mpfr_sub(r->x, r->x, r->t, MPFR_RNDN);
    if (mpfr_zero_p(r->t) || mpfr_get_exp(r->t) < -NODE_BITS - 64)
      break;
  }
  recur(r, weight);
  mpfr_add_ui(r->t, r->x, 1, MPFR_RNDN);
  mpfr_div_2ui(r->t, r->t, 1, MPFR_RNDN);
  set_dyadic(m->lam[l], r->t);
  set_dyadic(m->weight[l], weight);
  if (l != mirror) {
    mpq_set_ui(m->lam[mirror], 1, 1);
    mpq_sub(m->lam[mirror], m->lam[mirror], m->lam[l]);
    mpq_set(m->weight[mirror], m->weight[l]);
  }
  mpfr_clear(weight);
}

static ufm_status jacobi(ufm_mixing *m, ufm_error *error)
{
  double a = ufm__rational_double(m->alpha) - 1.0;
  gsl_integration_fixed_workspace *start = gsl_integration_fixed_alloc(
      gsl_integration_fixed_jacobi, m->nodes, 0.0, 1.0, a, a);
  recurrence r;
  ufm_status status;

  if (start == NULL)
    return ufm__fail(error, UFM_ERANGE,
                     "targets: no Gauss-Jacobi rule with %zu nodes for alpha "
                     "%g",
                     m->nodes, a + 1.0);
  status = recurrence_init(&r, m->nodes, m->alpha, error);
  if (status == UFM_OK) {
    for (size_t l = 0; 2 * l < m->nodes; l++)
      jacobi_node(m, &r, l, gsl_integration_fixed_nodes(start)[l]);
    recurrence_clear(&r);
  }
  gsl_integration_fixed_free(start);
  return status;
}

/* lam = (1/2)/(1 + e), e = exp(-pi sinh u), and up to a constant factor the
   weight cosh(u) e/(1 + e)^2 (lam (1 - lam))^{alpha - 1}. */
static void tanh_sinh_node(ufm_mixing *m, size_t l, mpfr_srcptr u)
{
  mpfr_t e, s, lam, w, t;

  mpfr_inits2(WORK_BITS, e, s, lam, w, t, (mpfr_ptr)NULL);
  mpfr_sinh_cosh(e, w, u, MPFR_RNDN);
  mpfr_const_pi(t, MPFR_RNDN);
  mpfr_mul(e, e, t, MPFR_RNDN);
  mpfr_neg(e, e, MPFR_RNDN);
  mpfr_exp(e, e, MPFR_RNDN);
  mpfr_add_ui(s, e, 1, MPFR_RNDN);
  mpfr_ui_div(lam, 1, s, MPFR_RNDN);
  mpfr_div_2ui(lam, lam, 1, MPFR_RNDN);
  mpfr_mul(w, w, e, MPFR_RNDN);
  mpfr_sqr(s, s, MPFR_RNDN);
  mpfr_div(w, w, s, MPFR_RNDN);
  mpfr_ui_sub(s, 1, lam, MPFR_RNDN);
  mpfr_mul(s, s, lam, MPFR_RNDN);
  mpfr_set_q(t, m->alpha, MPFR_RNDN);
  mpfr_sub_ui(t, t, 1, MPFR_RNDN);
  mpfr_pow(s, s, t, MPFR_RNDN);
  mpfr_mul(w, w, s, MPFR_RNDN);
  set_dyadic(m->lam[l], lam);
  set_dyadic(m->weight[l], w);
  mpfr_clears(e, s, lam, w, t, (mpfr_ptr)NULL);
}

/* Equidistant u in [-U, U]; sinh U = 10 (n/65)^0.62 / min(alpha, 1) keeps the
   cut tails about as small as the error of the rule. */
static void tanh_sinh(ufm_mixing *m)
{
  double alpha = ufm__rational_double(m->alpha), n = (double)m->nodes;
  double U = asinh(10.0 * pow(n / 65.0, 0.62) / fmin(alpha, 1.0));
  mpfr_t u;

  mpfr_init2(u, WORK_BITS);
  for (size_t l = 0; l < m->nodes; l++) {
    mpfr_set_d(u, m->nodes > 1 ? U : 0.0, MPFR_RNDN);
    mpfr_mul_si(u, u, 2 * (long)l - (long)(m->nodes - 1), MPFR_RNDN);
    if (m->nodes > 1)
      mpfr_div_ui(u, u, m->nodes - 1, MPFR_RNDN);
    tanh_sinh_node(m, l, u);
  }
  mpfr_clear(u);
}

/* |A (2 alpha + 1)/(alpha + 1) - 1| */
static void set_moment_error(ufm_mixing *m)
{
  mpq_t x, one;

  mpq_inits(x, one, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  mpq_mul_2exp(x, m->alpha, 1);
  mpq_add(x, x, one);
  mpq_mul(x, x, m->moment);
  mpq_add(one, one, m->alpha);
  mpq_div(x, x, one);
  mpq_set_ui(one, 1, 1);
  mpq_sub(x, x, one);
  m->moment_error = fabs(mpq_get_d(x));
  mpq_clears(x, one, (mpq_ptr)NULL);
}

ufm_status ufm_mixing_beta(ufm_mixing **out, mpq_srcptr alpha, size_t nodes,
                           ufm_mixing_rule rule, ufm_error *error)
{
  ufm_status status;

  *out = NULL;
  if (mpq_sgn(alpha) <= 0 || mpq_cmp_ui(alpha, 10000, 1) > 0 ||
      mpq_get_d(alpha) < 1e-3) {
    char text[64];

    gmp_snprintf(text, sizeof text, "%Qd", alpha);
    return ufm__fail(error, UFM_EINVAL,
                     "targets: beta: got alpha %s, want 1/1000 to 10000", text);
  }
  if (nodes < 1 || nodes > UFM_MIXING_MOST)
    return ufm__fail(error, UFM_EINVAL, "targets: nodes: got %zu, want 1 to %d",
                     nodes, UFM_MIXING_MOST);
  if (rule == UFM_MIXING_GRID)
    return ufm__fail(error, UFM_EINVAL,
                     "targets: rule: got grid, want jacobi or tanh-sinh");
  status = ufm__mixing_new(out, rule, nodes, error);
  if (status != UFM_OK)
    return status;
  mpq_set((*out)->alpha, alpha);
  if (rule == UFM_MIXING_JACOBI)
    status = jacobi(*out, error);
  else
    tanh_sinh(*out);
  if (status != UFM_OK) {
    ufm_mixing_free(*out);
    *out = NULL;
    return status;
  }
  ufm__mixing_finish(*out);
  set_moment_error(*out);
  return UFM_OK;
}
