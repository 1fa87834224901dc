/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "verify/arrays.h"

mpfr_t *ufm__mp_new(size_t n, mpfr_prec_t bits)
{
  mpfr_t *x = calloc(n > 0 ? n : 1, sizeof *x);

  for (size_t i = 0; x != NULL && i < n; i++) {
    mpfr_init2(x[i], bits);
    mpfr_set_zero(x[i], 1);
  }
  return x;
}

void ufm__mp_free(mpfr_t *x, size_t n)
{
  for (size_t i = 0; x != NULL && i < n; i++)
    mpfr_clear(x[i]);
  free(x);
}

mpz_t *ufm__integers_new(size_t n)
{
  mpz_t *x = calloc(n > 0 ? n : 1, sizeof *x);

  for (size_t i = 0; x != NULL && i < n; i++)
    mpz_init(x[i]);
  return x;
}

void ufm__integers_free(mpz_t *x, size_t n)
{
  for (size_t i = 0; x != NULL && i < n; i++)
    mpz_clear(x[i]);
  free(x);
}

mpq_t *ufm__rationals_new(size_t n)
{
  mpq_t *x = calloc(n > 0 ? n : 1, sizeof *x);

  for (size_t i = 0; x != NULL && i < n; i++)
    mpq_init(x[i]);
  return x;
}

void ufm__rationals_free(mpq_t *x, size_t n)
{
  for (size_t i = 0; x != NULL && i < n; i++)
    mpq_clear(x[i]);
  free(x);
}
