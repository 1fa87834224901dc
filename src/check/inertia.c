/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inertia by an untrusted factorisation c - I = P^T (L D L^T + R) P, with L
   unit lower triangular and D block diagonal (blocks 1 x 1 and 2 x 2), and an
   exact bound of the remainder R.  Sylvester: L D L^T has as many negative
   eigenvalues as D.  Weyl: if the absolute row sums of R stay below 1, an
   eigenvalue <= 0 of c is an eigenvalue <= -1 of c - I, and belongs to a
   negative eigenvalue of L D L^T. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/inertia.h"

enum { GUARD = 64 }; /* fraction digits of D and of the rows of L */

typedef struct factors {
  size_t n;
  mp_bitcnt_t digits;  /* fraction digits of l */
  size_t *order;       /* row order[i] of the matrix stands in place i */
  mpz_t *l;            /* n x n, unit diagonal 2^digits */
  mpz_t *s;            /* Schur complement, then D; GUARD fraction digits */
  unsigned char *pair; /* 1 where a 2 x 2 block begins */
} factors;

static mpz_t *at(mpz_t *x, size_t n, size_t i, size_t j)
{
  return i >= j ? &x[i * n + j] : &x[j * n + i];
}

static void factors_init(factors *w, const mpz_t *c, size_t n)
{
  mp_bitcnt_t bits = 0;

  w->n = n;
  w->order = chk_alloc(n, sizeof *w->order);
  w->pair = chk_alloc(n, 1);
  w->l = chk_integers_new(n * n);
  w->s = chk_integers_new(n * n);
  for (size_t i = 0; i < n; i++) {
    w->order[i] = i;
    for (size_t j = 0; j <= i; j++) {
      mpz_set(w->s[i * n + j], c[i * n + j]);
      if (i == j)
        mpz_sub_ui(w->s[i * n + j], w->s[i * n + j], 1);
      if (mpz_sizeinbase(w->s[i * n + j], 2) > bits)
        bits = mpz_sizeinbase(w->s[i * n + j], 2);
      mpz_mul_2exp(w->s[i * n + j], w->s[i * n + j], GUARD);
    }
  }
  w->digits = bits + GUARD;
}

static void factors_clear(factors *w)
{
  free(w->order);
  free(w->pair);
  chk_integers_free(w->l, w->n * w->n);
  chk_integers_free(w->s, w->n * w->n);
}

/* Exchanges places a < b: in the order, the rest of s, the rows of l. */
static void exchange(factors *w, size_t a, size_t b, size_t done)
{
  size_t n = w->n, t = w->order[a];

  if (a == b)
    return;
  w->order[a] = w->order[b];
  w->order[b] = t;
  for (size_t k = 0; k < done; k++)
    mpz_swap(w->l[a * n + k], w->l[b * n + k]);
  for (size_t k = done; k < n; k++)
    if (k != a && k != b)
      mpz_swap(*at(w->s, n, a, k), *at(w->s, n, b, k));
  mpz_swap(w->s[a * n + a], w->s[b * n + b]);
}

/* Bunch and Parlett: the largest diagonal entry if it is at least 5/8 of the
   largest other entry, else the block of the latter.  Returns the block size,
   0 when the rest of the matrix is zero. */
static size_t choose_pivot(factors *w, size_t k)
{
  size_t n = w->n, big = k, row = k, column = k;
  mpz_t scaled;
  bool single;

  for (size_t i = k; i < n; i++) {
    if (mpz_cmpabs(w->s[i * n + i], w->s[big * n + big]) > 0)
      big = i;
    for (size_t j = k; j < i; j++)
      if (row == column ||
          mpz_cmpabs(w->s[i * n + j], w->s[row * n + column]) > 0) {
        row = i;
        column = j;
      }
  }
  mpz_init(scaled);
  if (row != column)
    mpz_mul_ui(scaled, w->s[row * n + column], 5);
  mpz_fdiv_q_2exp(scaled, scaled, 3);
  single = mpz_cmpabs(w->s[big * n + big], scaled) >= 0;
  mpz_clear(scaled);
  if (single) {
    exchange(w, k, big, k);
    return mpz_sgn(w->s[k * n + k]) == 0 ? 0 : 1;
  }
  exchange(w, k, column, k);
  exchange(w, k + 1, row, k); /* row > column, so row is not k */
  w->pair[k] = 1;
  return 2;
}

/* l_i = s_i / pivot; subtracts l_i pivot l_j from the rest. */
static void eliminate_single(factors *w, size_t k)
{
  size_t n = w->n;
  mpz_t t;

  mpz_init(t);
  for (size_t i = k + 1; i < n; i++) {
    mpz_mul_2exp(t, w->s[i * n + k], w->digits);
    mpz_fdiv_q(w->l[i * n + k], t, w->s[k * n + k]);
  }
  for (size_t i = k + 1; i < n; i++)
    for (size_t j = k + 1; j <= i; j++) {
      mpz_mul(t, w->l[i * n + k], w->s[j * n + k]);
      mpz_fdiv_q_2exp(t, t, w->digits);
      mpz_sub(w->s[i * n + j], w->s[i * n + j], t);
    }
  mpz_clear(t);
}

/* The same with the block [a b; b c]; its determinant is not 0, for b is
   the largest entry and a, c are smaller. */
static void eliminate_pair(factors *w, size_t k)
{
  size_t n = w->n;
  mpz_t *a = &w->s[k * n + k], *b = &w->s[(k + 1) * n + k];
  mpz_t *c = &w->s[(k + 1) * n + k + 1];
  mpz_t determinant, t;

  mpz_init(determinant);
  mpz_init(t);
  mpz_mul(determinant, *a, *c);
  mpz_submul(determinant, *b, *b);
  for (size_t i = k + 2; i < n; i++) {
    mpz_t *x = &w->s[i * n + k], *y = &w->s[i * n + k + 1];

    mpz_mul(t, *c, *x);
    mpz_submul(t, *b, *y);
    mpz_mul_2exp(t, t, w->digits);
    mpz_fdiv_q(w->l[i * n + k], t, determinant);
    mpz_mul(t, *a, *y);
    mpz_submul(t, *b, *x);
    mpz_mul_2exp(t, t, w->digits);
    mpz_fdiv_q(w->l[i * n + k + 1], t, determinant);
  }
  for (size_t i = k + 2; i < n; i++)
    for (size_t j = k + 2; j <= i; j++) {
      mpz_mul(t, w->l[i * n + k], w->s[j * n + k]);
      mpz_addmul(t, w->l[i * n + k + 1], w->s[j * n + k + 1]);
      mpz_fdiv_q_2exp(t, t, w->digits);
      mpz_sub(w->s[i * n + j], w->s[i * n + j], t);
    }
  mpz_clear(determinant);
  mpz_clear(t);
}

/* False when a pivot is exactly zero, which leaves D singular. */
static bool factorise(factors *w)
{
  size_t n = w->n;

  for (size_t k = 0; k < n;) {
    size_t size = choose_pivot(w, k);

    if (size == 0)
      return false;
    if (size == 1)
      eliminate_single(w, k);
    else
      eliminate_pair(w, k);
    k += size;
  }
  for (size_t i = 0; i < n; i++) {
    mpz_set_ui(w->l[i * n + i], 1);
    mpz_mul_2exp(w->l[i * n + i], w->l[i * n + i], w->digits);
  }
  return true;
}

/* row[0..i] = (row i of l) D.  What D has outside its blocks is ignored. */
static void times_d(mpz_t *row, const factors *w, size_t i)
{
  size_t n = w->n;

  for (size_t k = 0; k <= i; k++) {
    mpz_mul(row[k], w->l[i * n + k], w->s[k * n + k]);
    if (k < i && w->pair[k])
      mpz_addmul(row[k], w->l[i * n + k + 1], w->s[(k + 1) * n + k]);
    if (k > 0 && w->pair[k - 1])
      mpz_addmul(row[k], w->l[i * n + k - 1], w->s[k * n + k - 1]);
  }
}

/* True iff all absolute row sums of c - I - P^T L D L^T P are below 1. */
static bool remainder_small(const factors *w, const mpz_t *c)
{
  size_t n = w->n;
  mpz_t *row = chk_integers_new(n), *sums = chk_integers_new(n);
  mp_bitcnt_t scale = 2 * w->digits + GUARD;
  bool good = true;
  mpz_t r;

  mpz_init(r);
  for (size_t i = 0; i < n; i++) {
    times_d(row, w, i);
    for (size_t j = 0; j <= i; j++) {
      size_t a = w->order[i], b = w->order[j];

      mpz_set(r, a >= b ? c[a * n + b] : c[b * n + a]);
      if (i == j)
        mpz_sub_ui(r, r, 1);
      mpz_mul_2exp(r, r, scale);
      for (size_t k = 0; k <= j; k++)
        mpz_submul(r, row[k], w->l[j * n + k]);
      mpz_abs(r, r);
      mpz_add(sums[i], sums[i], r);
      if (i != j)
        mpz_add(sums[j], sums[j], r);
    }
  }
  for (size_t i = 0; i < n; i++) /* below 2^scale */
    good = good && mpz_sizeinbase(sums[i], 2) <= scale;
  mpz_clear(r);
  chk_integers_free(row, n);
  chk_integers_free(sums, n);
  return good;
}

/* Negative eigenvalues of D; false if one is zero or blocks overlap. */
static bool count_negative(size_t *count, const factors *w)
{
  size_t n = w->n;
  bool good = true;
  mpz_t determinant;

  mpz_init(determinant);
  *count = 0;
  for (size_t k = 0; k < n && good; k++) {
    if (!w->pair[k]) {
      good = mpz_sgn(w->s[k * n + k]) != 0;
      *count += mpz_sgn(w->s[k * n + k]) < 0;
      continue;
    }
    good = k + 1 < n && !w->pair[k + 1];
    if (!good)
      break;
    mpz_mul(determinant, w->s[k * n + k], w->s[(k + 1) * n + k + 1]);
    mpz_submul(determinant, w->s[(k + 1) * n + k], w->s[(k + 1) * n + k]);
    good = mpz_sgn(determinant) != 0;
    if (mpz_sgn(determinant) < 0)
      *count += 1;
    else if (mpz_sgn(w->s[k * n + k]) < 0)
      *count += 2;
    k++;
  }
  mpz_clear(determinant);
  return good;
}

bool chk_count_nonpositive(size_t *bound, const mpz_t *c, size_t n)
{
  factors w;
  bool good;

  factors_init(&w, c, n);
  good = factorise(&w) && remainder_small(&w, c) && count_negative(bound, &w);
  factors_clear(&w);
  return good;
}
