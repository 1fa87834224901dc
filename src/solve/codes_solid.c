/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes in three and four dimensions. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_math.h>

#include "solve/codes.h"

/* m vectors at height z, the first at angle `turn`. */
static void ring(size_t m, double z, double turn, double *X)
{
  double radius = sqrt(1.0 - z * z);

  for (size_t k = 0; k < m; k++) {
    double angle = turn + 2.0 * M_PI * (double)k / (double)m;

    X[3 * k] = radius * cos(angle);
    X[3 * k + 1] = radius * sin(angle);
    X[3 * k + 2] = z;
  }
}

bool ufm__antiprism_fits(size_t N, size_t d)
{
  return d == 3 && N >= 8 && N % 2 == 0;
}

/* Two rings of m, one turned by pi/m, at heights +-h with neighbours in a ring
   as close as neighbours across: r^2 cos(2 pi/m) + h^2 = r^2 cos(pi/m) - h^2,
   r^2 + h^2 = 1 (derived here). */
void ufm__antiprism(size_t N, size_t d, double *X)
{
  size_t m = N / 2;
  double c = cos(M_PI / (double)m) - cos(2.0 * M_PI / (double)m);
  double h = sqrt(c / (2.0 + c));

  (void)d;
  ring(m, h, 0.0, X);
  ring(m, -h, M_PI / (double)m, X + 3 * m);
}

bool ufm__capped_antiprism_fits(size_t N, size_t d)
{
  return N >= 2 && ufm__antiprism_fits(N - 2, d);
}

/* The icosahedron when N = 12. */
void ufm__capped_antiprism(size_t N, size_t d, double *X)
{
  ufm__antiprism(N - 2, d, X);
  memset(X + 3 * (N - 2), 0, 6 * sizeof *X);
  X[3 * (N - 2) + 2] = 1.0;
  X[3 * (N - 1) + 2] = -1.0;
}

bool ufm__tricapped_prism_fits(size_t N, size_t d)
{
  return d == 3 && N == 9;
}

/* Three vectors on the equator and a prism with radius 2/3 between them: the
   cosines of neighbours are all 1/3. */
void ufm__tricapped_prism(size_t N, size_t d, double *X)
{
  double z = sqrt(5.0) / 3.0;

  (void)N;
  (void)d;
  ring(3, 0.0, 0.0, X);
  ring(3, z, M_PI / 3.0, X + 9);
  ring(3, -z, M_PI / 3.0, X + 18);
}

bool ufm__dodecahedron_fits(size_t N, size_t d)
{
  return d == 3 && (N == 20 || N == 32);
}

/* Rows: the cyclic shifts of (0, +-a, +-b). */
static void shifts(double a, double b, double *X)
{
  for (size_t k = 0; k < 12; k++) {
    X[3 * k + k % 3] = 0.0;
    X[3 * k + (k + 1) % 3] = k / 3 % 2 == 0 ? a : -a;
    X[3 * k + (k + 2) % 3] = k / 6 == 0 ? b : -b;
  }
}

/* With golden ratio g: the cube (+-1, +-1, +-1) and the shifts of
   (0, +-1/g, +-g), over sqrt(3); the pentakis dodecahedron, N = 32, adds the
   icosahedron of the face centres, the shifts of (0, +-g, +-1). */
void ufm__dodecahedron(size_t N, size_t d, double *X)
{
  double golden = (1.0 + sqrt(5.0)) / 2.0, root = sqrt(3.0);
  double length = hypot(1.0, golden);

  (void)d;
  for (size_t k = 0; k < 8; k++)
    for (size_t i = 0; i < 3; i++)
      X[3 * k + i] = (k >> i & 1 ? -1.0 : 1.0) / root;
  shifts(1.0 / (golden * root), golden / root, X + 24);
  if (N == 32)
    shifts(golden / length, 1.0 / length, X + 60);
}

bool ufm__600_cell_fits(size_t N, size_t d)
{
  return d == 4 && N == 120;
}

/* The 24-cell and the even permutations of (+-g, +-1, +-1/g, 0)/2. */
void ufm__600_cell(size_t N, size_t d, double *X)
{
  static const unsigned char even[12][4] = {
      {0, 1, 2, 3}, {0, 2, 3, 1}, {0, 3, 1, 2}, {1, 0, 3, 2},
      {1, 2, 0, 3}, {1, 3, 2, 0}, {2, 0, 1, 3}, {2, 1, 3, 0},
      {2, 3, 0, 1}, {3, 0, 2, 1}, {3, 1, 0, 2}, {3, 2, 1, 0}};
  double golden = (1.0 + sqrt(5.0)) / 2.0;
  double value[4] = {golden / 2.0, 0.5, 0.5 / golden, 0.0};
  size_t row = 0;

  (void)N;
  memset(X, 0, 120 * d * sizeof *X);
  for (size_t p = 0; p < 12; p++)
    for (size_t bits = 0; bits < 8; bits++, row++)
      for (size_t i = 0; i < 4; i++)
        X[4 * row + even[p][i]] = (bits >> i & 1 ? -1.0 : 1.0) * value[i];
  for (size_t bits = 0; bits < 16; bits++, row++)
    for (size_t i = 0; i < 4; i++)
      X[4 * row + i] = bits >> i & 1 ? -0.5 : 0.5;
  for (size_t i = 0; i < 8; i++, row++)
    X[4 * row + i / 2] = i % 2 == 0 ? 1.0 : -1.0;
}
