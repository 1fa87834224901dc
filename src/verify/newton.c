/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cblas.h>

#include "core/error.h"
#include "verify/interval.h"
#include "verify/newton.h"

enum { HALVINGS = 8, STALLED_STEPS = 3 };
static const double bits_per_digit = 3.3219280948873626;

/* Everything one refinement holds. */
typedef struct newton {
  const ufm__newton_system *system;
  mpfr_prec_t most_bits; /* of the result */
  double guard_bits;     /* on top of the digits of the residual */
  mpfr_t *x;             /* current point, of precision x_bits */
  mpfr_prec_t x_bits;
  mpfr_t *r;     /* its gradient */
  double *right; /* minus the gradient, balanced, times 2^-exponent */
  long exponent;
  double digits; /* -log10(|balanced gradient|/kappa) */
  double *step, *work;
} newton;

/* Working precision that still resolves a residual of 10^-digits. */
static mpfr_prec_t bits_for(const newton *s, double digits)
{
  double bits = digits * bits_per_digit + s->guard_bits;

  if (!(bits > 128.0))
    return s->most_bits < 128 ? s->most_bits : 128;
  return bits > (double)s->most_bits ? s->most_bits : (mpfr_prec_t)bits;
}

/* Gradient at s->x with `bits`, its size, and the Hessian at that point. */
static ufm_status measure(newton *s, mpfr_prec_t bits, ufm_error *error)
{
  size_t n = s->system->size;
  mpfr_exp_t largest = mpfr_get_emin();
  ufm_status status;
  double norm;

  for (size_t i = 0; i < n; i++)
    mpfr_set_prec(s->r[i], bits);
  status = s->system->gradient(s->system->context, s->x, bits, s->r, error);
  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < n; i++)
    if (mpfr_regular_p(s->r[i]) && mpfr_get_exp(s->r[i]) > largest)
      largest = mpfr_get_exp(s->r[i]);
  s->exponent = largest == mpfr_get_emin() ? 0 : (long)largest;
  for (size_t i = 0; i < n; i++) {
    mpfr_mul_2si(s->r[i], s->r[i], -s->exponent, MPFR_RNDN);
    s->right[i] = -mpfr_get_d(s->r[i], MPFR_RNDN);
  }
  s->system->scale(s->system->context, s->right);
  norm = cblas_dnrm2((int)n, s->right, 1);
  s->digits =
      -log10(norm / s->system->kappa) - (double)s->exponent / bits_per_digit;
  return UFM_OK;
}

/* To the new precision of x. */
static void settle(newton *s)
{
  if (s->system->settle != NULL)
    s->system->settle(s->system->context, s->x);
}

/* x += 2^exponent factor step, at the precision `bits` or better. */
static void move(newton *s, double factor, long exponent, mpfr_prec_t bits)
{
  mpfr_t dx;

  if (bits > s->x_bits)
    s->x_bits = bits;
  mpfr_init2(dx, 64);
  for (size_t i = 0; i < s->system->size; i++) {
    mpfr_set_d(dx, factor * s->step[i], MPFR_RNDN);
    mpfr_mul_2si(dx, dx, exponent, MPFR_RNDN);
    mpfr_prec_round(s->x[i], s->x_bits, MPFR_RNDN);
    mpfr_add(s->x[i], s->x[i], dx, MPFR_RNDN);
  }
  settle(s);
  mpfr_clear(dx);
}

/* One Newton step; when it raises the gradient, it is halved until it does
   not.  *advanced tells whether the gradient went down. */
static ufm_status newton_step(newton *s, bool *advanced, bool *convex,
                              ufm_error *error)
{
  double before = s->digits, factor = 1.0;
  /* Away from a stationary point the Hessian has curvature of the size of the
     gradient, of either sign, along rotations, where steps are useless.  A
     shift of that size keeps them short and the convergence quadratic. */
  double shift = before > 0.0 ? s->system->kappa * pow(10.0, -before) : 0.0;
  long exponent = s->exponent;
  /* a regular step gains at most 16 digits */
  mpfr_prec_t bits = bits_for(s, before + 16.0);
  ufm_status status = UFM_OK;

  *convex = ufm__newton_cg(s->system, shift, s->right, s->step, s->work);
  s->system->scale(s->system->context, s->step);
  *advanced = false;
  for (size_t i = 0; i < s->system->size; i++)
    if (!isfinite(s->step[i]))
      return UFM_OK;
  for (int k = 0; k <= HALVINGS && !*advanced && status == UFM_OK; k++) {
    /* the first time a full step, then back by half of what was taken */
    move(s, k == 0 ? 1.0 : -factor, exponent, bits);
    status = measure(s, bits, error);
    *advanced = s->digits > before;
    if (k > 0)
      factor *= 0.5;
    else
      factor = 0.5;
  }
  if (!*advanced && status == UFM_OK) {
    move(s, -2.0 * factor, exponent, bits); /* back where it was */
    status = measure(s, bits, error);
  }
  return status;
}

static ufm_status iterate(newton *s, ufm_refinement *out, double digits,
                          size_t limit, ufm_error *error)
{
  int idle = 0;
  ufm_status status = measure(s, bits_for(s, 20.0), error);

  out->trace[0] = s->digits;
  out->end = UFM_REFINEMENT_STEPS;
  for (;;) {
    bool advanced, convex;
    double before = s->digits;

    if (status != UFM_OK)
      return status;
    if (s->digits >= digits) {
      out->end = UFM_REFINEMENT_REACHED;
      return UFM_OK;
    }
    if (out->steps == limit)
      return UFM_OK;
    status = newton_step(s, &advanced, &convex, error);
    if (status != UFM_OK)
      return status;
    out->trace[++out->steps] = s->digits;
    idle = s->digits - before < 0.1 ? idle + 1 : 0;
    if (!advanced || idle == STALLED_STEPS) {
      out->end = convex ? UFM_REFINEMENT_STALLED : UFM_REFINEMENT_INDEFINITE;
      return UFM_OK;
    }
  }
}

static ufm_status newton_init(newton *s, const ufm__newton_system *system,
                              double digits, ufm_error *error)
{
  size_t n = system->size;

  *s = (newton){.system = system};
  /* the residual is measured against kappa and sums of n terms */
  s->guard_bits = 48.0 + log2((double)n) + fabs(log2(s->system->kappa));
  s->most_bits = (mpfr_prec_t)(digits * bits_per_digit + s->guard_bits) + 1;
  s->x_bits = s->most_bits < 128 ? s->most_bits : 128;
  s->x = ufm__mp_new(n, s->x_bits);
  s->r = ufm__mp_new(n, 64);
  s->right = calloc(n, sizeof *s->right);
  s->step = calloc(n, sizeof *s->step);
  s->work = calloc(4 * n, sizeof *s->work);
  if (s->x == NULL || s->r == NULL || s->right == NULL || s->step == NULL ||
      s->work == NULL)
    return ufm__no_memory(error, "verify: refinement");
  return UFM_OK;
}

static void newton_clear(newton *s)
{
  size_t n = s->system->size;

  ufm__mp_free(s->x, n);
  ufm__mp_free(s->r, n);
  free(s->right);
  free(s->step);
  free(s->work);
}

ufm_status ufm__newton(ufm_refinement **out, const ufm__newton_system *system,
                       mpfr_t *start, double digits, ufm_error *error)
{
  size_t limit = (size_t)(digits / 6.0) + 40, n = system->size;
  ufm_refinement *result = calloc(1, sizeof *result);
  ufm_status status;
  newton s;

  *out = NULL;
  status = newton_init(&s, system, digits, error);
  if (result != NULL)
    result->trace = calloc(limit + 1, sizeof *result->trace);
  if (status == UFM_OK && (result == NULL || result->trace == NULL))
    status = ufm__no_memory(error, "verify: refinement");
  if (status == UFM_OK) {
    for (size_t i = 0; i < n; i++)
      mpfr_set(s.x[i], start[i], MPFR_RNDN);
    status = iterate(&s, result, digits, limit, error);
  }
  if (status == UFM_OK) {
    result->digits = s.digits;
    result->bits = s.most_bits;
    result->size = n;
    for (size_t i = 0; i < n; i++)
      mpfr_prec_round(s.x[i], s.most_bits, MPFR_RNDN);
    settle(&s);
    result->theta = s.x;
    s.x = NULL;
    *out = result;
    result = NULL;
  }
  newton_clear(&s);
  ufm_refinement_free(result);
  return status;
}

void ufm_refinement_free(ufm_refinement *refinement)
{
  if (refinement == NULL)
    return;
  ufm__mp_free(refinement->theta, refinement->size);
  free(refinement->trace);
  free(refinement);
}
