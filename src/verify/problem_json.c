/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Problem and point of a certificate as JSON, and writing the file. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "verify/certificate_json.h"
#include "verify/json_number.h"

static json_t *target(const ufm__model *model, size_t j)
{
  json_t *list;

  if (model->label[j] != UFM_NO_LABEL)
    return json_sprintf("class:%zu", model->label[j]);
  list = json_array();
  for (size_t i = 0; i < model->K; i++)
    if (json_array_append_new(list, ufm__certificate_json_rational(
                                        model->target[j * model->K + i])) !=
        0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *columns(const ufm__model *model)
{
  json_t *list = json_array();

  for (size_t j = 0; j < model->J; j++) {
    json_t *column = json_object();

    if (json_object_set_new(column, "target", target(model, j)) != 0 ||
        json_object_set_new(column, "weight",
                            ufm__certificate_json_integer(model->weight[j])) !=
            0 ||
        json_object_set_new(column, "multiplicity",
                            ufm__certificate_json_rational(model->nu[j])) !=
            0) {
      json_decref(column);
      column = NULL;
    }
    if (json_array_append_new(list, column) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static int set_frame(json_t *object, const ufm__model *model)
{
  json_t *frame = json_object();
  int failed = 0;

  failed |= json_object_set_new(frame, "frame", json_string("etf"));
  failed |= json_object_set_new(
      frame, "multiplier", ufm__certificate_json_rational(model->multiplier));
  return failed | json_object_set_new(object, "fixed_W", frame);
}

/* d and lambda_W for depth 1; depth, widths and the list of lambdas beyond. */
static int set_depth(json_t *object, const ufm__model *model)
{
  json_t *widths, *lambdas;
  int failed;

  if (model->M == 1) {
    failed = json_object_set_new(object, "d",
                                 json_integer((json_int_t)model->width[0]));
    if (model->fixed)
      failed |= set_frame(object, model);
    return failed | json_object_set_new(
                        object, "lambda_W",
                        mpq_sgn(model->lambda[0]) > 0
                            ? ufm__certificate_json_rational(model->lambda[0])
                            : json_null());
  }
  widths = json_array();
  lambdas = json_array();
  failed =
      json_object_set_new(object, "depth", json_integer((json_int_t)model->M));
  for (size_t m = 0; m < model->M; m++) {
    failed |= json_array_append_new(widths,
                                    json_integer((json_int_t)model->width[m]));
    failed |= json_array_append_new(
        lambdas, ufm__certificate_json_rational(model->lambda[m]));
  }
  failed |= json_object_set_new(object, "widths", widths);
  return failed | json_object_set_new(object, "lambda_W", lambdas);
}

json_t *ufm__certificate_json_problem(const ufm__model *model)
{
  json_t *object = json_object();
  int failed = 0;

  failed |= json_object_set_new(object, "loss",
                                json_string(ufm_loss_name(model->loss)));
  failed |= json_object_set_new(object, "bias",
                                json_string(ufm_bias_name(model->bias)));
  failed |=
      json_object_set_new(object, "K", json_integer((json_int_t)model->K));
  failed |= set_depth(object, model);
  failed |= json_object_set_new(
      object, "lambda_H",
      ufm__certificate_json_rational(model->lambda[model->M]));
  failed |=
      json_object_set_new(object, "lambda_b",
                          model->bias == UFM_BIAS_RIDGE
                              ? ufm__certificate_json_rational(model->lambda_b)
                              : json_null());
  failed |= json_object_set_new(object, "columns", columns(model));
  if (failed) {
    json_decref(object);
    return NULL;
  }
  return object;
}

/* n numbers of x, or NULL */
static json_t *numbers(mpfr_t *x, size_t n, size_t stride)
{
  json_t *list = json_array();

  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(
            list, ufm__certificate_json_dyadic(x[i * stride])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* H as a d_1 x J matrix by rows: row i is entry i of every feature. */
static json_t *features(const ufm__model *model, mpfr_t *x)
{
  json_t *list = json_array();
  size_t d = model->width[0];

  for (size_t i = 0; i < d; i++) {
    json_t *row = numbers(x + model->h + i, model->J, d);
    int failed = json_array_extend(list, row);

    json_decref(row);
    if (failed) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

json_t *ufm__certificate_json_primal(const ufm__model *model, mpfr_t *x)
{
  json_t *object = json_object(), *weights;
  int failed = 0;

  if (model->fixed) {
    weights = json_null();
  } else if (model->M == 1) {
    weights = numbers(x + model->w[0], model->K * model->width[0], 1);
  } else {
    weights = json_array();
    for (size_t m = 1; m <= model->M; m++)
      failed |= json_array_append_new(
          weights, numbers(ufm__layer(model, x, m),
                           model->width[m] * model->width[m - 1], 1));
  }
  failed |= json_object_set_new(object, "W", weights);
  failed |= json_object_set_new(object, "H", features(model, x));
  failed |= json_object_set_new(object, "b",
                                model->bias == UFM_BIAS_NONE
                                    ? json_null()
                                    : numbers(x + model->b, model->K, 1));
  if (failed) {
    json_decref(object);
    return NULL;
  }
  return object;
}

ufm_status ufm__certificate_json_write(json_t *root, const char *path,
                                       ufm_error *error)
{
  size_t size = strlen(path) + 32;
  char *temporary = malloc(size);
  ufm_status status = UFM_OK;
  FILE *file = NULL;
  int descriptor;

  if (root == NULL || temporary == NULL) {
    json_decref(root);
    free(temporary);
    return ufm__no_memory(error, "certificate");
  }
  snprintf(temporary, size, "%s.tmp%ld", path, (long)getpid());
  descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (descriptor >= 0)
    file = fdopen(descriptor, "w");
  if (file == NULL) {
    status = ufm__fail(error, UFM_EIO, "%s: %s", path, strerror(errno));
    if (descriptor >= 0)
      close(descriptor);
  } else {
    bool good = json_dumpf(root, file, JSON_INDENT(1)) == 0 &&
                fputc('\n', file) != EOF && fflush(file) == 0 &&
                fsync(descriptor) == 0;

    good = fclose(file) == 0 && good;
    if (!good || rename(temporary, path) != 0)
      status = ufm__fail(error, UFM_EIO, "%s: %s", path, strerror(errno));
  }
  if (status != UFM_OK && descriptor >= 0)
    unlink(temporary);
  json_decref(root);
  free(temporary);
  return status;
}
