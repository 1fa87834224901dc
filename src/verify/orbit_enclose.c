/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars of proofs by groups, by the numbers of classes and columns. */
#include <config.h>

#include "core/error.h"
#include "verify/error_bars.h"
#include "verify/orbit_bars.h"

/* Column j of the problem; false when there is none. */
static bool find(const ufm__orbit_model *m, size_t j, ufm__orbit_member *out)
{
  return ufm_orbits_column(m->orbits, j, &out->orbit, out->mark);
}

static bool in_range(const ufm__orbit_model *m, ufm_quantity quantity, size_t i,
                     size_t j)
{
  ufm__orbit_member column;

  switch (quantity) {
  case UFM_QUANTITY_PROBABILITY:
  case UFM_QUANTITY_LOGIT:
    return i < m->K && find(m, j, &column);
  case UFM_QUANTITY_BIAS:
    return i < m->K && m->bias != UFM_BIAS_NONE;
  case UFM_QUANTITY_NORM_W:
    return i < m->K;
  case UFM_QUANTITY_NORM_H:
    return find(m, i, &column);
  case UFM_QUANTITY_GRAM_W:
  case UFM_QUANTITY_COSINE_W:
    return i < m->K && j < m->K;
  case UFM_QUANTITY_GRAM_H:
  case UFM_QUANTITY_COSINE_H:
    return find(m, i, &column) && find(m, j, &column);
  }
  return false;
}

/* The entry of class i in column j, of C (G + 2). */
static size_t entry(const ufm__orbit_model *m, size_t i, size_t j)
{
  ufm__orbit_member column;
  size_t e = m->of[i];

  if (!find(m, j, &column))
    return 0;
  for (size_t l = 0; l < m->column[column.orbit].marks; l++)
    if (column.mark[l] == i)
      e = m->G + l;
  return column.orbit * ufm__orbit_entries(m) + e;
}

static void rows(const ufm__orbit_proof *proof, bool cosine, size_t i, size_t j,
                 iv *out)
{
  size_t f = proof->model.of[i], g = proof->model.of[j];

  if (cosine && i == j && mpfr_sgn(proof->norm_w[f].lo) > 0) {
    ufm__iv_set_ui(out, 1);
    return;
  }
  ufm__orbit_gram_w(proof, f, g, i == j, out);
  if (cosine)
    ufm__cosine(out, &proof->norm_w[f], &proof->norm_w[g], out);
}

static void features(const ufm__orbit_proof *proof, bool cosine, size_t i,
                     size_t j, iv *out)
{
  ufm__orbit_member a, b;

  if (!find(&proof->model, i, &a) || !find(&proof->model, j, &b))
    return;
  if (cosine && i == j && mpfr_sgn(proof->norm_h[a.orbit].lo) > 0) {
    ufm__iv_set_ui(out, 1);
    return;
  }
  ufm__orbit_gram_h(proof, &a, &b, out);
  if (cosine)
    ufm__cosine(out, &proof->norm_h[a.orbit], &proof->norm_h[b.orbit], out);
}

static void enclose(const ufm__orbit_proof *proof, ufm_quantity quantity,
                    size_t i, size_t j, iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  ufm__orbit_member column = {0};

  switch (quantity) {
  case UFM_QUANTITY_PROBABILITY:
    ufm__iv_set(out, &proof->p[entry(m, i, j)]);
    break;
  case UFM_QUANTITY_LOGIT:
    ufm__iv_set(out, &proof->z[entry(m, i, j)]);
    break;
  case UFM_QUANTITY_BIAS:
    ufm__iv_set(out, &proof->bias[m->of[i]]);
    break;
  case UFM_QUANTITY_NORM_W:
    ufm__iv_sqrt(out, &proof->norm_w[m->of[i]]);
    break;
  case UFM_QUANTITY_NORM_H:
    if (find(m, i, &column))
      ufm__iv_sqrt(out, &proof->norm_h[column.orbit]);
    break;
  case UFM_QUANTITY_GRAM_W:
  case UFM_QUANTITY_COSINE_W:
    rows(proof, quantity == UFM_QUANTITY_COSINE_W, i, j, out);
    break;
  case UFM_QUANTITY_GRAM_H:
  case UFM_QUANTITY_COSINE_H:
    features(proof, quantity == UFM_QUANTITY_COSINE_H, i, j, out);
    break;
  }
}

ufm_status ufm__orbit_enclose(const ufm_certificate *certificate,
                              ufm_quantity quantity, size_t i, size_t j,
                              iv *out, ufm_error *error)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;

  if (!in_range(m, quantity, i, j))
    return ufm__fail(error, UFM_EINVAL,
                     "verify: got indices %zu and %zu, want %zu classes and "
                     "%zu columns%s",
                     i, j, m->K, certificate->columns,
                     quantity == UFM_QUANTITY_BIAS ? ", and a bias" : "");
  enclose(proof, quantity, i, j, out);
  return UFM_OK;
}
