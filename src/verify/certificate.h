/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building certificates.  Each prover looks at the point in certificate->proof
   and replaces certificate->lower, with its evidence, when its bound is
   better. */
#ifndef UFM_VERIFY_CERTIFICATE_H
#define UFM_VERIFY_CERTIFICATE_H

#include "verify/proof.h"

/* An empty certificate: lower = -inf, upper = +inf, refused. */
UFM_MUST_CHECK ufm_status ufm__certificate_new(ufm_certificate **out,
                                               mpfr_prec_t bits,
                                               ufm_error *error);

/* Adds a sentence; it is dropped when memory is exhausted. */
UFM_PRINTF(2, 3)
void ufm__note(ufm_certificate *certificate, const char *format, ...);

/* Sets upper to the upper end of an enclosed objective, and the tolerance to
   10^-digits upper, rounded down; nothing when it is not bounded. */
void ufm__certificate_upper(ufm_certificate *certificate, const iv *value,
                            size_t digits);

/* Gap and status from the bounds.  UFM_EINTERNAL when they contradict. */
UFM_MUST_CHECK ufm_status ufm__certificate_verdict(ufm_certificate *certificate,
                                                   ufm_error *error);

/* True when upper - lower <= tolerance. */
bool ufm__certificate_tight(const ufm_certificate *certificate);

/* True when the gap is within 10^20 tolerances: more digits may close it. */
bool ufm__certificate_near(const ufm_certificate *certificate);

/* Dual bound (section 4 of doc/certificate-format.md) with the residuals of the
   point x of `at`, a model with the data of the certificate's own.  `omega` is
   the square of the largest norm allowed. */
UFM_MUST_CHECK ufm_status ufm__prove_dual(ufm_certificate *certificate,
                                          const ufm__model *at, mpfr_t *x,
                                          mpq_srcptr omega, ufm_error *error);

/* The same at the optimum of the problem without a rank limit, found here. */
UFM_MUST_CHECK ufm_status ufm__prove_relaxed(ufm_certificate *certificate,
                                             mpq_srcptr omega,
                                             ufm_error *error);

/* The grid of a dual point near p: the precision of the point, and more when
   probabilities are small (their logarithms need relative accuracy), at most
   twice that. */
long ufm__dual_grid(const ufm__model *model, mpfr_t *p, mpfr_prec_t bits);

/* omega for depth M: (L/2)^L Lam / upper^(L-2). */
void ufm__dual_omega(const ufm_certificate *certificate, mpq_t omega);

/* MSE, bias none or free (for ridge the bound of free): decoupled directions
   (section 5 of the format). */
UFM_MUST_CHECK ufm_status ufm__prove_spectral(ufm_certificate *certificate,
                                              ufm_error *error);

/* CE, depth >= 2, two classes or balanced class data: tangents of the loss
   (section 6 of the format).  Does nothing for other problems. */
UFM_MUST_CHECK ufm_status ufm__prove_envelope(ufm_certificate *certificate,
                                              ufm_error *error);

/* rank_hi of a depth-1 dual certificate. */
UFM_MUST_CHECK ufm_status ufm__rank_above(ufm_certificate *certificate,
                                          ufm_error *error);
/* Empties the lines and pieces of a proof. */
void ufm__envelope_clear(ufm__proof *proof);

/* Error bars, when the width is at least rank_hi and the gap small enough. */
UFM_MUST_CHECK ufm_status ufm__error_bars(ufm_certificate *certificate,
                                          ufm_error *error);
/* rank_lo, from the bars. */
UFM_MUST_CHECK ufm_status ufm__rank_below(ufm_certificate *certificate,
                                          ufm_error *error);
/* Groups of classes with exactly equal rows; checks them against the rank. */
UFM_MUST_CHECK ufm_status ufm__collapsed_groups(ufm_certificate *certificate,
                                                ufm_error *error);

#endif
