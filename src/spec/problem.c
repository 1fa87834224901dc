/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From option texts to a problem. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "core/suggest.h"
#include "spec/spec.h"
#include "spec/targets.h"

/* A depth beyond this is a slip, and keeps products of lambdas small. */
enum { MAX_DEPTH = 1000 };

/* The settings under construction, with what they point to. */
typedef struct draft {
  const ufm_spec *spec;
  ufm_error *error;
  ufm_problem_settings settings;
  size_t *counts, *widths;
  mpq_t *lambda_w;
  mpq_t lambda_h, lambda_b, multiplier;
  ufm__targets targets;
} draft;

/* The index of an option's text among `names`; the first when not set. */
static ufm_status read_choice(const draft *d, const char *option,
                              const char *const *names, size_t n, int *out)
{
  const char *text = ufm_spec_get(d->spec, option);

  *out = 0;
  if (text == NULL)
    return UFM_OK;
  for (size_t i = 0; i < n; i++)
    if (strcmp(text, names[i]) == 0) {
      *out = (int)i;
      return UFM_OK;
    }
  return ufm__unknown_name(d->error, option, text, names, n);
}

static ufm_status read_choices(draft *d)
{
#define TEXT(name, text, help) text,
  static const char *const losses[] = {UFM_LOSS_LIST(TEXT)};
  static const char *const biases[] = {UFM_BIAS_LIST(TEXT)};
#undef TEXT
  const char *unmerged = ufm_spec_get(d->spec, "unmerged");
  int loss, bias;
  ufm_status status = read_choice(d, "loss", losses, 2, &loss);

  if (status == UFM_OK)
    status = read_choice(d, "bias", biases, 3, &bias);
  if (status != UFM_OK)
    return status;
  d->settings.loss = (ufm_loss)loss;
  d->settings.bias = (ufm_bias)bias;
  d->settings.unmerged = unmerged != NULL && strcmp(unmerged, "true") == 0;
  return UFM_OK;
}

static ufm_status read_width(const char *text, size_t i, void *user)
{
  draft *d = user;

  return ufm__parse_size(text, "widths", 1, INT32_MAX, &d->widths[i], d->error);
}

static ufm_status read_shape(draft *d)
{
  const char *widths = ufm_spec_get(d->spec, "widths");
  ufm__origin all = ufm__spec_origin(d->spec, "width");
  ufm__origin each = ufm__spec_origin(d->spec, "widths");
  size_t M = 1, width = d->settings.K;
  ufm_status status =
      ufm_spec_size(d->spec, "depth", 1, MAX_DEPTH, &M, d->error);

  if (status == UFM_OK && all == each && all != UFM__ORIGIN_UNSET)
    status = ufm__fail(d->error, UFM_EINVAL,
                       "widths: got width and widths, want one of them");
  if (status == UFM_OK && each > all && ufm__pieces(widths, ',') != M)
    status = ufm__fail(d->error, UFM_EINVAL,
                       "widths: got %zu numbers, want %zu (the depth)",
                       ufm__pieces(widths, ','), M);
  if (status == UFM_OK && all > each)
    status = ufm_spec_size(d->spec, "width", 1, INT32_MAX, &width, d->error);
  if (status != UFM_OK)
    return status;
  d->settings.M = M;
  d->widths = calloc(M, sizeof *d->widths);
  if (d->widths == NULL)
    return ufm__no_memory(d->error, "widths");
  d->settings.widths = d->widths;
  for (size_t m = 0; m < M; m++)
    d->widths[m] = width;
  return each > all ? ufm__split(widths, ',', read_width, d, d->error) : UFM_OK;
}

static ufm_status read_lambda_w(const char *text, size_t i, void *user)
{
  draft *d = user;

  return ufm__parse_rational(text, "lambda-W", d->lambda_w[i], d->error);
}

static ufm_status need(const draft *d, const char *name, const char **text)
{
  *text = ufm_spec_get(d->spec, name);
  return *text != NULL ? UFM_OK
                       : ufm__fail(d->error, UFM_EINVAL,
                                   "%s: missing, want a number above 0", name);
}

/* One lambda for all layers, or one for each; none with a fixed classifier. */
static ufm_status read_lambdas(draft *d, const char *text)
{
  size_t M = d->settings.M, given;
  ufm_status status;

  if (text == NULL)
    return UFM_OK;
  given = ufm__pieces(text, ',');
  if (given != 1 && given != M)
    return ufm__fail(d->error, UFM_EINVAL,
                     "lambda-W: got %zu numbers, want %s%zu (the depth)", given,
                     M > 1 ? "1 or " : "", M);
  d->lambda_w = calloc(M, sizeof *d->lambda_w);
  if (d->lambda_w == NULL)
    return ufm__no_memory(d->error, "lambda-W");
  for (size_t m = 0; m < M; m++)
    mpq_init(d->lambda_w[m]);
  d->settings.lambda_w = (const mpq_t *)d->lambda_w;
  status = ufm__split(text, ',', read_lambda_w, d, d->error);
  for (size_t m = given; m < M; m++)
    mpq_set(d->lambda_w[m], d->lambda_w[0]);
  return status;
}

static ufm_status read_penalties(draft *d)
{
  const char *w = NULL, *h = NULL, *b = ufm_spec_get(d->spec, "lambda-b");
  ufm_status status = need(d, "lambda-H", &h);

  if (d->settings.multiplier != NULL)
    w = ufm_spec_get(d->spec, "lambda-W");
  else if (status == UFM_OK)
    status = need(d, "lambda-W", &w);
  if (status == UFM_OK)
    status = read_lambdas(d, w);
  if (status == UFM_OK)
    status = ufm__parse_rational(h, "lambda-H", d->lambda_h, d->error);
  d->settings.lambda_h = d->lambda_h;
  if (status == UFM_OK && b != NULL) {
    status = ufm__parse_rational(b, "lambda-b", d->lambda_b, d->error);
    d->settings.lambda_b = d->lambda_b;
  }
  return status;
}

/* etf:M */
static ufm_status read_fixed(draft *d)
{
  static const char etf[] = "etf:";
  const char *text = ufm_spec_get(d->spec, "fix-W");

  if (text == NULL)
    return UFM_OK;
  if (strncmp(text, etf, sizeof etf - 1) != 0)
    return ufm__fail(d->error, UFM_EINVAL,
                     "fix-W: got '%.80s', want etf:M, M the multiplier of "
                     "I - J/K",
                     text);
  d->settings.multiplier = d->multiplier;
  return ufm__parse_rational(text + sizeof etf - 1, "fix-W: etf", d->multiplier,
                             d->error);
}

static void use_targets(draft *d)
{
  const ufm__targets *t = &d->targets;

  d->settings.targets = t->kind;
  d->settings.smoothing = t->kind == UFM_TARGETS_SMOOTH ? t->smoothing : NULL;
  d->settings.mixing = t->mixing;
  d->settings.target = t->matrix;
  d->settings.target_weight = t->weight;
  d->settings.columns = t->columns;
}

static void draft_clear(draft *d)
{
  for (size_t m = 0; d->lambda_w != NULL && m < d->settings.M; m++)
    mpq_clear(d->lambda_w[m]);
  mpq_clears(d->lambda_h, d->lambda_b, d->multiplier, (mpq_ptr)NULL);
  ufm__targets_clear(&d->targets);
  free(d->lambda_w);
  free(d->widths);
  free(d->counts);
}

ufm_status ufm_spec_problem(const ufm_spec *spec, ufm_problem **out,
                            ufm_error *error)
{
  draft d = {.spec = spec, .error = error};
  ufm_status status;

  *out = NULL;
  mpq_inits(d.lambda_h, d.lambda_b, d.multiplier, (mpq_ptr)NULL);
  ufm__targets_init(&d.targets);
  status = read_choices(&d);
  if (status == UFM_OK)
    status = ufm__targets_read(&d.targets, ufm_spec_get(spec, "targets"),
                               d.settings.loss, error);
  if (status == UFM_OK)
    status = ufm__spec_counts(spec, d.targets.classes, &d.settings.K, &d.counts,
                              error);
  d.settings.counts = d.counts;
  if (status == UFM_OK)
    status = read_shape(&d);
  if (status == UFM_OK)
    status = read_fixed(&d);
  if (status == UFM_OK)
    status = read_penalties(&d);
  use_targets(&d);
  if (status == UFM_OK)
    status = ufm_problem_new(out, &d.settings, error);
  draft_clear(&d);
  return status;
}
