/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Root systems A, D and E as unit vectors, and the two sections of E8 that are
   optimal codes: 27 vectors in R^6 and 56 in R^7 (Conway and Sloane 1999,
   chapter 14). */
#include <config.h>

#include <math.h>
#include <string.h>

#include "linalg/blas.h"
#include "solve/codes.h"

enum { E8 = 8, E8_ROOTS = 240 };

bool ufm__roots_a_fits(size_t N, size_t d)
{
  return d >= 2 && N % d == 0 && N / d == d + 1;
}

/* (e_i - e_j)/sqrt(2) in the d contrasts of d + 1 coordinates. */
void ufm__roots_a(size_t N, size_t d, double *X)
{
  size_t row = 0;

  (void)N;
  for (size_t i = 0; i <= d; i++)
    for (size_t j = 0; j <= d; j++) {
      if (i == j)
        continue;
      for (size_t q = 1; q <= d; q++) {
        /* entries i and j of contrast q */
        double length = sqrt(2.0 * (double)q * (double)(q + 1));
        double at_i = i < q ? 1.0 : i == q ? -(double)q : 0.0;
        double at_j = j < q ? 1.0 : j == q ? -(double)q : 0.0;

        X[row * d + q - 1] = (at_i - at_j) / length;
      }
      row++;
    }
}

bool ufm__roots_d_fits(size_t N, size_t d)
{
  return d >= 4 && N % (2 * d) == 0 && N / (2 * d) == d - 1;
}

/* (+-e_i +- e_j)/sqrt(2); returns the number of rows. */
static size_t pairs(size_t d, double scale, double *X)
{
  size_t row = 0;

  for (size_t i = 0; i < d; i++)
    for (size_t j = i + 1; j < d; j++)
      for (size_t bits = 0; bits < 4; bits++, row++) {
        memset(X + row * d, 0, d * sizeof *X);
        X[row * d + i] = bits & 1 ? -scale : scale;
        X[row * d + j] = bits & 2 ? -scale : scale;
      }
  return row;
}

void ufm__roots_d(size_t N, size_t d, double *X)
{
  (void)N;
  pairs(d, sqrt(0.5), X);
}

/* The 240 roots of E8, of squared length 2: +-e_i +- e_j, and (+-1/2)^8 with an
   even number of minus signs. */
static void roots_e8(double *X)
{
  size_t row = pairs(E8, 1.0, X);

  for (size_t bits = 0; bits < 256; bits++) {
    bool odd = false;

    for (size_t i = 0; i < E8; i++)
      odd ^= bits >> i & 1;
    if (odd)
      continue;
    for (size_t i = 0; i < E8; i++)
      X[row * E8 + i] = bits >> i & 1 ? -0.5 : 0.5;
    row++;
  }
}

/* The sections: roots with inner products p with v = (1/2)^8 and q with
   w = -(e_7 + e_8), where <v, w> = -1, seen in the complement of v (d = 7) or
   of v and w (d = 6). */
static const struct section {
  size_t N, d;
  int p, q;
} sections[] = {{240, 8, 0, 0},
                {126, 7, 0, 0},
                {56, 7, 1, 0},
                {72, 6, 0, 0},
                {27, 6, 1, 0}};

enum { SECTIONS = sizeof sections / sizeof sections[0] };

static const struct section *section_of(size_t N, size_t d)
{
  for (size_t i = 0; i < SECTIONS; i++)
    if (sections[i].N == N && sections[i].d == d)
      return &sections[i];
  return NULL;
}

bool ufm__roots_e_fits(size_t N, size_t d)
{
  return section_of(N, d) != NULL;
}

static bool belongs(const struct section *s, const double *root)
{
  double v = 0.0, w = -(root[6] + root[7]);

  for (size_t i = 0; i < E8; i++)
    v += root[i] / 2.0; /* exact: halves of halves */
  if (s->d == 8)
    return true;
  return v == (double)s->p && (s->d == 7 || w == (double)s->q);
}

/* basis = d orthonormal columns of 8 numbers each, in rows of 8. */
static void section_basis(size_t d, double basis[E8 * E8])
{
  double contrasts[E8 * (E8 - 1)] = {0.0};
  size_t n = d == 7 ? 8 : 6;

  memset(basis, 0, E8 * E8 * sizeof *basis);
  if (d == 8) {
    for (size_t i = 0; i < E8; i++)
      basis[i * E8 + i] = 1.0;
    return;
  }
  ufm__helmert(n, n - 1, 1.0, contrasts);
  for (size_t q = 0; q + 1 < n; q++)
    for (size_t i = 0; i < n; i++)
      basis[q * E8 + i] = contrasts[i * (n - 1) + q];
  if (d == 6) {
    basis[5 * E8 + 6] = sqrt(0.5);
    basis[5 * E8 + 7] = -sqrt(0.5);
  }
}

void ufm__roots_e(size_t N, size_t d, double *X)
{
  const struct section *s = section_of(N, d);
  double roots[E8_ROOTS * E8], basis[E8 * E8];
  size_t row = 0;

  roots_e8(roots);
  section_basis(d, basis);
  for (size_t k = 0; k < E8_ROOTS; k++) {
    if (!belongs(s, roots + k * E8))
      continue;
    for (size_t q = 0; q < d; q++)
      X[row * d + q] = ufm__dot(E8, basis + q * E8, roots + k * E8);
    ufm__scale(d, 1.0 / ufm__norm(d, X + row * d), X + row * d);
    row++;
  }
}
