/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of codes, and the families that exist in every dimension. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_math.h>

#include "solve/codes.h"

void ufm__helmert(size_t N, size_t stride, double scale, double *X)
{
  for (size_t q = 1; q < N; q++) {
    double length = sqrt((double)q * (double)(q + 1)) / scale;

    for (size_t k = 0; k < q; k++)
      X[k * stride + q - 1] = 1.0 / length;
    X[q * stride + q - 1] = -(double)q / length;
  }
}

/* Simplices of about equal size in orthogonal subspaces: N = d + parts.  One
   part is the simplex, d parts are the cross-polytope; all cosines are
   at most 0, the least possible for N > d + 1 (Rankin 1955). */
static bool simplices_fit(size_t N, size_t d)
{
  return d >= 1 && N > d && N <= 2 * d;
}

static void simplices(size_t N, size_t d, double *X)
{
  size_t parts = N - d, row = 0, column = 0;

  memset(X, 0, N * d * sizeof *X);
  for (size_t p = 0; p < parts; p++) {
    size_t n = d / parts + (p < d % parts ? 1 : 0) + 1;

    ufm__helmert(n, d, sqrt((double)n / (double)(n - 1)), X + row * d + column);
    row += n;
    column += n - 1;
  }
}

/* Orthonormal vectors, the first N - d of them with both signs. */
static bool orthoplex_fits(size_t N, size_t d)
{
  return d >= 2 && N >= d && N < 2 * d;
}

static void orthoplex(size_t N, size_t d, double *X)
{
  memset(X, 0, N * d * sizeof *X);
  for (size_t i = 0; i < d; i++)
    X[i * d + i] = 1.0;
  for (size_t i = 0; i + d < N; i++)
    X[(d + i) * d + i] = -1.0;
}

/* Regular polygons in orthogonal planes, and two poles when d is odd. */
static bool polygons_fit(size_t N, size_t d)
{
  size_t planes = d / 2, poles = d % 2 * 2;

  return planes >= 1 && N >= poles + 3 * planes;
}

static void polygons(size_t N, size_t d, double *X)
{
  size_t planes = d / 2, left = N - d % 2 * 2, row = 0;

  memset(X, 0, N * d * sizeof *X);
  for (size_t p = 0; p < planes; p++) {
    size_t m = left / (planes - p);

    for (size_t k = 0; k < m; k++, row++) {
      double angle = 2.0 * M_PI * (double)k / (double)m;

      X[row * d + 2 * p] = cos(angle);
      X[row * d + 2 * p + 1] = sin(angle);
    }
    left -= m;
  }
  if (d % 2 == 1) {
    X[row * d + d - 1] = 1.0;
    X[(row + 1) * d + d - 1] = -1.0;
  }
}

/* Sign vectors over sqrt(d): all, or those with an even number of minus signs.
   No more bits than a size_t has are asked for because N is one. */
static size_t signs(size_t d, bool even, double *X)
{
  size_t rows = 0;

  for (size_t bits = 0; bits < (size_t)1 << d; bits++) {
    bool odd = false;

    for (size_t i = 0; i < d; i++)
      odd ^= bits >> i & 1;
    if (even && odd)
      continue;
    for (size_t i = 0; i < d; i++)
      X[rows * d + i] = (bits >> i & 1 ? -1.0 : 1.0) / sqrt((double)d);
    rows++;
  }
  return rows;
}

static bool is_power(size_t N, size_t d)
{
  return d < 8 * sizeof N && N == (size_t)1 << d;
}

static bool cube_fits(size_t N, size_t d)
{
  return d >= 2 && is_power(N, d);
}

static void cube(size_t N, size_t d, double *X)
{
  (void)N;
  signs(d, false, X);
}

/* At d = 3 and 4 these are the simplex and the cross-polytope. */
static bool half_cube_fits(size_t N, size_t d)
{
  return d >= 5 && is_power(N, d - 1);
}

static void half_cube(size_t N, size_t d, double *X)
{
  (void)N;
  signs(d, true, X);
}

/* The vertices of a cube and of its dual: the 24-cell at d = 4. */
static bool both_fit(size_t N, size_t d)
{
  return d >= 3 && N > 2 * d && is_power(N - 2 * d, d);
}

static void both(size_t N, size_t d, double *X)
{
  orthoplex(2 * d, d, X + (N - 2 * d) * d);
  signs(d, false, X);
}

const char *ufm__code_name(const ufm__code *code, size_t N, size_t d)
{
  static const struct {
    const char *family;
    size_t N, d;
    const char *name;
  } known[] = {{"polygons", 7, 3, "pentagonal bipyramid"},
               {"cube and orthoplex", 24, 4, "24-cell"},
               {"antiprism", 8, 3, "square antiprism"},
               {"capped antiprism", 12, 3, "icosahedron"},
               {"dodecahedron", 32, 3, "pentakis dodecahedron"},
               {"half cube", 16, 5, "Clebsch code"},
               {"roots A", 12, 3, "cuboctahedron"},
               {"roots D", 24, 4, "24-cell"},
               {"roots E", 27, 6, "Schlaefli code"},
               {"roots E", 56, 7, "Hesse code"}};

  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (N == known[i].N && d == known[i].d &&
        strcmp(code->name, known[i].family) == 0)
      return known[i].name;
  if (strcmp(code->name, "simplices") == 0 && N == d + 1)
    return "simplex";
  if (strcmp(code->name, "simplices") == 0 && N == 2 * d)
    return "cross-polytope";
  if (strcmp(code->name, "polygons") == 0 && d == 2)
    return "polygon";
  return code->name;
}

const ufm__code *ufm__code_list(void)
{
  static const ufm__code list[] = {
      {"simplices", simplices_fit, simplices},
      {"orthoplex", orthoplex_fits, orthoplex},
      {"polygons", polygons_fit, polygons},
      {"cube", cube_fits, cube},
      {"half cube", half_cube_fits, half_cube},
      {"cube and orthoplex", both_fit, both},
      {"antiprism", ufm__antiprism_fits, ufm__antiprism},
      {"capped antiprism", ufm__capped_antiprism_fits, ufm__capped_antiprism},
      {"tricapped prism", ufm__tricapped_prism_fits, ufm__tricapped_prism},
      {"dodecahedron", ufm__dodecahedron_fits, ufm__dodecahedron},
      {"600-cell", ufm__600_cell_fits, ufm__600_cell},
      {"roots A", ufm__roots_a_fits, ufm__roots_a},
      {"roots D", ufm__roots_d_fits, ufm__roots_d},
      {"roots E", ufm__roots_e_fits, ufm__roots_e},
      {NULL, NULL, NULL}};

  return list;
}
