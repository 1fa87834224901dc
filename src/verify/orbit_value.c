/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective of an invariant point with directed rounding. */
#include <config.h>

#include "core/error.h"
#include "verify/orbit_value.h"

/* out += (n lambda/2) |x|^2 over `count` numbers */
static void add_penalty(iv *out, mpfr_t *x, size_t count, unsigned long n,
                        mpq_srcptr lambda)
{
  iv sum, entry;

  ufm__iv_init(&sum, mpfr_get_prec(out->lo));
  ufm__iv_init(&entry, mpfr_get_prec(out->lo));
  for (size_t i = 0; i < count; i++) {
    ufm__iv_set_mp(&entry, x[i]); /* x may have more bits than out */
    ufm__iv_add_product(&sum, &entry, x[i]);
  }
  ufm__iv_mul_q(&sum, &sum, lambda);
  ufm__iv_mul_ui(&sum, &sum, n);
  mpfr_div_2ui(sum.lo, sum.lo, 1, MPFR_RNDD);
  mpfr_div_2ui(sum.hi, sum.hi, 1, MPFR_RNDU);
  ufm__iv_add(out, out, &sum);
  ufm__iv_clear(&sum);
  ufm__iv_clear(&entry);
}

static void add_penalties(const ufm__orbit_model *m, mpfr_t *x, iv *out)
{
  mpq_t lambda;

  mpq_init(lambda);
  for (size_t g = 0; g < m->G; g++) {
    unsigned long K = m->classes[g];

    mpq_mul(lambda, m->lambda_h, m->nu[g]);
    add_penalty(out, x + m->w + g, 1, K - 1, m->lambda_w);
    add_penalty(out, x + m->v + g * m->r, m->r, K, m->lambda_w);
    add_penalty(out, x + m->h + g, 1, K - 1, lambda);
    add_penalty(out, x + m->y + g * m->r, m->r, K, lambda);
    if (m->bias == UFM_BIAS_RIDGE)
      add_penalty(out, x + m->b + g, 1, K, m->lambda_b);
  }
  mpq_clear(lambda);
}

/* The G + 1 outputs of column g. */
static void outputs(const ufm__orbit_model *m, mpfr_t *x, size_t g, iv *y)
{
  size_t G = m->G, r = m->r;
  iv c, entry;

  ufm__iv_init(&c, mpfr_get_prec(y[0].lo));
  ufm__iv_init(&entry, mpfr_get_prec(y[0].lo));
  for (size_t f = 0; f < G; f++) {
    ufm__iv_set_ui(&y[f], 0);
    for (size_t i = 0; i < r; i++) {
      ufm__iv_set_mp(&entry, x[m->v + f * r + i]);
      ufm__iv_add_product(&y[f], &entry, x[m->y + g * r + i]);
    }
    if (m->bias != UFM_BIAS_NONE) {
      ufm__iv_set_mp(&entry, x[m->b + f]);
      ufm__iv_add(&y[f], &y[f], &entry);
    }
  }
  ufm__iv_set_ui(&c, 0);
  ufm__iv_set_mp(&entry, x[m->w + g]);
  ufm__iv_add_product(&c, &entry, x[m->h + g]);
  ufm__iv_add(&y[G], &y[g], &c);
  mpfr_div_ui(c.lo, c.lo, m->classes[g], MPFR_RNDD);
  mpfr_div_ui(c.hi, c.hi, m->classes[g], MPFR_RNDU);
  ufm__iv_sub(&y[G], &y[G], &c);
  ufm__iv_sub(&y[g], &y[g], &c);
  ufm__iv_clear(&c);
  ufm__iv_clear(&entry);
}

/* With the largest logit y_r, n times:  log sum exp y - t.y
     = log n + log(1 + sum_{f != r} many_f exp(y_f - y_r)/n) + sum_f many_f t_f
   (y_r - y_f); without the second term's 1 for n = 1 there is no cancellation.
 */
static void ce_loss(const ufm__orbit_model *m, size_t g, iv *y, iv *out)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  size_t top = m->G;
  unsigned long n;
  iv sum, term;

  ufm__iv_init(&sum, bits);
  ufm__iv_init(&term, bits);
  for (size_t f = 0; f < m->G; f++)
    if (ufm__orbit_many(m, g, f) > 0 && mpfr_greater_p(y[f].hi, y[top].hi))
      top = f;
  n = ufm__orbit_many(m, g, top);
  ufm__iv_set_ui(out, 0);
  ufm__iv_set_ui(&sum, 0);
  for (size_t f = 0; f <= m->G; f++) {
    unsigned long many = ufm__orbit_many(m, g, f);
    mpq_srcptr t = ufm__orbit_target(m, f);

    if (f == top || many == 0)
      continue;
    ufm__iv_sub(&y[f], &y[f], &y[top]);
    ufm__iv_exp(&term, &y[f]);
    ufm__iv_mul_ui(&term, &term, many);
    ufm__iv_add(&sum, &sum, &term);
    if (mpq_sgn(t) != 0) {
      ufm__iv_mul_q(&term, &y[f], t);
      ufm__iv_mul_ui(&term, &term, many);
      ufm__iv_sub(out, out, &term);
    }
  }
  mpfr_div_ui(sum.lo, sum.lo, n, MPFR_RNDD);
  mpfr_div_ui(sum.hi, sum.hi, n, MPFR_RNDU);
  ufm__iv_log1p(&sum, &sum);
  ufm__iv_add(out, out, &sum);
  if (n > 1) {
    ufm__iv_set_ui(&term, n);
    ufm__iv_log(&term, &term);
    ufm__iv_add(out, out, &term);
  }
  ufm__iv_clear(&sum);
  ufm__iv_clear(&term);
}

static void mse_loss(const ufm__orbit_model *m, size_t g, iv *y, iv *out)
{
  iv term;

  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t f = 0; f <= m->G; f++) {
    ufm__iv_set_q(&term, ufm__orbit_target(m, f));
    ufm__iv_sub(&term, &y[f], &term);
    ufm__iv_sqr(&term, &term);
    ufm__iv_mul_ui(&term, &term, ufm__orbit_many(m, g, f));
    ufm__iv_add(out, out, &term);
  }
  mpfr_div_2ui(out->lo, out->lo, 1, MPFR_RNDD);
  mpfr_div_2ui(out->hi, out->hi, 1, MPFR_RNDU);
  ufm__iv_clear(&term);
}

ufm_status ufm__orbit_value(const ufm__orbit_model *m, mpfr_t *x, iv *out,
                            ufm_error *error)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  iv *y = ufm__iv_new(m->G + 1, bits), loss;

  if (y == NULL)
    return ufm__no_memory(error, "verify: objective");
  ufm__iv_init(&loss, bits);
  ufm__iv_set_ui(out, 0);
  for (size_t g = 0; g < m->G; g++) {
    outputs(m, x, g, y);
    if (m->loss == UFM_LOSS_CE)
      ce_loss(m, g, y, &loss);
    else
      mse_loss(m, g, y, &loss);
    ufm__iv_mul_q(&loss, &loss, m->pi[g]);
    ufm__iv_mul_ui(&loss, &loss, m->classes[g]);
    ufm__iv_add(out, out, &loss);
  }
  add_penalties(m, x, out);
  ufm__iv_clear(&loss);
  ufm__iv_free(y, m->G + 1);
  return UFM_OK;
}
