/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orbits of columns: what a column looks like, and the verdict on a file. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/orbits.h"

size_t chk_orbit_many(const chk_orbits *x, const chk_orbit *o, size_t e)
{
  size_t many = 1;

  if (e < x->G) {
    many = x->size[e];
    for (size_t l = 0; l < o->marks; l++)
      many -= o->group[l] == e;
  }
  return many;
}

mpq_srcptr chk_orbit_target(const chk_orbits *x, const chk_orbit *o, size_t e)
{
  return e < x->G ? o->background : o->target[e - x->G];
}

bool chk_orbit_same(const chk_orbit *o)
{
  return o->marks == 2 && o->group[0] == o->group[1];
}

size_t chk_orbit_partners(const chk_orbits *x, const chk_orbit *o, size_t l)
{
  return o->marks == 1 ? 1 : x->size[o->group[1 - l]] - chk_orbit_same(o);
}

size_t chk_orbit_contrasts(const chk_orbit *o)
{
  return o->unordered ? 1 : o->marks;
}

void chk_orbits_init(chk_orbits *x)
{
  memset(x, 0, sizeof *x);
  chk_problem_init(&x->head);
  chk_grid_init(&x->w);
  chk_grid_init(&x->h);
  chk_grid_init(&x->V);
  chk_grid_init(&x->Y);
  chk_grid_init(&x->b);
  chk_grid_init(&x->m);
  chk_number_init(&x->s);
}

void chk_orbits_clear(chk_orbits *x)
{
  for (size_t c = 0; x->orbit != NULL && c < x->C; c++) {
    chk_orbit *o = &x->orbit[c];

    mpq_clears(o->target[0], o->target[1], o->background, o->multiple,
               (mpq_ptr)NULL);
    mpz_clears(o->columns, o->weight, (mpz_ptr)NULL);
  }
  free(x->orbit);
  free(x->size);
  for (size_t i = 0; x->outputs != NULL && i < x->entries; i++)
    mpq_clear(x->outputs[i]);
  free(x->outputs);
  chk_integers_free(x->sums, x->G * x->C);
  chk_problem_clear(&x->head);
  chk_grid_clear(&x->w);
  chk_grid_clear(&x->h);
  chk_grid_clear(&x->V);
  chk_grid_clear(&x->Y);
  chk_grid_clear(&x->b);
  chk_grid_clear(&x->m);
  chk_number_clear(&x->s);
}

void chk_orbits_entry(mpq_t out, const chk_grid *grid, size_t i)
{
  mpz_set(mpq_numref(out), grid->x[i]);
  mpz_set(mpq_denref(out), grid->q);
  mpq_canonicalize(out);
  if (grid->e >= 0)
    mpq_mul_2exp(out, out, (mp_bitcnt_t)grid->e);
  else
    mpq_div_2exp(out, out, (mp_bitcnt_t)-grid->e);
}

static bool enclose_upper(chk_interval *out, const void *data, chk_explog *t,
                          chk_session *session)
{
  return chk_orbits_value(out, data, t, session);
}

static bool enclose_lower(chk_interval *out, const void *data, chk_explog *t,
                          chk_session *session)
{
  return chk_orbits_dual_value(out, data, t, session);
}

bool chk_check_orbits(const chk_certificate *c, chk_session *session)
{
  chk_orbits x;
  bool good;

  chk_orbits_init(&x);
  good = chk_orbits_read(&x, c, session) && chk_orbits_form(&x, session) &&
         chk_decide_upper(c, enclose_upper, &x, session) &&
         chk_orbits_feasible(&x, session) &&
         chk_decide_lower(c, enclose_lower, &x, session) &&
         chk_orbits_check_claims(c, &x, session);
  chk_orbits_clear(&x);
  return good;
}
