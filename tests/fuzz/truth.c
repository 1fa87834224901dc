/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <string.h>

#include <mpfr.h>

#include "../check/oracle.h"
#include "truth.h"

/* 2^-400 of the largest term that F can have. */
static void rounding(mpfr_t out, const oracle *o, mpfr_srcptr value)
{
  mpfr_t square;

  mpfr_init2(square, PRECISION);
  mpfr_abs(out, value, MPFR_RNDN);
  mpfr_add_ui(out, out, 1, MPFR_RNDN);
  for (size_t i = 0; i < o->K * o->J; i++) {
    mpfr_sqr(square, o->y[i], MPFR_RNDN);
    mpfr_max(out, out, square, MPFR_RNDN);
  }
  mpfr_div_2ui(out, out, 400, MPFR_RNDN);
  mpfr_clear(square);
}

/* Scales the features and the bias, and with them the logits. */
static void shrink(oracle *o, double by)
{
  for (size_t i = 0; i < o->d[0] * o->J; i++)
    mpfr_mul_d(o->H[i], o->H[i], by, MPFR_RNDN);
  for (size_t i = 0; i < o->K; i++)
    mpfr_mul_d(o->b[i], o->b[i], by, MPFR_RNDN);
  for (size_t i = 0; i < o->K * o->J; i++)
    mpfr_mul_d(o->y[i], o->y[i], by, MPFR_RNDN);
}

static void clear_layers(oracle *o)
{
  for (size_t m = 0; m < o->M; m++)
    for (size_t k = 0; k < o->d[m + 1] * o->d[m]; k++)
      mpfr_set_zero(o->W[m][k], 1);
}

/* log(1 + (K-1) e^-x) + g(x), g^L = (L/2)^L Lam (K-1)^L n x^2: the simplex ETF
   with logit gap x. */
static void frame_value(mpfr_t out, const oracle *o, double x)
{
  unsigned long L = o->M + 1;
  mpfr_t g;

  mpfr_init2(g, PRECISION);
  mpfr_set_d(g, x, MPFR_RNDN);
  mpfr_sqr(g, g, MPFR_RNDN);
  mpfr_mul(g, g, o->nu[0], MPFR_RNDN);
  mpfr_mul(g, g, o->lambda_h, MPFR_RNDN);
  for (size_t m = 0; m < o->M; m++)
    mpfr_mul(g, g, o->lambda[m], MPFR_RNDN);
  mpfr_rootn_ui(g, g, L, MPFR_RNDN);
  mpfr_mul_ui(g, g, L * (o->K - 1), MPFR_RNDN);
  mpfr_div_2ui(g, g, 1, MPFR_RNDN);
  mpfr_set_d(out, -x, MPFR_RNDN);
  mpfr_exp(out, out, MPFR_RNDN);
  mpfr_mul_ui(out, out, o->K - 1, MPFR_RNDN);
  mpfr_log1p(out, out, MPFR_RNDN);
  mpfr_add(out, out, g, MPFR_RNDN);
  mpfr_clear(g);
}

/* The least value over a grid of gaps, refined around its best point. */
static void best_frame(mpfr_t out, const oracle *o)
{
  double best = 0.0;
  mpfr_t value;

  mpfr_init2(value, PRECISION);
  frame_value(out, o, 0.0);
  for (double step = 2.0; step > 1e-12; step /= 8.0) {
    double from = best - 8.0 * step;

    for (int i = 0; i <= (step < 1.0 ? 16 : 40); i++) {
      double x = from + i * step;

      if (x <= 0.0)
        continue;
      frame_value(value, o, x);
      if (mpfr_less_p(value, out)) {
        mpfr_set(out, value, MPFR_RNDN);
        best = x;
      }
    }
  }
  mpfr_clear(value);
}

bool claim_is_false(const json_t *root)
{
  static const double factors[] = {0.9375, 0.5, 0.0};
  const char *kind = json_string_value(json_object_get(root, "kind"));
  const json_t *claim = json_object_get(root, "claim");
  bool fixed =
      json_object_get(json_object_get(root, "problem"), "fixed_W") != NULL;
  /* the lower bound of a refutation is one of a family of points */
  bool family = kind != NULL && strcmp(kind, "refutation") == 0;
  oracle *o = oracle_new(root);
  mpfr_t value, slack, bound;
  bool wrong;

  if (o == NULL)
    return false;
  mpfr_inits2(PRECISION, value, slack, bound, (mpfr_ptr)NULL);
  oracle_primal(value, o);
  rounding(slack, o, value);
  number_value(bound, json_object_get(claim, "upper"));
  mpfr_add(bound, bound, slack, MPFR_RNDN);
  wrong = mpfr_greater_p(value, bound);
  number_value(bound, json_object_get(claim, "lower"));
  mpfr_sub(bound, bound, slack, MPFR_RNDN);
  if (family)
    best_frame(value, o);
  wrong = wrong || mpfr_less_p(value, bound);
  for (size_t i = 0; i < 3 && !wrong && !family; i++) {
    shrink(o, factors[i]);
    if (factors[i] <= 0.0 && !fixed)
      clear_layers(o);
    oracle_primal(value, o);
    wrong = mpfr_less_p(value, bound);
  }
  mpfr_clears(value, slack, bound, (mpfr_ptr)NULL);
  oracle_free(o);
  return wrong;
}
