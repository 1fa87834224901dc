/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Label smoothing: the closed form of cross entropy and squared error, its
   exact collapse, smoothing beside a fixed classifier, imbalanced counts
   (doc/mathematics.md, sections 2 and 6; doc/soft-targets.md). */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include "harness.h"

enum { PROOF_DIGITS = 40, K = 10 };

static const struct {
  const char *options;
  bool full;
} problems[] = {
    {"classes=10 per-class=100 lambda-W=1/2000 lambda-H=1/100000", false},
    {"classes=4 per-class=3 lambda-W=1/50 lambda-H=1/50 bias=free", false},
    {"classes=3 per-class=1 lambda-W=1/10 lambda-H=1/100 bias=ridge "
     "lambda-b=1/9",
     false},
    {"classes=5 per-class=2 fix-W=etf:2 lambda-H=1/100", false},
    {"classes=5 per-class=2 fix-W=etf:2 lambda-H=1/100 bias=free", false},
    {"classes=20 per-class=10 lambda-W=1/5000 lambda-H=1/100000", true}};
static const char *const eps[] = {"1/20", "1/10", "1/5", "1/2"};

static void optima(experiment *x)
{
  size_t objective =
      experiment_claim(x, "blind solver reaches the closed-form objective",
                       1e-12, UFM_VERDICT_AGREES);
  size_t proof =
      experiment_claim(x, "the closed form lies in the certified enclosure",
                       1e-39, UFM_VERDICT_AGREES);
  size_t frame = experiment_claim(x, "cross entropy: W is a simplex ETF", 1e-6,
                                  UFM_VERDICT_AGREES);

  for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
    for (size_t e = 0; e < sizeof eps / sizeof *eps; e++)
      for (int mse = 0; mse < 2; mse++) {
        instance it;

        if (problems[i].full && !experiment_full(x))
          continue;
        (void)experiment_prove(x, &it, PROOF_DIGITS,
                               "loss=%s targets=smooth:%s %s",
                               mse ? "mse" : "ce", eps[e], problems[i].options);
        experiment_case(x, objective, fabs(it.comparison.objective_error));
        experiment_case(x, proof, instance_outside(&it));
        if (!mse)
          experiment_case(x, frame, it.geometry->nc2_etf);
        instance_clear(&it);
      }
}

/* p_y - p_other = 1 - eps - s, s = sqrt(K n K lambda_W lambda_H) = 1/10, from
   the logits of the blind solver. */
static void probabilities(experiment *x)
{
  size_t claim = experiment_claim(
      x, "p_y - p_other = 1 - eps - s, s^2 = K N lambda_W lambda_H", 1e-8,
      UFM_VERDICT_AGREES);

  for (int e = 0; e <= 8; e += 2) {
    const ufm_layout *l;
    double z[2] = {0.0, 0.0}, own, other;
    instance it;

    experiment_solve(x, &it,
                     "loss=ce classes=10 per-class=10 targets=smooth:0.%d "
                     "lambda-W=1/1000 lambda-H=1/100",
                     e);
    l = it.solution->layout;
    for (size_t k = 0; k < 2; k++)
      for (size_t s = 0; s < l->width[0]; s++)
        z[k] += it.solution->theta[l->w[0] + k * l->width[0] + s] *
                it.solution->theta[l->h + s];
    own = 1.0 / (1.0 + 9.0 * exp(z[1] - z[0]));
    other = (1.0 - own) / 9.0;
    experiment_case(x, claim, fabs(own - other - (1.0 - e / 10.0 - 0.1)));
    instance_clear(&it);
  }
}

/* Collapse at N K lambda_W lambda_H = (1 - eps)^2: K = 4, n = 3, eps = 1/3. */
static void collapse(experiment *x)
{
  static const char *const lambda[] = {"999999999999/18000000000000", "1/18",
                                       "1000000000001/18000000000000"};
  size_t exact = experiment_claim(
      x, "collapse exactly at N K lambda_W lambda_H = (1 - eps)^2", 0.0,
      UFM_VERDICT_AGREES);
  size_t minority = experiment_claim(
      x, "minority collapse at (1 - eps)^2 n/N^2, proved on both sides", 0.0,
      UFM_VERDICT_AGREES);

  for (int i = 0; i < 3; i++) {
    instance it;

    experiment_predict(x, &it,
                       "loss=ce classes=4 per-class=3 targets=smooth:1/3 "
                       "lambda-W=1/6 lambda-H=%s",
                       lambda[i]);
    experiment_case(x, exact,
                    (it.prediction->claim == UFM_CLAIM_ZERO) == (i > 0) ? 0.0
                                                                        : 1.0);
    instance_clear(&it);
  }
  /* counts 6, 1, 1, eps = 1/4: lambda_W lambda_H = 9/16/64 */
  for (int side = 99; side <= 101; side += 2) {
    const ufm_certificate *c;
    bool merged;
    instance it;

    (void)experiment_prove(x, &it, PROOF_DIGITS,
                           "loss=ce counts=6,1,1 targets=smooth:1/4 "
                           "lambda-W=9/16 lambda-H=%d/6400",
                           side);
    c = it.certificate;
    merged = c->collapsed != NULL && c->collapsed[2] != UFM_NO_LABEL &&
             c->collapsed[2] == c->collapsed[1];
    experiment_case(x, minority, merged == (side > 100) ? 0.0 : 1.0);
    instance_clear(&it);
  }
}

/* |w_k| and p_y along the scale of the penalties, by eps. */
static void curves(experiment *x)
{
  static const char *const smooth[] = {"0", "0.05", "0.1", "0.2"};

  for (size_t e = 0; e < 4; e++) {
    char name[32];
    FILE *csv;

    snprintf(name, sizeof name, "label_smoothing_%zu", e);
    csv = experiment_csv(x, name, "product,row_norm,gap,value");
    for (int s = 0; s <= 60; s += experiment_full(x) ? 1 : 10) {
      double lambda = pow(10.0, -4.0 + s / 60.0 * 3.6);
      const ufm_prediction *p;
      instance it;
      mpfr_t own, other;

      experiment_predict(x, &it,
                         "loss=ce classes=10 lambda-W=%.6e lambda-H=%.6e "
                         "targets=smooth:%s",
                         lambda, lambda / K, smooth[e]);
      p = it.prediction;
      if (p->claim == UFM_CLAIM_UNIQUE) {
        mpfr_inits2(64, own, other, (mpfr_ptr)NULL);
        ufm_prediction_entry(p, &p->logits, 0, 0, own);
        ufm_prediction_entry(p, &p->logits, 0, 1, other);
        mpfr_sub(own, own, other, MPFR_RNDN);
        ufm_prediction_entry(p, &p->gram_w, 0, 0, other);
        fprintf(csv, "%.10g,%.10g,%.10g,%.10g\n", lambda * lambda,
                sqrt(mpfr_get_d(other, MPFR_RNDN)), mpfr_get_d(own, MPFR_RNDN),
                mpfr_get_d(p->objective, MPFR_RNDN));
        mpfr_clears(own, other, (mpfr_ptr)NULL);
      }
      instance_clear(&it);
    }
  }
}

int main(int argc, char **argv)
{
  experiment *x =
      experiment_begin(argc, argv, "label_smoothing",
                       "Label smoothing: closed forms, collapse, proofs.");

  optima(x);
  probabilities(x);
  collapse(x);
  curves(x);
  return experiment_end(x);
}
