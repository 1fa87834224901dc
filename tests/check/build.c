/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of certificates for tests. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "build.h"
#include "samples.h"

enum { GRID = 320 };

json_t *hex(mpfr_srcptr x, mpfr_prec_t bits, mpfr_rnd_t round)
{
  mpfr_t rounded;
  char *text;
  json_t *value;

  if (mpfr_zero_p(x))
    return json_string("0x0p+0");
  mpfr_init2(rounded, bits);
  mpfr_set(rounded, x, round);
  mpfr_asprintf(&text, "%Ra", rounded);
  value = json_string(text);
  mpfr_free_str(text);
  mpfr_clear(rounded);
  return value;
}

json_t *hex_array(mpfr_t *x, size_t n)
{
  json_t *array = json_array();

  for (size_t i = 0; i < n; i++)
    json_array_append_new(array, hex(x[i], POINT_BITS, MPFR_RNDN));
  return array;
}

json_t *build_problem(bool ce, const char *bias, size_t K, size_t d,
                      const char *lambda_w, const char *lambda_h,
                      const char *lambda_b)
{
  return json_pack("{s:s,s:s,s:I,s:I,s:s,s:s,s:s?,s:[]}", "loss",
                   ce ? "ce" : "mse", "bias", bias, "K", (json_int_t)K, "d",
                   (json_int_t)d, "lambda_W", lambda_w, "lambda_H", lambda_h,
                   "lambda_b", lambda_b, "columns");
}

json_t *class_target(size_t k)
{
  return json_sprintf("class:%zu", k);
}

void add_column(json_t *problem, json_t *target, json_int_t weight,
                const char *multiplicity)
{
  json_array_append_new(json_object_get(problem, "columns"),
                        json_pack("{s:o,s:I,s:s}", "target", target, "weight",
                                  weight, "multiplicity", multiplicity));
}

json_t *build_root(json_t *problem, json_t *W, json_t *H, json_t *b)
{
  return json_pack("{s:s,s:o,s:{s:o,s:o,s:o}}", "format", "ufm-certificate-1",
                   "problem", problem, "primal", "W", W, "H", H, "b",
                   b == NULL ? json_null() : b);
}

void set_claim(json_t *root, mpfr_srcptr lower, mpfr_srcptr upper, bool tight)
{
  mpfr_t slack, bound;
  json_t *claim = json_object();

  mpfr_init2(bound, PRECISION);
  mpfr_init2(slack, PRECISION);
  mpfr_set_ui_2exp(slack, 1, -SAMPLE_SLACK, MPFR_RNDN);
  mpfr_sub(bound, lower, slack, MPFR_RNDD);
  json_object_set_new(claim, "lower", hex(bound, PRECISION / 2, MPFR_RNDD));
  mpfr_add(bound, upper, slack, MPFR_RNDU);
  json_object_set_new(claim, "upper", hex(bound, PRECISION / 2, MPFR_RNDU));
  json_object_set_new(root, "claim", claim);
  json_object_set_new(root, "status",
                      json_string(tight ? "proved" : "bracketed"));
  if (tight)
    json_object_set_new(root, "tolerance", json_string("0x1p-150"));
  mpfr_clears(slack, bound, (mpfr_ptr)NULL);
}

/* Integers m with m 2^-GRID = a_j E_ij, rounded such that (ce) column sums
   are 0 and probabilities stay positive. */
static mpz_t *round_mass(const oracle *o)
{
  mpz_t *m = malloc(o->K * o->J * sizeof *m);
  mpfr_t x;

  mpfr_init2(x, PRECISION);
  for (size_t j = 0; j < o->J; j++) {
    size_t top = 0;

    for (size_t i = 0; i < o->K; i++) {
      size_t at = i * o->J + j;

      oracle_residual(x, o, i, j);
      mpfr_mul(x, x, o->a[j], MPFR_RNDN);
      mpfr_mul_2ui(x, x, GRID, MPFR_RNDN);
      mpz_init(m[at]);
      mpfr_get_z(m[at], x, o->ce ? MPFR_RNDD : MPFR_RNDN);
      if (mpfr_greater_p(o->y[at], o->y[top * o->J + j]))
        top = i;
    }
    if (!o->ce)
      continue;
    mpz_set_ui(m[top * o->J + j], 0);
    for (size_t i = 0; i < o->K; i++)
      if (i != top)
        mpz_sub(m[top * o->J + j], m[top * o->J + j], m[i * o->J + j]);
  }
  mpfr_clear(x);
  return m;
}

/* floor(a_j t_ij 2^GRID) - m_ij, one less for safety */
static void slack(mpz_t out, const oracle *o, mpz_t *m, size_t at)
{
  mpfr_t x;

  mpfr_init2(x, PRECISION);
  mpfr_mul(x, o->t[at], o->a[at % o->J], MPFR_RNDD);
  mpfr_mul_2ui(x, x, GRID, MPFR_RNDD);
  mpfr_get_z(out, x, MPFR_RNDD);
  mpz_sub(out, out, m[at]);
  mpz_sub_ui(out, out, 1);
  mpfr_clear(x);
}

/* Moves f of row sum from row l (positive) to row i (negative) in the column
   with the largest slack. */
static void move(const oracle *o, mpz_t *m, mpz_t *delta, size_t i, size_t l)
{
  size_t best = 0;
  mpz_t f, room;

  mpz_inits(f, room, (mpz_ptr)NULL);
  slack(f, o, m, i * o->J);
  for (size_t j = 1; j < o->J; j++) {
    slack(room, o, m, i * o->J + j);
    if (mpz_cmp(room, f) > 0) {
      mpz_set(f, room);
      best = j;
    }
  }
  if (mpz_cmpabs(f, delta[i]) > 0)
    mpz_abs(f, delta[i]);
  if (mpz_cmp(f, delta[l]) > 0)
    mpz_set(f, delta[l]);
  if (mpz_sgn(f) <= 0)
    abort();
  mpz_add(m[i * o->J + best], m[i * o->J + best], f);
  mpz_sub(m[l * o->J + best], m[l * o->J + best], f);
  mpz_add(delta[i], delta[i], f);
  mpz_sub(delta[l], delta[l], f);
  mpz_clears(f, room, (mpz_ptr)NULL);
}

/* Free bias: row sums 0. */
static void repair(const oracle *o, mpz_t *m)
{
  mpz_t *delta = malloc(o->K * sizeof *delta);
  bool done = false;

  for (size_t i = 0; i < o->K; i++) {
    mpz_init(delta[i]);
    for (size_t j = 0; j < o->J; j++)
      mpz_add(delta[i], delta[i], m[i * o->J + j]);
    if (!o->ce)
      mpz_sub(m[i * o->J + i % o->J], m[i * o->J + i % o->J], delta[i]);
  }
  while (o->ce && !done) {
    size_t low = 0, high = 0;

    for (size_t i = 1; i < o->K; i++) {
      low = mpz_cmp(delta[i], delta[low]) < 0 ? i : low;
      high = mpz_cmp(delta[i], delta[high]) > 0 ? i : high;
    }
    done = mpz_sgn(delta[low]) == 0 && mpz_sgn(delta[high]) == 0;
    if (!done)
      move(o, m, delta, low, high);
  }
  for (size_t i = 0; i < o->K; i++)
    mpz_clear(delta[i]);
  free(delta);
}

/* sqrt(A^2 omega / sum_j |M_j|^2/nu_j) rounded down to 40 bits, at most 1. */
static json_t *frobenius_scale(const oracle *o, mpz_t *m, mpfr_srcptr omega)
{
  mpfr_t sum, x, s;
  json_t *value;

  mpfr_inits2(PRECISION, sum, x, (mpfr_ptr)NULL);
  mpfr_init2(s, 40);
  mpfr_set_zero(sum, 1);
  for (size_t i = 0; i < o->K * o->J; i++) {
    mpfr_set_z(x, m[i], MPFR_RNDN);
    mpfr_mul_2si(x, x, -GRID, MPFR_RNDN);
    mpfr_div(x, x, o->A, MPFR_RNDN);
    mpfr_sqr(x, x, MPFR_RNDN);
    mpfr_div(x, x, o->nu[i % o->J], MPFR_RNDN);
    mpfr_add(sum, sum, x, MPFR_RNDN);
  }
  mpfr_div(sum, omega, sum, MPFR_RNDN);
  mpfr_sqrt(s, sum, MPFR_RNDD);
  if (!(mpfr_cmp_ui(s, 1) < 0))
    mpfr_set_ui(s, 1, MPFR_RNDN);
  value = hex(s, 40, MPFR_RNDN);
  mpfr_clears(sum, x, s, (mpfr_ptr)NULL);
  return value;
}

static json_t *near_one(void)
{
  mpfr_t s;
  json_t *value;

  mpfr_init2(s, 256);
  mpfr_set_ui_2exp(s, 1, -200, MPFR_RNDN);
  mpfr_ui_sub(s, 1, s, MPFR_RNDN);
  value = hex(s, 256, MPFR_RNDN);
  mpfr_clear(s);
  return value;
}

json_t *build_witness(const oracle *o, mpfr_srcptr omega, bool tight)
{
  mpz_t *m = round_mass(o);
  json_t *array = json_array(), *scale;

  if (o->free_bias)
    repair(o, m);
  scale = tight ? near_one() : frobenius_scale(o, m, omega);
  for (size_t i = 0; i < o->K * o->J; i++) {
    mpfr_t x;

    mpfr_init2(x, PRECISION);
    if (mpfr_set_z_2exp(x, m[i], -GRID, MPFR_RNDN) != 0)
      abort();
    json_array_append_new(array, hex(x, PRECISION, MPFR_RNDN));
    mpfr_clear(x);
    mpz_clear(m[i]);
  }
  free(m);
  return json_pack("{s:o,s:o}", "M", array, "s", scale);
}

/* (L/2)^L lambda_1..lambda_M lambda_H / upper^(L-2), reduced by 2^-200 for the
   slack of the claimed upper bound. */
static void slope_square(mpfr_t out, const oracle *o, mpfr_srcptr upper)
{
  mpfr_t shrink;

  mpfr_init2(shrink, PRECISION);
  mpfr_set_ui_2exp(shrink, 1, -200, MPFR_RNDN);
  mpfr_ui_sub(shrink, 1, shrink, MPFR_RNDN);
  mpfr_mul(out, o->lambda_h, shrink, MPFR_RNDN);
  for (size_t m = 0; m < o->M; m++)
    mpfr_mul(out, out, o->lambda[m], MPFR_RNDN);
  for (size_t i = 0; i < o->M + 1; i++) {
    mpfr_mul_ui(out, out, o->M + 1, MPFR_RNDN);
    mpfr_div_ui(out, out, 2, MPFR_RNDN);
    if (i >= 2)
      mpfr_div(out, out, upper, MPFR_RNDN);
  }
  mpfr_clear(shrink);
}

void finish_dual(json_t *root, bool tight)
{
  oracle *o = oracle_new(root);
  mpfr_t lower, upper, omega;
  json_t *witness;

  mpfr_inits2(PRECISION, lower, upper, omega, (mpfr_ptr)NULL);
  oracle_primal(upper, o);
  slope_square(omega, o, upper);
  witness = build_witness(o, omega, tight);
  oracle_dual(lower, o, json_object_get(witness, "M"),
              json_object_get(witness, "s"));
  json_object_set_new(root, "dual", witness);
  set_claim(root, lower, upper, tight);
  mpfr_clears(lower, upper, omega, (mpfr_ptr)NULL);
  oracle_free(o);
}
