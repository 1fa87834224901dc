/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of matrices in fixed point.  Large ones go through dgemm (the idea
   of Ozaki, Ogita, Oishi and Rump, Numer. Algorithms 59, 2012): the integers
   are cut into digits of s bits, so few that sums of k products of digits stay
   below 2^53 and are exact in double precision whatever their order,

     sum_l a_il b_jl = sum_t 2^(s t) sum_{p+q=t} sum_l a^p_il b^q_jl,

   and the levels t below what the digits of the factors were rounded to are
   left out.  Small ones, and all when memory is short, are sums of integers. */
#include <config.h>

#include <stdlib.h>

#include <gsl/gsl_cblas.h>

#include "verify/fixed.h"

/* Digits beyond the working precision; where cutting pays: from so many
   multiplications on, and up to so many digits per number (memory). */
enum { GUARD_DIGITS = 16, WORTHWHILE = 1 << 15, MOST_DIGITS = 64 };

/* One product, m x k times k x n. */
typedef struct cut {
  size_t m, n, k;
  unsigned bits;         /* s */
  size_t digits;         /* of a number, L */
  size_t lowest;         /* level that is kept */
  double *a, *b, *level; /* L x m x k, L x n x k, (2 L - 1 - lowest) x m x n */
} cut;

static size_t levels(const cut *c)
{
  return 2 * c->digits - 1 - c->lowest;
}

static unsigned ceil_log2(size_t n)
{
  unsigned e = 0;

  while (e < 63 && ((size_t)1 << e) < n)
    e++;
  return e;
}

/* Chooses s, L and the lowest level for numbers of f bits; false when there
   would be too many digits.  Levels below T add up to less than T k 2^(s (T +
   1)), which is at most k 2^f, the error of the factors' rounding. */
static bool choose(cut *c, long f)
{
  size_t all = (size_t)f + 1;

  for (c->bits = 26; c->bits > 8; c->bits--) {
    c->digits = (all + c->bits - 1) / c->bits;
    if (2 * c->bits + ceil_log2(c->k * c->digits) <= 53)
      break;
  }
  if (c->bits == 8 || c->digits > MOST_DIGITS)
    return false;
  c->lowest = (all - 1 - ceil_log2(c->digits)) / c->bits;
  c->lowest = c->lowest > 0 ? c->lowest - 1 : 0;
  return true;
}

/* Digit t of x, with its sign. */
static double digit(mpz_srcptr x, size_t t, unsigned s)
{
  mp_size_t limb = (mp_size_t)(t * s / GMP_NUMB_BITS);
  unsigned shift = (unsigned)(t * s % GMP_NUMB_BITS);
  mp_limb_t value = mpz_getlimbn(x, limb) >> shift;

  if (shift + s > GMP_NUMB_BITS)
    value |= mpz_getlimbn(x, limb + 1) << (GMP_NUMB_BITS - shift);
  value &= ((mp_limb_t)1 << s) - 1;
  return mpz_sgn(x) < 0 ? -(double)value : (double)value;
}

static void set_digits(const cut *c, const ufm__fixed *from, size_t rows,
                       double *out)
{
  size_t n = rows * c->k;

  for (size_t i = 0; i < n; i++)
    for (size_t t = 0; t < c->digits; t++)
      out[t * n + i] = digit(from->x[i], t, c->bits);
}

/* The sums of every level. */
static void multiply(const cut *c)
{
  size_t m = c->m, n = c->n, k = c->k, L = c->digits;

  for (size_t t = c->lowest; t < 2 * L - 1; t++) {
    double *out = c->level + (t - c->lowest) * m * n;
    size_t first = t < L ? 0 : t - L + 1, last = t < L ? t : L - 1;

    for (size_t p = first; p <= last; p++)
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n,
                  (int)k, 1.0, c->a + p * m * k, (int)k, c->b + (t - p) * n * k,
                  (int)k, p == first ? 0.0 : 1.0, out, (int)n);
  }
}

/* out 2^(s lowest) = the sum of the levels of one entry. */
static void assemble(const cut *c, size_t entry, mpz_t out, mpz_t term)
{
  mpz_set_ui(out, 0);
  for (size_t t = levels(c); t-- > 0;) {
    mpz_set_d(term, c->level[t * c->m * c->n + entry]);
    mpz_mul_2exp(out, out, c->bits);
    mpz_add(out, out, term);
  }
}

/* c = left right^T through dgemm; false when that is not worthwhile or memory
   is short. */
static bool by_digits(const ufm__fixed *left, const ufm__fixed *right,
                      mpfr_t *out, size_t m, size_t n, size_t k)
{
  cut c = {.m = m, .n = n, .k = k};
  bool good = m > 1 && n > 1 && m * n * k >= WORTHWHILE && choose(&c, left->f);

  if (!good)
    return false;
  c.a = malloc(c.digits * m * k * sizeof *c.a);
  c.b = malloc(c.digits * n * k * sizeof *c.b);
  c.level = malloc(levels(&c) * m * n * sizeof *c.level);
  good = c.a != NULL && c.b != NULL && c.level != NULL;
  if (good) {
    mpz_t sum, term;

    set_digits(&c, left, m, c.a);
    set_digits(&c, right, n, c.b);
    multiply(&c);
    mpz_inits(sum, term, (mpz_ptr)NULL);
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++) {
        assemble(&c, i * n + j, sum, term);
        mpfr_set_z_2exp(out[i * n + j], sum,
                        left->exponent[i] + right->exponent[j] - 2 * left->f +
                            (long)(c.bits * c.lowest),
                        MPFR_RNDN);
      }
    mpz_clears(sum, term, (mpz_ptr)NULL);
  }
  free(c.a);
  free(c.b);
  free(c.level);
  return good;
}

static void by_integers(const ufm__fixed *left, const ufm__fixed *right,
                        mpfr_t *out, size_t m, size_t n)
{
  mpz_t sum;

  mpz_init(sum);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      ufm__fixed_dot(sum, left, i, right, j);
      mpfr_set_z_2exp(out[i * n + j], sum,
                      left->exponent[i] + right->exponent[j] - 2 * left->f,
                      MPFR_RNDN);
    }
  mpz_clear(sum);
}

void ufm__fixed_product(ufm__fixed *left, ufm__fixed *right, mpfr_t *c,
                        size_t m, size_t n, size_t k, ufm__strided a,
                        ufm__strided b, mpfr_prec_t bits)
{
  long f = (long)bits + GUARD_DIGITS;

  if (!ufm__fixed_set(left, m, k, a.x, a.row, a.column, f) ||
      !ufm__fixed_set(right, n, k, b.x, b.column, b.row, f)) {
    for (size_t i = 0; i < m * n; i++)
      mpfr_set_nan(c[i]);
    return;
  }
  if (!by_digits(left, right, c, m, n, k))
    by_integers(left, right, c, m, n);
}
