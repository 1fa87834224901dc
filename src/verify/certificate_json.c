/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates as JSON (doc/certificate-format.md). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate_json.h"
#include "verify/error_bars.h"
#include "verify/json_number.h"
#include "verify/orbit_proof.h"

/* Cosines are listed for at most this many vectors. */
enum { MOST_VECTORS = 50 };

/* "M" and "s" of a dual point, into `object`. */
static int set_dual(json_t *object, const ufm__dual *dual)
{
  const ufm__model *model = dual->model;
  json_t *mass = json_array();
  int failed = 0;

  for (size_t i = 0; i < model->K; i++)
    for (size_t j = 0; j < model->J; j++)
      failed |= json_array_append_new(
          mass,
          ufm__certificate_json_mass(dual->mass[j * model->K + i], dual->grid));
  failed |= json_object_set_new(object, "M", mass);
  return failed |
         json_object_set_new(
             object, "s", ufm__certificate_json_mass(dual->s, dual->s_shift));
}

static int set_spectral(json_t *root, const ufm__proof *proof)
{
  json_t *spectral = json_object();
  json_t *eigenvalues = json_array(), *directions = json_array();
  int failed = 0;

  for (size_t j = 0; j < proof->model.K; j++)
    failed |= json_array_append_new(
        eigenvalues, ufm__certificate_json_rational(proof->eigenvalue[j]));
  for (size_t j = 0; j < proof->roots; j++) {
    const ufm__root *root_j = &proof->root[j];
    json_t *direction = json_object();

    failed |= json_object_set_new(
        direction, "state", json_string(root_j->active ? "active" : "zero"));
    if (root_j->active) {
      json_t *u = json_array();

      failed |=
          json_array_append_new(u, ufm__certificate_json_dyadic(root_j->lo));
      failed |=
          json_array_append_new(u, ufm__certificate_json_dyadic(root_j->hi));
      failed |= json_object_set_new(direction, "u", u);
    }
    failed |= json_array_append_new(directions, direction);
  }
  failed |= json_object_set_new(spectral, "eigenvalues", eigenvalues);
  failed |= json_object_set_new(spectral, "directions", directions);
  return failed | json_object_set_new(root, "spectral", spectral);
}

static int set_envelope(json_t *root, const ufm__proof *proof)
{
  json_t *lines = json_array(), *pieces = json_array();
  int failed = 0;

  for (size_t i = 0; i < proof->lines; i++) {
    json_t *line = json_object();

    failed |= json_object_set_new(
        line, "mu", ufm__certificate_json_rational(proof->line[i].mu));
    failed |= set_dual(line, &proof->line[i].dual);
    failed |= json_array_append_new(lines, line);
  }
  for (size_t i = 0; i < proof->pieces; i++) {
    json_t *piece = json_object();

    failed |= json_object_set_new(
        piece, "to", ufm__certificate_json_dyadic(proof->piece[i].to));
    failed |= json_object_set_new(
        piece, "line", json_integer((json_int_t)proof->piece[i].line));
    failed |= json_array_append_new(pieces, piece);
  }
  failed |= json_object_set_new(root, "lines", lines);
  return failed | json_object_set_new(root, "pieces", pieces);
}

static int append_cosine(json_t *list, char vector, size_t i, size_t j,
                         const iv *cosine)
{
  json_t *entry = json_object();
  int failed = 0;

  failed |= json_object_set_new(
      entry, "what", json_sprintf("%c%zu.%c%zu", vector, i, vector, j));
  failed |= json_object_set_new(entry, "lower",
                                ufm__certificate_json_dyadic(cosine->lo));
  failed |= json_object_set_new(entry, "upper",
                                ufm__certificate_json_dyadic(cosine->hi));
  return failed | json_array_append_new(list, entry);
}

/* Cosines of all pairs of n rows or features that are surely not 0. */
static int append_cosines(json_t *list, const ufm__proof *proof, bool rows,
                          size_t n)
{
  const iv *norm = rows ? proof->norm_w : proof->norm_h;
  int failed = 0;
  iv cosine;

  ufm__iv_init(&cosine, mpfr_get_prec(proof->E[0].lo));
  for (size_t i = 0; i < n && n <= MOST_VECTORS; i++)
    for (size_t j = i + 1; j < n; j++) {
      if (mpfr_sgn(norm[i].lo) <= 0 || mpfr_sgn(norm[j].lo) <= 0)
        continue;
      if (rows)
        ufm__gram_w(proof, i, j, &cosine);
      else
        ufm__gram_h(proof, i, j, &cosine);
      ufm__cosine(&cosine, &norm[i], &norm[j], &cosine);
      failed |= append_cosine(list, rows ? 'w' : 'h', i, j, &cosine);
    }
  ufm__iv_clear(&cosine);
  return failed;
}

static int set_collapsed(json_t *root, const ufm_certificate *certificate)
{
  size_t K = certificate->proof->model.K;
  json_t *groups = json_array();
  int failed = 0;

  for (size_t k = 0; k < K; k++) {
    json_t *group;

    if (certificate->collapsed[k] != k)
      continue;
    group = json_array();
    for (size_t l = k; l < K; l++)
      if (certificate->collapsed[l] == k)
        failed |= json_array_append_new(group, json_integer((json_int_t)l));
    failed |= json_array_append_new(groups, group);
  }
  if (json_array_size(groups) == 0) {
    json_decref(groups);
    return failed;
  }
  return failed | json_object_set_new(root, "collapsed", groups);
}

/* Claims that follow from the gap of a depth-1 dual certificate. */
static int set_consequences(json_t *root, const ufm_certificate *certificate)
{
  const ufm__proof *proof = certificate->proof;
  int failed = 0;

  if (certificate->kind != UFM_PROOF_DUAL || proof->model.M > 1 ||
      proof->model.width[0] < certificate->rank_hi)
    return 0;
  if (certificate->bars) {
    json_t *cosines = json_array();

    failed |= append_cosines(cosines, proof, true, proof->model.K);
    failed |= append_cosines(cosines, proof, false, proof->model.J);
    failed |= json_object_set_new(root, "cosines", cosines);
  }
  failed |=
      json_object_set_new(root, "rank",
                          json_pack("[I,I]", (json_int_t)certificate->rank_lo,
                                    (json_int_t)certificate->rank_hi));
  if (certificate->collapsed != NULL)
    failed |= set_collapsed(root, certificate);
  return failed;
}

static int set_verdict(json_t *root, const ufm_certificate *certificate)
{
  json_t *claim = json_object(), *notes = json_array();
  int failed = 0;

  failed |= json_object_set_new(
      claim, "lower", ufm__certificate_json_dyadic(certificate->lower));
  failed |= json_object_set_new(
      claim, "upper", ufm__certificate_json_dyadic(certificate->upper));
  failed |= json_object_set_new(root, "claim", claim);
  failed |= json_object_set_new(
      root, "status", json_string(ufm_proof_status_name(certificate->status)));
  if (certificate->status == UFM_PROOF_PROVED)
    failed |= json_object_set_new(
        root, "tolerance",
        ufm__certificate_json_dyadic(certificate->tolerance));
  for (size_t i = 0; i < certificate->notes; i++)
    failed |= json_array_append_new(notes, json_string(certificate->note[i]));
  return failed | json_object_set_new(root, "note", notes);
}

ufm_status ufm_certificate_write(const ufm_certificate *certificate,
                                 const char *path, ufm_error *error)
{
  const ufm__proof *proof = certificate->proof;
  json_t *root;
  int failed = 0;

  if (certificate->status == UFM_PROOF_REFUSED)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "%s: the certificate was refused, there is nothing to "
                     "write",
                     path);
  root = json_object();
  failed |=
      json_object_set_new(root, "format", json_string("ufm-certificate-1"));
  failed |= json_object_set_new(
      root, "kind", json_string(ufm_proof_kind_name(certificate->kind)));
  if (certificate->kind == UFM_PROOF_ORBITS) {
    failed |= ufm__orbit_json(root, certificate);
  } else {
    failed |= json_object_set_new(root, "problem",
                                  ufm__certificate_json_problem(&proof->model));
    failed |= json_object_set_new(
        root, "primal", ufm__certificate_json_primal(&proof->model, proof->x));
  }
  if (certificate->kind == UFM_PROOF_DUAL ||
      certificate->kind == UFM_PROOF_FRAME) {
    json_t *dual = json_object();

    failed |= set_dual(dual, &proof->dual);
    failed |= json_object_set_new(root, "dual", dual);
  } else if (certificate->kind == UFM_PROOF_SPECTRAL) {
    failed |= set_spectral(root, proof);
  } else if (certificate->kind == UFM_PROOF_ENVELOPE) {
    failed |= set_envelope(root, proof);
  }
  failed |= set_verdict(root, certificate);
  failed |= set_consequences(root, certificate);
  if (failed) {
    json_decref(root);
    root = NULL;
  }
  return ufm__certificate_json_write(root, path, error);
}
