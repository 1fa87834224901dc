/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which columns of a problem have equal targets. */
#include <config.h>

#include <stdlib.h>

#include "verify/merge.h"

/* Order of the stored form of a target: background, then the entries that are
   not 0.  Equal forms are equal targets; the converse may fail (an entry in
   every row can stand for a background), so a second pass compares values. */
static int compare_form(const ufm_columns *c, size_t i, size_t j)
{
  size_t a = c->first[i], b = c->first[j];
  int order =
      mpq_cmp(c->palette[c->background[i]], c->palette[c->background[j]]);

  while (order == 0) {
    while (a < c->first[i + 1] && mpq_sgn(c->palette[c->value[a]]) == 0)
      a++;
    while (b < c->first[j + 1] && mpq_sgn(c->palette[c->value[b]]) == 0)
      b++;
    if (a == c->first[i + 1] || b == c->first[j + 1])
      return (a < c->first[i + 1]) - (b < c->first[j + 1]);
    if (c->row[a] != c->row[b])
      return c->row[a] < c->row[b] ? -1 : 1;
    if (c->value[a] != c->value[b])
      order = mpq_cmp(c->palette[c->value[a]], c->palette[c->value[b]]);
    a++;
    b++;
  }
  return order;
}

static int compare_value(const ufm_columns *c, size_t i, size_t j)
{
  int order = 0;
  mpq_t x, y;

  mpq_inits(x, y, (mpq_ptr)NULL);
  for (size_t k = 0; k < c->K && order == 0; k++) {
    ufm_columns_target_exact(c, i, k, x);
    ufm_columns_target_exact(c, j, k, y);
    order = mpq_cmp(x, y);
  }
  mpq_clears(x, y, (mpq_ptr)NULL);
  return order;
}

typedef int (*column_order)(const ufm_columns *, size_t, size_t);

/* Merge sort of `list`; ties keep the order of the indices, which ascend. */
static void sort(const ufm_columns *c, column_order order, size_t *list,
                 size_t *spare, size_t n)
{
  size_t half = n / 2, a = 0, b = half;

  if (n < 2)
    return;
  sort(c, order, list, spare, half);
  sort(c, order, list + half, spare, n - half);
  for (size_t i = 0; i < n; i++) {
    if (b == n || (a < half && order(c, list[a], list[b]) <= 0))
      spare[i] = list[a++];
    else
      spare[i] = list[b++];
  }
  for (size_t i = 0; i < n; i++)
    list[i] = spare[i];
}

/* Sorts the n columns in list, points each to the first of its class, and
   keeps the firsts; returns how many. */
static size_t keep_first(const ufm_columns *c, column_order order, size_t *list,
                         size_t *spare, size_t n, size_t *first_of)
{
  size_t kept = 0;

  sort(c, order, list, spare, n);
  for (size_t i = 0; i < n; i++) {
    if (kept == 0 || order(c, list[kept - 1], list[i]) != 0)
      list[kept++] = list[i];
    first_of[list[i]] = list[kept - 1];
  }
  return kept;
}

bool ufm__merge_columns(const ufm_columns *columns, size_t *from,
                        size_t *merged)
{
  size_t J = columns->J, n = J, next = 0;
  size_t *list = calloc(J, sizeof *list), *spare = calloc(J, sizeof *spare);
  size_t *form = calloc(J, sizeof *form), *value = calloc(J, sizeof *value);
  bool good = list != NULL && spare != NULL && form != NULL && value != NULL;

  if (good) {
    for (size_t j = 0; j < J; j++)
      list[j] = j;
    n = keep_first(columns, compare_form, list, spare, n, form);
    keep_first(columns, compare_value, list, spare, n, value);
    for (size_t j = 0; j < J; j++)
      spare[j] = J;
    for (size_t j = 0; j < J; j++) {
      size_t *number = &spare[value[form[j]]];

      if (*number == J)
        *number = next++;
      from[j] = *number;
    }
    *merged = next;
  }
  free(list);
  free(spare);
  free(form);
  free(value);
  return good;
}
