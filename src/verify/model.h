/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problem as refinement and certificates see it: equal columns merged,
   everything rational, sizes checked.  Its points are flat vectors in the
   order of <ufm/layout.h>, with the merged number of columns. */
#ifndef UFM_VERIFY_MODEL_H
#define UFM_VERIFY_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

#include <ufm/layout.h>
#include <ufm/problem.h>

typedef struct ufm__model {
  ufm_loss loss;
  ufm_bias bias;
  size_t K, J, M;
  size_t *width; /* M + 1: d_1..d_M, K */
  size_t *w;     /* M offsets of W_1..W_M in a point */
  size_t h, b, size;
  mpz_t *weight; /* J: a_j */
  mpz_t total;   /* A = sum a_j */
  mpq_t *pi;     /* J: a_j / A */
  mpq_t *nu;     /* J */
  mpq_t ratio;   /* nu_j / pi_j */
  mpq_t *target; /* J x K: t_ij at [j K + i] */
  size_t *label; /* J: k when t_j = e_k, else UFM_NO_LABEL */
  mpq_t *lambda; /* M + 1: lambda_1..lambda_M, lambda_H */
  mpq_t lambda_b;
  mpq_t product;    /* Lam = lambda_1 ... lambda_M lambda_H */
  size_t columns;   /* columns of the problem before merging */
  size_t *from;     /* columns: the merged column of each */
  double *share;    /* columns: its part of the weight of the merged column */
  bool fixed;       /* W_1 is m (I - J/K), exactly, with d_1 = K; M = 1 */
  mpq_t multiplier; /* m */
  size_t given;     /* d_1 of the problem, which a fixed frame may embed in any
                       way */
} ufm__model;

/* *out must be all zero; on failure it is left so. */
UFM_MUST_CHECK ufm_status ufm__model_init(ufm__model *out,
                                          const ufm_problem *problem,
                                          ufm_error *error);

/* The depth-1 problem of the same data without a limit on the rank, whose
   lambda_1 lambda_H is omega (lambda_H = 1): its dual is the one of section 4
   of doc/certificate-format.md. */
UFM_MUST_CHECK ufm_status ufm__model_relax(ufm__model *out,
                                           const ufm__model *model,
                                           mpq_srcptr omega, ufm_error *error);

void ufm__model_clear(ufm__model *model);

/* W_m (m = 1..M) and h_j of a point. */
static inline mpfr_t *ufm__layer(const ufm__model *model, mpfr_t *x, size_t m)
{
  return x + model->w[m - 1];
}

static inline mpfr_t *ufm__feature(const ufm__model *model, mpfr_t *x, size_t j)
{
  return x + model->h + j * model->width[0];
}

/* The merged point of theta (layout of the problem, so `columns` features):
   the features of equal columns are averaged with their weights, which never
   raises the objective (Jensen).  With a fixed classifier the features are
   those that have the same logits with m (I - J/K).  `out` has model->size
   numbers.  UFM_ENAN for
   a value that is not finite. */
UFM_MUST_CHECK ufm_status ufm__model_point(const ufm__model *model,
                                           const double *theta, mpfr_t *out,
                                           ufm_error *error);

/* Sets W of a fixed classifier at the precision of the entries of x. */
void ufm__model_frame(const ufm__model *model, mpfr_t *x);

/* R = min(K, d_1, ..., d_M). */
size_t ufm__model_rank_limit(const ufm__model *model);

/* Rank that the optimal logits of the problem without a rank limit can have at
   most: K - 1 for ce (the column sums of Z vanish), else min(K, J). */
size_t ufm__model_rank_possible(const ufm__model *model);

#endif
