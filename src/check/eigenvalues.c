/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower bounds of the eigenvalues of the second moment of the targets. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/eigenvalues.h"
#include "check/inertia.h"

void chk_moment_init(chk_moment *b)
{
  memset(b, 0, sizeof *b);
  mpq_init(b->total);
  mpq_init(b->scale);
}

void chk_moment_clear(chk_moment *b)
{
  for (size_t k = 0; b->counts != NULL && k < b->K; k++)
    mpq_clear(b->counts[k]);
  free(b->counts);
  chk_integers_free(b->G, b->K * b->K);
  mpq_clear(b->total);
  mpq_clear(b->scale);
}

/* n_k and N; the lengths of the multiplicities are paid for. */
static bool set_counts(chk_moment *b, const chk_problem *p,
                       chk_session *session)
{
  mpq_t nu;
  bool good = true;

  b->counts = chk_alloc(b->K, sizeof *b->counts);
  for (size_t k = 0; k < b->K; k++)
    mpq_init(b->counts[k]);
  mpq_init(nu);
  for (size_t j = 0; j < p->J && good; j++) {
    const chk_column *column = &p->columns[j];

    chk_number_get_mpq(nu, &column->multiple);
    mpq_add(b->total, b->total, nu);
    if (column->one_hot)
      mpq_add(b->counts[column->label], b->counts[column->label], nu);
    else
      b->one_hot = false;
    good = chk_spend_on(session, b->total);
  }
  mpq_clear(nu);
  return good;
}

/* All targets on one grid, and all multiplicities on another. */
static bool common_grids(chk_grid *t, chk_grid *nu, const chk_problem *p,
                         chk_session *session)
{
  chk_number *numbers = chk_numbers_new(p->K * p->J);
  chk_number *multiples = chk_numbers_new(p->J);
  bool good;

  for (size_t j = 0; j < p->J; j++) {
    mpz_set(multiples[j].p, p->columns[j].multiple.p);
    mpz_set(multiples[j].q, p->columns[j].multiple.q);
    multiples[j].e = p->columns[j].multiple.e;
    for (size_t i = 0; i < p->K; i++) {
      const chk_column *column = &p->columns[j];
      chk_number *x = &numbers[i * p->J + j];

      if (column->one_hot) {
        chk_number_set_si(x, column->label == i);
      } else {
        mpz_set(x->p, column->t.x[i]);
        mpz_set(x->q, column->t.q);
        x->e = column->t.e;
      }
    }
  }
  good = chk_grid_set(t, numbers, p->K, p->J, session) &&
         chk_grid_set(nu, multiples, 1, p->J, session);
  chk_numbers_free(numbers, p->K * p->J);
  chk_numbers_free(multiples, p->J);
  return good;
}

/* With t = x 2^e/q and nu = y 2^d/r, Y = sum_j y_j, v = sum_j y_j x_j:
     G = Y sum_j y_j x_j x_j^T [- v v^T],   B = G 2^(2e + d) / (q^2 r Y). */
static void fill(chk_moment *b, const chk_grid *t, const chk_grid *nu)
{
  size_t K = b->K, J = t->cols;
  mpz_t *v = chk_integers_new(K);
  mpz_t sum, product;
  long e = 2 * t->e + nu->e;

  mpz_init(sum);
  mpz_init(product);
  for (size_t j = 0; j < J; j++) {
    mpz_add(sum, sum, nu->x[j]);
    for (size_t i = 0; i < K; i++) {
      mpz_addmul(v[i], nu->x[j], t->x[i * J + j]);
      mpz_mul(product, nu->x[j], t->x[i * J + j]);
      for (size_t k = 0; k <= i; k++)
        mpz_addmul(b->G[i * K + k], product, t->x[k * J + j]);
    }
  }
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k <= i; k++) {
      mpz_mul(b->G[i * K + k], b->G[i * K + k], sum);
      if (b->centred)
        mpz_submul(b->G[i * K + k], v[i], v[k]);
    }
  mpz_mul(mpq_numref(b->scale), t->q, t->q);
  mpz_mul(mpq_numref(b->scale), mpq_numref(b->scale), nu->q);
  mpz_mul(mpq_numref(b->scale), mpq_numref(b->scale), sum);
  if (e >= 0)
    mpq_div_2exp(b->scale, b->scale, (mp_bitcnt_t)e);
  else
    mpq_mul_2exp(b->scale, b->scale, (mp_bitcnt_t)-e);
  mpz_clear(sum);
  mpz_clear(product);
  chk_integers_free(v, K);
}

bool chk_moment_set(chk_moment *b, const chk_problem *p, chk_session *session)
{
  double K = (double)p->K;
  chk_grid t, nu;
  bool good;

  b->K = p->K;
  b->one_hot = true;
  b->centred = p->bias != CHK_NONE;
  if (!set_counts(b, p, session))
    return false;
  if (b->one_hot)
    return true;
  chk_grid_init(&t);
  chk_grid_init(&nu);
  good = common_grids(&t, &nu, p, session) &&
         chk_spend(session, K * K * (double)p->J,
                   (double)(t.bits + nu.bits + nu.bits)) &&
         chk_fits(session, K * K, 2.0 * (double)(t.bits + nu.bits + 32));
  if (good) {
    b->G = chk_integers_new(b->K * b->K);
    fill(b, &t, &nu);
  }
  chk_grid_clear(&t);
  chk_grid_clear(&nu);
  return good;
}

typedef struct fraction {
  mpz_t top, bottom;
} fraction;

/* sum over k in [first, end) of n_k^2/(n_k - m) over a common denominator,
   by halves and without reduction to lowest terms. */
static void secular_sum(fraction *out, const chk_moment *b, mpq_srcptr m,
                        size_t first, size_t end)
{
  mpz_init_set_ui(out->top, 0);
  mpz_init_set_ui(out->bottom, 1);
  if (end - first == 1) {
    mpq_t part;

    mpq_init(part);
    mpq_sub(part, b->counts[first], m);
    mpq_div(part, b->counts[first], part);
    mpq_mul(part, part, b->counts[first]);
    mpz_set(out->top, mpq_numref(part));
    mpz_set(out->bottom, mpq_denref(part));
    mpq_clear(part);
  } else {
    size_t middle = first + (end - first) / 2;
    fraction left, right;

    secular_sum(&left, b, m, first, middle);
    secular_sum(&right, b, m, middle, end);
    mpz_mul(out->bottom, left.bottom, right.bottom);
    mpz_mul(out->top, left.top, right.bottom);
    mpz_addmul(out->top, right.top, left.bottom);
    mpz_clears(left.top, left.bottom, right.top, right.bottom, (mpz_ptr)NULL);
  }
}

/* Eigenvalues of B below m for one-hot targets.  Without centring B is
   diag(n).  Centred, B - m I = diag(n) - m I - n n^T/N is the Schur complement
   of N in the matrix bordered by n and N, whose inertia also follows from the
   other Schur complement N - sum_k n_k^2/(n_k - m); if some n_k equal m, the
   border and those k have one negative and one positive eigenvalue. */
static size_t one_hot_below(const chk_moment *b, mpq_srcptr m)
{
  size_t below = 0;
  bool tie = false;
  fraction sum;

  for (size_t k = 0; k < b->K; k++) {
    below += mpq_cmp(b->counts[k], m) < 0;
    tie = tie || mpq_equal(b->counts[k], m);
  }
  if (!b->centred)
    return below;
  if (tie)
    return below + 1;
  secular_sum(&sum, b, m, 0, b->K);
  mpz_mul(sum.top, sum.top, mpq_denref(b->total));
  mpz_submul(sum.top, sum.bottom, mpq_numref(b->total));
  /* denominators are positive: negative iff N < sum, that is top > 0 */
  below += mpz_sgn(sum.top) > 0;
  mpz_clears(sum.top, sum.bottom, (mpz_ptr)NULL);
  return below;
}

/* A bound of the number of eigenvalues below 0 of the integer matrix
   c = q G - p I, where p/q = m scale.  First with eigenvalues 0 counted; if
   that is too many, with 0 not counted: the product of the nonzero
   eigenvalues is an integer, so none is smaller than |c|^-(K-1). */
static bool soft_below(size_t *below, const chk_moment *b, mpq_srcptr m,
                       bool exact, chk_session *session)
{
  size_t K = b->K;
  double n = (double)K;
  mp_bitcnt_t bits = 0, shift = 64;
  mpz_t *c = chk_integers_new(K * K);
  bool good;
  mpq_t level;

  mpq_init(level);
  mpq_mul(level, m, b->scale);
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k <= i; k++) {
      mpz_mul(c[i * K + k], b->G[i * K + k], mpq_denref(level));
      if (i == k)
        mpz_sub(c[i * K + k], c[i * K + k], mpq_numref(level));
      if (mpz_sizeinbase(c[i * K + k], 2) > bits)
        bits = mpz_sizeinbase(c[i * K + k], 2);
    }
  for (size_t k = K; k > 0; k >>= 1)
    bits++; /* row sums, and so |c|, are below 2^bits */
  if (exact)
    shift = 2 + (K - 1) * bits;
  good = chk_fits(session, n * n, 4.0 * (double)(bits + shift)) &&
         chk_spend(session, n * n * n, (double)(bits + shift) + 64.0);
  for (size_t i = 0; i < K && good; i++)
    for (size_t k = 0; k <= i; k++) {
      mpz_mul_2exp(c[i * K + k], c[i * K + k], shift);
      if (i == k && exact)
        mpz_add_ui(c[i * K + k], c[i * K + k], 2);
    }
  if (good && !chk_count_nonpositive(below, (const mpz_t *)c, K))
    *below = K; /* nothing proved */
  mpq_clear(level);
  chk_integers_free(c, K * K);
  return good;
}

bool chk_moment_has(const chk_moment *b, size_t count, mpq_srcptr m,
                    chk_session *session)
{
  double bits = (double)(mpz_sizeinbase(mpq_numref(m), 2) +
                         mpz_sizeinbase(mpq_denref(m), 2) +
                         mpz_sizeinbase(mpq_numref(b->total), 2) +
                         mpz_sizeinbase(mpq_denref(b->total), 2));
  size_t below;

  if (b->one_hot) {
    /* the last product of secular_sum is as dear as all others together */
    if (!chk_spend(session, 16.0, bits * (double)b->K))
      return false;
    below = one_hot_below(b, m);
  } else {
    if (!soft_below(&below, b, m, false, session) ||
        (below > b->K - count && !soft_below(&below, b, m, true, session)))
      return false;
  }
  if (below > b->K - count)
    return chk_reject(session, "eigenvalues (number %zu)", count);
  return true;
}
