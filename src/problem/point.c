/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points to and from .npy files. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/layout.h>

#include "core/error.h"
#include "core/npy.h"

/* One factor of a point: its file name and shape.  m = 1..M is W_m, M + 1 is
   H, M + 2 is b. */
typedef struct factor_file {
  char *path;
  size_t offset, rows, cols;
} factor_file;

static ufm_status factor_file_init(factor_file *f, const ufm_layout *layout,
                                   const char *prefix, size_t m,
                                   ufm_error *error)
{
  size_t room = strlen(prefix) + 32;

  *f = (factor_file){.path = malloc(room)};
  if (f->path == NULL)
    return ufm__no_memory(error, "file name");
  if (m <= layout->M) {
    snprintf(f->path, room, "%s.W%zu.npy", prefix, m);
    f->offset = layout->w[m - 1];
    f->rows = layout->width[m];
    f->cols = layout->width[m - 1];
  } else if (m == layout->M + 1) {
    snprintf(f->path, room, "%s.H.npy", prefix);
    f->offset = layout->h;
    f->rows = layout->width[0];
    f->cols = layout->J;
  } else {
    snprintf(f->path, room, "%s.b.npy", prefix);
    f->offset = layout->b;
    f->rows = layout->K;
  }
  return UFM_OK;
}

static size_t factor_files(const ufm_layout *layout)
{
  return layout->M + (layout->b < layout->size ? 2 : 1);
}

/* out (cols x rows) = transpose of in (rows x cols). */
static void transpose(size_t rows, size_t cols, const double *in, double *out)
{
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++)
      out[j * rows + i] = in[i * cols + j];
}

ufm_status ufm_point_save(const ufm_layout *layout, const double *theta,
                          const char *prefix, ufm_error *error)
{
  size_t d = layout->width[0];
  double *features = malloc(d * layout->J * sizeof *features);
  ufm_status status = UFM_OK;

  if (features == NULL)
    return ufm__no_memory(error, "features");
  transpose(layout->J, d, theta + layout->h, features);
  for (size_t m = 1; m <= factor_files(layout) && status == UFM_OK; m++) {
    factor_file f;

    status = factor_file_init(&f, layout, prefix, m, error);
    if (status == UFM_OK)
      status = ufm__npy_write(f.path,
                              m == layout->M + 1 ? features : theta + f.offset,
                              f.rows, f.cols, error);
    free(f.path);
  }
  free(features);
  return status;
}

static ufm_status load_factor(const ufm_layout *layout, double *theta,
                              const factor_file *f, ufm_error *error)
{
  size_t rows = 0, cols = 0;
  double *data = NULL;
  ufm_status status = ufm__npy_read(f->path, &data, &rows, &cols, error);

  if (status != UFM_OK)
    return status;
  if (rows != f->rows || cols != f->cols)
    status = ufm__fail(error, UFM_EDIM,
                       "%.300s: shape: got %zu x %zu, want %zu x %zu", f->path,
                       rows, cols, f->rows, f->cols);
  else if (f->offset == layout->h)
    transpose(rows, cols, data, theta + f->offset);
  else
    memcpy(theta + f->offset, data,
           rows * (cols > 0 ? cols : 1) * sizeof *data);
  free(data);
  return status;
}

ufm_status ufm_point_load(const ufm_layout *layout, double *theta,
                          const char *prefix, ufm_error *error)
{
  ufm_status status = UFM_OK;

  for (size_t m = 1; m <= factor_files(layout) && status == UFM_OK; m++) {
    factor_file f;

    status = factor_file_init(&f, layout, prefix, m, error);
    if (status == UFM_OK)
      status = load_factor(layout, theta, &f, error);
    free(f.path);
  }
  return status;
}
