/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "orbits" (doc/certificate-format.md, section 9): classes in groups of
   interchangeable ones, columns in orbits.  A column of an orbit has G + marks
   entries: entry u < G belongs to the unmarked classes of group u, entry G + l
   to mark l. */
#ifndef UFM_CHECK_ORBITS_H
#define UFM_CHECK_ORBITS_H

#include "check/certificate.h"

typedef struct chk_orbit {
  size_t marks, group[2]; /* one or two, groups ascending */
  bool unordered;         /* two of one group with one target */
  mpq_t target[2], background;
  mpz_t columns;   /* N_c */
  mpz_t weight;    /* a_c */
  mpq_t multiple;  /* nu_c */
  size_t first;    /* where its entries begin in `outputs` and `m` */
  size_t contrast; /* and its one or two numbers in `h` */
} chk_orbit;

typedef struct chk_orbits {
  chk_problem head; /* loss, bias, K, width, penalties, total A; no columns */
  size_t G, C, r;
  size_t *size;     /* K_g */
  chk_orbit *orbit; /* C */
  size_t entries;   /* of all orbits: C G and their marks */
  size_t contrasts; /* numbers in h */
  /* point: w (G x 1), h (contrasts x 1), V (G x r), Y (r x C), b (G x 1) */
  chk_grid w, h, V, Y, b;
  mpq_t *outputs; /* logits and bias, one for each entry */
  /* dual point: sums m of a_c E/s over an orbit and an entry; G x C sums over
     whole groups, on the grid of m; the scale */
  chk_grid m;
  mpz_t *sums;
  chk_number s;
} chk_orbits;

/* How many classes entry e of a column stands for; its target. */
size_t chk_orbit_many(const chk_orbits *x, const chk_orbit *o, size_t e);
mpq_srcptr chk_orbit_target(const chk_orbits *x, const chk_orbit *o, size_t e);

/* Whether both marks lie in one group; how many classes mark l can be when
   the other mark has been chosen, or may the other be: partners of mark l. */
bool chk_orbit_same(const chk_orbit *o);
size_t chk_orbit_partners(const chk_orbits *x, const chk_orbit *o, size_t l);

/* Numbers h of an orbit; number q belongs to group[q]. */
size_t chk_orbit_contrasts(const chk_orbit *o);

void chk_orbits_init(chk_orbits *x);
void chk_orbits_clear(chk_orbits *x);
bool chk_orbits_read(chk_orbits *x, const chk_certificate *c,
                     chk_session *session);

/* Entry i of a grid as a fraction. */
void chk_orbits_entry(mpq_t out, const chk_grid *grid, size_t i);

/* The objective at the point, after chk_orbits_form. */
bool chk_orbits_form(chk_orbits *x, chk_session *session);
bool chk_orbits_value(chk_interval *out, const chk_orbits *x, chk_explog *t,
                      chk_session *session);

/* Entry e of E in a column with s = 1; 0 where there is no such entry. */
void chk_orbits_residual(mpq_t out, const chk_orbits *x, const chk_orbit *o,
                         size_t e);

/* For each group whether it has no contrasts or nothing pulls them out of
   bounds,
     sum_c (pi_c^2/nu_c) e_cg(eta_c) <= omega,
   eta_l that of the dual point, or of the targets alone. */
typedef enum chk_pull { CHK_PULL_DUAL, CHK_PULL_TARGETS } chk_pull;
bool chk_orbits_weak(bool *weak, const chk_orbits *x, chk_pull pull,
                     chk_session *session);

/* The norm condition of the dual point. */
bool chk_orbits_norm_holds(const chk_orbits *x, chk_session *session);

/* Exact feasibility of the dual point, and its value. */
bool chk_orbits_feasible(const chk_orbits *x, chk_session *session);
bool chk_orbits_dual_value(chk_interval *out, const chk_orbits *x,
                           chk_explog *t, chk_session *session);

/* Recomputes the keys "collapsed" and "cosines", if they are there. */
bool chk_orbits_check_claims(const chk_certificate *c, const chk_orbits *x,
                             chk_session *session);

#endif
