/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_REDUCE_MEASUREMENT_H
#define UFM_REDUCE_MEASUREMENT_H

#include <ufm/geometry.h>
#include <ufm/orbits.h>

/* One factor: contrasts a_g C_g, and rows u_g for the classes of each group. */
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
  double *size;             /* G: K_g */
  double *centred;          /* G x r: y_g minus the mean over samples */
  double *work;             /* G x G */
  double *values;           /* G */
  double *norm;             /* G */
  ufm__repeated *repeated;  /* 2 G */
  double *contrast, *inner; /* G, G x G */
} ufm__measurement;

/* The three spectra and the rank of m->out. */
UFM_MUST_CHECK ufm_status ufm__block_spectra(ufm__measurement *m,
                                             ufm_error *error);

/* Lengths of all classes' vectors and the cosines between those longer than
   the tolerance of m->out times the longest. */
void ufm__block_rows(ufm__measurement *m, const ufm__side *s, double *norm,
                     ufm_cosines *out);

/* |lambda_W W^T W - lambda_H H diag(nu) H^T|_F over the larger term. */
double ufm__block_balance(const ufm__measurement *m);

#endif
