/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One column of cross entropy with a fixed simplex ETF classifier, in
   multiprecision (doc/soft-targets.md, section 5). */
#ifndef UFM_THEORY_SOFT_MP_H
#define UFM_THEORY_SOFT_MP_H

#include <ufm/soft.h>

enum { UFM__SOFT_COARSE_BITS = 64, UFM__SOFT_MOST_LOG2_KAPPA = 100000 };

/* Bits lost between the working precision and the results: a quotient by kappa
   and a sum over K classes.  kappa > 0. */
mpfr_prec_t ufm__soft_loss(size_t K, mpfr_srcptr kappa);

/* sigma and z to `bits`, up to the loss, by Newton's method on all equations at
   once from a start in double precision, or a coarse one where kappa is out of
   its range; the precision doubles from step to step. */
UFM_MUST_CHECK ufm_status ufm__soft_roots(const ufm_soft_type *type, size_t K,
                                          mpfr_srcptr kappa, mpfr_ptr sigma,
                                          mpfr_t *z, mpfr_prec_t bits,
                                          ufm_error *error);

/* |z|^2, and the spread of ufm__soft_spread. */
void ufm__soft_squares(const ufm_soft_type *type, mpfr_srcptr kappa,
                       mpfr_srcptr sigma, mpfr_t *z, mpfr_ptr logit_sq,
                       mpfr_ptr spread);

/* A point with n groups, all numbers 0; `pair` makes room for dp and dz. */
UFM_MUST_CHECK ufm_status ufm__soft_point_new(ufm_soft_point_mp **out, size_t n,
                                              bool pair, mpfr_prec_t bits,
                                              ufm_error *error);

/* Solves a column into a new point; g belongs to kappa. */
UFM_MUST_CHECK ufm_status ufm__soft_point_solve(
    ufm_soft_point_mp **out, const ufm_soft_type *type, size_t K, bool pair,
    mpfr_srcptr kappa, mpfr_srcptr g, mpfr_prec_t bits, ufm_error *error);

/* The same from exact numbers, to `digits`. */
UFM_MUST_CHECK ufm_status ufm__soft_fixed(ufm_soft_point_mp **out,
                                          const ufm_soft_type *type, size_t K,
                                          bool pair, mpq_srcptr lambda_h,
                                          mpq_srcptr g, size_t digits,
                                          ufm_error *error);

/* UFM_EINVAL, UFM_ERANGE: penalties and digits of the public functions. */
UFM_MUST_CHECK ufm_status ufm__soft_check_digits(size_t digits,
                                                 ufm_error *error);

#endif
