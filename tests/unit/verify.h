/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random problems, models and exact numbers for the tests of proofs.  Rounds
   are numbered; the number is the seed that messages print. */
#ifndef UFM_TESTS_VERIFY_H
#define UFM_TESTS_VERIFY_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_rng.h>

#include <ufm/solve.h>
#include <ufm/verify.h>

#include "core/rng.h"
#include "problem.h"
#include "verify/interval.h"
#include "verify/model.h"

enum { MOST_CLASSES = 6, MOST_LAYERS = 3 };

/* A random problem; the arrays it points to live here. */
typedef struct drawn {
  test_problem t;
  size_t counts[MOST_CLASSES], widths[MOST_LAYERS];
  char text[MOST_LAYERS + 1][24];
  const char *lambda_w[MOST_LAYERS];
} drawn;

static inline unsigned long below(gsl_rng *rng, unsigned long n)
{
  return gsl_rng_uniform_int(rng, n);
}

/* Any loss, bias, counts and penalties, one-hot or smoothed targets; widths at
   least K - 1 (ce) or K, so that depth 1 is convex. */
static inline void draw_problem(drawn *d, gsl_rng *rng, size_t depth)
{
  *d = (drawn){.t = {.loss = (ufm_loss)below(rng, 2),
                     .bias = (ufm_bias)below(rng, 3),
                     .M = depth,
                     .counts = d->counts,
                     .widths = d->widths,
                     .lambda_w = d->lambda_w}};
  d->t.K = 2 + below(rng, MOST_CLASSES - 1);
  for (size_t k = 0; k < d->t.K; k++)
    d->counts[k] = 1 + below(rng, below(rng, 2) ? 3 : 40);
  for (size_t m = 0; m < depth; m++) {
    d->widths[m] = d->t.K + below(rng, 3) - (d->t.loss == UFM_LOSS_CE);
    snprintf(d->text[m], sizeof d->text[m], "1/%lu", 20 + below(rng, 2000));
    d->lambda_w[m] = d->text[m];
  }
  snprintf(d->text[MOST_LAYERS], sizeof d->text[0], "1/%lu",
           20 + below(rng, 5000));
  d->t.lambda_h = d->text[MOST_LAYERS];
  if (d->t.bias == UFM_BIAS_RIDGE)
    d->t.lambda_b = below(rng, 2) ? "1/7" : "3";
  if (below(rng, 3) == 0)
    d->t.smoothing = "1/10";
}

static inline ufm_solution *solve_problem(const ufm_problem *problem, int seed)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_error error = {{0}};

  settings.seed = (uint64_t)seed;
  ck_assert_msg(ufm_solve(&solution, problem, &settings, &error) == UFM_OK,
                "seed %d: %s", seed, error.text);
  return solution;
}

static inline ufm_certificate *verify_point(const ufm_problem *problem,
                                            const double *theta, size_t digits)
{
  ufm_certificate *certificate = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(
      ufm_verify(&certificate, NULL, problem, theta, digits, &error) == UFM_OK,
      "%s", error.text);
  return certificate;
}

/* A proof that the optimum is found, to `digits` digits. */
static inline ufm_certificate *prove_problem(const ufm_problem *problem,
                                             size_t digits, int seed)
{
  ufm_solution *solution = solve_problem(problem, seed);
  ufm_certificate *certificate = verify_point(problem, solution->theta, digits);

  ck_assert_msg(certificate->status == UFM_PROOF_PROVED, "seed %d: %s", seed,
                ufm_proof_status_name(certificate->status));
  ufm_solution_free(solution);
  return certificate;
}

/* The model of a random problem of depth 1 with J columns of its own: soft
   targets with zeros, unrelated weights.  It has no points. */
static inline void draw_model(ufm__model *model, gsl_rng *rng, ufm_loss loss,
                              ufm_bias bias, size_t K, size_t J)
{
  size_t n = K > J ? K : J, counts[2 * MOST_CLASSES], width = n;
  const char *lambda_w = "1/30";
  test_problem t = {.loss = loss,
                    .bias = bias,
                    .K = n,
                    .counts = counts,
                    .M = 1,
                    .widths = &width,
                    .lambda_w = &lambda_w,
                    .lambda_h = "1/70",
                    .lambda_b = bias == UFM_BIAS_RIDGE ? "2/5" : NULL};
  ufm_problem *problem;

  for (size_t k = 0; k < n; k++)
    counts[k] = 1;
  problem = make_problem(&t);
  ck_assert_int_eq(ufm__model_init(model, problem, NULL), UFM_OK);
  ufm_problem_free(problem);
  for (size_t i = J * K; i < model->J * model->K; i++)
    mpq_clear(model->target[i]);
  for (size_t j = J; j < model->J; j++) {
    mpz_clear(model->weight[j]);
    mpq_clears(model->pi[j], model->nu[j], (mpq_ptr)NULL);
  }
  model->K = K;
  model->J = J;
  mpz_set_ui(model->total, 0);
  mpq_set_ui(model->ratio, 1 + below(rng, 9), 1 + below(rng, 4));
  mpq_canonicalize(model->ratio);
  for (size_t j = 0; j < J; j++) {
    unsigned long part[2 * MOST_CLASSES], sum = 0;

    mpz_set_ui(model->weight[j], 1 + below(rng, 30));
    mpz_add(model->total, model->total, model->weight[j]);
    model->label[j] = UFM_NO_LABEL;
    for (size_t i = 0; i < K; i++) {
      /* every class has mass in its own column */
      part[i] = below(rng, 3) == 0 || i == j % K ? 1 + below(rng, 7) : 0;
      sum += part[i];
    }
    for (size_t i = 0; i < K; i++) {
      mpq_set_ui(model->target[j * K + i], part[i], sum);
      mpq_canonicalize(model->target[j * K + i]);
    }
  }
  for (size_t j = 0; j < J; j++) {
    mpq_set_z(model->pi[j], model->weight[j]);
    mpz_set(mpq_denref(model->pi[j]), model->total);
    mpq_canonicalize(model->pi[j]);
    mpq_mul(model->nu[j], model->pi[j], model->ratio);
  }
}

/* (+-)k/2^s with about `bits` binary digits, or 0. */
static inline void draw_dyadic(mpq_t out, gsl_rng *rng, unsigned long bits)
{
  mpz_set_ui(mpq_numref(out), 0);
  for (unsigned long b = 0; b < bits; b += 16) {
    mpz_mul_2exp(mpq_numref(out), mpq_numref(out), 16);
    mpz_add_ui(mpq_numref(out), mpq_numref(out), below(rng, 1UL << 16));
  }
  mpz_set_ui(mpq_denref(out), 1);
  if (below(rng, 8) == 0)
    mpz_set_ui(mpq_numref(out), below(rng, 3));
  if (below(rng, 2))
    mpq_neg(out, out);
  mpq_div_2exp(out, out, below(rng, 2 * bits));
}

#endif
