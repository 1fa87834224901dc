/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exactly feasible invariant dual points (doc/orbits.md, section 4).  What is
   stored are sums of masses a_c E over all columns of an orbit and all classes
   of an entry, as integers 2^grid N_c many a_c E, so that sums over columns and
   over rows are sums of these. */
#ifndef UFM_VERIFY_ORBIT_DUAL_H
#define UFM_VERIFY_ORBIT_DUAL_H

#include "verify/orbit_model.h"

typedef struct ufm__orbit_dual {
  const ufm__orbit_model *model;
  long grid;
  mpz_t *mass; /* C (G + 2) */
  mpz_t s;     /* 2^s_shift s, 0 < s <= 1 */
  long s_shift;
} ufm__orbit_dual;

UFM_MUST_CHECK ufm_status ufm__orbit_dual_init(ufm__orbit_dual *out,
                                               const ufm__orbit_model *model,
                                               long grid, ufm_error *error);
void ufm__orbit_dual_clear(ufm__orbit_dual *dual);

/* Rounds probabilities (ce) or residuals (mse), in the order of the masses, to
   masses that satisfy every condition of the dual but the norm; s = 1.
   *reason is NULL, or says why there is no such point. */
UFM_MUST_CHECK ufm_status ufm__orbit_dual_round(ufm__orbit_dual *dual,
                                                const mpfr_t *p,
                                                const mpfr_t *E,
                                                const char **reason,
                                                ufm_error *error);

/* out = N_c many a_c, the entries of E that mass e of orbit c sums up. */
void ufm__orbit_dual_weight(const ufm__orbit_dual *dual, size_t c, size_t e,
                            mpz_t out);

/* The largest mass that keeps p > 0. */
void ufm__orbit_dual_most(const ufm__orbit_dual *dual, size_t c, size_t e,
                          mpz_t out);

/* out = 2^grid m_fc, the sum of masses over group f in orbit c. */
void ufm__orbit_dual_block(const ufm__orbit_dual *dual, size_t f, size_t c,
                           mpz_t out);

/* out = 2^grid times the sum of masses over group f. */
void ufm__orbit_dual_row(const ufm__orbit_dual *dual, size_t f, mpz_t out);

/* Makes all row sums 0, keeping column sums (ce).  False when a probability
   would not stay positive. */
UFM_MUST_CHECK ufm_status ufm__orbit_dual_repair(ufm__orbit_dual *dual,
                                                 bool *good, ufm_error *error);

/* Finds a large s for which the norm is at most omega, s = 1 - 2^-i with the
   largest i where that is at least 1/2, and sets it; with none, masses 0. */
UFM_MUST_CHECK ufm_status ufm__orbit_dual_scale(ufm__orbit_dual *dual,
                                                mpfr_prec_t bits,
                                                ufm_error *error);

/* Encloses entry e of E in orbit c, and the dual value. */
void ufm__orbit_dual_entry(const ufm__orbit_dual *dual, size_t c, size_t e,
                           iv *out);
void ufm__orbit_dual_value(const ufm__orbit_dual *dual, iv *out);

#endif
