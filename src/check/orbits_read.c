/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a certificate of orbits.  An orbit may stand in several places of
   "columns": the columns are then several, and all conditions are those of that
   problem. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/orbits.h"

/* Sizes of groups, of sum K. */
static bool read_groups(chk_orbits *x, const json_t *value,
                        chk_session *session)
{
  json_t *groups;
  size_t sum = 0;

  if (!chk_read_key(&groups, value, "groups", "problem", session) ||
      !chk_read_array(&x->G, groups, 1, "problem.groups", session))
    return false;
  x->size = chk_alloc(x->G, sizeof *x->size);
  for (size_t g = 0; g < x->G; g++) {
    if (!chk_read_size(&x->size[g], json_array_get(groups, g), "problem.groups",
                       session))
      return false;
    sum += x->size[g];
    if (sum > x->head.K)
      break;
  }
  return sum == x->head.K ||
         chk_malformed(session, "problem.groups: want %zu classes", x->head.K);
}

/* One or two groups, ascending; twice the same only if it has two classes. */
static bool read_marks(chk_orbit *o, const chk_orbits *x, const json_t *value,
                       const char *where, chk_session *session)
{
  json_t *marks;

  if (!chk_read_key(&marks, value, "marks", where, session))
    return false;
  o->marks = json_array_size(marks);
  if (o->marks < 1 || o->marks > 2)
    return chk_malformed(session, "%s.marks: want one or two groups", where);
  for (size_t l = 0; l < o->marks; l++)
    if (!chk_read_index(&o->group[l], json_array_get(marks, l), x->G, where,
                        session))
      return false;
  if (o->marks == 2 && o->group[0] > o->group[1])
    return chk_malformed(session, "%s.marks: want ascending groups", where);
  if (chk_orbit_same(o) && x->size[o->group[0]] < 2)
    return chk_malformed(session, "%s.marks: want two classes in the group",
                         where);
  return true;
}

/* Targets of the marks and of the K - marks other classes: not negative, of sum
   1. */
static bool read_targets(chk_orbit *o, const chk_orbits *x, const json_t *value,
                         const char *where, chk_session *session)
{
  json_t *targets;
  bool good;
  mpq_t sum;

  if (!chk_read_key(&targets, value, "targets", where, session) ||
      !chk_read_key_fraction(o->background, value, "background", where,
                             session))
    return false;
  if (json_array_size(targets) != o->marks)
    return chk_malformed(session, "%s.targets: want one for each mark", where);
  mpq_init(sum);
  mpq_set_ui(sum, (unsigned long)(x->head.K - o->marks), 1);
  mpq_mul(sum, sum, o->background);
  good = mpq_sgn(o->background) >= 0;
  for (size_t l = 0; l < o->marks && good; l++) {
    good = chk_read_fraction(o->target[l], json_array_get(targets, l), where,
                             session) &&
           chk_spend_on(session, o->target[l]) && mpq_sgn(o->target[l]) >= 0;
    mpq_add(sum, sum, o->target[l]);
  }
  good = good && mpq_cmp_ui(sum, 1, 1) == 0;
  mpq_clear(sum);
  o->unordered = chk_orbit_same(o) && mpq_equal(o->target[0], o->target[1]);
  /* after another verdict this one is not recorded */
  return good ||
         chk_malformed(session, "%s: want probabilities with sum 1", where);
}

/* N_c; the entries and contrasts of the orbit follow those before it. */
static void place(chk_orbit *o, chk_orbits *x)
{
  mpz_set_ui(o->columns, (unsigned long)x->size[o->group[0]]);
  if (o->marks == 2)
    mpz_mul_ui(o->columns, o->columns,
               (unsigned long)chk_orbit_partners(x, o, 0));
  if (o->unordered)
    mpz_divexact_ui(o->columns, o->columns, 2);
  mpz_addmul(x->head.total, o->columns, o->weight);
  o->first = x->entries;
  o->contrast = x->contrasts;
  x->entries += x->G + o->marks;
  x->contrasts += chk_orbit_contrasts(o);
}

static bool read_orbit(chk_orbit *o, chk_orbits *x, const json_t *value,
                       size_t c, chk_session *session)
{
  json_t *weight, *multiple;
  char where[64];

  snprintf(where, sizeof where, "problem.columns[%zu]", c);
  if (!chk_read_key(&weight, value, "weight", where, session) ||
      !chk_read_key(&multiple, value, "multiplicity", where, session) ||
      !read_marks(o, x, value, where, session) ||
      !read_targets(o, x, value, where, session) ||
      !chk_read_weight(o->weight, weight, where, session) ||
      !chk_read_positive(o->multiple, multiple, where, session) ||
      !chk_hold(session, 1.0, (double)mpz_sizeinbase(o->weight, 2)))
    return false;
  place(o, x);
  return chk_spend(session, 8.0, (double)mpz_sizeinbase(x->head.total, 2));
}

static bool read_columns(chk_orbits *x, const json_t *value,
                         chk_session *session)
{
  json_t *columns;
  size_t count;

  if (!chk_read_key(&columns, value, "columns", "problem", session) ||
      !chk_read_array(&count, columns, 1, "problem.columns", session) ||
      !chk_fits(session, (double)count * (double)x->G, 64.0))
    return false;
  x->orbit = chk_alloc(count, sizeof *x->orbit);
  for (x->C = 0; x->C < count; x->C++) {
    chk_orbit *o = &x->orbit[x->C];

    mpq_inits(o->target[0], o->target[1], o->background, o->multiple,
              (mpq_ptr)NULL);
    mpz_inits(o->columns, o->weight, (mpz_ptr)NULL);
  }
  for (size_t c = 0; c < count; c++)
    if (!read_orbit(&x->orbit[c], x, json_array_get(columns, c), c, session))
      return false;
  return true;
}

/* rows x cols numbers; with none of them an empty array. */
static bool read_matrix(chk_grid *out, const json_t *value, const char *where,
                        const char *key, size_t rows, size_t cols,
                        chk_session *session)
{
  json_t *list;

  if (!chk_read_key(&list, value, key, where, session))
    return false;
  if (rows * cols > 0)
    return chk_read_grid(out, list, rows, cols, key, session);
  if (!json_is_array(list) || json_array_size(list) != 0)
    return chk_malformed(session, "%s: want an empty array", key);
  return true;
}

static bool read_point(chk_orbits *x, const json_t *value, chk_session *session)
{
  json_t *r, *b;

  if (!chk_read_key(&r, value, "r", "primal", session) ||
      !chk_read_index(&x->r, r, CHK_MAX_SIZE, "primal.r", session) ||
      !chk_read_key(&b, value, "b", "primal", session) ||
      !read_matrix(&x->w, value, "primal", "w", x->G, 1, session) ||
      !read_matrix(&x->h, value, "primal", "h", x->contrasts, 1, session) ||
      !read_matrix(&x->V, value, "primal", "V", x->G, x->r, session) ||
      !read_matrix(&x->Y, value, "primal", "Y", x->r, x->C, session))
    return false;
  if (x->head.bias != CHK_NONE)
    return chk_read_grid(&x->b, b, x->G, 1, "b", session);
  return json_is_null(b) || chk_malformed(session, "b: want null");
}

/* The masses, and their sums over the classes of a group. */
static bool read_dual(chk_orbits *x, const json_t *value, chk_session *session)
{
  double count = (double)x->G * (double)x->C;
  json_t *s;

  if (!read_matrix(&x->m, value, "dual", "M", x->entries, 1, session) ||
      !chk_read_key(&s, value, "s", "dual", session) ||
      !chk_read_number(&x->s, s, "s", session) ||
      !chk_hold(session, count, (double)x->m.bits + 2.0) ||
      !chk_spend(session, count, (double)x->m.bits))
    return false;
  x->sums = chk_integers_new(x->G * x->C);
  for (size_t c = 0; c < x->C; c++) {
    const chk_orbit *o = &x->orbit[c];

    for (size_t u = 0; u < x->G; u++)
      mpz_set(x->sums[u * x->C + c], x->m.x[o->first + u]);
    for (size_t l = 0; l < o->marks; l++) {
      mpz_t *sum = &x->sums[o->group[l] * x->C + c];

      mpz_add(*sum, *sum, x->m.x[o->first + x->G + l]);
    }
  }
  return true;
}

/* r dimensions, and K_g - 1 for the contrasts of a group: when w_g or all h of
   marks in the group are 0, the others may be set to 0, which changes no output
   and raises no penalty. */
static bool fits(const chk_orbits *x, chk_session *session)
{
  bool *used = chk_alloc(x->G, sizeof *used);
  size_t sum = x->r;

  for (size_t c = 0; c < x->C; c++) {
    const chk_orbit *o = &x->orbit[c];

    for (size_t q = 0; q < chk_orbit_contrasts(o); q++)
      if (mpz_sgn(x->h.x[o->contrast + q]) != 0)
        used[o->group[q]] = true;
  }
  for (size_t g = 0; g < x->G; g++)
    if (used[g] && mpz_sgn(x->w.x[g]) != 0)
      sum += x->size[g] - 1;
  free(used);
  return sum <= x->head.width[0] ||
         chk_reject(session, "width (the point has more dimensions)");
}

bool chk_orbits_read(chk_orbits *x, const chk_certificate *c,
                     chk_session *session)
{
  json_t *problem = json_object_get(c->root, "problem");
  json_t *primal = json_object_get(c->root, "primal"), *dual;

  if (!chk_problem_read_head(&x->head, problem, session))
    return false;
  if (x->head.M != 1 || x->head.fixed)
    return chk_malformed(session,
                         "problem: want depth 1 and a free classifier");
  return read_groups(x, problem, session) &&
         read_columns(x, problem, session) && read_point(x, primal, session) &&
         chk_read_key(&dual, c->root, "dual", "certificate", session) &&
         read_dual(x, dual, session) && fits(x, session);
}
