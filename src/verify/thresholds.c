/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds in the scale s of all penalties (doc/phase.md).
   MSE, a direction of squared target size m:  s^L = m^M (M-1)^{M-1} /
     (N^L Lam M^{2M}), the threshold of the scalar problem.
   M = 1, classes k and l with equal counts:  s^2 = E(t_k - t_l)^2 / (2 N
   omega), which is n_k / (N^2 omega) for labels. CE, M = 1, zero point:  s^2 =
   lambda_max(C) / (N omega), C the covariance of the targets (free bias) or
   their second moment around 1/K (none). */
#include <config.h>

#include <stdlib.h>

#include <ufm/thresholds.h>

#include "core/error.h"
#include "verify/eigen.h"
#include "verify/family.h"
#include "verify/interval.h"
#include "verify/model.h"
#include "verify/scalar_root.h"
#include "verify/spectrum.h"
#include "verify/swaps.h"

enum { MOST_DIGITS = 100000 };

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;
#define CASE_HELP(name, text, help)                                            \
  case name:                                                                   \
    return help;

const char *ufm_change_name(ufm_change change)
{
  switch (change) {
    UFM_CHANGE_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_change_meaning(ufm_change change)
{
  switch (change) {
    UFM_CHANGE_LIST(CASE_HELP)
  }
  return "unknown";
}

void ufm_thresholds_free(ufm_thresholds *thresholds)
{
  if (thresholds == NULL)
    return;
  for (size_t i = 0; i < thresholds->count; i++) {
    mpq_clear(thresholds->at[i].value);
    mpfr_clears(thresholds->at[i].lower, thresholds->at[i].upper,
                (mpfr_ptr)NULL);
  }
  free(thresholds->at);
  free(thresholds);
}

/* What the scale of a direction follows from. */
typedef struct context {
  const ufm__model *model;
  ufm__scalar scalar;
  mpfr_prec_t bits;
  ufm_thresholds *out;
  ufm_error *error;
} context;

/* One more threshold, all zero; NULL when memory is exhausted. */
static ufm_threshold *grow(context *c)
{
  ufm_threshold *at = realloc(c->out->at, (c->out->count + 1) * sizeof *at);

  if (at == NULL)
    return NULL;
  c->out->at = at;
  at += c->out->count++;
  *at = (ufm_threshold){.change = UFM_CHANGE_TOTAL};
  mpq_init(at->value);
  mpfr_inits2(c->bits, at->lower, at->upper, (mpfr_ptr)NULL);
  return at;
}

/* Appends the threshold s^L = value with lower <= value <= upper. */
static ufm_status append(context *c, ufm_threshold about, mpq_srcptr lower,
                         mpq_srcptr upper)
{
  ufm_threshold *at = grow(c);
  iv end;

  if (at == NULL)
    return ufm__no_memory(c->error, "thresholds");
  at->change = about.change;
  at->count = about.count;
  at->multiplicity = about.multiplicity;
  at->jump = about.jump;
  ufm__iv_init(&end, c->bits);
  ufm__iv_set_q(&end, lower);
  ufm__iv_root(&end, &end, c->out->L);
  mpfr_set(at->lower, end.lo, MPFR_RNDD);
  ufm__iv_set_q(&end, upper);
  ufm__iv_root(&end, &end, c->out->L);
  mpfr_set(at->upper, end.hi, MPFR_RNDU);
  ufm__iv_clear(&end);
  at->exact = mpq_equal(lower, upper);
  if (at->exact)
    mpq_set(at->value, lower);
  return UFM_OK;
}

/* Appends the scale at which directions of squared size m, lower <= m <= upper,
   reach the threshold of the scalar problem. */
static ufm_status append_size(context *c, ufm_threshold about, mpq_srcptr lower,
                              mpq_srcptr upper)
{
  ufm_status status;
  mpq_t a, b;

  about.jump = c->model->M > 1;
  mpq_inits(a, b, (mpq_ptr)NULL);
  ufm__enclosed_scalar_threshold_scale(&c->scalar, lower, a);
  ufm__enclosed_scalar_threshold_scale(&c->scalar, upper, b);
  status = append(c, about, a, b);
  mpq_clears(a, b, (mpq_ptr)NULL);
  return status;
}

/* N E(t_k - t_l)^2 / 2 for two classes of group g: the squared size of the
   directions that tell its classes apart; they are eigenvectors of the second
   moment of the targets, because exchanging the two changes nothing. */
static void contrast(const context *c, const ufm_groups *groups, size_t g,
                     mpq_t out)
{
  const ufm__model *model = c->model;
  size_t K = model->K, k = 0, l;
  mpq_t term;

  while (groups->of[k] != g)
    k++;
  for (l = k + 1; groups->of[l] != g;)
    l++;
  mpq_init(term);
  mpq_set_ui(out, 0, 1);
  for (size_t j = 0; j < model->J; j++) {
    mpq_sub(term, model->target[j * K + k], model->target[j * K + l]);
    mpq_mul(term, term, term);
    mpq_mul(term, term, model->nu[j]);
    mpq_add(out, out, term);
  }
  mpq_div_2exp(out, out, 1);
  mpq_clear(term);
}

/* Names the directions from..all-1, of which those before `end` are kept: they
   have sizes in [*lower, *upper], and one exact size, put in `size`, when they
   are those of a group. */
static void name_directions(const context *c, const ufm__spectrum *s,
                            const ufm_groups *groups, size_t all, bool whole,
                            mpq_t size, mpq_srcptr *lower, mpq_srcptr *upper,
                            ufm_threshold *about)
{
  for (size_t g = 0; g < groups->G; g++) {
    if (s->exact) { /* the diagonal holds the counts themselves */
      mpq_set_ui(size, groups->count[g], 1);
    } else if (groups->size[g] == all + 1) {
      contrast(c, groups, g, size);
    } else {
      continue;
    }
    if (mpq_cmp(*lower, size) > 0 || mpq_cmp(size, *upper) > 0)
      continue;
    *lower = *upper = size;
    if (whole) {
      about->change = s->exact ? UFM_CHANGE_CLASS : UFM_CHANGE_MERGE;
      about->count = groups->count[g];
    }
    return;
  }
}

/* Squared error: all kept directions, largest first.  Directions whose
   enclosures overlap share a threshold. */
static ufm_status squared_error(context *c, const ufm_groups *groups)
{
  ufm__spectrum s;
  ufm_status status = ufm__spectrum_init(&s, c->model, c->bits, c->error);
  mpq_t size;

  if (status != UFM_OK)
    return status;
  mpq_init(size);
  for (size_t j = 0, next; j < s.R && status == UFM_OK; j = next) {
    ufm_threshold about = {.change = UFM_CHANGE_DIRECTION};
    mpq_srcptr lower, upper = s.upper[j];

    for (next = j + 1; next < s.K; next++)
      if (mpq_cmp(s.upper[next], s.lower[next - 1]) < 0)
        break;
    lower = s.lower[next - 1];
    if (mpq_sgn(lower) <= 0)
      break; /* a direction without target has no threshold */
    about.multiplicity = (next < s.R ? next : s.R) - j;
    name_directions(c, &s, groups, next - j, next <= s.R, size, &lower, &upper,
                    &about);
    status = append_size(c, about, lower, upper);
  }
  mpq_clear(size);
  ufm__spectrum_clear(&s);
  return status;
}

/* Depth 1, where the optimum is unique: groups merge. */
static ufm_status merging(context *c, const ufm_groups *groups)
{
  ufm_status status = UFM_OK;
  mpq_t size;

  mpq_init(size);
  for (size_t g = 0; g < groups->G && status == UFM_OK; g++) {
    ufm_threshold about = {.change = UFM_CHANGE_MERGE,
                           .count = groups->count[g],
                           .multiplicity = groups->size[g] - 1};

    if (groups->size[g] < 2)
      continue;
    if (groups->G == 1 && c->model->bias != UFM_BIAS_RIDGE &&
        c->model->loss == UFM_LOSS_CE)
      about.change = UFM_CHANGE_TOTAL; /* and 1^T Z = 0 leaves nothing else */
    contrast(c, groups, g, size);
    status = append_size(c, about, size, size);
  }
  mpq_clear(size);
  return status;
}

/* Cross entropy, depth 1: at Z = 0 the residuals are t - 1/K (no bias) or
   t - tbar (free), and Z = 0 is optimal iff N omega is at least the largest
   eigenvalue of their second moment. */
static ufm_status total_collapse(context *c)
{
  ufm__model centred = {0};
  ufm__spectrum s = {0};
  ufm_status status =
      ufm__model_relax(&centred, c->model, c->model->product, c->error);
  mpq_t mean;

  if (status != UFM_OK)
    return status;
  mpq_init(mean);
  mpq_set_ui(mean, 1, centred.K);
  if (centred.bias == UFM_BIAS_NONE)
    for (size_t i = 0; i < centred.J * centred.K; i++)
      mpq_sub(centred.target[i], centred.target[i], mean);
  mpq_clear(mean);
  status = ufm__spectrum_init(&s, &centred, c->bits, c->error);
  if (status == UFM_OK)
    status = append_size(c, (ufm_threshold){.change = UFM_CHANGE_TOTAL},
                         s.lower[0], s.upper[0]);
  ufm__spectrum_clear(&s);
  ufm__model_clear(&centred);
  return status;
}

/* Deep cross entropy with named candidates. */
static ufm_status candidates(context *c, size_t digits)
{
  ufm__swap *swaps;
  size_t count;
  ufm_status status = ufm__swaps(&swaps, &count, c->model, digits, c->error);

  for (size_t i = 0; i < count && status == UFM_OK; i++) {
    ufm_threshold *at = grow(c);

    if (at == NULL) {
      status = ufm__no_memory(c->error, "thresholds");
      break;
    }
    at->change = UFM_CHANGE_CANDIDATE;
    at->jump = true;
    at->from = swaps[i].from;
    at->to = swaps[i].to;
    mpfr_set(at->lower, swaps[i].lower, MPFR_RNDD);
    mpfr_set(at->upper, swaps[i].upper, MPFR_RNDU);
  }
  ufm__swaps_free(swaps, count);
  return status;
}

static int ascending(const void *x, const void *y)
{
  const ufm_threshold *a = x, *b = y;
  int order = mpfr_cmp(a->lower, b->lower);

  return order != 0 ? order : mpfr_cmp(a->upper, b->upper);
}

/* All that is known; nothing appended means nothing is. */
static ufm_status all_thresholds(context *c, const ufm_groups *groups,
                                 size_t digits)
{
  const ufm__model *model = c->model;
  size_t limit = ufm__model_rank_limit(model);
  ufm_status status = UFM_OK;

  if (model->fixed)
    return ufm__fail(c->error, UFM_EUNSUPPORTED,
                     "thresholds: got a fixed classifier, want a free one");
  if (model->loss == UFM_LOSS_MSE && model->bias != UFM_BIAS_RIDGE)
    return squared_error(c, groups);
  if (ufm__family_covers(model))
    return candidates(c, digits);
  if (model->M > 1)
    return ufm__fail(c->error, UFM_EUNSUPPORTED,
                     "thresholds: none is known in closed form for %s with "
                     "bias %s and depth %zu",
                     ufm_loss_name(model->loss), ufm_bias_name(model->bias),
                     model->M);
  if (limit < ufm__model_rank_possible(model))
    return ufm__fail(c->error, UFM_EUNSUPPORTED,
                     "thresholds: got width %zu, want at least %zu, the rank "
                     "an optimum can have",
                     limit, ufm__model_rank_possible(model));
  status = merging(c, groups);
  if (status == UFM_OK && model->loss == UFM_LOSS_CE && groups->G > 1 &&
      model->bias != UFM_BIAS_RIDGE)
    status = total_collapse(c);
  return status;
}

ufm_status ufm_thresholds_enclose(ufm_thresholds **out,
                                  const ufm_problem *problem, size_t digits,
                                  ufm_error *error)
{
  ufm__model model = {0};
  context c = {.model = &model,
               .bits = (mpfr_prec_t)((double)digits * 3.33) + 64,
               .error = error};
  ufm_status status;

  *out = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  c.out = calloc(1, sizeof *c.out);
  if (c.out == NULL)
    return ufm__no_memory(error, "thresholds");
  status = ufm__model_init(&model, problem, error);
  if (status == UFM_OK) {
    c.scalar = (ufm__scalar){
        .M = model.M, .ratio = model.ratio, .product = model.product};
    c.out->L = model.M + 1;
    status = all_thresholds(&c, ufm_problem_groups(problem), digits);
  }
  ufm__model_clear(&model);
  if (status != UFM_OK) {
    ufm_thresholds_free(c.out);
    return status;
  }
  qsort(c.out->at, c.out->count, sizeof *c.out->at, ascending);
  *out = c.out;
  return UFM_OK;
}
