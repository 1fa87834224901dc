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

/* Scales the last layer and the bias, and with them the logits. */
static void shrink(oracle *o, double by)
{
  for (size_t i = 0; i < o->K * o->d[o->M - 1]; i++)
    mpfr_mul_d(o->W[o->M - 1][i], o->W[o->M - 1][i], by, MPFR_RNDN);
  for (size_t i = 0; i < o->K; i++)
    mpfr_mul_d(o->b[i], o->b[i], by, MPFR_RNDN);
  for (size_t i = 0; i < o->K * o->J; i++)
    mpfr_mul_d(o->y[i], o->y[i], by, MPFR_RNDN);
}

bool claim_is_false(const json_t *root)
{
  static const double factors[] = {0.9375, 0.5, 0.0};
  const char *kind = json_string_value(json_object_get(root, "kind"));
  const json_t *claim = json_object_get(root, "claim");
  /* the lower bound of a refutation is one of a family of points */
  bool family = kind != NULL && strcmp(kind, "refutation") == 0;
  oracle *o = oracle_new(root);
  mpfr_t value, slack, bound;
  bool wrong;

  mpfr_inits2(PRECISION, value, slack, bound, (mpfr_ptr)NULL);
  oracle_primal(value, o);
  rounding(slack, o, value);
  number_value(bound, json_object_get(claim, "upper"));
  mpfr_add(bound, bound, slack, MPFR_RNDN);
  wrong = mpfr_greater_p(value, bound);
  number_value(bound, json_object_get(claim, "lower"));
  mpfr_sub(bound, bound, slack, MPFR_RNDN);
  wrong = wrong || (!family && mpfr_less_p(value, bound));
  for (size_t i = 0; i < 3 && !wrong && !family; i++) {
    shrink(o, factors[i]);
    /* zero is the same for every feature: its penalty goes too */
    for (size_t k = 0; factors[i] <= 0.0 && k < o->d[0] * o->J; k++)
      mpfr_set_zero(o->H[k], 1);
    for (size_t m = 0; factors[i] <= 0.0 && m < o->M; m++)
      for (size_t k = 0; k < o->d[m + 1] * o->d[m]; k++)
        mpfr_set_zero(o->W[m][k], 1);
    oracle_primal(value, o);
    wrong = mpfr_less_p(value, bound);
  }
  mpfr_clears(value, slack, bound, (mpfr_ptr)NULL);
  oracle_free(o);
  return wrong;
}
