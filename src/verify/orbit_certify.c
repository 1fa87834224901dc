/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of problems that were reduced to groups of classes. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/orbit_bars.h"
#include "verify/orbit_evaluate.h"
#include "verify/orbit_proof.h"
#include "verify/orbit_refine.h"
#include "verify/orbit_value.h"

enum { MOST_DIGITS = 100000, GUARD_BITS = 64 };

void ufm__orbit_proof_free(ufm__orbit_proof *proof)
{
  if (proof == NULL)
    return;
  ufm__orbit_bars_clear(proof);
  ufm__mp_free(proof->x, proof->model.size);
  ufm__orbit_dual_clear(&proof->dual);
  ufm__orbit_model_clear(&proof->model);
  free(proof->collapsed);
  free(proof->of);
  free(proof);
}

/* Copies the point and encloses its objective. */
static ufm_status take_point(ufm_certificate *certificate,
                             const ufm_refinement *refinement, size_t digits,
                             ufm_error *error)
{
  ufm__orbit_proof *proof = certificate->proof->orbits;
  ufm_status status;
  iv value;

  proof->x = ufm__mp_new(proof->model.size, refinement->bits);
  if (proof->x == NULL)
    return ufm__no_memory(error, "verify: point");
  for (size_t i = 0; i < proof->model.size; i++)
    if (mpfr_set(proof->x[i], refinement->theta[i], MPFR_RNDN) != 0)
      return ufm__fail(error, UFM_EINTERNAL,
                       "verify: entry %zu of the point was rounded", i);
  ufm__iv_init(&value, certificate->proof->bits);
  status = ufm__orbit_value(&proof->model, proof->x, &value, error);
  if (status == UFM_OK)
    ufm__certificate_upper(certificate, &value, digits);
  ufm__iv_clear(&value);
  return status;
}

/* The grid resolves small probabilities too: their logarithms need relative
   accuracy. */
static long grid(const ufm__orbit_model *model, mpfr_t *p, mpfr_prec_t bits)
{
  long extra = 0;

  for (size_t g = 0; g < model->G && model->loss == UFM_LOSS_CE; g++)
    for (size_t f = 0; f <= model->G; f++) {
      mpfr_srcptr x = p[g * (model->G + 1) + f];

      if (ufm__orbit_many(model, g, f) > 0 && mpfr_regular_p(x) &&
          -mpfr_get_exp(x) > extra)
        extra = -mpfr_get_exp(x);
    }
  return (long)bits + (extra < (long)bits ? extra : (long)bits);
}

static ufm_status prove_lower(ufm_certificate *certificate, ufm_error *error)
{
  ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *model = &proof->model;
  mpfr_prec_t bits = certificate->proof->bits;
  const char *reason = NULL;
  ufm__orbit_evaluation ev = {0};
  ufm_status status = ufm__orbit_evaluation_init(&ev, model, bits, error);
  iv value;

  if (status != UFM_OK)
    return status;
  ufm__orbit_evaluate(&ev, proof->x);
  status =
      ufm__orbit_dual_init(&proof->dual, model, grid(model, ev.p, bits), error);
  if (status == UFM_OK)
    ufm__orbit_dual_round(&proof->dual, ev.p, ev.E, &reason);
  ufm__orbit_evaluation_clear(&ev);
  if (status == UFM_OK && reason != NULL)
    ufm__note(certificate, "no dual point: %s", reason);
  if (status != UFM_OK || reason != NULL)
    return status;
  status = ufm__orbit_dual_scale(&proof->dual, bits, error);
  if (status != UFM_OK)
    return status;
  ufm__iv_init(&value, bits);
  ufm__orbit_dual_value(&proof->dual, &value);
  if (mpfr_number_p(value.lo)) {
    mpfr_set(certificate->lower, value.lo, MPFR_RNDD);
    certificate->kind = UFM_PROOF_ORBITS;
  }
  ufm__iv_clear(&value);
  return UFM_OK;
}

/* A group's classes are exactly equal at the optimum iff
   (1 - eps)^2 pi_g^2/nu_g <= omega (verify/collapse.c), else their contrasts
   are not 0: K_g - 1 dimensions of the rank, to which the rest adds at most r.
 */
static ufm_status decide_collapse(ufm_certificate *certificate,
                                  const ufm_orbits *orbits, ufm_error *error)
{
  ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;
  size_t *first = calloc(m->G, sizeof *first);
  mpq_t pull, on;

  proof->collapsed = calloc(m->G, sizeof *proof->collapsed);
  certificate->collapsed = calloc(m->K, sizeof *certificate->collapsed);
  proof->of = calloc(m->K, sizeof *proof->of);
  if (first == NULL || proof->collapsed == NULL || proof->of == NULL ||
      certificate->collapsed == NULL) {
    free(first);
    return ufm__no_memory(error, "verify: collapsed groups");
  }
  mpq_inits(pull, on, (mpq_ptr)NULL);
  mpq_sub(on, m->on, m->off);
  for (size_t g = 0; g < m->G; g++) {
    mpq_mul(pull, on, m->pi[g]);
    mpq_mul(pull, pull, pull);
    mpq_div(pull, pull, m->nu[g]);
    proof->collapsed[g] = m->classes[g] > 1 && mpq_cmp(pull, m->omega) <= 0;
    if (proof->collapsed[g])
      ufm__note(certificate,
                "the %lu classes of %lu samples are exactly equal at every "
                "optimum",
                m->classes[g], m->weight[g]);
    else
      certificate->rank_lo += m->classes[g] - 1;
    first[g] = UFM_NO_LABEL;
  }
  mpq_clears(pull, on, (mpq_ptr)NULL);
  certificate->ranked = true;
  certificate->rank_hi = certificate->rank_lo + m->r;
  for (size_t k = 0; k < m->K; k++) {
    size_t g = proof->of[k] = orbits->of[k];

    if (first[g] == UFM_NO_LABEL)
      first[g] = k;
    certificate->collapsed[k] = proof->collapsed[g] ? first[g] : UFM_NO_LABEL;
  }
  free(first);
  return UFM_OK;
}

static ufm_status certify(ufm_certificate *certificate,
                          const ufm_problem *problem, const ufm_orbits *orbits,
                          const ufm_refinement *refinement, size_t digits,
                          ufm_error *error)
{
  ufm__orbit_proof *proof = calloc(1, sizeof *proof);
  ufm_status status;

  certificate->proof->orbits = proof;
  if (proof == NULL)
    return ufm__no_memory(error, "verify: certificate");
  status = ufm__orbit_model_init(&proof->model, problem, orbits, error);
  if (status == UFM_OK)
    status = take_point(certificate, refinement, digits, error);
  if (status != UFM_OK)
    return status;
  certificate->columns = proof->model.K;
  ufm__note(certificate,
            "%zu classes in %zu groups of interchangeable ones (doc/orbits.md)",
            proof->model.K, proof->model.G);
  if (refinement->end != UFM_REFINEMENT_REACHED)
    ufm__note(certificate, "the refinement ended early (%s) with %.1f digits",
              ufm_refinement_end_name(refinement->end), refinement->digits);
  if (mpfr_number_p(certificate->upper))
    status = prove_lower(certificate, error);
  else
    ufm__note(certificate, "the objective of the point is not finite");
  if (status == UFM_OK)
    status = ufm__certificate_verdict(certificate, error);
  if (status != UFM_OK || certificate->status == UFM_PROOF_REFUSED)
    return status;
  status = decide_collapse(certificate, orbits, error);
  if (status == UFM_OK)
    status = ufm__orbit_bars(certificate, error);
  return status == UFM_OK ? ufm__orbit_rank(certificate, error) : status;
}

/* One refinement and its certificate; both NULL on failure. */
static ufm_status attempt(ufm_certificate **out, ufm_refinement **refined,
                          const ufm_problem *problem, const ufm_orbits *orbits,
                          double goal, size_t digits, ufm_error *error)
{
  ufm__orbit_model model = {0};
  ufm_status status = ufm__orbit_model_init(&model, problem, orbits, error);

  *out = NULL;
  *refined = NULL;
  if (status == UFM_OK)
    status = ufm__orbit_refine(refined, &model, orbits->x, goal, error);
  if (status == UFM_OK)
    status = ufm__certificate_new(out, (*refined)->bits + GUARD_BITS, error);
  if (status == UFM_OK)
    status = certify(*out, problem, orbits, *refined, digits, error);
  ufm__orbit_model_clear(&model);
  if (status != UFM_OK) {
    ufm_certificate_free(*out);
    ufm_refinement_free(*refined);
    *out = NULL;
    *refined = NULL;
  }
  return status;
}

ufm_status ufm_verify_orbits(ufm_certificate **out, ufm_refinement **refinement,
                             const ufm_problem *problem,
                             const ufm_orbits *orbits, size_t digits,
                             ufm_error *error)
{
  ufm_refinement *refined = NULL;
  ufm_status status;

  *out = NULL;
  if (refinement != NULL)
    *refinement = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  status = attempt(out, &refined, problem, orbits, (double)digits + 4.0, digits,
                   error);
  if (status == UFM_OK && refined->end == UFM_REFINEMENT_REACHED &&
      (*out)->status == UFM_PROOF_BRACKETED && ufm__certificate_near(*out)) {
    ufm_certificate_free(*out);
    ufm_refinement_free(refined);
    status = attempt(out, &refined, problem, orbits, (double)digits + 24.0,
                     digits, error);
  }
  if (status == UFM_OK && refinement != NULL &&
      (*out)->status != UFM_PROOF_REFUSED) {
    *refinement = refined;
    refined = NULL;
  }
  ufm_refinement_free(refined);
  return status;
}
