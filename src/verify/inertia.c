/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact inertia by congruence transformations. */
#include <config.h>

#include "verify/inertia.h"

static void exchange(size_t n, mpq_t *a, size_t i, size_t j)
{
  for (size_t k = 0; k < n; k++)
    mpq_swap(a[i * n + k], a[j * n + k]);
  for (size_t k = 0; k < n; k++)
    mpq_swap(a[k * n + i], a[k * n + j]);
}

/* Row and column i += row and column j. */
static void add_index(size_t n, mpq_t *a, size_t i, size_t j)
{
  for (size_t k = 0; k < n; k++)
    mpq_add(a[i * n + k], a[i * n + k], a[j * n + k]);
  for (size_t k = 0; k < n; k++)
    mpq_add(a[k * n + i], a[k * n + i], a[k * n + j]);
}

/* Brings a nonzero diagonal entry to place p; 0 when the rest is 0.  With a
   zero diagonal and a_ij != 0, adding index j to i makes the entry 2 a_ij. */
static int find_pivot(size_t n, mpq_t *a, size_t p)
{
  for (size_t i = p; i < n; i++)
    if (mpq_sgn(a[i * n + i]) != 0) {
      if (i != p)
        exchange(n, a, i, p);
      return 1;
    }
  for (size_t i = p; i < n; i++)
    for (size_t j = i + 1; j < n; j++)
      if (mpq_sgn(a[i * n + j]) != 0) {
        add_index(n, a, i, j);
        if (i != p)
          exchange(n, a, i, p);
        return 1;
      }
  return 0;
}

ufm__inertia ufm__inertia_exact(size_t n, mpq_t *a)
{
  ufm__inertia result = {0};
  mpq_t factor, term;

  mpq_inits(factor, term, (mpq_ptr)NULL);
  for (size_t p = 0; p < n; p++) {
    if (!find_pivot(n, a, p)) {
      result.zero = n - p;
      break;
    }
    if (mpq_sgn(a[p * n + p]) > 0)
      result.positive++;
    else
      result.negative++;
    for (size_t i = p + 1; i < n; i++) {
      if (mpq_sgn(a[i * n + p]) == 0)
        continue;
      mpq_div(factor, a[i * n + p], a[p * n + p]);
      for (size_t j = p + 1; j < n; j++) {
        mpq_mul(term, factor, a[p * n + j]);
        mpq_sub(a[i * n + j], a[i * n + j], term);
      }
    }
  }
  mpq_clears(factor, term, (mpq_ptr)NULL);
  return result;
}
