/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activations, probabilities and the gradient in MPFR. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/evaluate.h"
#include "verify/interval.h"

ufm_status ufm__evaluation_init(ufm__evaluation *out, const ufm__model *model,
                                mpfr_prec_t bits, ufm_error *error)
{
  size_t J = model->J, widest = 0, largest = 0;
  bool good;

  *out = (ufm__evaluation){.model = model, .bits = bits};
  for (size_t m = 0; m <= model->M; m++)
    if (model->width[m] > widest)
      widest = model->width[m];
  largest = widest * (widest > J ? widest : J);
  out->act = calloc(model->M + 1, sizeof *out->act);
  good = out->act != NULL;
  for (size_t m = 1; good && m <= model->M; m++) {
    out->act[m] = ufm__mp_new(J * model->width[m], bits);
    good = out->act[m] != NULL;
  }
  out->p = ufm__mp_new(J * model->K, bits);
  out->E = ufm__mp_new(J * model->K, bits);
  out->back = ufm__mp_new(J * widest, bits);
  out->before = ufm__mp_new(J * widest, bits);
  good = good && ufm__fixed_init(&out->left, largest);
  good = good && ufm__fixed_init(&out->right, largest);
  if (good && out->p != NULL && out->E != NULL && out->back != NULL &&
      out->before != NULL)
    return UFM_OK;
  ufm__evaluation_clear(out);
  return ufm__no_memory(error, "verify: evaluation");
}

void ufm__evaluation_clear(ufm__evaluation *ev)
{
  const ufm__model *model = ev->model;
  size_t widest = 0;

  if (model == NULL)
    return;
  for (size_t m = 0; m <= model->M; m++)
    if (model->width[m] > widest)
      widest = model->width[m];
  for (size_t m = 1; ev->act != NULL && m <= model->M; m++)
    ufm__mp_free(ev->act[m], model->J * model->width[m]);
  free(ev->act);
  ufm__mp_free(ev->p, model->J * model->K);
  ufm__mp_free(ev->E, model->J * model->K);
  ufm__mp_free(ev->back, model->J * widest);
  ufm__mp_free(ev->before, model->J * widest);
  ufm__fixed_clear(&ev->left);
  ufm__fixed_clear(&ev->right);
  *ev = (ufm__evaluation){0};
}

static void product(ufm__evaluation *ev, mpfr_t *c, size_t m, size_t n,
                    size_t k, ufm__strided a, ufm__strided b)
{
  ufm__fixed_product(&ev->left, &ev->right, c, m, n, k, a, b, ev->bits);
}

void ufm__softmax(size_t n, mpfr_t *y, mpfr_t *p, mpfr_prec_t bits)
{
  size_t top = 0;
  mpfr_t sum;

  mpfr_init2(sum, bits);
  mpfr_set_ui(sum, 1, MPFR_RNDN);
  for (size_t i = 1; i < n; i++)
    if (mpfr_greater_p(y[i], y[top]))
      top = i;
  for (size_t i = 0; i < n; i++)
    if (i != top) {
      mpfr_sub(p[i], y[i], y[top], MPFR_RNDN);
      mpfr_exp(p[i], p[i], MPFR_RNDN);
      mpfr_add(sum, sum, p[i], MPFR_RNDN);
    }
  mpfr_set_ui(p[top], 1, MPFR_RNDN);
  for (size_t i = 0; i < n; i++)
    mpfr_div(p[i], p[i], sum, MPFR_RNDN);
  mpfr_clear(sum);
}

void ufm__evaluate(ufm__evaluation *ev, mpfr_t *x)
{
  const ufm__model *model = ev->model;
  size_t K = model->K, J = model->J;
  mpfr_t *y = ev->back;

  for (size_t m = 1; m <= model->M; m++) {
    size_t in = model->width[m - 1], out = model->width[m];

    product(ev, ev->act[m], J, out, in,
            (ufm__strided){m == 1 ? x + model->h : ev->act[m - 1], in, 1},
            (ufm__strided){ufm__layer(model, x, m), 1, in});
  }
  for (size_t j = 0; j < J; j++) {
    mpfr_t *z = ev->act[model->M] + j * K, *p = ev->p + j * K;

    for (size_t i = 0; i < K; i++)
      if (model->bias == UFM_BIAS_NONE)
        mpfr_set(y[i], z[i], MPFR_RNDN);
      else
        mpfr_add(y[i], z[i], x[model->b + i], MPFR_RNDN);
    if (model->loss == UFM_LOSS_CE)
      ufm__softmax(K, y, p, ev->bits);
    for (size_t i = 0; i < K; i++) {
      if (model->loss == UFM_LOSS_MSE)
        mpfr_set(p[i], y[i], MPFR_RNDN);
      mpfr_sub_q(ev->E[j * K + i], p[i], model->target[j * K + i], MPFR_RNDN);
      mpfr_neg(ev->E[j * K + i], ev->E[j * K + i], MPFR_RNDN);
    }
  }
}

/* r += lambda x */
static void add_penalty(mpfr_t *r, mpfr_t *x, size_t n, mpq_srcptr lambda,
                        mpfr_prec_t bits)
{
  mpfr_t term;

  mpfr_init2(term, bits);
  for (size_t i = 0; i < n; i++) {
    mpfr_mul_q(term, x[i], lambda, MPFR_RNDN);
    mpfr_add(r[i], r[i], term, MPFR_RNDN);
  }
  mpfr_clear(term);
}

static void bias_gradient(ufm__evaluation *ev, mpfr_t *x, mpfr_t *r)
{
  const ufm__model *model = ev->model;
  size_t K = model->K;

  for (size_t i = 0; i < K; i++) {
    mpfr_set_zero(r[model->b + i], 1);
    for (size_t j = 0; j < model->J; j++)
      mpfr_add(r[model->b + i], r[model->b + i], ev->back[j * K + i],
               MPFR_RNDN);
  }
  if (model->bias == UFM_BIAS_RIDGE)
    add_penalty(r + model->b, x + model->b, K, model->lambda_b, ev->bits);
}

void ufm__gradient(ufm__evaluation *ev, mpfr_t *x, mpfr_t *r)
{
  const ufm__model *model = ev->model;
  size_t K = model->K, J = model->J, d = model->width[0];
  mpq_t lambda;

  for (size_t j = 0; j < J; j++)
    for (size_t i = 0; i < K; i++) {
      mpfr_mul_q(ev->back[j * K + i], ev->E[j * K + i], model->pi[j],
                 MPFR_RNDN);
      mpfr_neg(ev->back[j * K + i], ev->back[j * K + i], MPFR_RNDN);
    }
  if (model->bias != UFM_BIAS_NONE)
    bias_gradient(ev, x, r);
  for (size_t m = model->M; m >= 1; m--) {
    size_t in = model->width[m - 1], out = model->width[m];
    mpfr_t *below = m == 1 ? r + model->h : ev->before;

    product(ev, r + model->w[m - 1], out, in, J,
            (ufm__strided){ev->back, 1, out},
            (ufm__strided){m == 1 ? x + model->h : ev->act[m - 1], in, 1});
    add_penalty(r + model->w[m - 1], ufm__layer(model, x, m), out * in,
                model->lambda[m - 1], ev->bits);
    for (size_t i = 0; i < out * in && model->fixed; i++)
      mpfr_set_zero(r[model->w[m - 1] + i], 1);
    product(ev, below, J, in, out, (ufm__strided){ev->back, out, 1},
            (ufm__strided){ufm__layer(model, x, m), in, 1});
    if (m > 1) {
      mpfr_t *swap = ev->back;

      ev->back = ev->before;
      ev->before = swap;
    }
  }
  mpq_init(lambda);
  for (size_t j = 0; j < J; j++) {
    mpq_mul(lambda, model->lambda[model->M], model->nu[j]);
    add_penalty(r + model->h + j * d, ufm__feature(model, x, j), d, lambda,
                ev->bits);
  }
  mpq_clear(lambda);
}
