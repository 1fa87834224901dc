/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include "verify/evaluate.h"
#include "verify/frame.h"

void ufm__add_frame_penalty(const ufm__model *model, iv *out)
{
  iv term;
  mpq_t x;

  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  mpq_init(x);
  mpq_mul(x, model->multiplier, model->multiplier);
  mpq_mul(x, x, model->lambda[0]);
  mpz_mul_ui(mpq_numref(x), mpq_numref(x), model->K - 1);
  mpq_canonicalize(x);
  mpq_div_2exp(x, x, 1);
  ufm__iv_set_q(&term, x);
  ufm__iv_add(out, out, &term);
  mpq_clear(x);
  ufm__iv_clear(&term);
}

/* factor = m^2 pi_j^2/(2 lambda_H nu_j) */
static void column_factor(const ufm__model *model, size_t j, mpq_t factor)
{
  mpq_mul(factor, model->multiplier, model->pi[j]);
  mpq_mul(factor, factor, factor);
  mpq_div(factor, factor, model->lambda[1]);
  mpq_div(factor, factor, model->nu[j]);
  mpq_div_2exp(factor, factor, 1);
}

/* out -= sum_j factor_j (|E_j|^2 - (1.E_j)^2/K) */
static void subtract_features(const ufm__dual *dual, iv *out)
{
  const ufm__model *model = dual->model;
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  iv entry, sum, squares;
  mpq_t factor;

  ufm__iv_init(&entry, bits);
  ufm__iv_init(&sum, bits);
  ufm__iv_init(&squares, bits);
  mpq_init(factor);
  for (size_t j = 0; j < model->J; j++) {
    ufm__iv_set_ui(&sum, 0);
    ufm__iv_set_ui(&squares, 0);
    for (size_t i = 0; i < model->K; i++) {
      ufm__dual_entry(dual, j, i, &entry);
      ufm__iv_add(&sum, &sum, &entry);
      ufm__iv_sqr(&entry, &entry);
      ufm__iv_add(&squares, &squares, &entry);
    }
    ufm__iv_sqr(&sum, &sum);
    mpfr_div_ui(sum.lo, sum.lo, model->K, MPFR_RNDD);
    mpfr_div_ui(sum.hi, sum.hi, model->K, MPFR_RNDU);
    ufm__iv_sub(&squares, &squares, &sum);
    column_factor(model, j, factor);
    ufm__iv_mul_q(&squares, &squares, factor);
    ufm__iv_sub(out, out, &squares);
  }
  mpq_clear(factor);
  ufm__iv_clear(&entry);
  ufm__iv_clear(&sum);
  ufm__iv_clear(&squares);
}

static void set_bound(ufm_certificate *certificate)
{
  ufm__proof *proof = certificate->proof;
  iv value;

  ufm__iv_init(&value, proof->bits);
  ufm__dual_value(&proof->dual, &value);
  subtract_features(&proof->dual, &value);
  ufm__add_frame_penalty(&proof->model, &value);
  if (mpfr_number_p(value.lo)) {
    mpfr_set(certificate->lower, value.lo, MPFR_RNDD);
    certificate->kind = UFM_PROOF_FRAME;
    proof->has_dual = true;
  }
  ufm__iv_clear(&value);
}

ufm_status ufm__prove_frame(ufm_certificate *certificate, ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  const char *reason = NULL;
  ufm__evaluation ev = {0};
  ufm_status status =
      ufm__evaluation_init(&ev, &proof->model, proof->bits, error);

  if (status != UFM_OK)
    return status;
  ufm__evaluate(&ev, proof->x);
  status =
      ufm__dual_init(&proof->dual, &proof->model,
                     ufm__dual_grid(&proof->model, ev.p, proof->bits), error);
  if (status == UFM_OK)
    ufm__dual_round(&proof->dual, ev.p, ev.E, &reason);
  ufm__evaluation_clear(&ev);
  if (status == UFM_OK && reason != NULL)
    ufm__note(certificate, "no dual point: %s", reason);
  if (status == UFM_OK && reason == NULL)
    set_bound(certificate);
  return status;
}
