/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spherical codes that have a construction: N unit vectors in R^d, all of them
   far apart.  Minima of cross entropy whose width d is less than K - 1 look
   like them. */
#ifndef UFM_SOLVE_CODES_H
#define UFM_SOLVE_CODES_H

#include <stdbool.h>
#include <stddef.h>

/* A family of codes. */
typedef struct ufm__code {
  const char *name;
  /* True when the family has a code of N vectors that spans R^d. */
  bool (*fits)(size_t N, size_t d);
  /* X = its vectors, N rows of d numbers; only when it fits. */
  void (*build)(size_t N, size_t d, double *X);
} ufm__code;

/* All families; ends with name NULL. */
const ufm__code *ufm__code_list(void);

/* What the code of N vectors of a family is called: "24-cell", else the name of
   the family; static. */
const char *ufm__code_name(const ufm__code *code, size_t N, size_t d);

/* Writes scale times the N x (N - 1) matrix of Helmert contrasts into X, whose
   rows are `stride` >= N - 1 apart; X is zero before.  Column q = 1..N - 1 has
   1/sqrt(q (q + 1)) q times, then -q/sqrt(q (q + 1)), then 0: they are
   orthonormal and orthogonal to 1. */
void ufm__helmert(size_t N, size_t stride, double scale, double *X);

/* Families in their own files: d = 3 and 4, and those of the root systems. */
bool ufm__antiprism_fits(size_t N, size_t d);
void ufm__antiprism(size_t N, size_t d, double *X);
bool ufm__capped_antiprism_fits(size_t N, size_t d);
void ufm__capped_antiprism(size_t N, size_t d, double *X);
bool ufm__tricapped_prism_fits(size_t N, size_t d);
void ufm__tricapped_prism(size_t N, size_t d, double *X);
bool ufm__dodecahedron_fits(size_t N, size_t d);
void ufm__dodecahedron(size_t N, size_t d, double *X);
bool ufm__600_cell_fits(size_t N, size_t d);
void ufm__600_cell(size_t N, size_t d, double *X);
bool ufm__roots_a_fits(size_t N, size_t d);
void ufm__roots_a(size_t N, size_t d, double *X);
bool ufm__roots_d_fits(size_t N, size_t d);
void ufm__roots_d(size_t N, size_t d, double *X);
bool ufm__roots_e_fits(size_t N, size_t d);
void ufm__roots_e(size_t N, size_t d, double *X);

#endif
