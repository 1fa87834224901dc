/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a dual point has to be pulled towards 0 to satisfy the norm. */
#include <config.h>

#include <float.h>
#include <math.h>

#include "core/number.h"
#include "verify/dual_norm.h"

/* s = 1 - 2^-i, exactly */
static void set_near_one(ufm__dual *dual, long i)
{
  mpz_set_ui(dual->s, 1);
  mpz_mul_2exp(dual->s, dual->s, (mp_bitcnt_t)i);
  mpz_sub_ui(dual->s, dual->s, 1);
  dual->s_shift = i;
}

/* s = x rounded to a double, x in (0, 1] */
static void set_double(ufm__dual *dual, double x)
{
  int exponent;
  double mantissa = frexp(x, &exponent);

  mpz_set_d(dual->s, ldexp(mantissa, 53));
  dual->s_shift = 53 - exponent;
  while (dual->s_shift > 0 && mpz_even_p(dual->s)) {
    mpz_tdiv_q_2exp(dual->s, dual->s, 1);
    dual->s_shift--;
  }
}

/* Where D(s) = s a - s^2 b/2 is largest for mse; it matters only far away. */
static double best_for_mse(const ufm__dual *dual)
{
  const ufm__model *model = dual->model;
  size_t K = model->K;
  double a = 0.0, b = 0.0;
  iv E;

  ufm__iv_init(&E, 64);
  for (size_t i = 0; i < K; i++) {
    double mean = 0.0;

    for (size_t j = 0; j < model->J; j++) {
      double e, pi = ufm__rational_double(model->pi[j]);

      ufm__dual_entry(dual, j, i, &E);
      e = mpfr_get_d(E.lo, MPFR_RNDN);
      a += pi * e * ufm__rational_double(model->target[j * K + i]);
      b += pi * e * e;
      mean += pi * e;
    }
    if (model->bias == UFM_BIAS_RIDGE)
      b += mean * mean / ufm__rational_double(model->lambda_b);
  }
  ufm__iv_clear(&E);
  return a > 0.0 && b > 0.0 ? a / b : 1e-300;
}

/* Largest i in [low, high] for which s = 1 - 2^-i passes; low is known to. */
static ufm_status bisect(const ufm__norm *norm, ufm__dual *dual,
                         mpq_srcptr omega, mpfr_prec_t bits, long low,
                         long high, ufm_error *error)
{
  ufm_status status = UFM_OK;

  while (high > low && status == UFM_OK) {
    long middle = high - (high - low) / 2;
    bool proved;

    set_near_one(dual, middle);
    status = ufm__norm_test(norm, omega, bits, &proved, error);
    if (proved)
      low = middle;
    else
      high = middle - 1;
  }
  set_near_one(dual, low);
  return status;
}

/* s = the estimate sqrt(omega / lambda_max), backed off until it passes. */
static ufm_status scale_far(const ufm__norm *norm, ufm__dual *dual,
                            mpq_srcptr omega, double most, mpfr_prec_t bits,
                            ufm_error *error)
{
  double estimate = sqrt(ufm__rational_double(omega)) / sqrt(norm->top);
  ufm_status status = UFM_OK;
  bool proved = false;

  if (!(estimate < most))
    estimate = most;
  for (int k = 44; !proved && status == UFM_OK; k -= 4) {
    double s = k > 0 ? estimate * (1.0 - ldexp(1.0, -k)) : ldexp(estimate, k);

    set_double(dual, s > DBL_MIN ? s : DBL_MIN);
    status = ufm__norm_test(norm, omega, bits, &proved, error);
    if (!proved && status == UFM_OK && !(s > DBL_MIN)) {
      for (size_t i = 0; i < dual->model->J * dual->model->K; i++)
        mpz_set_ui(dual->mass[i], 0);
      set_near_one(dual, 1);
      break;
    }
  }
  return status;
}

ufm_status ufm__norm_scale(const ufm__norm *norm, ufm__dual *dual,
                           mpq_srcptr omega, mpfr_prec_t bits, ufm_error *error)
{
  /* 24: further than 2^-24 from 1 the double estimate serves better */
  long near = 24, high = bits > 88 ? (long)bits - 64 : 24;
  double most;
  bool proved;
  ufm_status status;

  mpz_set_ui(dual->s, 1);
  dual->s_shift = 0;
  most = dual->model->loss == UFM_LOSS_MSE ? best_for_mse(dual) : 1.0;
  if (most < 0.9)
    return scale_far(norm, dual, omega, most, bits, error);
  status = ufm__norm_test(norm, omega, bits, &proved, error);
  if (status != UFM_OK || proved)
    return status;
  set_near_one(dual, near);
  status = ufm__norm_test(norm, omega, bits, &proved, error);
  if (status != UFM_OK)
    return status;
  if (!proved)
    return scale_far(norm, dual, omega, 1.0, bits, error);
  set_near_one(dual, high);
  status = ufm__norm_test(norm, omega, bits, &proved, error);
  if (status != UFM_OK || proved)
    return status;
  return bisect(norm, dual, omega, bits, near, high - 1, error);
}
