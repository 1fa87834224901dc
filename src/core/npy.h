/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy .npy files (format 1.0) of float64 vectors and matrices. */
#ifndef UFM_CORE_NPY_H
#define UFM_CORE_NPY_H

#include <stddef.h>

#include <ufm/status.h>

/* Writes a C-order, little-endian float64 array: a vector of `rows` numbers
   when cols is 0, else rows x cols.  The file appears whole or not at all. */
UFM_MUST_CHECK ufm_status ufm__npy_write(const char *path, const double *data,
                                         size_t rows, size_t cols,
                                         ufm_error *error);

/* Reads a float64 array ('<f8', one or two dimensions, either order).
   *data is row-major and the caller's to free; *cols is 0 for a vector.
   Refuses other types, damaged headers, short files and numbers that are not
   finite. */
UFM_MUST_CHECK ufm_status ufm__npy_read(const char *path, double **data,
                                        size_t *rows, size_t *cols,
                                        ufm_error *error);

#endif
