/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orbits of columns against the list of all columns. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include <ufm/orbits.h>
#include <ufm/spec.h>

#include "run.h"

enum { ROUNDS = 60, MOST_CLASSES = 8 };

static void set(ufm_spec *spec, const char *name, const char *value)
{
  ufm_error error = {{0}};

  ck_assert_msg(ufm_spec_set(spec, name, value, &error) == UFM_OK, "%s",
                error.text);
}

static ufm_problem *make(const char *counts, const char *targets)
{
  ufm_spec *spec;
  ufm_problem *problem;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm_spec_new(&spec, &error), UFM_OK);
  set(spec, "loss", "ce");
  set(spec, "counts", counts);
  set(spec, "targets", targets);
  set(spec, "width", "100000");
  set(spec, "lambda-W", "1/100");
  set(spec, "lambda-H", "1/100");
  ck_assert_msg(ufm_spec_problem(spec, &problem, &error) == UFM_OK, "%s",
                error.text);
  ufm_spec_free(spec);
  return problem;
}

/* Up to eight classes with counts 1 to 3 and labels, smoothed ones, or a mixup
   law on quarters, which has 0, 1/2 and 1 now and then. */
static ufm_problem *draw(gsl_rng *rng)
{
  char counts[64], targets[256] = "onehot";
  size_t K = 2 + gsl_rng_uniform_int(rng, MOST_CLASSES - 1), at = 0, n;

  for (size_t k = 0; k < K; k++)
    at += (size_t)snprintf(counts + at, sizeof counts - at, "%s%lu",
                           k > 0 ? "," : "", 1 + gsl_rng_uniform_int(rng, 3));
  switch (gsl_rng_uniform_int(rng, 6)) {
  case 0:
    break;
  case 1:
    strcpy(targets, "smooth:1/7");
    break;
  default:
    n = 1 + gsl_rng_uniform_int(rng, 4);
    at = (size_t)snprintf(targets, sizeof targets, "mixup:grid=");
    for (size_t l = 0; l < n; l++)
      at += (size_t)snprintf(targets + at, sizeof targets - at, "%s%lu/4@%lu",
                             l > 0 ? ";" : "", gsl_rng_uniform_int(rng, 5),
                             1 + gsl_rng_uniform_int(rng, 3));
    if (gsl_rng_uniform_int(rng, 2))
      snprintf(targets + at, sizeof targets - at, ",same=%lu/3",
               gsl_rng_uniform_int(rng, 4));
  }
  return make(counts, targets);
}

static void expect_column(const ufm_orbits *o, const ufm_columns *all, size_t j,
                          size_t *seen, int seed)
{
  size_t c, mark[2];
  const ufm_column_orbit *orbit;
  mpq_t t, nu;

  ck_assert_msg(ufm_orbits_column(o, j, &c, mark), "seed %d: column %zu", seed,
                j);
  ck_assert_uint_lt(c, o->C);
  orbit = &o->column[c];
  seen[c]++;
  mpq_inits(t, nu, (mpq_ptr)NULL);
  for (size_t k = 0; k < o->K; k++) {
    mpq_srcptr want = k == mark[0]                        ? orbit->target[0]
                      : orbit->marks == 2 && k == mark[1] ? orbit->target[1]
                                                          : orbit->background;

    ufm_columns_target_exact(all, j, k, t);
    ck_assert_msg(mpq_equal(t, want), "seed %d: target %zu of column %zu", seed,
                  k, j);
  }
  for (size_t l = 0; l < orbit->marks; l++)
    ck_assert_uint_eq(o->of[mark[l]], orbit->group[l]);
  ck_assert(mpq_equal(orbit->pi, all->palette[all->weight[j]]));
  mpq_mul(nu, orbit->pi, all->ratio);
  ck_assert(mpq_equal(orbit->nu, nu));
  mpq_clears(t, nu, (mpq_ptr)NULL);
}

START_TEST(orbits_list_all_columns)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ufm_orbits *o;
  ufm_error error = {{0}};
  ufm_problem *problem;
  const ufm_columns *all;
  size_t *seen, c, mark[2];

  gsl_rng_set(rng, (unsigned long)_i);
  problem = draw(rng);
  all = ufm_problem_columns(problem);
  ck_assert_msg(ufm_orbits_new(&o, problem, &error) == UFM_OK, "%s",
                error.text);
  seen = calloc(o->C, sizeof *seen);
  for (size_t j = 0; j < all->J; j++)
    expect_column(o, all, j, seen, _i);
  ck_assert(!ufm_orbits_column(o, all->J, &c, mark));
  for (c = 0; c < o->C; c++)
    ck_assert_msg(seen[c] == o->column[c].columns, "seed %d: orbit %zu", _i, c);
  free(seen);
  ufm_orbits_free(o);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

/* <sum_l alpha_l P_g e_{k(l)}, the same for beta>, marks where they count. */
static double inner(const ufm_orbits *o, const ufm_contrast *a,
                    const ufm_contrast *b, const size_t mark[2])
{
  double n = (double)o->size[a->group], sum = 0.0;

  if (a->group != b->group)
    return 0.0;
  for (int i = 0; i < 2; i++)
    for (int l = 0; l < 2; l++)
      sum += a->alpha[i] * b->alpha[l] *
             ((mark[i] == mark[l] ? 1.0 : 0.0) - 1.0 / n);
  return sum;
}

/* Over the columns of an orbit, contrasts are orthogonal and have the squared
   length (K_g - 1) times. */
START_TEST(contrasts_are_orthogonal)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  ufm_orbits *o;
  ufm_error error = {{0}};
  ufm_problem *problem;
  double *gram;

  gsl_rng_set(rng, (unsigned long)_i);
  problem = draw(rng);
  ck_assert_int_eq(ufm_orbits_new(&o, problem, &error), UFM_OK);
  gram = calloc(o->Q * o->Q, sizeof *gram);
  for (size_t j = 0; j < ufm_problem_columns(problem)->J; j++) {
    size_t c, mark[2];

    ck_assert(ufm_orbits_column(o, j, &c, mark));
    for (size_t p = 0; p < o->Q; p++)
      for (size_t q = 0; q < o->Q; q++)
        if (o->contrast[p].column == c && o->contrast[q].column == c)
          gram[p * o->Q + q] +=
              inner(o, &o->contrast[p], &o->contrast[q], mark);
  }
  for (size_t p = 0; p < o->Q; p++)
    for (size_t q = 0; q < o->Q; q++) {
      const ufm_contrast *x = &o->contrast[p];
      double want = p == q ? (double)((o->size[x->group] - 1) * x->times) : 0.0;

      ck_assert_msg(fabs(gram[p * o->Q + q] - want) < 1e-12,
                    "seed %d: contrasts %zu, %zu: got %g, want %g", _i, p, q,
                    gram[p * o->Q + q], want);
    }
  for (size_t c = 0; c < o->C; c++)
    ck_assert_uint_eq(o->contrast[o->column[c].contrast].column, c);
  free(gram);
  ufm_orbits_free(o);
  ufm_problem_free(problem);
  gsl_rng_free(rng);
}
END_TEST

/* Fifty thousand classes have more columns than any list. */
START_TEST(columns_beyond_any_list)
{
  ufm_problem *problem;
  ufm_orbits *o;
  ufm_error error = {{0}};
  ufm_spec *spec;
  size_t K = 50000, last = K + 3 * (K * (K - 1) / 2) - 1, c, mark[2];

  ck_assert_int_eq(ufm_spec_new(&spec, &error), UFM_OK);
  set(spec, "loss", "ce");
  set(spec, "profile", "step:50000:500:100:25000");
  set(spec, "targets", "mixup:grid=0;1/4;1/2");
  set(spec, "width", "50000");
  set(spec, "lambda-W", "1/100");
  set(spec, "lambda-H", "1/100");
  ck_assert_int_eq(ufm_spec_problem(spec, &problem, &error), UFM_OK);
  ufm_spec_free(spec);
  ck_assert_uint_eq(ufm_problem_columns(problem)->J, 0);
  ck_assert_int_eq(ufm_orbits_new(&o, problem, &error), UFM_OK);
  ck_assert_uint_eq(o->C, 2 + 3 + 2 * 2);
  ck_assert(ufm_orbits_column(o, last, &c, mark));
  ck_assert_uint_eq(mark[0], K - 2); /* 3/4 e_{K-2} + 1/4 e_{K-1} */
  ck_assert_uint_eq(mark[1], K - 1);
  ck_assert_uint_eq(c, o->C - 1);
  ck_assert(ufm_orbits_column(o, last - 2, &c, mark));
  ck_assert_uint_eq(mark[0], K - 1);
  ck_assert_uint_eq(c, o->C - 1);
  ck_assert(!ufm_orbits_column(o, last + 1, &c, mark));
  ck_assert(!ufm_orbits_column(o, (size_t)-1, &c, mark));
  ufm_orbits_free(o);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("orbits");

  tcase_add_loop_test(tests, orbits_list_all_columns, 0, ROUNDS);
  tcase_add_loop_test(tests, contrasts_are_orthogonal, 0, ROUNDS);
  tcase_add_test(tests, columns_beyond_any_list);
  return run_case("orbits", tests);
}
