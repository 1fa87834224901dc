/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_WITNESS_H
#define UFM_CHECK_WITNESS_H

#include "check/explog.h"
#include "check/problem.h"

/* A dual point E_ij = s M_ij / a_j; M is K x J. */
typedef struct chk_witness {
  chk_grid M;
  chk_number s;
} chk_witness;

void chk_witness_init(chk_witness *w);
void chk_witness_clear(chk_witness *w);

/* Reads the keys "M" and "s" of an object. */
bool chk_witness_read(chk_witness *w, const json_t *value, const chk_problem *p,
                      const char *where, chk_session *session);

/* 0 < s <= 1. */
bool chk_is_scale(const chk_number *s);

/* The conditions but the last of the following. */
bool chk_witness_admissible(const chk_witness *w, const chk_problem *p,
                            chk_session *session);

/* Exact feasibility: 0 < s <= 1; ce: column sums 0 and M_ij <= a_j t_ij; bias
   free: row sums 0; sum_j (pi_j^2/nu_j) E_j E_j^T <= omega I. */
bool chk_witness_feasible(const chk_witness *w, const chk_problem *p,
                          mpq_srcptr omega, chk_session *session);

/* E_ij. */
void chk_witness_entry(chk_interval *out, const chk_witness *w,
                       const chk_problem *p, size_t i, size_t j, mp_bitcnt_t f);

/* The dual value
     D = sum_j (a_j/A) phi_j(E_j) [- |sum_j (a_j/A) E_j|^2/(2 lambda_b)]
     ce:  phi = -sum_i p_i log p_i, p = t - E;   mse: phi = t.E - |E|^2/2
   which is a lower bound of the minimum when the point is feasible. */
bool chk_witness_value(chk_interval *out, const chk_witness *w,
                       const chk_problem *p, chk_explog *t,
                       chk_session *session);

#endif
