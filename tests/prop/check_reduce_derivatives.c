/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of invariant points, the gradient against differences of the enclosed
   objective and the Hessian against those of the gradient. */
#include <config.h>

#include <math.h>

#include "../unit/run.h"
#include "rounds.h"
#include "setting.h"
#include "verify/orbit_curvature.h"
#include "verify/orbit_value.h"

enum { ROUNDS = 20, SEED = 75 };

/* F(x + h e_i), the middle of its enclosure */
static void moved_value(const setting *t, size_t i, double h, mpfr_t out)
{
  ufm_error error = {{0}};
  mpfr_t keep;
  iv value;

  mpfr_init2(keep, BITS);
  ufm__iv_init(&value, BITS);
  mpfr_set(keep, t->x[i], MPFR_RNDN);
  mpfr_add_d(t->x[i], t->x[i], h, MPFR_RNDN);
  ck_assert_int_eq(ufm__orbit_value(&t->model, t->x, &value, &error), UFM_OK);
  mpfr_set(t->x[i], keep, MPFR_RNDN);
  mpfr_add(out, value.lo, value.hi, MPFR_RNDN);
  mpfr_div_2ui(out, out, 1, MPFR_RNDN);
  ufm__iv_clear(&value);
  mpfr_clear(keep);
}

/* Contrasts that are none must be 0. */
static void zero_missing(const setting *t)
{
  const ufm__orbit_model *m = &t->model;

  for (size_t g = 0; g < m->G; g++)
    if (m->classes[g] < 2)
      mpfr_set_zero(t->x[m->w + g], 1);
  for (size_t q = 0; q < m->Q; q++)
    if (m->classes[m->contrast[q].group] < 2 || m->contrast[q].times == 0)
      mpfr_set_zero(t->x[m->h + q], 1);
}

static void gradient(const setting *t, mpfr_t *out)
{
  ufm__orbit_evaluation ev;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm__orbit_evaluation_init(&ev, &t->model, BITS, &error),
                   UFM_OK);
  ufm__orbit_evaluate(&ev, t->x);
  ufm__orbit_gradient(&ev, t->x, out);
  ufm__orbit_evaluation_clear(&ev);
}

/* Central differences of step 1e-20 are exact to 1e-40 and the size of third
   derivatives. */
static void check_gradient(const setting *t)
{
  const double h = 0x1p-66;
  mpfr_t *g = ufm__mp_new(t->model.size, BITS), above, below;

  mpfr_inits2(BITS, above, below, (mpfr_ptr)NULL);
  gradient(t, g);
  for (size_t i = 0; i < t->model.size; i++) {
    moved_value(t, i, h, above);
    moved_value(t, i, -h, below);
    mpfr_sub(above, above, below, MPFR_RNDN);
    mpfr_div_d(above, above, 2.0 * h, MPFR_RNDN);
    mpfr_sub(above, above, g[i], MPFR_RNDN);
    ck_assert_msg(fabs(mpfr_get_d(above, MPFR_RNDN)) <=
                      1e-30 * (1.0 + fabs(mpfr_get_d(g[i], MPFR_RNDN))),
                  "seed %d, round %d: derivative %zu is %g, off by %g", SEED,
                  t->round, i, mpfr_get_d(g[i], MPFR_RNDN),
                  mpfr_get_d(above, MPFR_RNDN));
  }
  mpfr_clears(above, below, (mpfr_ptr)NULL);
  ufm__mp_free(g, t->model.size);
}

/* The Hessian, balanced, along v against differences of the gradient. */
static void check_curvature(const setting *t, gsl_rng *rng)
{
  const double h = 0x1p-66;
  size_t n = t->model.size;
  mpfr_t *g[2] = {ufm__mp_new(n, BITS), ufm__mp_new(n, BITS)};
  double *v = calloc(n, sizeof *v), *out = calloc(n, sizeof *out), size = 0.0;
  ufm__orbit_curvature c;
  ufm__orbit_evaluation ev;
  ufm_error error = {{0}};

  ck_assert_int_eq(ufm__orbit_curvature_init(&c, &t->model, &error), UFM_OK);
  ck_assert_int_eq(ufm__orbit_evaluation_init(&ev, &t->model, BITS, &error),
                   UFM_OK);
  ufm__orbit_evaluate(&ev, t->x);
  ufm__orbit_curvature_at(&c, t->x, &ev);
  for (size_t i = 0; i < n; i++)
    v[i] = gsl_rng_uniform(rng) - 0.5;
  ufm__orbit_curvature_product(&c, v, out);
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < n; i++)
      mpfr_add_d(t->x[i], t->x[i],
                 (side == 0 ? h : -2.0 * h) * v[i] * c.scale[i], MPFR_RNDN);
    gradient(t, g[side]);
  }
  for (size_t i = 0; i < n; i++)
    size = fmax(size, fabs(out[i]));
  for (size_t i = 0; i < n; i++) {
    mpfr_sub(g[0][i], g[0][i], g[1][i], MPFR_RNDN);
    mpfr_div_d(g[0][i], g[0][i], 2.0 * h, MPFR_RNDN);
    ck_assert_msg(!(c.scale[i] > 0.0) ||
                      fabs(mpfr_get_d(g[0][i], MPFR_RNDN) * c.scale[i] -
                           out[i]) <= 1e-12 * size,
                  "seed %d, round %d: entry %zu of the product is %g, want %g",
                  SEED, t->round, i, out[i],
                  mpfr_get_d(g[0][i], MPFR_RNDN) * c.scale[i]);
  }
  ufm__orbit_evaluation_clear(&ev);
  ufm__orbit_curvature_clear(&c);
  ufm__mp_free(g[0], n);
  ufm__mp_free(g[1], n);
  free(v);
  free(out);
}

START_TEST(test_derivatives)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

  gsl_rng_set(rng, SEED);
  for (int round = 0; round < rounds(ROUNDS); round++) {
    setting t;

    setting_init(&t, rng, round);
    zero_missing(&t);
    check_gradient(&t);
    check_curvature(&t, rng);
    setting_clear(&t);
  }
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("reduce derivatives");

  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_derivatives);
  return run_case("reduce derivatives", tests);
}
