/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_REDUCE_MEASUREMENT_H
#define UFM_REDUCE_MEASUREMENT_H

#include <stdbool.h>

#include <ufm/geometry.h>
#include <ufm/orbits.h>

/* One vector per class: contrasts a_g C_g, and rows u_g for the classes of each
   group. */
typedef struct ufm__side {
  const double *contrast; /* G */
  const double *row;      /* G x r */
} ufm__side;

/* A value that stands for several. */
typedef struct ufm__repeated {
  double value;
  size_t times;
} ufm__repeated;

/* Workspace of one measurement of an invariant point. */
typedef struct ufm__measurement {
  const ufm_orbits *o;
  const ufm_problem *problem;
  ufm_geometry *out;
  bool means;               /* every class has columns of its own, which then
                               are the first G orbits */
  double *size;             /* G: K_g */
  double *centred;          /* G x r: class means minus their mean */
  double *features;         /* G: singular value of H on the contrasts */
  double *root;             /* C: sqrt(N_c nu_c) */
  double *work;             /* max(G, C) x G */
  double *values;           /* G */
  double *norm;             /* G */
  ufm__repeated *repeated;  /* 2 G */
  double *contrast, *inner; /* G, G x G */
  double *square;           /* r x r */
} ufm__measurement;

/* The three spectra and the rank of m->out. */
UFM_MUST_CHECK ufm_status ufm__block_spectra(ufm__measurement *m,
                                             ufm_error *error);

/* Lengths of all classes' vectors and the cosines between those longer than
   the tolerance of m->out times the longest. */
void ufm__block_rows(ufm__measurement *m, const ufm__side *s, double *norm,
                     ufm_cosines *out);

/* |lambda_W W^T W - lambda_H H diag(nu) H^T|_F over the larger term. */
double ufm__block_balance(ufm__measurement *m);

#endif
