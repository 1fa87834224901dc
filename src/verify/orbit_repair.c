/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zero row sums of invariant dual points, for a free bias (doc/orbits.md,
   section 4). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/orbit_dual.h"

/* The mark of an orbit that gives or takes for its group. */
typedef struct place {
  size_t orbit, mark;
  bool set;
  mpz_t room;
} place;

/* How much mass mark l of orbit c can take: ce, what keeps p > 0; mse has no
   limit, and where most entries share it, it changes them least. */
static void room(const ufm__orbit_dual *dual, size_t c, size_t l, mpz_t out)
{
  const ufm__orbit_model *m = dual->model;
  size_t e = m->G + l;

  if (m->loss == UFM_LOSS_MSE) {
    ufm__orbit_dual_weight(dual, c, e, out);
    return;
  }
  ufm__orbit_dual_most(dual, c, e, out);
  mpz_sub(out, out, dual->mass[c * ufm__orbit_entries(m) + e]);
}

/* For each group the mark there with the most room.  Marks that must stay equal
   are left alone: with two groups there are others. */
static void find_places(const ufm__orbit_dual *dual, place *at)
{
  const ufm__orbit_model *m = dual->model;
  mpz_t x;

  mpz_init(x);
  for (size_t c = 0; c < m->C; c++)
    for (size_t l = 0; l < m->column[c].marks && !m->column[c].unordered; l++) {
      place *p = &at[m->column[c].group[l]];

      room(dual, c, l, x);
      if (p->set && mpz_cmp(x, p->room) <= 0)
        continue;
      p->set = true;
      p->orbit = c;
      p->mark = l;
      mpz_set(p->room, x);
    }
  mpz_clear(x);
}

/* Takes mass delta from group f in orbit c and gives it to mark l there. */
static void shift(ufm__orbit_dual *dual, size_t c, size_t f, size_t l,
                  mpz_srcptr delta)
{
  const ufm__orbit_model *m = dual->model;
  mpz_t *mass = dual->mass + c * ufm__orbit_entries(m);
  size_t from = f;

  if (ufm__orbit_many(m, c, f) == 0) /* its only class is the other mark */
    from = m->G + 1 - l;
  mpz_sub(mass[from], mass[from], delta);
  mpz_add(mass[m->G + l], mass[m->G + l], delta);
}

static bool feasible(const ufm__orbit_dual *dual, const place *at)
{
  const ufm__orbit_model *m = dual->model;
  bool good = true;
  mpz_t x;

  mpz_init(x);
  for (size_t g = 0; g < m->G; g++) {
    room(dual, at[g].orbit, at[g].mark, x);
    good = good && mpz_sgn(x) >= 0;
  }
  mpz_clear(x);
  return good;
}

/* A row f with sum delta > 0 gives that much to the hub in its columns, one
   with delta < 0 gets it in columns with a mark in f; each time a mark gets it,
   so columns keep their sums and only marks need room.  The row of the hub is
   the last to become 0, because all sums together are 0. */
static void repair_ce(ufm__orbit_dual *dual, const place *at)
{
  size_t G = dual->model->G, hub = 0;
  mpz_t delta;

  for (size_t g = 1; g < G; g++)
    if (mpz_cmp(at[g].room, at[hub].room) > 0)
      hub = g;
  mpz_init(delta);
  for (size_t f = 0; f < G; f++) {
    if (f == hub)
      continue;
    ufm__orbit_dual_row(dual, f, delta);
    if (mpz_sgn(delta) >= 0) {
      shift(dual, at[hub].orbit, f, at[hub].mark, delta);
    } else {
      mpz_neg(delta, delta);
      shift(dual, at[f].orbit, hub, at[f].mark, delta);
    }
  }
  mpz_clear(delta);
}

static void repair_mse(ufm__orbit_dual *dual, const place *at)
{
  const ufm__orbit_model *m = dual->model;
  size_t n = ufm__orbit_entries(m);
  mpz_t delta;

  mpz_init(delta);
  for (size_t f = 0; f < m->G; f++) {
    mpz_t *mass = dual->mass + at[f].orbit * n + m->G + at[f].mark;

    ufm__orbit_dual_row(dual, f, delta);
    mpz_sub(*mass, *mass, delta);
  }
  mpz_clear(delta);
}

/* One group of columns with equal marks: every mark gets half of what it needs.
   The sum of a row is even then, for so are the masses of unmarked classes. */
static void repair_alone(ufm__orbit_dual *dual)
{
  mpz_t delta;

  mpz_init(delta);
  ufm__orbit_dual_row(dual, 0, delta);
  mpz_fdiv_q_2exp(delta, delta, 1);
  mpz_sub(dual->mass[1], dual->mass[1], delta);
  mpz_sub(dual->mass[2], dual->mass[2], delta);
  mpz_clear(delta);
}

ufm_status ufm__orbit_dual_repair(ufm__orbit_dual *dual, bool *good,
                                  ufm_error *error)
{
  const ufm__orbit_model *m = dual->model;
  place *at = calloc(m->G, sizeof *at);
  bool alone = m->C == 1 && m->column[0].unordered;

  *good = true;
  if (at == NULL)
    return ufm__no_memory(error, "verify: dual point");
  for (size_t g = 0; g < m->G; g++)
    mpz_init(at[g].room);
  find_places(dual, at);
  if (m->loss == UFM_LOSS_MSE && alone) {
    repair_alone(dual);
  } else if (m->loss == UFM_LOSS_MSE) {
    repair_mse(dual, at);
  } else if (m->G > 1) {
    repair_ce(dual, at);
    *good = feasible(dual, at);
  }
  for (size_t g = 0; g < m->G; g++)
    mpz_clear(at[g].room);
  free(at);
  return UFM_OK;
}
