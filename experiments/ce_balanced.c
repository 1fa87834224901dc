/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cross entropy, one weight matrix, balanced classes: the simplex ETF is the
   global optimum with and without bias, down to its exact collapse at
   N K lambda_W lambda_H = 1 (doc/mathematics.md, section 6). */
#include <config.h>

#include <math.h>

#include "harness.h"

static const struct {
  int K, n, width;
  const char *lambda_w, *lambda_h;
} settings[] = {{10, 100, 16, "1/2000", "1/100000"},
                {10, 100, 9, "1/2000", "1/100000"},
                {4, 2, 4, "1/50", "1/50"},
                {3, 1, 2, "1/10", "1/100"},
                {2, 5, 3, "1/100", "1/1000"},
                {20, 50, 32, "1/1000", "1/1000000"},
                {100, 10, 100, "1/10000", "1/100000"}};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void optima(experiment *x)
{
  size_t objective =
      experiment_claim(x, "global optimum has the closed-form objective", 1e-12,
                       UFM_VERDICT_AGREES);
  size_t frame = experiment_claim(x, "simplex ETF (NC2, NC3 to ETF vanish)",
                                  1e-6, UFM_VERDICT_AGREES);
  size_t grams = experiment_claim(x, "closed-form Gram matrices", 1e-6,
                                  UFM_VERDICT_AGREES);
  size_t bias = experiment_claim(
      x, "the free bias changes nothing (objective difference)", 1e-11,
      UFM_VERDICT_AGREES);

  for (size_t i = 0; i < SETTINGS; i++) {
    double F[2];

    for (int b = 0; b < 2; b++) {
      instance it;

      experiment_solve(x, &it,
                       "loss=ce classes=%d per-class=%d width=%d lambda-W=%s "
                       "lambda-H=%s bias=%s",
                       settings[i].K, settings[i].n, settings[i].width,
                       settings[i].lambda_w, settings[i].lambda_h,
                       b ? "free" : "none");
      F[b] = it.solution->objective;
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      experiment_case(x, frame,
                      fmax(it.geometry->nc2_etf, it.geometry->nc3_etf));
      experiment_case(x, grams, it.comparison.gram_error);
      instance_clear(&it);
    }
    experiment_case(x, bias, fabs(F[0] - F[1]) / F[0]);
  }
}

/* K = 4, n = 3: N K lambda_W lambda_H = 48 lambda_W lambda_H. */
static void collapse(experiment *x)
{
  static const char *const above[] = {"1/8", "1/7"};
  size_t exact = experiment_claim(
      x, "collapse to zero exactly at N K lambda_W lambda_H = 1", 0.0,
      UFM_VERDICT_AGREES);
  size_t zero = experiment_claim(x, "past the threshold the solver finds zero",
                                 1e-6, UFM_VERDICT_AGREES);

  for (int i = 0; i < 3; i++) {
    static const char *const lambda[] = {
        "999999999999999999/8000000000000000000", "1/8",
        "1000000000000000001/8000000000000000000"};
    instance it;

    experiment_predict(x, &it,
                       "loss=ce classes=4 per-class=3 lambda-W=1/6 lambda-H=%s",
                       lambda[i]);
    experiment_case(x, exact,
                    (it.prediction->claim == UFM_CLAIM_ZERO) == (i > 0) ? 0.0
                                                                        : 1.0);
    instance_clear(&it);
  }
  for (int i = 0; i < 2; i++) {
    instance it;

    experiment_solve(x, &it,
                     "loss=ce classes=4 per-class=3 lambda-W=1/%d lambda-H=%s",
                     i == 0 ? 5 : 6, above[i]);
    experiment_case(x, zero, it.geometry->norm_w[0]);
    instance_clear(&it);
  }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "ce_balanced",
      "Balanced cross entropy, one weight matrix: the simplex ETF.");

  optima(x);
  collapse(x);
  return experiment_end(x);
}
