/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/orbit_evaluate.h"

enum { SCRATCH = 4 };

ufm_status ufm__orbit_evaluation_init(ufm__orbit_evaluation *out,
                                      const ufm__orbit_model *model,
                                      mpfr_prec_t bits, ufm_error *error)
{
  size_t C = model->C, n = C * ufm__orbit_entries(model);
  size_t largest = model->G * (C > model->G ? C : model->G);
  bool good;

  *out = (ufm__orbit_evaluation){.model = model, .bits = bits};
  out->share = ufm__mp_new(C, bits);
  out->p = ufm__mp_new(n, bits);
  out->E = ufm__mp_new(n, bits);
  out->sum = ufm__mp_new(C * model->G, bits);
  out->pull = ufm__mp_new(2 * C, bits);
  out->scratch = ufm__mp_new(SCRATCH, bits);
  good = ufm__fixed_init(&out->left, largest);
  good = good && ufm__fixed_init(&out->right, largest);
  if (!good || out->share == NULL || out->p == NULL || out->E == NULL ||
      out->sum == NULL || out->pull == NULL || out->scratch == NULL) {
    ufm__orbit_evaluation_clear(out);
    return ufm__no_memory(error, "verify: residuals");
  }
  for (size_t c = 0; c < C; c++)
    mpfr_set_q(out->share[c], model->share[c], MPFR_RNDN);
  return UFM_OK;
}

void ufm__orbit_evaluation_clear(ufm__orbit_evaluation *ev)
{
  size_t C, n;

  if (ev->model == NULL)
    return;
  C = ev->model->C;
  n = C * ufm__orbit_entries(ev->model);
  ufm__mp_free(ev->share, C);
  ufm__mp_free(ev->p, n);
  ufm__mp_free(ev->E, n);
  ufm__mp_free(ev->sum, C * ev->model->G);
  ufm__mp_free(ev->pull, 2 * C);
  ufm__mp_free(ev->scratch, SCRATCH);
  ufm__fixed_clear(&ev->left);
  ufm__fixed_clear(&ev->right);
  *ev = (ufm__orbit_evaluation){0};
}

/* out = a_cl = sum_q alpha_ql h_q */
static void mark_feature(const ufm__orbit_model *m, mpfr_t *x, size_t c,
                         size_t l, mpfr_t out)
{
  mpfr_set_zero(out, 1);
  for (size_t q = m->column[c].contrast; q < ufm__orbit_contrasts_end(m, c);
       q++) {
    if (m->contrast[q].alpha[l] > 0)
      mpfr_add(out, out, x[m->h + q], MPFR_RNDN);
    else if (m->contrast[q].alpha[l] < 0)
      mpfr_sub(out, out, x[m->h + q], MPFR_RNDN);
  }
}

/* The outputs of a column of orbit c into p; ev->sum holds v_f . y_c. */
static void outputs(ufm__orbit_evaluation *ev, mpfr_t *x, size_t c, mpfr_t *p)
{
  const ufm__orbit_model *m = ev->model;
  const ufm_column_orbit *column = &m->column[c];
  size_t G = m->G;
  mpfr_ptr part = ev->scratch[0];

  for (size_t f = 0; f < G; f++) {
    mpfr_set(p[f], ev->sum[c * G + f], MPFR_RNDN);
    if (m->bias != UFM_BIAS_NONE)
      mpfr_add(p[f], p[f], x[m->b + f], MPFR_RNDN);
  }
  for (size_t l = 0; l < column->marks; l++) {
    size_t g = column->group[l];

    /* rho_cl = w a_cl, kept in the entry of the mark */
    mark_feature(m, x, c, l, p[G + l]);
    mpfr_mul(p[G + l], p[G + l], x[m->w + g], MPFR_RNDN);
    mpfr_div_ui(part, p[G + l], m->classes[g], MPFR_RNDN);
    mpfr_sub(p[g], p[g], part, MPFR_RNDN);
  }
  for (size_t l = 0; l < column->marks; l++)
    mpfr_add(p[G + l], p[G + l], p[column->group[l]], MPFR_RNDN);
}

/* Outputs to probabilities. */
static void softmax(ufm__orbit_evaluation *ev, size_t c, mpfr_t *p)
{
  const ufm__orbit_model *m = ev->model;
  size_t n = ufm__orbit_entries(m);
  mpfr_ptr top = ev->scratch[0], sum = ev->scratch[1], term = ev->scratch[2];

  mpfr_set(top, p[m->G], MPFR_RNDN);
  for (size_t e = 0; e < n; e++)
    if (ufm__orbit_many(m, c, e) > 0 && mpfr_greater_p(p[e], top))
      mpfr_set(top, p[e], MPFR_RNDN);
  mpfr_set_zero(sum, 1);
  for (size_t e = 0; e < n; e++) {
    unsigned long many = ufm__orbit_many(m, c, e);

    if (many == 0)
      continue;
    mpfr_sub(p[e], p[e], top, MPFR_RNDN);
    mpfr_exp(p[e], p[e], MPFR_RNDN);
    mpfr_mul_ui(term, p[e], many, MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  for (size_t e = 0; e < n; e++)
    if (ufm__orbit_many(m, c, e) > 0)
      mpfr_div(p[e], p[e], sum, MPFR_RNDN);
}

/* The residuals of ce sum to 0: that of the first mark is what the others
   leave, which keeps its relative accuracy; both marks' when they are equal. */
static void close_sum(ufm__orbit_evaluation *ev, size_t c, mpfr_t *E)
{
  const ufm__orbit_model *m = ev->model;
  bool unordered = m->column[c].unordered;
  mpfr_ptr term = ev->scratch[0];

  mpfr_set_zero(E[m->G], 1);
  for (size_t e = 0; e < ufm__orbit_entries(m); e++) {
    unsigned long many = ufm__orbit_many(m, c, e);

    if (many == 0 || e == m->G || (unordered && e > m->G))
      continue;
    mpfr_mul_ui(term, E[e], many, MPFR_RNDN);
    mpfr_sub(E[m->G], E[m->G], term, MPFR_RNDN);
  }
  if (unordered) {
    mpfr_div_2ui(E[m->G], E[m->G], 1, MPFR_RNDN);
    mpfr_set(E[m->G + 1], E[m->G], MPFR_RNDN);
  }
}

/* E = t - p */
static void residuals(ufm__orbit_evaluation *ev, size_t c, mpfr_t *p, mpfr_t *E)
{
  const ufm__orbit_model *m = ev->model;

  for (size_t e = 0; e < ufm__orbit_entries(m); e++) {
    mpq_srcptr t = ufm__orbit_target(m, c, e);

    if (ufm__orbit_many(m, c, e) == 0)
      continue;
    mpfr_neg(E[e], p[e], MPFR_RNDN);
    if (mpq_sgn(t) != 0)
      mpfr_add_q(E[e], E[e], t, MPFR_RNDN);
  }
  if (m->loss == UFM_LOSS_CE)
    close_sum(ev, c, E);
}

/* Row c of ev->sum and of ev->pull. */
static void sums(ufm__orbit_evaluation *ev, size_t c, mpfr_t *E)
{
  const ufm__orbit_model *m = ev->model;
  const ufm_column_orbit *column = &m->column[c];
  mpfr_t *sum = ev->sum + c * m->G, *pull = ev->pull + 2 * c;

  for (size_t f = 0; f < m->G; f++) {
    unsigned long many = ufm__orbit_many(m, c, f);

    if (many > 0)
      mpfr_mul_ui(sum[f], E[f], many, MPFR_RNDN);
    else
      mpfr_set_zero(sum[f], 1);
  }
  for (size_t l = 0; l < column->marks; l++)
    mpfr_add(sum[column->group[l]], sum[column->group[l]], E[m->G + l],
             MPFR_RNDN);
  for (size_t l = 0; l < column->marks; l++) {
    size_t g = column->group[l];

    mpfr_div_ui(pull[l], sum[g], m->classes[g], MPFR_RNDN);
    mpfr_sub(pull[l], E[m->G + l], pull[l], MPFR_RNDN);
    mpfr_mul(pull[l], pull[l], ev->share[c], MPFR_RNDN);
  }
  for (size_t f = 0; f < m->G; f++) {
    mpfr_mul(sum[f], sum[f], ev->share[c], MPFR_RNDN);
    mpfr_neg(sum[f], sum[f], MPFR_RNDN);
  }
}

void ufm__orbit_evaluate(ufm__orbit_evaluation *ev, mpfr_t *x)
{
  const ufm__orbit_model *m = ev->model;
  size_t n = ufm__orbit_entries(m);

  ufm__fixed_product(&ev->left, &ev->right, ev->sum, m->C, m->G, m->r,
                     (ufm__strided){x + m->y, m->r, 1},
                     (ufm__strided){x + m->v, 1, m->r}, ev->bits);
  for (size_t c = 0; c < m->C; c++) {
    mpfr_t *p = ev->p + c * n, *E = ev->E + c * n;

    outputs(ev, x, c, p);
    if (m->loss == UFM_LOSS_CE)
      softmax(ev, c, p);
    residuals(ev, c, p, E);
    sums(ev, c, E);
  }
}

/* out += sum_l alpha_l R_cl */
static void add_pull(const ufm_contrast *contrast, mpfr_t *pull, mpfr_t out)
{
  for (size_t l = 0; l < 2; l++) {
    if (contrast->alpha[l] > 0)
      mpfr_add(out, out, pull[l], MPFR_RNDN);
    else if (contrast->alpha[l] < 0)
      mpfr_sub(out, out, pull[l], MPFR_RNDN);
  }
}

/* The derivatives by w and h.  As sum_l R_cl a_cl = sum_q h_q sum_l alpha_ql
   R_cl over one group, contrast q pulls at w_g with h_q and at h_q with w_g. */
static void contrast_gradient(ufm__orbit_evaluation *ev, mpfr_t *x, mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_ptr pull = ev->scratch[0], term = ev->scratch[1];

  for (size_t g = 0; g < m->G; g++) {
    mpfr_mul_q(out[m->w + g], x[m->w + g], m->lambda_w, MPFR_RNDN);
    mpfr_mul_ui(out[m->w + g], out[m->w + g], m->classes[g] - 1, MPFR_RNDN);
  }
  for (size_t q = 0; q < m->Q; q++) {
    const ufm_contrast *contrast = &m->contrast[q];
    size_t c = contrast->column, g = contrast->group;
    mpfr_ptr w = out[m->w + g], h = out[m->h + q];

    mpfr_set_zero(h, 1);
    if (contrast->times == 0 || m->classes[g] < 2)
      continue; /* no such variable */
    mpfr_set_zero(pull, 1);
    add_pull(contrast, ev->pull + 2 * c, pull);
    mpfr_mul(term, pull, x[m->h + q], MPFR_RNDN);
    mpfr_sub(w, w, term, MPFR_RNDN);
    mpfr_mul_q(h, x[m->h + q], m->lambda_h, MPFR_RNDN);
    mpfr_mul_q(h, h, m->column[c].nu, MPFR_RNDN);
    mpfr_mul_ui(h, h, m->classes[g] - 1, MPFR_RNDN);
    mpfr_mul_ui(h, h, contrast->times, MPFR_RNDN);
    mpfr_mul(term, pull, x[m->w + g], MPFR_RNDN);
    mpfr_sub(h, h, term, MPFR_RNDN);
  }
}

/* out += lambda n x for r numbers */
static void add_penalty(ufm__orbit_evaluation *ev, mpfr_t *x, mpq_srcptr lambda,
                        unsigned long n, mpfr_t *out)
{
  mpfr_ptr factor = ev->scratch[0], term = ev->scratch[1];

  mpfr_set_q(factor, lambda, MPFR_RNDN);
  mpfr_mul_ui(factor, factor, n, MPFR_RNDN);
  for (size_t i = 0; i < ev->model->r; i++) {
    mpfr_mul(term, x[i], factor, MPFR_RNDN);
    mpfr_add(out[i], out[i], term, MPFR_RNDN);
  }
}

/* The derivatives by v and y: sum^T y and sum v, and penalties. */
static void rest_gradient(ufm__orbit_evaluation *ev, mpfr_t *x, mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;
  size_t G = m->G, C = m->C, r = m->r;
  mpq_t lambda;

  ufm__fixed_product(&ev->left, &ev->right, out + m->v, G, r, C,
                     (ufm__strided){ev->sum, 1, G},
                     (ufm__strided){x + m->y, r, 1}, ev->bits);
  ufm__fixed_product(&ev->left, &ev->right, out + m->y, C, r, G,
                     (ufm__strided){ev->sum, G, 1},
                     (ufm__strided){x + m->v, r, 1}, ev->bits);
  for (size_t g = 0; g < G; g++)
    add_penalty(ev, x + m->v + g * r, m->lambda_w, m->classes[g],
                out + m->v + g * r);
  mpq_init(lambda);
  for (size_t c = 0; c < C; c++) {
    mpq_mul(lambda, m->lambda_h, m->column[c].nu);
    add_penalty(ev, x + m->y + c * r, lambda, m->column[c].columns,
                out + m->y + c * r);
  }
  mpq_clear(lambda);
}

void ufm__orbit_gradient(ufm__orbit_evaluation *ev, mpfr_t *x, mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;

  contrast_gradient(ev, x, out);
  rest_gradient(ev, x, out);
  for (size_t g = 0; g < m->G && m->bias != UFM_BIAS_NONE; g++) {
    mpfr_mul_q(out[m->b + g], x[m->b + g], m->lambda_b, MPFR_RNDN);
    mpfr_mul_ui(out[m->b + g], out[m->b + g], m->classes[g], MPFR_RNDN);
    for (size_t c = 0; c < m->C; c++)
      mpfr_add(out[m->b + g], out[m->b + g], ev->sum[c * m->G + g], MPFR_RNDN);
  }
}
