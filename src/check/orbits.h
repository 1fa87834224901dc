/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "orbits" (doc/certificate-format.md, section 9): classes in groups of
   interchangeable ones.  A column of a class of group g has G + 1 different
   entries: entry f < G belongs to the classes of group f (for f = g without the
   column's own class), entry G to that class. */
#ifndef UFM_CHECK_ORBITS_H
#define UFM_CHECK_ORBITS_H

#include "check/certificate.h"

typedef struct chk_group {
  mpz_t classes;  /* K_g */
  mpz_t weight;   /* a_g */
  mpq_t multiple; /* nu_g */
} chk_group;

typedef struct chk_orbits {
  chk_problem head; /* loss, bias, K, width, penalties, total A; no columns */
  mpq_t on, off;    /* targets: on for entry G, off elsewhere */
  size_t G, r;
  chk_group *groups;
  /* point: contrasts w, h (G x 1), V (G x r), Y (r x G), b (G x 1) */
  chk_grid w, h, V, Y, b;
  mpq_t *outputs; /* G (G + 1): logits and bias, entry f of g at g (G+1) + f */
  /* dual point: sums s m of a_g E over blocks; m is (G + 1) x G */
  chk_grid m;
  chk_number s;
} chk_orbits;

/* How many classes entry f of a column of group g stands for. */
void chk_orbits_many(mpz_t out, const chk_orbits *x, size_t g, size_t f);

/* Reads and checks what a file must have. */
void chk_orbits_init(chk_orbits *x);
void chk_orbits_clear(chk_orbits *x);
bool chk_orbits_read(chk_orbits *x, const chk_certificate *c,
                     chk_session *session);

/* The objective at the point, after chk_orbits_form. */
bool chk_orbits_form(chk_orbits *x, chk_session *session);
bool chk_orbits_value(chk_interval *out, const chk_orbits *x, chk_explog *t,
                      chk_session *session);

/* Entry f of E in column g with s = 1; 0 where there is no such entry. */
void chk_orbits_residual(mpq_t out, const chk_orbits *x, size_t g, size_t f);

/* Recomputes the key "cosines", if there is one. */
bool chk_orbits_check_cosines(const chk_certificate *c, const chk_orbits *x,
                              chk_session *session);

/* Exact feasibility of the dual point, and its value. */
bool chk_orbits_feasible(const chk_orbits *x, chk_session *session);
bool chk_orbits_dual_value(chk_interval *out, const chk_orbits *x,
                           chk_explog *t, chk_session *session);

#endif
