/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exactly feasible invariant dual points (doc/orbits.md, section 4).  What is
   stored are sums of masses M = a_g E over blocks, as integers:

     2^grid K_g (K_g - 1) M  for the others of the column's group g,
     2^grid K_f K_g M        for group f,
     2^grid K_g M            for the column's class,

   so that sums over columns and over rows are sums of these. */
#ifndef UFM_VERIFY_ORBIT_DUAL_H
#define UFM_VERIFY_ORBIT_DUAL_H

#include "verify/orbit_model.h"

typedef struct ufm__orbit_dual {
  const ufm__orbit_model *model;
  long grid;
  mpz_t *mass; /* G (G + 1), entry f of column g at [g (G + 1) + f] */
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
void ufm__orbit_dual_round(ufm__orbit_dual *dual, const mpfr_t *p,
                           const mpfr_t *E, const char **reason);

/* out = 2^grid times the sum of masses over block (f, g). */
void ufm__orbit_dual_block(const ufm__orbit_dual *dual, size_t f, size_t g,
                           mpz_t out);

/* Finds a large s for which the norm is at most omega, s = 1 - 2^-i with the
   largest i where that is at least 1/2, and sets it; with none, masses 0. */
UFM_MUST_CHECK ufm_status ufm__orbit_dual_scale(ufm__orbit_dual *dual,
                                                mpfr_prec_t bits,
                                                ufm_error *error);

/* Encloses entry f of E in column g, and the dual value. */
void ufm__orbit_dual_entry(const ufm__orbit_dual *dual, size_t g, size_t f,
                           iv *out);
void ufm__orbit_dual_value(const ufm__orbit_dual *dual, iv *out);

#endif
