/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The singular directions of mixup targets or given columns under squared
   error, and which of them are fitted (doc/soft-targets.md, section 4). */
#ifndef UFM_THEORY_MSE_COLUMNS_H
#define UFM_THEORY_MSE_COLUMNS_H

#include <ufm/theory.h>

#include "theory/moments.h"

/* A direction: the contrasts of a group, or eigenvector `index`. */
typedef struct ufm__columns_direction {
  bool contrasts;
  size_t index; /* group, or column of `vectors` */
  size_t multiplicity;
  ufm_direction_state state;
  mpfr_t m, base;
} ufm__columns_direction;

typedef struct ufm__columns_plan {
  const ufm_problem *problem;
  const ufm_groups *groups;
  size_t G, n, rank;
  mpfr_prec_t bits;
  ufm__moments moments;
  mpfr_t *value, *vectors;   /* of the G x G matrix */
  ufm__columns_direction *d; /* n <= 2 G + 1, descending m */
  bool grams; /* false: only spectrum and objective are determined */
  ufm_claim claim;
} ufm__columns_plan;

/* Directions of `problem` in descending order with their states, the rank and
   the claim, at `bits`.  Clear after a failure too. */
UFM_MUST_CHECK ufm_status ufm__columns_plan_init(ufm__columns_plan *plan,
                                                 const ufm_problem *problem,
                                                 mpfr_prec_t bits,
                                                 ufm_error *error);
void ufm__columns_plan_clear(ufm__columns_plan *plan);

#endif
