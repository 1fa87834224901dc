/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixup with the classifier fixed to a simplex ETF (arXiv 2402.06171): the
   features of every pair and mixing value solve a scalar equation, and for
   cross entropy they form channels along the decision boundary, for squared
   error straight chords (doc/soft-targets.md, sections 4 and 5). */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "channels.h"
#include "harness.h"

enum { PROOF_DIGITS = 40 };

static const struct {
  const char *options;
  bool quick;
} problems[] = {
    {"classes=3 fix-W=etf:1 lambda-H=1/20 targets=mixup:grid=.1;.3;.5", true},
    {"classes=10 fix-W=etf:1 lambda-H=5e-4 targets=mixup:beta=1,nodes=5", true},
    {"classes=2 fix-W=etf:2 lambda-H=1/20 targets=mixup:grid=.3;.5", true},
    {"counts=6,3,2,1 fix-W=etf:3 lambda-H=1/100 "
     "targets=mixup:beta=1/2,nodes=3",
     true},
    {"classes=4 fix-W=etf:1/2 lambda-H=1/10 bias=free "
     "targets=mixup:grid=.25@1;.9@3,same=.1",
     true},
    {"classes=10 fix-W=etf:4 lambda-H=1/1000 bias=ridge lambda-b=.1 "
     "targets=mixup:grid=.2;.7",
     true},
    {"classes=25 fix-W=etf:3 lambda-H=1/1000 targets=mixup:grid=.4,same=0",
     false},
    {"classes=20 fix-W=etf:1 lambda-H=1e-3 targets=mixup:beta=1/5,nodes=3",
     false}};
enum { PROBLEMS = sizeof problems / sizeof *problems };

/* The one or two classes of a column, and the mixing value of the first. */
static double classes_of(const ufm_columns *columns, size_t j, size_t out[2],
                         double *work)
{
  size_t found = 0;

  ufm_columns_target(columns, j, work);
  out[1] = UFM_NO_LABEL;
  for (size_t k = 0; k < columns->K && found < 2; k++)
    if (work[k] > 0.0)
      out[found++] = k;
  if (out[1] == UFM_NO_LABEL)
    out[1] = (out[0] + 1) % columns->K;
  return work[out[0]];
}

/* The mean square of |h - (coef_i w_i + coef_j w_j)| relative to that of |h|,
   with the weights of the columns: the features of rare ones are as far from
   converged as they matter little. */
static double feature_deviation(const instance *it)
{
  const ufm_columns *columns = ufm_problem_columns(it->problem);
  const ufm_layout *l = it->solution->layout;
  double m = mpq_get_d(ufm_problem_multiplier(it->problem));
  double lambda_h = mpq_get_d(ufm_problem_lambda_h(it->problem));
  double *work = malloc(l->K * sizeof *work), far = 0.0, size = 0.0;
  size_t d = l->width[0];

  for (size_t j = 0; j < l->J && work != NULL; j++) {
    const double *h = it->solution->theta + l->h + j * d;
    size_t pair[2];
    double lam = classes_of(columns, j, pair, work);
    double weight = columns->rounded[columns->weight[j]];
    const double *w = it->solution->theta + l->w[0];
    ufm_soft_pair at;

    if (ufm_soft_pair_solve(&at, l->K, lambda_h, m * m, lam, NULL) != UFM_OK)
      return (double)NAN;
    for (size_t s = 0; s < d; s++) {
      double want = at.coef[UFM_SOFT_I] * w[pair[0] * d + s] +
                    at.coef[UFM_SOFT_J] * w[pair[1] * d + s];

      far += weight * (h[s] - want) * (h[s] - want);
      size += weight * want * want;
    }
  }
  free(work);
  return work == NULL ? (double)NAN : sqrt(far / size);
}

/* K = 2: coef sums to 0 and w_j = -w_i, so the formula above holds too. */
static void blind_agreement(experiment *x)
{
  size_t objective =
      experiment_claim(x, "blind features reach the closed-form objective",
                       1e-12, UFM_VERDICT_AGREES);
  size_t features = experiment_claim(
      x, "every feature is coef_i w_i + coef_j w_j (cross entropy)", 1e-5,
      UFM_VERDICT_AGREES);
  size_t proof =
      experiment_claim(x, "the closed form lies in the certified enclosure",
                       1e-39, UFM_VERDICT_AGREES);

  for (size_t i = 0; i < PROBLEMS; i++)
    for (int mse = 0; mse < 2; mse++) {
      instance it;

      if (!problems[i].quick && !experiment_full(x))
        continue;
      (void)experiment_prove(x, &it, PROOF_DIGITS, "loss=%s %s",
                             mse ? "mse" : "ce", problems[i].options);
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      experiment_case(x, proof, instance_outside(&it));
      if (!mse)
        experiment_case(x, features, feature_deviation(&it));
      instance_clear(&it);
    }
}

/* exp(g a_i) + exp(g a_j) = 2 - K - m/(K_lam lambda_H), K_lam = z_o/m, and for
   one class exp(-K K_same m) = 1 - K - m/(K_same lambda_H), a = -K K_same/m, in
   the published constants; relative deviation. */
static void published_identities(experiment *x)
{
  size_t different =
      experiment_claim(x, "published equation of different classes, with K_lam",
                       1e-9, UFM_VERDICT_AGREES);
  size_t same =
      experiment_claim(x, "published equation of one class, with K_same", 1e-9,
                       UFM_VERDICT_AGREES);

  for (double K = 3.0; K < 200.0; K *= 4.0)
    for (double lambda = 1e-3; lambda < 10.0; lambda *= 10.0)
      for (double lam = 0.05; lam <= 1.0; lam += 0.19) {
        double m = 1.7, g = m * m, left, right;
        ufm_soft_pair at;

        if (ufm_soft_pair_solve(&at, (size_t)K, lambda, g, lam, NULL) != UFM_OK)
          continue;
        left = exp(g * at.coef[0]) + exp(g * at.coef[1]);
        right = 2.0 - K - g / (at.z[UFM_SOFT_OTHER] * lambda);
        experiment_case(x, different, fabs(left / right - 1.0));
      }
  for (double K = 2.0; K < 200.0; K *= 4.0)
    for (double lambda = 1e-3; lambda < 10.0; lambda *= 10.0) {
      double m = 1.7, g = m * m, delta, K_same, left, right;
      ufm_soft_pair at;

      if (ufm_soft_pair_solve(&at, (size_t)K, lambda, g, 1.0, NULL) != UFM_OK)
        continue;
      delta = at.z[UFM_SOFT_I] - at.z[UFM_SOFT_J];
      K_same = -delta / (m * K);
      left = exp(-K * K_same * m);
      right = 1.0 - K - m / (K_same * lambda);
      experiment_case(x, same, fabs(left / right - 1.0));
    }
}

/* X = A Q (h - c) with Q the polar factor of the centred rows of classes 0, 1,
   2, against sqrt(g)(a_i A_i + a_j A_j): the singular values of the difference
   of the two configurations vanish, so distances from the origin are compared,
   and distances between consecutive columns. */
static double projection_deviation(const instance *it)
{
  const ufm_columns *columns = ufm_problem_columns(it->problem);
  const ufm_layout *l = it->solution->layout;
  const double *theta = it->solution->theta;
  size_t d = l->width[0];
  double m = mpq_get_d(ufm_problem_multiplier(it->problem));
  double lambda_h = mpq_get_d(ufm_problem_lambda_h(it->problem));
  double last[2] = {0.0, 0.0}, own[2] = {0.0, 0.0}, worst = 0.0, size = 0.0;
  double *work = malloc(l->K * sizeof *work);
  gsl_matrix *basis = channels_basis(theta + l->w[0], d);

  for (size_t j = 0; j < l->J && work != NULL && basis != NULL; j++) {
    double X[2], Y[2], a, b;
    size_t pair[2];
    double lam = classes_of(columns, j, pair, work);
    ufm_soft_pair at;

    if (pair[0] > 2 || pair[1] > 2 || lam >= 1.0 ||
        ufm_soft_pair_solve(&at, l->K, lambda_h, m * m, lam, NULL) != UFM_OK)
      continue;
    channels_project(basis, theta + l->h + j * d, X);
    channels_point(m, pair, at.coef, Y);
    a = hypot(X[0] - last[0], X[1] - last[1]);
    b = hypot(Y[0] - own[0], Y[1] - own[1]);
    worst = fmax(worst, fabs(a - b));
    worst = fmax(worst, fabs(hypot(X[0], X[1]) - hypot(Y[0], Y[1])));
    size = fmax(size, hypot(Y[0], Y[1]));
    last[0] = X[0], last[1] = X[1];
    own[0] = Y[0], own[1] = Y[1];
  }
  gsl_matrix_free(basis);
  free(work);
  return worst / size;
}

static void shapes(experiment *x)
{
  size_t projection = experiment_claim(
      x, "2-D projection of blind features equals the closed form", 1e-5,
      UFM_VERDICT_AGREES);
  size_t between = experiment_claim(
      x, "amplification of lam = 1/2 over one class is in (1, 2)", 0.0,
      UFM_VERDICT_AGREES);
  static const double K[] = {3.0, 10.0, 100.0, 1e6};
  instance it;

  experiment_solve(x, &it,
                   "loss=ce classes=10 fix-W=etf:1 lambda-H=1/200 "
                   "targets=mixup:grid=.05;.2;.4");
  experiment_case(x, projection, projection_deviation(&it));
  instance_clear(&it);
  for (size_t i = 0; i < 4; i++)
    for (double kappa = 1e-12; kappa < 1e4; kappa *= 10.0) {
      double amp = channels_amplification((size_t)K[i], kappa, 0.5, NULL);

      experiment_case(x, between, amp > 1.0 && amp < 2.0 ? 0.0 : 1.0);
    }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "mixup_fixed_etf",
      "Mixup with a fixed simplex ETF classifier: channels and chords.");

  blind_agreement(x);
  published_identities(x);
  shapes(x);
  channels_write(x);
  return experiment_end(x);
}
