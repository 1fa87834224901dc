/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "verify/fixed.h"
#include "verify/interval.h"

bool ufm__fixed_init(ufm__fixed *out, size_t room)
{
  *out = (ufm__fixed){.room = room};
  out->x = ufm__integers_new(room);
  out->exponent = calloc(room > 0 ? room : 1, sizeof *out->exponent);
  if (out->x != NULL && out->exponent != NULL)
    return true;
  ufm__fixed_clear(out);
  return false;
}

void ufm__fixed_clear(ufm__fixed *fixed)
{
  ufm__integers_free(fixed->x, fixed->room);
  free(fixed->exponent);
  *fixed = (ufm__fixed){0};
}

/* The least e with |x[l]| < 2^e for all l; false when one is not finite. */
static bool row_exponent(const mpfr_t *x, size_t length, size_t step, long *e)
{
  bool any = false;

  *e = 0;
  for (size_t l = 0; l < length; l++) {
    mpfr_srcptr value = x[l * step];

    if (!mpfr_number_p(value))
      return false;
    if (mpfr_zero_p(value))
      continue;
    if (!any || mpfr_get_exp(value) > *e)
      *e = mpfr_get_exp(value);
    any = true;
  }
  return true;
}

/* x 2^-exponent, rounded towards 0. */
static void set_entry(mpz_t out, mpfr_srcptr x, long exponent)
{
  long shift;

  if (mpfr_zero_p(x)) {
    mpz_set_ui(out, 0);
    return;
  }
  shift = mpfr_get_z_2exp(out, x) - exponent;
  if (shift >= 0)
    mpz_mul_2exp(out, out, (mp_bitcnt_t)shift);
  else
    mpz_tdiv_q_2exp(out, out, (mp_bitcnt_t)-shift);
}

bool ufm__fixed_set(ufm__fixed *out, size_t rows, size_t length,
                    const mpfr_t *x, size_t row, size_t column, long f)
{
  out->length = length;
  out->f = f;
  for (size_t i = 0; i < rows; i++) {
    long *e = &out->exponent[i];

    if (!row_exponent(x + i * row, length, column, e))
      return false;
    for (size_t l = 0; l < length; l++)
      set_entry(out->x[i * length + l], x[i * row + l * column], *e - f);
  }
  return true;
}

void ufm__fixed_dot(mpz_t out, const ufm__fixed *a, size_t i,
                    const ufm__fixed *b, size_t j)
{
  const mpz_t *x = (const mpz_t *)a->x + i * a->length;
  const mpz_t *y = (const mpz_t *)b->x + j * b->length;

  mpz_set_ui(out, 0);
  for (size_t l = 0; l < a->length; l++)
    mpz_addmul(out, x[l], y[l]);
}
