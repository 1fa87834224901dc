/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths of the rows of a matrix and the cosines between them. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "geometry/internal.h"
#include "linalg/blas.h"
#include "linalg/sums.h"

/* Writes norm[i] and copies the rows with a direction to `unit`, divided by
   their lengths; returns their number. */
static size_t unit_rows(size_t n, size_t d, const double *rows,
                        double tolerance, double *norm, double *unit)
{
  double longest = 0.0;
  size_t kept = 0;

  for (size_t i = 0; i < n; i++) {
    norm[i] = ufm__norm(d, rows + i * d);
    longest = fmax(longest, norm[i]);
  }
  for (size_t i = 0; i < n; i++)
    if (norm[i] > tolerance * longest) {
      memcpy(unit + kept * d, rows + i * d, d * sizeof *unit);
      ufm__normalise(d, unit + kept * d);
      kept++;
    }
  return kept;
}

/* Cosines of all pairs of n >= 2 unit rows, by panels of the upper triangle of
   their Gram matrix.  `panel` has UFM__PANEL n numbers, `sum` n. */
static ufm_cosines all_pairs(size_t n, size_t d, const double *unit,
                             double *panel, double *sum)
{
  ufm_cosines c = {.min = 1.0, .max = -1.0};

  for (size_t i = 0; i < n; i += UFM__PANEL) {
    size_t rows = n - i < UFM__PANEL ? n - i : UFM__PANEL, columns = n - i;

    ufm__gemm_nt(rows, columns, d, unit + i * d, unit + i * d, 0.0, panel);
    for (size_t r = 0; r < rows; r++) {
      const double *x = panel + r * columns;

      for (size_t k = r + 1; k < columns; k++) {
        c.min = fmin(c.min, x[k]);
        c.max = fmax(c.max, x[k]);
      }
      sum[i + r] = ufm__sum(columns - r - 1, x + r + 1);
    }
  }
  /* Rounding may pass 1 by a few units in the last place. */
  c.min = fmax(c.min, -1.0);
  c.max = fmin(c.max, 1.0);
  c.mean = ufm__sum(n, sum) / (0.5 * (double)n * (double)(n - 1));
  c.mean = fmin(fmax(c.mean, c.min), c.max);
  return c;
}

ufm_status ufm__measure_rows(size_t n, size_t d, const double *rows,
                             double tolerance, double *norm,
                             ufm_cosines *cosines, ufm_error *error)
{
  double *unit = malloc(n * d * sizeof *unit);
  double *panel = malloc(UFM__PANEL * n * sizeof *panel);
  double *sum = malloc(n * sizeof *sum);
  ufm_status status = UFM_OK;
  size_t kept;

  *cosines = (ufm_cosines){(double)NAN, (double)NAN, (double)NAN};
  if (unit == NULL || panel == NULL || sum == NULL) {
    status = ufm__no_memory(error, "cosines");
  } else {
    kept = unit_rows(n, d, rows, tolerance, norm, unit);
    if (kept > 1)
      *cosines = all_pairs(kept, d, unit, panel, sum);
  }
  free(unit);
  free(panel);
  free(sum);
  return status;
}
