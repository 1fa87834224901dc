/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixup of imbalanced classes: classes of equal counts n_g collapse exactly
   when A n_g/N <= lambda_W lambda_H, for both losses and every bias, so mixup
   moves minority collapse by the factor A (doc/soft-targets.md, section 7). */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include "harness.h"

enum { PROOF_DIGITS = 40 };

static const char *const biases[] = {"none", "free", "ridge lambda-b=1/3"};

/* Distance of the last two rows of W, relative to the first. */
static double row_distance(const instance *it)
{
  const ufm_layout *l = it->solution->layout;
  size_t d = l->width[0];
  const double *w = it->solution->theta + l->w[0];
  const double *a = w + (l->K - 1) * d, *b = w + (l->K - 2) * d;
  double distance = 0.0, size = 0.0;

  for (size_t s = 0; s < d; s++) {
    distance += (a[s] - b[s]) * (a[s] - b[s]);
    size += w[s] * w[s];
  }
  return sqrt(distance / size);
}

static bool proved_equal(const instance *it)
{
  const ufm_certificate *c = it->certificate;
  size_t K = ufm_problem_classes(it->problem);

  return c->collapsed != NULL && c->collapsed[K - 1] != UFM_NO_LABEL &&
         c->collapsed[K - 1] == c->collapsed[K - 2];
}

/* Counts 5, 1, 1 with three laws: A = 1 (labels), 2/3, 5/9; lambda_W lambda_H
   is A/7 times 99/100 and 101/100. */
static void thresholds(experiment *x)
{
  static const struct {
    const char *law;
    int num, den; /* A */
  } laws[] = {{"mixup:grid=1", 1, 1},
              {"mixup:beta=1,nodes=2,rule=jacobi", 2, 3},
              {"mixup:grid=1/3", 5, 9}};
  size_t apart = experiment_claim(
      x, "1% before the threshold minority rows differ (1 if not)", 0.0,
      UFM_VERDICT_AGREES);
  size_t equal =
      experiment_claim(x, "1% past it they coincide (distance, blind solver)",
                       1e-4, UFM_VERDICT_AGREES);
  size_t proved = experiment_claim(
      x, "past it equality is proved by the certificate (1 if not)", 0.0,
      UFM_VERDICT_AGREES);

  for (int loss = 0; loss < 2; loss++)
    for (size_t b = 0; b < 3; b++)
      for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        for (int side = 99; side <= 101; side += 2) {
          instance it;

          (void)experiment_prove(
              x, &it, PROOF_DIGITS,
              "loss=%s counts=5,1,1 lambda-W=1/2 lambda-H=%d/%d bias=%s "
              "targets=%s",
              loss ? "mse" : "ce", side * laws[i].num * 2, 700 * laws[i].den,
              biases[b], laws[i].law);
          if (side < 100) {
            experiment_case(x, apart, row_distance(&it) > 1e-3 ? 0.0 : 1.0);
          } else {
            experiment_case(x, equal, row_distance(&it));
            experiment_case(x, proved, proved_equal(&it) ? 0.0 : 1.0);
          }
          instance_clear(&it);
        }
}

static const struct {
  const char *options, *known;
} problems[] = {{"counts=8,8,3,1 lambda-W=1/50 lambda-H=1/50 "
                 "targets=mixup:beta=1,nodes=4",
                 NULL},
                {"counts=20,10,5,2,1 lambda-W=1/200 lambda-H=1/100 "
                 "targets=mixup:beta=1/2,nodes=3",
                 NULL},
                {"counts=8,8,8,1,1,1 lambda-W=1/40 lambda-H=1/40 "
                 "targets=mixup:grid=.25;.5,same=1/4",
                 NULL}};

static void optima(experiment *x)
{
  size_t mse = experiment_claim(
      x, "squared error: closed form by the moments of the law", 1e-12,
      UFM_VERDICT_AGREES);
  size_t enclosed = experiment_claim(
      x, "squared error: the closed form lies in the enclosure", 1e-39,
      UFM_VERDICT_AGREES);
  size_t gap = experiment_claim(x, "both losses: optimum proved to 40 digits",
                                1e-40, UFM_VERDICT_AGREES);

  for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
    for (size_t b = 0; b < 3; b++)
      for (int loss = 0; loss < 2; loss++) {
        instance it;

        (void)experiment_prove(x, &it, PROOF_DIGITS, "loss=%s bias=%s %s",
                               loss ? "mse" : "ce", biases[b],
                               problems[i].options);
        experiment_case(x, gap,
                        mpfr_get_d(it.certificate->gap, MPFR_RNDU) /
                            mpfr_get_d(it.certificate->upper, MPFR_RNDD));
        if (it.prediction != NULL) {
          experiment_case(x, mse, fabs(it.comparison.objective_error));
          experiment_case(x, enclosed, instance_outside(&it));
        }
        instance_clear(&it);
      }
}

/* Distance of two minority rows of 2 + 2 classes, by ratio and penalties; the
   exact boundary of labels and of uniform mixing. */
static void collapse_map(experiment *x)
{
  FILE *map = experiment_csv(x, "mixup_collapse_map", "ratio,product,distance");
  FILE *edge =
      experiment_csv(x, "mixup_collapse_edge", "ratio,labels,beta1,half");
  int steps = experiment_full(x) ? 24 : 3;

  for (int i = 0; i <= steps; i++) {
    int n = (int)lround(pow(10.0, 2.0 * i / steps));

    for (int s = 0; s <= steps; s++) {
      double product = pow(10.0, -4.0 + 3.0 * s / steps);
      instance it;

      experiment_solve(x, &it,
                       "loss=ce counts=%d,%d,1,1 lambda-W=%.6e lambda-H=1/10 "
                       "targets=mixup:beta=1,nodes=3,rule=jacobi",
                       n, n, 10.0 * product);
      fprintf(map, "%d,%.10g,%.6g\n", n, product, row_distance(&it));
      instance_clear(&it);
    }
    fputc('\n', map);
  }
  for (int i = 0; i <= 100; i++) {
    double n = pow(10.0, i / 50.0), f = 1.0 / (2.0 * n + 2.0);

    fprintf(edge, "%.10g,%.10g,%.10g,%.10g\n", n, f, f * 2.0 / 3.0, f / 2.0);
  }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "mixup_imbalanced",
      "Mixup of imbalanced classes: minority collapse moves by the factor A.");

  optima(x);
  thresholds(x);
  collapse_map(x);
  return experiment_end(x);
}
