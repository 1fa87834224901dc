/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>

#include "random_orbits.h"

enum { MOST_GROUPS = 3, MOST_ORBITS = 5 };

typedef struct shape {
  gmp_randstate_t random;
  size_t G, C, K, r;
  unsigned long size[MOST_GROUPS];
  size_t marks[MOST_ORBITS], group[MOST_ORBITS][2];
  bool unordered[MOST_ORBITS];
  long mass[MOST_ORBITS][MOST_GROUPS + 2];
} shape;

static unsigned long below(shape *x, unsigned long n)
{
  return gmp_urandomm_ui(x->random, n);
}

static json_t *ratio(unsigned long p, unsigned long q)
{
  return json_sprintf("%lu/%lu", p, q);
}

/* n numbers k/8, |k| <= most */
static json_t *numbers(shape *x, size_t n, unsigned long most)
{
  json_t *list = json_array();

  for (size_t i = 0; i < n; i++)
    json_array_append_new(list,
                          json_sprintf("%s%lu/8", below(x, 2) > 0 ? "-" : "",
                                       below(x, most + 1)));
  return list;
}

/* Unmarked classes of group u in columns of orbit c. */
static unsigned long many(const shape *x, size_t c, size_t u)
{
  unsigned long n = x->size[u];

  for (size_t l = 0; l < x->marks[c]; l++)
    n -= x->group[c][l] == u;
  return n;
}

/* Targets p_1/q, p_2/q and p_0/q, q = p_1 + p_2 + (K - marks) p_0. */
static json_t *random_column(shape *x, size_t c)
{
  unsigned long p[2], rest = below(x, 4) > 0 ? 1 + below(x, 2) : 0, q;
  size_t f = below(x, x->G), g = below(x, x->G);
  bool pair = x->K > 1 && below(x, 3) > 0 && (f != g || x->size[f] > 1);
  json_t *marks = json_array(), *targets = json_array();

  x->marks[c] = pair ? 2 : 1;
  x->group[c][0] = pair && g < f ? g : f;
  x->group[c][1] = pair && g < f ? f : g;
  p[0] = 1 + below(x, 6);
  p[1] = pair ? below(x, 3) > 0 ? below(x, 6) : p[0] : 0;
  x->unordered[c] = pair && f == g && p[0] == p[1];
  q = p[0] + p[1] + (x->K - x->marks[c]) * rest;
  for (size_t l = 0; l < x->marks[c]; l++) {
    json_array_append_new(marks, json_integer((json_int_t)x->group[c][l]));
    json_array_append_new(targets, ratio(p[l], q));
  }
  return json_pack("{s:o, s:o, s:o, s:I, s:o}", "marks", marks, "targets",
                   targets, "background", ratio(rest, q), "weight",
                   (json_int_t)(1 + below(x, 5)), "multiplicity",
                   ratio(1 + below(x, 9), 1 + below(x, 40)));
}

static json_t *random_problem(shape *x)
{
  static const char *const biases[] = {"none", "free", "ridge"};
  const char *bias = biases[below(x, 3)];
  json_t *groups = json_array(), *columns = json_array();

  x->G = 1 + below(x, MOST_GROUPS);
  x->C = 1 + below(x, MOST_ORBITS);
  x->r = below(x, 3);
  x->K = 0;
  for (size_t g = 0; g < x->G; g++) {
    x->size[g] = 1 + below(x, 3);
    x->K += x->size[g];
    json_array_append_new(groups, json_integer((json_int_t)x->size[g]));
  }
  for (size_t c = 0; c < x->C; c++)
    json_array_append_new(columns, random_column(x, c));
  return json_pack(
      "{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "loss",
      below(x, 2) > 0 ? "ce" : "mse", "bias", bias, "K", (json_int_t)x->K, "d",
      (json_int_t)(x->r + x->K), "lambda_W", ratio(1, 1 + below(x, 90)),
      "lambda_H", ratio(1, 1 + below(x, 90)), "lambda_b",
      strcmp(bias, "ridge") == 0 ? ratio(1, 1 + below(x, 9)) : json_null(),
      "groups", groups, "columns", columns);
}

static json_t *random_point(shape *x, bool biased)
{
  size_t contrasts = 0;

  for (size_t c = 0; c < x->C; c++)
    contrasts += x->unordered[c] ? 1 : x->marks[c];
  return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "r", (json_int_t)x->r, "w",
                   numbers(x, x->G, 12), "h", numbers(x, contrasts, 12), "V",
                   numbers(x, x->G * x->r, 12), "Y",
                   numbers(x, x->r * x->C, 12), "b",
                   biased ? numbers(x, x->G, 20) : json_null());
}

/* An entry of orbit c that belongs to group u: its unmarked classes or a mark
   in it; every group has one. */
static size_t entry_in(shape *x, size_t c, size_t u)
{
  size_t choice[3], n = 0;

  if (many(x, c, u) > 0)
    choice[n++] = u;
  for (size_t l = 0; l < x->marks[c]; l++)
    if (x->group[c][l] == u)
      choice[n++] = x->G + l;
  return choice[below(x, n)];
}

/* Moves that keep column and row sums: mass from the unmarked classes of a
   group to a mark in it, and squares of two columns and two groups. */
static void move(shape *x)
{
  size_t c = below(x, x->C), d = below(x, x->C);
  size_t u = below(x, x->G), v = below(x, x->G);
  long by = 1 + (long)below(x, 8);

  if (below(x, 2) > 0) {
    size_t l = below(x, x->marks[c]), g = x->group[c][l];

    if (many(x, c, g) > 0) {
      x->mass[c][x->G + l] += 8 * by;
      x->mass[c][g] -= 8 * by;
    }
    return;
  }
  x->mass[c][entry_in(x, c, u)] += by;
  x->mass[c][entry_in(x, c, v)] -= by;
  x->mass[d][entry_in(x, d, u)] -= by;
  x->mass[d][entry_in(x, d, v)] += by;
}

static json_t *random_dual(shape *x)
{
  json_t *masses = json_array();
  unsigned long bits = 4 + below(x, 5);

  memset(x->mass, 0, sizeof x->mass);
  for (unsigned long n = below(x, 8); n > 0; n--)
    move(x);
  if (below(x, 8) == 0)
    x->mass[below(x, x->C)][x->G] += 1;
  for (size_t c = 0; c < x->C; c++)
    for (size_t e = 0; e < x->G + x->marks[c]; e++)
      json_array_append_new(masses, json_sprintf("%s0x%lxp-%lu",
                                                 x->mass[c][e] < 0 ? "-" : "",
                                                 labs(x->mass[c][e]), bits));
  return json_pack("{s:o, s:s}", "M", masses, "s", "1");
}

json_t *random_orbits(unsigned long seed)
{
  json_t *root, *problem, *point, *dual;
  shape x;

  gmp_randinit_lc_2exp_size(x.random, 64);
  gmp_randseed_ui(x.random, seed);
  problem = random_problem(&x);
  point = random_point(
      &x,
      strcmp(json_string_value(json_object_get(problem, "bias")), "none") != 0);
  dual = random_dual(&x);
  root = json_pack("{s:s, s:s, s:s, s:{}, s:o, s:o, s:o}", "format",
                   "ufm-certificate-1", "kind", "orbits", "status", "bracketed",
                   "claim", "problem", problem, "primal", point, "dual", dual);
  gmp_randclear(x.random);
  return root;
}
