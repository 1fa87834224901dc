/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balanced mixup, classifier and features optimised: the simplex ETF is
   globally optimal under cross entropy, with the multiplier of a scalar
   equation; squared error has the singular values of the mixed targets
   (doc/soft-targets.md, sections 4 and 6). */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

enum { PROOF_DIGITS = 40, K = 10 };

static const struct {
  const char *options;
  bool full;
} problems[] = {
    {"classes=3 lambda-W=1/50 lambda-H=1/50 targets=mixup:beta=1,nodes=5",
     false},
    {"classes=10 lambda-W=1/2000 lambda-H=1/2000 targets=mixup:beta=1,nodes=5",
     false},
    {"classes=4 lambda-W=1/20 lambda-H=1/50 targets=mixup:grid=.2@1;.9@2 "
     "width=3",
     false},
    {"classes=6 lambda-W=1/50 lambda-H=1/70 targets=mixup:grid=.5,same=0 "
     "bias=free",
     false},
    {"classes=2 lambda-W=1/10 lambda-H=1/10 targets=mixup:beta=2,nodes=4 "
     "bias=ridge lambda-b=1/3",
     false},
    {"classes=5 lambda-W=1/5 lambda-H=1 targets=mixup:grid=.3", false},
    {"classes=10 lambda-W=1/100 lambda-H=1/100 targets=mixup:beta=1/5,nodes=17",
     true},
    {"classes=20 lambda-W=1/1000 lambda-H=1/1000 "
     "targets=mixup:beta=1,nodes=9 bias=free",
     true}};
enum { PROBLEMS = sizeof problems / sizeof *problems };

/* E|t - softmax(z)|^2/((K - 1) lambda_W lambda_H) - 1 at the point found. */
static double miscalibration(const instance *it)
{
  const ufm_columns *columns = ufm_problem_columns(it->problem);
  const ufm_layout *l = it->solution->layout;
  const double *theta = it->solution->theta;
  size_t d = l->width[0], classes = l->K;
  double *t = malloc(2 * classes * sizeof *t), sum = 0.0;
  double want = (double)(classes - 1) *
                mpq_get_d(ufm_problem_lambda_w(it->problem, 1)) *
                mpq_get_d(ufm_problem_lambda_h(it->problem));

  for (size_t j = 0; j < l->J && t != NULL; j++) {
    double *z = t + classes, top = -HUGE_VAL, total = 0.0, square = 0.0;

    ufm_columns_target(columns, j, t);
    for (size_t k = 0; k < classes; k++) {
      z[k] = l->b < l->size ? theta[l->b + k] : 0.0;
      for (size_t s = 0; s < d; s++)
        z[k] += theta[l->w[0] + k * d + s] * theta[l->h + j * d + s];
      top = fmax(top, z[k]);
    }
    for (size_t k = 0; k < classes; k++)
      total += exp(z[k] - top);
    for (size_t k = 0; k < classes; k++)
      square += pow(t[k] - exp(z[k] - top) / total, 2.0);
    sum += columns->rounded[columns->weight[j]] * square;
  }
  free(t);
  return t == NULL ? (double)NAN : sum / want - 1.0;
}

static void optima(experiment *x)
{
  size_t objective =
      experiment_claim(x, "blind solver reaches the closed-form objective",
                       1e-12, UFM_VERDICT_AGREES);
  size_t proof =
      experiment_claim(x, "the closed form lies in the certified enclosure",
                       1e-39, UFM_VERDICT_AGREES);
  size_t frame = experiment_claim(
      x, "cross entropy: W is a simplex ETF with the predicted multiplier",
      1e-6, UFM_VERDICT_AGREES);
  size_t calibration = experiment_claim(
      x, "cross entropy: E|t - p|^2 = (K - 1) lambda_W lambda_H", 1e-7,
      UFM_VERDICT_AGREES);

  for (size_t i = 0; i < PROBLEMS; i++)
    for (int mse = 0; mse < 2; mse++) {
      instance it;

      if (problems[i].full && !experiment_full(x))
        continue;
      (void)experiment_prove(x, &it, PROOF_DIGITS, "loss=%s %s",
                             mse ? "mse" : "ce", problems[i].options);
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      experiment_case(x, proof, instance_outside(&it));
      if (!mse && it.prediction->claim != UFM_CLAIM_ZERO) {
        experiment_case(
            x, frame,
            fmax(it.geometry->nc2_etf, it.comparison.singular_value_error));
        experiment_case(x, calibration, fabs(miscalibration(&it)));
      }
      instance_clear(&it);
    }
}

/* lam = 1/3 and K = 5: A = 5/9, so the threshold is 1/9; 1e-12 of it on both
   sides. */
static void collapse(experiment *x)
{
  static const char *const lambda[] = {"999999999999/9000000000000", "1/9",
                                       "1000000000001/9000000000000"};
  size_t exact =
      experiment_claim(x, "total collapse exactly at lambda_W lambda_H = A/K",
                       0.0, UFM_VERDICT_AGREES);

  for (int loss = 0; loss < 2; loss++)
    for (int i = 0; i < 3; i++) {
      instance it;

      experiment_predict(x, &it,
                         "loss=%s classes=5 lambda-W=1 lambda-H=%s bias=free "
                         "targets=mixup:grid=1/3",
                         loss ? "mse" : "ce", lambda[i]);
      experiment_case(x, exact,
                      (it.prediction->rank > 0) == (i == 0) ? 0.0 : 1.0);
      instance_clear(&it);
    }
}

/* p_y of a pure target with the law, or for labels without one. */
static double same_class(experiment *x, const char *law, const char *lambda)
{
  instance it;
  double p;

  experiment_predict(x, &it,
                     "loss=ce classes=10 lambda-W=%s lambda-H=%s targets=%s",
                     lambda, lambda, law);
  p = mpfr_get_d(it.prediction->pair[it.prediction->pairs - 1].p_i, MPFR_RNDN);
  instance_clear(&it);
  return p;
}

static void confidence(experiment *x)
{
  size_t higher = experiment_claim(
      x, "weak penalties: mixup raises the confidence of pure inputs", 0.0,
      UFM_VERDICT_AGREES);
  size_t always =
      experiment_claim(x, "mixup always lowers the confidence of pure inputs",
                       0.0, UFM_VERDICT_REFUTED);
  static const char *const lambda[] = {"1/2000", "1/20"};

  for (int i = 0; i < 2; i++) {
    double mixed = same_class(x, "mixup:beta=1", lambda[i]);
    double plain = same_class(x, "mixup:grid=1", lambda[i]);

    if (i == 0)
      experiment_case(x, higher, mixed > plain ? 0.0 : 1.0);
    experiment_case(x, always, mixed < plain ? 0.0 : 1.0);
  }
}

/* kappa, |w_k|, p_y and the value along the scale of the penalties, by law. */
static void curves(experiment *x)
{
  static const struct {
    const char *name, *law;
  } laws[] = {{"mixup_joint_none", "mixup:grid=1"},
              {"mixup_joint_beta02", "mixup:beta=1/5"},
              {"mixup_joint_beta1", "mixup:beta=1"},
              {"mixup_joint_beta2", "mixup:beta=2"},
              {"mixup_joint_half", "mixup:grid=.5"}};

  for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
    FILE *csv =
        experiment_csv(x, laws[i].name, "product,kappa,row_norm,p_y,value");

    for (int s = 0; s <= 60; s += experiment_full(x) ? 1 : 10) {
      double lambda = pow(10.0, -4.0 + s / 60.0 * 3.6);
      const ufm_prediction *p;
      instance it;

      experiment_predict(x, &it,
                         "loss=ce classes=10 lambda-W=%.6e lambda-H=%.6e "
                         "targets=%s",
                         lambda, lambda, laws[i].law);
      p = it.prediction;
      if (p->claim == UFM_CLAIM_UNIQUE)
        fprintf(csv, "%.10g,%.10g,%.10g,%.10g,%.10g\n", lambda * lambda,
                mpfr_get_d(p->kappa, MPFR_RNDN),
                sqrt(mpfr_get_d(p->g, MPFR_RNDN) * (K - 1.0) / K),
                mpfr_get_d(p->pair[p->pairs - 1].p_i, MPFR_RNDN),
                mpfr_get_d(p->objective, MPFR_RNDN));
      instance_clear(&it);
    }
  }
}

/* kappa of K = 10 and Beta(1, 1) by a rule. */
static void predict_rule(experiment *x, instance *out, const char *lambda,
                         const char *rule, int nodes)
{
  experiment_predict(x, out,
                     "loss=ce classes=10 lambda-W=%s lambda-H=%s "
                     "targets=mixup:beta=1,nodes=%d,rule=%s",
                     lambda, lambda, nodes, rule);
}

/* The relative error of kappa by rule and nodes, against 300 of tanh-sinh. */
static void quadrature(experiment *x)
{
  static const struct {
    const char *rule;
    int nodes;
  } rules[] = {{"jacobi", 8},     {"jacobi", 32},    {"tanh-sinh", 17},
               {"tanh-sinh", 33}, {"tanh-sinh", 65}, {"tanh-sinh", 129}};
  static const char *const lambda[] = {"1/10", "1/100", "1/10000"};
  FILE *out = experiment_table(x);
  size_t converges = experiment_claim(
      x, "129 tanh-sinh nodes give kappa of Beta(1, 1) to 1e-17", 1e-17,
      UFM_VERDICT_AGREES);
  instance fine[3], it;
  mpfr_t error;

  fprintf(out,
          "relative error of kappa, K = 10, Beta(1, 1), by lambda_W = "
          "lambda_H (refined)\n  %-14s",
          "nodes");
  for (int i = 0; i < 3; i++) {
    fprintf(out, " %10s", lambda[i]);
    predict_rule(x, &fine[i], lambda[i], "tanh-sinh", 300);
  }
  fputc('\n', out);
  mpfr_init2(error, 128);
  for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
    fprintf(out, "  %-9s %4d", rules[r].rule, rules[r].nodes);
    for (int i = 0; i < 3; i++) {
      predict_rule(x, &it, lambda[i], rules[r].rule, rules[r].nodes);
      mpfr_div(error, it.prediction->kappa, fine[i].prediction->kappa,
               MPFR_RNDN);
      mpfr_sub_ui(error, error, 1, MPFR_RNDN);
      mpfr_fprintf(out, " %10.1Re", error);
      if (rules[r].nodes == 129)
        experiment_case(x, converges, fabs(mpfr_get_d(error, MPFR_RNDN)));
      instance_clear(&it);
    }
    fputc('\n', out);
  }
  mpfr_clear(error);
  for (int i = 0; i < 3; i++)
    instance_clear(&fine[i]);
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "mixup_joint",
      "Balanced mixup with classifier and features free: the joint optimum.");

  optima(x);
  collapse(x);
  confidence(x);
  curves(x);
  quadrature(x);
  return experiment_end(x);
}
