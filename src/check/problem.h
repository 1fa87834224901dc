/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_PROBLEM_H
#define UFM_CHECK_PROBLEM_H

#include "check/interval.h"
#include "check/reader.h"

typedef enum chk_loss { CHK_CE, CHK_MSE } chk_loss;
typedef enum chk_bias { CHK_NONE, CHK_FREE, CHK_RIDGE } chk_bias;

enum { CHK_MAX_DEPTH = 64 };

/* A target with one nonzero entry, or K exact numbers. */
typedef struct chk_column {
  bool one_hot;
  size_t label;        /* one_hot: the class */
  chk_grid t;          /* otherwise: K x 1 */
  mpz_t weight;        /* a_j > 0 */
  chk_number multiple; /* nu_j > 0 */
} chk_column;

/* The problem of a certificate:
     sum_j (a_j/A) loss(W_M..W_1 h_j + b, t_j) + sum_m (lambda_m/2) |W_m|^2
       + (lambda_H/2) sum_j nu_j |h_j|^2 + (lambda_b/2) |b|^2. */
typedef struct chk_problem {
  chk_loss loss;
  chk_bias bias;
  size_t K, J, M;
  size_t *width;   /* M + 1: d_1..d_M, K */
  mpq_t *lambda_w; /* M */
  mpq_t lambda_h, lambda_b;
  bool fixed; /* W = multiplier (I - J/K), d = K, lambda_w may be 0 */
  mpq_t multiplier;
  chk_column *columns; /* J */
  mpz_t total;         /* A */
} chk_problem;

void chk_problem_init(chk_problem *p);
void chk_problem_clear(chk_problem *p);
bool chk_problem_read(chk_problem *p, const json_t *value,
                      chk_session *session);

/* The same without the columns. */
bool chk_problem_read_head(chk_problem *p, const json_t *value,
                           chk_session *session);

/* A positive integer: a JSON integer or a string of digits. */
bool chk_read_weight(mpz_t out, const json_t *value, const char *where,
                     chk_session *session);

/* t_ij, as an enclosure and exactly. */
void chk_target(chk_interval *out, const chk_column *column, size_t i,
                mp_bitcnt_t f);
void chk_target_rational(mpq_t out, const chk_column *column, size_t i);

/* (L/2)^L lambda_1..lambda_M lambda_H, L = M + 1. */
bool chk_penalty_product(mpq_t out, const chk_problem *p, chk_session *session);

#endif
