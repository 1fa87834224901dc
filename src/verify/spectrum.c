/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectrum of the target and exact thresholds (doc/mathematics.md, sections 3
   to 5). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/eigen.h"
#include "verify/inertia.h"
#include "verify/interval.h"
#include "verify/spectrum.h"

enum { MOST_EXACT = 50 };

/* B = sum_j nu_j t_j t_j^T - N tbar tbar^T, N = nu_j/pi_j, tbar = sum pi_j t_j.
 */
static void form(const ufm__model *model, mpq_t *mean, mpq_t *B)
{
  size_t K = model->K;
  mpq_t part, term;

  mpq_inits(part, term, (mpq_ptr)NULL);
  for (size_t j = 0; j < model->J; j++) {
    const mpq_t *t = (const mpq_t *)model->target + j * K;

    for (size_t i = 0; i < K; i++) {
      if (mpq_sgn(t[i]) == 0)
        continue;
      mpq_mul(part, model->pi[j], t[i]);
      mpq_add(mean[i], mean[i], part);
      mpq_mul(part, model->nu[j], t[i]);
      for (size_t k = 0; k <= i; k++)
        if (mpq_sgn(t[k]) != 0) {
          mpq_mul(term, part, t[k]);
          mpq_add(B[i * K + k], B[i * K + k], term);
        }
    }
  }
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k <= i; k++) {
      if (model->bias != UFM_BIAS_NONE) {
        mpq_mul(term, mean[i], mean[k]);
        mpq_mul(term, term, model->ratio);
        mpq_sub(B[i * K + k], B[i * K + k], term);
      }
      mpq_set(B[k * K + i], B[i * K + k]);
    }
  mpq_clears(part, term, (mpq_ptr)NULL);
}

static int descending(const void *a, const void *b)
{
  return -mpq_cmp((mpq_srcptr)a, (mpq_srcptr)b);
}

static bool diagonal(size_t n, mpq_t *B)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      if (mpq_sgn(B[i * n + j]) != 0)
        return false;
  return true;
}

static void set_exact(ufm__spectrum *s)
{
  for (size_t i = 0; i < s->K; i++)
    mpq_set(s->lower[i], s->B[i * s->K + i]);
  qsort(s->lower, s->K, sizeof *s->lower, descending);
  for (size_t i = 0; i < s->K; i++)
    mpq_set(s->upper[i], s->lower[i]);
}

static ufm_status set_enclosed(ufm__spectrum *s, mpfr_prec_t bits,
                               ufm_error *error)
{
  size_t n = s->K;
  mpz_t *integers = ufm__integers_new(n * n), denominator;
  iv *value = ufm__iv_new(n, bits);
  ufm_status status;

  mpz_init_set_ui(denominator, 1);
  if (integers == NULL || value == NULL) {
    status = ufm__no_memory(error, "verify: spectrum");
    goto done;
  }
  for (size_t i = 0; i < n * n; i++)
    mpz_lcm(denominator, denominator, mpq_denref(s->B[i]));
  for (size_t i = 0; i < n * n; i++) {
    mpz_divexact(integers[i], denominator, mpq_denref(s->B[i]));
    mpz_mul(integers[i], integers[i], mpq_numref(s->B[i]));
  }
  status = ufm__eigen_enclose(n, integers, bits, value, error);
  if (status != UFM_OK)
    goto done;
  for (size_t i = 0; i < n; i++) {
    mpfr_div_z(value[i].lo, value[i].lo, denominator, MPFR_RNDD);
    mpfr_div_z(value[i].hi, value[i].hi, denominator, MPFR_RNDU);
    if (!ufm__iv_bounded(&value[i])) {
      status = ufm__fail(error, UFM_EINTERNAL,
                         "verify: eigenvalue %zu of the target has no "
                         "enclosure",
                         i);
      goto done;
    }
    mpfr_get_q(s->lower[i], value[i].lo);
    mpfr_get_q(s->upper[i], value[i].hi);
  }
  /* free bias: the ones vector has eigenvalue 0 */
  if (s->model->bias != UFM_BIAS_NONE) {
    mpq_set_ui(s->lower[n - 1], 0, 1);
    mpq_set_ui(s->upper[n - 1], 0, 1);
  }
done:
  mpz_clear(denominator);
  ufm__integers_free(integers, n * n);
  ufm__iv_free(value, n);
  return status;
}

/* The eigenvalues of B^M are those of B to the power M, so the inertia of
   (M-1)^{M-1} B^M - N^L Lam M^{2M} I counts active, tied and zero directions.
 */
static ufm_status decide_exactly(ufm__spectrum *s, ufm__inertia *out,
                                 ufm_error *error)
{
  const ufm__model *model = s->model;
  size_t n = s->K, M = model->M;
  mpq_t *power = ufm__rationals_new(n * n), *next = ufm__rationals_new(n * n);
  mpq_t term, bound;
  ufm_status status = UFM_OK;

  mpq_inits(term, bound, (mpq_ptr)NULL);
  if (power == NULL || next == NULL) {
    status = ufm__no_memory(error, "verify: threshold");
    goto done;
  }
  for (size_t i = 0; i < n * n; i++)
    mpq_set(power[i], s->B[i]);
  for (size_t m = 1; m < M; m++) {
    mpq_t *swap = power;

    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++) {
        mpq_set_ui(next[i * n + j], 0, 1);
        for (size_t k = 0; k < n; k++) {
          mpq_mul(term, power[i * n + k], s->B[k * n + j]);
          mpq_add(next[i * n + j], next[i * n + j], term);
        }
      }
    power = next;
    next = swap;
  }
  /* divide by (M-1)^{M-1} instead of multiplying B^M */
  mpz_ui_pow_ui(mpq_numref(bound), M, 2 * M);
  mpz_ui_pow_ui(mpq_denref(bound), M - 1, M - 1);
  mpq_canonicalize(bound);
  mpq_mul(bound, bound, model->product);
  for (size_t m = 0; m <= M; m++)
    mpq_mul(bound, bound, model->ratio);
  for (size_t i = 0; i < n; i++)
    mpq_sub(power[i * n + i], power[i * n + i], bound);
  *out = ufm__inertia_exact(n, power);
done:
  mpq_clears(term, bound, (mpq_ptr)NULL);
  ufm__rationals_free(power, n * n);
  ufm__rationals_free(next, n * n);
  return status;
}

static ufm_status decide(ufm__spectrum *s, ufm_error *error)
{
  ufm__scalar scalar = {
      .M = s->model->M, .ratio = s->model->ratio, .product = s->model->product};
  ufm_status status = UFM_OK;

  for (size_t j = 0; j < s->R; j++) {
    int low = ufm__enclosed_scalar_threshold(&scalar, s->lower[j]);
    int high = ufm__enclosed_scalar_threshold(&scalar, s->upper[j]);

    if (low > 0)
      s->active++;
    else if (s->exact && low == 0)
      s->tied++;
    else if (!s->exact && high >= 0)
      s->undecided++;
  }
  if (s->undecided > 0 && s->K <= MOST_EXACT) {
    ufm__inertia counts;

    status = decide_exactly(s, &counts, error);
    if (status == UFM_OK) {
      s->undecided = 0;
      s->active = counts.positive < s->R ? counts.positive : s->R;
      s->tied = counts.zero < s->R - s->active ? counts.zero : s->R - s->active;
    }
  }
  return status;
}

ufm_status ufm__spectrum_init(ufm__spectrum *out, const ufm__model *model,
                              mpfr_prec_t bits, ufm_error *error)
{
  size_t K = model->K;
  mpq_t *mean = ufm__rationals_new(K);
  ufm_status status = UFM_OK;

  *out = (ufm__spectrum){
      .model = model, .K = K, .R = ufm__model_rank_limit(model)};
  out->B = ufm__rationals_new(K * K);
  out->lower = ufm__rationals_new(K);
  out->upper = ufm__rationals_new(K);
  if (mean == NULL || out->B == NULL || out->lower == NULL ||
      out->upper == NULL)
    status = ufm__no_memory(error, "verify: spectrum");
  if (status == UFM_OK) {
    form(model, mean, out->B);
    out->exact = diagonal(K, out->B);
    if (out->exact)
      set_exact(out);
    else
      status = set_enclosed(out, bits, error);
  }
  if (status == UFM_OK)
    status = decide(out, error);
  ufm__rationals_free(mean, K);
  if (status != UFM_OK)
    ufm__spectrum_clear(out);
  return status;
}

void ufm__spectrum_clear(ufm__spectrum *spectrum)
{
  size_t K = spectrum->K;

  ufm__rationals_free(spectrum->B, K * K);
  ufm__rationals_free(spectrum->lower, K);
  ufm__rationals_free(spectrum->upper, K);
  *spectrum = (ufm__spectrum){0};
}
