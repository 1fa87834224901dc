/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random problems with random points, for tests of their geometry. */
#ifndef UFM_TESTS_SAMPLE_H
#define UFM_TESTS_SAMPLE_H

#include "frame.h"

enum { ROUNDS = 24, KMAX = 9, DMAX = 12, SEED = 31 };

/* A random problem and a random point of it. */
typedef struct sample {
  size_t counts[KMAX], widths[3];
  test_problem t;
  ufm_problem *p;
  ufm_layout *l;
  double *theta, fraction[KMAX];
} sample;

static const char *const lambda_w[] = {"1/10", "1/300", "2/7"};

/* Widths of 1 to 12 and 2 to 9 classes: wide, narrow and compressed cases. */
static inline void sample_init(sample *s, gsl_rng *rng, bool unmerged)
{
  s->t = (test_problem){.loss = UFM_LOSS_MSE,
                        .bias = gsl_rng_uniform_int(rng, 2) ? UFM_BIAS_FREE
                                                            : UFM_BIAS_NONE,
                        .K = 2 + gsl_rng_uniform_int(rng, KMAX - 1),
                        .counts = s->counts,
                        .M = 1 + gsl_rng_uniform_int(rng, 3),
                        .widths = s->widths,
                        .lambda_w = lambda_w,
                        .lambda_h = "1/50",
                        .unmerged = unmerged};
  for (size_t k = 0; k < s->t.K; k++) {
    s->counts[k] = 2 + gsl_rng_uniform_int(rng, 5);
    s->fraction[k] = gsl_rng_uniform(rng);
  }
  for (size_t m = 0; m < 3; m++)
    s->widths[m] = 1 + gsl_rng_uniform_int(rng, DMAX);
  s->p = make_problem(&s->t);
  ck_assert_int_eq(ufm_layout_new(&s->l, s->p, NULL), UFM_OK);
  s->theta = new_array(s->l->size);
  fill_normal(rng, s->l->size, s->theta);
}

static inline void sample_clear(sample *s)
{
  ufm_layout_free(s->l);
  ufm_problem_free(s->p);
  free(s->theta);
}

static inline void check_close(double got, double want, double tolerance,
                               int round)
{
  if (isnan(want))
    ck_assert_msg(isnan(got), "seed %d, round %d: got %.17g, want nan", SEED,
                  round, got);
  else
    ck_assert_msg(fabs(got - want) <= tolerance * (1.0 + fabs(want)),
                  "seed %d, round %d: got %.17g, want %.17g", SEED, round, got,
                  want);
}

#endif
