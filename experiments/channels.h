/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plane of three classes of a simplex ETF, W W^T = g (I - J/K), g = m^2
   (doc/soft-targets.md, section 8), and the data of the figures of channels,
   amplification and calibration. */
#ifndef UFM_EXPERIMENTS_CHANNELS_H
#define UFM_EXPERIMENTS_CHANNELS_H

#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "harness.h"

/* The 2 x (d + 1) matrix [A Q, -A Q c] of the first three of the rows `w`
   (width d): Q is the polar factor of the centred rows, c their mean.  NULL
   when memory ran out. */
gsl_matrix *channels_basis(const double *w, size_t d);

/* X = A Q (h - c). */
void channels_project(const gsl_matrix *basis, const double *h, double X[2]);

/* m (a_i A_i + a_j A_j) for h = a_i w_i + a_j w_j, classes below 3. */
void channels_point(double m, const size_t pair[2], const double coef[2],
                    double X[2]);

/* (a_i + a_j) at lam over that of one class, and |h|/|h_same| into *norms
   unless it is NULL. */
double channels_amplification(size_t K, double kappa, double lam,
                              double *norms);

/* channels_*.csv, amplification*.csv, calibration.csv */
void channels_write(experiment *x);

#endif
