/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix products in fixed point, through integers and through digits in double
   precision, against sums at many times the digits. */
#include <config.h>

#include <math.h>

#include "core/rng.h"
#include "run.h"
#include "verify/fixed.h"
#include "verify/interval.h"

#include <gsl/gsl_randist.h>

enum { SEED = 45 };

/* m, n, k; the last three are large enough for digits. */
static const size_t shape[][3] = {{1, 1, 1},   {1, 7, 5},    {5, 1, 9},
                                  {3, 4, 0},   {2, 200, 90}, {40, 33, 27},
                                  {64, 48, 64}};
static const mpfr_prec_t precision[] = {40, 64, 113, 260, 700, 1500};
enum {
  SHAPES = sizeof shape / sizeof *shape,
  PRECISIONS = sizeof precision / sizeof *precision,
  KINDS = 4
};

/* Normal numbers of all bits; all digits at their largest and of one sign, for
   the largest sums; rows of very different sizes; zeros and single bits. */
static void draw(gsl_rng *rng, int kind, size_t row, mpfr_t x)
{
  mpfr_prec_t bits = mpfr_get_prec(x);

  if (kind == 1) { /* 1 - 2^-bits */
    mpfr_set_ui(x, 1, MPFR_RNDN);
    mpfr_nextbelow(x);
    return;
  }
  mpfr_set_zero(x, 1);
  if (kind == 3) {
    if (row % 5 != 4 && gsl_rng_uniform_int(rng, 3) > 0)
      mpfr_set_si_2exp(x, gsl_rng_uniform_int(rng, 2) ? 1 : -1,
                       -(long)gsl_rng_uniform_int(rng, 90), MPFR_RNDN);
    return;
  }
  for (mpfr_prec_t b = 0; b < bits; b += 30) {
    mpfr_mul_2ui(x, x, 30, MPFR_RNDN);
    mpfr_add_ui(x, x, gsl_rng_uniform_int(rng, 1UL << 30), MPFR_RNDN);
  }
  mpfr_mul_2si(x, x, -(long)bits, MPFR_RNDN);
  if (gsl_rng_uniform_int(rng, 2))
    mpfr_neg(x, x, MPFR_RNDN);
  if (kind == 2)
    mpfr_mul_2si(x, x, (long)(row % 7) * 400 - 1000, MPFR_RNDN);
}

/* Exponent of the largest of k numbers. */
static long top(mpfr_t *x, size_t k, size_t step)
{
  long e = -1000000;

  for (size_t l = 0; l < k; l++)
    if (mpfr_regular_p(x[l * step]) && mpfr_get_exp(x[l * step]) > e)
      e = mpfr_get_exp(x[l * step]);
  return e;
}

START_TEST(products_keep_their_bound)
{
  const size_t *size = shape[_i % SHAPES];
  size_t m = size[0], n = size[1], k = size[2];
  mpfr_prec_t bits = precision[_i / SHAPES % PRECISIONS];
  int kind = _i / SHAPES / PRECISIONS;
  gsl_rng *rng = ufm__rng_new(SEED, (uint64_t)_i);
  /* B by columns: the transpose of what is stored */
  mpfr_t *a = ufm__mp_new(m * k, bits), *b = ufm__mp_new(n * k, bits);
  mpfr_t *c = ufm__mp_new(m * n, bits + 64), sum, term, bound;
  ufm__fixed left, right;

  mpfr_inits2(4 * bits + 3000, sum, term, (mpfr_ptr)NULL);
  mpfr_init2(bound, 53);
  for (size_t i = 0; i < m * k; i++)
    draw(rng, kind, i / k, a[i]);
  for (size_t i = 0; i < n * k; i++)
    draw(rng, kind, i / k, b[i]);
  ck_assert(ufm__fixed_init(&left, m * k > 0 ? m * k : m));
  ck_assert(ufm__fixed_init(&right, n * k > 0 ? n * k : n));
  ufm__fixed_product(&left, &right, c, m, n, k, (ufm__strided){a, k, 1},
                     (ufm__strided){b, 1, k}, bits);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      mpfr_set_zero(sum, 1);
      for (size_t l = 0; l < k; l++) {
        mpfr_mul(term, a[i * k + l], b[j * k + l], MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
      }
      mpfr_sub(sum, sum, c[i * n + j], MPFR_RNDN);
      mpfr_set_ui_2exp(bound, 3 * k,
                       top(a + i * k, k, 1) + top(b + j * k, k, 1) -
                           (long)bits - 16,
                       MPFR_RNDU);
      ck_assert_msg(mpfr_cmpabs(sum, bound) <= 0,
                    "seed %d, case %d, entry (%zu, %zu)", SEED, _i, i, j);
    }
  if (k > 0) {
    mpfr_set_inf(a[gsl_rng_uniform_int(rng, m * k)], 1);
    ufm__fixed_product(&left, &right, c, m, n, k, (ufm__strided){a, k, 1},
                       (ufm__strided){b, 1, k}, bits);
    for (size_t i = 0; i < m * n; i++)
      ck_assert(mpfr_nan_p(c[i]));
  }
  mpfr_clears(sum, term, bound, (mpfr_ptr)NULL);
  ufm__fixed_clear(&left);
  ufm__fixed_clear(&right);
  ufm__mp_free(a, m * k);
  ufm__mp_free(b, n * k);
  ufm__mp_free(c, m * n);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-product");
  int failed;

  tcase_add_loop_test(tests, products_keep_their_bound, 0,
                      SHAPES * PRECISIONS * KINDS);
  failed = run_case("verify-product", tests);
  mpfr_free_cache();
  return failed;
}
