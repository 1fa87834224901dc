/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep linear networks with balanced classes, squared error (arXiv 2301.00437,
   the direct optimisation experiments): K = 4, n = 100, d = 64, all penalties
   1/2000.  Without bias the global optimum is an orthogonal frame, with a free
   bias a simplex ETF, at every depth; below K the width cuts the rank. */
#include <config.h>

#include <math.h>

#include "harness.h"

static double largest(double a, double b)
{
  return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b);
}

static const char setting[] = "classes=4 per-class=100 lambda-W=1/2000 "
                              "lambda-H=1/2000 starts=3 depth=";

/* Objective against the closed form and distances to the frame. */
static void frames(experiment *x)
{
  static const int depths[] = {1, 3, 6, 9};
  size_t of = experiment_claim(
      x, "no bias: global optimum has the closed-form objective", 1e-10,
      UFM_VERDICT_AGREES);
  size_t of_nc =
      experiment_claim(x, "no bias: orthogonal frame (NC2, NC3 to OF vanish)",
                       1e-6, UFM_VERDICT_AGREES);
  size_t etf = experiment_claim(
      x, "free bias: global optimum has the closed-form objective", 1e-10,
      UFM_VERDICT_AGREES);
  size_t etf_nc =
      experiment_claim(x, "free bias: simplex ETF (NC2, NC3 to ETF vanish)",
                       1e-6, UFM_VERDICT_AGREES);

  for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
    instance it;

    experiment_solve(x, &it, "%s%d width=64 bias=none", setting, depths[i]);
    experiment_case(x, of, fabs(it.comparison.objective_error));
    experiment_case(x, of_nc,
                    largest(it.geometry->nc2_of, it.geometry->nc3_of));
    instance_clear(&it);
    experiment_solve(x, &it, "%s%d width=64 bias=free", setting, depths[i]);
    experiment_case(x, etf, fabs(it.comparison.objective_error));
    experiment_case(x, etf_nc,
                    largest(it.geometry->nc2_etf, it.geometry->nc3_etf));
    instance_clear(&it);
  }
}

/* Every sample keeps its own feature: the within-class variability must vanish
   by itself. */
static void within_class(experiment *x)
{
  size_t nc1 =
      experiment_claim(x, "one feature per sample: NC1 vanishes (unmerged)",
                       1e-10, UFM_VERDICT_AGREES);
  size_t objective =
      experiment_claim(x, "one feature per sample: same objective as merged",
                       1e-10, UFM_VERDICT_AGREES);

  for (int depth = 1; depth <= (experiment_full(x) ? 6 : 3); depth += 2)
    for (int bias = 0; bias < 2; bias++) {
      instance it;

      experiment_solve(x, &it, "%s%d width=64 bias=%s unmerged=true", setting,
                       depth, bias ? "free" : "none");
      experiment_case(x, nc1, it.geometry->nc1);
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      instance_clear(&it);
    }
}

/* Narrow layers: R = min(K, widths) directions survive, the spectrum is known,
   the frame itself is any projection. */
static void narrow(experiment *x)
{
  static const char *const widths[] = {"2",    "3",       "64,2",   "2,64",
                                       "64,3", "64,64,3", "64,2,64"};
  static const int depths[] = {1, 1, 2, 2, 2, 3, 3};
  size_t objective = experiment_claim(x, "width below K: closed-form objective",
                                      1e-10, UFM_VERDICT_AGREES);
  size_t spectrum = experiment_claim(
      x, "width below K: closed-form singular values of all factors", 1e-6,
      UFM_VERDICT_AGREES);

  for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++)
    for (int bias = 0; bias < 2; bias++) {
      instance it;

      experiment_solve(x, &it, "%s%d widths=%s bias=%s", setting, depths[i],
                       widths[i], bias ? "free" : "none");
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      experiment_case(x, spectrum, it.comparison.singular_value_error);
      instance_clear(&it);
    }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "dln_balanced",
      "Balanced deep linear networks: orthogonal frames and simplex ETFs.");

  frames(x);
  within_class(x);
  narrow(x);
  return experiment_end(x);
}
