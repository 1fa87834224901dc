/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates from closed forms, and from random points. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "deep_samples.h"
#include "samples.h"

/* Balanced, n samples per class, targets (1 - eps) e_k + eps/K: the optimum is
   Z = z0 J/K + z1 (I - J/K), b = beta 1. */
typedef struct balanced {
  const char *name;
  bool ce;
  const char *bias;
  size_t K;
  json_int_t n;
  const char *lambda_w, *lambda_h, *lambda_b, *eps;
} balanced;

static const balanced balanced_cases[] = {
    {"ce-2-none", true, "none", 2, 3, "1/50", "1/200", NULL, "0"},
    {"ce-3-free", true, "free", 3, 10, "1/200", "1/1000", NULL, "0"},
    {"ce-4-ridge", true, "ridge", 4, 5, "1/100", "1/500", "1/10", "0"},
    {"ce-5-none", true, "none", 5, 1, "1/40", "1/90", NULL, "0"},
    {"ce-6-free", true, "free", 6, 7, "3/1000", "1/3000", NULL, "0"},
    {"ce-3-smooth", true, "none", 3, 4, "1/100", "1/400", NULL, "1/10"},
    {"ce-4-smooth-free", true, "free", 4, 2, "1/70", "1/70", NULL, "1/7"},
    {"mse-2-none", false, "none", 2, 3, "1/50", "1/200", NULL, "0"},
    {"mse-3-free", false, "free", 3, 4, "1/30", "1/500", NULL, "0"},
    {"mse-4-ridge", false, "ridge", 4, 3, "1/100", "1/50", "1/2", "0"},
    {"mse-5-smooth", false, "none", 5, 2, "1/90", "1/300", NULL, "1/10"},
    {"mse-6-free", false, "free", 6, 2, "1/100", "1/200", NULL, "1/3"},
};

static void fraction(mpfr_t out, const char *text)
{
  json_t *value = json_string(text);

  number_value(out, value);
  json_decref(value);
}

static bool is(const char *a, const char *b)
{
  return strcmp(a, b) == 0;
}

/* x = N sqrt(lambda_W lambda_H / n) = K sqrt(n lambda_W lambda_H). */
static void threshold(mpfr_t x, const balanced *c)
{
  mpfr_t other;

  mpfr_init2(other, PRECISION);
  fraction(x, c->lambda_w);
  fraction(other, c->lambda_h);
  mpfr_mul(x, x, other, MPFR_RNDN);
  mpfr_mul_ui(x, x, (unsigned long)c->n, MPFR_RNDN);
  mpfr_sqrt(x, x, MPFR_RNDN);
  mpfr_mul_ui(x, x, c->K, MPFR_RNDN);
  mpfr_clear(other);
}

/* ce: exp(z1) = (1 + q (K-1))/(1 - q), q = 1 - eps - x.
   mse: z0 = 1 - x, z1 = 1 - eps - x; free: z0 = 0, beta = 1/K;
   ridge: with mu = x/sqrt(K), beta = mu/(lambda_b sqrt(K)), z0 = 1 - x -
   x/lambda_b. */
static void balanced_optimum(const balanced *c, mpfr_t z0, mpfr_t z1,
                             mpfr_t beta)
{
  mpfr_t x, q;

  mpfr_inits2(PRECISION, x, q, (mpfr_ptr)NULL);
  threshold(x, c);
  fraction(q, c->eps);
  mpfr_ui_sub(q, 1, q, MPFR_RNDN);
  mpfr_sub(q, q, x, MPFR_RNDN);
  mpfr_set_zero(z0, 1);
  mpfr_set_zero(beta, 1);
  if (c->ce) {
    mpfr_mul_ui(z1, q, c->K - 1, MPFR_RNDN);
    mpfr_add_ui(z1, z1, 1, MPFR_RNDN);
    mpfr_ui_sub(q, 1, q, MPFR_RNDN);
    mpfr_div(z1, z1, q, MPFR_RNDN);
    mpfr_log(z1, z1, MPFR_RNDN);
  } else {
    mpfr_set(z1, q, MPFR_RNDN);
    if (is(c->bias, "free")) {
      mpfr_set_ui(beta, 1, MPFR_RNDN);
      mpfr_div_ui(beta, beta, c->K, MPFR_RNDN);
    } else {
      mpfr_ui_sub(z0, 1, x, MPFR_RNDN);
    }
    if (is(c->bias, "ridge")) {
      fraction(q, c->lambda_b);
      mpfr_div(q, x, q, MPFR_RNDN);
      mpfr_sub(z0, z0, q, MPFR_RNDN);
      mpfr_div_ui(beta, q, c->K, MPFR_RNDN);
    }
  }
  mpfr_clears(x, q, (mpfr_ptr)NULL);
}

/* A K x K matrix with diagonal (r0 + (K-1) r1)/K and others (r0 - r1)/K. */
static json_t *circulant(mpfr_srcptr r0, mpfr_srcptr r1, size_t K)
{
  mpfr_t *x = reals_new(K * K);
  json_t *array;

  for (size_t i = 0; i < K * K; i++) {
    if (i / K == i % K)
      mpfr_mul_ui(x[i], r1, K - 1, MPFR_RNDN);
    else
      mpfr_neg(x[i], r1, MPFR_RNDN);
    mpfr_add(x[i], x[i], r0, MPFR_RNDN);
    mpfr_div_ui(x[i], x[i], K, MPFR_RNDN);
  }
  array = hex_array(x, K * K);
  reals_free(x, K * K);
  return array;
}

/* W = r A, H = A/r, A = Z^(1/2), r^4 = lambda_H n/lambda_W. */
static void split_logits(const balanced *c, mpfr_t z0, mpfr_t z1, json_t **W,
                         json_t **H)
{
  mpfr_t r, other, w0, w1;

  mpfr_inits2(PRECISION, r, other, w0, w1, (mpfr_ptr)NULL);
  fraction(r, c->lambda_h);
  mpfr_mul_si(r, r, (long)c->n, MPFR_RNDN);
  fraction(other, c->lambda_w);
  mpfr_div(r, r, other, MPFR_RNDN);
  mpfr_sqrt(r, r, MPFR_RNDN);
  mpfr_sqrt(r, r, MPFR_RNDN);
  mpfr_sqrt(z0, z0, MPFR_RNDN);
  mpfr_sqrt(z1, z1, MPFR_RNDN);
  mpfr_mul(w0, z0, r, MPFR_RNDN);
  mpfr_mul(w1, z1, r, MPFR_RNDN);
  *W = circulant(w0, w1, c->K);
  mpfr_div(w0, z0, r, MPFR_RNDN);
  mpfr_div(w1, z1, r, MPFR_RNDN);
  *H = circulant(w0, w1, c->K);
  mpfr_clears(r, other, w0, w1, (mpfr_ptr)NULL);
}

static json_t *smooth_target(const char *eps, size_t K, size_t k)
{
  json_t *target = json_array();
  mpq_t share, top;

  mpq_inits(share, top, (mpq_ptr)NULL);
  mpq_set_str(share, eps, 10);
  mpq_set_ui(top, 1, 1);
  mpq_sub(top, top, share);
  mpz_mul_ui(mpq_denref(share), mpq_denref(share), K);
  mpq_canonicalize(share);
  mpq_add(top, top, share);
  for (size_t i = 0; i < K; i++) {
    char *text = mpq_get_str(NULL, 10, i == k ? top : share);

    json_array_append_new(target, json_string(text));
    free(text);
  }
  mpq_clears(share, top, (mpq_ptr)NULL);
  return target;
}

static json_t *claim_between(const char *what, mpfr_srcptr value)
{
  json_t *claim = json_pack("{s:s}", "what", what);
  mpfr_t wide, end;

  mpfr_inits2(PRECISION, wide, end, (mpfr_ptr)NULL);
  mpfr_set_ui_2exp(wide, 1, -60, MPFR_RNDN);
  mpfr_sub(end, value, wide, MPFR_RNDD);
  json_object_set_new(claim, "lower", hex(end, 128, MPFR_RNDD));
  mpfr_add(end, value, wide, MPFR_RNDU);
  json_object_set_new(claim, "upper", hex(end, 128, MPFR_RNDU));
  mpfr_clears(wide, end, (mpfr_ptr)NULL);
  return claim;
}

/* Where Z is a multiple of I - J/K: cosines -1/(K-1), |w|^2, rank K-1. */
static void claim_etf(json_t *root, const balanced *c)
{
  oracle *o = oracle_new(root);
  json_t *cosines = json_array(), *grams = json_array();
  mpfr_t x, term;

  mpfr_inits2(PRECISION, x, term, (mpfr_ptr)NULL);
  mpfr_set_si(x, -1, MPFR_RNDN);
  mpfr_div_ui(x, x, c->K - 1, MPFR_RNDN);
  json_array_append_new(cosines, claim_between("w0.w1", x));
  json_array_append_new(cosines, claim_between("h1.h0", x));
  mpfr_set_zero(x, 1);
  for (size_t i = 0; i < c->K; i++) {
    mpfr_sqr(term, o->W[0][i], MPFR_RNDN);
    mpfr_add(x, x, term, MPFR_RNDN);
  }
  json_array_append_new(grams, claim_between("w0.w0", x));
  mpfr_sub(x, o->y[1], o->b[0], MPFR_RNDN);
  json_array_append_new(grams, claim_between("w0.h1", x));
  json_object_set_new(root, "cosines", cosines);
  json_object_set_new(root, "grams", grams);
  json_object_set_new(
      root, "rank",
      json_pack("[I,I]", (json_int_t)c->K - 1, (json_int_t)c->K - 1));
  mpfr_clears(x, term, (mpfr_ptr)NULL);
  oracle_free(o);
}

static json_t *make_balanced(const balanced *c)
{
  json_t *problem = build_problem(c->ce, c->bias, c->K, c->K, c->lambda_w,
                                  c->lambda_h, c->lambda_b);
  json_t *W, *H, *b = NULL, *root;
  mpfr_t z0, z1, beta;
  char n[32];

  snprintf(n, sizeof n, "%ld", (long)c->n);
  for (size_t k = 0; k < c->K; k++)
    add_column(problem,
               is(c->eps, "0") ? class_target(k)
                               : smooth_target(c->eps, c->K, k),
               c->n, n);
  mpfr_inits2(PRECISION, z0, z1, beta, (mpfr_ptr)NULL);
  balanced_optimum(c, z0, z1, beta);
  split_logits(c, z0, z1, &W, &H);
  if (!is(c->bias, "none")) {
    b = json_array();
    for (size_t i = 0; i < c->K; i++)
      json_array_append_new(b, hex(beta, POINT_BITS, MPFR_RNDN));
  }
  root = build_root(problem, W, H, b);
  finish_dual(root, true);
  if (mpfr_zero_p(z0))
    claim_etf(root, c);
  mpfr_clears(z0, z1, beta, (mpfr_ptr)NULL);
  return root;
}

/* MSE without bias, n = (8, 4, 1, 1), N^2 lambda_W lambda_H = 1.96: classes
   decouple, t = 1 - 1.4/sqrt(n), and the two small ones collapse to 0. */
static json_t *make_collapse(void)
{
  static const json_int_t counts[] = {8, 4, 1, 1};
  json_t *problem = build_problem(false, "none", 4, 4, "1/5", "1/20", NULL);
  mpfr_t *W = reals_new(16), *H = reals_new(16), t, x;
  json_t *root, *grams = json_array(), *cosines = json_array();

  mpfr_inits2(PRECISION, t, x, (mpfr_ptr)NULL);
  for (size_t k = 0; k < 4; k++) {
    char n[32];

    snprintf(n, sizeof n, "%ld", (long)counts[k]);
    add_column(problem, class_target(k), counts[k], n);
    mpfr_set_ui(x, 7, MPFR_RNDN);
    mpfr_div_ui(x, x, 5, MPFR_RNDN);
    mpfr_set_si(t, (long)counts[k], MPFR_RNDN);
    mpfr_sqrt(t, t, MPFR_RNDN);
    mpfr_div(t, x, t, MPFR_RNDN);
    mpfr_ui_sub(t, 1, t, MPFR_RNDN);
    if (mpfr_sgn(t) <= 0)
      continue;
    /* w^2 = n t (1 - t)/(N lambda_W), h = t/w */
    mpfr_ui_sub(x, 1, t, MPFR_RNDN);
    mpfr_mul(x, x, t, MPFR_RNDN);
    mpfr_mul_si(x, x, 5 * (long)counts[k], MPFR_RNDN);
    mpfr_div_ui(x, x, 14, MPFR_RNDN);
    if (k == 0)
      json_array_append_new(grams, claim_between("w0.w0", x));
    mpfr_sqrt(W[5 * k], x, MPFR_RNDN);
    mpfr_div(H[5 * k], t, W[5 * k], MPFR_RNDN);
  }
  mpfr_set_zero(x, 1);
  json_array_append_new(cosines, claim_between("w0.w1", x));
  root = build_root(problem, hex_array(W, 16), hex_array(H, 16), NULL);
  finish_dual(root, true);
  json_object_set_new(root, "grams", grams);
  json_object_set_new(root, "cosines", cosines);
  json_object_set_new(root, "rank", json_pack("[i,i]", 2, 2));
  json_object_set_new(root, "collapsed", json_pack("[[i,i]]", 2, 3));
  mpfr_clears(t, x, (mpfr_ptr)NULL);
  reals_free(W, 16);
  reals_free(H, 16);
  return root;
}

/* A fixed generator, so that samples never change. */
static unsigned long next(unsigned long *state)
{
  *state = (*state * 6364136223846793005UL + 1442695040888963407UL) &
           0xffffffffffffffffUL;
  return *state >> 33;
}

static json_t *random_array(unsigned long *state, size_t n)
{
  json_t *array = json_array();
  mpfr_t x;

  mpfr_init2(x, 64);
  for (size_t i = 0; i < n; i++) {
    mpfr_set_si_2exp(x, (long)(next(state) % 4096) - 2048, -11, MPFR_RNDN);
    json_array_append_new(array, hex(x, 64, MPFR_RNDN));
  }
  mpfr_clear(x);
  return array;
}

/* Random numerators over a common denominator; some are 0, and class j mod K
   always has some mass. */
static json_t *random_target(unsigned long *state, size_t K, size_t j)
{
  json_t *target = json_array();
  unsigned long *part = malloc(K * sizeof *part), sum = 0;

  for (size_t i = 0; i < K; i++) {
    part[i] = next(state) % 3 * (next(state) % 7);
    if (i == j % K)
      part[i] += 1;
    sum += part[i];
  }
  for (size_t i = 0; i < K; i++)
    json_array_append_new(target, json_sprintf("%lu/%lu", part[i], sum));
  free(part);
  return target;
}

json_t *sample_random(unsigned long seed, bool ce, const char *bias, size_t K,
                      size_t J, size_t depth)
{
  unsigned long state = seed * 2654435761UL + 12345UL;
  size_t d = K + 1;
  json_t *problem = build_problem(ce, bias, K, d, "1/7", "3/20",
                                  is(bias, "ridge") ? "2/3" : NULL);
  json_t *W = depth == 1 ? random_array(&state, K * d) : json_array();
  json_t *widths = json_array(), *lambdas = json_array(), *root;

  for (size_t m = 1; m <= depth && depth > 1; m++) {
    size_t rows = m == depth ? K : d;

    json_array_append_new(W, random_array(&state, rows * d));
    json_array_append_new(widths, json_integer((json_int_t)d));
    json_array_append_new(lambdas, json_sprintf("1/%zu", 5 + m));
  }
  if (depth > 1) {
    json_object_del(problem, "d");
    json_object_set_new(problem, "depth", json_integer((json_int_t)depth));
    json_object_set(problem, "widths", widths);
    json_object_set(problem, "lambda_W", lambdas);
  }
  json_decref(widths);
  json_decref(lambdas);
  for (size_t j = 0; j < J; j++) {
    char nu[64];

    snprintf(nu, sizeof nu, "%lu/%lu", 1 + next(&state) % 9,
             1 + next(&state) % 5);
    add_column(problem, random_target(&state, K, j),
               1 + (json_int_t)(next(&state) % 12), nu);
  }
  root = build_root(problem, W, random_array(&state, d * J),
                    is(bias, "none") ? NULL : random_array(&state, K));
  finish_dual(root, false);
  return root;
}

typedef struct loose {
  const char *name;
  bool ce;
  const char *bias;
  size_t K, J, depth;
} loose;

static const loose loose_cases[] = {
    {"soft-ce-none", true, "none", 3, 5, 1},
    {"soft-ce-free", true, "free", 4, 6, 1},
    {"soft-ce-ridge", true, "ridge", 2, 3, 1},
    {"soft-mse-none", false, "none", 3, 2, 1},
    {"soft-mse-free", false, "free", 3, 5, 1},
    {"soft-mse-ridge", false, "ridge", 4, 3, 1},
    {"deep-ce-free", true, "free", 3, 4, 2},
    {"deep-mse-ridge", false, "ridge", 3, 3, 3},
};

enum {
  BALANCED = sizeof balanced_cases / sizeof *balanced_cases,
  LOOSE = sizeof loose_cases / sizeof *loose_cases
};

size_t sample_count(void)
{
  return BALANCED + 1 + LOOSE + deep_sample_count();
}

const char *sample_name(size_t index)
{
  if (index < BALANCED)
    return balanced_cases[index].name;
  if (index == BALANCED)
    return "mse-collapse";
  if (index <= BALANCED + LOOSE)
    return loose_cases[index - BALANCED - 1].name;
  return deep_sample_name(index - BALANCED - 1 - LOOSE);
}

bool sample_tight(size_t index)
{
  if (index <= BALANCED)
    return true;
  return index > BALANCED + LOOSE &&
         deep_sample_tight(index - BALANCED - 1 - LOOSE);
}

json_t *sample_make(size_t index)
{
  const loose *c;

  if (index < BALANCED)
    return make_balanced(&balanced_cases[index]);
  if (index == BALANCED)
    return make_collapse();
  if (index > BALANCED + LOOSE)
    return deep_sample_make(index - BALANCED - 1 - LOOSE);
  c = &loose_cases[index - BALANCED - 1];
  return sample_random(index, c->ce, c->bias, c->K, c->J, c->depth);
}
