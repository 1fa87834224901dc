/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns for a fixed classifier in multiprecision, from exact rationals. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "theory/soft.h"
#include "theory/soft_mp.h"

enum { GUARD_BITS = 32, MOST_DIGITS = 100000 };

ufm_status ufm__soft_check_digits(size_t digits, ufm_error *error)
{
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  return UFM_OK;
}

/* kappa = lambda_H/g, 64 bits more precise than the column will be. */
ufm_status ufm__soft_fixed(ufm_soft_point_mp **out, const ufm_soft_type *type,
                           size_t K, bool pair, mpq_srcptr lambda_h,
                           mpq_srcptr g, size_t digits, ufm_error *error)
{
  mpfr_prec_t bits = ufm__bits_for_digits(digits, GUARD_BITS);
  ufm_status status = ufm__soft_check_digits(digits, error);
  mpfr_t kappa, scale;
  mpq_t ratio;

  *out = NULL;
  if (status != UFM_OK)
    return status;
  if (mpq_sgn(lambda_h) <= 0 || mpq_sgn(g) <= 0)
    return ufm__fail(error, UFM_EINVAL,
                     "soft targets: got lambda_H = %g and g = %g, want "
                     "positive numbers",
                     mpq_get_d(lambda_h), mpq_get_d(g));
  mpq_init(ratio);
  mpq_div(ratio, lambda_h, g);
  mpfr_init2(kappa, UFM__SOFT_COARSE_BITS);
  mpfr_set_q(kappa, ratio, MPFR_RNDN);
  if (labs((long)mpfr_get_exp(kappa)) > UFM__SOFT_MOST_LOG2_KAPPA)
    status = ufm__fail(error, UFM_ERANGE,
                       "soft targets: kappa = lambda_H/g is about 2^%ld, want "
                       "2^-%d to 2^%d",
                       (long)mpfr_get_exp(kappa), UFM__SOFT_MOST_LOG2_KAPPA,
                       UFM__SOFT_MOST_LOG2_KAPPA);
  mpfr_set_prec(kappa, bits + 2 * ufm__soft_loss(K, kappa));
  mpfr_set_q(kappa, ratio, MPFR_RNDN);
  mpfr_init2(scale, mpfr_get_prec(kappa));
  mpfr_set_q(scale, g, MPFR_RNDN);
  if (status == UFM_OK)
    status =
        ufm__soft_point_solve(out, type, K, pair, kappa, scale, bits, error);
  mpfr_clears(kappa, scale, (mpfr_ptr)NULL);
  mpq_clear(ratio);
  return status;
}

ufm_status ufm_soft_solve_mp(ufm_soft_point_mp **out, size_t n, const mpq_t *t,
                             const size_t *multiplicity, mpq_srcptr lambda_h,
                             mpq_srcptr g, size_t digits, ufm_error *error)
{
  size_t K;
  ufm_soft_law *law = NULL;
  ufm_status status = ufm__soft_check_exact(n, t, multiplicity, &K, error);
  mpq_t one;

  *out = NULL;
  if (status == UFM_OK)
    status = ufm_soft_law_new(&law, K, error);
  if (status != UFM_OK)
    return status;
  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  status = ufm_soft_law_add(law, n, t, multiplicity, one, error);
  if (status == UFM_OK)
    status = ufm__soft_fixed(out, &law->type[0], K, false, lambda_h, g, digits,
                             error);
  mpq_clear(one);
  ufm_soft_law_free(law);
  return status;
}

ufm_status ufm_soft_pair_solve_mp(ufm_soft_point_mp **out, size_t K,
                                  mpq_srcptr lambda_h, mpq_srcptr g,
                                  mpq_srcptr lam, size_t digits,
                                  ufm_error *error)
{
  ufm_soft_law *law = NULL;
  ufm_status status;
  mpq_t none, node[1];

  *out = NULL;
  mpq_inits(none, node[0], (mpq_ptr)NULL);
  mpq_set(node[0], lam);
  status = ufm_soft_law_mixing(&law, K, none, 1, node, NULL, NULL, error);
  if (status == UFM_OK)
    status = ufm__soft_fixed(out, &law->type[1], K, true, lambda_h, g, digits,
                             error);
  mpq_clears(none, node[0], (mpq_ptr)NULL);
  ufm_soft_law_free(law);
  return status;
}
