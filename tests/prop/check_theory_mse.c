/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random MSE problems.  Predictions do not depend on the precision; their value
   is what the dense spectrum of the target gives; factors built from their
   logits are stationary, have that value and those Gram matrices; and their
   states are the inertia of an exact rational matrix. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ufm/objective.h>
#include <ufm/theory.h>

#include "core/rng.h"
#include "linalg/svd.h"
#include "rounds.h"
#include "solve/start_factors.h"
#include "theory/scalar.h"

#include "../unit/digits.h"
#include "../unit/matrix.h"
#include "../unit/problem.h"
#include "../unit/run.h"

enum { SEED = 41, ROUNDS = 150, MOST = 7, LAYERS = 3 };

typedef struct sample {
  unsigned long stream;
  size_t counts[MOST], widths[LAYERS];
  char penalty[LAYERS + 1][64];
  const char *lambda_w[LAYERS];
  test_problem t;
  ufm_problem *problem;
} sample;

/* Penalties around the threshold of a class of average size; equal and distinct
   counts; any width; smoothed or not; no bias, a free one or, with equal
   counts, a ridge. */
static void sample_init(sample *s, unsigned long stream, bool ridge)
{
  static const char *const eps[] = {NULL, NULL, "1/10", "2/3", "1/1000000"};
  gsl_rng *rng = ufm__rng_new(SEED, stream);
  double N = 0.0, scale;

  ck_assert_ptr_nonnull(rng);
  s->stream = stream;
  s->t = (test_problem){.loss = UFM_LOSS_MSE,
                        .counts = s->counts,
                        .widths = s->widths,
                        .lambda_w = s->lambda_w,
                        .lambda_h = s->penalty[LAYERS]};
  s->t.bias = stream % 2 ? UFM_BIAS_FREE : UFM_BIAS_NONE;
  if (ridge && stream % 4 == 3) {
    s->t.bias = UFM_BIAS_RIDGE;
    s->t.lambda_b = "1/3";
  }
  s->t.smoothing = eps[gsl_rng_uniform_int(rng, 5)];
  s->t.K = 2 + gsl_rng_uniform_int(rng, MOST - 1);
  s->t.M = 1 + gsl_rng_uniform_int(rng, LAYERS);
  for (size_t k = 0; k < s->t.K; k++) {
    s->counts[k] = 1 + gsl_rng_uniform_int(rng, stream % 3 ? 4 : 60);
    if (s->t.bias == UFM_BIAS_RIDGE)
      s->counts[k] = s->counts[0];
    N += (double)s->counts[k];
  }
  /* lambda^L near c*^L m^M / N^L */
  scale = 0.35 *
          pow(N / (double)s->t.K, (double)s->t.M / ((double)s->t.M + 1.0)) / N;
  for (size_t m = 0; m <= LAYERS; m++) {
    double lambda = scale * pow(2.0, 3.0 * gsl_rng_uniform(rng) - 3.0);

    if (m < LAYERS) {
      s->lambda_w[m] = s->penalty[m];
      s->widths[m] = gsl_rng_uniform_int(rng, 3)
                         ? s->t.K + gsl_rng_uniform_int(rng, 3)
                         : 1 + gsl_rng_uniform_int(rng, s->t.K);
    }
    snprintf(s->penalty[m], sizeof s->penalty[m], "%.0f/10000",
             ceil(1e4 * lambda));
  }
  gsl_rng_free(rng);
  s->problem = make_problem(&s->t);
}

static ufm_prediction *predict(const sample *s, size_t digits)
{
  ufm_prediction *p = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_theory_predict(&p, s->problem, digits, &error) == UFM_OK,
                "seed %d.%lu: %s", SEED, s->stream, error.text);
  return p;
}

static void same(const sample *s, const char *what, size_t n, const mpfr_t *x,
                 const mpfr_t *y)
{
  for (size_t i = 0; i < n; i++)
    ck_assert_msg(same_digits(x[i], y[i], 20), "seed %d.%lu: %s[%zu]: %g, %g",
                  SEED, s->stream, what, i, mpfr_get_d(x[i], MPFR_RNDN),
                  mpfr_get_d(y[i], MPFR_RNDN));
}

static void same_matrix(const sample *s, const char *what,
                        const ufm_block_matrix *x, const ufm_block_matrix *y)
{
  same(s, what, x->G * x->G, (const mpfr_t *)x->block,
       (const mpfr_t *)y->block);
  same(s, what, x->G, (const mpfr_t *)x->extra, (const mpfr_t *)y->extra);
}

START_TEST(precision_does_not_matter)
{
  for (unsigned long stream = 0; stream < (unsigned long)rounds(ROUNDS);
       stream++) {
    sample s;
    ufm_prediction *p, *q;

    sample_init(&s, stream, true);
    p = predict(&s, 20);
    q = predict(&s, 70);
    ck_assert(p->claim == q->claim && p->rank == q->rank &&
              p->directions == q->directions && p->spectra == q->spectra);
    same(&s, "objective", 1, (const mpfr_t *)&p->objective,
         (const mpfr_t *)&q->objective);
    same(&s, "singular value", (p->M + 2) * p->spectra, (const mpfr_t *)p->sv,
         (const mpfr_t *)q->sv);
    for (size_t i = 0; i < p->directions; i++) {
      const ufm_direction *a = &p->direction[i], *b = &q->direction[i];

      ck_assert_int_eq(a->state, b->state);
      same(&s, "m", 1, (const mpfr_t *)&a->m, (const mpfr_t *)&b->m);
      same(&s, "t", 1, (const mpfr_t *)&a->t, (const mpfr_t *)&b->t);
      same(&s, "1-t", 1, (const mpfr_t *)&a->one_minus_t,
           (const mpfr_t *)&b->one_minus_t);
    }
    if (p->grams) {
      same_matrix(&s, "gram W", &p->gram_w, &q->gram_w);
      same_matrix(&s, "gram H", &p->gram_h, &q->gram_h);
      same_matrix(&s, "logits", &p->logits, &q->logits);
    }
    ufm_prediction_free(p);
    ufm_prediction_free(q);
    ufm_problem_free(s.problem);
  }
}
END_TEST

/* Singular values of the target (less its mean when the bias is free), with
   columns weighted by sqrt(n_k), written out densely. */
static void dense_spectrum(const sample *s, double *tau)
{
  const ufm_columns *c = ufm_problem_columns(s->problem);
  size_t K = s->t.K;
  double N = (double)ufm_problem_samples(s->problem), A[MOST * MOST] = {0};
  double mean[MOST] = {0}, target[MOST];

  for (size_t j = 0; s->t.bias == UFM_BIAS_FREE && j < K; j++) {
    ufm_columns_target(c, j, target);
    for (size_t i = 0; i < K; i++)
      mean[i] += (double)s->counts[j] / N * target[i];
  }
  for (size_t j = 0; j < K; j++) {
    ufm_columns_target(c, j, target);
    for (size_t i = 0; i < K; i++)
      A[i * K + j] = sqrt((double)s->counts[j]) * (target[i] - mean[i]);
  }
  ck_assert_int_eq(ufm__svd(K, K, A, tau, NULL, NULL, NULL), UFM_OK);
}

/* min over z of (z - tau)^2/(2N) + gamma z^{2/L}: the best of a grid, polished
   by shrinking it. */
static double psi(double tau, double N, double gamma, double L)
{
  double lo = 0.0, hi = tau, best = tau * tau / (2.0 * N);

  for (int pass = 0; pass < 12; pass++) {
    double at = lo, least = HUGE_VAL, step = (hi - lo) / 200.0;

    for (int i = 0; i <= 200; i++) {
      double z = lo + step * i;
      double value =
          (z - tau) * (z - tau) / (2.0 * N) + gamma * pow(z, 2.0 / L);

      if (z > 0.0 && value < least) {
        least = value;
        at = z;
      }
    }
    best = fmin(best, least);
    lo = fmax(0.0, at - 2.0 * step);
    hi = at + 2.0 * step;
  }
  return best;
}

START_TEST(value_is_that_of_the_dense_spectrum)
{
  for (unsigned long stream = 0; stream < (unsigned long)rounds(ROUNDS);
       stream++) {
    double tau[MOST], N, gamma, L, want = 0.0, got;
    ufm_prediction *p;
    sample s;
    mpq_t product;

    sample_init(&s, stream, false);
    p = predict(&s, 20);
    mpq_init(product);
    ufm_problem_lambda_product(s.problem, product);
    N = (double)ufm_problem_samples(s.problem);
    L = (double)s.t.M + 1.0;
    gamma = L / 2.0 * pow(mpq_get_d(product), 1.0 / L);
    mpq_clear(product);
    dense_spectrum(&s, tau);
    for (size_t j = 0, i = 0, used = 0; j < s.t.K; j++) {
      want += j < ufm_problem_rank_limit(s.problem)
                  ? psi(tau[j], N, gamma, L)
                  : tau[j] * tau[j] / (2.0 * N);
      if (used == p->direction[i].multiplicity) {
        i++;
        used = 0;
      }
      used++;
      ck_assert_double_le(
          fabs(mpfr_get_d(p->direction[i].m, MPFR_RNDN) - tau[j] * tau[j]),
          1e-12 * tau[0] * tau[0]);
    }
    got = mpfr_get_d(p->objective, MPFR_RNDN);
    ck_assert_msg(fabs(got - want) <= 1e-12 * want,
                  "seed %d.%lu: got %.17g, want %.17g", SEED, stream, got,
                  want);
    ufm_prediction_free(p);
    ufm_problem_free(s.problem);
  }
}
END_TEST

static void expect_entries(const sample *s, const char *what,
                           const ufm_prediction *p,
                           const ufm_block_matrix *matrix, const double *want)
{
  size_t K = s->t.K;
  double size = 0.0;
  mpfr_t entry;

  mpfr_init2(entry, 100);
  for (size_t i = 0; i < K * K; i++)
    size = fmax(size, fabs(want[i]));
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++) {
      double got;

      ufm_prediction_entry(p, matrix, i, k, entry);
      got = mpfr_get_d(entry, MPFR_RNDN);
      ck_assert_msg(fabs(got - want[i * K + k]) <= 1e-11 * size,
                    "seed %d.%lu: %s[%zu][%zu]: got %.17g, want %.17g", SEED,
                    s->stream, what, i, k, got, want[i * K + k]);
    }
  mpfr_clear(entry);
}

/* W_M W_M^T and H^T H of the plain point theta. */
static void check_grams(const sample *s, const ufm_prediction *p,
                        const ufm_layout *l, const double *theta)
{
  size_t K = s->t.K, d = l->width[l->M - 1], first = l->width[0];
  double want[MOST * MOST], *T;

  T = new_transpose(K, d, theta + l->w[l->M - 1]);
  multiply(K, K, d, theta + l->w[l->M - 1], NULL, T, want);
  expect_entries(s, "W_M W_M^T", p, &p->gram_w, want);
  free(T);
  T = new_transpose(K, first, theta + l->h);
  multiply(K, K, first, theta + l->h, NULL, T, want);
  expect_entries(s, "H^T H", p, &p->gram_h, want);
  free(T);
}

/* Balanced factors x of the predicted logits, of the predicted rank, and the
   predicted bias. */
static void build_factors(const sample *s, const ufm_prediction *p,
                          const ufm_objective *objective, double *x)
{
  const ufm_layout *l = ufm_objective_layout(objective);
  size_t K = s->t.K;
  ufm__logits logits;
  double *plain = new_array(l->size);
  mpfr_t entry;

  ck_assert_int_eq(ufm__logits_init(&logits, l, NULL), UFM_OK);
  mpfr_init2(entry, p->bits);
  for (size_t j = 0; j < K; j++)
    for (size_t i = 0; i < K; i++) {
      ufm_prediction_entry(p, &p->logits, i, j, entry);
      logits.Z[j * K + i] =
          sqrt((double)s->counts[j]) * mpfr_get_d(entry, MPFR_RNDN);
    }
  mpfr_clear(entry);
  ck_assert_int_eq(ufm__logits_decompose(&logits, l, NULL), UFM_OK);
  for (size_t i = p->rank; i < K; i++) {
    ck_assert_double_le(logits.s[i], 1e-13 * (1.0 + logits.s[0]));
    logits.s[i] = 0.0; /* rounding would grow in sigma^{1/L} */
  }
  for (size_t k = l->b; k < l->size; k++)
    plain[k] = mpfr_get_d(p->bias[p->groups->of[k - l->b]], MPFR_RNDN);
  ufm_objective_from_plain(objective, plain, x);
  ufm__logits_factors(&logits, l, 1.0, x);
  ufm__logits_clear(&logits);
  free(plain);
}

/* F, its gradient and the Gram matrices of factors with the predicted logits
   and bias; points near by are no better. */
START_TEST(factors_attain_the_prediction)
{
  size_t checked = 0, fitted = 0;

  for (unsigned long stream = 0; stream < (unsigned long)rounds(ROUNDS);
       stream++) {
    ufm_objective *objective = NULL;
    ufm_prediction *p;
    sample s;
    gsl_rng *rng = ufm__rng_new(SEED + 1, stream);

    sample_init(&s, stream, true);
    p = predict(&s, 20);
    ck_assert_int_eq(
        ufm_objective_new(&objective, s.problem, UFM_VARIABLES_BALANCED, NULL),
        UFM_OK);
    if (p->grams) {
      const ufm_layout *l = ufm_objective_layout(objective);
      double *x = new_array(l->size), *g = new_array(l->size);
      double want = mpfr_get_d(p->objective, MPFR_RNDN), F, slope = 0.0;

      build_factors(&s, p, objective, x);
      F = ufm_objective_gradient(objective, x, g);
      for (size_t i = 0; i < l->size; i++)
        slope = fmax(slope, fabs(g[i]));
      ck_assert_msg(fabs(F - want) <= 1e-12 * want && slope <= 1e-9,
                    "seed %d.%lu: F %.17g, want %.17g, gradient %g", SEED,
                    stream, F, want, slope);
      for (int i = 0; p->claim != UFM_CLAIM_CANDIDATE && i < 20; i++) {
        double size = pow(10.0, -3.0 * gsl_rng_uniform(rng));

        fill_normal(rng, l->size, g);
        for (size_t k = 0; k < l->size; k++)
          g[k] = x[k] + size * g[k];
        ck_assert(ufm_objective_value(objective, g) >= F - 1e-12);
      }
      ufm_objective_to_plain(objective, x, g);
      check_grams(&s, p, l, g);
      checked++;
      fitted += p->rank > 0;
      free(x);
      free(g);
    }
    ufm_objective_free(objective);
    ufm_prediction_free(p);
    ufm_problem_free(s.problem);
    gsl_rng_free(rng);
  }
  ck_assert_uint_gt(checked, ROUNDS / 2);
  ck_assert_uint_gt(fitted, ROUNDS / 3);
}
END_TEST

/* Exact rational K x K matrices, for the inertia below. */
typedef struct rationals {
  size_t K;
  mpq_t a[MOST * MOST];
} rationals;

static void rationals_init(rationals *A, size_t K)
{
  A->K = K;
  for (size_t i = 0; i < K * K; i++)
    mpq_init(A->a[i]);
}

static void rationals_clear(rationals *A)
{
  for (size_t i = 0; i < A->K * A->K; i++)
    mpq_clear(A->a[i]);
}

/* C = A B */
static void rationals_multiply(rationals *C, rationals *A, rationals *B)
{
  size_t K = A->K;
  mpq_t term;

  mpq_init(term);
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++) {
      mpq_set_ui(C->a[i * K + k], 0, 1);
      for (size_t j = 0; j < K; j++) {
        mpq_mul(term, A->a[i * K + j], B->a[j * K + k]);
        mpq_add(C->a[i * K + k], C->a[i * K + k], term);
      }
    }
  mpq_clear(term);
}

/* row/column a += factor * row/column b: a congruence. */
static void add_row_and_column(rationals *A, size_t a, size_t b,
                               mpq_srcptr factor)
{
  size_t K = A->K;
  mpq_t term;

  mpq_init(term);
  for (size_t k = 0; k < K; k++) {
    mpq_mul(term, factor, A->a[b * K + k]);
    mpq_add(A->a[a * K + k], A->a[a * K + k], term);
  }
  for (size_t k = 0; k < K; k++) {
    mpq_mul(term, factor, A->a[k * K + b]);
    mpq_add(A->a[k * K + a], A->a[k * K + a], term);
  }
  mpq_clear(term);
}

/* Numbers of positive and zero eigenvalues of a symmetric matrix, by exact
   congruences (destroys A). */
static void inertia(rationals *A, size_t *positive, size_t *zero)
{
  size_t K = A->K;
  bool done[MOST] = {false};
  mpq_t factor;

  mpq_init(factor);
  *positive = 0;
  *zero = K;
  for (size_t step = 0; step < K; step++) {
    size_t pivot = K;

    for (size_t i = 0; i < K && pivot == K; i++)
      if (!done[i] && mpq_sgn(A->a[i * K + i]) != 0)
        pivot = i;
    for (size_t i = 0; i < K && pivot == K; i++)
      for (size_t k = 0; k < K && pivot == K; k++)
        if (!done[i] && !done[k] && mpq_sgn(A->a[i * K + k]) != 0) {
          mpq_set_ui(factor, 1, 1); /* zero diagonal: makes 2 A_ik of it */
          add_row_and_column(A, i, k, factor);
          pivot = i;
        }
    if (pivot == K)
      break;
    done[pivot] = true;
    (*zero)--;
    *positive += mpq_sgn(A->a[pivot * K + pivot]) > 0;
    for (size_t i = 0; i < K; i++)
      if (!done[i]) {
        mpq_div(factor, A->a[i * K + pivot], A->a[pivot * K + pivot]);
        mpq_neg(factor, factor);
        add_row_and_column(A, i, pivot, factor);
      }
  }
  mpq_clear(factor);
}

/* B = sum_j n_j (t_j - tbar)(t_j - tbar)^T (tbar = 0 without bias). */
static void target_matrix(const sample *s, rationals *B)
{
  const ufm_columns *c = ufm_problem_columns(s->problem);
  size_t K = s->t.K;
  rationals T, D;
  mpq_t mean, entry;

  rationals_init(&T, K);
  rationals_init(&D, K);
  mpq_inits(mean, entry, (mpq_ptr)NULL);
  for (size_t i = 0; i < K; i++) {
    mpq_set_ui(mean, 0, 1);
    for (size_t j = 0; j < K; j++) {
      ufm_columns_target_exact(c, j, i, T.a[i * K + j]);
      mpq_mul(entry, T.a[i * K + j], c->palette[c->weight[j]]);
      mpq_add(mean, mean, entry);
    }
    for (size_t j = 0; s->t.bias == UFM_BIAS_FREE && j < K; j++)
      mpq_sub(T.a[i * K + j], T.a[i * K + j], mean);
  }
  for (size_t i = 0; i < K; i++)
    for (size_t j = 0; j < K; j++) {
      mpq_set_ui(entry, s->counts[j], 1);
      mpq_mul(D.a[j * K + i], T.a[i * K + j], entry);
    }
  rationals_multiply(B, &T, &D);
  mpq_clears(mean, entry, (mpq_ptr)NULL);
  rationals_clear(&T);
  rationals_clear(&D);
}

/* The inertia of (M-1)^{M-1} B^M - N^{M+1} Lam M^{2M} I counts the directions
   past, at and before the threshold (section 3). */
static void exact_counts(const sample *s, size_t *active, size_t *tied)
{
  size_t K = s->t.K, M = s->t.M;
  rationals B, power, next;
  mpq_t level, factor;
  mpz_t z;

  rationals_init(&B, K);
  rationals_init(&power, K);
  rationals_init(&next, K);
  mpq_inits(level, factor, (mpq_ptr)NULL);
  mpz_init(z);
  target_matrix(s, &B);
  for (size_t i = 0; i < K * K; i++)
    mpq_set(power.a[i], B.a[i]);
  for (size_t m = 1; m < M; m++) {
    rationals_multiply(&next, &power, &B);
    for (size_t i = 0; i < K * K; i++)
      mpq_set(power.a[i], next.a[i]);
  }
  ufm_problem_lambda_product(s->problem, level);
  mpz_ui_pow_ui(z, ufm_problem_samples(s->problem), M + 1);
  mpq_set_z(factor, z);
  mpq_mul(level, level, factor);
  mpz_ui_pow_ui(z, M, 2 * M);
  mpq_set_z(factor, z);
  mpq_mul(level, level, factor);
  mpz_ui_pow_ui(z, M - 1, M - 1);
  mpq_set_z(factor, z);
  for (size_t i = 0; i < K * K; i++)
    mpq_mul(power.a[i], power.a[i], factor);
  for (size_t i = 0; i < K; i++)
    mpq_sub(power.a[i * K + i], power.a[i * K + i], level);
  inertia(&power, active, tied);
  mpq_clears(level, factor, (mpq_ptr)NULL);
  mpz_clear(z);
  rationals_clear(&B);
  rationals_clear(&power);
  rationals_clear(&next);
}

START_TEST(states_are_the_exact_inertia)
{
  size_t some_active = 0, some_collapsed = 0;

  for (unsigned long stream = 0; stream < (unsigned long)rounds(ROUNDS);
       stream++) {
    size_t active, tied, got[UFM_DIRECTION_NULL + 1] = {0};
    ufm_prediction *p;
    sample s;

    sample_init(&s, stream, false);
    for (size_t m = 0; m < s.t.M; m++)
      s.widths[m] = s.t.K; /* no rank cut */
    ufm_problem_free(s.problem);
    s.problem = make_problem(&s.t);
    p = predict(&s, 10);
    exact_counts(&s, &active, &tied);
    for (size_t i = 0; i < p->directions; i++)
      got[p->direction[i].state] += p->direction[i].multiplicity;
    ck_assert_msg(got[UFM_DIRECTION_ACTIVE] == active &&
                      got[UFM_DIRECTION_TIE] + got[UFM_DIRECTION_THRESHOLD] ==
                          tied &&
                      got[UFM_DIRECTION_UNDECIDED] == 0,
                  "seed %d.%lu: %zu active, %zu exactly", SEED, stream,
                  got[UFM_DIRECTION_ACTIVE], active);
    some_active += active > 0;
    some_collapsed += got[UFM_DIRECTION_COLLAPSED] > 0;
    ufm_prediction_free(p);
    ufm_problem_free(s.problem);
  }
  ck_assert_uint_gt(some_active, ROUNDS / 3);
  ck_assert_uint_gt(some_collapsed, ROUNDS / 10);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory-mse-random");

  tcase_add_test(tests, precision_does_not_matter);
  tcase_add_test(tests, value_is_that_of_the_dense_spectrum);
  tcase_add_test(tests, factors_attain_the_prediction);
  tcase_add_test(tests, states_are_the_exact_inertia);
  return run_case("theory-mse-random", tests);
}
