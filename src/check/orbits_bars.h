/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_ORBITS_BARS_H
#define UFM_CHECK_ORBITS_BARS_H

#include "check/orbits.h"

/* Enclosures of the optimum of a problem of orbits (at a width that does not
   bind) that follow from a dual point and the gap of the claim. */
typedef struct chk_orbit_bars {
  const chk_orbits *x;
  mp_bitcnt_t f;       /* digits */
  chk_interval *E, *z; /* dual variables, logits without bias: each entry */
} chk_orbit_bars;

/* False when the file is rejected: its gap says nothing about some logit. */
bool chk_orbit_bars_set(chk_orbit_bars *b, const chk_orbits *x,
                        const chk_certificate *c, mp_bitcnt_t f,
                        chk_session *session);
void chk_orbit_bars_clear(chk_orbit_bars *b);

/* A sum over the columns of one orbit by what a class is in them, pairs without
   order taken in both orders: first the columns in which it is a mark, then
   those that are left. */
typedef struct chk_orbit_tally {
  chk_interval sum;
  mpz_t left;
} chk_orbit_tally;

void chk_orbit_tally_init(chk_orbit_tally *t);
void chk_orbit_tally_clear(chk_orbit_tally *t);
void chk_orbit_tally_start(chk_orbit_tally *t, const chk_orbit *o);

/* `term` for n columns. */
void chk_orbit_tally_add(chk_orbit_tally *t, size_t n,
                         const chk_interval *term);

/* `term` for the columns that are left; out += pi_c times the sum. */
void chk_orbit_tally_finish(chk_interval *out, chk_orbit_tally *t,
                            const chk_orbits *x, const chk_orbit *o,
                            const chk_interval *term);

/* In how many columns a class of group f is mark l. */
size_t chk_orbit_as_mark(const chk_orbits *x, const chk_orbit *o, size_t f,
                         size_t l);

/* Inner products of the rows of W of a class of group f and one of group g, the
   same class or two different ones. */
void chk_orbit_gram_w(chk_interval *out, const chk_orbit_bars *b, size_t f,
                      size_t g, bool same);

/* Likewise of the features of columns of orbits c and d, of one mark each. */
void chk_orbit_gram_h(chk_interval *out, const chk_orbit_bars *b, size_t c,
                      size_t d, bool same);

#endif
