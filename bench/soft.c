/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the scalar equations of soft targets cost: one pair with a fixed
   classifier, the joint optimum of a law, and the blind solver on a law.

   One JSON object per case on standard output, processor seconds of this
   process, with one BLAS thread. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <ufm/ufm.h>

enum { PAIRS = 200000, REPEATS = 20, NODES = 129 };

static void must(ufm_status status, const char *name, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "soft: %s: %s\n", name, error->text);
  exit(3);
}

static double seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void print(json_t *line)
{
  json_dumpf(line, stdout, JSON_REAL_PRECISION(4));
  putchar('\n');
  fflush(stdout);
  json_decref(line);
}

/* The mean over mixing values spread evenly, and over kappa. */
static void pairs(size_t K, double kappa)
{
  ufm_error error = {{0}};
  double sum = 0.0, begin = seconds();

  for (int i = 0; i < PAIRS; i++) {
    ufm_soft_pair pair;

    must(ufm_soft_pair_solve(&pair, K, kappa, 1.0, ((double)i + 0.5) / PAIRS,
                             &error),
         "pair", &error);
    sum += pair.at.value;
  }
  begin = seconds() - begin;
  print(json_pack("{ss, sI, sf, sf, sf, sf}", "case", "pair", "classes",
                  (json_int_t)K, "kappa", kappa, "microseconds",
                  1e6 * begin / PAIRS, "goal_microseconds", 2.0, "mean_value",
                  sum / PAIRS));
}

/* Beta(1, 1) by tanh-sinh, same-class pairs as independent draws give them. */
static ufm_soft_law *uniform_law(size_t K)
{
  ufm_mixing *mixing = NULL;
  ufm_soft_law *law = NULL;
  ufm_error error = {{0}};
  mpq_t one, same;

  mpq_inits(one, same, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  mpq_set_ui(same, 1, K);
  must(ufm_mixing_beta(&mixing, one, NODES, UFM_MIXING_TANH_SINH, &error),
       "law", &error);
  must(ufm_soft_law_mixing(&law, K, same, mixing->nodes,
                           (const mpq_t *)mixing->lam,
                           (const mpq_t *)mixing->weight, NULL, &error),
       "law", &error);
  ufm_mixing_free(mixing);
  mpq_clears(one, same, (mpq_ptr)NULL);
  return law;
}

/* lambda_W = lambda_H with lambda_W lambda_H = 1/(16 K^2) and less. */
static void joint(size_t K, unsigned long divisor)
{
  ufm_soft_law *law = uniform_law(K);
  ufm_error error = {{0}};
  double begin, few, many, kappa = 0.0;
  ufm_soft_joint_mp *digits = NULL;
  mpq_t lambda;

  mpq_init(lambda);
  mpq_set_ui(lambda, 1, divisor * K);
  begin = seconds();
  for (int i = 0; i < REPEATS; i++) {
    ufm_soft_joint *one = NULL;

    must(ufm_soft_joint_solve(&one, law, lambda, lambda, &error), "joint",
         &error);
    kappa = one->kappa;
    ufm_soft_joint_free(one);
  }
  few = (seconds() - begin) / REPEATS;
  begin = seconds();
  must(ufm_soft_joint_solve_mp(&digits, law, lambda, lambda, 40, &error),
       "joint", &error);
  many = seconds() - begin;
  ufm_soft_joint_mp_free(digits);
  ufm_soft_law_free(law);
  mpq_clear(lambda);
  print(json_pack("{ss, sI, sI, sf, sf, sf, sf}", "case", "joint", "classes",
                  (json_int_t)K, "nodes", (json_int_t)NODES, "kappa", kappa,
                  "milliseconds", 1e3 * few, "goal_milliseconds", 10.0,
                  "milliseconds_40_digits", 1e3 * many));
}

/* K = 10 and 17 nodes, 1540 columns, from a random start. */
static void blind(void)
{
  static const char *const options[][2] = {
      {"loss", "ce"},
      {"classes", "10"},
      {"lambda-W", "1/2000"},
      {"lambda-H", "1/2000"},
      {"targets", "mixup:beta=1,nodes=17,rule=tanh-sinh"}};
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_prediction *prediction = NULL;
  ufm_solution *solution = NULL;
  ufm_problem *problem = NULL;
  ufm_spec *spec = NULL;
  ufm_error error = {{0}};
  double begin, want;

  must(ufm_spec_new(&spec, &error), "blind", &error);
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    must(ufm_spec_set(spec, options[i][0], options[i][1], &error), "blind",
         &error);
  must(ufm_spec_problem(spec, &problem, &error), "blind", &error);
  must(ufm_theory_predict(&prediction, problem, 20, &error), "blind", &error);
  want = mpfr_get_d(prediction->objective, MPFR_RNDN);
  begin = seconds();
  must(ufm_solve(&solution, problem, &settings, &error), "blind", &error);
  begin = seconds() - begin;
  print(json_pack("{ss, sI, sI, sf, sf, sf, sf}", "case", "blind", "classes",
                  (json_int_t)10, "columns",
                  (json_int_t)ufm_problem_columns(problem)->J, "seconds", begin,
                  "goal_seconds", 2.0, "relative_gradient",
                  solution->run[solution->best].relative_gradient,
                  "objective_error", (solution->objective - want) / want));
  ufm_solution_free(solution);
  ufm_prediction_free(prediction);
  ufm_problem_free(problem);
  ufm_spec_free(spec);
}

int main(void)
{
  gsl_set_error_handler_off();
  pairs(10, 1e-3);
  pairs(1000, 1e-2);
  pairs(1000, 1e-5);
  pairs(1000, 1e-9);
  joint(10, 4);
  joint(10, 4000);
  joint(1000, 4);
  joint(1000000, 4);
  joint(1000000, 4000);
  blind();
  return 0;
}
