/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error bars of the optimum from the duality gap (doc/certificates.md, section
   4).  With eps = upper - lower and E the feasible dual point, strong concavity
   of the dual at its maximiser E* gives

     ce   sum_j pi_j KL(p_j || p*_j) <= eps
          |p_ij - p*_ij| <= sqrt(eps/(2 pi_j))

     mse  sum_j pi_j |E_j - E*_j|^2/2 <= eps
          |E_ij - E*_ij| <= sqrt(2 eps/pi_j)

   and the recovery formulas turn E* into logits and Gram matrices. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/error_bars.h"

/* delta_j, rounded up. */
static void column_radius(const ufm_certificate *certificate, size_t j,
                          mpfr_t out)
{
  const ufm__model *model = &certificate->proof->model;
  mpq_t factor;

  mpq_init(factor);
  mpq_inv(factor, model->pi[j]);
  if (model->loss == UFM_LOSS_CE)
    mpq_div_2exp(factor, factor, 1);
  else
    mpq_mul_2exp(factor, factor, 1);
  mpfr_mul_q(out, certificate->gap, factor, MPFR_RNDU);
  mpfr_sqrt(out, out, MPFR_RNDU);
  mpq_clear(factor);
}

/* E and p (ce) of column j; false when a probability may be 0. */
static bool column_bars(const ufm_certificate *certificate, size_t j)
{
  const ufm__proof *proof = certificate->proof;
  const ufm__model *model = &proof->model;
  bool good = true;
  mpfr_t delta;

  mpfr_init2(delta, mpfr_get_prec(proof->E[0].lo));
  column_radius(certificate, j, delta);
  for (size_t i = 0; i < model->K; i++) {
    size_t at = j * model->K + i;

    ufm__dual_entry(&proof->dual, j, i, &proof->E[at]);
    mpfr_sub(proof->E[at].lo, proof->E[at].lo, delta, MPFR_RNDD);
    mpfr_add(proof->E[at].hi, proof->E[at].hi, delta, MPFR_RNDU);
    ufm__iv_set_q(&proof->p[at], model->target[at]);
    ufm__iv_sub(&proof->p[at], &proof->p[at], &proof->E[at]);
    good =
        good && (model->loss == UFM_LOSS_MSE || mpfr_sgn(proof->p[at].lo) > 0);
  }
  mpfr_clear(delta);
  return good;
}

/* z_j up to the bias: log p_j minus its mean (ce), t_j - E_j = p_j (mse). */
static void column_logits(const ufm__proof *proof, size_t j)
{
  const ufm__model *model = &proof->model;
  size_t K = model->K;
  iv *z = proof->z + j * K, mean;

  for (size_t i = 0; i < K; i++)
    if (model->loss == UFM_LOSS_CE)
      ufm__iv_log(&z[i], &proof->p[j * K + i]);
    else
      ufm__iv_set(&z[i], &proof->p[j * K + i]);
  if (model->loss == UFM_LOSS_MSE)
    return;
  ufm__iv_init(&mean, mpfr_get_prec(z[0].lo));
  for (size_t i = 0; i < K; i++)
    ufm__iv_add(&mean, &mean, &z[i]);
  mpfr_div_ui(mean.lo, mean.lo, K, MPFR_RNDD);
  mpfr_div_ui(mean.hi, mean.hi, K, MPFR_RNDU);
  for (size_t i = 0; i < K; i++)
    ufm__iv_sub(&z[i], &z[i], &mean);
  ufm__iv_clear(&mean);
}

/* b = sum_j pi_j z_j (free; nu_j is proportional to pi_j), for mse
   sum_j pi_j t_j because sum_j pi_j E_j = 0;  (1/lambda_b) sum_j pi_j E_j
   (ridge). */
static void bias_bars(const ufm__proof *proof)
{
  const ufm__model *model = &proof->model;
  size_t K = model->K;
  bool ridge = model->bias == UFM_BIAS_RIDGE;
  mpq_t inverse;
  iv term;

  mpq_init(inverse);
  if (ridge)
    mpq_inv(inverse, model->lambda_b);
  ufm__iv_init(&term, mpfr_get_prec(proof->z[0].lo));
  for (size_t i = 0; i < K; i++) {
    iv *b = &proof->bias[i];

    for (size_t j = 0; j < model->J; j++) {
      if (ridge)
        ufm__iv_mul_q(&term, &proof->E[j * K + i], model->pi[j]);
      else if (model->loss == UFM_LOSS_CE)
        ufm__iv_mul_q(&term, &proof->z[j * K + i], model->pi[j]);
      else {
        ufm__iv_set_q(&term, model->target[j * K + i]);
        ufm__iv_mul_q(&term, &term, model->pi[j]);
      }
      ufm__iv_add(b, b, &term);
    }
    if (ridge)
      ufm__iv_mul_q(b, b, inverse);
    for (size_t j = 0; j < model->J; j++)
      ufm__iv_sub(&proof->z[j * K + i], &proof->z[j * K + i], b);
  }
  ufm__iv_clear(&term);
  mpq_clear(inverse);
}

/* Negative parts of a squared norm come from the bars alone. */
static void cut_at_zero(iv *x)
{
  if (mpfr_sgn(x->lo) < 0)
    mpfr_set_zero(x->lo, 1);
}

/* pi_j E_ij / lambda_W */
static void weight_bars(const ufm__proof *proof)
{
  const ufm__model *model = &proof->model;
  mpq_t factor;

  mpq_init(factor);
  for (size_t j = 0; j < model->J; j++) {
    mpq_div(factor, model->pi[j], model->lambda[0]);
    for (size_t i = 0; i < model->K; i++)
      ufm__iv_mul_q(&proof->weighted[j * model->K + i],
                    &proof->E[j * model->K + i], factor);
  }
  mpq_clear(factor);
}

void ufm__gram_w(const ufm__proof *proof, size_t i, size_t k, iv *out)
{
  size_t K = proof->model.K;

  ufm__iv_dot(out, proof->model.J, proof->weighted + i, K, proof->z + k, K);
}

void ufm__gram_h(const ufm__proof *proof, size_t i, size_t j, iv *out)
{
  const ufm__model *model = &proof->model;
  size_t K = model->K;
  mpq_t factor;

  ufm__iv_dot(out, K, proof->z + i * K, 1, proof->E + j * K, 1);
  mpq_init(factor); /* pi_j / (nu_j lambda_H) */
  mpq_mul(factor, model->ratio, model->lambda[1]);
  mpq_inv(factor, factor);
  ufm__iv_mul_q(out, out, factor);
  mpq_clear(factor);
}

void ufm__cosine(const iv *gram, const iv *a, const iv *b, iv *out)
{
  iv norm;

  ufm__iv_init(&norm, mpfr_get_prec(out->lo));
  ufm__iv_mul(&norm, a, b);
  ufm__iv_sqrt(&norm, &norm);
  ufm__iv_div(out, gram, &norm);
  if (mpfr_cmp_si(out->lo, -1) < 0)
    mpfr_set_si(out->lo, -1, MPFR_RNDD);
  if (mpfr_cmp_ui(out->hi, 1) > 0)
    mpfr_set_ui(out->hi, 1, MPFR_RNDU);
  ufm__iv_clear(&norm);
}

/* Width of the widest enclosure of a cosine between rows of W. */
static void widest_cosine(const ufm__proof *proof, mpfr_t out)
{
  iv cosine;

  ufm__iv_init(&cosine, mpfr_get_prec(proof->E[0].lo));
  for (size_t i = 0; i < proof->model.K; i++)
    for (size_t k = 0; k < i; k++) {
      if (mpfr_sgn(proof->norm_w[i].lo) <= 0 ||
          mpfr_sgn(proof->norm_w[k].lo) <= 0)
        continue;
      ufm__gram_w(proof, i, k, &cosine);
      ufm__cosine(&cosine, &proof->norm_w[i], &proof->norm_w[k], &cosine);
      mpfr_sub(cosine.hi, cosine.hi, cosine.lo, MPFR_RNDU);
      mpfr_max(out, out, cosine.hi, MPFR_RNDU); /* NaN only if both are */
    }
  ufm__iv_clear(&cosine);
}

static bool bars_alloc(ufm__proof *proof, mpfr_prec_t bits)
{
  size_t n = proof->model.J * proof->model.K;

  proof->E = ufm__iv_new(n, bits);
  proof->p = ufm__iv_new(n, bits);
  proof->z = ufm__iv_new(n, bits);
  proof->weighted = ufm__iv_new(n, bits);
  proof->bias = ufm__iv_new(proof->model.K, bits);
  proof->norm_w = ufm__iv_new(proof->model.K, bits);
  proof->norm_h = ufm__iv_new(proof->model.J, bits);
  return proof->E != NULL && proof->p != NULL && proof->z != NULL &&
         proof->weighted != NULL && proof->bias != NULL &&
         proof->norm_w != NULL && proof->norm_h != NULL;
}

ufm_status ufm__error_bars(ufm_certificate *certificate, ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  const ufm__model *model = &proof->model;
  bool good = true;

  if (certificate->ranked && model->width[0] < certificate->rank_hi) {
    ufm__note(certificate,
              "no error bars: the width %zu may be below the rank of the "
              "optimum, at most %zu",
              model->width[0], certificate->rank_hi);
    return UFM_OK;
  }
  /* bars are about the square root of the gap: half its bits, and a reserve */
  if (!bars_alloc(proof, proof->bits / 2 + 128))
    return ufm__no_memory(error, "verify: error bars");
  for (size_t j = 0; j < model->J; j++)
    good = column_bars(certificate, j) && good;
  if (!good) {
    ufm__note(certificate,
              "no error bars: the gap is too large for the smallest "
              "probability; refine further");
    return UFM_OK;
  }
  for (size_t j = 0; j < model->J; j++)
    column_logits(proof, j);
  if (model->bias != UFM_BIAS_NONE)
    bias_bars(proof);
  weight_bars(proof);
  for (size_t i = 0; i < model->K; i++) {
    ufm__gram_w(proof, i, i, &proof->norm_w[i]);
    cut_at_zero(&proof->norm_w[i]);
  }
  for (size_t j = 0; j < model->J; j++) {
    ufm__gram_h(proof, j, j, &proof->norm_h[j]);
    cut_at_zero(&proof->norm_h[j]);
  }
  certificate->bars = true;
  widest_cosine(proof, certificate->cosine_error);
  return UFM_OK;
}
