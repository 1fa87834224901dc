/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix products in fixed point: integers need no normalisation, so a sum of
   products costs a third of what it costs in MPFR, and large products go
   through dgemm. */
#ifndef UFM_VERIFY_FIXED_H
#define UFM_VERIFY_FIXED_H

#include <stdbool.h>
#include <stddef.h>

#include <gmp.h>
#include <mpfr.h>

/* Rows of numbers; row i has the exponent e_i, and x is X without the digits
   below 2^(e_i - f):
     |X_il - x_il 2^(e_i - f)| <= 2^(e_i - f),   |x_il 2^(e_i - f)| <= |X_il|
     <= 2^(e_i),
   so that the sum of the products of rows i and j, length k, of two such sets
   is off by at most 2 k 2^(e_i + e_j - f). */
typedef struct ufm__fixed {
  size_t room; /* numbers, and rows, that fit */
  size_t length;
  mpz_t *x;
  long *exponent;
  long f;
} ufm__fixed;

/* Room for `room` numbers in any number of rows up to that.  False when memory
   is exhausted. */
bool ufm__fixed_init(ufm__fixed *out, size_t room);
void ufm__fixed_clear(ufm__fixed *fixed);

/* X_il = x[i row + l column] for i < rows, l < length, with f digits.  False
   when a number is not finite. */
bool ufm__fixed_set(ufm__fixed *out, size_t rows, size_t length,
                    const mpfr_t *x, size_t row, size_t column, long f);

/* A matrix by strides: A_il = x[i row + l column]. */
typedef struct ufm__strided {
  const mpfr_t *x;
  size_t row, column;
} ufm__strided;

/* c = A B, m x k times k x n, with an error of at most 3 k 2^-(bits + 16) times
   the largest numbers of the row of A and the column of B; NaN everywhere when
   a factor has a number that is not finite.  c must not be a factor.  `left`
   and `right` need room for m k and n k numbers. */
void ufm__fixed_product(ufm__fixed *left, ufm__fixed *right, mpfr_t *c,
                        size_t m, size_t n, size_t k, ufm__strided a,
                        ufm__strided b, mpfr_prec_t bits);

/* sum_l a_il b_jl, without rounding. */
void ufm__fixed_dot(mpz_t out, const ufm__fixed *a, size_t i,
                    const ufm__fixed *b, size_t j);

#endif
