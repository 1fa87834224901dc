/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner products at the optimum of a problem of orbits, as in check/bars.c:
     w_i . w_k = (1/lambda_W) sum_j pi_j E_ij z_kj,
     h_i . h_j = (pi_j/(nu_j lambda_H)) sum_k z_ki E_kj,
   columns j, or classes k, with equal terms taken together. */
#include <config.h>

#include "check/orbits_bars.h"

/* n columns with the term x y */
static void add_product(chk_orbit_tally *t, size_t n, const chk_interval *x,
                        const chk_interval *y, mp_bitcnt_t f)
{
  chk_interval term;

  if (n == 0)
    return;
  chk_interval_init(&term);
  chk_interval_mul(&term, x, y, f);
  chk_orbit_tally_add(t, n, &term);
  chk_interval_clear(&term);
}

/* Columns of an orbit in which a class of group f or another one of group g is
   a mark. */
static void add_marked(chk_orbit_tally *t, const chk_orbit_bars *b,
                       const chk_orbit *o, size_t f, size_t g)
{
  const chk_orbits *x = b->x;
  const chk_interval *E = b->E + o->first, *z = b->z + o->first;

  for (size_t l = 0; l < o->marks; l++) {
    size_t first = chk_orbit_as_mark(x, o, f, l);
    size_t second = chk_orbit_as_mark(x, o, g, l);

    if (o->marks == 2 && first > 0 && o->group[1 - l] == g) {
      add_product(t, 1, &E[x->G + l], &z[x->G + 1 - l], b->f);
      first--;
    }
    if (o->marks == 2 && second > 0 && o->group[1 - l] == f)
      second--;
    add_product(t, first, &E[x->G + l], &z[g], b->f);
    add_product(t, second, &E[f], &z[x->G + l], b->f);
  }
}

void chk_orbit_gram_w(chk_interval *out, const chk_orbit_bars *b, size_t f,
                      size_t g, bool same)
{
  const chk_orbits *x = b->x;
  chk_interval rest;
  chk_orbit_tally t;

  chk_interval_init(&rest);
  chk_orbit_tally_init(&t);
  chk_interval_set_si(out, 0, b->f);
  for (size_t c = 0; c < x->C; c++) {
    const chk_orbit *o = &x->orbit[c];
    const chk_interval *E = b->E + o->first, *z = b->z + o->first;

    chk_orbit_tally_start(&t, o);
    if (!same)
      add_marked(&t, b, o, f, g);
    for (size_t l = 0; l < o->marks && same; l++)
      add_product(&t, chk_orbit_as_mark(x, o, f, l), &E[x->G + l], &z[x->G + l],
                  b->f);
    chk_interval_mul(&rest, &E[f], &z[g], b->f);
    chk_orbit_tally_finish(out, &t, x, o, &rest);
  }
  chk_interval_over(out, out, x->head.lambda_w[0]);
  chk_interval_clear(&rest);
  chk_orbit_tally_clear(&t);
}

void chk_orbit_gram_h(chk_interval *out, const chk_orbit_bars *b, size_t c,
                      size_t d, bool same)
{
  const chk_orbits *x = b->x;
  const chk_orbit *left = &x->orbit[c], *right = &x->orbit[d];
  const chk_interval *z = b->z + left->first, *E = b->E + right->first;
  size_t f = left->group[0], g = right->group[0];
  chk_interval term;
  mpq_t factor;

  chk_interval_init(&term);
  mpq_init(factor);
  chk_interval_set_si(out, 0, b->f);
  for (size_t u = 0; u < x->G; u++) {
    size_t others = x->size[u] - (u == f) - (u == g && !same);

    chk_interval_mul(&term, &z[u], &E[u], b->f);
    chk_interval_times(&term, (unsigned long)others);
    chk_interval_add(out, out, &term);
  }
  /* the marked classes: one and the same, or two */
  chk_interval_mul(&term, &z[x->G], &E[same ? x->G : f], b->f);
  chk_interval_add(out, out, &term);
  if (!same) {
    chk_interval_mul(&term, &z[g], &E[x->G], b->f);
    chk_interval_add(out, out, &term);
  }
  mpq_mul(factor, right->multiple, x->head.lambda_h);
  chk_interval_scale(out, out, right->weight, x->head.total);
  chk_interval_over(out, out, factor);
  chk_interval_clear(&term);
  mpq_clear(factor);
}
