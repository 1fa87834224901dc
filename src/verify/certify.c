/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a refined point to a certificate: which bounds apply, and the verdict.
 */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/families.h"
#include "verify/family.h"
#include "verify/frame.h"
#include "verify/primal_value.h"
#include "verify/refine.h"

enum { MOST_DIGITS = 100000, GUARD_BITS = 64 };

/* Copies the point; encloses its objective; sets upper and the tolerance
   10^-digits upper, rounded down. */
static ufm_status take_point(ufm_certificate *certificate,
                             const ufm_refinement *refinement, size_t digits,
                             ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  ufm_status status;
  iv value;

  proof->x = ufm__mp_new(proof->model.size, refinement->bits);
  if (proof->x == NULL)
    return ufm__no_memory(error, "verify: point");
  for (size_t i = 0; i < proof->model.size; i++)
    if (mpfr_set(proof->x[i], refinement->theta[i], MPFR_RNDN) != 0)
      return ufm__fail(error, UFM_EINTERNAL,
                       "verify: entry %zu of the point was rounded", i);
  ufm__iv_init(&value, proof->bits);
  status = ufm__primal_value(&proof->model, proof->x, &value, error);
  if (status == UFM_OK)
    ufm__certificate_upper(certificate, &value, digits);
  ufm__iv_clear(&value);
  return status;
}

static void describe(ufm_certificate *certificate,
                     const ufm_refinement *refinement)
{
  const ufm__model *model = &certificate->proof->model;

  certificate->columns = model->J;
  if (model->columns != model->J)
    ufm__note(certificate,
              "%zu columns with equal targets were merged into %zu, their "
              "features averaged",
              model->columns, model->J);
  if (refinement->end != UFM_REFINEMENT_REACHED)
    ufm__note(certificate, "the refinement ended early (%s) with %.1f digits",
              ufm_refinement_end_name(refinement->end), refinement->digits);
}

/* Depth 1.  The point's own residuals make the best dual point at an optimum of
   sufficient width; otherwise the problem without a rank limit is solved, or,
   for mse, its closed spectral form is used at any width. */
static ufm_status lower_depth_1(ufm_certificate *certificate, ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  ufm_status status = ufm__prove_dual(certificate, &proof->model, proof->x,
                                      proof->model.product, error);

  if (status != UFM_OK || ufm__certificate_tight(certificate))
    return status;
  if (proof->model.loss == UFM_LOSS_MSE && proof->model.bias != UFM_BIAS_RIDGE)
    return ufm__prove_spectral(certificate, error);
  {
    /* relative gaps below 2^-40 come from an unfinished refinement, which a
       second solution would not improve */
    mpfr_t gap;
    bool wide;

    mpfr_init2(gap, 64);
    mpfr_sub(gap, certificate->upper, certificate->lower, MPFR_RNDU);
    mpfr_mul_2ui(gap, gap, 40, MPFR_RNDU);
    wide = mpfr_greater_p(gap, certificate->upper);
    mpfr_clear(gap);
    if (wide)
      status = ufm__prove_relaxed(certificate, proof->model.product, error);
  }
  return status;
}

static ufm_status lower_deep(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__model *model = &certificate->proof->model;
  ufm_status status = UFM_OK;
  mpq_t omega;

  if (model->loss == UFM_LOSS_MSE) {
    status = ufm__prove_spectral(certificate, error);
    if (status != UFM_OK || model->bias != UFM_BIAS_RIDGE)
      return status;
  } else {
    status = ufm__prove_envelope(certificate, error);
    if (status != UFM_OK || ufm__certificate_tight(certificate))
      return status;
  }
  mpq_init(omega);
  ufm__dual_omega(certificate, omega);
  status = ufm__prove_relaxed(certificate, omega, error);
  mpq_clear(omega);
  return status;
}

/* Status, gap, and everything that follows from the gap at depth 1. */
static ufm_status conclude(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__model *model = &certificate->proof->model;
  ufm_status status = ufm__certificate_verdict(certificate, error);

  if (status != UFM_OK || certificate->status == UFM_PROOF_REFUSED)
    return status;
  if (model->M > 1 || certificate->kind != UFM_PROOF_DUAL)
    return UFM_OK;
  status = ufm__rank_above(certificate, error);
  if (status == UFM_OK)
    status = ufm__error_bars(certificate, error);
  if (status == UFM_OK && certificate->bars)
    status = ufm__rank_below(certificate, error);
  if (status == UFM_OK)
    status = ufm__collapsed_groups(certificate, error);
  return status;
}

/* Of the problems with named candidates: the enclosures of all of them. */
static ufm_status compare_families(ufm_certificate *certificate,
                                   ufm_error *error)
{
  ufm__proof *proof = certificate->proof;

  if (!ufm__family_covers(&proof->model))
    return UFM_OK;
  return ufm__families_enclose(&certificate->families, &proof->model,
                               proof->bits, error);
}

static ufm_status certify(ufm_certificate *certificate,
                          const ufm_problem *problem,
                          const ufm_refinement *refinement, size_t digits,
                          ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  ufm_status status = ufm__model_init(&proof->model, problem, error);

  if (status != UFM_OK)
    return status;
  if (refinement->size != proof->model.size ||
      refinement->columns != proof->model.J)
    return ufm__fail(error, UFM_EINVAL,
                     "verify: got a point of %zu numbers and %zu columns, want "
                     "%zu and %zu",
                     refinement->size, refinement->columns, proof->model.size,
                     proof->model.J);
  status = take_point(certificate, refinement, digits, error);
  if (status != UFM_OK)
    return status;
  describe(certificate, refinement);
  if (!mpfr_number_p(certificate->upper)) {
    ufm__note(certificate, "the objective of the point is not finite");
    return UFM_OK;
  }
  if (!ufm__dual_attained(&proof->model)) {
    ufm__note(certificate, "a class without target mass and a free bias: the "
                           "infimum is not attained");
    return UFM_OK;
  }
  if (proof->model.fixed)
    status = ufm__prove_frame(certificate, error);
  else if (proof->model.M == 1)
    status = lower_depth_1(certificate, error);
  else
    status = lower_deep(certificate, error);
  if (status == UFM_OK)
    status = conclude(certificate, error);
  return status == UFM_OK ? compare_families(certificate, error) : status;
}

ufm_status ufm_certify(ufm_certificate **out, const ufm_problem *problem,
                       const ufm_refinement *refinement, size_t digits,
                       ufm_error *error)
{
  ufm_status status;

  *out = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  status = ufm__certificate_new(out, refinement->bits + GUARD_BITS, error);
  if (status == UFM_OK)
    status = certify(*out, problem, refinement, digits, error);
  if (status != UFM_OK) {
    ufm_certificate_free(*out);
    *out = NULL;
  }
  return status;
}

ufm_status ufm_verify(ufm_certificate **out, ufm_refinement **refinement,
                      const ufm_problem *problem, const double *theta,
                      size_t digits, ufm_error *error)
{
  ufm_refinement *refined = NULL;
  /* the gap is about the relative gradient times the size of the terms */
  size_t goal = digits + 4;
  ufm_status status;

  *out = NULL;
  if (refinement != NULL)
    *refinement = NULL;
  for (int attempt = 0;; attempt++) {
    status = ufm_refine(&refined, problem, theta, goal, error);
    if (status == UFM_OK)
      status = ufm_certify(out, problem, refined, digits, error);
    if (status != UFM_OK || attempt == 1 ||
        refined->end != UFM_REFINEMENT_REACHED ||
        (*out)->status != UFM_PROOF_BRACKETED || !ufm__certificate_near(*out))
      break;
    ufm_certificate_free(*out);
    ufm_refinement_free(refined);
    *out = NULL;
    refined = NULL;
    goal = digits + 24;
  }
  if (status == UFM_OK && refinement != NULL &&
      (*out)->status != UFM_PROOF_REFUSED) {
    *refinement = refined;
    refined = NULL;
  }
  ufm_refinement_free(refined);
  return status;
}
