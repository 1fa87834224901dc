/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective as its own files see it. */
#ifndef UFM_OBJECTIVE_INTERNAL_H
#define UFM_OBJECTIVE_INTERNAL_H

#include <stdbool.h>

#include <ufm/objective.h>

#include "objective/loss.h"

/* Plain variables are scale times the variables of the objective, factor by
   factor; the penalties become penalty/2 times squared norms. */
typedef struct ufm__scaling {
  double *w_scale;   /* M: W_m = w_scale x */
  double *w_penalty; /* M */
  double *h_scale;   /* J: h_j = h_scale x */
  double *h_penalty; /* J */
  double b_scale;    /* b = b_scale x */
  double b_penalty;
  double *logit_scale; /* J: z_j = logit_scale (network of x)_j */
} ufm__scaling;

ufm_status ufm__scaling_init(ufm__scaling *out, const ufm_problem *problem,
                             const ufm_layout *layout, ufm_variables variables,
                             ufm_error *error);
void ufm__scaling_clear(ufm__scaling *scaling);

/* Consecutive columns. */
typedef struct ufm__range {
  size_t first, count;
} ufm__range;

/* Of a block of columns at the point of Hessian products. */
typedef struct ufm__pieces {
  double **y; /* M activations Y_1..Y_M, the last overwritten by G_M */
  double **g; /* M - 1 loss gradients G_1..G_{M-1} */
} ufm__pieces;

/* What a Hessian product keeps of the point, and its tangents. */
typedef struct ufm__tangents {
  size_t room;         /* doubles that may be kept */
  double *at;          /* the point they belong to; NULL before the first */
  bool valid;          /* false until the first product */
  size_t kept;         /* leading blocks whose pieces are kept */
  ufm__pieces *pieces; /* kept + 1; others are made anew in the last */
  double **dy;         /* M tangents of the activations of a block */
} ufm__tangents;

void ufm__tangents_clear(ufm__tangents *tangents, size_t M);

/* The preconditioner, and what evaluations gather for it once it was asked for:
   K numbers each (precondition.c). */
typedef struct ufm__blocks {
  double *at; /* the point the rest belongs to; NULL until asked for */
  bool valid;
  double *numbers;         /* the arrays below */
  double *w_part, *h_part; /* multiples of the identity */
  double *curvature;       /* D_kk */
  double *cross;           /* half of G_kk */
  double *bias;            /* diagonal of the bias */
  double *w_square, *row;  /* |w_i|^2, and D of one column */
} ufm__blocks;

void ufm__blocks_clear(ufm__blocks *blocks);

/* Around the columns of an evaluation at x; nothing before the first use. */
void ufm__blocks_begin(ufm_objective *objective, const double *x);
void ufm__blocks_column(ufm_objective *objective, const double *x, size_t j,
                        const double *gradient);
void ufm__blocks_end(ufm_objective *objective, const double *x);

struct ufm_objective {
  const ufm_problem *problem;
  const ufm_columns *columns;
  const ufm__loss *loss;
  bool fixed; /* the classifier: derivatives by it are 0 */
  ufm_layout *layout;
  ufm__scaling scaling;
  double *weight; /* J: pi_j */
  size_t block;   /* columns per block, the last may have fewer */
  double **y;     /* M activations Y_1..Y_M of a block, block x d_{m+1} */
  double *logits; /* K: one column with bias */
  double *terms;  /* J + M + 2: losses and penalties, to be summed */
  ufm__tangents tangents;
  ufm__blocks blocks;
  ufm_evaluations evaluations;
};

/* Arrays for the first `layers` layers, the m-th columns x d_{m+1}; NULL when
   out of memory. */
double **ufm__activations_new(const ufm_layout *layout, size_t layers,
                              size_t columns);
void ufm__activations_free(double **y, size_t layers);

/* The block after `last`, {0, 0} before the first; count 0 after the last. */
ufm__range ufm__next_block(const ufm_objective *objective, ufm__range last);

/* Y_1..Y_M of the network at x, for the columns of the range. */
void ufm__forward(const ufm_objective *objective, const double *x,
                  ufm__range range, double **y);

/* Y_M of the range becomes G_M, the bias gradient (may be NULL) grows, the
   weighted losses go to terms[]. */
void ufm__loss_gradients(ufm_objective *objective, const double *x,
                         ufm__range range, double *g_bias);

/* out = logits of column j with bias, from row j of Y_M. */
void ufm__column_logits(const ufm_objective *objective, const double *x,
                        size_t j, const double *row, double *out);

#endif
