/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar equation of one column in double precision, and what follows from
   its root (doc/soft-targets.md, section 5). */
#include <config.h>

#include <math.h>

#include "theory/soft.h"

enum { MOST_STEPS = 60 };

/* An omega is continued from the last one when it moves by less than this
   fraction, and unless it is an exponential. */
static const double warm_below = 0.3, cold_below = -20.0;

/* A sum with the digits that were rounded away (Neumaier). */
typedef struct sum {
  double total, lost;
} sum;

static inline void add(sum *s, double x)
{
  double next = s->total + x;

  if (fabs(s->total) >= fabs(x))
    s->lost += (s->total - next) + x;
  else
    s->lost += (x - next) + s->total;
  s->total = next;
}

static inline double total(const sum *s)
{
  return s->total + s->lost;
}

/* The root z of exp(z - sigma) + kappa z = t, and p = exp(z - sigma).  Where
   p < kappa, log p = a - omega does not cancel; elsewhere p = kappa omega.
   `change` is that of sigma since *p was computed, HUGE_VAL for never. */
static inline double entry(double t, double kappa, double log_kappa,
                           double sigma, double change, double *log_p,
                           double *p)
{
  double a = (t - kappa * sigma) / kappa, y = a - log_kappa, w, x, largest;
  double d = kappa / (*p + kappa) * change; /* about the fall of log p */

  if (fabs(d) < warm_below && y > cold_below)
    w = ufm__wright_omega_from(y, *p / kappa * (1.0 - d + d * d / 2.0));
  else
    w = ufm_wright_omega(y);
  if (y < 1.0) {
    x = a - w;
    *p = exp(x);
  } else {
    *p = kappa * w;
    x = log(*p);
  }
  *log_p = x;
  /* the one with the smaller error of (t - p)/kappa and log p + sigma */
  largest = t > *p ? t : *p;
  return fmax(fabs(x), sigma) * kappa < largest ? x + sigma : (t - *p) / kappa;
}

/* sigma where p = t on the classes with t > kappa and t = 0 on the others: with
   s of the former, y = -z of the latter and G = sum log t,
     s sigma + G = (K - s) y,   y + log y = -log kappa - sigma. */
static double small_kappa_guess(const ufm__soft_target *target, double kappa,
                                double log_kappa)
{
  double s = 0.0, G = 0.0, y;

  for (size_t a = 0; a < target->n; a++)
    if (target->t[a] > kappa) {
      s += (double)target->multiplicity[a];
      G += (double)target->multiplicity[a] * log(target->t[a]);
    }
  if (s == 0.0)
    return 0.0;
  y = s / target->K * ufm_wright_omega(G / s - log_kappa + log(target->K / s));
  return ((target->K - s) * y - G) / s;
}

/* F(sigma) = sum_k z_k is increasing and concave, so that from any start the
   second iterate is below the root and all later ones increase; and
   |F''| <= F', so that a step d leaves an error of at most d^2/2. */
double ufm__soft_sigma(const ufm__soft_target *target, double kappa,
                       double start, double *log_p, double *p, double *z)
{
  double log_kappa = log(kappa), sigma, step = HUGE_VAL;

  if (start == 0.0)
    start = small_kappa_guess(target, kappa, log_kappa);
  sigma = fmax(start, target->log_K);
  for (size_t a = 0; a < target->n; a++)
    p[a] = 0.0;
  for (int i = 0;; i++) {
    bool last = i == MOST_STEPS || step * step <= 1e-17 * sigma;
    sum F = {0.0, 0.0};
    double slope = 0.0;

    for (size_t a = 0; a < target->n; a++) {
      double m = (double)target->multiplicity[a];

      z[a] =
          entry(target->t[a], kappa, log_kappa, sigma, step, &log_p[a], &p[a]);
      add(&F, m * z[a]);
      slope += m * p[a] / (p[a] + kappa);
    }
    if (last)
      return sigma;
    step = fmax(-total(&F) / slope, target->log_K - sigma);
    if (i > 0 && step <= 0.0)
      return sigma;
    sigma += step;
  }
}

void ufm__soft_spread(const ufm__soft_target *target, double kappa,
                      const double *p, const double *z, double *logit_sq,
                      double *spread)
{
  sum square = {0.0, 0.0}, deviation = {0.0, 0.0};
  double weights = 0.0, mean = 0.0;

  for (size_t a = 0; a < target->n; a++) {
    double m = (double)target->multiplicity[a];
    double w = m * p[a] / (kappa + p[a]);

    add(&square, m * z[a] * z[a]);
    weights += w;
    mean += w * z[a];
  }
  mean /= weights;
  for (size_t a = 0; a < target->n; a++) {
    double m = (double)target->multiplicity[a], d = z[a] - mean;

    add(&deviation, m * p[a] / (kappa + p[a]) * d * d);
  }
  *logit_sq = total(&square);
  *spread = total(&deviation);
}

/* -sum_k t_k log p_k and the entropy; a class with p > 1/2 gets its logarithm
   from the others. */
static void cross_entropy(const ufm__soft_target *target, const double *log_p,
                          const double *p, ufm_soft_point *at)
{
  sum ce = {0.0, 0.0}, entropy = {0.0, 0.0};

  for (size_t a = 0; a < target->n; a++) {
    double m = (double)target->multiplicity[a], x = log_p[a];

    if (p[a] > 0.5) {
      sum others = {0.0, 0.0};

      for (size_t b = 0; b < target->n; b++)
        if (b != a)
          add(&others, (double)target->multiplicity[b] * p[b]);
      x = log1p(-total(&others));
    }
    add(&ce, -m * target->t[a] * x);
    add(&entropy, -m * p[a] * x);
  }
  at->ce = total(&ce);
  at->entropy = total(&entropy);
}

/* With q = softmax(z), CE(z, t) - H(q) = (q - t).z, so that the duality gap is
   a square: |t - q - kappa z|^2/(2 kappa). */
static double duality_gap(const ufm__soft_target *target, double kappa,
                          const double *z)
{
  sum gap = {0.0, 0.0}, scale = {0.0, 0.0};
  double top = z[0], normaliser;

  for (size_t a = 1; a < target->n; a++)
    top = fmax(top, z[a]);
  for (size_t a = 0; a < target->n; a++)
    add(&scale, (double)target->multiplicity[a] * exp(z[a] - top));
  normaliser = top + log(total(&scale));
  for (size_t a = 0; a < target->n; a++) {
    double r = target->t[a] - exp(z[a] - normaliser) - kappa * z[a];

    add(&gap, (double)target->multiplicity[a] * r * r);
  }
  return total(&gap) / (2.0 * kappa);
}

void ufm__soft_point(const ufm__soft_target *target, double kappa, double sigma,
                     const double *log_p, const double *p, const double *z,
                     ufm_soft_point *at)
{
  double spread;

  at->sigma = sigma;
  cross_entropy(target, log_p, p, at);
  ufm__soft_spread(target, kappa, p, z, &at->logit_sq, &spread);
  at->residual = kappa * kappa * at->logit_sq;
  at->slope = 2.0 * kappa * spread;
  at->value = at->ce + kappa / 2.0 * at->logit_sq;
  at->gap = duality_gap(target, kappa, z);
}

/* The difference a of the logits of two classes with entries t + dt and t and
   q = p of the latter: q (e^a - 1) + kappa a = dt.  One Newton step from the
   rounded difference restores its relative accuracy when dt is small. */
static double difference(double kappa, double q, double dt, double a)
{
  double grown = q * expm1(a);

  return a - (grown + kappa * a - dt) / (grown + q + kappa);
}

void ufm__soft_coefficients(const ufm__soft_target *target, double kappa,
                            double g, const double *p, const double *z,
                            double *coef)
{
  size_t least = 0;

  for (size_t a = 1; a < target->n; a++)
    if (target->t[a] < target->t[least])
      least = a;
  for (size_t a = 0; a < target->n; a++) {
    double d = z[a] - z[least];

    if (target->K < 3.0)
      d = z[a];
    else if (fabs(d) < 1.0)
      d = difference(kappa, p[least], target->t[a] - target->t[least], d);
    coef[a] = d / g;
  }
}
