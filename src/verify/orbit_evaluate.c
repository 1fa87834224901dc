/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/orbit_evaluate.h"

ufm_status ufm__orbit_evaluation_init(ufm__orbit_evaluation *out,
                                      const ufm__orbit_model *model,
                                      mpfr_prec_t bits, ufm_error *error)
{
  size_t G = model->G, largest = G * (G > model->r ? G : model->r);
  bool good;

  *out = (ufm__orbit_evaluation){.model = model, .bits = bits};
  out->p = ufm__mp_new(G * (G + 1), bits);
  out->E = ufm__mp_new(G * (G + 1), bits);
  out->sum = ufm__mp_new(G * G, bits);
  out->scratch = ufm__mp_new(4, bits);
  good = ufm__fixed_init(&out->left, largest);
  good = good && ufm__fixed_init(&out->right, largest);
  if (good && out->p != NULL && out->E != NULL && out->sum != NULL &&
      out->scratch != NULL)
    return UFM_OK;
  ufm__orbit_evaluation_clear(out);
  return ufm__no_memory(error, "verify: residuals");
}

void ufm__orbit_evaluation_clear(ufm__orbit_evaluation *ev)
{
  size_t G;

  if (ev->model == NULL)
    return;
  G = ev->model->G;
  ufm__mp_free(ev->p, G * (G + 1));
  ufm__mp_free(ev->E, G * (G + 1));
  ufm__mp_free(ev->sum, G * G);
  ufm__mp_free(ev->scratch, 4);
  ufm__fixed_clear(&ev->left);
  ufm__fixed_clear(&ev->right);
  *ev = (ufm__orbit_evaluation){0};
}

/* The G + 1 outputs of column g into p; ev->sum holds v_f . y_g, [f G + g]. */
static void outputs(ufm__orbit_evaluation *ev, mpfr_t *x, size_t g, mpfr_t *p)
{
  const ufm__orbit_model *m = ev->model;
  size_t G = m->G;
  mpfr_ptr c = ev->scratch[0];

  for (size_t f = 0; f < G; f++) {
    mpfr_set(p[f], ev->sum[f * G + g], MPFR_RNDN);
    if (m->bias != UFM_BIAS_NONE)
      mpfr_add(p[f], p[f], x[m->b + f], MPFR_RNDN);
  }
  mpfr_mul(c, x[m->w + g], x[m->h + g], MPFR_RNDN);
  mpfr_add(p[G], p[g], c, MPFR_RNDN);
  mpfr_div_ui(c, c, m->classes[g], MPFR_RNDN);
  mpfr_sub(p[G], p[G], c, MPFR_RNDN);
  mpfr_sub(p[g], p[g], c, MPFR_RNDN);
}

/* Outputs to probabilities. */
static void softmax(ufm__orbit_evaluation *ev, size_t g, mpfr_t *p)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_ptr top = ev->scratch[0], sum = ev->scratch[1], term = ev->scratch[2];

  mpfr_set(top, p[m->G], MPFR_RNDN);
  for (size_t f = 0; f < m->G; f++)
    if (ufm__orbit_many(m, g, f) > 0 && mpfr_greater_p(p[f], top))
      mpfr_set(top, p[f], MPFR_RNDN);
  mpfr_set_zero(sum, 1);
  for (size_t f = 0; f <= m->G; f++) {
    mpfr_sub(p[f], p[f], top, MPFR_RNDN);
    mpfr_exp(p[f], p[f], MPFR_RNDN);
    mpfr_mul_ui(term, p[f], ufm__orbit_many(m, g, f), MPFR_RNDN);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  for (size_t f = 0; f <= m->G; f++)
    mpfr_div(p[f], p[f], sum, MPFR_RNDN);
}

/* E = t - p; for ce the own entry is minus the sum of the others, which keeps
   its relative accuracy. */
static void residuals(ufm__orbit_evaluation *ev, size_t g)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_t *p = ev->p + g * (m->G + 1), *E = ev->E + g * (m->G + 1);
  mpfr_ptr term = ev->scratch[0];

  for (size_t f = 0; f <= m->G; f++) {
    mpfr_sub_q(E[f], p[f], ufm__orbit_target(m, f), MPFR_RNDN);
    mpfr_neg(E[f], E[f], MPFR_RNDN);
  }
  if (m->loss != UFM_LOSS_CE)
    return;
  mpfr_set_zero(E[m->G], 1);
  for (size_t f = 0; f < m->G; f++) {
    mpfr_mul_ui(term, E[f], ufm__orbit_many(m, g, f), MPFR_RNDN);
    mpfr_sub(E[m->G], E[m->G], term, MPFR_RNDN);
  }
}

/* Column g of ev->sum. */
static void block_sums(ufm__orbit_evaluation *ev, size_t g)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_t *E = ev->E + g * (m->G + 1);

  for (size_t f = 0; f < m->G; f++) {
    mpfr_ptr out = ev->sum[f * m->G + g];

    mpfr_mul_ui(out, E[f], ufm__orbit_many(m, g, f), MPFR_RNDN);
    if (f == g)
      mpfr_add(out, out, E[m->G], MPFR_RNDN);
    mpfr_mul_ui(out, out, m->classes[g], MPFR_RNDN);
    mpfr_mul_q(out, out, m->pi[g], MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
  }
}

void ufm__orbit_evaluate(ufm__orbit_evaluation *ev, mpfr_t *x)
{
  const ufm__orbit_model *m = ev->model;

  ufm__fixed_product(&ev->left, &ev->right, ev->sum, m->G, m->G, m->r,
                     (ufm__strided){x + m->v, m->r, 1},
                     (ufm__strided){x + m->y, 1, m->r}, ev->bits);
  for (size_t g = 0; g < m->G; g++) {
    mpfr_t *p = ev->p + g * (m->G + 1);

    outputs(ev, x, g, p);
    if (m->loss == UFM_LOSS_CE)
      softmax(ev, g, p);
    residuals(ev, g);
    block_sums(ev, g);
  }
}

/* The derivatives by w_g and h_g: with pull = pi_g (E_own - E_in),
   (K_g - 1)(lambda_W w - pull h) and (K_g - 1)(lambda_H nu_g h - pull w). */
static void contrast_gradient(ufm__orbit_evaluation *ev, mpfr_t *x, size_t g,
                              mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_t *E = ev->E + g * (m->G + 1);
  mpfr_ptr pull = ev->scratch[0], term = ev->scratch[1];
  mpfr_ptr w = x[m->w + g], h = x[m->h + g];

  mpfr_sub(pull, E[m->G], E[g], MPFR_RNDN);
  mpfr_mul_q(pull, pull, m->pi[g], MPFR_RNDN);
  mpfr_mul_q(out[m->w + g], w, m->lambda_w, MPFR_RNDN);
  mpfr_mul(term, pull, h, MPFR_RNDN);
  mpfr_sub(out[m->w + g], out[m->w + g], term, MPFR_RNDN);
  mpfr_mul_q(out[m->h + g], h, m->lambda_h, MPFR_RNDN);
  mpfr_mul_q(out[m->h + g], out[m->h + g], m->nu[g], MPFR_RNDN);
  mpfr_mul(term, pull, w, MPFR_RNDN);
  mpfr_sub(out[m->h + g], out[m->h + g], term, MPFR_RNDN);
  mpfr_mul_ui(out[m->w + g], out[m->w + g], m->classes[g] - 1, MPFR_RNDN);
  mpfr_mul_ui(out[m->h + g], out[m->h + g], m->classes[g] - 1, MPFR_RNDN);
}

/* out += lambda nu K_g x for the r numbers of a row of group g. */
static void add_penalty(ufm__orbit_evaluation *ev, mpfr_t *x, mpq_srcptr lambda,
                        mpq_srcptr nu, size_t g, mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_ptr term = ev->scratch[0];

  for (size_t i = 0; i < m->r; i++) {
    mpfr_mul_q(term, x[i], lambda, MPFR_RNDN);
    if (nu != NULL)
      mpfr_mul_q(term, term, nu, MPFR_RNDN);
    mpfr_mul_ui(term, term, m->classes[g], MPFR_RNDN);
    mpfr_add(out[i], out[i], term, MPFR_RNDN);
  }
}

/* The derivatives by v and y: sum y and sum^T v, and penalties. */
static void row_gradients(ufm__orbit_evaluation *ev, mpfr_t *x, mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;
  size_t G = m->G, r = m->r;

  ufm__fixed_product(&ev->left, &ev->right, out + m->v, G, r, G,
                     (ufm__strided){ev->sum, G, 1},
                     (ufm__strided){x + m->y, r, 1}, ev->bits);
  ufm__fixed_product(&ev->left, &ev->right, out + m->y, G, r, G,
                     (ufm__strided){ev->sum, 1, G},
                     (ufm__strided){x + m->v, r, 1}, ev->bits);
  for (size_t g = 0; g < G; g++) {
    size_t v = m->v + g * r, y = m->y + g * r;

    add_penalty(ev, x + v, m->lambda_w, NULL, g, out + v);
    add_penalty(ev, x + y, m->lambda_h, m->nu[g], g, out + y);
  }
}

void ufm__orbit_gradient(ufm__orbit_evaluation *ev, mpfr_t *x, mpfr_t *out)
{
  const ufm__orbit_model *m = ev->model;
  mpfr_ptr term = ev->scratch[0];

  row_gradients(ev, x, out);
  for (size_t g = 0; g < m->G; g++) {
    contrast_gradient(ev, x, g, out);
    if (m->bias == UFM_BIAS_NONE)
      continue;
    mpfr_set_zero(out[m->b + g], 1);
    for (size_t f = 0; f < m->G; f++)
      mpfr_add(out[m->b + g], out[m->b + g], ev->sum[g * m->G + f], MPFR_RNDN);
    mpfr_mul_q(term, x[m->b + g], m->lambda_b, MPFR_RNDN);
    mpfr_mul_ui(term, term, m->classes[g], MPFR_RNDN);
    mpfr_add(out[m->b + g], out[m->b + g], term, MPFR_RNDN);
  }
}
