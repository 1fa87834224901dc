/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars by name. */
#include <config.h>

#include "core/error.h"
#include "verify/error_bars.h"
#include "verify/orbit_bars.h"

static bool in_range(const ufm__model *model, ufm_quantity quantity, size_t i,
                     size_t j)
{
  switch (quantity) {
  case UFM_QUANTITY_PROBABILITY:
  case UFM_QUANTITY_LOGIT:
    return i < model->K && j < model->J;
  case UFM_QUANTITY_BIAS:
    return model->bias != UFM_BIAS_NONE && i < model->K;
  case UFM_QUANTITY_NORM_W:
    return i < model->K;
  case UFM_QUANTITY_NORM_H:
    return i < model->J;
  case UFM_QUANTITY_GRAM_W:
  case UFM_QUANTITY_COSINE_W:
    return i < model->K && j < model->K;
  case UFM_QUANTITY_GRAM_H:
  case UFM_QUANTITY_COSINE_H:
    return i < model->J && j < model->J;
  }
  return false;
}

static void cosine(const ufm__proof *proof, bool rows, size_t i, size_t j,
                   iv *out)
{
  iv *norm = rows ? proof->norm_w : proof->norm_h;

  if (i == j && mpfr_sgn(norm[i].lo) > 0) {
    ufm__iv_set_ui(out, 1);
    return;
  }
  if (rows)
    ufm__gram_w(proof, i, j, out);
  else
    ufm__gram_h(proof, i, j, out);
  ufm__cosine(out, &norm[i], &norm[j], out);
}

static void enclose(const ufm__proof *proof, ufm_quantity quantity, size_t i,
                    size_t j, iv *out)
{
  size_t at = j * proof->model.K + i;

  switch (quantity) {
  case UFM_QUANTITY_PROBABILITY:
    ufm__iv_set(out, &proof->p[at]);
    break;
  case UFM_QUANTITY_LOGIT:
    ufm__iv_set(out, &proof->z[at]);
    break;
  case UFM_QUANTITY_BIAS:
    ufm__iv_set(out, &proof->bias[i]);
    break;
  case UFM_QUANTITY_NORM_W:
    ufm__iv_sqrt(out, &proof->norm_w[i]);
    break;
  case UFM_QUANTITY_NORM_H:
    ufm__iv_sqrt(out, &proof->norm_h[i]);
    break;
  case UFM_QUANTITY_GRAM_W:
    ufm__gram_w(proof, i, j, out);
    break;
  case UFM_QUANTITY_GRAM_H:
    ufm__gram_h(proof, i, j, out);
    break;
  case UFM_QUANTITY_COSINE_W:
    cosine(proof, true, i, j, out);
    break;
  case UFM_QUANTITY_COSINE_H:
    cosine(proof, false, i, j, out);
    break;
  }
}

ufm_status ufm_certificate_enclose(const ufm_certificate *certificate,
                                   ufm_quantity quantity, size_t i, size_t j,
                                   mpfr_t lo, mpfr_t hi, ufm_error *error)
{
  const ufm__proof *proof = certificate->proof;
  ufm_status status = UFM_OK;
  iv value;

  if (!certificate->bars)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "verify: the certificate has no error bars");
  ufm__iv_init(&value, certificate->bits / 2 + 128);
  if (proof->orbits != NULL)
    status = ufm__orbit_enclose(certificate, quantity, i, j, &value, error);
  else if (in_range(&proof->model, quantity, i, j))
    enclose(proof, quantity, i, j, &value);
  else
    status = ufm__fail(error, UFM_EINVAL,
                       "verify: got indices %zu and %zu, want %zu classes and "
                       "%zu columns%s",
                       i, j, proof->model.K, proof->model.J,
                       quantity == UFM_QUANTITY_BIAS ? ", and a bias" : "");
  if (status == UFM_OK && ufm__iv_bounded(&value)) {
    mpfr_set(lo, value.lo, MPFR_RNDD);
    mpfr_set(hi, value.hi, MPFR_RNDU);
  } else if (status == UFM_OK) {
    status = ufm__fail(error, UFM_EUNSUPPORTED,
                       "verify: no cosine of vectors %zu and %zu: one may be 0",
                       i, j);
  }
  ufm__iv_clear(&value);
  return status;
}
