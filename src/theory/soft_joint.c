/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best classifier for an exchangeable law, in double precision
   (doc/soft-targets.md, section 6): the root kappa of

     f = log(E|t - p|^2 / ((K - 1) lambda_W lambda_H)). */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "linalg/sums.h"
#include "theory/soft.h"

enum { MOST_STEPS = 100 };

/* Newton's error is about the square of a step. */
static const double last_step = 1e-8;

/* The equation, and the state of every type at the last kappa. */
typedef struct equation {
  size_t types;
  double K, target;  /* (K - 1) lambda_W lambda_H */
  double full;       /* (K - 1) Phi_inf */
  double margin;     /* 1 - lambda_W lambda_H/Phi_inf, from exact numbers */
  double *weight;    /* types, of sum 1 */
  double *sigma;     /* types; 0 before the first evaluation */
  double *a, *b;     /* types: terms of sums */
  double *t, *log_p; /* groups of all types */
  ufm__soft_target *of;
  ufm_soft_joint *joint; /* p, z and where each type starts */
} equation;

static void equation_clear(equation *e)
{
  free(e->weight);
  free(e->sigma);
  free(e->a);
  free(e->b);
  free(e->t);
  free(e->log_p);
  free(e->of);
}

void ufm_soft_joint_free(ufm_soft_joint *joint)
{
  if (joint == NULL)
    return;
  free(joint->at);
  free(joint->start);
  free(joint->p);
  free(joint->z);
  free(joint->coef);
  free(joint);
}

static ufm_soft_joint *joint_new(const ufm_soft_law *law)
{
  ufm_soft_joint *joint = calloc(1, sizeof *joint);
  size_t groups = 0;

  if (joint == NULL)
    return NULL;
  joint->K = law->K;
  joint->types = law->types;
  joint->at = calloc(law->types, sizeof *joint->at);
  joint->start = calloc(law->types + 1, sizeof *joint->start);
  if (joint->at == NULL || joint->start == NULL)
    goto fail;
  for (size_t i = 0; i < law->types; i++)
    joint->start[i + 1] = groups += law->type[i].n;
  joint->p = calloc(groups, sizeof *joint->p);
  joint->z = calloc(groups, sizeof *joint->z);
  joint->coef = calloc(groups, sizeof *joint->coef);
  if (joint->p != NULL && joint->z != NULL && joint->coef != NULL)
    return joint;
fail:
  ufm_soft_joint_free(joint);
  return NULL;
}

/* False when out of memory; equation_clear is due in any case. */
static bool equation_init(equation *e, const ufm_soft_law *law,
                          ufm_soft_joint *joint)
{
  size_t types = law->types, groups = joint->start[types];
  mpq_t total, x;

  *e = (equation){.types = types, .K = (double)law->K, .joint = joint};
  e->weight = calloc(types, sizeof *e->weight);
  e->sigma = calloc(types, sizeof *e->sigma);
  e->a = calloc(types, sizeof *e->a);
  e->b = calloc(types, sizeof *e->b);
  e->t = calloc(groups, sizeof *e->t);
  e->log_p = calloc(groups, sizeof *e->log_p);
  e->of = calloc(types, sizeof *e->of);
  if (e->weight == NULL || e->sigma == NULL || e->a == NULL || e->b == NULL ||
      e->t == NULL || e->log_p == NULL || e->of == NULL)
    return false;
  mpq_inits(total, x, (mpq_ptr)NULL);
  ufm__soft_law_total(law, total);
  for (size_t i = 0; i < types; i++) {
    const ufm_soft_type *type = &law->type[i];
    double *t = e->t + joint->start[i];

    mpq_div(x, type->weight, total);
    e->weight[i] = ufm__rational_double(x);
    for (size_t a = 0; a < type->n; a++)
      t[a] = ufm__rational_double(type->t[a]);
    e->of[i] =
        (ufm__soft_target){type->n, t, type->multiplicity, e->K, log(e->K)};
  }
  mpq_clears(total, x, (mpq_ptr)NULL);
  return true;
}

/* |y|^2 - |t - p|^2 = x.(2y - x) with x = p - 1/K and y = t - 1/K, where x
   comes from the logits, so that nothing cancels when they are small. */
static double explained(const ufm__soft_target *target, const double *z)
{
  double excess = 0.0, sum = 0.0;

  for (size_t a = 0; a < target->n; a++)
    excess += (double)target->multiplicity[a] * expm1(z[a]);
  excess = log1p(excess / target->K);
  for (size_t a = 0; a < target->n; a++) {
    double x = expm1(z[a] - excess) / target->K;
    double y = target->t[a] - 1.0 / target->K;

    sum += (double)target->multiplicity[a] * x * (2.0 * y - x);
  }
  return sum;
}

/* f, and its derivative by log kappa. */
static double evaluate(equation *e, double kappa, double *slope)
{
  double logit_sq, spread;

  for (size_t i = 0; i < e->types; i++) {
    size_t at = e->joint->start[i];
    double *p = e->joint->p + at, *z = e->joint->z + at;

    e->sigma[i] =
        ufm__soft_sigma(&e->of[i], kappa, e->sigma[i], e->log_p + at, p, z);
    ufm__soft_spread(&e->of[i], kappa, p, z, &logit_sq, &spread);
    e->a[i] = e->weight[i] * logit_sq;
    e->b[i] = e->weight[i] * spread;
  }
  logit_sq = ufm__sum(e->types, e->a);
  *slope = 2.0 * ufm__sum(e->types, e->b) / logit_sq;
  if (kappa <= 1.0)
    return log(kappa * kappa * logit_sq / e->target);
  for (size_t i = 0; i < e->types; i++)
    e->a[i] =
        e->weight[i] * explained(&e->of[i], e->joint->z + e->joint->start[i]);
  return log1p(-ufm__sum(e->types, e->a) / e->full) - log1p(-e->margin);
}

/* Newton in log kappa from the upper end of the bracket, which every step
   narrows; bisection when a step leaves it. */
static ufm_status find_kappa(equation *e, double *kappa, ufm_error *error)
{
  double tau = sqrt(1.0 - e->margin), step = HUGE_VAL;
  double lo = e->target / (2.0 * log(e->K));
  double hi = tau * (1.0 + tau) / e->margin;

  if (!(lo >= UFM__SOFT_KAPPA_MIN && hi <= UFM__SOFT_KAPPA_MAX))
    return ufm__fail(error, UFM_ERANGE,
                     "soft targets: kappa lies in [%g, %g], want %g to %g (or "
                     "the MPFR function)",
                     lo, hi, UFM__SOFT_KAPPA_MIN, UFM__SOFT_KAPPA_MAX);
  *kappa = hi;
  for (int i = 0; i < MOST_STEPS; i++) {
    double slope, f = evaluate(e, *kappa, &slope), next;

    if (fabs(step) <= last_step || f == 0.0)
      return UFM_OK;
    if (f > 0.0)
      hi = *kappa;
    else
      lo = *kappa;
    step = -f / slope;
    next = *kappa * exp(step);
    if (!(next >= lo && next <= hi)) {
      next = sqrt(lo) * sqrt(hi);
      step = log(next / *kappa);
    }
    *kappa = next;
  }
  return ufm__fail(error, UFM_EINTERNAL,
                   "soft targets: no kappa after %d steps", MOST_STEPS);
}

/* Sums over the types, weighted. */
static double mean(equation *e, size_t offset)
{
  for (size_t i = 0; i < e->types; i++)
    e->a[i] = e->weight[i] *
              *(const double *)((const char *)&e->joint->at[i] + offset);
  return ufm__sum(e->types, e->a);
}

static void summarise(equation *e, double lambda_w, double lambda_h)
{
  ufm_soft_joint *joint = e->joint;
  double rank = e->K - 1.0;

  joint->g = lambda_h / joint->kappa;
  for (size_t i = 0; i < e->types; i++) {
    size_t at = joint->start[i];
    double *p = joint->p + at, *z = joint->z + at;

    ufm__soft_point(&e->of[i], joint->kappa, e->sigma[i], e->log_p + at, p, z,
                    &joint->at[i]);
    joint->at[i].norm_h = sqrt(joint->at[i].logit_sq / joint->g);
    ufm__soft_coefficients(&e->of[i], joint->kappa, joint->g, p, z,
                           joint->coef + at);
  }
  joint->norm_w_sq = rank * joint->g;
  joint->mean_h_sq = rank * lambda_w / joint->kappa;
  joint->residual = mean(e, offsetof(ufm_soft_point, residual));
  joint->value = mean(e, offsetof(ufm_soft_point, entropy));
  joint->value_primal = mean(e, offsetof(ufm_soft_point, value)) +
                        lambda_w * joint->g * rank / 2.0;
}

/* The zero point: p = 1/K and |t - p|^2 does not depend on kappa = inf. */
static void collapse(equation *e)
{
  ufm_soft_joint *joint = e->joint;
  double log_K = log(e->K);

  joint->kappa = HUGE_VAL;
  joint->value = joint->value_primal = log_K;
  joint->residual = e->full;
  for (size_t i = 0; i < e->types; i++) {
    ufm_soft_point *at = &joint->at[i];

    at->sigma = at->ce = at->entropy = at->value = log_K;
    for (size_t a = 0; a < e->of[i].n; a++) {
      double y = e->of[i].t[a] - 1.0 / e->K;

      joint->p[joint->start[i] + a] = 1.0 / e->K;
      at->residual += (double)e->of[i].multiplicity[a] * y * y;
    }
  }
}

ufm_status ufm_soft_joint_solve(ufm_soft_joint **out, const ufm_soft_law *law,
                                mpq_srcptr lambda_w, mpq_srcptr lambda_h,
                                ufm_error *error)
{
  ufm_soft_joint *joint = NULL;
  equation e = {0};
  mpq_t mu_sq, threshold;
  ufm_status status;

  *out = NULL;
  mpq_inits(mu_sq, threshold, (mpq_ptr)NULL);
  status = ufm__soft_collapse(law, lambda_w, lambda_h, mu_sq, threshold, error);
  if (status != UFM_OK)
    goto done;
  joint = joint_new(law);
  if (joint == NULL || !equation_init(&e, law, joint)) {
    status = ufm__no_memory(error, "soft targets");
    goto done;
  }
  joint->threshold = ufm__rational_double(threshold);
  joint->collapsed = mpq_cmp(mu_sq, threshold) >= 0;
  e.full = (e.K - 1.0) * joint->threshold;
  e.target = (e.K - 1.0) * ufm__rational_double(mu_sq);
  if (joint->collapsed) {
    collapse(&e);
  } else {
    mpq_sub(mu_sq, threshold, mu_sq);
    mpq_div(mu_sq, mu_sq, threshold);
    e.margin = ufm__rational_double(mu_sq);
    status = find_kappa(&e, &joint->kappa, error);
    if (status == UFM_OK)
      summarise(&e, ufm__rational_double(lambda_w),
                ufm__rational_double(lambda_h));
  }
done:
  mpq_clears(mu_sq, threshold, (mpq_ptr)NULL);
  equation_clear(&e);
  if (status == UFM_OK)
    *out = joint;
  else
    ufm_soft_joint_free(joint);
  return status;
}
