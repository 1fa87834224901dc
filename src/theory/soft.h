/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One column of cross entropy with a fixed simplex ETF classifier, in double
   precision (doc/soft-targets.md, section 5). */
#ifndef UFM_THEORY_SOFT_H
#define UFM_THEORY_SOFT_H

#include <ufm/soft.h>

/* A target by groups: t[a] in multiplicity[a] of K classes. */
typedef struct ufm__soft_target {
  size_t n;
  const double *t;
  const size_t *multiplicity;
  double K, log_K;
} ufm__soft_target;

#define UFM__SOFT_KAPPA_MIN 1e-150
#define UFM__SOFT_KAPPA_MAX 1e150

/* omega(x) from a positive start within a factor 2 of it. */
double ufm__wright_omega_from(double x, double w);

/* sigma from any start (0: none), and log p, p, z of every group at it. */
double ufm__soft_sigma(const ufm__soft_target *target, double kappa,
                       double start, double *log_p, double *p, double *z);

/* |z|^2 and sum_k w_k (z_k - mean)^2, w_k = p_k/(kappa + p_k), mean weighted by
   w: |t - p|^2 = kappa^2 |z|^2 has the slope 2 kappa times the latter. */
void ufm__soft_spread(const ufm__soft_target *target, double kappa,
                      const double *p, const double *z, double *logit_sq,
                      double *spread);

/* Everything from sigma, log_p, p and z but norm_h, which needs g, and coef. */
void ufm__soft_point(const ufm__soft_target *target, double kappa, double sigma,
                     const double *log_p, const double *p, const double *z,
                     ufm_soft_point *at);

/* coef; `coef` may be the array of log p. */
void ufm__soft_coefficients(const ufm__soft_target *target, double kappa,
                            double g, const double *p, const double *z,
                            double *coef);

/* UFM_ERANGE, or UFM_EINVAL when lambda_h or g is no positive number. */
UFM_MUST_CHECK ufm_status ufm__soft_kappa(double lambda_h, double g,
                                          double *kappa, ufm_error *error);

/* UFM_ERANGE. */
UFM_MUST_CHECK ufm_status ufm__soft_check_classes(size_t K, ufm_error *error);

/* A target written exactly: entries >= 0 of sum 1; *K is the sum of the
   multiplicities. */
UFM_MUST_CHECK ufm_status ufm__soft_check_exact(size_t n, const mpq_t *t,
                                                const size_t *multiplicity,
                                                size_t *K, ufm_error *error);

/* Sum of the weights. */
void ufm__soft_law_total(const ufm_soft_law *law, mpq_t out);

/* lambda_W lambda_H and Phi_inf; refuses penalties that are not positive and
   laws without weight. */
UFM_MUST_CHECK ufm_status ufm__soft_collapse(const ufm_soft_law *law,
                                             mpq_srcptr lambda_w,
                                             mpq_srcptr lambda_h, mpq_t mu_sq,
                                             mpq_t threshold, ufm_error *error);

#endif
