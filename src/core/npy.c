/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy .npy, format 1.0: magic, header length, a Python dictionary that says
   type, order and shape, then the numbers.
   https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/file.h"
#include "core/npy.h"

static const char magic[8] = "\x93NUMPY\x01\x00";

enum { PREAMBLE = 10, ALIGN = 64, HEADER_MAX = 65535 };

static uint64_t to_little_endian(double x)
{
  uint64_t bits;
  unsigned char bytes[8];

  memcpy(&bits, &x, sizeof bits);
  for (size_t i = 0; i < 8; i++)
    bytes[i] = (unsigned char)(bits >> (8 * i));
  memcpy(&bits, bytes, sizeof bits);
  return bits;
}

static double from_little_endian(const unsigned char bytes[8])
{
  uint64_t bits = 0;
  double x;

  for (size_t i = 8; i-- > 0;)
    bits = bits << 8 | bytes[i];
  memcpy(&x, &bits, sizeof x);
  return x;
}

ufm_status ufm__npy_write(const char *path, const double *data, size_t rows,
                          size_t cols, ufm_error *error)
{
  char header[2 * ALIGN + 1], shape[48];
  size_t n = cols > 0 ? rows * cols : rows;
  ufm__output out;
  ufm_status status;
  int used;

  if (cols > 0)
    snprintf(shape, sizeof shape, "%zu, %zu", rows, cols);
  else
    snprintf(shape, sizeof shape, "%zu,", rows);
  used = snprintf(header, sizeof header,
                  "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }",
                  shape);
  /* Blanks and a newline bring preamble and header to a multiple of ALIGN. */
  for (; (PREAMBLE + used + 1) % ALIGN != 0; used++)
    header[used] = ' ';
  header[used++] = '\n';
  status = ufm__output_open(&out, path, error);
  if (status != UFM_OK)
    return status;
  fwrite(magic, 1, sizeof magic, out.stream);
  fputc(used & 0xff, out.stream);
  fputc(used >> 8, out.stream);
  fwrite(header, 1, (size_t)used, out.stream);
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = to_little_endian(data[i]);

    fwrite(&bits, sizeof bits, 1, out.stream);
  }
  return ufm__output_commit(&out, error);
}

/* What follows 'key': in the header, without leading blanks; NULL if none. */
static const char *header_value(const char *header, const char *key)
{
  const char *at = strstr(header, key);

  if (at == NULL)
    return NULL;
  at += strlen(key);
  at += strspn(at, " ");
  if (*at++ != ':')
    return NULL;
  return at + strspn(at, " ");
}

/* "(12, 7)" or "(12,)"; *cols is 0 for a vector. */
static bool parse_shape(const char *text, size_t *rows, size_t *cols)
{
  char *end;

  *cols = 0;
  if (*text++ != '(' || *text < '0' || *text > '9')
    return false;
  *rows = strtoumax(text, &end, 10);
  if (*end++ != ',')
    return false;
  end += strspn(end, " ");
  if (*end >= '0' && *end <= '9') {
    *cols = strtoumax(end, &end, 10);
    if (*cols == 0)
      return false;
  }
  return *end == ')' && *rows > 0;
}

typedef struct npy_shape {
  size_t rows, cols, offset;
  bool fortran;
} npy_shape;

/* NULL when the header is good, else what is wrong with it. */
static const char *parse_header(char *file, size_t length, npy_shape *out)
{
  const char *value;
  size_t header;

  if (length < PREAMBLE || memcmp(file, magic, 6) != 0)
    return "not a .npy file";
  if (file[6] != 1)
    return "want format 1.0";
  header = (unsigned char)file[8] + 256u * (unsigned char)file[9];
  out->offset = PREAMBLE + header;
  if (header == 0 || header > HEADER_MAX || out->offset > length)
    return "damaged header";
  file[out->offset - 1] = '\0'; /* the newline that ends the header */
  value = header_value(file + PREAMBLE, "'descr'");
  if (value == NULL || strncmp(value, "'<f8'", 5) != 0)
    return "want little-endian float64 ('<f8')";
  value = header_value(file + PREAMBLE, "'fortran_order'");
  if (value == NULL)
    return "damaged header";
  out->fortran = strncmp(value, "True", 4) == 0;
  value = header_value(file + PREAMBLE, "'shape'");
  if (value == NULL || !parse_shape(value, &out->rows, &out->cols))
    return "want a non-empty array of one or two dimensions";
  return NULL;
}

ufm_status ufm__npy_read(const char *path, double **data, size_t *rows,
                         size_t *cols, ufm_error *error)
{
  char *file = NULL;
  const char *wrong;
  size_t length = 0, n, width;
  npy_shape shape = {0};
  ufm_status status = ufm__file_read(path, SIZE_MAX / 4, &file, &length, error);

  *data = NULL;
  if (status != UFM_OK)
    return status;
  wrong = parse_header(file, length, &shape);
  width = shape.cols > 0 ? shape.cols : 1;
  if (wrong == NULL && ((length - shape.offset) / 8 / width != shape.rows ||
                        length - shape.offset != 8 * shape.rows * width))
    wrong = "its size does not match its shape";
  if (wrong != NULL) {
    free(file);
    return ufm__fail(error, UFM_EINVAL, "%.300s: %s", path, wrong);
  }
  n = shape.rows * width;
  *data = malloc(n * sizeof **data);
  if (*data == NULL) {
    free(file);
    return ufm__no_memory(error, path);
  }
  for (size_t i = 0; i < n && status == UFM_OK; i++) {
    size_t at = shape.fortran ? i % width * shape.rows + i / width : i;
    double x =
        from_little_endian((unsigned char *)file + shape.offset + 8 * at);

    if (!isfinite(x))
      status = ufm__fail(error, UFM_ENAN, "%.300s: entry %zu is not finite",
                         path, i);
    (*data)[i] = x;
  }
  free(file);
  if (status != UFM_OK) {
    free(*data);
    *data = NULL;
  }
  *rows = shape.rows;
  *cols = shape.cols;
  return status;
}
