/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates as objects: creation, notes, names, release. */
#include <config.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/families.h"
#include "verify/orbit_proof.h"

ufm_status ufm__certificate_new(ufm_certificate **out, mpfr_prec_t bits,
                                ufm_error *error)
{
  ufm_certificate *c = calloc(1, sizeof *c);

  *out = NULL;
  if (c != NULL)
    c->proof = calloc(1, sizeof *c->proof);
  if (c == NULL || c->proof == NULL) {
    free(c);
    return ufm__no_memory(error, "verify: certificate");
  }
  c->status = UFM_PROOF_REFUSED;
  c->bits = bits;
  mpfr_inits2(bits, c->lower, c->upper, c->gap, c->tolerance, (mpfr_ptr)NULL);
  mpfr_init2(c->cosine_error, 53); /* NaN */
  mpfr_set_inf(c->lower, -1);
  mpfr_set_inf(c->upper, 1);
  mpfr_set_inf(c->gap, 1);
  mpfr_set_zero(c->tolerance, 1);
  c->proof->bits = bits;
  mpq_init(c->proof->omega);
  *out = c;
  return UFM_OK;
}

void ufm__note(ufm_certificate *certificate, const char *format, ...)
{
  char text[256];
  char **list =
      realloc(certificate->note, (certificate->notes + 1) * sizeof *list);
  va_list arguments;

  if (list == NULL)
    return;
  certificate->note = list;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  list[certificate->notes] = strdup(text);
  if (list[certificate->notes] != NULL)
    certificate->notes++;
}

void ufm__certificate_upper(ufm_certificate *certificate, const iv *value,
                            size_t digits)
{
  if (!ufm__iv_bounded(value))
    return;
  mpfr_set(certificate->upper, value->hi, MPFR_RNDU);
  mpfr_set_ui(certificate->tolerance, 10, MPFR_RNDU);
  mpfr_pow_ui(certificate->tolerance, certificate->tolerance, digits,
              MPFR_RNDU);
  mpfr_div(certificate->tolerance, certificate->upper, certificate->tolerance,
           MPFR_RNDD);
}

ufm_status ufm__certificate_verdict(ufm_certificate *certificate,
                                    ufm_error *error)
{
  if (!mpfr_number_p(certificate->upper) ||
      !mpfr_number_p(certificate->lower)) {
    certificate->status = UFM_PROOF_REFUSED;
    return UFM_OK;
  }
  mpfr_sub(certificate->gap, certificate->upper, certificate->lower, MPFR_RNDU);
  if (mpfr_sgn(certificate->gap) < 0)
    return ufm__fail(error, UFM_EINTERNAL,
                     "verify: the lower bound exceeds the upper one");
  certificate->status = ufm__certificate_tight(certificate)
                            ? UFM_PROOF_PROVED
                            : UFM_PROOF_BRACKETED;
  return UFM_OK;
}

bool ufm__certificate_tight(const ufm_certificate *certificate)
{
  mpfr_t gap;
  bool tight;

  mpfr_init2(gap, certificate->bits);
  mpfr_sub(gap, certificate->upper, certificate->lower, MPFR_RNDU);
  tight = mpfr_lessequal_p(gap, certificate->tolerance);
  mpfr_clear(gap);
  return tight;
}

bool ufm__certificate_near(const ufm_certificate *certificate)
{
  mpfr_t reach;
  bool near;

  mpfr_init2(reach, 64);
  mpfr_set_ui(reach, 10, MPFR_RNDN);
  mpfr_pow_ui(reach, reach, 20, MPFR_RNDN);
  mpfr_mul(reach, reach, certificate->tolerance, MPFR_RNDN);
  near = mpfr_less_p(certificate->gap, reach);
  mpfr_clear(reach);
  return near;
}

void ufm__envelope_clear(ufm__proof *proof)
{
  for (size_t i = 0; proof->line != NULL && i < proof->lines; i++) {
    ufm__dual_clear(&proof->line[i].dual);
    mpq_clear(proof->line[i].mu);
  }
  for (size_t i = 0; proof->piece != NULL && i < proof->pieces; i++)
    mpfr_clear(proof->piece[i].to);
  free(proof->line);
  free(proof->piece);
  proof->line = NULL;
  proof->piece = NULL;
  proof->lines = proof->pieces = 0;
}

static void proof_free(ufm__proof *proof)
{
  size_t K = proof->model.K, J = proof->model.J;

  ufm__mp_free(proof->x, proof->model.size);
  ufm__dual_clear(&proof->dual);
  mpq_clear(proof->omega);
  ufm__rationals_free(proof->eigenvalue, K);
  for (size_t i = 0; proof->root != NULL && i < proof->roots; i++)
    mpfr_clears(proof->root[i].lo, proof->root[i].hi, (mpfr_ptr)NULL);
  free(proof->root);
  ufm__envelope_clear(proof);
  ufm__iv_free(proof->E, J * K);
  ufm__iv_free(proof->p, J * K);
  ufm__iv_free(proof->z, J * K);
  ufm__iv_free(proof->weighted, J * K);
  ufm__iv_free(proof->bias, K);
  ufm__iv_free(proof->norm_w, K);
  ufm__iv_free(proof->norm_h, J);
  ufm__model_clear(&proof->model);
  ufm__orbit_proof_free(proof->orbits);
  free(proof);
}

void ufm_certificate_free(ufm_certificate *certificate)
{
  if (certificate == NULL)
    return;
  mpfr_clears(certificate->lower, certificate->upper, certificate->gap,
              certificate->tolerance, certificate->cosine_error,
              (mpfr_ptr)NULL);
  for (size_t i = 0; i < certificate->notes; i++)
    free(certificate->note[i]);
  free(certificate->note);
  free(certificate->collapsed);
  ufm_families_free(certificate->families);
  proof_free(certificate->proof);
  free(certificate);
}

#define UFM_ENUM_NAME(name, text, help)                                        \
  case name:                                                                   \
    return text;

const char *ufm_refinement_end_name(ufm_refinement_end end)
{
  switch (end) {
    UFM_REFINEMENT_END_LIST(UFM_ENUM_NAME)
  }
  return "unknown";
}

const char *ufm_proof_status_name(ufm_proof_status status)
{
  switch (status) {
    UFM_PROOF_STATUS_LIST(UFM_ENUM_NAME)
  }
  return "unknown";
}

const char *ufm_proof_kind_name(ufm_proof_kind kind)
{
  switch (kind) {
    UFM_PROOF_KIND_LIST(UFM_ENUM_NAME)
  }
  return "unknown";
}
