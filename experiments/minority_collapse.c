/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minority collapse, squared error without bias (arXiv 2301.00437): class k
   vanishes when its count passes an exact threshold,

     M = 1:   n_k <= N^2 lambda_W lambda_H,
     M >= 2:  n_k^M (M-1)^{M-1} < N^{M+1} Lam M^{2M}.

   Every class of counts (40, 20, 10, 5) is taken across its own threshold by
   choosing lambda_H; at M >= 2 it jumps, it does not shrink. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

enum { K = 4, N = 75 };
static const unsigned long counts[K] = {40, 20, 10, 5};

/* lambda_H that puts class k at `numerator`/`denominator` of its threshold when
   all lambda_W are 1/100, as a rational text for the caller to free. */
static char *threshold_lambda(unsigned long M, size_t k,
                              unsigned long numerator,
                              unsigned long denominator)
{
  char *text = NULL;
  mpq_t lambda;
  mpz_t power;

  mpq_init(lambda);
  mpz_init(power);
  /* Lam = n^M (M-1)^{M-1} / (N^{M+1} M^{2M}); lambda_H = Lam 100^M */
  mpz_ui_pow_ui(mpq_numref(lambda), counts[k], M);
  mpz_ui_pow_ui(power, M - 1, M - 1); /* 0^0 = 1 */
  mpz_mul(mpq_numref(lambda), mpq_numref(lambda), power);
  mpz_ui_pow_ui(power, 100, M);
  mpz_mul(mpq_numref(lambda), mpq_numref(lambda), power);
  mpz_mul_ui(mpq_numref(lambda), mpq_numref(lambda), numerator);
  mpz_ui_pow_ui(mpq_denref(lambda), N, M + 1);
  mpz_ui_pow_ui(power, M, 2 * M);
  mpz_mul(mpq_denref(lambda), mpq_denref(lambda), power);
  mpz_mul_ui(mpq_denref(lambda), mpq_denref(lambda), denominator);
  mpq_canonicalize(lambda);
  if (gmp_asprintf(&text, "%Qd", lambda) < 0)
    text = NULL;
  mpz_clear(power);
  mpq_clear(lambda);
  return text;
}

/* State of the direction of class k: the directions descend like the counts. */
static ufm_direction_state state_of(const instance *it, size_t k)
{
  size_t seen = 0;

  for (size_t i = 0; i < it->prediction->directions; i++) {
    seen += it->prediction->direction[i].multiplicity;
    if (k < seen)
      return it->prediction->direction[i].state;
  }
  return UFM_DIRECTION_NULL;
}

/* Exact tests one part in 10^30 either side of the threshold, and on it. */
static void exact_thresholds(experiment *x, size_t row, unsigned long M)
{
  static const struct {
    const char *factor;
    ufm_direction_state deep, shallow;
  } sides[] = {
      {"999999999999999999999999999999/1000000000000000000000000000000",
       UFM_DIRECTION_ACTIVE, UFM_DIRECTION_ACTIVE},
      {"1", UFM_DIRECTION_TIE, UFM_DIRECTION_THRESHOLD},
      {"1000000000000000000000000000001/1000000000000000000000000000000",
       UFM_DIRECTION_COLLAPSED, UFM_DIRECTION_COLLAPSED}};

  for (size_t k = 0; k < K; k++)
    for (size_t s = 0; s < 3; s++) {
      char *at = threshold_lambda(M, k, 1, 1), *lambda = NULL;
      mpq_t value, factor;
      instance it;

      mpq_inits(value, factor, (mpq_ptr)NULL);
      mpq_set_str(value, at, 10);
      mpq_set_str(factor, sides[s].factor, 10);
      mpq_mul(value, value, factor);
      if (gmp_asprintf(&lambda, "%Qd", value) < 0)
        abort();
      experiment_predict(x, &it,
                         "counts=40,20,10,5 lambda-W=1/100 lambda-H=%s "
                         "depth=%lu",
                         lambda, M);
      experiment_case(
          x, row,
          state_of(&it, k) == (M > 1 ? sides[s].deep : sides[s].shallow) ? 0.0
                                                                         : 1.0);
      instance_clear(&it);
      mpq_clears(value, factor, (mpq_ptr)NULL);
      free(at);
      free(lambda);
    }
}

/* The solver on both sides.  One start comes from the closed form (random
   starts rarely win close to a threshold where two minima have equal value); a
   better random one would refute the theorem. */
static void computed_sides(experiment *x, size_t objective, size_t norms,
                           unsigned long M)
{
  static const unsigned long sides[] = {70, 95, 105, 130}; /* per cent */

  for (size_t k = 0; k < K; k++)
    for (size_t s = 0; s < sizeof sides / sizeof sides[0]; s++) {
      char *lambda = threshold_lambda(M, k, sides[s], 100);
      double got, size;
      instance it;

      experiment_solve(x, &it,
                       "counts=40,20,10,5 lambda-W=1/100 lambda-H=%s depth=%lu "
                       "width=6 starts=%d start=theory",
                       lambda, M, experiment_full(x) ? 40 : 8);
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      /* the class must be there below its threshold and gone above it */
      got = it.geometry->norm_w[k];
      size = it.geometry->norm_w[0];
      if (sides[s] < 100)
        experiment_case(x, norms, got > 1e-3 * size ? 0.0 : 1.0);
      else
        experiment_case(x, norms, size > 0.0 && k > 0 ? got / size : got);
      instance_clear(&it);
      free(lambda);
    }
}

int main(int argc, char **argv)
{
  static const char *const exact[] = {
      "M = 1: class state flips exactly at its threshold",
      "M = 2: class state flips exactly at its threshold",
      "M = 3: class state flips exactly at its threshold"};
  static const char *const objective[] = {
      "M = 1: no start beats the closed form on either side",
      "M = 2: no start beats the closed form on either side",
      "M = 3: no start beats the closed form on either side"};
  static const char *const norms[] = {
      "M = 1: the class is present below and zero above",
      "M = 2: the class is present below and zero above",
      "M = 3: the class is present below and zero above"};
  experiment *x = experiment_begin(
      argc, argv, "minority_collapse",
      "Minority collapse of deep linear networks, across exact thresholds.");

  for (unsigned long M = 1; M <= 3; M++) {
    exact_thresholds(
        x, experiment_claim(x, exact[M - 1], 0.0, UFM_VERDICT_AGREES), M);
    size_t a = experiment_claim(x, objective[M - 1], 1e-10, UFM_VERDICT_AGREES);
    size_t b = experiment_claim(x, norms[M - 1], 1e-6, UFM_VERDICT_AGREES);

    computed_sides(x, a, b, M);
  }
  return experiment_end(x);
}
