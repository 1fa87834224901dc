/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective with directed rounding: the upper ends of certificates. */
#include <config.h>

#include "core/error.h"
#include "verify/fixed.h"
#include "verify/frame.h"
#include "verify/primal_value.h"

enum { GUARD_DIGITS = 16 };

static void ce_loss(const ufm__model *model, size_t j, iv *y, iv *out)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  size_t K = model->K, top = 0;
  iv sum, term;

  ufm__iv_init(&sum, bits);
  ufm__iv_init(&term, bits);
  ufm__iv_set_ui(out, 0);
  for (size_t i = 1; i < K; i++)
    if (mpfr_greater_p(y[i].hi, y[top].hi))
      top = i;
  for (size_t i = 0; i < K; i++) {
    mpq_srcptr t = model->target[j * K + i];

    if (i == top)
      continue;
    ufm__iv_sub(&y[i], &y[i], &y[top]);
    ufm__iv_exp(&term, &y[i]);
    ufm__iv_add(&sum, &sum, &term);
    if (mpq_sgn(t) != 0) {
      ufm__iv_mul_q(&term, &y[i], t);
      ufm__iv_sub(out, out, &term);
    }
  }
  ufm__iv_log1p(&sum, &sum);
  ufm__iv_add(out, out, &sum);
  ufm__iv_clear(&sum);
  ufm__iv_clear(&term);
}

static void mse_loss(const ufm__model *model, size_t j, iv *y, iv *out)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  iv term;

  ufm__iv_init(&term, bits);
  ufm__iv_set_ui(out, 0);
  for (size_t i = 0; i < model->K; i++) {
    ufm__iv_set_q(&term, model->target[j * model->K + i]);
    ufm__iv_sub(&term, &y[i], &term);
    ufm__iv_sqr(&term, &term);
    ufm__iv_add(out, out, &term);
  }
  mpfr_div_2ui(out->lo, out->lo, 1, MPFR_RNDD);
  mpfr_div_2ui(out->hi, out->hi, 1, MPFR_RNDU);
  ufm__iv_clear(&term);
}

void ufm__column_loss(const ufm__model *model, size_t j, iv *y, iv *out)
{
  if (model->loss == UFM_LOSS_CE)
    ce_loss(model, j, y, out);
  else
    mse_loss(model, j, y, out);
}

/* y = W x for interval x (n_in) and exact W (n_out x n_in). */
static void layer(const mpfr_t *w, size_t n_out, size_t n_in, const iv *x,
                  iv *y)
{
  for (size_t i = 0; i < n_out; i++) {
    ufm__iv_set_ui(&y[i], 0);
    for (size_t l = 0; l < n_in; l++)
      ufm__iv_add_product(&y[i], &x[l], w[i * n_in + l]);
  }
}

/* out += (lambda/2) |x|^2 */
static void add_penalty(iv *out, mpfr_t *x, size_t n, mpq_srcptr lambda)
{
  iv sum, entry;

  ufm__iv_init(&sum, mpfr_get_prec(out->lo));
  ufm__iv_init(&entry, mpfr_get_prec(out->lo));
  for (size_t i = 0; i < n; i++) {
    ufm__iv_set_mp(&entry, x[i]); /* x may have more bits than out */
    ufm__iv_add_product(&sum, &entry, x[i]);
  }
  ufm__iv_mul_q(&sum, &sum, lambda);
  mpfr_div_2ui(sum.lo, sum.lo, 1, MPFR_RNDD);
  mpfr_div_2ui(sum.hi, sum.hi, 1, MPFR_RNDU);
  ufm__iv_add(out, out, &sum);
  ufm__iv_clear(&sum);
  ufm__iv_clear(&entry);
}

static void add_penalties(const ufm__model *model, mpfr_t *x, iv *out)
{
  size_t d = model->width[0];
  mpq_t lambda;

  mpq_init(lambda);
  for (size_t m = 1; m <= model->M && !model->fixed; m++)
    add_penalty(out, ufm__layer(model, x, m),
                model->width[m] * model->width[m - 1], model->lambda[m - 1]);
  if (model->fixed)
    ufm__add_frame_penalty(model, out);
  for (size_t j = 0; j < model->J; j++) {
    mpq_mul(lambda, model->lambda[model->M], model->nu[j]);
    add_penalty(out, ufm__feature(model, x, j), d, lambda);
  }
  if (model->bias == UFM_BIAS_RIDGE)
    add_penalty(out, x + model->b, model->K, model->lambda_b);
  mpq_clear(lambda);
}

/* act = W_1 h_j for all columns, enclosed: products in fixed point and their
   error (verify/fixed.h). */
static bool first_layer(const ufm__model *model, mpfr_t *x, iv *act)
{
  size_t d = model->width[0], n = model->width[1], J = model->J;
  long f = (long)mpfr_get_prec(act->lo) + GUARD_DIGITS;
  ufm__fixed w, h;
  bool good = ufm__fixed_init(&w, n * d);
  mpz_t sum, error;

  if (!good || !ufm__fixed_init(&h, J * d)) {
    if (good)
      ufm__fixed_clear(&w);
    return false;
  }
  mpz_inits(sum, error, (mpz_ptr)NULL);
  mpz_set_ui(error, d);
  mpz_mul_2exp(error, error, (mp_bitcnt_t)f + 1);
  good = ufm__fixed_set(&w, n, d, ufm__layer(model, x, 1), d, 1, f) &&
         ufm__fixed_set(&h, J, d, ufm__feature(model, x, 0), d, 1, f);
  for (size_t j = 0; j < J; j++)
    for (size_t i = 0; i < n; i++) {
      iv *out = &act[j * n + i];
      long exponent = w.exponent[i] + h.exponent[j] - 2 * f;

      if (!good) { /* not a finite point: no information */
        mpfr_set_nan(out->lo);
        mpfr_set_nan(out->hi);
        continue;
      }
      ufm__fixed_dot(sum, &w, i, &h, j);
      mpz_sub(sum, sum, error);
      mpfr_set_z_2exp(out->lo, sum, exponent, MPFR_RNDD);
      mpz_addmul_ui(sum, error, 2);
      mpfr_set_z_2exp(out->hi, sum, exponent, MPFR_RNDU);
    }
  mpz_clears(sum, error, (mpz_ptr)NULL);
  ufm__fixed_clear(&w);
  ufm__fixed_clear(&h);
  return true;
}

/* act_j = m (h_j - mean h_j), enclosed: the fixed classifier is exact. */
static void frame_layer(const ufm__model *model, mpfr_t *x, iv *act)
{
  size_t K = model->K;
  iv mean, entry;

  ufm__iv_init(&mean, mpfr_get_prec(act->lo));
  ufm__iv_init(&entry, mpfr_get_prec(act->lo));
  for (size_t j = 0; j < model->J; j++) {
    mpfr_t *h = ufm__feature(model, x, j);

    ufm__iv_set_ui(&mean, 0);
    for (size_t i = 0; i < K; i++) {
      ufm__iv_set_mp(&entry, h[i]);
      ufm__iv_add(&mean, &mean, &entry);
    }
    mpfr_div_ui(mean.lo, mean.lo, K, MPFR_RNDD);
    mpfr_div_ui(mean.hi, mean.hi, K, MPFR_RNDU);
    for (size_t i = 0; i < K; i++) {
      ufm__iv_set_mp(&entry, h[i]);
      ufm__iv_sub(&entry, &entry, &mean);
      ufm__iv_mul_q(&act[j * K + i], &entry, model->multiplier);
    }
  }
  ufm__iv_clear(&mean);
  ufm__iv_clear(&entry);
}

/* The loss of column j, whose first activations are `first`; `in` and `act`
   have room for the widest layer. */
static void add_column(const ufm__model *model, mpfr_t *x, size_t j,
                       const iv *first, iv *in, iv *act, iv *out)
{
  iv loss;

  ufm__iv_init(&loss, mpfr_get_prec(out->lo));
  for (size_t i = 0; i < model->width[1]; i++)
    ufm__iv_set(&in[i], &first[i]);
  for (size_t m = 2; m <= model->M; m++) {
    iv *swap = in;

    layer(ufm__layer(model, x, m), model->width[m], model->width[m - 1], in,
          act);
    in = act;
    act = swap;
  }
  for (size_t i = 0; i < model->K && model->bias != UFM_BIAS_NONE; i++) {
    mpfr_add(in[i].lo, in[i].lo, x[model->b + i], MPFR_RNDD);
    mpfr_add(in[i].hi, in[i].hi, x[model->b + i], MPFR_RNDU);
  }
  ufm__column_loss(model, j, in, &loss);
  ufm__iv_mul_q(&loss, &loss, model->pi[j]);
  ufm__iv_add(out, out, &loss);
  ufm__iv_clear(&loss);
}

ufm_status ufm__primal_value(const ufm__model *model, mpfr_t *x, iv *out,
                             ufm_error *error)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lo);
  size_t widest = 0, n = model->width[1];
  iv *in, *act, *first;
  bool good;

  for (size_t m = 0; m <= model->M; m++)
    if (model->width[m] > widest)
      widest = model->width[m];
  in = ufm__iv_new(widest, bits);
  act = ufm__iv_new(widest, bits);
  first = ufm__iv_new(model->J * n, bits);
  good = in != NULL && act != NULL && first != NULL;
  if (good && model->fixed)
    frame_layer(model, x, first);
  else
    good = good && first_layer(model, x, first);
  ufm__iv_set_ui(out, 0);
  if (good) {
    for (size_t j = 0; j < model->J; j++)
      add_column(model, x, j, first + j * n, in, act, out);
    add_penalties(model, x, out);
  }
  ufm__iv_free(in, widest);
  ufm__iv_free(act, widest);
  ufm__iv_free(first, model->J * n);
  if (!good)
    return ufm__no_memory(error, "verify: objective");
  return UFM_OK;
}
