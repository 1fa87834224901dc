/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of problems that were reduced to groups of classes. */
#include <config.h>

#include <stdint.h>
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

/* The grid of the masses resolves small probabilities too: their logarithms
   need relative accuracy.  Weights of many digits already resolve as much. */
static long grid(const ufm__orbit_model *m, mpfr_t *p, mpfr_prec_t bits)
{
  size_t n = ufm__orbit_entries(m), least = SIZE_MAX;
  long extra = 0, all;

  for (size_t c = 0; c < m->C; c++) {
    size_t weight = mpz_sizeinbase(m->weight[c], 2) - 1;

    least = weight < least ? weight : least;
    for (size_t e = 0; e < n && m->loss == UFM_LOSS_CE; e++) {
      mpfr_srcptr x = p[c * n + e];

      if (ufm__orbit_many(m, c, e) > 0 && mpfr_regular_p(x) &&
          -mpfr_get_exp(x) > extra)
        extra = -mpfr_get_exp(x);
    }
  }
  all = (long)bits + (extra < (long)bits ? extra : (long)bits);
  return least < (size_t)all ? all - (long)least : 0;
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
    status = ufm__orbit_dual_round(&proof->dual, ev.p, ev.E, &reason, error);
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

/* Group g's classes are exactly equal at the optimum iff
   sum_c (pi_c^2/nu_c) e_cg(t_l - t_0) <= omega (doc/orbits.md, section 4). */
static bool collapses(const ufm__orbit_model *m, size_t g)
{
  mpq_t eta[2], pull;
  bool yes;

  mpq_inits(eta[0], eta[1], pull, (mpq_ptr)NULL);
  for (size_t c = 0; c < m->C; c++) {
    const ufm_column_orbit *column = &m->column[c];

    if (column->group[0] != g && column->group[1] != g)
      continue;
    for (size_t l = 0; l < column->marks; l++)
      mpq_sub(eta[l], column->target[l], column->background);
    for (size_t l = 0; l < column->marks; l++)
      if (column->group[l] == g)
        ufm__orbit_add_contrast(m, c, l, eta, pull);
  }
  yes = m->classes[g] > 1 && mpq_cmp(pull, m->omega) <= 0;
  mpq_clears(eta[0], eta[1], pull, (mpq_ptr)NULL);
  return yes;
}

/* What S can add at most, G x C: S q = 0 for a free bias, and 1^T Z = 0 for ce
   and for mse with a free bias, where the sum of all outputs is that of the
   targets when the bias alone has it. */
static size_t most_rank(const ufm__orbit_model *m)
{
  bool free = m->bias == UFM_BIAS_FREE;
  size_t rows = m->G - (free || m->loss == UFM_LOSS_CE), columns = m->C - free;

  return rows < columns ? rows : columns;
}

/* Where they are not, their contrasts are not 0: K_g - 1 dimensions of the
   rank. */
static void decide_rank(ufm_certificate *certificate, const ufm_orbits *orbits)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;

  for (size_t g = 0; g < m->G; g++) {
    if (proof->collapsed[g])
      ufm__note(certificate,
                "the %lu classes of %zu samples are exactly equal at every "
                "optimum",
                m->classes[g], orbits->count[g]);
    else
      certificate->rank_lo += m->classes[g] - 1;
  }
  certificate->ranked = true;
  certificate->rank_hi = certificate->rank_lo + most_rank(m);
}

static ufm_status decide_collapse(ufm_certificate *certificate,
                                  const ufm_orbits *orbits, ufm_error *error)
{
  ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;
  size_t *first = calloc(m->G, sizeof *first);

  proof->collapsed = calloc(m->G, sizeof *proof->collapsed);
  certificate->collapsed = calloc(m->K, sizeof *certificate->collapsed);
  if (first == NULL || proof->collapsed == NULL ||
      certificate->collapsed == NULL) {
    free(first);
    return ufm__no_memory(error, "verify: collapsed groups");
  }
  for (size_t g = 0; g < m->G; g++) {
    proof->collapsed[g] = collapses(m, g);
    first[g] = UFM_NO_LABEL;
  }
  decide_rank(certificate, orbits);
  for (size_t k = 0; k < m->K; k++) {
    size_t g = m->of[k];

    if (first[g] == UFM_NO_LABEL)
      first[g] = k;
    certificate->collapsed[k] = proof->collapsed[g] ? first[g] : UFM_NO_LABEL;
  }
  free(first);
  return UFM_OK;
}

static void note_groups(ufm_certificate *certificate)
{
  const ufm__orbit_model *m = &certificate->proof->orbits->model;

  if (m->C == m->G && m->column[m->C - 1].marks == 1)
    ufm__note(certificate,
              "%zu classes in %zu groups of interchangeable ones "
              "(doc/orbits.md)",
              m->K, m->G);
  else
    ufm__note(certificate,
              "%zu classes in %zu groups of interchangeable ones, %zu columns "
              "in %zu orbits (doc/orbits.md)",
              m->K, m->G, certificate->columns, m->C);
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
  certificate->columns = ufm__orbit_columns(&proof->model);
  note_groups(certificate);
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
