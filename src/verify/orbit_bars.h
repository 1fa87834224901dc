/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars of optima that were proved by groups (doc/orbits.md, section 4).
 */
#ifndef UFM_VERIFY_ORBIT_BARS_H
#define UFM_VERIFY_ORBIT_BARS_H

#include <ufm/verify.h>

#include "verify/orbit_proof.h"

/* One column: its orbit and names of its marks, which need not be classes but
   must tell them apart. */
typedef struct ufm__orbit_member {
  size_t orbit, mark[2];
} ufm__orbit_member;

/* Sets the bars of the proof, certificate->bars and cosine_error; a note says
   why there are none. */
UFM_MUST_CHECK ufm_status ufm__orbit_bars(ufm_certificate *certificate,
                                          ufm_error *error);
void ufm__orbit_bars_clear(ufm__orbit_proof *proof);

/* w_i . w_k of classes in groups f and g; `same`: of one class, then f = g.
   O(C). */
void ufm__orbit_gram_w(const ufm__orbit_proof *proof, size_t f, size_t g,
                       bool same, iv *out);
/* h_i . h_k of two columns.  O(G). */
void ufm__orbit_gram_h(const ufm__orbit_proof *proof,
                       const ufm__orbit_member *i, const ufm__orbit_member *k,
                       iv *out);

/* Raises rank_lo by what the bars prove of the part that groups have in
   common. */
UFM_MUST_CHECK ufm_status ufm__orbit_rank(ufm_certificate *certificate,
                                          ufm_error *error);

/* ufm_certificate_enclose for classes and columns of the problem. */
UFM_MUST_CHECK ufm_status ufm__orbit_enclose(const ufm_certificate *certificate,
                                             ufm_quantity quantity, size_t i,
                                             size_t j, iv *out,
                                             ufm_error *error);

#endif
