/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of the kinds spectral, envelope and refutation. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "deep_samples.h"
#include "samples.h"

/* Turns a problem of depth 1 into one of depth M, all lambdas equal. */
static void deepen(json_t *problem, size_t M, const size_t *widths,
                   const char *lambda)
{
  json_t *d = json_array(), *lambdas = json_array();

  for (size_t m = 0; m < M; m++) {
    json_array_append_new(d, json_integer((json_int_t)widths[m]));
    json_array_append_new(lambdas, json_string(lambda));
  }
  json_object_del(problem, "d");
  json_object_set_new(problem, "depth", json_integer((json_int_t)M));
  json_object_set_new(problem, "widths", d);
  json_object_set_new(problem, "lambda_W", lambdas);
}

/* (L/2) Lam^(1/L) for equal lambdas is (L/2) lambda. */
static void gamma_value(mpfr_t out, const char *lambda, size_t M)
{
  json_t *text = json_string(lambda);

  number_value(out, text);
  json_decref(text);
  mpfr_mul_ui(out, out, M + 1, MPFR_RNDN);
  mpfr_div_ui(out, out, 2, MPFR_RNDN);
}

/* x^(2/L) */
static void penalty_power(mpfr_t out, mpfr_srcptr x, size_t L)
{
  mpfr_sqr(out, x, MPFR_RNDN);
  mpfr_rootn_ui(out, out, L, MPFR_RNDN);
}

/* Largest root of u^(2M) - u^(M-1) + c by Newton's method from 1; false when
   there is none that is a global minimum. */
static bool root(mpfr_t u, mpfr_srcptr c, size_t M)
{
  double limit = (1.0 / (double)M) * pow(((double)M - 1.0) / (double)M,
                                         ((double)M - 1.0) / ((double)M + 1.0));
  mpfr_t a, b, slope;

  if (mpfr_cmp_d(c, limit) >= 0)
    return false;
  mpfr_inits2(PRECISION, a, b, slope, (mpfr_ptr)NULL);
  mpfr_set_ui(u, 1, MPFR_RNDN);
  for (int i = 0; i < 200; i++) {
    mpfr_pow_ui(a, u, 2 * M, MPFR_RNDN);
    mpfr_pow_ui(b, u, M - 1, MPFR_RNDN);
    mpfr_mul_ui(slope, a, 2 * M, MPFR_RNDN);
    mpfr_sub(a, a, b, MPFR_RNDN);
    mpfr_add(a, a, c, MPFR_RNDN);
    mpfr_mul_ui(b, b, M - 1, MPFR_RNDN);
    mpfr_sub(slope, slope, b, MPFR_RNDN);
    mpfr_div(slope, slope, u, MPFR_RNDN);
    mpfr_div(a, a, slope, MPFR_RNDN);
    mpfr_sub(u, u, a, MPFR_RNDN);
  }
  mpfr_clears(a, b, slope, (mpfr_ptr)NULL);
  return true;
}

/* MSE of depth M on widths K (the inner one R), weights = multiplicities. */
typedef struct spectral {
  const char *name, *bias, *lambda;
  size_t K, R, M;
  json_int_t counts[4];
  const char *eigenvalues[4]; /* "": the root of the secular equation */
  const char *eps;            /* label smoothing, or NULL */
  bool tight;
} spectral;

static const spectral spectral_cases[] = {
    {"spectral-none-2",
     "none",
     "1/40",
     4,
     4,
     2,
     {6, 3, 2, 1},
     {"6", "3", "2", "1"},
     NULL,
     true},
    {"spectral-none-3-cut",
     "none",
     "1/50",
     4,
     3,
     3,
     {6, 3, 2, 1},
     {"6", "3", "2", "1"},
     NULL,
     true},
    {"spectral-none-1",
     "none",
     "1/20",
     3,
     3,
     1,
     {9, 4, 1},
     {"9", "4", "1"},
     NULL,
     true},
    {"spectral-free-2",
     "free",
     "1/30",
     3,
     3,
     2,
     {4, 4, 1},
     {"4", "", "0"},
     NULL,
     false},
    {"spectral-ridge-1",
     "ridge",
     "1/30",
     3,
     2,
     1,
     {4, 4, 1},
     {"4", "", "0"},
     NULL,
     false},
    {"spectral-smooth-2",
     "none",
     "1/30",
     3,
     2,
     2,
     {2, 2, 2},
     {"2", "81/50", "81/50"},
     "1/10",
     false},
};

/* 2 n_1^2/(N (n_1 - m)) + n_3^2/(N (n_3 - m)) = 1 for n = (4, 4, 1): the
   equation 9 m^2 - 12 m = 0, so m = 4/3; rounded down. */
static void secular_root(mpfr_t m)
{
  mpfr_set_ui(m, 4, MPFR_RNDN);
  mpfr_div_ui(m, m, 3, MPFR_RNDN);
  mpfr_prec_round(m, 200, MPFR_RNDD);
  mpfr_prec_round(m, PRECISION, MPFR_RNDN);
}

/* One direction: appends its JSON, adds its value to `sum`, and sets t. */
static void add_direction(const spectral *c, mpfr_srcptr m, unsigned long N,
                          json_t *list, mpfr_t sum, mpfr_t t)
{
  size_t L = c->M + 1;
  mpfr_t ratio, u, lo, hi, x;
  json_t *lambda = json_string(c->lambda), *one;

  mpfr_inits2(PRECISION, ratio, u, lo, hi, x, (mpfr_ptr)NULL);
  number_value(x, lambda); /* ratio = (N lambda)/m^(M/L) */
  json_decref(lambda);
  mpfr_mul_ui(x, x, N, MPFR_RNDN);
  mpfr_pow_ui(ratio, m, c->M, MPFR_RNDN);
  mpfr_rootn_ui(ratio, ratio, L, MPFR_RNDN);
  mpfr_set_zero(t, 1);
  if (mpfr_zero_p(m)) {
    json_array_append_new(list, json_pack("{s:s}", "state", "zero"));
    goto done;
  }
  mpfr_div(ratio, x, ratio, MPFR_RNDN);
  mpfr_set_ui(x, 1, MPFR_RNDN);
  if (!root(u, ratio, c->M)) {
    json_array_append_new(list, json_pack("{s:s}", "state", "zero"));
  } else {
    mpfr_set_ui_2exp(x, 1, -210, MPFR_RNDN);
    mpfr_sub(lo, u, x, MPFR_RNDN);
    mpfr_add(hi, u, x, MPFR_RNDN);
    one = json_pack("{s:s,s:[o,o]}", "state", "active", "u",
                    hex(lo, 256, MPFR_RNDN), hex(hi, 256, MPFR_RNDN));
    json_array_append_new(list, one);
    number_value(lo, json_array_get(json_object_get(one, "u"), 0));
    number_value(hi, json_array_get(json_object_get(one, "u"), 1));
    mpfr_pow_ui(t, u, L, MPFR_RNDN);
    mpfr_pow_ui(hi, hi, L, MPFR_RNDN);
    mpfr_ui_sub(hi, 1, hi, MPFR_RNDN);
    mpfr_sqr(hi, hi, MPFR_RNDN);
    mpfr_sqr(lo, lo, MPFR_RNDN);
    mpfr_mul(lo, lo, ratio, MPFR_RNDN);
    mpfr_mul_ui(lo, lo, L, MPFR_RNDN);
    mpfr_add(x, hi, lo, MPFR_RNDN);
  }
  mpfr_mul(x, x, m, MPFR_RNDN);
  mpfr_div_ui(x, x, 2 * N, MPFR_RNDN);
  mpfr_add(sum, sum, x, MPFR_RNDN);
done:
  mpfr_clears(ratio, u, lo, hi, x, (mpfr_ptr)NULL);
}

/* Every factor is diagonal with entries sqrt(base/lambda), base =
   (m/N) t (1 - t); H divided by sqrt(n_k). */
static json_t *diagonal_point(const spectral *c, json_t *problem, mpfr_t *m,
                              mpfr_t *t, unsigned long N)
{
  size_t K = c->K, R = c->R;
  json_t *W = json_array(), *H, *lambda = json_string(c->lambda);
  mpfr_t *layer = reals_new(K * K), *entry = reals_new(K), x;

  mpfr_init2(x, PRECISION);
  number_value(x, lambda);
  json_decref(lambda);
  for (size_t k = 0; k < R; k++) {
    mpfr_ui_sub(entry[k], 1, t[k], MPFR_RNDN);
    mpfr_mul(entry[k], entry[k], t[k], MPFR_RNDN);
    mpfr_mul(entry[k], entry[k], m[k], MPFR_RNDN);
    mpfr_div_ui(entry[k], entry[k], N, MPFR_RNDN);
    mpfr_div(entry[k], entry[k], x, MPFR_RNDN);
    mpfr_sqrt(entry[k], entry[k], MPFR_RNDN);
  }
  for (size_t l = 1; l <= c->M; l++) {
    size_t rows = l == c->M ? K : R;

    for (size_t i = 0; i < rows * R; i++)
      mpfr_set(layer[i], entry[i / R], MPFR_RNDN);
    for (size_t i = 0; i < rows * R; i++)
      if (i / R != i % R)
        mpfr_set_zero(layer[i], 1);
    json_array_append_new(W, hex_array(layer, rows * R));
  }
  for (size_t i = 0; i < R * K; i++) {
    mpfr_set_zero(layer[i], 1);
    if (i / K == i % K && c->tight) {
      mpfr_sqrt_ui(x, (unsigned long)c->counts[i / K], MPFR_RNDN);
      mpfr_div(layer[i], entry[i / K], x, MPFR_RNDN);
    }
  }
  H = hex_array(layer, R * K);
  mpfr_clear(x);
  reals_free(layer, K * K);
  reals_free(entry, K);
  return build_root(problem, W, H, NULL);
}

static json_t *spectral_problem(const spectral *c)
{
  bool ridge = strcmp(c->bias, "ridge") == 0;
  json_t *problem = build_problem(false, c->bias, c->K, c->R, c->lambda,
                                  c->lambda, ridge ? "1/9" : NULL);
  size_t widths[4] = {0};

  for (size_t m = 0; m < c->M; m++)
    widths[m] = c->R;
  deepen(problem, c->M, widths, c->lambda);
  for (size_t k = 0; k < c->K; k++) {
    json_t *target = class_target(k);
    char n[32];

    if (c->eps != NULL) { /* eps = 1/10, K = 3: 1 - eps + eps/K = 14/15 */
      json_decref(target);
      target = json_array();
      for (size_t i = 0; i < c->K; i++)
        json_array_append_new(target, json_string(i == k ? "14/15" : "1/30"));
    }
    snprintf(n, sizeof n, "%ld", (long)c->counts[k]);
    add_column(problem, target, c->counts[k], n);
  }
  return problem;
}

static json_t *make_spectral(const spectral *c)
{
  json_t *eigenvalues = json_array(), *directions = json_array(), *root_object;
  mpfr_t *m = reals_new(c->K), *t = reals_new(c->K), lower, upper, x;
  unsigned long N = 0;
  oracle *o;

  mpfr_inits2(PRECISION, lower, upper, x, (mpfr_ptr)NULL);
  mpfr_set_zero(lower, 1);
  for (size_t k = 0; k < c->K; k++)
    N += (unsigned long)c->counts[k];
  for (size_t k = 0; k < c->K; k++) {
    json_t *value = json_string(c->eigenvalues[k]);

    if (c->eigenvalues[k][0] == '\0') {
      secular_root(m[k]);
      json_decref(value);
      value = hex(m[k], PRECISION, MPFR_RNDD);
    }
    number_value(m[k], value);
    json_array_append_new(eigenvalues, value);
    if (k < c->R) {
      add_direction(c, m[k], N, directions, lower, t[k]);
    } else {
      mpfr_div_ui(x, m[k], 2 * N, MPFR_RNDN);
      mpfr_add(lower, lower, x, MPFR_RNDN);
    }
  }
  root_object = diagonal_point(c, spectral_problem(c), m, t, N);
  if (strcmp(c->bias, "none") != 0)
    json_object_set_new(
        json_object_get(root_object, "primal"), "b",
        json_pack("[s,s,s]", "4/9", "4/9", "1/9")); /* n = (4, 4, 1) */
  json_object_set_new(root_object, "kind", json_string("spectral"));
  json_object_set_new(root_object, "spectral",
                      json_pack("{s:o,s:o}", "eigenvalues", eigenvalues,
                                "directions", directions));
  o = oracle_new(root_object);
  oracle_primal(upper, o);
  oracle_free(o);
  set_claim(root_object, lower, upper, c->tight);
  mpfr_clears(lower, upper, x, (mpfr_ptr)NULL);
  reals_free(m, c->K);
  reals_free(t, c->K);
  return root_object;
}

static void keep_min(mpfr_t least, mpfr_srcptr value)
{
  if (mpfr_less_p(value, least))
    mpfr_set(least, value, MPFR_RNDN);
}

/* CE, K = 2, one sample per class, depth 2, lambda = 1/10: the line that
   touches at Z = alpha (I - J/2) has p = 1/(1 + e^alpha), E = +-p and mu = p,
   raised a little because the norm test wants some room. */
static json_t *make_envelope(void)
{
  enum { PIECES = 20 };
  const char *lambda = "1/10";
  const size_t widths[2] = {1, 1};
  json_t *problem = build_problem(true, "none", 2, 1, lambda, lambda, NULL);
  json_t *lines = json_array(), *pieces = json_array(), *root_object, *H;
  mpfr_t *factor = reals_new(2), least, gamma, from, to, q_from, q_to, p, D, x;
  oracle *o;

  mpfr_inits2(PRECISION, least, gamma, from, to, q_from, q_to, p, D, x,
              (mpfr_ptr)NULL);
  deepen(problem, 2, widths, lambda);
  add_column(problem, class_target(0), 1, "1");
  add_column(problem, class_target(1), 1, "1");
  /* alpha = 9/2: every factor (9/2)^(1/3), vectors (1, -1)/sqrt(2) */
  mpfr_set_d(x, 4.5, MPFR_RNDN);
  mpfr_rootn_ui(x, x, 3, MPFR_RNDN);
  mpfr_sqrt_ui(p, 2, MPFR_RNDN);
  mpfr_div(factor[0], x, p, MPFR_RNDN);
  mpfr_neg(factor[1], factor[0], MPFR_RNDN);
  H = hex_array(factor, 2);
  root_object = build_root(
      problem,
      json_pack("[[o],o]", hex(x, POINT_BITS, MPFR_RNDN), hex_array(factor, 2)),
      H, NULL);
  o = oracle_new(root_object);
  gamma_value(gamma, lambda, 2);
  mpfr_set_zero(q_from, 1);
  mpfr_set_zero(from, 1);
  mpfr_set_inf(least, 1);
  for (int i = 0; i < PIECES; i++) {
    json_t *M = json_array(), *line, *s = json_string("0x1p+0");

    mpfr_set_d(x, 0.5 * i + 0.25, MPFR_RNDN);
    mpfr_exp(p, x, MPFR_RNDN);
    mpfr_add_ui(p, p, 1, MPFR_RNDN);
    mpfr_ui_div(p, 1, p, MPFR_RNDN);
    mpfr_prec_round(p, 200, MPFR_RNDD);
    mpfr_prec_round(p, PRECISION, MPFR_RNDN);
    mpfr_neg(x, p, MPFR_RNDN);
    for (int k = 0; k < 4; k++)
      json_array_append_new(M, hex(k == 0 || k == 3 ? p : x, 256, MPFR_RNDN));
    oracle_dual(D, o, M, s);
    mpfr_set_ui_2exp(x, 1, -200, MPFR_RNDN);
    mpfr_add(p, p, x, MPFR_RNDU);
    line = json_pack("{s:o,s:o,s:o}", "mu", hex(p, 256, MPFR_RNDU), "M", M, "s",
                     s);
    json_array_append_new(lines, line);
    mpfr_set_d(to, 0.5 * (i + 1), MPFR_RNDN);
    json_array_append_new(pieces, json_pack("{s:o,s:i}", "to",
                                            hex(to, 53, MPFR_RNDN), "line", i));
    penalty_power(q_to, to, 3);
    mpfr_mul(q_to, q_to, gamma, MPFR_RNDN);
    mpfr_fms(x, p, from, D, MPFR_RNDN);
    mpfr_sub(x, q_from, x, MPFR_RNDN);
    keep_min(least, x);
    mpfr_fms(x, p, to, D, MPFR_RNDN);
    mpfr_sub(x, q_to, x, MPFR_RNDN);
    keep_min(least, x);
    mpfr_set(from, to, MPFR_RNDN);
    mpfr_set(q_from, q_to, MPFR_RNDN);
  }
  keep_min(least, q_to);
  oracle_primal(x, o);
  json_object_set_new(root_object, "kind", json_string("envelope"));
  json_object_set_new(root_object, "lines", lines);
  json_object_set_new(root_object, "pieces", pieces);
  set_claim(root_object, least, x, false);
  oracle_free(o);
  mpfr_clears(least, gamma, from, to, q_from, q_to, p, D, x, (mpfr_ptr)NULL);
  reals_free(factor, 2);
  return root_object;
}

/* The orthoplex for K = 6, one sample per class, depth 2: logits a on the
   diagonal and -a at the partner; three singular values 2a. */
static json_t *orthoplex(const char *lambda)
{
  enum { K = 6, R = 3 };
  const size_t widths[2] = {R, R};
  json_t *problem = build_problem(true, "none", K, R, lambda, lambda, NULL);
  mpfr_t *outer = reals_new(K * R), *inner = reals_new(R * R);
  mpfr_t *right = reals_new(R * K), x, root2;
  json_t *result;
  double best = 0.0, least = HUGE_VAL;

  deepen(problem, 2, widths, lambda);
  for (size_t k = 0; k < K; k++)
    add_column(problem, class_target(k), 1, "1");
  for (double a = 3.0; a < 9.0; a += 0.01) { /* lambda = 1/100 */
    double f = log1p(4.0 * exp(-a) + exp(-2.0 * a)) +
               0.015 * 3.0 * pow(2.0 * a, 2.0 / 3.0);

    best = f < least ? a : best;
    least = f < least ? f : least;
  }
  mpfr_inits2(PRECISION, x, root2, (mpfr_ptr)NULL);
  mpfr_set_d(x, 2.0 * best, MPFR_RNDN);
  mpfr_rootn_ui(x, x, 3, MPFR_RNDN);
  mpfr_sqrt_ui(root2, 2, MPFR_RNDN);
  for (size_t r = 0; r < R; r++) {
    mpfr_set(inner[r * R + r], x, MPFR_RNDN);
    mpfr_div(outer[2 * r * R + r], x, root2, MPFR_RNDN);
    mpfr_neg(outer[(2 * r + 1) * R + r], outer[2 * r * R + r], MPFR_RNDN);
    mpfr_set(right[r * K + 2 * r], outer[2 * r * R + r], MPFR_RNDN);
    mpfr_neg(right[r * K + 2 * r + 1], outer[2 * r * R + r], MPFR_RNDN);
  }
  result = build_root(
      problem,
      json_pack("[o,o]", hex_array(inner, R * R), hex_array(outer, K * R)),
      hex_array(right, R * K), NULL);
  mpfr_clears(x, root2, (mpfr_ptr)NULL);
  reals_free(outer, K * R);
  reals_free(inner, R * R);
  reals_free(right, R * K);
  return result;
}

/* h(q) + q log(K-1) - q x + g */
static void family_bound(mpfr_t out, mpfr_srcptr q, mpfr_srcptr x,
                         mpfr_srcptr g, unsigned long K)
{
  mpfr_t term, rest;

  mpfr_inits2(PRECISION, term, rest, (mpfr_ptr)NULL);
  mpfr_log_ui(out, K - 1, MPFR_RNDN);
  mpfr_sub(out, out, x, MPFR_RNDN);
  mpfr_log(term, q, MPFR_RNDN);
  mpfr_sub(out, out, term, MPFR_RNDN);
  mpfr_mul(out, out, q, MPFR_RNDN);
  mpfr_ui_sub(rest, 1, q, MPFR_RNDN);
  mpfr_log(term, rest, MPFR_RNDN);
  mpfr_mul(term, term, rest, MPFR_RNDN);
  mpfr_sub(out, out, term, MPFR_RNDN);
  mpfr_add(out, out, g, MPFR_RNDN);
  mpfr_clears(term, rest, (mpfr_ptr)NULL);
}

static json_t *make_refutation(void)
{
  enum { PIECES = 28, K = 6 };
  json_t *root_object = orthoplex("1/100"), *pieces = json_array();
  mpfr_t least, gamma, from, to, g_from, g_to, q, x;
  oracle *o = oracle_new(root_object);

  mpfr_inits2(PRECISION, least, gamma, from, to, g_from, g_to, q, x,
              (mpfr_ptr)NULL);
  gamma_value(gamma, "1/100", 2);
  mpfr_mul_ui(gamma, gamma, K - 1, MPFR_RNDN);
  mpfr_set_zero(from, 1);
  mpfr_set_zero(g_from, 1);
  mpfr_set_inf(least, 1);
  for (int i = 0; i < PIECES; i++) {
    json_t *text;

    mpfr_set_d(x, 0.25 * i + 0.125, MPFR_RNDN);
    mpfr_exp(q, x, MPFR_RNDN); /* q = (K-1)/(e^x + K-1), the tangent */
    mpfr_add_ui(q, q, K - 1, MPFR_RNDN);
    mpfr_ui_div(q, K - 1, q, MPFR_RNDN);
    text = hex(q, 64, MPFR_RNDN);
    number_value(q, text);
    mpfr_set_d(to, 0.25 * (i + 1), MPFR_RNDN);
    json_array_append_new(pieces, json_pack("{s:o,s:o}", "to",
                                            hex(to, 53, MPFR_RNDN), "q", text));
    penalty_power(g_to, to, 3);
    mpfr_mul(g_to, g_to, gamma, MPFR_RNDN);
    family_bound(x, q, from, g_from, K);
    keep_min(least, x);
    family_bound(x, q, to, g_to, K);
    keep_min(least, x);
    mpfr_set(from, to, MPFR_RNDN);
    mpfr_set(g_from, g_to, MPFR_RNDN);
  }
  keep_min(least, g_to);
  oracle_primal(x, o);
  json_object_set_new(root_object, "kind", json_string("refutation"));
  json_object_set_new(root_object, "family", json_string("etf"));
  json_object_set_new(root_object, "pieces", pieces);
  set_claim(root_object, least, x, false);
  json_object_set_new(root_object, "status", json_string("refuted"));
  oracle_free(o);
  mpfr_clears(least, gamma, from, to, g_from, g_to, q, x, (mpfr_ptr)NULL);
  return root_object;
}

enum { SPECTRAL = sizeof spectral_cases / sizeof *spectral_cases };

size_t deep_sample_count(void)
{
  return SPECTRAL + 2;
}

const char *deep_sample_name(size_t index)
{
  if (index < SPECTRAL)
    return spectral_cases[index].name;
  return index == SPECTRAL ? "envelope" : "refutation";
}

bool deep_sample_tight(size_t index)
{
  return index < SPECTRAL && spectral_cases[index].tight;
}

json_t *deep_sample_make(size_t index)
{
  if (index < SPECTRAL)
    return make_spectral(&spectral_cases[index]);
  return index == SPECTRAL ? make_envelope() : make_refutation();
}
