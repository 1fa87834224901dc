/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean squared error at any depth and width: the minimum decouples into scalar
   problems, one per singular direction of the target (von Neumann's trace
   inequality; doc/mathematics.md, sections 2 to 5),
     F* = sum_{j <= R} psi(m_j) + sum_{j > R} m_j/(2N),
   and every term increases with m_j, so bounds of the eigenvalues bound F*. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/spectrum.h"

/* psi from below at m, and the evidence; m is lowered to the threshold when it
   is too close above it for a bracket. */
static void direction_below(const ufm__scalar *scalar, mpq_t m, ufm__root *root,
                            iv *value)
{
  mpfr_prec_t bits = mpfr_get_prec(value->lo);
  iv zero;

  root->active = ufm__enclosed_scalar_threshold(scalar, m) > 0;
  if (root->active &&
      !ufm__enclosed_scalar_root(scalar, m, root->lo, root->hi)) {
    ufm__enclosed_scalar_threshold_below(scalar, bits, m);
    root->active = false;
  }
  ufm__iv_init(&zero, bits);
  ufm__enclosed_scalar_zero(scalar, m, &zero);
  if (root->active) {
    ufm__enclosed_scalar_value(scalar, m, root->lo, root->hi, value);
    mpfr_min(value->lo, value->lo, zero.lo, MPFR_RNDD);
  } else {
    ufm__iv_set(value, &zero);
  }
  ufm__iv_clear(&zero);
}

/* psi from above at m: the better of u = 0 and one point near the root. */
static void direction_above(const ufm__scalar *scalar, mpq_srcptr m, iv *value)
{
  mpfr_prec_t bits = mpfr_get_prec(value->lo);
  mpfr_t lo, hi;
  iv at_root;

  ufm__enclosed_scalar_zero(scalar, m, value);
  if (ufm__enclosed_scalar_threshold(scalar, m) <= 0)
    return;
  ufm__iv_init(&at_root, bits);
  mpfr_inits2(bits, lo, hi, (mpfr_ptr)NULL);
  if (ufm__enclosed_scalar_root(scalar, m, lo, hi)) {
    ufm__enclosed_scalar_value(scalar, m, hi, hi, &at_root);
    mpfr_min(value->hi, value->hi, at_root.hi, MPFR_RNDU);
  }
  mpfr_clears(lo, hi, (mpfr_ptr)NULL);
  ufm__iv_clear(&at_root);
}

/* The list of eigenvalue bounds must descend after some were lowered. */
static void sort_down(ufm__spectrum *s)
{
  for (size_t j = 1; j < s->K; j++)
    if (mpq_cmp(s->lower[j], s->lower[j - 1]) > 0)
      mpq_set(s->lower[j], s->lower[j - 1]);
}

/* Lower bound of F* with one root per kept direction. */
static void sum_below(ufm__spectrum *s, const ufm__scalar *scalar,
                      ufm__root *root, iv *sum)
{
  iv value;

  ufm__iv_init(&value, mpfr_get_prec(sum->lo));
  ufm__iv_set_ui(sum, 0);
  for (size_t j = 0; j < s->K; j++) {
    sort_down(s);
    if (j < s->R)
      direction_below(scalar, s->lower[j], &root[j], &value);
    else
      ufm__enclosed_scalar_zero(scalar, s->lower[j], &value);
    ufm__iv_add(sum, sum, &value);
  }
  ufm__iv_clear(&value);
}

static void sum_above(const ufm__spectrum *s, const ufm__scalar *scalar,
                      iv *sum)
{
  iv value;

  ufm__iv_init(&value, mpfr_get_prec(sum->lo));
  ufm__iv_set_ui(sum, 0);
  for (size_t j = 0; j < s->K; j++) {
    if (j < s->R)
      direction_above(scalar, s->upper[j], &value);
    else
      ufm__enclosed_scalar_zero(scalar, s->upper[j], &value);
    ufm__iv_add(sum, sum, &value);
  }
  ufm__iv_clear(&value);
}

static ufm__root *roots_new(size_t n, mpfr_prec_t bits)
{
  ufm__root *root = calloc(n, sizeof *root);

  for (size_t i = 0; root != NULL && i < n; i++)
    mpfr_inits2(bits, root[i].lo, root[i].hi, (mpfr_ptr)NULL);
  return root;
}

static void roots_free(ufm__root *root, size_t n)
{
  for (size_t i = 0; root != NULL && i < n; i++)
    mpfr_clears(root[i].lo, root[i].hi, (mpfr_ptr)NULL);
  free(root);
}

/* Takes over eigenvalue bounds and roots as evidence. */
static bool keep(ufm_certificate *certificate, const ufm__spectrum *s,
                 ufm__root *root)
{
  ufm__proof *proof = certificate->proof;

  proof->eigenvalue = ufm__rationals_new(s->K);
  if (proof->eigenvalue == NULL)
    return false;
  for (size_t j = 0; j < s->K; j++)
    mpq_set(proof->eigenvalue[j], s->lower[j]);
  proof->roots = s->R;
  proof->root = root;
  certificate->kind = UFM_PROOF_SPECTRAL;
  return true;
}

static void describe(ufm_certificate *certificate, const ufm__spectrum *s)
{
  const ufm__model *model = &certificate->proof->model;

  if (s->tied > 0 && model->M > 1)
    ufm__note(certificate,
              "%zu singular directions are exactly at their threshold: zero "
              "and the nonzero root are both optimal for each",
              s->tied);
  if (s->undecided > 0)
    ufm__note(certificate,
              "%zu singular directions are too close to their threshold to "
              "decide",
              s->undecided);
  if (model->bias == UFM_BIAS_RIDGE)
    return;
  certificate->ranked = true;
  certificate->rank_lo = s->active;
  certificate->rank_hi = s->active + s->undecided;
  if (model->M > 1)
    certificate->rank_hi += s->tied;
}

ufm_status ufm__prove_spectral(ufm_certificate *certificate, ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  ufm__scalar scalar = {.M = proof->model.M,
                        .ratio = proof->model.ratio,
                        .product = proof->model.product};
  ufm__root *root = NULL;
  ufm__spectrum s;
  ufm_status status = ufm__spectrum_init(&s, &proof->model, proof->bits, error);
  iv sum;

  if (status != UFM_OK)
    return status;
  ufm__iv_init(&sum, proof->bits);
  root = roots_new(s.R, proof->bits);
  if (root == NULL) {
    status = ufm__no_memory(error, "verify: spectral bound");
    goto done;
  }
  sum_below(&s, &scalar, root, &sum);
  if (mpfr_number_p(sum.lo) && mpfr_greater_p(sum.lo, certificate->lower)) {
    mpfr_set(certificate->lower, sum.lo, MPFR_RNDD);
    describe(certificate, &s);
    if (keep(certificate, &s, root))
      root = NULL;
    else
      status = ufm__no_memory(error, "verify: spectral bound");
  }
done:
  roots_free(root, s.R);
  ufm__iv_clear(&sum);
  ufm__spectrum_clear(&s);
  return status;
}

ufm_status ufm_optimum_enclose(ufm_optimum **out, const ufm_problem *problem,
                               size_t digits, ufm_error *error)
{
  enum { MOST_DIGITS = 100000 };
  mpfr_prec_t bits = (mpfr_prec_t)((double)digits * 3.33) + 64;
  ufm__model model = {0};
  ufm__spectrum s = {0};
  ufm__scalar scalar;
  ufm__root *root = NULL;
  ufm_status status;
  iv sum;

  *out = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  if (ufm_problem_multiplier(problem) != NULL)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "verify: got a fixed classifier, want a free one");
  if (ufm_problem_loss(problem) != UFM_LOSS_MSE ||
      ufm_problem_bias(problem) == UFM_BIAS_RIDGE)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "verify: got %s with bias %s, want mse with bias none or "
                     "free",
                     ufm_loss_name(ufm_problem_loss(problem)),
                     ufm_bias_name(ufm_problem_bias(problem)));
  status = ufm__model_init(&model, problem, error);
  if (status != UFM_OK)
    return status;
  status = ufm__spectrum_init(&s, &model, bits, error);
  if (status != UFM_OK) {
    ufm__model_clear(&model);
    return status;
  }
  ufm__iv_init(&sum, bits);
  root = roots_new(s.R, bits);
  *out = calloc(1, sizeof **out);
  if (root == NULL || *out == NULL) {
    free(*out);
    *out = NULL;
    status = ufm__no_memory(error, "verify: optimum");
  } else {
    scalar = (ufm__scalar){
        .M = model.M, .ratio = model.ratio, .product = model.product};
    mpfr_inits2(bits, (*out)->lower, (*out)->upper, (mpfr_ptr)NULL);
    sum_above(&s, &scalar, &sum);
    mpfr_set((*out)->upper, sum.hi, MPFR_RNDU);
    sum_below(&s, &scalar, root, &sum);
    mpfr_set((*out)->lower, sum.lo, MPFR_RNDD);
    (*out)->active = s.active;
    (*out)->tied = s.tied;
    (*out)->undecided = s.undecided;
  }
  roots_free(root, s.R);
  ufm__iv_clear(&sum);
  ufm__spectrum_clear(&s);
  ufm__model_clear(&model);
  return status;
}

void ufm_optimum_free(ufm_optimum *optimum)
{
  if (optimum == NULL)
    return;
  mpfr_clears(optimum->lower, optimum->upper, (mpfr_ptr)NULL);
  free(optimum);
}
