/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of mixing values against stored Gauss rules, and mixup columns against
   the enumeration of all pairs. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include <ufm/mixing.h>

#include "refs.h"
#include "run.h"

enum { ROUNDS = 30, MOST_NODES = 6, MOST_CLASSES = 5 };

static void set_decimal(mpfr_t out, const json_t *object, const char *key)
{
  ck_assert_int_eq(mpfr_set_str(out, member_string(object, key), 10, MPFR_RNDN),
                   0);
}

/* |x - y| <= 1e-38 |y| */
static void expect_close(const char *name, mpq_srcptr x, mpfr_srcptr y)
{
  mpfr_t a, tolerance;

  mpfr_inits2(BITS, a, tolerance, (mpfr_ptr)NULL);
  mpfr_set_q(a, x, MPFR_RNDN);
  mpfr_sub(a, a, y, MPFR_RNDN);
  mpfr_mul_d(tolerance, y, 1e-38, MPFR_RNDN);
  ck_assert_msg(mpfr_cmpabs(a, tolerance) <= 0, "%s: %g, want %g", name,
                mpq_get_d(x), mpfr_get_d(y, MPFR_RNDN));
  mpfr_clears(a, tolerance, (mpfr_ptr)NULL);
}

static void compare_nodes(const json_t *instance)
{
  const json_t *input = json_object_get(instance, "input");
  const json_t *law = json_object_get(input, "lambda_law");
  const json_t *nodes = json_object_get(input, "nodes");
  const char *name = member_string(instance, "id");
  size_t n = json_array_size(nodes);
  ufm_mixing *m = NULL;
  ufm_error error = {{0}};
  mpq_t alpha;
  mpfr_t x;

  mpq_init(alpha);
  mpfr_init2(x, BITS);
  set_decimal(x, law, "alpha");
  mpfr_mul_ui(x, x, 10, MPFR_RNDN); /* one decimal at most */
  mpq_set_si(alpha, mpfr_get_si(x, MPFR_RNDN), 10);
  mpq_canonicalize(alpha);
  ck_assert_msg(ufm_mixing_beta(&m, alpha, n, UFM_MIXING_JACOBI, &error) ==
                    UFM_OK,
                "%s: %s", name, error.text);
  ck_assert_uint_eq(m->nodes, n);
  for (size_t l = 0; l < n; l++) {
    set_decimal(x, json_array_get(nodes, l), "lam");
    expect_close(name, m->lam[l], x);
    set_decimal(x, json_array_get(nodes, l), "w");
    expect_close(name, m->weight[l], x);
  }
  ck_assert(n < 2 || m->moment_error < 1e-40);
  ufm_mixing_free(m);
  mpq_clear(alpha);
  mpfr_clear(x);
}

START_TEST(stored_gauss_rules)
{
  json_t *root = load("soft_targets.json"), *instance;
  size_t index, seen = 0;

  json_array_foreach(json_object_get(root, "instances"), index, instance)
  {
    const json_t *input = json_object_get(instance, "input");
    const char *type =
        member_string(json_object_get(input, "lambda_law"), "type");

    if (type == NULL || strcmp(type, "gauss_jacobi") != 0)
      continue;
    compare_nodes(instance);
    seen++;
  }
  ck_assert_uint_ge(seen, 5);
  json_decref(root);
}
END_TEST

/* E lam^2 = (alpha+1)/(2 (2 alpha+1)), E lam^4 from the Beta moments. */
START_TEST(folded_rule_has_the_moments)
{
  static const double alphas[][2] = {{1, 5}, {1, 2}, {1, 1}, {7, 2}, {20, 1}};
  ufm_mixing *m = NULL;
  ufm_error error = {{0}};
  double fourth = 1.0, sum = 0.0, alpha = alphas[_i][0] / alphas[_i][1];
  mpq_t a, total;

  mpq_inits(a, total, (mpq_ptr)NULL);
  mpq_set_ui(a, (unsigned long)alphas[_i][0], (unsigned long)alphas[_i][1]);
  ck_assert_int_eq(ufm_mixing_beta(&m, a, 101, UFM_MIXING_TANH_SINH, &error),
                   UFM_OK);
  ck_assert(m->moment_error < 1e-15);
  for (int k = 0; k < 4; k++)
    fourth *= (alpha + k) / (2.0 * alpha + k);
  for (size_t l = 0; l < m->nodes; l++) {
    double lam = mpq_get_d(m->lam[l]), w = mpq_get_d(m->weight[l]);

    ck_assert(lam > 0.0 && lam <= 0.5);
    sum += w * 0.5 * (pow(lam, 4.0) + pow(1.0 - lam, 4.0));
    mpq_add(total, total, m->weight[l]);
  }
  ck_assert_int_eq(mpq_cmp_ui(total, 1, 1), 0);
  ck_assert_double_eq_tol(sum, fourth, 1e-13);
  ufm_mixing_free(m);
  mpq_clears(a, total, (mpq_ptr)NULL);
}
END_TEST

/* A random problem with its law, drawn from `rng`. */
typedef struct drawn {
  size_t K, counts[MOST_CLASSES], nodes;
  mpq_t lam[MOST_NODES], weight[MOST_NODES], same;
  ufm_problem *problem;
} drawn;

static void draw(drawn *p, gsl_rng *rng)
{
  static const size_t widths[] = {3};
  ufm_problem_settings s = {.loss = UFM_LOSS_CE,
                            .M = 1,
                            .widths = widths,
                            .targets = UFM_TARGETS_MIXUP};
  ufm_mixing *m = NULL;
  ufm_error error = {{0}};
  mpq_t lambda[1];

  p->K = 2 + gsl_rng_uniform_int(rng, MOST_CLASSES - 1);
  p->nodes = 1 + gsl_rng_uniform_int(rng, MOST_NODES);
  for (size_t k = 0; k < p->K; k++)
    p->counts[k] = 1 + gsl_rng_uniform_int(rng, 3);
  mpq_init(p->same);
  for (size_t l = 0; l < p->nodes; l++) {
    mpq_inits(p->lam[l], p->weight[l], (mpq_ptr)NULL);
    mpq_set_ui(p->lam[l], gsl_rng_uniform_int(rng, 5), 4); /* 0 and 1 too */
    mpq_canonicalize(p->lam[l]);
    mpq_set_ui(p->weight[l], gsl_rng_uniform_int(rng, 4), 1);
  }
  mpq_set_ui(p->weight[0], 2, 1);
  ck_assert_int_eq(ufm_mixing_grid(&m, p->nodes, (const mpq_t *)p->lam,
                                   (const mpq_t *)p->weight, &error),
                   UFM_OK);
  if (gsl_rng_uniform_int(rng, 2) == 1) {
    mpq_set_ui(p->same, gsl_rng_uniform_int(rng, 4), 3);
    mpq_canonicalize(p->same);
    ck_assert_int_eq(ufm_mixing_set_same(m, p->same, &error), UFM_OK);
  } else {
    size_t N = 0, squares = 0;

    for (size_t k = 0; k < p->K; k++) {
      N += p->counts[k];
      squares += p->counts[k] * p->counts[k];
    }
    mpq_set_ui(p->same, squares, N * N);
    mpq_canonicalize(p->same);
  }
  mpq_init(lambda[0]);
  mpq_set_ui(lambda[0], 1, 10);
  s.K = p->K;
  s.counts = p->counts;
  s.lambda_w = (const mpq_t *)lambda;
  s.lambda_h = lambda[0];
  s.mixing = m;
  ck_assert_msg(ufm_problem_new(&p->problem, &s, &error) == UFM_OK, "%s",
                error.text);
  mpq_clear(lambda[0]);
  ufm_mixing_free(m);
}

static void drawn_clear(drawn *p)
{
  for (size_t l = 0; l < p->nodes; l++)
    mpq_clears(p->lam[l], p->weight[l], (mpq_ptr)NULL);
  mpq_clear(p->same);
  ufm_problem_free(p->problem);
}

/* Weight of the target v e_i + (1-v) e_j, i <= j, over all ordered pairs. */
static void enumerate(const drawn *p, size_t i, size_t j, mpq_srcptr v,
                      mpq_t out)
{
  size_t squares = 0, N = 0;
  mpq_t w, x, total;

  mpq_inits(w, x, total, (mpq_ptr)NULL);
  for (size_t k = 0; k < p->K; k++) {
    squares += p->counts[k] * p->counts[k];
    N += p->counts[k];
  }
  for (size_t l = 0; l < p->nodes; l++)
    mpq_add(total, total, p->weight[l]);
  mpq_set_ui(out, 0, 1);
  for (size_t a = 0; a < p->K; a++)
    for (size_t b = 0; b < p->K; b++)
      for (size_t l = 0; l < p->nodes; l++) {
        bool hit;

        mpq_set_ui(x, 1, 1);
        mpq_sub(x, x, p->lam[l]); /* t_b = 1 - lam */
        if (i == j)
          hit = (a == b && a == i) ||
                (a == i && mpq_cmp_ui(p->lam[l], 1, 1) == 0) ||
                (b == i && mpq_sgn(p->lam[l]) == 0);
        else
          hit = (a == i && b == j && mpq_equal(p->lam[l], v)) ||
                (a == j && b == i && mpq_equal(x, v));
        if (!hit)
          continue;
        mpq_div(w, p->weight[l], total);
        mpq_set_ui(x, p->counts[a] * p->counts[b],
                   a == b ? squares : N * N - squares);
        mpq_canonicalize(x);
        mpq_mul(w, w, x);
        mpq_set_ui(x, 1, 1);
        mpq_sub(x, x, p->same);
        mpq_mul(w, w, a == b ? p->same : x);
        mpq_add(out, out, w);
      }
  mpq_clears(w, x, total, (mpq_ptr)NULL);
}

START_TEST(columns_are_all_pairs)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  drawn p;
  const ufm_columns *c;
  mpq_t sum, want, t, v;

  gsl_rng_set(rng, (unsigned long)_i);
  draw(&p, rng);
  c = ufm_problem_columns(p.problem);
  mpq_inits(sum, want, t, v, (mpq_ptr)NULL);
  ck_assert_int_eq(mpq_cmp_ui(c->ratio, 1, 1), 0);
  for (size_t col = 0; col < c->J; col++) {
    size_t i = p.K, j = p.K;

    for (size_t k = 0; k < p.K; k++) {
      ufm_columns_target_exact(c, col, k, t);
      if (mpq_sgn(t) == 0)
        continue;
      ck_assert_msg(i == p.K || j == p.K, "seed %d: three classes", _i);
      if (i == p.K) {
        i = k;
        mpq_set(v, t);
      } else {
        j = k;
      }
    }
    ck_assert_int_eq(c->label[col] == UFM_NO_LABEL, j < p.K);
    enumerate(&p, i, j < p.K ? j : i, v, want);
    ck_assert_msg(mpq_equal(want, c->palette[c->weight[col]]),
                  "seed %d: column %zu", _i, col);
    mpq_add(sum, sum, want);
  }
  ck_assert_msg(mpq_cmp_ui(sum, 1, 1) == 0, "seed %d: total weight %g", _i,
                mpq_get_d(sum));
  mpq_clears(sum, want, t, v, (mpq_ptr)NULL);
  drawn_clear(&p);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("mixing");

  tcase_add_test(tests, stored_gauss_rules);
  tcase_add_loop_test(tests, folded_rule_has_the_moments, 0, 5);
  tcase_add_loop_test(tests, columns_are_all_pairs, 0, ROUNDS);
  return run_case("mixing", tests);
}
