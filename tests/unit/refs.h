/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored reference values: files of decimal strings, and predictions compared
   with them.  A test can list one checker per key of an instance, so that no
   key goes unread. */
#ifndef UFM_TESTS_REFS_H
#define UFM_TESTS_REFS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <ufm/theory.h>

#include "digits.h"

/* Digits asked for, and digits compared (the files have 40 or more). */
enum { DIGITS = 40, COMPARED = 38, BITS = 320 };

/* One instance, the problem it describes and what the library predicts. */
typedef struct refs_case {
  const char *name;
  json_t *instance;
  const ufm_problem *problem;
  const ufm_prediction *prediction;
} refs_case;

/* Checks one key of an instance. */
typedef struct refs_key {
  const char *key;
  void (*check)(const refs_case *c, const char *key, const json_t *value);
} refs_key;

static inline json_t *load(const char *name)
{
  const char *srcdir = getenv("srcdir");
  char path[4096];
  json_error_t where;
  json_t *root;

  snprintf(path, sizeof path, "%s/tests/data/%s", srcdir ? srcdir : ".", name);
  root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
  ck_assert_msg(root != NULL, "%s: %s", path, where.text);
  return root;
}

static inline const char *member_string(const json_t *instance, const char *key)
{
  return json_string_value(json_object_get(instance, key));
}

/* The i-th instance whose loss is `loss`, or NULL. */
static inline json_t *refs_instance(const json_t *root, const char *loss,
                                    size_t i)
{
  const json_t *instances = json_object_get(root, "instances");
  size_t index, seen = 0;
  json_t *instance;

  json_array_foreach(instances, index, instance)
  {
    const char *its = member_string(instance, "loss");

    ck_assert_ptr_nonnull(its);
    if (strcmp(its, loss) == 0 && seen++ == i)
      return instance;
  }
  return NULL;
}

static inline void refs_rational(mpq_t out, const json_t *value)
{
  ck_assert(json_is_string(value));
  ck_assert_int_eq(mpq_set_str(out, json_string_value(value), 10), 0);
  mpq_canonicalize(out);
}

static inline size_t refs_size(const json_t *value)
{
  ck_assert(json_is_integer(value) && json_integer_value(value) >= 0);
  return (size_t)json_integer_value(value);
}

/* The problem of an instance, with the bias named. */
static inline ufm_problem *refs_problem(const json_t *instance,
                                        const char *bias)
{
  const json_t *counts = json_object_get(instance, "n");
  const json_t *widths = json_object_get(instance, "d");
  const json_t *lambdas = json_object_get(instance, "lambda_W_1toM");
  const char *loss = member_string(instance, "loss");
  size_t K = json_array_size(counts), M = json_array_size(widths);
  size_t *n = calloc(K, sizeof *n), *d = calloc(M, sizeof *d);
  mpq_t *lambda_w = calloc(M, sizeof *lambda_w), lambda_h, lambda_b;
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  ufm_problem_settings s = {.K = K, .counts = n, .M = M, .widths = d};

  ck_assert(n != NULL && d != NULL && lambda_w != NULL);
  for (size_t k = 0; k < K; k++)
    n[k] = refs_size(json_array_get(counts, k));
  for (size_t m = 0; m < M; m++) {
    d[m] = refs_size(json_array_get(widths, m));
    mpq_init(lambda_w[m]);
    refs_rational(lambda_w[m], json_array_get(lambdas, m));
  }
  mpq_inits(lambda_h, lambda_b, (mpq_ptr)NULL);
  refs_rational(lambda_h, json_object_get(instance, "lambda_H"));
  s.loss = strcmp(loss, "ce") == 0 ? UFM_LOSS_CE : UFM_LOSS_MSE;
  s.bias = strcmp(bias, "free") == 0    ? UFM_BIAS_FREE
           : strcmp(bias, "ridge") == 0 ? UFM_BIAS_RIDGE
                                        : UFM_BIAS_NONE;
  s.lambda_w = (const mpq_t *)lambda_w;
  s.lambda_h = lambda_h;
  if (s.bias == UFM_BIAS_RIDGE) {
    refs_rational(lambda_b, json_object_get(instance, "lambda_b"));
    s.lambda_b = lambda_b;
  }
  ck_assert_msg(ufm_problem_new(&problem, &s, &error) == UFM_OK, "%s",
                error.text);
  for (size_t m = 0; m < M; m++)
    mpq_clear(lambda_w[m]);
  mpq_clears(lambda_h, lambda_b, (mpq_ptr)NULL);
  free(n);
  free(d);
  free(lambda_w);
  return problem;
}

/* A stored number: "1.25e-3", "5/9" or a JSON integer. */
static inline void refs_number(mpfr_t out, const json_t *value)
{
  const char *text = json_string_value(value);

  if (json_is_integer(value)) {
    mpfr_set_si(out, (long)json_integer_value(value), MPFR_RNDN);
  } else if (text != NULL && strchr(text, '/') != NULL) {
    mpq_t q;

    mpq_init(q);
    refs_rational(q, value);
    mpfr_set_q(out, q, MPFR_RNDN);
    mpq_clear(q);
  } else {
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(mpfr_set_str(out, text, 10, MPFR_RNDN) == 0, "'%s'", text);
  }
}

/* A stored 0 must be matched exactly. */
static inline void check_number(const char *name, const char *key,
                                mpfr_srcptr got, const json_t *want)
{
  mpfr_t reference;

  ck_assert_msg(json_is_string(want), "%s: %s is not a string", name, key);
  mpfr_init2(reference, BITS);
  refs_number(reference, want);
  if (!same_digits(got, reference, COMPARED)) {
    char text[80];

    mpfr_snprintf(text, sizeof text, "%.45Rg", got);
    ck_abort_msg("%s: %s is %s, want %s", name, key, text,
                 json_string_value(want));
  }
  mpfr_clear(reference);
}

/* Entry j of a stored list. */
static inline void expect_number(const refs_case *c, const char *key, size_t j,
                                 mpfr_srcptr got, const json_t *want)
{
  char place[80];

  snprintf(place, sizeof place, "%s[%zu]", key, j);
  check_number(c->name, place, got, want);
}

/* Direction of the prediction that stands for entry j of a list over single
   directions. */
static inline const ufm_direction *direction_at(const refs_case *c, size_t j)
{
  for (size_t i = 0; i < c->prediction->directions; i++) {
    if (j < c->prediction->direction[i].multiplicity)
      return &c->prediction->direction[i];
    j -= c->prediction->direction[i].multiplicity;
  }
  return NULL;
}

/* Entry j of the singular values of factor f, 0 beyond the nonzero ones. */
static inline void singular_value_at(const refs_case *c, size_t f, size_t j,
                                     mpfr_t out)
{
  const ufm_prediction *p = c->prediction;

  mpfr_set_zero(out, 1);
  for (size_t s = 0; s < p->spectra; s++) {
    if (j < p->sv_multiplicity[s]) {
      mpfr_set(out, p->sv[f * p->spectra + s], MPFR_RNDN);
      return;
    }
    j -= p->sv_multiplicity[s];
  }
}

/* A stored list of singular values of factor f; all nonzero ones are in it. */
static inline void expect_spectrum(const refs_case *c, const char *key,
                                   const json_t *list, size_t f)
{
  size_t n = json_array_size(list);
  mpfr_t got;

  mpfr_init2(got, BITS);
  ck_assert_uint_ge(n, c->prediction->rank);
  for (size_t j = 0; j < n; j++) {
    singular_value_at(c, f, j, got);
    expect_number(c, key, j, got, json_array_get(list, j));
  }
  mpfr_clear(got);
}

/* A stored list of diagonal entries of a Gram matrix. */
static inline void expect_diagonal(const refs_case *c, const char *key,
                                   const json_t *list,
                                   const ufm_block_matrix *matrix)
{
  mpfr_t got;

  ck_assert(c->prediction->grams);
  ck_assert_uint_eq(json_array_size(list), c->prediction->K);
  mpfr_init2(got, BITS);
  for (size_t k = 0; k < c->prediction->K; k++) {
    ufm_prediction_entry(c->prediction, matrix, k, k, got);
    expect_number(c, key, k, got, json_array_get(list, k));
  }
  mpfr_clear(got);
}

/* A stored K x K matrix, as it is or as cosines (null in a zero row). */
static inline void expect_matrix(const refs_case *c, const char *key,
                                 const json_t *rows,
                                 const ufm_block_matrix *matrix, bool cosines)
{
  const ufm_prediction *p = c->prediction;
  mpfr_t got, norm;

  ck_assert(p->grams);
  ck_assert_uint_eq(json_array_size(rows), p->K);
  mpfr_inits2(BITS, got, norm, (mpfr_ptr)NULL);
  for (size_t i = 0; i < p->K; i++)
    for (size_t k = 0; k < p->K; k++) {
      const json_t *want = json_array_get(json_array_get(rows, i), k);

      ck_assert_ptr_nonnull(want);
      if (cosines) {
        ufm_prediction_entry(p, matrix, i, i, got);
        ufm_prediction_entry(p, matrix, k, k, norm);
        mpfr_mul(norm, norm, got, MPFR_RNDN);
        ck_assert_msg(mpfr_zero_p(norm) ? json_is_null(want)
                                        : json_is_string(want),
                      "%s: %s[%zu][%zu]", c->name, key, i, k);
        if (mpfr_zero_p(norm))
          continue;
        mpfr_sqrt(norm, norm, MPFR_RNDN);
      } else {
        mpfr_set_ui(norm, 1, MPFR_RNDN);
      }
      ufm_prediction_entry(p, matrix, i, k, got);
      mpfr_div(got, got, norm, MPFR_RNDN);
      expect_number(c, key, i * p->K + k, got, want);
    }
  mpfr_clears(got, norm, (mpfr_ptr)NULL);
}

/* Keys that hold words for people. */
static inline void no_number(const refs_case *c, const char *key,
                             const json_t *value)
{
  ck_assert_msg(json_is_string(value), "%s: %s is not text", c->name, key);
}

/* Keys the problem was built from: checked where it states them itself. */
static inline void states_problem(const refs_case *c, const char *key,
                                  const json_t *value)
{
  size_t wanted = 0;
  bool number = true;

  if (strcmp(key, "K") == 0)
    wanted = ufm_problem_classes(c->problem);
  else if (strcmp(key, "N") == 0)
    wanted = ufm_problem_samples(c->problem);
  else if (strcmp(key, "M") == 0)
    wanted = ufm_problem_depth(c->problem);
  else if (strcmp(key, "R") == 0)
    wanted = ufm_problem_rank_limit(c->problem);
  else
    number = false;
  if (number)
    ck_assert_msg(refs_size(value) == wanted, "%s: %s is %zu", c->name, key,
                  wanted);
  else if (strcmp(key, "lambda_b") == 0)
    ck_assert(json_is_null(value) ==
              (ufm_problem_lambda_b(c->problem) == NULL));
}

static inline void expect_objective(const refs_case *c, const char *key,
                                    const json_t *value)
{
  check_number(c->name, key, c->prediction->objective, value);
}

/* Runs the checker of every key; a key without one fails. */
static inline void check_keys(const refs_case *c, const refs_key *keys)
{
  const char *key;
  json_t *value;

  json_object_foreach(c->instance, key, value)
  {
    const refs_key *k = keys;

    while (k->key != NULL && strcmp(k->key, key) != 0)
      k++;
    ck_assert_msg(k->key != NULL, "%s: no checker for key '%s'", c->name, key);
    k->check(c, key, value);
  }
}

#endif
