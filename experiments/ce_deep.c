/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cross entropy with two or more weight matrices, balanced classes.  The claim
   that the simplex ETF is globally optimal at every depth is tested: it holds
   for K = 2 and fails for larger K, where codes of lower rank are better
   (doc/mathematics.md, section 7).  Every better point is explicit, so each is
   a proof. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "harness.h"

static const struct {
  int K, n, M;
  const char *lambda, *bias, *better;
} settings[] = {{4, 2, 2, "1/100", "none", "hypercube"},
                {4, 1, 2, "1/50", "none", "hypercube"},
                {6, 1, 2, "1/100", "none", "orthoplex"},
                {10, 1, 2, "1/100", "none", "orthoplex"},
                {10, 1, 3, "1/100", "none", "orthoplex"},
                {3, 1, 3, "1/40", "free", "line"},
                {3, 1, 2, "37/200", "none", "partial"}};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

/* Objective of a named candidate; NaN when it does not apply. */
static double candidate(const ufm_prediction *p, const char *family)
{
  for (size_t i = 0; i < p->candidates; i++)
    if (strcmp(p->candidate[i].family, family) == 0)
      return mpfr_get_d(p->candidate[i].objective, MPFR_RNDN);
  return (double)NAN;
}

static void two_classes(experiment *x)
{
  size_t row = experiment_claim(x, "K = 2: the simplex ETF is globally optimal",
                                1e-9, UFM_VERDICT_AGREES);

  for (int M = 2; M <= 4; M++) {
    instance it;

    experiment_solve(x, &it,
                     "loss=ce classes=2 per-class=3 depth=%d width=3 "
                     "lambda-W=1/100 lambda-H=1/100 starts=10",
                     M);
    experiment_case(x, row, fabs(it.comparison.objective_error));
    instance_clear(&it);
  }
}

static void larger_K(experiment *x)
{
  size_t etf =
      experiment_claim(x, "K >= 3: the simplex ETF is globally optimal", 1e-12,
                       UFM_VERDICT_REFUTED);
  size_t named =
      experiment_claim(x, "K >= 3: the named better point beats the ETF", 0.0,
                       UFM_VERDICT_AGREES);
  size_t solver = experiment_claim(
      x, "K >= 3: the solver does at least as well as the best candidate", 1e-9,
      UFM_VERDICT_AGREES);

  for (size_t i = 0; i < SETTINGS; i++) {
    double F_etf, F_named, F_best, F;
    instance it;

    experiment_solve(x, &it,
                     "loss=ce classes=%d per-class=%d depth=%d bias=%s "
                     "lambda-W=%s lambda-H=%s starts=%d",
                     settings[i].K, settings[i].n, settings[i].M,
                     settings[i].bias, settings[i].lambda, settings[i].lambda,
                     experiment_full(x) ? 400 : 60);
    F = it.solution->objective;
    F_etf = candidate(it.prediction, "etf");
    F_named = candidate(it.prediction, settings[i].better);
    F_best = mpfr_get_d(it.prediction->objective, MPFR_RNDN);
    experiment_case(x, etf, (F_etf - fmin(F, F_best)) / F_etf);
    experiment_case(x, named, F_named < F_etf ? 0.0 : 1.0);
    experiment_case(x, solver, fmax(0.0, (F - F_best) / F_best));
    instance_clear(&it);
  }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "ce_deep",
      "Deep cross entropy: the simplex ETF is not the global optimum.");

  two_classes(x);
  larger_K(x);
  return experiment_end(x);
}
