/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expansion.h"

enum { MOST_CLASSES = 40, MOST_ENTRIES = 4000 };

static void fail(const char *what)
{
  fprintf(stderr, "expansion: %s\n", what);
  abort();
}

static void *room(size_t n, size_t size)
{
  void *memory = calloc(n > 0 ? n : 1, size);

  if (memory == NULL)
    fail("out of memory");
  return memory;
}

static mpq_t *fractions(size_t n)
{
  mpq_t *x = room(n, sizeof *x);

  for (size_t i = 0; i < n; i++)
    mpq_init(x[i]);
  return x;
}

static void fractions_free(mpq_t *x, size_t n)
{
  for (size_t i = 0; i < n; i++)
    mpq_clear(x[i]);
  free(x);
}

static size_t size_of(const json_t *value)
{
  return (size_t)json_integer_value(value);
}

void exact_number(mpq_t out, const json_t *value)
{
  const char *text = json_string_value(value), *mark;
  char *digits;
  long e;

  if (json_is_integer(value)) {
    mpq_set_si(out, (long)json_integer_value(value), 1);
    return;
  }
  if (text == NULL)
    fail("not a number");
  if (strstr(text, "0x") == NULL) {
    if (mpq_set_str(out, text, 10) != 0)
      fail(text);
    mpq_canonicalize(out);
    return;
  }
  mark = strchr(text, 'p');
  digits = room(strlen(text) + 1, 1);
  e = strtol(mark + 1, NULL, 10);
  for (const char *c = strchr(text, 'x') + 1; c < mark; c++)
    if (*c == '.')
      e -= 4 * (mark - c - 1);
    else
      digits[strlen(digits)] = *c;
  mpq_set_ui(out, 0, 1);
  if (mpz_set_str(mpq_numref(out), digits, 16) != 0)
    fail(text);
  free(digits);
  if (text[0] == '-')
    mpq_neg(out, out);
  if (e >= 0)
    mpq_mul_2exp(out, out, (mp_bitcnt_t)e);
  else
    mpq_div_2exp(out, out, (mp_bitcnt_t)-e);
}

static void number_at(mpq_t out, const json_t *list, size_t i)
{
  exact_number(out, json_array_get(list, i));
}

static void times(mpq_t x, long p, size_t q)
{
  mpq_t factor;

  mpq_init(factor);
  mpq_set_si(factor, p, q);
  mpq_canonicalize(factor);
  mpq_mul(x, x, factor);
  mpq_clear(factor);
}

static bool same_group(const json_t *column)
{
  const json_t *marks = json_object_get(column, "marks");

  return json_array_size(marks) == 2 &&
         size_of(json_array_get(marks, 0)) == size_of(json_array_get(marks, 1));
}

/* Columns of one orbit, both orders of a pair of one group; they are stored
   from `at` on unless x->orbit is NULL. */
static size_t list_columns(expansion *x, const json_t *column, size_t c,
                           size_t at)
{
  const json_t *marks = json_object_get(column, "marks");
  size_t count = json_array_size(marks), n = 0;
  size_t f = size_of(json_array_get(marks, 0));
  size_t g = size_of(json_array_get(marks, count - 1));

  for (size_t i = x->start[f]; i < x->start[f + 1]; i++)
    for (size_t k = x->start[g]; k < x->start[g + 1]; k++) {
      if ((count == 1) != (i == k))
        continue;
      if (x->orbit != NULL) {
        x->orbit[at + n] = c;
        x->marks[at + n][0] = i;
        x->marks[at + n][1] = k;
      }
      n++;
    }
  return n;
}

static bool list_all(expansion *x, const json_t *problem)
{
  const json_t *groups = json_object_get(problem, "groups");
  const json_t *columns = json_object_get(problem, "columns");
  size_t at = 0;

  x->K = size_of(json_object_get(problem, "K"));
  x->G = json_array_size(groups);
  if (x->K > MOST_CLASSES)
    return false;
  x->of = room(x->K, sizeof *x->of);
  x->start = room(x->G + 1, sizeof *x->start);
  for (size_t g = 0; g < x->G; g++) {
    x->start[g + 1] = x->start[g] + size_of(json_array_get(groups, g));
    for (size_t k = x->start[g]; k < x->start[g + 1]; k++)
      x->of[k] = g;
  }
  for (size_t c = 0; c < json_array_size(columns); c++)
    x->J += list_columns(x, json_array_get(columns, c), c, 0);
  if (x->K * x->J > MOST_ENTRIES)
    return false;
  x->orbit = room(x->J, sizeof *x->orbit);
  x->marks = room(x->J, sizeof *x->marks);
  for (size_t c = 0; c < json_array_size(columns); c++)
    at += list_columns(x, json_array_get(columns, c), c, at);
  return true;
}

/* Weight, multiplicity and targets of column j. */
static void fill_column(expansion *x, size_t j, const json_t *column,
                        bool unordered)
{
  const json_t *targets = json_object_get(column, "targets");
  size_t count = json_array_size(targets);

  exact_number(x->a[j], json_object_get(column, "weight"));
  exact_number(x->nu[j], json_object_get(column, "multiplicity"));
  if (unordered)
    times(x->nu[j], 1, 2);
  else
    times(x->a[j], 2, 1);
  for (size_t i = 0; i < x->K; i++)
    exact_number(x->t[i * x->J + j], json_object_get(column, "background"));
  for (size_t l = 0; l < count; l++)
    number_at(x->t[x->marks[j][l] * x->J + j], targets, l);
}

/* Masses of column j: those of its orbit from `first` on, over the classes of
   the entry and the columns of the orbit; N of them are listed. */
static void fill_masses(expansion *x, size_t j, const json_t *masses,
                        size_t first, size_t count, size_t N)
{
  for (size_t i = 0; i < x->K; i++) {
    size_t u = x->of[i], many = x->start[u + 1] - x->start[u], e = first + u;
    mpq_ptr M = x->M[i * x->J + j];

    for (size_t l = 0; l < count; l++)
      many -= x->of[x->marks[j][l]] == u;
    for (size_t l = 0; l < count; l++)
      if (x->marks[j][l] == i) {
        many = 1;
        e = first + x->G + l;
      }
    number_at(M, masses, e);
    times(M, 2, many * N);
  }
}

/* out[i step] += by P_g e_k, g the group of class k */
static void add_contrast(const expansion *x, mpq_t *out, size_t step, size_t k,
                         mpq_srcptr by)
{
  size_t g = x->of[k], size = x->start[g + 1] - x->start[g];
  mpq_t part;

  mpq_init(part);
  for (size_t i = x->start[g]; i < x->start[g + 1]; i++) {
    mpq_set(part, by);
    times(part, i == k ? (long)size - 1 : -1, size);
    mpq_add(out[i * step], out[i * step], part);
  }
  mpq_clear(part);
}

static void fill_feature(expansion *x, size_t j, const json_t *primal,
                         size_t orbits, size_t r, size_t contrast, size_t count,
                         bool same, bool unordered)
{
  const json_t *h = json_object_get(primal, "h");
  mpq_t a[2], other;

  mpq_inits(a[0], a[1], other, (mpq_ptr)NULL);
  number_at(a[0], h, contrast);
  if (unordered)
    mpq_set(a[1], a[0]);
  else if (count == 2)
    number_at(a[1], h, contrast + 1);
  if (same && !unordered) { /* h_1 + h_2, h_1 - h_2 */
    mpq_set(other, a[1]);
    mpq_sub(a[1], a[0], other);
    mpq_add(a[0], a[0], other);
  }
  for (size_t i = 0; i < r; i++)
    number_at(x->H[i * x->J + j], json_object_get(primal, "Y"),
              i * orbits + x->orbit[j]);
  for (size_t l = 0; l < count; l++)
    add_contrast(x, x->H + r * x->J + j, x->J, x->marks[j][l], a[l]);
  mpq_clears(a[0], a[1], other, (mpq_ptr)NULL);
}

static void fill_classes(expansion *x, const json_t *primal, size_t r)
{
  const json_t *b = json_object_get(primal, "b");
  mpq_t w;

  mpq_init(w);
  for (size_t k = 0; k < x->K; k++) {
    for (size_t i = 0; i < r; i++)
      number_at(x->W[k * x->d + i], json_object_get(primal, "V"),
                x->of[k] * r + i);
    number_at(w, json_object_get(primal, "w"), x->of[k]);
    add_contrast(x, x->W + k * x->d + r, 1, k, w);
    if (json_is_array(b))
      number_at(x->b[k], b, x->of[k]);
  }
  mpq_clear(w);
}

static void fill(expansion *x, const json_t *root, size_t r)
{
  const json_t *columns =
      json_object_get(json_object_get(root, "problem"), "columns");
  const json_t *primal = json_object_get(root, "primal");
  const json_t *masses = json_object_get(json_object_get(root, "dual"), "M");
  size_t first = 0, contrast = 0, j = 0, orbits = json_array_size(columns);

  fill_classes(x, primal, r);
  for (size_t c = 0; c < orbits; c++) {
    const json_t *column = json_array_get(columns, c);
    const json_t *targets = json_object_get(column, "targets");
    size_t count = json_array_size(targets);
    size_t N = list_columns(x, column, c, j), end = j + N;
    bool same = same_group(column), unordered = false;

    if (same) {
      mpq_t left, right;

      mpq_inits(left, right, (mpq_ptr)NULL);
      number_at(left, targets, 0);
      number_at(right, targets, 1);
      unordered = mpq_equal(left, right);
      mpq_clears(left, right, (mpq_ptr)NULL);
    }
    for (; j < end; j++) {
      fill_column(x, j, column, unordered);
      fill_masses(x, j, masses, first, count, N);
      fill_feature(x, j, primal, orbits, r, contrast, count, same, unordered);
    }
    first += x->G + count;
    contrast += unordered ? 1 : count;
  }
}

expansion *expansion_new(const json_t *root)
{
  expansion *x = room(1, sizeof *x);
  size_t r = size_of(json_object_get(json_object_get(root, "primal"), "r"));

  if (r > MOST_CLASSES || !list_all(x, json_object_get(root, "problem"))) {
    expansion_free(x);
    return NULL;
  }
  x->d = r + x->K;
  x->a = fractions(x->J);
  x->nu = fractions(x->J);
  x->t = fractions(x->K * x->J);
  x->M = fractions(x->K * x->J);
  x->W = fractions(x->K * x->d);
  x->H = fractions(x->d * x->J);
  x->b = fractions(x->K);
  fill(x, root, r);
  return x;
}

void expansion_free(expansion *x)
{
  if (x->W != NULL) {
    fractions_free(x->a, x->J);
    fractions_free(x->nu, x->J);
    fractions_free(x->t, x->K * x->J);
    fractions_free(x->M, x->K * x->J);
    fractions_free(x->W, x->K * x->d);
    fractions_free(x->H, x->d * x->J);
    fractions_free(x->b, x->K);
  }
  free(x->of);
  free(x->start);
  free(x->orbit);
  free(x->marks);
  free(x);
}
