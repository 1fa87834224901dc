/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exactly feasible points of the dual: E_ij = s M_ij / a_j with masses M on the
   grid 2^-grid.  Masses are stored as integers, so every sum is exact. */
#ifndef UFM_VERIFY_DUAL_POINT_H
#define UFM_VERIFY_DUAL_POINT_H

#include "verify/interval.h"
#include "verify/model.h"

typedef struct ufm__dual {
  const ufm__model *model;
  long grid;
  mpz_t *mass; /* J x K: 2^grid M_ij at [j K + i] */
  mpz_t s;     /* 2^s_shift s */
  long s_shift;
} ufm__dual;

UFM_MUST_CHECK ufm_status ufm__dual_init(ufm__dual *out,
                                         const ufm__model *model, long grid,
                                         ufm_error *error);
void ufm__dual_clear(ufm__dual *dual);

/* Rounds approximate probabilities p (ce) or residuals E (mse), J x K, to
   masses that satisfy every condition of the dual but the norm, and sets s = 1.
   *reason is NULL, or says why there is no such point (static text). */
void ufm__dual_round(ufm__dual *dual, const mpfr_t *p, const mpfr_t *E,
                     const char **reason);

/* Makes sum_j M_ij = 0 for all i (free bias), keeping the other conditions.
   Called by ufm__dual_round.  *moves counts the transports; at most
   2 K + K J. */
void ufm__dual_repair(ufm__dual *dual, size_t *moves, const char **reason);

/* False for ce with a free bias and a class without any target mass: b_i goes
   to -infinity and there is no optimum. */
bool ufm__dual_attained(const ufm__model *model);

/* The largest mass that keeps p_ij > 0, 2^-grid below a_j t_ij at most. */
void ufm__dual_most(const ufm__dual *dual, size_t j, size_t i, mpz_t out);

/* s, as the nearest double. */
double ufm__dual_scale(const ufm__dual *dual);

/* Encloses E_ij = s M_ij / a_j. */
void ufm__dual_entry(const ufm__dual *dual, size_t j, size_t i, iv *out);

/* Encloses the dual value D (section 4 of doc/certificate-format.md). */
void ufm__dual_value(const ufm__dual *dual, iv *out);

#endif
