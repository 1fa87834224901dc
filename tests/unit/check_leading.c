/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leading singular triplets of the gradient at zero, by products alone, against
   the decomposition of the whole matrix. */
#include <config.h>

#include "core/rng.h"
#include "linalg/svd.h"
#include "matrix.h"
#include "problem.h"
#include "run.h"
#include "solve/start_leading.h"

enum { K = 40, SEED = 31 };
static const size_t one[] = {3};
static const char *const lambda_w[] = {"1/100"};

/* Merged or not, with and without a background. */
static ufm_problem *case_problem(int i)
{
  size_t counts[K];
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = K,
                    .counts = counts,
                    .M = 1,
                    .widths = one,
                    .lambda_w = lambda_w,
                    .lambda_h = "1/50",
                    .smoothing = i / 2 % 2 != 0 ? "1/10" : NULL,
                    .unmerged = i % 2 != 0};

  for (size_t k = 0; k < K; k++)
    counts[k] = k < 20 ? 1 + ((size_t)1 << (10 - k / 2)) / 64 : 1;
  return make_problem(&t);
}

/* The whole matrix, entry by entry. */
static double *dense(const ufm__zero_gradient *G)
{
  size_t J = G->columns->J;
  double *out = new_array(J * K);

  for (size_t j = 0; j < J; j++) {
    ufm_columns_target(G->columns, j, out + j * K);
    for (size_t i = 0; i < K; i++)
      out[j * K + i] = G->scale[j] * (out[j * K + i] - G->output[i]);
  }
  return out;
}

START_TEST(triplets_are_those_of_the_matrix)
{
  ufm_problem *p = case_problem(_i);
  gsl_rng *rng = ufm__rng_new(SEED, (uint64_t)_i);
  const ufm_columns *c = ufm_problem_columns(p);
  size_t J = c->J, least = J < K ? J : K, rank = _i < 4 ? 5 : least;
  ufm__zero_gradient G = {c, new_array(J), new_array(K)};
  double *A, *copy = new_array(J * K), *s = new_array(least), *Vt, *left;
  ufm__logits got;
  size_t r;

  for (size_t j = 0; j < J; j++)
    G.scale[j] = sqrt(c->rounded[c->weight[j]]);
  for (size_t i = 0; i < K; i++)
    G.output[i] = (0.5 + gsl_rng_uniform(rng)) / K;
  A = dense(&G);
  memcpy(copy, A, J * K * sizeof *copy);
  ck_assert_int_eq(ufm__svd(J, K, copy, s, NULL, NULL, NULL), UFM_OK);
  ck_assert_int_eq(ufm__logits_leading(&got, &G, rank, rng, NULL), UFM_OK);
  r = got.r;
  ck_assert_uint_ge(r, rank);
  ck_assert_uint_le(r, least);
  Vt = new_transpose(J, r, got.V);
  left = new_array(r * K);
  ck_assert_double_le(orthonormality_error(r, J, Vt), 1e-13);
  ck_assert_double_le(orthonormality_error(r, K, got.Ut), 1e-13);
  /* V^T G = diag(s) U^T, of whatever quality the subspace is */
  multiply(r, K, J, Vt, NULL, A, left);
  for (size_t i = 0; i < r; i++)
    for (size_t k = 0; k < K; k++)
      ck_assert_double_eq_tol(left[i * K + k], got.s[i] * got.Ut[i * K + k],
                              1e-13 * s[0]);
  for (size_t i = 0; i < rank; i++) {
    ck_assert_double_le(got.s[i], s[i] + 1e-13 * s[0]);
    ck_assert_msg(got.s[i] >=
                      (rank == least ? 1.0 : 0.95) * s[i] - 1e-13 * s[0],
                  "seed %d, case %d: value %zu is %g, want %g", SEED, _i, i,
                  got.s[i], s[i]);
  }
  ufm__logits_clear(&got);
  free(G.scale);
  free(G.output);
  free(A);
  free(copy);
  free(s);
  free(Vt);
  free(left);
  gsl_rng_free(rng);
  ufm_problem_free(p);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("leading");

  tcase_add_loop_test(tests, triplets_are_those_of_the_matrix, 0, 8);
  return run_case("leading", tests);
}
