/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random problems with interchangeable classes: labels and mixup. */
#ifndef UFM_TESTS_REDUCE_H
#define UFM_TESTS_REDUCE_H

#include <stdio.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include <ufm/spec.h>

#include "../unit/problem.h"

enum { LARGEST = 12, LARGEST_MIXED = 7 };

typedef struct random_problem {
  size_t K, width, counts[LARGEST];
  ufm_loss loss;
  ufm_bias bias;
  ufm_problem *p;
} random_problem;

static inline const char *choose(gsl_rng *rng, const char *const *list,
                                 size_t n)
{
  return list[gsl_rng_uniform_int(rng, n)];
}

#define CHOOSE(rng, list) choose(rng, list, sizeof(list) / sizeof *(list))

static inline void set_option(ufm_spec *spec, const char *name,
                              const char *value)
{
  ufm_error error = {{0}};

  ck_assert_msg(ufm_spec_set(spec, name, value, &error) == UFM_OK, "%s",
                error.text);
}

/* 2 to 12 classes (7 for mixup) in up to four groups, in random order; the
   penalties reach from weak ones to those that collapse the small groups. */
static inline void random_problem_init(random_problem *s, gsl_rng *rng,
                                       bool mixed)
{
  static const char *const lambda_w[] = {"1/20", "1/200", "1/2000"};
  static const char *const lambda_h[] = {"1/100", "1/3000", "1/50000"};
  static const char *const mixed_h[] = {"1/5", "1/50", "1/500"};
  static const char *const smoothing[] = {"onehot", "smooth:1/10"};
  static const char *const laws[] = {"mixup:beta=1,nodes=3",
                                     "mixup:beta=1/5,nodes=4",
                                     "mixup:beta=2,nodes=3,rule=tanh-sinh",
                                     "mixup:grid=1/2",
                                     "mixup:grid=0;1/2",
                                     "mixup:grid=0@1;1/3@2",
                                     "mixup:grid=1/10@2;3/10@1;1/2@3",
                                     "mixup:grid=0@1;1/5@1;1@3"};
  static const char *const same[] = {"", ",same=0", ",same=1/7", ",same=1"};
  static const size_t counts[] = {40, 9, 2, 1};
  ufm_error error = {{0}};
  char list[128] = "", law[128], width[24];
  ufm_spec *spec;

  s->loss = gsl_rng_uniform_int(rng, 2) ? UFM_LOSS_CE : UFM_LOSS_MSE;
  s->bias = (ufm_bias)gsl_rng_uniform_int(rng, 3);
  s->K = 2 + gsl_rng_uniform_int(rng, (mixed ? LARGEST_MIXED : LARGEST) - 1);
  s->width = s->K + gsl_rng_uniform_int(rng, 2) -
             (s->loss == UFM_LOSS_CE || (!mixed && s->bias == UFM_BIAS_FREE));
  for (size_t k = 0; k < s->K; k++) {
    s->counts[k] = counts[gsl_rng_uniform_int(rng, 4)];
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%zu",
             k > 0 ? "," : "", s->counts[k]);
  }
  snprintf(width, sizeof width, "%zu", s->width);
  snprintf(law, sizeof law, "%s%s", CHOOSE(rng, laws), CHOOSE(rng, same));
  ck_assert_int_eq(ufm_spec_new(&spec, &error), UFM_OK);
  set_option(spec, "loss", ufm_loss_name(s->loss));
  set_option(spec, "bias", ufm_bias_name(s->bias));
  if (s->bias == UFM_BIAS_RIDGE)
    set_option(spec, "lambda-b", "1/30");
  set_option(spec, "counts", list);
  set_option(spec, "width", width);
  set_option(spec, "lambda-W", CHOOSE(rng, lambda_w));
  set_option(spec, "lambda-H",
             mixed ? CHOOSE(rng, mixed_h) : CHOOSE(rng, lambda_h));
  set_option(spec, "targets", mixed ? law : CHOOSE(rng, smoothing));
  ck_assert_msg(ufm_spec_problem(spec, &s->p, &error) == UFM_OK, "%s: %s", law,
                error.text);
  ufm_spec_free(spec);
}

#endif
