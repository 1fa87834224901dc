/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower bounds from exactly feasible dual points. */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/evaluate.h"
#include "verify/refine.h"
#include "verify/seed.h"

void ufm__dual_omega(const ufm_certificate *certificate, mpq_t omega)
{
  const ufm__model *model = &certificate->proof->model;
  size_t L = model->M + 1;
  mpq_t factor;

  mpq_set(omega, model->product);
  if (L == 2)
    return;
  mpq_init(factor);
  mpq_set_ui(factor, L, 2);
  mpq_canonicalize(factor);
  for (size_t i = 0; i < L; i++)
    mpq_mul(omega, omega, factor);
  mpfr_get_q(factor, certificate->upper);
  for (size_t i = 2; i < L; i++)
    mpq_div(omega, omega, factor);
  mpq_clear(factor);
}

long ufm__dual_grid(const ufm__model *model, mpfr_t *p, mpfr_prec_t bits)
{
  long extra = 0;

  for (size_t i = 0; i < model->J * model->K && model->loss == UFM_LOSS_CE; i++)
    if (mpfr_regular_p(p[i]) && -mpfr_get_exp(p[i]) > extra)
      extra = -mpfr_get_exp(p[i]);
  return (long)bits + (extra < (long)bits ? extra : (long)bits);
}

/* Bits of the semidefiniteness test: the diagonal of its matrix may be as
   uneven as the multiplicities, and the slack to detect is 2^-bits of it. */
static mpfr_prec_t test_bits(const ufm__model *model, mpfr_prec_t bits)
{
  double least = HUGE_VAL, sum = 0.0;

  for (size_t j = 0; j < model->J; j++) {
    double nu = mpq_get_d(model->nu[j]);

    least = nu < least ? nu : least;
    sum += nu;
  }
  return bits + (mpfr_prec_t)log2(sum / least * ((double)model->K + 8.0)) + 8;
}

/* Replaces the bound of the certificate when `dual` gives a better one; takes
   the dual point then. */
static void keep_better(ufm_certificate *certificate, ufm__dual *dual,
                        mpq_srcptr omega)
{
  ufm__proof *proof = certificate->proof;
  iv value;

  ufm__iv_init(&value, proof->bits);
  ufm__dual_value(dual, &value);
  if (mpfr_number_p(value.lo) && mpfr_greater_p(value.lo, certificate->lower)) {
    mpfr_set(certificate->lower, value.lo, MPFR_RNDD);
    certificate->kind = UFM_PROOF_DUAL;
    ufm__dual_clear(&proof->dual);
    proof->dual = *dual;
    proof->dual.model = &proof->model;
    proof->has_dual = true;
    mpq_set(proof->omega, omega);
    *dual = (ufm__dual){0};
  }
  ufm__iv_clear(&value);
}

ufm_status ufm__prove_dual(ufm_certificate *certificate, const ufm__model *at,
                           mpfr_t *x, mpq_srcptr omega, ufm_error *error)
{
  mpfr_prec_t bits = certificate->proof->bits;
  const char *reason = NULL;
  ufm__evaluation ev = {0};
  ufm__dual dual = {0};
  ufm__norm norm = {0};
  ufm_status status = ufm__evaluation_init(&ev, at, bits, error);

  if (status != UFM_OK)
    return status;
  ufm__evaluate(&ev, x);
  status = ufm__dual_init(&dual, &certificate->proof->model,
                          ufm__dual_grid(at, ev.p, bits), error);
  if (status == UFM_OK)
    ufm__dual_round(&dual, ev.p, ev.E, &reason);
  ufm__evaluation_clear(&ev);
  if (status == UFM_OK && reason != NULL)
    ufm__note(certificate, "no dual point: %s", reason);
  if (status == UFM_OK && reason == NULL) {
    mpfr_prec_t fine = test_bits(at, bits);

    status = ufm__norm_init(&norm, &dual, fine, error);
    if (status == UFM_OK)
      status = ufm__norm_scale(&norm, &dual, omega, fine, error);
    ufm__norm_clear(&norm);
    if (status == UFM_OK)
      keep_better(certificate, &dual, omega);
  }
  ufm__dual_clear(&dual);
  return status;
}

ufm_status ufm__prove_relaxed(ufm_certificate *certificate, mpq_srcptr omega,
                              ufm_error *error)
{
  enum { ITERATIONS = 2000 };
  const double digits = 24.0; /* far below any gap this is used for */
  ufm__model relaxed = {0};
  ufm_refinement *refined = NULL;
  mpfr_t *x = NULL;
  ufm_status status =
      ufm__model_relax(&relaxed, &certificate->proof->model, omega, error);

  if (status != UFM_OK)
    return status;
  x = ufm__mp_new(relaxed.size, 64);
  if (x == NULL)
    status = ufm__no_memory(error, "verify: relaxation");
  if (status == UFM_OK)
    status = ufm__seed(&relaxed, ITERATIONS, x, error);
  if (status == UFM_OK)
    status = ufm__refine(&refined, &relaxed, x, digits, error);
  if (status == UFM_OK)
    status =
        ufm__prove_dual(certificate, &relaxed, refined->theta, omega, error);
  ufm_refinement_free(refined);
  ufm__mp_free(x, relaxed.size);
  ufm__model_clear(&relaxed);
  return status;
}
