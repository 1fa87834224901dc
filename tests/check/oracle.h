/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of a certificate evaluated in MPFR, independently of the
   checker: plain formulas, nearest rounding, PRECISION bits. */
#ifndef UFM_TESTS_ORACLE_H
#define UFM_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>
#include <mpfr.h>

enum { PRECISION = 640 };

typedef struct oracle {
  bool ce, free_bias, ridge;
  size_t K, J, M, *d;           /* d_1..d_M, K */
  mpfr_t *lambda;               /* lambda_1..lambda_M */
  mpfr_t lambda_h, lambda_b, A; /* A = sum a_j */
  mpfr_t *t;                    /* K x J */
  mpfr_t *a, *nu;               /* J */
  mpfr_t **W, *H, *b, *y;       /* y = W_M..W_1 H + b, K x J */
} oracle;

mpfr_t *reals_new(size_t n);
void reals_free(mpfr_t *x, size_t n);

/* Any number of the format: JSON integer, integer, p/q, hexadecimal. */
void number_value(mpfr_t out, const json_t *value);

/* From the keys "problem" and "primal" of a certificate.  NULL for orbits that
   are too many to be written out (expansion.h). */
oracle *oracle_new(const json_t *root);
void oracle_free(oracle *o);

/* Fills all of a certificate of orbits but what oracle_new has read; false as
   above.  Columns are those of expansion.h. */
bool oracle_expand(oracle *o, const json_t *root);

/* The objective at the point. */
void oracle_primal(mpfr_t out, const oracle *o);

/* D(E), E_ij = s M_ij / a_j, M a JSON array of K x J numbers. */
void oracle_dual(mpfr_t out, const oracle *o, const json_t *M, const json_t *s);

/* The loss gradient's negative at the point: t - softmax(y), or t - y. */
void oracle_residual(mpfr_t out, const oracle *o, size_t i, size_t j);

#endif
