/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First-order jumps at depth.

   Squared error, four classes of 100: the fitted fraction t of the target falls
   from (M-1)/M to 0 at an exact lambda (doc/mathematics.md, section 3; M = 1
   has no jump).  Cross entropy, four classes, M = 2: the best named candidate
   changes from the simplex ETF to the square (section 7.5), though the ETF is
   what neural collapse predicts. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

enum { DIGITS = 20, SAMPLES = 100 };

static ufm_thresholds *thresholds(const ufm_problem *problem)
{
  ufm_thresholds *t = NULL;
  ufm_error error = {{0}};

  if (ufm_thresholds_enclose(&t, problem, DIGITS, &error) != UFM_OK ||
      t->count == 0) {
    fprintf(stderr, "deep_jump: %s\n", error.text);
    exit(3);
  }
  return t;
}

/* The lambda at which all classes vanish at depth M. */
static double last_lambda(experiment *x, int M)
{
  ufm_thresholds *t;
  instance it;
  double lambda;

  experiment_predict(x, &it,
                     "classes=4 per-class=%d depth=%d lambda-W=1 lambda-H=1",
                     SAMPLES, M);
  t = thresholds(it.problem);
  lambda = mpfr_get_d(t->at[t->count - 1].lower, MPFR_RNDN);
  ufm_thresholds_free(t);
  instance_clear(&it);
  return lambda;
}

/* t of the closed form at `steps` values of lambda/lambda_c. */
static void curve(experiment *x, int M, double lambda_c)
{
  int steps = experiment_full(x) ? 600 : 30;
  char name[32];
  FILE *csv;

  snprintf(name, sizeof name, "deep_jump_m%d_curve", M);
  csv = experiment_csv(x, name, "ratio,t");
  for (int i = 1; i <= steps; i++) {
    double ratio = 1.5 * (i - 0.5) / steps;
    instance it;

    experiment_predict(x, &it,
                       "classes=4 per-class=%d depth=%d lambda-W=%.17g "
                       "lambda-H=%.17g",
                       SAMPLES, M, ratio * lambda_c, ratio * lambda_c);
    fprintf(csv, "%.6g,%.10g\n", ratio,
            mpfr_get_d(it.prediction->direction[0].t, MPFR_RNDN));
    instance_clear(&it);
  }
}

/* Mean t of the best of twenty random starts, sigma(Z)/sqrt(n). */
static void solved(experiment *x, int M, double lambda_c, size_t better)
{
  int steps = experiment_full(x) ? 30 : 6;
  char name[32];
  FILE *csv;

  snprintf(name, sizeof name, "deep_jump_m%d_solved", M);
  csv = experiment_csv(x, name, "ratio,t");
  for (int i = 1; i <= steps; i++) {
    double ratio = 1.5 * (i - 0.5) / steps, sum = 0.0;
    instance it;

    experiment_solve(x, &it,
                     "classes=4 per-class=%d depth=%d width=8 lambda-W=%.17g "
                     "lambda-H=%.17g starts=20",
                     SAMPLES, M, ratio * lambda_c, ratio * lambda_c);
    for (int k = 0; k < 4; k++)
      sum += it.geometry->spectrum[0][k];
    fprintf(csv, "%.6g,%.10g\n", ratio, sum / 4.0 / sqrt((double)SAMPLES));
    experiment_case(x, better, fmax(0.0, -it.comparison.objective_error));
    instance_clear(&it);
  }
}

/* Objective of a named candidate. */
static double candidate(const ufm_prediction *p, const char *family)
{
  for (size_t i = 0; i < p->candidates; i++)
    if (strcmp(p->candidate[i].family, family) == 0)
      return mpfr_get_d(p->candidate[i].objective, MPFR_RNDN);
  return (double)NAN;
}

/* How much each candidate is above the simplex ETF, per cent, along lambda; and
   the best of many starts (random, codes, other penalties), which may be below
   all of them. */
static void candidates(experiment *x, size_t below)
{
  int steps = experiment_full(x) ? 60 : 8;
  FILE *csv = experiment_csv(x, "deep_jump_candidates",
                             "lambda,hypercube,partial,zero,solved");

  for (int i = 0; i < steps; i++) {
    double lambda = 1e-3 * pow(200.0, (double)i / (steps - 1)), etf, best;
    const ufm_prediction *p;
    instance it;

    experiment_solve(x, &it,
                     "loss=ce classes=4 depth=2 lambda-W=%.17g lambda-H=%.17g "
                     "starts=40",
                     lambda, lambda);
    p = it.prediction;
    etf = candidate(p, "etf");
    best = mpfr_get_d(p->objective, MPFR_RNDN);
    fprintf(csv, "%.10g,%.6g,%.6g,%.6g,%.6g\n", lambda,
            100.0 * (candidate(p, "hypercube") / etf - 1.0),
            100.0 * (candidate(p, "partial") / etf - 1.0),
            100.0 * (candidate(p, "zero") / etf - 1.0),
            100.0 * (it.solution->objective / etf - 1.0));
    experiment_case(x, below, fmax(0.0, 1.0 - it.solution->objective / best));
    instance_clear(&it);
  }
}

static void swaps(experiment *x)
{
  FILE *csv = experiment_csv(x, "deep_jump_swaps", "lambda,excess");
  ufm_thresholds *t;
  instance it;

  experiment_predict(x, &it, "loss=ce classes=4 depth=2 lambda-W=1 lambda-H=1");
  t = thresholds(it.problem);
  for (size_t i = 0; i < t->count; i++) {
    double lambda = mpfr_get_d(t->at[i].lower, MPFR_RNDN);

    /* an empty line ends a line of the plot */
    fprintf(csv, "%.17g,-50\n%.17g,50\n\n", lambda, lambda);
  }
  ufm_thresholds_free(t);
  instance_clear(&it);
}

int main(int argc, char **argv)
{
  static const int depths[] = {1, 2, 3, 6};
  experiment *x =
      experiment_begin(argc, argv, "deep_jump", "First-order jumps at depth.");
  size_t better =
      experiment_claim(x, "mse: no start beats the closed form around the jump",
                       1e-12, UFM_VERDICT_AGREES);
  size_t below = experiment_claim(
      x, "ce, K = 4, M = 2: no start beats the best named candidate", 1e-9,
      UFM_VERDICT_AGREES);

  for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
    double lambda_c = last_lambda(x, depths[i]);

    curve(x, depths[i], lambda_c);
    solved(x, depths[i], lambda_c, better);
  }
  candidates(x, below);
  swaps(x);
  return experiment_end(x);
}
