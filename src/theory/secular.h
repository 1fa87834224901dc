/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues of diagonal plus rank-one matrices whose diagonal is the counts:
   the roots mu of

     s(mu) = kappa + sum_g q_g n_g / (n_g - mu) = 0

   over the groups g of q_g classes with n_g samples. */
#ifndef UFM_THEORY_SECULAR_H
#define UFM_THEORY_SECULAR_H

#include <mpfr.h>

#include <ufm/problem.h>

#include "theory/threshold.h"

/* Between poles s increases, so root g lies strictly between n_g and n_{g-1}:
   g = 1..G-1, and g = 0 (above n_0) when kappa > 0. */
typedef struct ufm__secular {
  const ufm_groups *groups;
  mpq_t kappa; /* >= 0 */
} ufm__secular;

/* A root as count[pole] + offset, from the pole it is closer to: differences
   to all counts then keep full relative accuracy. */
typedef struct ufm__secular_root {
  size_t pole;
  mpfr_t offset;
} ufm__secular_root;

/* Finds root g.  The offset, initialised by the caller, gets relative error
   2^(lost - bits) times a small multiple of G, where bits is its precision and
   lost >= 0 is the value returned.  O(G log bits). */
long ufm__secular_solve(const ufm__secular *secular, size_t g,
                        ufm__secular_root *root);

/* n_k - mu, and mu. */
void ufm__secular_gap(mpfr_t gap, const ufm__secular *secular, size_t k,
                      const ufm__secular_root *root);
void ufm__secular_mu(mpfr_t mu, const ufm__secular *secular,
                     const ufm__secular_root *root);

enum { UFM__UNDECIDED = 2 };

/* Sign of root g minus the threshold, which must lie strictly between n_g and
   n_{g-1}; UFM__UNDECIDED when `cap` bits do not tell. */
int ufm__secular_compare(const ufm__secular *secular, size_t g,
                         const ufm__threshold *threshold, mpfr_prec_t cap);

#endif
