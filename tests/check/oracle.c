/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates evaluated in MPFR. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

static void fail(const char *what)
{
  fprintf(stderr, "oracle: %s\n", what);
  abort();
}

mpfr_t *reals_new(size_t n)
{
  mpfr_t *x = malloc((n > 0 ? n : 1) * sizeof *x);

  if (x == NULL)
    fail("out of memory");
  for (size_t i = 0; i < n; i++) {
    mpfr_init2(x[i], PRECISION);
    mpfr_set_zero(x[i], 1);
  }
  return x;
}

void reals_free(mpfr_t *x, size_t n)
{
  for (size_t i = 0; x != NULL && i < n; i++)
    mpfr_clear(x[i]);
  free(x);
}

void number_value(mpfr_t out, const json_t *value)
{
  const char *text = json_string_value(value);
  mpq_t q;

  if (json_is_integer(value)) {
    mpfr_set_si(out, (long)json_integer_value(value), MPFR_RNDN);
  } else if (text != NULL && strstr(text, "0x") != NULL) {
    if (mpfr_set_str(out, text, 16, MPFR_RNDN) != 0)
      fail(text);
  } else {
    mpq_init(q);
    if (text == NULL || mpq_set_str(q, text, 10) != 0)
      fail("not a number");
    mpq_canonicalize(q);
    mpfr_set_q(out, q, MPFR_RNDN);
    mpq_clear(q);
  }
}

static mpfr_t *read_array(const json_t *array, size_t count)
{
  mpfr_t *x = reals_new(count);

  if (json_array_size(array) != count)
    fail("array of wrong size");
  for (size_t i = 0; i < count; i++)
    number_value(x[i], json_array_get(array, i));
  return x;
}

static void read_layers(oracle *o, const json_t *problem)
{
  const json_t *widths = json_object_get(problem, "widths");
  const json_t *lambda = json_object_get(problem, "lambda_W");

  o->M = widths == NULL ? 1 : json_array_size(widths);
  o->d = calloc(o->M + 1, sizeof *o->d);
  o->lambda = reals_new(o->M);
  if (o->d == NULL)
    fail("out of memory");
  o->d[o->M] = o->K;
  for (size_t m = 0; m < o->M; m++) {
    o->d[m] = (size_t)json_integer_value(widths == NULL
                                             ? json_object_get(problem, "d")
                                             : json_array_get(widths, m));
    if (!json_is_null(lambda)) /* a fixed classifier may have none */
      number_value(o->lambda[m],
                   widths == NULL ? lambda : json_array_get(lambda, m));
  }
}

static void read_columns(oracle *o, const json_t *columns)
{
  o->J = json_array_size(columns);
  o->t = reals_new(o->K * o->J);
  o->a = reals_new(o->J);
  o->nu = reals_new(o->J);
  for (size_t j = 0; j < o->J; j++) {
    const json_t *column = json_array_get(columns, j);
    const json_t *target = json_object_get(column, "target");

    number_value(o->a[j], json_object_get(column, "weight"));
    number_value(o->nu[j], json_object_get(column, "multiplicity"));
    mpfr_add(o->A, o->A, o->a[j], MPFR_RNDN);
    for (size_t i = 0; i < o->K; i++)
      if (json_is_array(target))
        number_value(o->t[i * o->J + j], json_array_get(target, i));
      else if (strtoul(json_string_value(target) + 6, NULL, 10) == i)
        mpfr_set_ui(o->t[i * o->J + j], 1, MPFR_RNDN);
  }
}

/* W = m (I - J/K) */
static mpfr_t *frame_classifier(const oracle *o, const json_t *fixed)
{
  mpfr_t *W = reals_new(o->K * o->K);

  if (o->M != 1 || o->d[0] != o->K)
    fail("a frame of wrong size");
  for (size_t i = 0; i < o->K * o->K; i++) {
    number_value(W[i], json_object_get(fixed, "multiplier"));
    mpfr_mul_si(W[i], W[i], i % (o->K + 1) == 0 ? (long)o->K - 1 : -1,
                MPFR_RNDN);
    mpfr_div_ui(W[i], W[i], o->K, MPFR_RNDN);
  }
  return W;
}

static void read_point(oracle *o, const json_t *primal, const json_t *fixed)
{
  const json_t *W = json_object_get(primal, "W");
  const json_t *b = json_object_get(primal, "b");
  bool nested = json_is_array(json_array_get(W, 0));

  o->W = calloc(o->M, sizeof *o->W);
  if (o->W == NULL)
    fail("out of memory");
  for (size_t m = 0; m < o->M && fixed != NULL; m++)
    o->W[m] = frame_classifier(o, fixed);
  for (size_t m = 0; m < o->M && fixed == NULL; m++)
    o->W[m] =
        read_array(nested ? json_array_get(W, m) : W, o->d[m + 1] * o->d[m]);
  o->H = read_array(json_object_get(primal, "H"), o->d[0] * o->J);
  o->b = json_is_null(b) ? reals_new(o->K) : read_array(b, o->K);
}

static void form_logits(oracle *o)
{
  mpfr_t *x = o->H, term;

  mpfr_init2(term, PRECISION);
  for (size_t m = 0; m < o->M; m++) {
    mpfr_t *product = reals_new(o->d[m + 1] * o->J);

    for (size_t i = 0; i < o->d[m + 1]; i++)
      for (size_t j = 0; j < o->J; j++)
        for (size_t k = 0; k < o->d[m]; k++) {
          mpfr_mul(term, o->W[m][i * o->d[m] + k], x[k * o->J + j], MPFR_RNDN);
          mpfr_add(product[i * o->J + j], product[i * o->J + j], term,
                   MPFR_RNDN);
        }
    if (m > 0)
      reals_free(x, o->d[m] * o->J);
    x = product;
  }
  for (size_t i = 0; i < o->K; i++)
    for (size_t j = 0; j < o->J; j++)
      mpfr_add(x[i * o->J + j], x[i * o->J + j], o->b[i], MPFR_RNDN);
  o->y = x;
  mpfr_clear(term);
}

oracle *oracle_new(const json_t *root)
{
  const json_t *problem = json_object_get(root, "problem");
  const char *bias = json_string_value(json_object_get(problem, "bias"));
  oracle *o = calloc(1, sizeof *o);

  if (o == NULL || bias == NULL)
    fail("no problem");
  mpfr_inits2(PRECISION, o->lambda_h, o->lambda_b, o->A, (mpfr_ptr)NULL);
  mpfr_set_zero(o->A, 1);
  o->ce =
      strcmp(json_string_value(json_object_get(problem, "loss")), "ce") == 0;
  o->free_bias = strcmp(bias, "free") == 0;
  o->ridge = strcmp(bias, "ridge") == 0;
  o->K = (size_t)json_integer_value(json_object_get(problem, "K"));
  number_value(o->lambda_h, json_object_get(problem, "lambda_H"));
  if (o->ridge)
    number_value(o->lambda_b, json_object_get(problem, "lambda_b"));
  if (json_object_get(problem, "groups") == NULL) {
    read_layers(o, problem);
    read_columns(o, json_object_get(problem, "columns"));
    read_point(o, json_object_get(root, "primal"),
               json_object_get(problem, "fixed_W"));
  } else if (!oracle_expand(o, root)) {
    mpfr_clears(o->lambda_h, o->lambda_b, o->A, (mpfr_ptr)NULL);
    free(o);
    return NULL;
  }
  form_logits(o);
  return o;
}

void oracle_free(oracle *o)
{
  for (size_t m = 0; m < o->M; m++)
    reals_free(o->W[m], o->d[m + 1] * o->d[m]);
  free(o->W);
  reals_free(o->H, o->d[0] * o->J);
  reals_free(o->b, o->K);
  reals_free(o->y, o->K * o->J);
  reals_free(o->t, o->K * o->J);
  reals_free(o->a, o->J);
  reals_free(o->nu, o->J);
  reals_free(o->lambda, o->M);
  mpfr_clears(o->lambda_h, o->lambda_b, o->A, (mpfr_ptr)NULL);
  free(o->d);
  free(o);
}

/* log sum_i exp(y_ij) */
static void log_sum_exp(mpfr_t out, const oracle *o, size_t j)
{
  mpfr_t term;

  mpfr_init2(term, PRECISION);
  mpfr_set_zero(out, 1);
  for (size_t i = 0; i < o->K; i++) {
    mpfr_exp(term, o->y[i * o->J + j], MPFR_RNDN);
    mpfr_add(out, out, term, MPFR_RNDN);
  }
  mpfr_log(out, out, MPFR_RNDN);
  mpfr_clear(term);
}

void oracle_residual(mpfr_t out, const oracle *o, size_t i, size_t j)
{
  if (o->ce) {
    log_sum_exp(out, o, j);
    mpfr_sub(out, o->y[i * o->J + j], out, MPFR_RNDN);
    mpfr_exp(out, out, MPFR_RNDN);
    mpfr_sub(out, o->t[i * o->J + j], out, MPFR_RNDN);
  } else {
    mpfr_sub(out, o->t[i * o->J + j], o->y[i * o->J + j], MPFR_RNDN);
  }
}

static void loss(mpfr_t out, const oracle *o, size_t j)
{
  mpfr_t term;

  mpfr_init2(term, PRECISION);
  if (o->ce)
    log_sum_exp(out, o, j);
  else
    mpfr_set_zero(out, 1);
  for (size_t i = 0; i < o->K; i++) {
    size_t at = i * o->J + j;

    if (o->ce) {
      mpfr_mul(term, o->t[at], o->y[at], MPFR_RNDN);
      mpfr_sub(out, out, term, MPFR_RNDN);
    } else {
      mpfr_sub(term, o->y[at], o->t[at], MPFR_RNDN);
      mpfr_sqr(term, term, MPFR_RNDN);
      mpfr_div_ui(term, term, 2, MPFR_RNDN);
      mpfr_add(out, out, term, MPFR_RNDN);
    }
  }
  mpfr_clear(term);
}

/* out += factor x^2 / 2 */
static void add_square(mpfr_t out, const mpfr_t factor, const mpfr_t x)
{
  mpfr_t term;

  mpfr_init2(term, PRECISION);
  mpfr_sqr(term, x, MPFR_RNDN);
  mpfr_mul(term, term, factor, MPFR_RNDN);
  mpfr_div_ui(term, term, 2, MPFR_RNDN);
  mpfr_add(out, out, term, MPFR_RNDN);
  mpfr_clear(term);
}

void oracle_primal(mpfr_t out, const oracle *o)
{
  mpfr_t term;

  mpfr_init2(term, PRECISION);
  mpfr_set_zero(out, 1);
  for (size_t j = 0; j < o->J; j++) {
    loss(term, o, j);
    mpfr_mul(term, term, o->a[j], MPFR_RNDN);
    mpfr_div(term, term, o->A, MPFR_RNDN);
    mpfr_add(out, out, term, MPFR_RNDN);
    mpfr_mul(term, o->lambda_h, o->nu[j], MPFR_RNDN);
    for (size_t i = 0; i < o->d[0]; i++)
      add_square(out, term, o->H[i * o->J + j]);
  }
  for (size_t m = 0; m < o->M; m++)
    for (size_t i = 0; i < o->d[m + 1] * o->d[m]; i++)
      add_square(out, o->lambda[m], o->W[m][i]);
  for (size_t i = 0; i < o->K && o->ridge; i++)
    add_square(out, o->lambda_b, o->b[i]);
  mpfr_clear(term);
}

void oracle_dual(mpfr_t out, const oracle *o, const json_t *M, const json_t *s)
{
  mpfr_t *E = read_array(M, o->K * o->J), scale, term, sum, p;

  mpfr_inits2(PRECISION, scale, term, sum, p, (mpfr_ptr)NULL);
  number_value(scale, s);
  mpfr_set_zero(out, 1);
  for (size_t i = 0; i < o->K; i++) {
    mpfr_set_zero(sum, 1);
    for (size_t j = 0; j < o->J; j++) {
      size_t at = i * o->J + j;

      mpfr_mul(E[at], E[at], scale, MPFR_RNDN);
      mpfr_add(sum, sum, E[at], MPFR_RNDN);
      mpfr_div(E[at], E[at], o->a[j], MPFR_RNDN);
      if (o->ce) {
        mpfr_sub(p, o->t[at], E[at], MPFR_RNDN);
        if (mpfr_sgn(p) <= 0)
          continue;
        mpfr_log(term, p, MPFR_RNDN);
        mpfr_mul(term, term, p, MPFR_RNDN);
        mpfr_neg(term, term, MPFR_RNDN);
      } else { /* E (t - E/2) */
        mpfr_div_ui(term, E[at], 2, MPFR_RNDN);
        mpfr_sub(term, o->t[at], term, MPFR_RNDN);
        mpfr_mul(term, term, E[at], MPFR_RNDN);
      }
      mpfr_mul(term, term, o->a[j], MPFR_RNDN);
      mpfr_div(term, term, o->A, MPFR_RNDN);
      mpfr_add(out, out, term, MPFR_RNDN);
    }
    if (o->ridge) {
      mpfr_div(sum, sum, o->A, MPFR_RNDN);
      mpfr_sqr(sum, sum, MPFR_RNDN);
      mpfr_div(sum, sum, o->lambda_b, MPFR_RNDN);
      mpfr_div_ui(sum, sum, 2, MPFR_RNDN);
      mpfr_sub(out, out, sum, MPFR_RNDN);
    }
  }
  reals_free(E, o->K * o->J);
  mpfr_clears(scale, term, sum, p, (mpfr_ptr)NULL);
}
