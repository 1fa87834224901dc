/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts from codes. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/error.h"
#include "linalg/blas.h"
#include "objective/size.h"
#include "solve/codes.h"
#include "solve/repulsion.h"
#include "solve/start.h"
#include "solve/start_codes.h"
#include "solve/start_factors.h"

/* With depth >= 2, dimensions tried at most; more are thinned out. */
enum { DIMENSIONS = 24 };

typedef struct code_start {
  const ufm__code *code; /* NULL: points on a line */
  size_t N, d;           /* N >= K vectors in R^d */
  const char *name;
  double F;     /* at its best scale, to nine digits */
  size_t order; /* of construction */
} code_start;

struct ufm__code_starts {
  const ufm_problem *problem;
  const ufm_layout *layout;
  size_t count;
  code_start *at;
  size_t dimensions, dimension[DIMENSIONS];
  ufm__logits logits;
  double *X;      /* N x d: the code */
  double *G;      /* K x K: logits of the classes */
  double *T;      /* J x K: targets times sqrt(nu_j) */
  double *noise;  /* a point */
  size_t *vector; /* N: which vector class k gets is vector[k] */
};

/* Dimensions to look for codes in, largest first. */
static void choose_dimensions(ufm__code_starts *s)
{
  size_t K = s->layout->K, top = ufm_problem_rank_limit(s->problem);
  size_t half = (K + 1) / 2, low = 2, step;

  if (top > K - 1)
    top = K - 1;
  if (s->layout->M == 1)
    low = top;
  if (top < 2)
    return;
  step = (top - low) / (DIMENSIONS - 1) + 1;
  for (size_t d = top; d >= low; d -= step) {
    s->dimension[s->dimensions++] = d;
    if (d < low + step)
      break;
    /* the cross-polytope is the usual winner: do not step over it */
    if (d > half && d - step < half && s->dimensions < DIMENSIONS - 1)
      s->dimension[s->dimensions++] = half;
  }
}

/* The smallest N >= K, at most 5/4 K, for which the family has a code; 0: none
 */
static size_t size_of(const ufm__code *code, size_t K, size_t d)
{
  for (size_t N = K; N <= K + K / 4; N++)
    if (code->fits(N, d))
      return N;
  return 0;
}

static ufm_status collect(ufm__code_starts *s, ufm_error *error)
{
  const ufm__code *list = ufm__code_list();
  size_t families = 0, most = 1;

  while (list[families].name != NULL)
    families++;
  s->at = calloc(s->dimensions * families + 1, sizeof *s->at);
  if (s->at == NULL)
    return ufm__no_memory(error, "codes");
  for (size_t i = 0; i < s->dimensions; i++)
    for (size_t f = 0; f < families; f++) {
      size_t d = s->dimension[i], N = size_of(&list[f], s->layout->K, d);

      if (N == 0)
        continue;
      if (N * d > most)
        most = N * d;
      s->at[s->count++] = (code_start){
          &list[f], N, d, ufm__code_name(&list[f], N, d), (double)NAN, 0};
    }
  if (s->layout->M >= 2 && s->dimensions > 0)
    s->at[s->count++] =
        (code_start){NULL, s->layout->K, 2, "line", (double)NAN, 0};
  if (s->dimensions > 0 && s->layout->K * s->dimension[0] > most)
    most = s->layout->K * s->dimension[0]; /* repulsion */
  s->X = malloc(most * sizeof *s->X);
  return s->X != NULL ? UFM_OK : ufm__no_memory(error, "codes");
}

/* T = targets times sqrt(nu_j): Z' of the class logits G is then T G. */
static void set_targets(ufm__code_starts *s)
{
  const ufm_columns *c = ufm_problem_columns(s->problem);
  double ratio = ufm__class_size(s->problem) * (double)c->K;

  for (size_t j = 0; j < c->J; j++) {
    ufm_columns_target(c, j, s->T + j * c->K);
    ufm__scale(c->K, sqrt(ratio * c->rounded[c->weight[j]]), s->T + j * c->K);
  }
}

static ufm_status workspace(ufm__code_starts *s, ufm_error *error)
{
  size_t K = s->layout->K;
  ufm_status status = ufm__logits_init(&s->logits, s->layout, error);

  s->G = malloc(K * K * sizeof *s->G);
  s->T = malloc(s->layout->J * K * sizeof *s->T);
  s->noise = malloc(s->layout->size * sizeof *s->noise);
  s->vector = malloc((K + K / 4) * sizeof *s->vector);
  if (status == UFM_OK &&
      (s->G == NULL || s->T == NULL || s->noise == NULL || s->vector == NULL))
    status = ufm__no_memory(error, "codes");
  if (status == UFM_OK)
    set_targets(s);
  return status;
}

/* G from the code X. */
static void gram(ufm__code_starts *s, size_t d)
{
  size_t K = s->layout->K;

  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++)
      s->G[k * K + i] =
          ufm__dot(d, s->X + s->vector[i] * d, s->X + s->vector[k] * d);
}

/* Points y_k on a line: logit i of class k is y_i y_k - y_i^2/2, largest for
   i = k (doc/mathematics.md, section 7.2); a bias takes the second term. */
static void line(ufm__code_starts *s, const ufm_objective *objective)
{
  size_t K = s->layout->K, b = s->layout->b;
  bool bias = b < s->layout->size;

  memset(s->noise, 0, s->layout->size * sizeof *s->noise);
  for (size_t i = 0; i < K; i++) {
    double y = 2.0 * (double)s->vector[i] / (double)(K - 1) - 1.0;

    for (size_t k = 0; k < K; k++)
      s->G[k * K + i] =
          y * (2.0 * (double)s->vector[k] / (double)(K - 1) - 1.0) -
          (bias ? 0.0 : y * y / 2.0);
    if (bias)
      s->noise[b + i] = -y * y / 2.0;
  }
  if (!bias)
    return;
  ufm_objective_from_plain(objective, s->noise, s->noise);
  memcpy(s->logits.bias, s->noise + b, K * sizeof *s->logits.bias);
}

/* x = the point of the logits G at its best scale; *F its value. */
static ufm_status place(ufm__code_starts *s, ufm_objective *objective,
                        double *x, double *F, ufm_error *error)
{
  size_t J = s->layout->J, K = s->layout->K;
  double size = sqrt(ufm__class_size(s->problem)) * ufm__logit_size(s->problem);
  ufm_status status;

  ufm__gemm(J, K, K, s->T, s->G, 0.0, s->logits.Z);
  status = ufm__logits_decompose(&s->logits, s->layout, error);
  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < s->logits.r; i++) /* rounding, not directions */
    if (s->logits.s[i] < 1e-10 * s->logits.s[0])
      s->logits.s[i] = 0.0;
  memset(x + s->layout->b, 0, (s->layout->size - s->layout->b) * sizeof *x);
  *F = ufm__logits_search(&s->logits, objective, size / s->logits.s[0], x);
  memset(s->logits.bias, 0, K * sizeof *s->logits.bias);
  return UFM_OK;
}

static ufm_status place_code(ufm__code_starts *s, const code_start *c,
                             ufm_objective *objective, double *x, double *F,
                             ufm_error *error)
{
  if (c->code == NULL) {
    line(s, objective);
  } else {
    c->code->build(c->N, c->d, s->X);
    gram(s, c->d);
  }
  return place(s, objective, x, F, error);
}

static int ascending(const void *left, const void *right)
{
  const code_start *l = left, *r = right;

  if (l->F != r->F)
    return l->F < r->F ? -1 : 1;
  if (l->d != r->d)
    return l->d < r->d ? -1 : 1;
  return l->order < r->order ? -1 : l->order > r->order;
}

/* Ascending in F; of codes that are the same, the first.  Digits of F that are
   rounding are dropped, so that no name depends on them. */
static void sort(ufm__code_starts *s)
{
  size_t kept = 0;

  for (size_t i = 0; i < s->count; i++) {
    double unit = exp2(floor(log2(fabs(s->at[i].F))) - 30.0);

    if (!isfinite(s->at[i].F))
      continue;
    s->at[kept] = s->at[i];
    s->at[kept].F = unit > 0.0 ? unit * round(s->at[i].F / unit) : 0.0;
    s->at[kept++].order = i;
  }
  s->count = kept;
  qsort(s->at, s->count, sizeof *s->at, ascending);
  kept = 0;
  for (size_t i = 0; i < s->count; i++)
    if (i == 0 || s->at[i].d != s->at[kept - 1].d ||
        s->at[i].F > s->at[kept - 1].F)
      s->at[kept++] = s->at[i];
  s->count = kept;
}

static ufm_status judge(ufm__code_starts *s, ufm_objective *objective,
                        ufm_error *error)
{
  double *x = malloc(s->layout->size * sizeof *x);
  ufm_status status = x != NULL ? UFM_OK : ufm__no_memory(error, "codes");

  for (size_t k = 0; k < s->layout->K + s->layout->K / 4; k++)
    s->vector[k] = k;
  for (size_t i = 0; status == UFM_OK && i < s->count; i++)
    status = place_code(s, &s->at[i], objective, x, &s->at[i].F, error);
  free(x);
  return status;
}

ufm_status ufm__code_starts_new(ufm__code_starts **out,
                                const ufm_problem *problem,
                                ufm_objective *objective, ufm_error *error)
{
  ufm__code_starts *s = calloc(1, sizeof *s);
  ufm_status status;

  *out = NULL;
  if (s == NULL)
    return ufm__no_memory(error, "codes");
  s->problem = problem;
  s->layout = ufm_objective_layout(objective);
  choose_dimensions(s);
  status = workspace(s, error);
  if (status == UFM_OK)
    status = collect(s, error);
  if (status == UFM_OK)
    status = judge(s, objective, error);
  if (status == UFM_OK) {
    sort(s);
    *out = s;
  } else {
    ufm__code_starts_free(s);
  }
  return status;
}

void ufm__code_starts_free(ufm__code_starts *s)
{
  if (s == NULL)
    return;
  ufm__logits_clear(&s->logits);
  free(s->at);
  free(s->X);
  free(s->G);
  free(s->T);
  free(s->noise);
  free(s->vector);
  free(s);
}

/* Even numbers are codes of the list while there are any, the others codes by
   repulsion, in every dimension by turns. */
static const code_start *chosen(const ufm__code_starts *s, size_t index,
                                size_t *repulsion)
{
  size_t listed = (index + 1) / 2;

  if (index % 2 == 0 && index / 2 < s->count)
    return &s->at[index / 2];
  *repulsion = index - (listed < s->count ? listed : s->count);
  return NULL;
}

ufm_status ufm__start_code(ufm__code_starts *s, ufm_objective *objective,
                           size_t index, gsl_rng *rng, double *x,
                           const char **name, ufm_error *error)
{
  size_t repulsion = 0;
  const code_start *c = chosen(s, index, &repulsion);
  size_t N = c != NULL ? c->N : s->layout->K;
  double F;
  ufm_status status;

  *name = NULL;
  if (s->dimensions == 0) {
    ufm__start_random(s->problem, s->layout, rng, x);
    return UFM_OK;
  }
  for (size_t k = 0; k < N; k++)
    s->vector[k] = k;
  gsl_ran_shuffle(rng, s->vector, N, sizeof *s->vector);
  if (c != NULL) {
    *name = c->name;
    status = place_code(s, c, objective, x, &F, error);
  } else {
    size_t d = s->dimension[repulsion % s->dimensions];

    *name = "repulsion";
    status = ufm__repulsion(N, d, rng, s->X, error);
    if (status == UFM_OK) {
      gram(s, d);
      status = place(s, objective, x, &F, error);
    }
  }
  /* A symmetric point may be stationary and no minimum: push it. */
  ufm__start_random(s->problem, s->layout, rng, s->noise);
  for (size_t i = 0; status == UFM_OK && i < s->layout->b; i++)
    x[i] += 1e-2 * s->noise[i];
  return status;
}
