/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "channels.h"

enum { K = 10, POINTS = 200, LAYER = 160, SHOWN = 4 };

/* Columns of A: an equilateral triangle. */
static const double corner[2][3] = {
    {M_SQRT1_2, -M_SQRT1_2, 0.0},
    {-0.40824829046386302, -0.40824829046386302, 0.81649658092772603}};

static const double lambdas[SHOWN] = {0.5, 0.05, 0.005, 0.0005};

gsl_matrix *channels_basis(const double *w, size_t d)
{
  gsl_matrix *U = gsl_matrix_alloc(d, 3), *V = gsl_matrix_alloc(3, 3);
  gsl_matrix *Q = gsl_matrix_calloc(3, d), *basis = gsl_matrix_alloc(2, d + 1);
  gsl_matrix_const_view A = gsl_matrix_const_view_array(corner[0], 2, 3);
  gsl_vector *s = gsl_vector_alloc(3), *work = gsl_vector_alloc(3);
  gsl_matrix_view AQ = gsl_matrix_submatrix(basis, 0, 0, 2, d);

  for (size_t i = 0; i < d; i++) {
    double mean = (w[i] + w[d + i] + w[2 * d + i]) / 3.0;

    for (size_t k = 0; k < 3; k++)
      gsl_matrix_set(U, i, k, w[k * d + i] - mean);
  }
  gsl_linalg_SV_decomp(U, V, s, work);
  /* two directions: the third is the mean that was taken away */
  for (size_t r = 0; r < 2; r++) {
    gsl_vector_view u = gsl_matrix_column(U, r), v = gsl_matrix_column(V, r);

    gsl_blas_dger(1.0, &v.vector, &u.vector, Q);
  }
  gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1.0, &A.matrix, Q, 0.0,
                 &AQ.matrix);
  for (size_t r = 0; r < 2; r++) {
    double shift = 0.0;

    for (size_t i = 0; i < d; i++)
      shift +=
          gsl_matrix_get(basis, r, i) * (w[i] + w[d + i] + w[2 * d + i]) / 3.0;
    gsl_matrix_set(basis, r, d, -shift);
  }
  gsl_matrix_free(U);
  gsl_matrix_free(V);
  gsl_matrix_free(Q);
  gsl_vector_free(s);
  gsl_vector_free(work);
  return basis;
}

void channels_project(const gsl_matrix *basis, const double *h, double X[2])
{
  size_t d = basis->size2 - 1;

  for (size_t r = 0; r < 2; r++) {
    X[r] = gsl_matrix_get(basis, r, d);
    for (size_t i = 0; i < d; i++)
      X[r] += gsl_matrix_get(basis, r, i) * h[i];
  }
}

void channels_point(double m, const size_t pair[2], const double coef[2],
                    double X[2])
{
  for (size_t r = 0; r < 2; r++)
    X[r] = m * (coef[0] * corner[r][pair[0]] + coef[1] * corner[r][pair[1]]);
}

double channels_amplification(size_t classes, double kappa, double lam,
                              double *norms)
{
  ufm_soft_pair at, same;

  if (ufm_soft_pair_solve(&at, classes, kappa, 1.0, lam, NULL) != UFM_OK ||
      ufm_soft_pair_solve(&same, classes, kappa, 1.0, 1.0, NULL) != UFM_OK)
    return (double)NAN;
  if (norms != NULL)
    *norms = at.at.norm_h / same.at.norm_h;
  return (at.coef[0] + at.coef[1]) / (same.coef[0] + same.coef[1]);
}

/* Mixing value i of 2 LAYER + 1, ascending: logarithmic from kappa/1000 to 1/2
   and mirrored, to resolve the layers of width kappa at both ends. */
static double mixing_value(int i, double kappa)
{
  int from_end = i <= LAYER ? i : 2 * LAYER - i;
  double least = kappa / 1000.0, x = 0.0;

  if (from_end > 0)
    x = least * pow(0.5 / least, (from_end - 1.0) / (LAYER - 1.0));
  return i <= LAYER ? x : 1.0 - x;
}

/* The three pairs of a triangle; nx, ny: pair (0, 1) with the same-class
   feature scaled to length 1; shade = 2 |lam - 1/2|. */
static void write_channel(experiment *x, const char *name, double lambda,
                          bool mse)
{
  static const size_t pairs[3][2] = {{0, 1}, {1, 2}, {2, 0}};
  FILE *csv =
      experiment_csv(x, name, "lam,shade,x01,y01,x12,y12,x20,y20,nx,ny");
  ufm_soft_pair same;

  if (ufm_soft_pair_solve(&same, K, lambda, 1.0, 1.0, NULL) != UFM_OK)
    return;
  for (int i = 0; i <= 2 * LAYER; i++) {
    double lam = mixing_value(i, lambda), X[2], length;
    double coef[2] = {lam / (1.0 + lambda), (1.0 - lam) / (1.0 + lambda)};
    ufm_soft_pair at;

    if (!mse) {
      if (ufm_soft_pair_solve(&at, K, lambda, 1.0, lam, NULL) != UFM_OK)
        continue;
      coef[0] = at.coef[0], coef[1] = at.coef[1];
    }
    fprintf(csv, "%.10g,%.10g", lam, 2.0 * fabs(lam - 0.5));
    for (size_t p = 0; p < 3; p++) {
      channels_point(1.0, pairs[p], coef, X);
      fprintf(csv, ",%.10g,%.10g", X[0], X[1]);
    }
    channels_point(1.0, pairs[0], coef, X);
    length = (mse ? 1.0 / (1.0 + lambda) : same.coef[0]) *
             hypot(corner[0][0], corner[1][0]);
    fprintf(csv, ",%.10g,%.10g\n", X[0] / length, X[1] / length);
  }
}

static void write_amplification(experiment *x)
{
  static const size_t classes[] = {3, 10, 100};
  static const double kappas[] = {1.0, 0.1, 0.01, 1e-4};
  FILE *csv = experiment_csv(x, "mixup_amplification",
                             "kappa,amp3,norm3,amp10,norm10,amp100,norm100");

  for (int i = 0; i <= 80; i++) {
    double kappa = pow(10.0, -8.0 + i / 8.0);

    fprintf(csv, "%.10g", kappa);
    for (size_t c = 0; c < 3; c++) {
      double norms,
          amp = channels_amplification(classes[c], kappa, 0.5, &norms);

      fprintf(csv, ",%.10g,%.10g", amp, norms);
    }
    fputc('\n', csv);
  }
  csv = experiment_csv(x, "mixup_amplification_lam", "lam,k0,k1,k2,k3");
  for (int i = 0; i <= POINTS; i++) {
    fprintf(csv, "%.10g", i / (double)POINTS);
    for (size_t c = 0; c < 4; c++)
      fprintf(csv, ",%.10g",
              channels_amplification(K, kappas[c], i / (double)POINTS, NULL));
    fputc('\n', csv);
  }
}

static void write_calibration(experiment *x)
{
  static const double kappas[] = {1.0, 0.1, 0.01, 0.001};
  FILE *csv =
      experiment_csv(x, "mixup_calibration", "lam,p0,p1,p2,p3,r0,r1,r2,r3");

  for (int i = 0; i <= POINTS; i++) {
    ufm_soft_pair at[4];
    double lam = i / (double)POINTS;

    fprintf(csv, "%.10g", lam);
    for (size_t c = 0; c < 4; c++)
      if (ufm_soft_pair_solve(&at[c], K, kappas[c], 1.0, lam, NULL) == UFM_OK)
        fprintf(csv, ",%.10g", at[c].p[UFM_SOFT_I]);
    for (size_t c = 0; c < 4; c++) /* t - p = kappa z */
      fprintf(csv, ",%.10g", -kappas[c] * at[c].z[UFM_SOFT_I]);
    fputc('\n', csv);
  }
}

void channels_write(experiment *x)
{
  char name[32];

  for (size_t i = 0; i < SHOWN; i++) {
    snprintf(name, sizeof name, "mixup_channels_%zu", i);
    write_channel(x, name, lambdas[i], false);
  }
  write_channel(x, "mixup_channels_mse", lambdas[1], true);
  write_amplification(x);
  write_calibration(x);
}
