/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Class means, and the variability of the features around them. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/qr.h"
#include "linalg/sums.h"
#include "linalg/svd.h"

/* out_g = sum of weight_i x_i over the rows i of group g (all in group 0 when
   `group` is NULL); the weights of a group sum to 1 up to rounding.  A second
   pass adds the weighted mean of what is left: it removes the error of the sum
   of the weights and all but the last rounding of the first pass. */
static void weighted_means(size_t n, size_t d, const double *x,
                           const double *weight, const size_t *group,
                           size_t groups, double *out, double *first)
{
  memset(first, 0, groups * d * sizeof *first);
  memset(out, 0, groups * d * sizeof *out);
  for (size_t i = 0; i < n; i++)
    ufm__axpy(d, weight[i], x + i * d, first + (group ? group[i] : 0) * d);
  for (size_t i = 0; i < n; i++) {
    size_t g = group ? group[i] : 0;

    for (size_t s = 0; s < d; s++)
      out[g * d + s] += weight[i] * (x[i * d + s] - first[g * d + s]);
  }
  ufm__axpy(groups * d, 1.0, first, out);
}

/* share[k] = weight of the columns of class k over that of all classes,
   group[j] = label of column j and weight[j] = pi_j over the weight of its
   class; both 0 for a column without label (a mixture of classes).  False when
   a class has no column. */
static bool class_weights(const ufm_columns *columns, double *share,
                          double *weight, size_t *group)
{
  double all;

  for (size_t j = 0; j < columns->J; j++)
    if (columns->label[j] != UFM_NO_LABEL) {
      group[j] = columns->label[j];
      weight[j] = columns->rounded[columns->weight[j]];
      share[group[j]] += weight[j];
    }
  for (size_t k = 0; k < columns->K; k++)
    if (!(share[k] > 0.0))
      return false;
  for (size_t j = 0; j < columns->J; j++)
    weight[j] /= share[group[j]];
  all = ufm__sum(columns->K, share);
  ufm__scale(columns->K, 1.0 / all, share);
  return true;
}

/* Rows of `mean` minus their mean with weights `share`. */
static void centre(size_t K, size_t d, const double *mean, const double *share,
                   double *centred, double *work)
{
  double *grand = work, *first = work + d;

  weighted_means(K, d, mean, share, NULL, 1, grand, first);
  for (size_t k = 0; k < K; k++)
    for (size_t s = 0; s < d; s++)
      centred[k * d + s] = mean[k * d + s] - grand[s];
  /* Equal class means leave rounding errors, which have no direction. */
  if (ufm__norm(K * d, centred) <= 32.0 * DBL_EPSILON * ufm__norm(K * d, mean))
    memset(centred, 0, K * d * sizeof *centred);
}

ufm_status ufm__means_init(ufm__means *out, const ufm_problem *problem,
                           const ufm_layout *layout, const double *theta,
                           ufm_error *error)
{
  const ufm_columns *columns = ufm_problem_columns(problem);
  size_t K = layout->K, d = layout->width[0];
  double *share = calloc(K, sizeof *share);
  double *weight = calloc(layout->J, sizeof *weight);
  size_t *group = calloc(layout->J, sizeof *group);
  double *work = calloc(K * d, sizeof *work); /* at least 2 d: K >= 2 */
  ufm_status status = UFM_OK;

  *out = (ufm__means){.mean = calloc(K * d, sizeof *out->mean),
                      .centred = calloc(K * d, sizeof *out->centred)};
  if (share == NULL || weight == NULL || group == NULL || work == NULL ||
      out->mean == NULL || out->centred == NULL) {
    ufm__means_clear(out);
    status = ufm__no_memory(error, "class means");
  } else if (class_weights(columns, share, weight, group)) {
    out->defined = true;
    weighted_means(layout->J, d, theta + layout->h, weight, group, K, out->mean,
                   work);
    centre(K, d, out->mean, share, out->centred, work);
  }
  free(share);
  free(weight);
  free(group);
  free(work);
  return status;
}

void ufm__means_clear(ufm__means *means)
{
  free(means->mean);
  free(means->centred);
  *means = (ufm__means){0};
}

/* sum_j pi_j sum_i ((h_j - mean of its class) . v_i / s_i)^2 over the leading
   `rank` right singular vectors v_i (rows of Vt) of the centred means.
   `work` has UFM__PANEL (d + rank) numbers, `terms` J. */
static double projected_variability(const ufm_columns *columns, size_t d,
                                    const double *features, const double *mean,
                                    size_t rank, const double *s,
                                    const double *Vt, double *work,
                                    double *terms)
{
  double *deviation = work, *component = work + UFM__PANEL * d;

  for (size_t j = 0; j < columns->J; j += UFM__PANEL) {
    size_t rows = columns->J - j < UFM__PANEL ? columns->J - j : UFM__PANEL;

    for (size_t r = 0; r < rows; r++) {
      size_t k = columns->label[j + r];

      for (size_t i = 0; i < d; i++)
        deviation[r * d + i] =
            k == UFM_NO_LABEL ? 0.0
                              : features[(j + r) * d + i] - mean[k * d + i];
    }
    ufm__gemm_nt(rows, rank, d, deviation, Vt, 0.0, component);
    for (size_t r = 0; r < rows; r++) {
      double *y = component + r * rank;

      for (size_t i = 0; i < rank; i++)
        y[i] /= s[i];
      terms[j + r] =
          columns->rounded[columns->weight[j + r]] * ufm__dot(rank, y, y);
    }
  }
  return ufm__sum(columns->J, terms);
}

/* NC1 (doc/mathematics.md, section 8): tr(Sigma_W Sigma_B^+)/K with C the
   centred means, Sigma_B = C C^T/K and C = V diag(s) U^T is sum_j pi_j sum_i
   (v_i . (h_j - mean))^2/s_i^2: nothing is squared before it is divided, and
   nothing cancels.  The sum stops at the rank of Sigma_B, known from theory to
   be min(K - 1, rank Z); singular values beyond it are rounding errors, whose
   inverses would be garbage.  Directions under the tolerance in C itself are
   left out too: C may have less rank than Z when classes share one feature. */
ufm_status ufm__measure_nc1(double *out, const ufm_problem *problem,
                            const ufm_layout *layout, const double *theta,
                            const ufm__means *means, size_t rank,
                            double tolerance, ufm_error *error)
{
  const ufm_columns *columns = ufm_problem_columns(problem);
  size_t K = layout->K, d = layout->width[0], r = K < d ? K : d, active = 0;
  double *C = malloc(r * d * sizeof *C), *s = malloc(r * sizeof *s);
  double *U = malloc(r * r * sizeof *U), *Vt = malloc(r * d * sizeof *Vt);
  double *terms = malloc(layout->J * sizeof *terms);
  double *work = malloc(UFM__PANEL * (d + r) * sizeof *work);
  ufm_status status;

  *out = (double)NAN;
  if (C == NULL || s == NULL || U == NULL || Vt == NULL || terms == NULL ||
      work == NULL) {
    status = ufm__no_memory(error, "within-class variability");
  } else {
    status = ufm__gram_root(K, d, means->centred, 0, NULL, C, error);
    if (status == UFM_OK) /* s and V are those of all rows */
      status = ufm__svd(r, d, C, s, U, Vt, error);
  }
  if (status == UFM_OK) {
    while (active < r && active < rank && active < K - 1 &&
           s[active] > tolerance * s[0])
      active++;
    if (active > 0)
      *out = projected_variability(columns, d, theta + layout->h, means->mean,
                                   active, s, Vt, work, terms);
  }
  free(C);
  free(s);
  free(U);
  free(Vt);
  free(terms);
  free(work);
  return status;
}
