/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of groups, expanded class by class: contrasts become rows of
   Helmert matrices, so nothing of the reduction is used. */
#include <config.h>

#include <stdlib.h>

#include "oracle.h"

enum { MOST_CLASSES = 40 };

typedef struct grouping {
  size_t G, K;
  size_t *of, *index, *size; /* K, K, G */
} grouping;

static bool grouping_init(grouping *x, const json_t *problem)
{
  const json_t *groups = json_object_get(problem, "groups");
  size_t k = 0;

  x->G = json_array_size(groups);
  x->K = (size_t)json_integer_value(json_object_get(problem, "K"));
  if (x->K > MOST_CLASSES)
    return false;
  x->of = calloc(x->K, sizeof *x->of);
  x->index = calloc(x->K, sizeof *x->index);
  x->size = calloc(x->G, sizeof *x->size);
  if (x->of == NULL || x->index == NULL || x->size == NULL)
    abort();
  for (size_t g = 0; g < x->G; g++) {
    x->size[g] = (size_t)json_integer_value(
        json_object_get(json_array_get(groups, g), "classes"));
    for (size_t i = 0; i < x->size[g]; i++, k++) {
      x->of[k] = g;
      x->index[k] = i;
    }
  }
  return true;
}

static void grouping_clear(grouping *x)
{
  free(x->of);
  free(x->index);
  free(x->size);
}

/* Entry q (from 1) of row i of the Helmert matrix: 1/sqrt(q (q + 1)) for i < q,
   -q/sqrt(q (q + 1)) for i = q, else 0. */
static void helmert(mpfr_t out, size_t i, size_t q)
{
  mpfr_set_zero(out, 1);
  if (i > q)
    return;
  mpfr_set_ui(out, q * (q + 1), MPFR_RNDN);
  mpfr_rec_sqrt(out, out, MPFR_RNDN);
  if (i == q) {
    mpfr_mul_ui(out, out, q, MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
  }
}

/* The row of class k: v_g (entries stride apart in `rows`, from g first) and
   the contrast times its Helmert row, into out[0], out[step], ... */
static void expand_row(const grouping *x, size_t k, size_t r,
                       const json_t *contrast, const json_t *rows, size_t first,
                       size_t stride, mpfr_t *out, size_t step)
{
  size_t g = x->of[k], at = r;
  mpfr_t c;

  mpfr_init2(c, PRECISION);
  for (size_t i = 0; i < r; i++)
    number_value(out[i * step], json_array_get(rows, first + i * stride));
  number_value(c, json_array_get(contrast, g));
  for (size_t f = 0; f < g; f++)
    at += x->size[f] - 1;
  for (size_t q = 1; q < x->size[g]; q++) {
    mpfr_ptr entry = out[(at + q - 1) * step];

    helmert(entry, x->index[k], q);
    mpfr_mul(entry, entry, c, MPFR_RNDN);
  }
  mpfr_clear(c);
}

static void expand_targets(oracle *o, const grouping *x, const json_t *problem)
{
  const json_t *groups = json_object_get(problem, "groups");
  mpfr_t eps;

  mpfr_init2(eps, PRECISION);
  number_value(eps, json_object_get(problem, "smoothing"));
  for (size_t k = 0; k < o->K; k++) {
    const json_t *group = json_array_get(groups, x->of[k]);

    number_value(o->a[k], json_object_get(group, "weight"));
    number_value(o->nu[k], json_object_get(group, "multiplicity"));
    mpfr_add(o->A, o->A, o->a[k], MPFR_RNDN);
    for (size_t i = 0; i < o->K; i++) {
      mpfr_ptr t = o->t[i * o->J + k];

      mpfr_div_ui(t, eps, o->K, MPFR_RNDN);
      if (i == k) {
        mpfr_sub(t, t, eps, MPFR_RNDN);
        mpfr_add_ui(t, t, 1, MPFR_RNDN);
      }
    }
  }
  mpfr_clear(eps);
}

bool oracle_expand(oracle *o, const json_t *root)
{
  const json_t *problem = json_object_get(root, "problem");
  const json_t *primal = json_object_get(root, "primal");
  const json_t *b = json_object_get(primal, "b");
  size_t r = (size_t)json_integer_value(json_object_get(primal, "r")), d = r;
  grouping x;

  if (r > MOST_CLASSES || !grouping_init(&x, problem))
    return false;
  for (size_t g = 0; g < x.G; g++)
    d += x.size[g] - 1;
  o->M = 1;
  o->J = o->K;
  o->d = calloc(2, sizeof *o->d);
  o->W = calloc(1, sizeof *o->W);
  if (o->d == NULL || o->W == NULL)
    abort();
  o->d[0] = d;
  o->d[1] = o->K;
  o->lambda = reals_new(1);
  number_value(o->lambda[0], json_object_get(problem, "lambda_W"));
  o->t = reals_new(o->K * o->J);
  o->a = reals_new(o->J);
  o->nu = reals_new(o->J);
  expand_targets(o, &x, problem);
  o->W[0] = reals_new(o->K * d);
  o->H = reals_new(d * o->J);
  o->b = reals_new(o->K);
  for (size_t k = 0; k < o->K; k++) {
    expand_row(&x, k, r, json_object_get(primal, "w"),
               json_object_get(primal, "V"), x.of[k] * r, 1, o->W[0] + k * d,
               1);
    expand_row(&x, k, r, json_object_get(primal, "h"),
               json_object_get(primal, "Y"), x.of[k], x.G, o->H + k, o->J);
    if (!json_is_null(b))
      number_value(o->b[k], json_array_get(b, x.of[k]));
  }
  grouping_clear(&x);
  return true;
}

json_t *oracle_masses(const json_t *root)
{
  const json_t *M = json_object_get(json_object_get(root, "dual"), "M");
  json_t *list = json_array();
  grouping x;
  mpfr_t m;

  if (!grouping_init(&x, json_object_get(root, "problem")))
    abort();
  mpfr_init2(m, PRECISION);
  for (size_t i = 0; i < x.K; i++)
    for (size_t j = 0; j < x.K; j++) {
      size_t f = x.of[i], g = x.of[j], many = x.size[f] - (f == g);
      char *text = NULL;

      if (i == j) {
        f = x.G;
        many = 1;
      }
      number_value(m, json_array_get(M, f * x.G + g));
      mpfr_div_ui(m, m, many * x.size[g], MPFR_RNDN);
      if (mpfr_asprintf(&text, "%Ra", m) < 0 ||
          json_array_append_new(list, json_string(text)) != 0)
        abort();
      mpfr_free_str(text);
    }
  mpfr_clear(m);
  grouping_clear(&x);
  return list;
}
