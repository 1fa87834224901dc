/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced problem against the full one, which knows nothing of symmetry:
   the same minimum, the same Gram matrices, the same geometry; and the
   objective of an expanded point is that of the reduced one. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ufm/record.h>
#include <ufm/reduce.h>
#include <ufm/theory.h>

#include "../unit/run.h"
#include "linalg/blas.h"
#include "reduce.h"
#include "reduce/hessian.h"
#include "rounds.h"

enum { LABELS = 300, MIXED = 200, SEED = 71 };

/* |A A^T - B B^T|_F / |A A^T|_F for n x d rows. */
static double gram_difference(size_t n, size_t d, const double *a,
                              const double *b)
{
  double difference = 0.0, size = 0.0;

  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++) {
      double x = 0.0, y = 0.0;

      for (size_t l = 0; l < d; l++) {
        x += a[i * d + l] * a[k * d + l];
        y += b[i * d + l] * b[k * d + l];
      }
      difference += (x - y) * (x - y);
      size += x * x;
    }
  return size > 1e-20 ? sqrt(difference / size) : sqrt(difference);
}

static void check_close(double got, double want, const char *what, int round)
{
  if (isnan(want))
    ck_assert_msg(isnan(got), "seed %d, round %d: %s: got %.17g, want nan",
                  SEED, round, what, got);
  else
    ck_assert_msg(fabs(got - want) <= 1e-9 * (1.0 + fabs(want)),
                  "seed %d, round %d: %s: got %.17g, want %.17g", SEED, round,
                  what, got, want);
}

/* The geometry from the blocks against that of the expanded point. */
static void compare_geometry(const random_problem *s, const ufm_orbits *orbits,
                             const ufm_layout *layout, const double *theta,
                             int round)
{
  double t[LARGEST] = {0.0};
  ufm_geometry *a, *b;
  ufm_error error = {{0}};

  for (size_t k = 0; k < s->K; k++)
    t[k] = (double)s->counts[k] / 50.0;
  ck_assert_int_eq(ufm_reduce_geometry(&a, s->p, orbits, t, &error), UFM_OK);
  ck_assert_int_eq(ufm_geometry_measure(&b, s->p, layout, theta, t, &error),
                   UFM_OK);
  ck_assert_uint_eq(a->rank, b->rank);
  for (size_t f = 0; f < 3; f++) {
    ck_assert_uint_eq(a->spectrum_size[f], b->spectrum_size[f]);
    for (size_t i = 0; i < a->spectrum_size[f]; i++)
      check_close(a->spectrum[f][i], b->spectrum[f][i], "spectrum", round);
  }
  for (size_t k = 0; k < s->K; k++) {
    check_close(a->norm_w[k], b->norm_w[k], "norm of w", round);
    check_close(a->norm_h[k], b->norm_h[k], "norm of h", round);
  }
  check_close(a->cos_w.min, b->cos_w.min, "least cosine of w", round);
  check_close(a->cos_w.max, b->cos_w.max, "largest cosine of w", round);
  check_close(a->cos_w.mean, b->cos_w.mean, "mean cosine of w", round);
  check_close(a->cos_h.min, b->cos_h.min, "least cosine of h", round);
  check_close(a->cos_h.max, b->cos_h.max, "largest cosine of h", round);
  check_close(a->cos_h.mean, b->cos_h.mean, "mean cosine of h", round);
  check_close(a->nc2_etf, b->nc2_etf, "nc2 etf", round);
  check_close(a->nc2_of, b->nc2_of, "nc2 of", round);
  check_close(a->nc2_gof_w, b->nc2_gof_w, "nc2 gof w", round);
  check_close(a->nc2_gof_h, b->nc2_gof_h, "nc2 gof h", round);
  check_close(a->nc3_etf, b->nc3_etf, "nc3 etf", round);
  check_close(a->nc3_of, b->nc3_of, "nc3 of", round);
  check_close(a->nc3_gof_wh, b->nc3_gof_wh, "nc3 gof", round);
  check_close(a->nc3_gof_w_h, b->nc3_gof_w_h, "nc3 gof w h", round);
  check_close(a->balancedness, b->balancedness, "balancedness", round);
  ck_assert(isnan(a->nc1) && isnan(b->nc1));
  ufm_geometry_free(a);
  ufm_geometry_free(b);
}

/* Logits and lengths of features by orbit against those of the full point. */
static void compare_columns(const ufm_orbits *o, const ufm_layout *l,
                            const double *theta, int round)
{
  size_t d = l->width[0], c, mark[2];
  double rest[LARGEST], own[2], norm;

  ck_assert_uint_eq(ufm_orbits_columns(o), l->J);
  for (size_t j = 0; j < l->J; j++) {
    const double *h = theta + l->h + j * d;

    ck_assert(ufm_orbits_column(o, j, &c, mark));
    ufm_reduce_column(o, c, &norm, own, rest);
    check_close(norm, ufm__norm(d, h), "norm of a feature", round);
    for (size_t k = 0; k < l->K; k++) {
      double z = ufm__dot(d, theta + l->w[0] + k * d, h), got = rest[o->of[k]];

      z += l->b < l->size ? theta[l->b + k] : 0.0;
      for (size_t m = 0; m < o->column[c].marks; m++)
        got = mark[m] == k ? own[m] : got;
      check_close(got, z, "logit", round);
    }
  }
}

static void compare(const random_problem *s, int round)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *full, *reduced;
  ufm_objective *objective;
  const ufm_orbits *orbits;
  ufm_layout *layout;
  ufm_error error = {{0}};
  double *theta, value;

  settings.tol = 1e-12;
  settings.seed = (uint64_t)round;
  ck_assert_msg(ufm_reduce_solve(&reduced, s->p, &settings, &error) == UFM_OK,
                "seed %d, round %d: %s", SEED, round, error.text);
  orbits = reduced->orbits;
  ck_assert_int_eq(ufm_solve(&full, s->p, &settings, &error), UFM_OK);
  ck_assert_int_eq(ufm_layout_new(&layout, s->p, &error), UFM_OK);
  theta = calloc(layout->size, sizeof *theta);
  ck_assert_int_eq(ufm_reduce_expand(orbits, layout, theta, &error), UFM_OK);
  ck_assert_int_eq(
      ufm_objective_new(&objective, s->p, UFM_VARIABLES_PLAIN, &error), UFM_OK);
  value = ufm_objective_value(objective, theta);
  ck_assert_msg(fabs(value - reduced->objective) <= 1e-14 * fabs(value) + 1e-28,
                "seed %d, round %d: expanded %.17g, reduced %.17g", SEED, round,
                value, reduced->objective);
  ck_assert_msg(fabs(full->objective - reduced->objective) <=
                    1e-13 * full->objective + 1e-28,
                "seed %d, round %d: full %.17g, reduced %.17g (%s, %s)", SEED,
                round, full->objective, reduced->objective,
                ufm_termination_name(reduced->run[0].termination),
                ufm_termination_name(full->run[0].termination));
  for (int side = 0; side < 2; side++) {
    size_t at = side == 0 ? layout->w[0] : layout->h;
    double off = gram_difference(side == 0 ? layout->K : layout->J, s->width,
                                 full->theta + at, theta + at);

    /* where a direction is about to vanish a Gram matrix is known to about the
       square root of the accuracy of the gradient */
    ck_assert_msg(off < 1e-5, "seed %d, round %d: Gram matrices differ by %g",
                  SEED, round, off);
  }
  compare_geometry(s, orbits, layout, theta, round);
  compare_columns(orbits, layout, theta, round);
  ufm_objective_free(objective);
  free(theta);
  ufm_layout_free(layout);
  ufm_solution_free(reduced);
  ufm_solution_free(full);
}

/* Loop 0: labels, loop 1: mixup. */
START_TEST(test_random)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED);
  for (int round = 0; round < rounds(_i == 0 ? LABELS : MIXED); round++) {
    random_problem s;

    random_problem_init(&s, rng, _i == 1);
    compare(&s, round);
    ufm_problem_free(s.p);
  }
  gsl_rng_free(rng);
}
END_TEST

/* At any point: the coordinates are orthonormal in the balanced variables of
   all points, so values and lengths of gradients are those of the full
   objective; and the gradient is the derivative. */
static void check_derivatives(const random_problem *s, gsl_rng *rng, int round)
{
  ufm_error error = {{0}};
  ufm_objective *full;
  ufm_layout *layout;
  ufm_orbits *o;
  ufm__reduced f;
  double *x, *g, *v, *theta, value, want, slope, h = 1e-5;

  ck_assert_msg(ufm_orbits_new(&o, s->p, &error) == UFM_OK, "%s", error.text);
  ck_assert_int_eq(ufm__reduced_init(&f, s->p, o, &error), UFM_OK);
  ck_assert_int_eq(ufm_layout_new(&layout, s->p, &error), UFM_OK);
  ck_assert_int_eq(
      ufm_objective_new(&full, s->p, UFM_VARIABLES_BALANCED, &error), UFM_OK);
  x = calloc(3 * o->length + 2 * layout->size, sizeof *x);
  ck_assert_ptr_nonnull(x);
  g = x + o->length;
  v = g + o->length;
  theta = v + o->length;
  for (size_t i = 0; i < o->length; i++) {
    x[i] = f.scale[i] > 0.0 ? gsl_rng_uniform(rng) - 0.5 : 0.0;
    v[i] = f.scale[i] > 0.0 ? gsl_rng_uniform(rng) - 0.5 : 0.0;
  }
  value = ufm__reduced_value(&f, x, g);
  slope = ufm__dot(o->length, g, v);
  ufm__reduced_to_plain(&f, x, o->x);
  ck_assert_int_eq(ufm_reduce_expand(o, layout, theta, &error), UFM_OK);
  ufm_objective_from_plain(full, theta, theta);
  want = ufm_objective_gradient(full, theta, theta + layout->size);
  ck_assert_msg(fabs(value - want) <= 1e-14 * want,
                "seed %d, round %d: reduced %.17g, full %.17g", SEED, round,
                value, want);
  want = ufm__norm(layout->size, theta + layout->size);
  ck_assert_msg(fabs(ufm__norm(o->length, g) - want) <= 1e-12 * want,
                "seed %d, round %d: gradient %.17g, full %.17g", SEED, round,
                ufm__norm(o->length, g), want);
  ufm__axpy(o->length, h, v, x);
  value = ufm__reduced_value(&f, x, NULL);
  ufm__axpy(o->length, -2.0 * h, v, x);
  value = (value - ufm__reduced_value(&f, x, NULL)) / (2.0 * h);
  ck_assert_msg(fabs(value - slope) <= 1e-7 * ufm__norm(o->length, g),
                "seed %d, round %d: slope %.17g, difference %.17g", SEED, round,
                slope, value);
  free(x);
  ufm_objective_free(full);
  ufm_layout_free(layout);
  ufm__reduced_clear(&f);
  ufm_orbits_free(o);
}

/* Hessian products against differences of gradients; the preconditioner is
   symmetric and positive but for what adding a constant to b would change. */
static void check_hessian(const random_problem *s, gsl_rng *rng, int round)
{
  ufm_error error = {{0}};
  ufm__reduced_hessian hessian;
  ufm__reduced f;
  ufm_orbits *o;
  double *x, *u, *v, *Hv, *g, *Pu, *Pv, h = 1e-5, off = 0.0, size;

  ck_assert_int_eq(ufm_orbits_new(&o, s->p, &error), UFM_OK);
  ck_assert_int_eq(ufm__reduced_init(&f, s->p, o, &error), UFM_OK);
  ck_assert_int_eq(ufm__reduced_hessian_init(&hessian, &f, &error), UFM_OK);
  x = calloc(7 * o->length, sizeof *x);
  ck_assert_ptr_nonnull(x);
  u = x + o->length;
  v = u + o->length;
  Hv = v + o->length;
  g = Hv + o->length;
  Pu = g + o->length;
  Pv = Pu + o->length;
  for (size_t i = 0; i < 3 * o->length; i++)
    x[i] = gsl_rng_uniform(rng) - 0.5;
  ck_assert(ufm__reduced_hessian_at(&hessian, x));
  ufm__reduced_hessian_product(&hessian, v, Hv);
  ufm__reduced_hessian_precondition(&hessian, u, Pu);
  ufm__reduced_hessian_precondition(&hessian, v, Pv);
  size = ufm__norm(o->length, Hv);
  ck_assert_msg(fabs(ufm__dot(o->length, u, Pv) - ufm__dot(o->length, v, Pu)) <=
                    1e-12 * ufm__norm(o->length, Pv) * ufm__norm(o->length, u),
                "seed %d, round %d: not symmetric", SEED, round);
  ck_assert_msg(ufm__dot(o->length, v, Pv) > 0.0,
                "seed %d, round %d: not positive", SEED, round);
  ufm__axpy(o->length, h, v, x);
  ufm__reduced_value(&f, x, g);
  ufm__axpy(o->length, -2.0 * h, v, x);
  ufm__reduced_value(&f, x, Pu);
  for (size_t i = 0; i < o->length; i++)
    off = hypot(off, (g[i] - Pu[i]) / (2.0 * h) - Hv[i]);
  ck_assert_msg(off <= 1e-7 * size,
                "seed %d, round %d: a product of length %g is off by %g", SEED,
                round, size, off);
  free(x);
  ufm__reduced_hessian_clear(&hessian);
  ufm__reduced_clear(&f);
  ufm_orbits_free(o);
}

/* With one block for all columns, that is fixed W and b, the preconditioner is
   the inverse. */
static void check_blocks(const random_problem *s, gsl_rng *rng, int round)
{
  ufm_error error = {{0}};
  ufm__reduced_hessian hessian;
  ufm__reduced f;
  ufm_orbits *o;
  double *x, *v, *Hv, *PHv, off = 0.0, size = 0.0;

  ck_assert_int_eq(ufm_orbits_new(&o, s->p, &error), UFM_OK);
  ck_assert_int_eq(ufm__reduced_init(&f, s->p, o, &error), UFM_OK);
  ck_assert_int_eq(ufm__reduced_hessian_init(&hessian, &f, &error), UFM_OK);
  x = calloc(4 * o->length, sizeof *x);
  ck_assert_ptr_nonnull(x);
  v = x + o->length;
  Hv = v + o->length;
  PHv = Hv + o->length;
  for (size_t i = 0; i < o->length; i++)
    x[i] = gsl_rng_uniform(rng) - 0.5;
  for (size_t i = 0; i < o->length; i++)
    v[i] = (i >= o->h && i < o->v) || (i >= o->y && i < o->b)
               ? gsl_rng_uniform(rng) - 0.5
               : 0.0;
  ck_assert(ufm__reduced_hessian_at(&hessian, x));
  ufm__reduced_hessian_product(&hessian, v, Hv);
  ufm__reduced_hessian_precondition(&hessian, Hv, PHv);
  for (size_t i = 0; i < o->length; i++)
    if ((i >= o->h && i < o->v) || (i >= o->y && i < o->b)) {
      off = hypot(off, PHv[i] - v[i]);
      size = hypot(size, v[i]);
    }
  ck_assert_msg(off <= 1e-9 * size,
                "seed %d, round %d: the blocks of columns are off by %g", SEED,
                round, off / size);
  free(x);
  ufm__reduced_hessian_clear(&hessian);
  ufm__reduced_clear(&f);
  ufm_orbits_free(o);
}

START_TEST(test_derivatives)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED + 1);
  for (int round = 0; round < rounds(LABELS); round++) {
    random_problem s;

    random_problem_init(&s, rng, round % 2 == 1);
    check_derivatives(&s, rng, round);
    check_hessian(&s, rng, round);
    check_blocks(&s, rng, round);
    ufm_problem_free(s.p);
  }
  gsl_rng_free(rng);
}
END_TEST

/* Mixup of many classes, whose columns cannot be listed, against closed forms:
   the objective, spectra and Gram matrices. */
START_TEST(test_closed_forms)
{
  static const struct {
    const char *loss, *bias, *profile, *law, *lambda_w, *lambda_h;
  } cases[] = {
      {"mse", "none", "step:1000:50:10:300", "beta=1/5,nodes=17", "1e-4",
       "1e-4"},
      {"mse", "free", "step:1000:50:10:300", "grid=0@1;1/3@2;1/2@2,same=0",
       "1e-4", "1e-4"},
      {"mse", "none", "step:1000000:500:100:300000", "beta=1,nodes=33", "1e-6",
       "1e-8"},
      {"mse", "free", "step:1000000:500:100:300000", "beta=1,nodes=16", "1e-6",
       "1e-8"},
      {"ce", "none", "step:1000:50:1:0", "beta=1,nodes=17", "1e-4", "1e-4"},
      {"ce", "free", "step:1000:50:1:0", "grid=1/10@1;1/2@2,same=1/50", "1e-5",
       "1e-4"},
      {"ce", "none", "step:1000000:50:1:0", "beta=1,nodes=33", "1e-9", "1e-4"},
      {"ce", "free", "step:1000000:50:1:0", "beta=1/2,nodes=17", "1e-8",
       "1e-6"}};
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_prediction *theory;
  ufm_comparison found;
  ufm_geometry *geometry;
  ufm_solution *solution;
  ufm_problem *p;
  ufm_spec *spec;
  ufm_error error = {{0}};
  char law[64];

  ck_assert_int_eq(ufm_spec_new(&spec, &error), UFM_OK);
  snprintf(law, sizeof law, "mixup:%s", cases[_i].law);
  set_option(spec, "loss", cases[_i].loss);
  set_option(spec, "bias", cases[_i].bias);
  set_option(spec, "profile", cases[_i].profile);
  set_option(spec, "targets", law);
  set_option(spec, "lambda-W", cases[_i].lambda_w);
  set_option(spec, "lambda-H", cases[_i].lambda_h);
  ck_assert_msg(ufm_spec_problem(spec, &p, &error) == UFM_OK, "%s", error.text);
  ck_assert_msg(ufm_theory_predict(&theory, p, 30, &error) == UFM_OK, "%s",
                error.text);
  ck_assert_msg(ufm_reduce_solve(&solution, p, &settings, &error) == UFM_OK,
                "%s", error.text);
  ck_assert_int_eq(
      ufm_reduce_geometry(&geometry, p, solution->orbits, NULL, &error),
      UFM_OK);
  ck_assert_int_eq(ufm_compare(&found, p, solution, geometry, theory, &error),
                   UFM_OK);
  ck_assert_msg(fabs(found.objective_error) <= 1e-13, "case %d: objective %g",
                _i, found.objective_error);
  ck_assert_msg(found.singular_value_error <= 1e-7, "case %d: spectrum %g", _i,
                found.singular_value_error);
  ck_assert_msg(found.gram_error <= 1e-7, "case %d: Gram matrices %g", _i,
                found.gram_error);
  ufm_geometry_free(geometry);
  ufm_solution_free(solution);
  ufm_prediction_free(theory);
  ufm_problem_free(p);
  ufm_spec_free(spec);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("reduce");

  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, test_random, 0, 2);
  tcase_add_test(tests, test_derivatives);
  tcase_add_loop_test(tests, test_closed_forms, 0, 8);
  return run_case("reduce", tests);
}
