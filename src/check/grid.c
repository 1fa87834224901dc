/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices on a common grid: exact sums and products. */
#include <config.h>

#include "check/alloc.h"
#include "check/grid.h"

void chk_grid_init(chk_grid *g)
{
  g->rows = g->cols = 0;
  g->x = NULL;
  mpz_init_set_ui(g->q, 1);
  g->e = 0;
  g->bits = 0;
}

void chk_grid_clear(chk_grid *g)
{
  chk_integers_free(g->x, g->rows * g->cols);
  g->x = NULL;
  mpz_clear(g->q);
}

static void allocate(chk_grid *g, size_t rows, size_t cols)
{
  g->rows = rows;
  g->cols = cols;
  g->x = chk_integers_new(rows * cols);
}

static void measure(chk_grid *g)
{
  g->bits = 0;
  for (size_t i = 0; i < g->rows * g->cols; i++) {
    mp_bitcnt_t bits = mpz_sizeinbase(g->x[i], 2);

    if (bits > g->bits)
      g->bits = bits;
  }
}

/* Common denominator q and smallest exponent e of the nonzero numbers. */
static bool find_common(chk_grid *g, const chk_number *numbers, size_t count,
                        chk_session *session)
{
  bool first = true;

  for (size_t i = 0; i < count; i++) {
    if (chk_number_sign(&numbers[i]) == 0)
      continue;
    if (first || numbers[i].e < g->e)
      g->e = numbers[i].e;
    first = false;
    if (mpz_cmp_ui(numbers[i].q, 1) == 0)
      continue;
    if (!mpz_divisible_p(g->q, numbers[i].q))
      mpz_lcm(g->q, g->q, numbers[i].q);
    if (!chk_spend(session, 4.0, (double)mpz_sizeinbase(g->q, 2)))
      return false;
  }
  return true;
}

bool chk_grid_set(chk_grid *g, const chk_number *numbers, size_t rows,
                  size_t cols, chk_session *session)
{
  size_t count = rows * cols;
  double bits = 0.0;
  mpz_t factor;

  if (!find_common(g, numbers, count, session))
    return false;
  for (size_t i = 0; i < count; i++)
    if (chk_number_sign(&numbers[i]) != 0)
      bits +=
          (double)mpz_sizeinbase(numbers[i].p, 2) +
          (double)(numbers[i].e - g->e) +
          (double)(mpz_sizeinbase(g->q, 2) - mpz_sizeinbase(numbers[i].q, 2));
  if (!chk_hold(session, (double)count, bits / (double)count))
    return false;
  allocate(g, rows, cols);
  mpz_init(factor);
  for (size_t i = 0; i < count; i++) {
    if (chk_number_sign(&numbers[i]) == 0)
      continue;
    mpz_divexact(factor, g->q, numbers[i].q);
    mpz_mul(g->x[i], numbers[i].p, factor);
    mpz_mul_2exp(g->x[i], g->x[i], (mp_bitcnt_t)(numbers[i].e - g->e));
  }
  mpz_clear(factor);
  measure(g);
  return true;
}

double chk_grid_span(const chk_grid *g)
{
  return (double)g->bits + (double)(g->e < 0 ? -g->e : g->e) +
         (double)mpz_sizeinbase(g->q, 2);
}

void chk_grid_square_sum(mpz_t n, const chk_grid *g)
{
  mpz_set_ui(n, 0);
  for (size_t i = 0; i < g->rows * g->cols; i++)
    mpz_addmul(n, g->x[i], g->x[i]);
}

bool chk_grid_multiply(chk_grid *out, const chk_grid *a, const chk_grid *b,
                       chk_session *session)
{
  double bits = (double)(a->bits + b->bits);
  double entries = (double)a->rows * (double)b->cols;

  if (!chk_spend(session, entries * (double)a->cols, bits / 2.0) ||
      !chk_fits(session, entries, bits))
    return false;
  allocate(out, a->rows, b->cols);
  for (size_t i = 0; i < a->rows; i++)
    for (size_t j = 0; j < b->cols; j++)
      for (size_t k = 0; k < a->cols; k++)
        mpz_addmul(out->x[i * b->cols + j], a->x[i * a->cols + k],
                   b->x[k * b->cols + j]);
  mpz_mul(out->q, a->q, b->q);
  out->e = a->e + b->e;
  measure(out);
  return true;
}

bool chk_grid_add_column(chk_grid *g, const chk_grid *b, chk_session *session)
{
  long e = g->e < b->e ? g->e : b->e;
  double bits = (double)(g->bits + b->bits + mpz_sizeinbase(b->q, 2) +
                         mpz_sizeinbase(g->q, 2)) +
                (double)(g->e - e) + (double)(b->e - e);
  mpz_t term;

  if (!chk_fits(session, (double)g->rows * (double)g->cols, bits) ||
      !chk_spend(session, (double)g->rows * (double)g->cols, bits / 2.0))
    return false;
  mpz_init(term);
  for (size_t i = 0; i < g->rows; i++) {
    mpz_mul(term, b->x[i], g->q);
    mpz_mul_2exp(term, term, (mp_bitcnt_t)(b->e - e));
    for (size_t j = 0; j < g->cols; j++) {
      mpz_t *x = &g->x[i * g->cols + j];

      mpz_mul(*x, *x, b->q);
      mpz_mul_2exp(*x, *x, (mp_bitcnt_t)(g->e - e));
      mpz_add(*x, *x, term);
    }
  }
  mpz_clear(term);
  mpz_mul(g->q, g->q, b->q);
  g->e = e;
  measure(g);
  return true;
}
