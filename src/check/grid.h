/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_GRID_H
#define UFM_CHECK_GRID_H

#include <stddef.h>

#include "check/number.h"
#include "check/session.h"

/* A matrix of exact numbers on one common grid: entry (i, j) is
   x[i cols + j] 2^e / q, so sums and products of entries are integer sums. */
typedef struct chk_grid {
  size_t rows, cols;
  mpz_t *x; /* NULL before chk_grid_set */
  mpz_t q;
  long e;
  mp_bitcnt_t bits; /* no |x| reaches 2^bits */
} chk_grid;

void chk_grid_init(chk_grid *g);
void chk_grid_clear(chk_grid *g);

/* Finds the coarsest common grid of rows x cols numbers; false (malformed) if
   it would need more memory than the file is entitled to. */
bool chk_grid_set(chk_grid *g, const chk_number *numbers, size_t rows,
                  size_t cols, chk_session *session);

/* Digits that an entry may need when it meets a number on another grid. */
double chk_grid_span(const chk_grid *g);

/* Sum of the squares of all entries, as n 2^(2e) / q^2. */
void chk_grid_square_sum(mpz_t n, const chk_grid *g);

/* out = a b, exactly. */
bool chk_grid_multiply(chk_grid *out, const chk_grid *a, const chk_grid *b,
                       chk_session *session);

/* Adds the column b (rows x 1) to every column of g, exactly. */
bool chk_grid_add_column(chk_grid *g, const chk_grid *b, chk_session *session);

#endif
