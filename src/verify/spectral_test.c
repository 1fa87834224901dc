/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proof of positive semidefiniteness by ordinary rounded Cholesky (S. M.
   Rump, Verification of positive definiteness, BIT 46, 2006).

   Let u = 2^-bits, n + 8 < 1/(100 u), and let
     B~ = B with entries rounded to nearest:      B = B~ + F, |F_ij| <= u
   |B~_ij|, C  = B~ with c taken off the diagonal, rounded down, and suppose the
   rounded Cholesky factorisation of C runs to completion with positive pivots.
   By the error analysis of Cholesky (Higham, Accuracy and Stability of
   Numerical Algorithms, 2nd ed., Theorem 10.5; MPFR has no underflow here, any
   order of summation) C + D = R^T R with |D_ij| <= g/(1 - g) sqrt(C_ii C_jj), g
   = (n + 1) u/(1 - (n + 1) u), so |D|_2 <= g/(1 - g) tr C <= 1.03 (n + 1) u tr
   C. Cauchy-Schwarz on the columns of R gives |C_ij| <= (1 + g')^2 sqrt(C_ii
   C_jj) with g' = g/(1 - g), hence for the rounding of the entries |F|_2 <= u
   max_i B~_ii + 1.1 u tr C <= 2.1 u tr B~ (all B~_ii are positive, being at
   least C_ii).  Together B >= R^T R + (c - |D|_2 - |F|_2) I >= (c - (1.03 (n +
   1) + 2.1) u tr B~) I, which is >= 0 for c >= 2 (n + 8) u tr B~. */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "verify/interval.h"
#include "verify/spectral_test.h"

/* Row i of the packed lower triangle. */
static mpfr_t *row(mpfr_t *packed, size_t i)
{
  return packed + i * (i + 1) / 2;
}

/* Rounds B, takes the shift off its diagonal; false when that leaves a
   diagonal entry that is not positive. */
static bool shifted(size_t n, mpz_t *B, mpfr_prec_t bits, mpfr_t *C)
{
  bool positive = true;
  mpfr_t shift;

  mpfr_init2(shift, bits);
  mpfr_set_zero(shift, 1);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++)
      mpfr_set_z(row(C, i)[j], B[i * n + j], MPFR_RNDN);
    mpfr_add(shift, shift, row(C, i)[i], MPFR_RNDU);
  }
  mpfr_mul_ui(shift, shift, 2 * (n + 8), MPFR_RNDU);
  mpfr_mul_2si(shift, shift, -(long)bits, MPFR_RNDU);
  for (size_t i = 0; i < n && positive; i++) {
    /* a negative entry makes the trace useless as a bound: refused here */
    positive = mpfr_sgn(row(C, i)[i]) > 0;
    mpfr_sub(row(C, i)[i], row(C, i)[i], shift, MPFR_RNDD);
    positive = positive && mpfr_sgn(row(C, i)[i]) > 0;
  }
  mpfr_clear(shift);
  return positive;
}

static bool cholesky(size_t n, mpfr_t *C, mpfr_prec_t bits)
{
  bool positive = true;
  mpfr_t term;

  mpfr_init2(term, bits);
  for (size_t i = 0; i < n && positive; i++) {
    mpfr_t *ci = row(C, i);

    for (size_t j = 0; j <= i; j++) {
      mpfr_t *cj = row(C, j);

      for (size_t k = 0; k < j; k++) {
        mpfr_mul(term, ci[k], cj[k], MPFR_RNDN);
        mpfr_sub(ci[j], ci[j], term, MPFR_RNDN);
      }
      if (j < i)
        mpfr_div(ci[j], ci[j], cj[j], MPFR_RNDN);
    }
    positive = mpfr_number_p(ci[i]) && mpfr_sgn(ci[i]) > 0;
    mpfr_sqrt(ci[i], ci[i], MPFR_RNDN);
  }
  mpfr_clear(term);
  return positive;
}

ufm_status ufm__psd_test(size_t n, mpz_t *B, mpfr_prec_t bits, bool *proved,
                         ufm_error *error)
{
  mpfr_t *C;

  *proved = false;
  if (n == 0) {
    *proved = true;
    return UFM_OK;
  }
  if (log2((double)n + 8.0) + 7.0 > (double)bits)
    return ufm__fail(error, UFM_EINTERNAL,
                     "verify: %ld bits are too few for a matrix of order %zu",
                     (long)bits, n);
  C = ufm__mp_new(n * (n + 1) / 2, bits);
  if (C == NULL)
    return ufm__no_memory(error, "verify: spectral test");
  *proved = shifted(n, B, bits, C) && cholesky(n, C, bits);
  ufm__mp_free(C, n * (n + 1) / 2);
  return UFM_OK;
}
