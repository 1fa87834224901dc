/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues of small symmetric matrices in multiprecision. */
#include <config.h>

#include <stdbool.h>

#include "theory/symmetric.h"

enum { MOST_SWEEPS = 60 };

/* The rotation that makes a_pq = 0: t = tan, with |t| <= 1. */
typedef struct rotation {
  mpfr_t t, c, s, x, y;
} rotation;

/* False when a_pq is nothing beside the diagonal. */
static bool find_rotation(rotation *r, size_t n, mpfr_t *a, size_t p, size_t q)
{
  mpfr_ptr apq = a[p * n + q];

  mpfr_abs(r->x, a[p * n + p], MPFR_RNDN);
  mpfr_abs(r->y, a[q * n + q], MPFR_RNDN);
  mpfr_add(r->x, r->x, r->y, MPFR_RNDN);
  mpfr_mul_2si(r->x, r->x, -(long)mpfr_get_prec(apq), MPFR_RNDN);
  if (mpfr_zero_p(apq) || mpfr_cmpabs(apq, r->x) <= 0)
    return false;
  /* theta = (a_qq - a_pp)/(2 a_pq), t = sign/(|theta| + sqrt(theta^2 + 1)) */
  mpfr_sub(r->x, a[q * n + q], a[p * n + p], MPFR_RNDN);
  mpfr_div(r->x, r->x, apq, MPFR_RNDN);
  mpfr_div_2ui(r->x, r->x, 1, MPFR_RNDN);
  mpfr_sqr(r->y, r->x, MPFR_RNDN);
  mpfr_add_ui(r->y, r->y, 1, MPFR_RNDN);
  mpfr_sqrt(r->y, r->y, MPFR_RNDN);
  mpfr_abs(r->t, r->x, MPFR_RNDN);
  mpfr_add(r->t, r->t, r->y, MPFR_RNDN);
  mpfr_ui_div(r->t, 1, r->t, MPFR_RNDN);
  if (mpfr_sgn(r->x) < 0)
    mpfr_neg(r->t, r->t, MPFR_RNDN);
  mpfr_sqr(r->c, r->t, MPFR_RNDN);
  mpfr_add_ui(r->c, r->c, 1, MPFR_RNDN);
  mpfr_rec_sqrt(r->c, r->c, MPFR_RNDN);
  mpfr_mul(r->s, r->t, r->c, MPFR_RNDN);
  return true;
}

/* (x, y) <- (c x - s y, s x + c y) */
static void rotate(rotation *r, mpfr_t x, mpfr_t y)
{
  mpfr_fmms(r->x, r->c, x, r->s, y, MPFR_RNDN);
  mpfr_fmma(y, r->s, x, r->c, y, MPFR_RNDN);
  mpfr_swap(x, r->x);
}

static void apply(rotation *r, size_t n, mpfr_t *a, size_t p, size_t q,
                  mpfr_t *vectors)
{
  mpfr_mul(r->x, r->t, a[p * n + q], MPFR_RNDN);
  mpfr_sub(a[p * n + p], a[p * n + p], r->x, MPFR_RNDN);
  mpfr_add(a[q * n + q], a[q * n + q], r->x, MPFR_RNDN);
  mpfr_set_zero(a[p * n + q], 1);
  mpfr_set_zero(a[q * n + p], 1);
  for (size_t k = 0; k < n; k++) {
    rotate(r, vectors[k * n + p], vectors[k * n + q]);
    if (k == p || k == q)
      continue;
    rotate(r, a[k * n + p], a[k * n + q]);
    mpfr_set(a[p * n + k], a[k * n + p], MPFR_RNDN);
    mpfr_set(a[q * n + k], a[k * n + q], MPFR_RNDN);
  }
}

/* Descending, vectors along. */
static void sort(size_t n, mpfr_t *value, mpfr_t *vectors)
{
  for (size_t i = 1; i < n; i++)
    for (size_t j = i; j > 0 && mpfr_greater_p(value[j], value[j - 1]); j--) {
      mpfr_swap(value[j], value[j - 1]);
      for (size_t k = 0; k < n; k++)
        mpfr_swap(vectors[k * n + j], vectors[k * n + j - 1]);
    }
}

void ufm__symmetric_eigen(size_t n, mpfr_t *a, mpfr_t *value, mpfr_t *vectors)
{
  mpfr_prec_t bits = mpfr_get_prec(a[0]);
  bool changed = true;
  rotation r;

  mpfr_inits2(bits, r.t, r.c, r.s, r.x, r.y, (mpfr_ptr)NULL);
  for (size_t i = 0; i < n * n; i++)
    mpfr_set_ui(vectors[i], i % (n + 1) == 0, MPFR_RNDN);
  for (int sweep = 0; sweep < MOST_SWEEPS && changed; sweep++) {
    changed = false;
    for (size_t p = 0; p < n; p++)
      for (size_t q = p + 1; q < n; q++)
        if (find_rotation(&r, n, a, p, q)) {
          apply(&r, n, a, p, q, vectors);
          changed = true;
        }
  }
  for (size_t i = 0; i < n; i++)
    mpfr_set(value[i], a[i * n + i], MPFR_RNDN);
  sort(n, value, vectors);
  mpfr_clears(r.t, r.c, r.s, r.x, r.y, (mpfr_ptr)NULL);
}
