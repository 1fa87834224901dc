/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars from the gap, as in error_bars.c.  All N_c columns of an orbit have the
   same error, so with eps = upper - lower

     ce   N_c pi_c KL(p_c || p*_c) <= eps,  and as `many` entries are equal,
          many |p - p*| <= |p_c - p*_c|_1/2 <= sqrt(eps/(2 N_c pi_c))
     mse  N_c pi_c many |E - E*|^2 <= 2 eps

   and means over columns are sums over orbits. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/error_bars.h"
#include "verify/orbit_bars.h"

void ufm__orbit_bars_clear(ufm__orbit_proof *proof)
{
  size_t G = proof->model.G, C = proof->model.C;
  size_t n = C * ufm__orbit_entries(&proof->model);

  ufm__iv_free(proof->E, n);
  ufm__iv_free(proof->p, n);
  ufm__iv_free(proof->z, n);
  ufm__iv_free(proof->pi, C);
  ufm__iv_free(proof->all, C * G);
  ufm__iv_free(proof->bias, G);
  ufm__iv_free(proof->norm_w, G);
  ufm__iv_free(proof->norm_h, C);
}

static bool bars_alloc(ufm__orbit_proof *proof, mpfr_prec_t bits)
{
  size_t G = proof->model.G, C = proof->model.C;
  size_t n = C * ufm__orbit_entries(&proof->model);

  proof->E = ufm__iv_new(n, bits);
  proof->p = ufm__iv_new(n, bits);
  proof->z = ufm__iv_new(n, bits);
  proof->pi = ufm__iv_new(C, bits);
  proof->all = ufm__iv_new(C * G, bits);
  proof->bias = ufm__iv_new(G, bits);
  proof->norm_w = ufm__iv_new(G, bits);
  proof->norm_h = ufm__iv_new(C, bits);
  return proof->E != NULL && proof->p != NULL && proof->z != NULL &&
         proof->pi != NULL && proof->all != NULL && proof->bias != NULL &&
         proof->norm_w != NULL && proof->norm_h != NULL;
}

/* The radius for an entry that stands for one class, rounded up. */
static void radius(const ufm_certificate *certificate, size_t c, mpfr_t out)
{
  const ufm__orbit_model *m = &certificate->proof->orbits->model;
  mpq_t factor;

  mpq_init(factor);
  mpq_set_ui(factor, m->loss == UFM_LOSS_CE ? 1 : 4, 2);
  mpq_canonicalize(factor);
  mpq_div(factor, factor, m->share[c]);
  mpfr_mul_q(out, certificate->gap, factor, MPFR_RNDU);
  mpfr_sqrt(out, out, MPFR_RNDU);
  mpq_clear(factor);
}

/* E and p of orbit c; false when a probability may be 0. */
static bool column_bars(const ufm_certificate *certificate, size_t c)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;
  size_t n = ufm__orbit_entries(m);
  bool good = true, ce = m->loss == UFM_LOSS_CE;
  mpfr_t one, delta;

  mpfr_init2(one, mpfr_get_prec(proof->E[0].lo));
  mpfr_init2(delta, mpfr_get_prec(proof->E[0].lo));
  radius(certificate, c, one);
  for (size_t e = 0; e < n; e++) {
    unsigned long many = ufm__orbit_many(m, c, e);
    iv *E = &proof->E[c * n + e], *p = &proof->p[c * n + e];

    if (many == 0)
      continue;
    if (ce) {
      mpfr_div_ui(delta, one, many, MPFR_RNDU);
    } else {
      mpfr_sqrt_ui(delta, many, MPFR_RNDD);
      mpfr_div(delta, one, delta, MPFR_RNDU);
    }
    ufm__orbit_dual_entry(&proof->dual, c, e, E);
    mpfr_sub(E->lo, E->lo, delta, MPFR_RNDD);
    mpfr_add(E->hi, E->hi, delta, MPFR_RNDU);
    ufm__iv_set_q(p, ufm__orbit_target(m, c, e));
    ufm__iv_sub(p, p, E);
    good = good && (!ce || mpfr_sgn(p->lo) > 0);
  }
  mpfr_clear(one);
  mpfr_clear(delta);
  return good;
}

/* z up to the bias: log p minus its mean over the classes (ce), p (mse). */
static void column_logits(const ufm__orbit_proof *proof, size_t c)
{
  const ufm__orbit_model *m = &proof->model;
  size_t n = ufm__orbit_entries(m);
  const iv *p = proof->p + c * n;
  iv *z = proof->z + c * n, mean, term;

  if (m->loss == UFM_LOSS_MSE) {
    for (size_t e = 0; e < n; e++)
      ufm__iv_set(&z[e], &p[e]);
    return;
  }
  ufm__iv_init(&mean, mpfr_get_prec(z[0].lo));
  ufm__iv_init(&term, mpfr_get_prec(z[0].lo));
  for (size_t e = 0; e < n; e++) {
    unsigned long many = ufm__orbit_many(m, c, e);

    if (many == 0)
      continue;
    ufm__iv_log(&z[e], &p[e]);
    ufm__iv_mul_ui(&term, &z[e], many);
    ufm__iv_add(&mean, &mean, &term);
  }
  mpfr_div_ui(mean.lo, mean.lo, m->K, MPFR_RNDD);
  mpfr_div_ui(mean.hi, mean.hi, m->K, MPFR_RNDU);
  for (size_t e = 0; e < n; e++)
    ufm__iv_sub(&z[e], &z[e], &mean);
  ufm__iv_clear(&mean);
  ufm__iv_clear(&term);
}

/* The weight of all columns of orbit c in a mean for one class of group f. */
static void class_share(const ufm__orbit_model *m, size_t c, size_t f,
                        mpq_t out)
{
  mpq_set_ui(out, 1, m->classes[f]);
  mpq_mul(out, out, m->share[c]);
}

/* out = sum over columns of pi times entry of a class of group f of x. */
static void weighted_mean(const ufm__orbit_model *m, const iv *x, size_t f,
                          iv *out)
{
  iv sum, term;
  mpq_t share;

  mpq_init(share);
  ufm__iv_init(&sum, mpfr_get_prec(out->lo));
  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t c = 0; c < m->C; c++) {
    const iv *entry = x + c * ufm__orbit_entries(m);

    ufm__iv_mul_ui(&sum, &entry[f], ufm__orbit_many(m, c, f));
    for (size_t l = 0; l < m->column[c].marks; l++)
      if (m->column[c].group[l] == f)
        ufm__iv_add(&sum, &sum, &entry[m->G + l]);
    class_share(m, c, f, share);
    ufm__iv_mul_q(&term, &sum, share);
    ufm__iv_add(out, out, &term);
  }
  mpq_clear(share);
  ufm__iv_clear(&sum);
  ufm__iv_clear(&term);
}

/* The same for targets, exactly. */
static void mean_target(const ufm__orbit_model *m, size_t f, mpq_t out)
{
  mpq_t sum, share;

  mpq_inits(sum, share, (mpq_ptr)NULL);
  mpq_set_ui(out, 0, 1);
  for (size_t c = 0; c < m->C; c++) {
    const ufm_column_orbit *column = &m->column[c];

    mpq_set_ui(sum, ufm__orbit_many(m, c, f), 1);
    mpq_mul(sum, sum, column->background);
    for (size_t l = 0; l < column->marks; l++)
      if (column->group[l] == f)
        mpq_add(sum, sum, column->target[l]);
    class_share(m, c, f, share);
    mpq_mul(sum, sum, share);
    mpq_add(out, out, sum);
  }
  mpq_clears(sum, share, (mpq_ptr)NULL);
}

static void bias_bars(const ufm__orbit_proof *proof)
{
  const ufm__orbit_model *m = &proof->model;
  size_t n = ufm__orbit_entries(m);
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
    } else {
      mean_target(m, f, x);
      ufm__iv_set_q(b, x);
    }
  }
  for (size_t c = 0; c < m->C; c++)
    for (size_t e = 0; e < m->G + m->column[c].marks; e++) {
      size_t g = e < m->G ? e : m->column[c].group[e - m->G];
      iv *z = &proof->z[c * n + e];

      ufm__iv_sub(z, z, &proof->bias[g]);
    }
  mpq_clear(x);
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

static void norms(const ufm__orbit_proof *proof)
{
  const ufm__orbit_model *m = &proof->model;

  for (size_t g = 0; g < m->G; g++) {
    ufm__orbit_gram_w(proof, g, g, true, &proof->norm_w[g]);
    cut_at_zero(&proof->norm_w[g]);
  }
  for (size_t c = 0; c < m->C; c++) {
    const ufm__orbit_member column = {c, {0, 1}};

    ufm__orbit_gram_h(proof, &column, &column, &proof->norm_h[c]);
    cut_at_zero(&proof->norm_h[c]);
  }
}

ufm_status ufm__orbit_bars(ufm_certificate *certificate, ufm_error *error)
{
  ufm__orbit_proof *proof = certificate->proof->orbits;
  const ufm__orbit_model *m = &proof->model;
  bool good = true;

  if (!bars_alloc(proof, certificate->proof->bits / 2 + 128))
    return ufm__no_memory(error, "verify: error bars");
  for (size_t c = 0; c < m->C; c++) {
    ufm__iv_set_q(&proof->pi[c], m->column[c].pi);
    good = column_bars(certificate, c) && good;
    for (size_t f = 0; f < m->G; f++) {
      iv *all = &proof->all[c * m->G + f];

      ufm__iv_mul(all, &proof->E[c * ufm__orbit_entries(m) + f], &proof->pi[c]);
      ufm__iv_mul_ui(all, all, m->column[c].columns);
    }
  }
  if (!good) {
    ufm__note(certificate, "no error bars: the gap is too large for the "
                           "smallest probability; refine further");
    return UFM_OK;
  }
  for (size_t c = 0; c < m->C; c++)
    column_logits(proof, c);
  if (m->bias != UFM_BIAS_NONE)
    bias_bars(proof);
  norms(proof);
  certificate->bars = true;
  widest_cosine(proof, certificate->cosine_error);
  return UFM_OK;
}
