/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars from the gap, as in error_bars.c.  All K_g columns of a group have the
   same error, so with eps = upper - lower

     ce   K_g pi_g KL(p_g || p*_g) <= eps,  and as many_f entries are equal,
          many_f |p_f - p*_f| <= |p_g - p*_g|_1/2 <= sqrt(eps/(2 K_g pi_g))
     mse  K_g pi_g many_f |E_f - E*_f|^2 <= 2 eps

   and the recovery formulas of doc/certificates.md, section 1, are sums over
   groups. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/error_bars.h"
#include "verify/orbit_bars.h"

void ufm__orbit_bars_clear(ufm__orbit_proof *proof)
{
  size_t G = proof->model.G;

  ufm__iv_free(proof->E, G * (G + 1));
  ufm__iv_free(proof->p, G * (G + 1));
  ufm__iv_free(proof->z, G * (G + 1));
  ufm__iv_free(proof->bias, G);
  ufm__iv_free(proof->norm_w, G);
  ufm__iv_free(proof->norm_h, G);
}

static bool bars_alloc(ufm__orbit_proof *proof, mpfr_prec_t bits)
{
  size_t G = proof->model.G;

  proof->E = ufm__iv_new(G * (G + 1), bits);
  proof->p = ufm__iv_new(G * (G + 1), bits);
  proof->z = ufm__iv_new(G * (G + 1), bits);
  proof->bias = ufm__iv_new(G, bits);
  proof->norm_w = ufm__iv_new(G, bits);
  proof->norm_h = ufm__iv_new(G, bits);
  return proof->E != NULL && proof->p != NULL && proof->z != NULL &&
         proof->bias != NULL && proof->norm_w != NULL && proof->norm_h != NULL;
}

/* The radius for an entry that stands for `many` classes, rounded up. */
static void radius(const ufm_certificate *certificate, size_t g,
                   unsigned long many, mpfr_t out)
{
  const ufm__orbit_model *m = &certificate->proof->orbits->model;
  bool ce = m->loss == UFM_LOSS_CE;
  mpq_t factor;

  mpq_init(factor);
  mpq_set_ui(factor, ce ? 1 : 2, ce ? 2 : 1);
  mpq_div(factor, factor, m->pi[g]);
  mpfr_mul_q(out, certificate->gap, factor, MPFR_RNDU);
  mpfr_div_ui(out, out, m->classes[g], MPFR_RNDU);
  if (!ce)
    mpfr_div_ui(out, out, many, MPFR_RNDU);
  mpfr_sqrt(out, out, MPFR_RNDU);
  if (ce)
    mpfr_div_ui(out, out, many, MPFR_RNDU);
  mpq_clear(factor);
}

/* E and p of column g; false when a probability may be 0. */
static bool column_bars(const ufm_certificate *certificate, size_t g)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;
  bool good = true;
  mpfr_t delta;

  mpfr_init2(delta, mpfr_get_prec(proof->E[0].lo));
  for (size_t f = 0; f <= m->G; f++) {
    unsigned long many = ufm__orbit_many(m, g, f);
    iv *E = &proof->E[g * (m->G + 1) + f], *p = &proof->p[g * (m->G + 1) + f];

    if (many == 0)
      continue;
    radius(certificate, g, many, delta);
    ufm__orbit_dual_entry(&proof->dual, g, f, E);
    mpfr_sub(E->lo, E->lo, delta, MPFR_RNDD);
    mpfr_add(E->hi, E->hi, delta, MPFR_RNDU);
    ufm__iv_set_q(p, ufm__orbit_target(m, f));
    ufm__iv_sub(p, p, E);
    good = good && (m->loss == UFM_LOSS_MSE || mpfr_sgn(p->lo) > 0);
  }
  mpfr_clear(delta);
  return good;
}

/* z up to the bias: log p minus its mean over the classes (ce), p (mse). */
static void column_logits(const ufm__orbit_proof *proof, size_t g)
{
  const ufm__orbit_model *m = &proof->model;
  size_t G = m->G;
  const iv *p = proof->p + g * (G + 1);
  iv *z = proof->z + g * (G + 1), mean, term;

  if (m->loss == UFM_LOSS_MSE) {
    for (size_t f = 0; f <= G; f++)
      ufm__iv_set(&z[f], &p[f]);
    return;
  }
  ufm__iv_init(&mean, mpfr_get_prec(z[0].lo));
  ufm__iv_init(&term, mpfr_get_prec(z[0].lo));
  for (size_t f = 0; f <= G; f++) {
    unsigned long many = ufm__orbit_many(m, g, f);

    if (many == 0)
      continue;
    ufm__iv_log(&z[f], &p[f]);
    ufm__iv_mul_ui(&term, &z[f], many);
    ufm__iv_add(&mean, &mean, &term);
  }
  mpfr_div_ui(mean.lo, mean.lo, m->K, MPFR_RNDD);
  mpfr_div_ui(mean.hi, mean.hi, m->K, MPFR_RNDU);
  for (size_t f = 0; f <= G; f++)
    ufm__iv_sub(&z[f], &z[f], &mean);
  ufm__iv_clear(&mean);
  ufm__iv_clear(&term);
}

/* out = sum over columns of pi times entry of a class of group f of x. */
static void weighted_mean(const ufm__orbit_model *m, const iv *x, size_t f,
                          iv *out)
{
  iv term;

  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t g = 0; g < m->G; g++) {
    /* of the columns of its own group the class has one */
    unsigned long others = m->classes[g] - (f == g);

    ufm__iv_mul_ui(&term, &x[g * (m->G + 1) + f], others);
    if (f == g)
      ufm__iv_add(&term, &term, &x[g * (m->G + 1) + m->G]);
    ufm__iv_mul_q(&term, &term, m->pi[g]);
    ufm__iv_add(out, out, &term);
  }
  ufm__iv_clear(&term);
}

static void bias_bars(const ufm__orbit_proof *proof)
{
  const ufm__orbit_model *m = &proof->model;
  mpq_t x;

  mpq_init(x);
  for (size_t f = 0; f < m->G; f++) {
    iv *b = &proof->bias[f];

    if (m->bias == UFM_BIAS_RIDGE) {
      weighted_mean(m, proof->E, f, b);
      mpq_inv(x, m->lambda_b);
      ufm__iv_mul_q(b, b, x);
    } else if (m->loss == UFM_LOSS_CE) { /* nu is proportional to pi */
      weighted_mean(m, proof->z, f, b);
    } else { /* the mean target: (1 - eps) pi_f + eps/K */
      mpq_sub(x, m->on, m->off);
      mpq_mul(x, x, m->pi[f]);
      mpq_add(x, x, m->off);
      ufm__iv_set_q(b, x);
    }
  }
  for (size_t g = 0; g < m->G; g++)
    for (size_t f = 0; f <= m->G; f++) {
      iv *z = &proof->z[g * (m->G + 1) + f];

      ufm__iv_sub(z, z, &proof->bias[f == m->G ? g : f]);
    }
  mpq_clear(x);
}

/* out += count a b */
static void add_product(iv *out, unsigned long count, const iv *a, const iv *b)
{
  iv term;

  if (count == 0)
    return;
  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  ufm__iv_mul(&term, a, b);
  ufm__iv_mul_ui(&term, &term, count);
  ufm__iv_add(out, out, &term);
  ufm__iv_clear(&term);
}

/* (1/lambda_W) sum_k pi_k E_ik z_lk, i in group f and l in group h: columns k
   = i, k = l, and the others of each group g. */
void ufm__orbit_gram_w(const ufm__orbit_proof *proof, size_t f, size_t h,
                       bool same, iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  iv sum;
  mpq_t factor;

  ufm__iv_init(&sum, mpfr_get_prec(out->lo));
  mpq_init(factor);
  ufm__iv_set_ui(out, 0);
  for (size_t g = 0; g < m->G; g++) {
    const iv *E = proof->E + g * (m->G + 1), *z = proof->z + g * (m->G + 1);
    unsigned long others = m->classes[g];

    ufm__iv_set_ui(&sum, 0);
    if (g == f) {
      add_product(&sum, 1, &E[m->G], &z[same ? m->G : h]);
      others--;
    }
    if (g == h && !same) {
      add_product(&sum, 1, &E[f], &z[m->G]);
      others--;
    }
    add_product(&sum, others, &E[f], &z[h]);
    mpq_div(factor, m->pi[g], m->lambda_w);
    ufm__iv_mul_q(&sum, &sum, factor);
    ufm__iv_add(out, out, &sum);
  }
  mpq_clear(factor);
  ufm__iv_clear(&sum);
}

/* (1/(N lambda_H)) z_k . E_l, k in group f and l in group g: entries k, l, and
   the others of each group h. */
void ufm__orbit_gram_h(const ufm__orbit_proof *proof, size_t f, size_t g,
                       bool same, iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  const iv *z = proof->z + f * (m->G + 1), *E = proof->E + g * (m->G + 1);
  mpq_t factor;

  ufm__iv_set_ui(out, 0);
  for (size_t h = 0; h < m->G; h++) {
    unsigned long others = m->classes[h];

    if (h == f) {
      add_product(out, 1, &z[m->G], &E[same ? m->G : f]);
      others--;
    }
    if (h == g && !same) {
      add_product(out, 1, &z[g], &E[m->G]);
      others--;
    }
    add_product(out, others, &z[h], &E[h]);
  }
  mpq_init(factor);
  mpq_div(factor, m->pi[g], m->nu[g]);
  mpq_div(factor, factor, m->lambda_h);
  ufm__iv_mul_q(out, out, factor);
  mpq_clear(factor);
}

/* Negative parts of a squared norm come from the bars alone. */
static void cut_at_zero(iv *x)
{
  if (mpfr_sgn(x->lo) < 0)
    mpfr_set_zero(x->lo, 1);
}

static void widest_cosine(const ufm__orbit_proof *proof, mpfr_t out)
{
  const ufm__orbit_model *m = &proof->model;
  iv cosine;

  ufm__iv_init(&cosine, mpfr_get_prec(proof->E[0].lo));
  for (size_t f = 0; f < m->G; f++)
    for (size_t g = 0; g <= f; g++) {
      if (mpfr_sgn(proof->norm_w[f].lo) <= 0 ||
          mpfr_sgn(proof->norm_w[g].lo) <= 0 || (f == g && m->classes[f] < 2))
        continue;
      ufm__orbit_gram_w(proof, f, g, false, &cosine);
      ufm__cosine(&cosine, &proof->norm_w[f], &proof->norm_w[g], &cosine);
      mpfr_sub(cosine.hi, cosine.hi, cosine.lo, MPFR_RNDU);
      mpfr_max(out, out, cosine.hi, MPFR_RNDU); /* NaN only if both are */
    }
  ufm__iv_clear(&cosine);
}

ufm_status ufm__orbit_bars(ufm_certificate *certificate, ufm_error *error)
{
  ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;
  bool good = true;

  if (!bars_alloc(proof, certificate->proof->bits / 2 + 128))
    return ufm__no_memory(error, "verify: error bars");
  for (size_t g = 0; g < m->G; g++)
    good = column_bars(certificate, g) && good;
  if (!good) {
    ufm__note(certificate, "no error bars: the gap is too large for the "
                           "smallest probability; refine further");
    return UFM_OK;
  }
  for (size_t g = 0; g < m->G; g++)
    column_logits(proof, g);
  if (m->bias != UFM_BIAS_NONE)
    bias_bars(proof);
  for (size_t g = 0; g < m->G; g++) {
    ufm__orbit_gram_w(proof, g, g, true, &proof->norm_w[g]);
    ufm__orbit_gram_h(proof, g, g, true, &proof->norm_h[g]);
    cut_at_zero(&proof->norm_w[g]);
    cut_at_zero(&proof->norm_h[g]);
  }
  certificate->bars = true;
  widest_cosine(proof, certificate->cosine_error);
  return UFM_OK;
}

static void cosine(const ufm__orbit_proof *proof, bool rows, size_t f, size_t g,
                   bool same, iv *out)
{
  const iv *norm = rows ? proof->norm_w : proof->norm_h;

  if (same && mpfr_sgn(norm[f].lo) > 0) {
    ufm__iv_set_ui(out, 1);
    return;
  }
  if (rows)
    ufm__orbit_gram_w(proof, f, g, same, out);
  else
    ufm__orbit_gram_h(proof, f, g, same, out);
  ufm__cosine(out, &norm[f], &norm[g], out);
}

ufm_status ufm__orbit_enclose(const ufm_certificate *certificate,
                              ufm_quantity quantity, size_t i, size_t j,
                              iv *out, ufm_error *error)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  size_t K = proof->model.K, G = proof->model.G, f, g, at;
  bool one = quantity == UFM_QUANTITY_BIAS || quantity == UFM_QUANTITY_NORM_W ||
             quantity == UFM_QUANTITY_NORM_H;

  if (i >= K || (!one && j >= K) ||
      (quantity == UFM_QUANTITY_BIAS && proof->model.bias == UFM_BIAS_NONE))
    return ufm__fail(error, UFM_EINVAL,
                     "verify: got indices %zu and %zu, want %zu classes%s", i,
                     j, K, quantity == UFM_QUANTITY_BIAS ? ", and a bias" : "");
  f = proof->of[i];
  g = one ? f : proof->of[j];
  at = g * (G + 1) + (i == j ? G : f);
  switch (quantity) {
  case UFM_QUANTITY_PROBABILITY:
    ufm__iv_set(out, &proof->p[at]);
    break;
  case UFM_QUANTITY_LOGIT:
    ufm__iv_set(out, &proof->z[at]);
    break;
  case UFM_QUANTITY_BIAS:
    ufm__iv_set(out, &proof->bias[f]);
    break;
  case UFM_QUANTITY_NORM_W:
    ufm__iv_sqrt(out, &proof->norm_w[f]);
    break;
  case UFM_QUANTITY_NORM_H:
    ufm__iv_sqrt(out, &proof->norm_h[f]);
    break;
  case UFM_QUANTITY_GRAM_W:
    ufm__orbit_gram_w(proof, f, g, i == j, out);
    break;
  case UFM_QUANTITY_GRAM_H:
    ufm__orbit_gram_h(proof, f, g, i == j, out);
    break;
  case UFM_QUANTITY_COSINE_W:
    cosine(proof, true, f, g, i == j, out);
    break;
  case UFM_QUANTITY_COSINE_H:
    cosine(proof, false, f, g, i == j, out);
    break;
  }
  return UFM_OK;
}
