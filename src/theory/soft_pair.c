/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns for a fixed classifier, checked and in double precision: any target,
   and pairs with their derivatives. */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "theory/soft.h"

ufm_status ufm__soft_check_classes(size_t K, ufm_error *error)
{
  if (K < 2 || K > UFM_SOFT_MOST_CLASSES)
    return ufm__fail(error, UFM_ERANGE,
                     "soft targets: got K = %zu, want 2 to %d", K,
                     UFM_SOFT_MOST_CLASSES);
  return UFM_OK;
}

ufm_status ufm__soft_kappa(double lambda_h, double g, double *kappa,
                           ufm_error *error)
{
  *kappa = lambda_h / g;
  if (!(lambda_h > 0.0 && g > 0.0 && isfinite(lambda_h) && isfinite(g)))
    return ufm__fail(
        error, UFM_EINVAL,
        "soft targets: got lambda_H = %g and g = %g, want positive "
        "numbers",
        lambda_h, g);
  if (!(*kappa >= UFM__SOFT_KAPPA_MIN && *kappa <= UFM__SOFT_KAPPA_MAX))
    return ufm__fail(error, UFM_ERANGE,
                     "soft targets: got kappa = lambda_H/g = %g, want %g to %g "
                     "(or the MPFR function)",
                     *kappa, UFM__SOFT_KAPPA_MIN, UFM__SOFT_KAPPA_MAX);
  return UFM_OK;
}

static ufm_status check_target(size_t n, const double *t,
                               const size_t *multiplicity, size_t *K,
                               ufm_error *error)
{
  double sum = 0.0;

  *K = 0;
  for (size_t a = 0; a < n; a++) {
    if (!(t[a] >= 0.0 && t[a] <= 1.0))
      return ufm__fail(error, UFM_EINVAL,
                       "soft targets: entry %zu is %g, want 0 to 1", a, t[a]);
    if (multiplicity[a] < 1 || multiplicity[a] > UFM_SOFT_MOST_CLASSES - *K)
      return ufm__fail(error, UFM_EINVAL,
                       "soft targets: got multiplicity %zu, want 1 to K - %zu",
                       multiplicity[a], *K);
    sum += (double)multiplicity[a] * t[a];
    *K += multiplicity[a];
  }
  if (!(fabs(sum - 1.0) <= 1e-9))
    return ufm__fail(error, UFM_EINVAL,
                     "soft targets: the entries sum to %.17g, want 1", sum);
  return ufm__soft_check_classes(*K, error);
}

/* `work` holds n numbers and may be `coef`. */
static void solve(const ufm__soft_target *target, double kappa, double g,
                  ufm_soft_point *at, double *p, double *z, double *work,
                  double *coef)
{
  double sigma = ufm__soft_sigma(target, kappa, 0.0, work, p, z);

  ufm__soft_point(target, kappa, sigma, work, p, z, at);
  at->norm_h = sqrt(at->logit_sq / g);
  ufm__soft_coefficients(target, kappa, g, p, z, coef);
}

ufm_status ufm_soft_solve(ufm_soft_point *at, double *p, double *z,
                          double *coef, size_t n, const double *t,
                          const size_t *multiplicity, double lambda_h, double g,
                          ufm_error *error)
{
  double kappa;
  size_t K;
  ufm_status status = check_target(n, t, multiplicity, &K, error);

  if (status == UFM_OK)
    status = ufm__soft_kappa(lambda_h, g, &kappa, error);
  if (status == UFM_OK) {
    ufm__soft_target target = {n, t, multiplicity, (double)K, log((double)K)};

    solve(&target, kappa, g, at, p, z, coef, coef);
  }
  return status;
}

/* With v = e_i - e_j and D = sum_k p_k/(kappa + p_k):
     d sigma = kappa^{-1} c,  c = kappa (p_i - p_j)/((kappa+p_i)(kappa+p_j) D),
     dz_k = (v_k + p_k d sigma)/(kappa + p_k),
     dp_k = p_k (v_k - c)/(kappa + p_k),
   where +-1 - c is a sum of terms of one sign over D. */
static void derivatives(const ufm__soft_target *target, double kappa,
                        ufm_soft_pair *out)
{
  const double *p = out->p;
  double wi = p[UFM_SOFT_I] / (kappa + p[UFM_SOFT_I]);
  double wj = p[UFM_SOFT_J] / (kappa + p[UFM_SOFT_J]), rest = 0.0, D, sigma, v;

  if (target->n > UFM_SOFT_OTHER)
    rest = (target->K - 2.0) * p[UFM_SOFT_OTHER] / (kappa + p[UFM_SOFT_OTHER]);
  D = wi + wj + rest;
  sigma = (p[UFM_SOFT_I] - p[UFM_SOFT_J]) / (kappa + p[UFM_SOFT_I]) /
          (kappa + p[UFM_SOFT_J]) / D;
  out->dp[UFM_SOFT_I] = wi * (2.0 * wj + rest) / D;
  out->dp[UFM_SOFT_J] = -wj * (2.0 * wi + rest) / D;
  for (size_t a = 0; a < target->n; a++) {
    v = a == UFM_SOFT_I ? 1.0 : a == UFM_SOFT_J ? -1.0 : 0.0;
    out->dz[a] = (v + p[a] * sigma) / (kappa + p[a]);
  }
  if (target->n > UFM_SOFT_OTHER)
    out->dp[UFM_SOFT_OTHER] =
        -kappa * sigma * p[UFM_SOFT_OTHER] / (kappa + p[UFM_SOFT_OTHER]);
}

ufm_status ufm_soft_pair_solve(ufm_soft_pair *out, size_t K, double lambda_h,
                               double g, double lam, ufm_error *error)
{
  const double t[3] = {lam, 1.0 - lam, 0.0};
  const size_t multiplicity[3] = {1, 1, K - 2};
  double kappa, log_p[3];
  ufm_status status = ufm__soft_check_classes(K, error);

  if (status == UFM_OK && !(lam >= 0.0 && lam <= 1.0))
    status = ufm__fail(error, UFM_EINVAL,
                       "soft targets: got lam = %g, want 0 to 1", lam);
  if (status == UFM_OK)
    status = ufm__soft_kappa(lambda_h, g, &kappa, error);
  if (status == UFM_OK) {
    ufm__soft_target target = {K > 2 ? 3 : 2, t, multiplicity, (double)K,
                               log((double)K)};

    if (K == 2)
      out->p[UFM_SOFT_OTHER] = out->z[UFM_SOFT_OTHER] =
          out->coef[UFM_SOFT_OTHER] = out->dp[UFM_SOFT_OTHER] =
              out->dz[UFM_SOFT_OTHER] = (double)NAN;
    solve(&target, kappa, g, &out->at, out->p, out->z, log_p, out->coef);
    derivatives(&target, kappa, out);
  }
  return status;
}
