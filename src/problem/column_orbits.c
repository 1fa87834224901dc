/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orbits of columns under permutations of interchangeable classes. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/memory.h"
#include "problem/column_orbits.h"
#include "problem/pairs.h"

/* Square roots of the largest number of columns. */
enum { MOST_CLASSES = 1000000000 };

/* Orbits of pairs with marks in groups f <= g.  In one group the larger target
   comes first: of the values, symmetric about 1/2, the upper half. */
static size_t pair_orbits(const ufm_orbits *o, size_t f, size_t g)
{
  if (f < g)
    return o->inner;
  return o->size[f] > 1 ? o->inner - o->inner / 2 : 0;
}

static bool unordered(const ufm_orbits *o, size_t f, size_t g, size_t l)
{
  return f == g && 2 * l + 1 == o->inner;
}

/* Room for C orbits and at most 2 C contrasts. */
static ufm_status alloc(ufm_orbits *o, bool classes, ufm_error *error)
{
  size_t C = classes ? o->G : 0;

  if (o->K > MOST_CLASSES)
    return ufm__fail(error, UFM_ERANGE, "orbits: got %zu classes, want %d",
                     o->K, MOST_CLASSES);
  for (size_t f = 0; o->inner > 0 && f < o->G; f++) {
    if (!ufm__add_product(&C, o->inner, o->G - f - 1) ||
        !ufm__add_product(&C, pair_orbits(o, f, f), 1) ||
        C > SIZE_MAX / 4 / sizeof *o->column)
      return ufm__fail(error, UFM_ERANGE,
                       "orbits: the number of orbits overflows");
  }
  o->column = calloc(C, sizeof *o->column);
  o->contrast = calloc(2 * C, sizeof *o->contrast);
  if (o->column == NULL || o->contrast == NULL)
    return ufm__no_memory(error, "orbits");
  return UFM_OK;
}

static ufm_column_orbit *append(ufm_orbits *o)
{
  ufm_column_orbit *c = &o->column[o->C++];

  mpq_inits(c->target[0], c->target[1], c->background, c->pi, c->nu,
            (mpq_ptr)NULL);
  c->contrast = o->Q;
  return c;
}

static void append_contrast(ufm_orbits *o, size_t group, int first, int second,
                            size_t times)
{
  o->contrast[o->Q++] = (ufm_contrast){o->C - 1, group, {first, second}, times};
}

static ufm_column_orbit *append_single(ufm_orbits *o, size_t g)
{
  ufm_column_orbit *c = append(o);

  c->marks = 1;
  c->group[0] = c->group[1] = g;
  c->columns = o->size[g];
  append_contrast(o, g, 1, 0, 1);
  return c;
}

static ufm_column_orbit *append_pair(ufm_orbits *o, size_t f, size_t g,
                                     bool unordered)
{
  size_t n = o->size[f], m = o->size[g];
  ufm_column_orbit *c = append(o);

  c->marks = 2;
  c->group[0] = f;
  c->group[1] = g;
  c->unordered = unordered;
  if (f < g) {
    c->columns = n * m;
    append_contrast(o, f, 1, 0, m);
    append_contrast(o, g, 0, 1, n);
  } else if (unordered) {
    c->columns = n * (n - 1) / 2;
    append_contrast(o, f, 1, 1, n - 2);
  } else {
    c->columns = n * (n - 1);
    append_contrast(o, f, 1, 1, 2 * (n - 2));
    append_contrast(o, f, 1, -1, 2 * n);
  }
  return c;
}

/* One column per class, t = (1 - eps) e_k + (eps/K) 1. */
static ufm_status labels(ufm_orbits *o, const ufm_problem *problem,
                         ufm_error *error)
{
  mpq_srcptr eps = ufm_problem_smoothing(problem);
  ufm_status status = alloc(o, true, error);

  for (size_t g = 0; status == UFM_OK && g < o->G; g++) {
    ufm_column_orbit *c = append_single(o, g);

    if (eps != NULL) {
      mpq_set_ui(c->background, 1, o->K);
      mpq_mul(c->background, c->background, eps);
      mpq_sub(c->target[0], c->background, eps);
    }
    mpq_set_ui(c->pi, 1, 1);
    mpq_add(c->target[0], c->target[0], c->pi);
    mpq_set_ui(c->pi, o->count[g], ufm_problem_samples(problem));
    mpq_canonicalize(c->pi);
    mpq_set_ui(c->nu, o->count[g], 1);
  }
  return status;
}

static void append_pairs(ufm_orbits *o, const ufm__pairs *pairs, size_t f,
                         size_t g)
{
  for (size_t l = o->inner - pair_orbits(o, f, g); l < o->inner; l++) {
    ufm_column_orbit *c = append_pair(o, f, g, unordered(o, f, g, l));

    mpq_set(c->target[0], pairs->v[pairs->first + l]);
    mpq_set_ui(c->target[1], 1, 1);
    mpq_sub(c->target[1], c->target[1], c->target[0]);
    ufm__pairs_weight(pairs, o->count[f], o->count[g], l, c->pi);
    mpq_set(c->nu, c->pi);
  }
}

static ufm_status mixed(ufm_orbits *o, const ufm_problem *problem,
                        ufm_error *error)
{
  ufm__pairs pairs = {0};
  ufm_status status = ufm__pairs_init(&pairs, o->K, ufm_problem_counts(problem),
                                      ufm_problem_mixing(problem), error);

  if (status == UFM_OK) {
    o->inner = pairs.inner;
    status = alloc(o, pairs.classes, error);
  }
  for (size_t g = 0; status == UFM_OK && pairs.classes && g < o->G; g++) {
    ufm_column_orbit *c = append_single(o, g);

    mpq_set_ui(c->target[0], 1, 1);
    ufm__pairs_class_weight(&pairs, o->count[g], c->pi);
    mpq_set(c->nu, c->pi);
  }
  for (size_t f = 0; status == UFM_OK && o->inner > 0 && f < o->G; f++)
    for (size_t g = f; g < o->G; g++)
      append_pairs(o, &pairs, f, g);
  ufm__pairs_clear(&pairs);
  return status;
}

ufm_status ufm__column_orbits_init(ufm_orbits *out, const ufm_problem *problem,
                                   ufm_error *error)
{
  return ufm_problem_mixing(problem) != NULL ? mixed(out, problem, error)
                                             : labels(out, problem, error);
}

void ufm__column_orbits_clear(ufm_orbits *o)
{
  for (size_t c = 0; c < o->C; c++)
    mpq_clears(o->column[c].target[0], o->column[c].target[1],
               o->column[c].background, o->column[c].pi, o->column[c].nu,
               (mpq_ptr)NULL);
  free(o->column);
  free(o->contrast);
}

size_t ufm_orbits_columns(const ufm_orbits *o)
{
  size_t J = 0;

  for (size_t c = 0; c < o->C; c++)
    if (!ufm__add_product(&J, o->column[c].columns, 1))
      return SIZE_MAX;
  return J;
}

/* The first orbit with marks in groups f <= g.  Orbits of pairs are sorted by
   their groups. */
static size_t first_orbit(const ufm_orbits *o, size_t f, size_t g)
{
  size_t low = 0, high = o->C;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const ufm_column_orbit *c = &o->column[middle];

    if (c->marks == 1 || c->group[0] < f ||
        (c->group[0] == f && c->group[1] < g))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Pairs i < k come with i slowest: the row of i begins at i (2 K - i - 1)/2. */
static size_t row_begin(size_t K, size_t i)
{
  return i * (2 * K - i - 1) / 2;
}

bool ufm_orbits_column(const ufm_orbits *o, size_t j, size_t *column,
                       size_t mark[2])
{
  bool single = o->C > 0 && o->column[0].marks == 1;
  size_t K = o->K, low = 0, high = K - 1, f, g, l, k;

  if (single && j < K) {
    *column = o->of[j];
    mark[0] = mark[1] = j;
    return true;
  }
  j -= single ? K : 0;
  if (o->inner == 0 || j / o->inner >= K * (K - 1) / 2)
    return false;
  l = j % o->inner;
  j /= o->inner;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;

    if (row_begin(K, middle) <= j)
      low = middle;
    else
      high = middle;
  }
  k = j - row_begin(K, low) + low + 1;
  f = o->of[low];
  g = o->of[k];
  if (f > g || (f == g && l < o->inner / 2)) { /* the other class is first */
    size_t swap = f;

    f = g;
    g = swap;
    l = o->inner - 1 - l;
    mark[0] = k;
    mark[1] = low;
  } else {
    mark[0] = low;
    mark[1] = k;
  }
  *column = first_orbit(o, f, g) + l - (f == g ? o->inner / 2 : 0);
  return true;
}
