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

    add_penalty(out, x + m->w + g, 1, K - 1, m->lambda_w);
    add_penalty(out, x + m->v + g * m->r, m->r, K, m->lambda_w);
    if (m->bias == UFM_BIAS_RIDGE)
      add_penalty(out, x + m->b + g, 1, K, m->lambda_b);
  }
  for (size_t c = 0; c < m->C; c++) {
    mpq_mul(lambda, m->lambda_h, m->column[c].nu);
    add_penalty(out, x + m->y + c * m->r, m->r, m->column[c].columns, lambda);
    for (size_t q = m->column[c].contrast; q < ufm__orbit_contrasts_end(m, c);
         q++)
      add_penalty(out, x + m->h + q, 1,
                  (m->classes[m->contrast[q].group] - 1) * m->contrast[q].times,
                  lambda);
  }
  mpq_clear(lambda);
}

/* rho_cl = w a_cl, a_cl = sum_q alpha_ql h_q */
static void mark(const ufm__orbit_model *m, mpfr_t *x, size_t c, size_t l,
                 iv *out)
{
  iv a, h;

  ufm__iv_init(&a, mpfr_get_prec(out->lo));
  ufm__iv_init(&h, mpfr_get_prec(out->lo));
  for (size_t q = m->column[c].contrast; q < ufm__orbit_contrasts_end(m, c);
       q++) {
    ufm__iv_set_mp(&h, x[m->h + q]);
    if (m->contrast[q].alpha[l] > 0)
      ufm__iv_add(&a, &a, &h);
    else if (m->contrast[q].alpha[l] < 0)
      ufm__iv_sub(&a, &a, &h);
  }
  ufm__iv_set_ui(out, 0);
  ufm__iv_add_product(out, &a, x[m->w + m->column[c].group[l]]);
  ufm__iv_clear(&a);
  ufm__iv_clear(&h);
}

/* The outputs of a column of orbit c. */
static void outputs(const ufm__orbit_model *m, mpfr_t *x, size_t c, iv *y)
{
  const ufm_column_orbit *column = &m->column[c];
  size_t G = m->G, r = m->r;
  iv part, entry;

  ufm__iv_init(&part, mpfr_get_prec(y[0].lo));
  ufm__iv_init(&entry, mpfr_get_prec(y[0].lo));
  for (size_t f = 0; f < G; f++) {
    ufm__iv_set_ui(&y[f], 0);
    for (size_t i = 0; i < r; i++) {
      ufm__iv_set_mp(&entry, x[m->v + f * r + i]);
      ufm__iv_add_product(&y[f], &entry, x[m->y + c * r + i]);
    }
    if (m->bias != UFM_BIAS_NONE) {
      ufm__iv_set_mp(&entry, x[m->b + f]);
      ufm__iv_add(&y[f], &y[f], &entry);
    }
  }
  for (size_t l = 0; l < column->marks; l++) {
    size_t g = column->group[l];

    mark(m, x, c, l, &y[G + l]);
    mpfr_div_ui(part.lo, y[G + l].lo, m->classes[g], MPFR_RNDD);
    mpfr_div_ui(part.hi, y[G + l].hi, m->classes[g], MPFR_RNDU);
    ufm__iv_sub(&y[g], &y[g], &part);
  }
  for (size_t l = 0; l < column->marks; l++)
    ufm__iv_add(&y[G + l], &y[G + l], &y[column->group[l]]);
  ufm__iv_clear(&part);
  ufm__iv_clear(&entry);
}

/* With the largest logit y_r, n times:  log sum exp y - t.y
     = log n + log(1 + sum_{e != r} many_e exp(y_e - y_r)/n) + sum_e many_e t_e
   (y_r - y_e); without the second term's 1 for n = 1 there is no cancellation.
 */
static void ce_loss(const ufm__orbit_model *m, size_t c, iv *y, iv *out)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  size_t top = m->G;
  unsigned long n;
  iv sum, term;

  ufm__iv_init(&sum, bits);
  ufm__iv_init(&term, bits);
  for (size_t e = 0; e < ufm__orbit_entries(m); e++)
    if (ufm__orbit_many(m, c, e) > 0 && mpfr_greater_p(y[e].hi, y[top].hi))
      top = e;
  n = ufm__orbit_many(m, c, top);
  ufm__iv_set_ui(out, 0);
  ufm__iv_set_ui(&sum, 0);
  for (size_t e = 0; e < ufm__orbit_entries(m); e++) {
    unsigned long many = ufm__orbit_many(m, c, e);
    mpq_srcptr t = ufm__orbit_target(m, c, e);

    if (e == top || many == 0)
      continue;
    ufm__iv_sub(&y[e], &y[e], &y[top]);
    ufm__iv_exp(&term, &y[e]);
    ufm__iv_mul_ui(&term, &term, many);
    ufm__iv_add(&sum, &sum, &term);
    if (mpq_sgn(t) != 0) {
      ufm__iv_mul_q(&term, &y[e], t);
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

static void mse_loss(const ufm__orbit_model *m, size_t c, iv *y, iv *out)
{
  iv term;

  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t e = 0; e < ufm__orbit_entries(m); e++) {
    unsigned long many = ufm__orbit_many(m, c, e);

    if (many == 0)
      continue;
    ufm__iv_set_q(&term, ufm__orbit_target(m, c, e));
    ufm__iv_sub(&term, &y[e], &term);
    ufm__iv_sqr(&term, &term);
    ufm__iv_mul_ui(&term, &term, many);
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
  iv *y = ufm__iv_new(ufm__orbit_entries(m), bits), loss;

  if (y == NULL)
    return ufm__no_memory(error, "verify: objective");
  ufm__iv_init(&loss, bits);
  ufm__iv_set_ui(out, 0);
  for (size_t c = 0; c < m->C; c++) {
    outputs(m, x, c, y);
    if (m->loss == UFM_LOSS_CE)
      ce_loss(m, c, y, &loss);
    else
      mse_loss(m, c, y, &loss);
    ufm__iv_mul_q(&loss, &loss, m->share[c]);
    ufm__iv_add(out, out, &loss);
  }
  add_penalties(m, x, out);
  ufm__iv_clear(&loss);
  ufm__iv_free(y, ufm__orbit_entries(m));
  return UFM_OK;
}
