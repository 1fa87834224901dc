/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A problem with interchangeable classes and an invariant point of no meaning,
   as proofs see them. */
#ifndef UFM_TESTS_SETTING_H
#define UFM_TESTS_SETTING_H

#include <math.h>

#include "reduce.h"
#include "verify/orbit_model.h"

enum { BITS = 320 };

typedef struct setting {
  random_problem s;
  ufm_orbits *orbits;
  ufm__orbit_model model;
  mpfr_t *x; /* the point, of BITS */
  int round;
} setting;

static inline void setting_init(setting *t, gsl_rng *rng, int round)
{
  ufm_error error = {{0}};
  double size = pow(10.0, 2.0 * gsl_rng_uniform(rng) - 1.0);
  /* either side of the norm condition decides */
  double rest = round % 2 > 0 ? 1.0 : 1e-3;

  random_problem_init(&t->s, rng, round % 3 > 0);
  t->round = round;
  t->model = (ufm__orbit_model){0};
  ck_assert_int_eq(ufm_orbits_new(&t->orbits, t->s.p, &error), UFM_OK);
  ck_assert_int_eq(ufm__orbit_model_init(&t->model, t->s.p, t->orbits, &error),
                   UFM_OK);
  t->x = ufm__mp_new(t->model.size, BITS);
  ck_assert_ptr_nonnull(t->x);
  for (size_t i = 0; i < t->model.size; i++)
    mpfr_set_d(t->x[i],
               (i < t->model.v ? size : rest * size) *
                   (gsl_rng_uniform(rng) - 0.5),
               MPFR_RNDN);
}

static inline void setting_clear(setting *t)
{
  ufm__mp_free(t->x, t->model.size);
  ufm__orbit_model_clear(&t->model);
  ufm_orbits_free(t->orbits);
  ufm_problem_free(t->s.p);
}

#endif
