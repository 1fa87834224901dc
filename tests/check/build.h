/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of certificates for tests. */
#ifndef UFM_TESTS_BUILD_H
#define UFM_TESTS_BUILD_H

#include "oracle.h"

enum { POINT_BITS = 256 };

/* x rounded to nearest, down or up to `bits`, as a hexadecimal string. */
json_t *hex(mpfr_srcptr x, mpfr_prec_t bits, mpfr_rnd_t round);

/* An array of n numbers of POINT_BITS bits. */
json_t *hex_array(mpfr_t *x, size_t n);

/* Depth 1 when `widths` is NULL. */
json_t *build_problem(bool ce, const char *bias, size_t K, size_t d,
                      const char *lambda_w, const char *lambda_h,
                      const char *lambda_b);
void add_column(json_t *problem, json_t *target, json_int_t weight,
                const char *multiplicity);
json_t *class_target(size_t k);

json_t *build_root(json_t *problem, json_t *W, json_t *H, json_t *b);

/* claim.upper from the point, "dual" from its residual (scaled by 1 - 2^-200
   when tight, else as the Frobenius norm allows), claim.lower from that. */
void finish_dual(json_t *root, bool tight);

/* A dual point for slope square omega: { "M", "s" }. */
json_t *build_witness(const oracle *o, mpfr_srcptr omega, bool tight);

/* Sets claim and status; loosens both bounds. */
void set_claim(json_t *root, mpfr_srcptr lower, mpfr_srcptr upper, bool tight);

#endif
