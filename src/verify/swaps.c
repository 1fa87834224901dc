/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swaps of the best candidate.  Every F_i grows with s, so a family that does
   not beat the zero point at one scale beats it at no larger one. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/family_minimum.h"
#include "verify/swaps.h"

enum {
  GUARD_BITS = 96,
  SCAN_BITS = 64,
  DECADES = 9,
  PER_DECADE = 24,
  BISECTIONS = 12,
  NEWTON_STEPS = 60,
  WIDENINGS = 12
};

/* The families at one scale: values and slopes in s at their minimisers, also
   where these are above log K.  Minimisers are the starts at the next scale;
   0 and a value of log K stand for none. */
typedef struct tracker {
  const ufm__model *model;
  mpfr_prec_t bits;
  size_t n;
  const char *name[UFM__FAMILIES];
  mpfr_t centre[UFM__FAMILIES], value[UFM__FAMILIES], slope[UFM__FAMILIES];
  mpfr_t log_K;
} tracker;

static void tracker_init(tracker *t, const ufm__model *model, mpfr_prec_t bits)
{
  t->model = model;
  t->bits = bits;
  t->n = 0;
  for (size_t i = 0; i < UFM__FAMILIES; i++) {
    mpfr_inits2(bits, t->centre[i], t->value[i], t->slope[i], (mpfr_ptr)NULL);
    mpfr_set_zero(t->centre[i], 1);
  }
  mpfr_init2(t->log_K, bits);
  mpfr_log_ui(t->log_K, model->K, MPFR_RNDN);
}

static void tracker_clear(tracker *t)
{
  for (size_t i = 0; i < UFM__FAMILIES; i++)
    mpfr_clears(t->centre[i], t->value[i], t->slope[i], (mpfr_ptr)NULL);
  mpfr_clear(t->log_K);
}

/* One family at scale s. */
static void track_family(tracker *t, size_t i, const ufm__family *family,
                         mpfr_srcptr s)
{
  iv a, f[3], g[3];

  if (mpfr_zero_p(t->centre[i]) || !ufm__family_newton(family, t->centre[i]))
    mpfr_set_d(t->centre[i], ufm__family_scan(family), MPFR_RNDN);
  mpfr_set(t->value[i], t->log_K, MPFR_RNDN);
  mpfr_set_zero(t->slope[i], 1);
  if (mpfr_zero_p(t->centre[i]) || !ufm__family_newton(family, t->centre[i])) {
    mpfr_set_zero(t->centre[i], 1);
    return;
  }
  ufm__iv_init(&a, t->bits);
  for (int k = 0; k < 3; k++) {
    ufm__iv_init(&f[k], t->bits);
    ufm__iv_init(&g[k], t->bits);
  }
  ufm__iv_set_mp(&a, t->centre[i]);
  ufm__family_value(family, &a, f);
  ufm__family_penalty(family, &a, g);
  mpfr_set(t->value[i], f[0].lo, MPFR_RNDN);
  mpfr_div(t->slope[i], g[0].lo, s, MPFR_RNDN);
  ufm__iv_clear(&a);
  for (int k = 0; k < 3; k++) {
    ufm__iv_clear(&f[k]);
    ufm__iv_clear(&g[k]);
  }
}

static size_t families_at(const ufm__model *model, mpfr_srcptr s,
                          ufm__family family[UFM__FAMILIES])
{
  size_t n;
  mpq_t scale;

  mpq_init(scale);
  mpfr_get_q(scale, s);
  n = ufm__families(model, scale, family);
  mpq_clear(scale);
  return n;
}

static void track(tracker *t, mpfr_srcptr s)
{
  ufm__family family[UFM__FAMILIES];

  t->n = families_at(t->model, s, family);
  for (size_t i = 0; i < t->n; i++) {
    t->name[i] = family[i].name;
    track_family(t, i, &family[i], s);
    ufm__family_clear(&family[i]);
  }
}

/* The index of the best family at s; t->n for the zero point. */
static size_t best_at(tracker *t, mpfr_srcptr s)
{
  size_t best;

  track(t, s);
  best = t->n;
  for (size_t i = 0; i < t->n; i++)
    if (mpfr_less_p(t->value[i], best < t->n ? t->value[best] : t->log_K))
      best = i;
  return best;
}

/* F_i and its slope; i = n is the zero point. */
static void value_of(const tracker *t, size_t i, mpfr_t value, mpfr_t slope)
{
  mpfr_set(value, i < t->n ? t->value[i] : t->log_K, MPFR_RNDN);
  mpfr_set_zero(slope, 1);
  if (i < t->n)
    mpfr_set(slope, t->slope[i], MPFR_RNDN);
}

/* Newton for F_i = F_j from s, in the precision of `fine`. */
static void polish(tracker *fine, size_t i, size_t j, mpfr_t s)
{
  mpfr_t x, y, dx, dy;

  mpfr_inits2(fine->bits, x, y, dx, dy, (mpfr_ptr)NULL);
  for (int k = 0; k < NEWTON_STEPS; k++) {
    track(fine, s);
    value_of(fine, i, x, dx);
    value_of(fine, j, y, dy);
    mpfr_sub(x, x, y, MPFR_RNDN);
    mpfr_sub(dx, dx, dy, MPFR_RNDN);
    mpfr_div(x, x, dx, MPFR_RNDN);
    if (!mpfr_number_p(x))
      break;
    mpfr_sub(s, s, x, MPFR_RNDN);
    if (mpfr_zero_p(x) || mpfr_get_exp(x) < mpfr_get_exp(s) - fine->bits + 32)
      break;
  }
  mpfr_clears(x, y, dx, dy, (mpfr_ptr)NULL);
}

/* True when the candidate `best` (n: zero) is proved better than all others at
   s. */
static bool proved_best(const ufm__model *model, mpfr_srcptr s, size_t best,
                        mpfr_prec_t bits)
{
  ufm__family family[UFM__FAMILIES];
  ufm__family_minimum minimum[UFM__FAMILIES];
  size_t n = families_at(model, s, family);
  bool good = true;
  mpfr_t upper;

  mpfr_init2(upper, bits);
  mpfr_log_ui(upper, model->K, MPFR_RNDD);
  for (size_t i = 0; i < n; i++) {
    ufm__family_minimum_init(&minimum[i], bits);
    ufm__family_minimise(&family[i], &minimum[i]);
  }
  if (best < n) {
    good = mpfr_less_p(minimum[best].upper, upper);
    mpfr_set(upper, minimum[best].upper, MPFR_RNDU);
  }
  for (size_t i = 0; i < n; i++) {
    if (best == n) /* scale 0 of the family is the zero point itself */
      good = good && mpfr_greaterequal_p(minimum[i].lower, upper);
    else if (i != best)
      good = good && mpfr_less_p(upper, minimum[i].lower);
    ufm__family_minimum_clear(&minimum[i]);
    ufm__family_clear(&family[i]);
  }
  mpfr_clear(upper);
  return good;
}

/* s (1 -+ 10^-digits), with the proof that the best candidates are i and j at
   the ends; wider where that is needed. */
static bool prove_swap(const ufm__model *model, mpfr_srcptr s, size_t i,
                       size_t j, size_t digits, mpfr_prec_t bits,
                       ufm__swap *out)
{
  bool good = false;
  mpfr_t part;

  mpfr_init2(part, bits);
  mpfr_set_ui(part, 10, MPFR_RNDN);
  mpfr_pow_si(part, part, -(long)digits, MPFR_RNDN);
  mpfr_mul(part, part, s, MPFR_RNDN);
  for (int k = 0; k < WIDENINGS && !good; k++) {
    mpfr_sub(out->lower, s, part, MPFR_RNDD);
    mpfr_add(out->upper, s, part, MPFR_RNDU);
    good = proved_best(model, out->lower, i, bits) &&
           proved_best(model, out->upper, j, bits);
    mpfr_mul_ui(part, part, 16, MPFR_RNDN);
  }
  mpfr_clear(part);
  return good;
}

/* What the search carries along. */
typedef struct search {
  const ufm__model *model;
  tracker coarse, fine;
  size_t digits, count;
  ufm__swap *swaps;
  ufm_error *error;
} search;

static ufm_status add_swap(search *c, mpfr_srcptr lo, size_t i, size_t j)
{
  ufm__swap *list = realloc(c->swaps, (c->count + 1) * sizeof *list);
  ufm_status status = UFM_OK;
  ufm__swap *at;
  mpfr_t s;

  if (list == NULL)
    return ufm__no_memory(c->error, "verify: swaps");
  c->swaps = list;
  at = &list[c->count++];
  mpfr_inits2(c->fine.bits, at->lower, at->upper, s, (mpfr_ptr)NULL);
  at->from = i < c->coarse.n ? c->coarse.name[i] : "zero";
  at->to = j < c->coarse.n ? c->coarse.name[j] : "zero";
  mpfr_set(s, lo, MPFR_RNDN);
  for (size_t k = 0; k < UFM__FAMILIES; k++)
    mpfr_set(c->fine.centre[k], c->coarse.centre[k], MPFR_RNDN);
  polish(&c->fine, i, j, s);
  if (!prove_swap(c->model, s, i, j, c->digits + 1, c->fine.bits, at))
    status = ufm__fail(c->error, UFM_EINTERNAL,
                       "thresholds: the change from %s to %s near %.6g is not "
                       "proved",
                       at->from, at->to, mpfr_get_d(s, MPFR_RNDN));
  mpfr_clear(s);
  return status;
}

/* All swaps between lo, where i is best, and hi, where j is. */
static ufm_status between(search *c, mpfr_srcptr lo, size_t i, mpfr_srcptr hi,
                          size_t j, int depth)
{
  ufm_status status;
  size_t best;
  mpfr_t middle;

  if (i == j)
    return UFM_OK;
  if (depth == 0) {
    (void)best_at(&c->coarse, lo);
    return add_swap(c, lo, i, j);
  }
  mpfr_init2(middle, SCAN_BITS);
  mpfr_mul(middle, lo, hi, MPFR_RNDN);
  mpfr_sqrt(middle, middle, MPFR_RNDN);
  best = best_at(&c->coarse, middle);
  status = between(c, lo, i, middle, best, depth - 1);
  if (status == UFM_OK)
    status = between(c, middle, best, hi, j, depth - 1);
  mpfr_clear(middle);
  return status;
}

/* A scale at which no family beats the zero point, at most twice too large. */
static void all_zero(search *c, mpfr_t s)
{
  mpfr_set_ui(s, 1, MPFR_RNDN);
  while (best_at(&c->coarse, s) < c->coarse.n)
    mpfr_mul_2ui(s, s, 1, MPFR_RNDN);
  do
    mpfr_div_2ui(s, s, 1, MPFR_RNDN);
  while (best_at(&c->coarse, s) == c->coarse.n);
  mpfr_mul_2ui(s, s, 1, MPFR_RNDN);
}

static ufm_status scan(search *c)
{
  ufm_status status = UFM_OK;
  size_t before, now;
  mpfr_t lo, hi, factor;

  mpfr_inits2(SCAN_BITS, lo, hi, factor, (mpfr_ptr)NULL);
  all_zero(c, lo);
  mpfr_set_d(factor, pow(10.0, -DECADES), MPFR_RNDN);
  mpfr_mul(lo, lo, factor, MPFR_RNDN);
  mpfr_set_d(factor, pow(10.0, 1.0 / PER_DECADE), MPFR_RNDN);
  before = best_at(&c->coarse, lo);
  for (int k = 0; k <= DECADES * PER_DECADE && status == UFM_OK; k++) {
    mpfr_mul(hi, lo, factor, MPFR_RNDN);
    now = best_at(&c->coarse, hi);
    status = between(c, lo, before, hi, now, BISECTIONS);
    before = now;
    mpfr_swap(lo, hi);
  }
  mpfr_clears(lo, hi, factor, (mpfr_ptr)NULL);
  return status;
}

ufm_status ufm__swaps(ufm__swap **swaps, size_t *count, const ufm__model *model,
                      size_t digits, ufm_error *error)
{
  search c = {.model = model, .digits = digits, .error = error};
  ufm_status status;

  tracker_init(&c.coarse, model, SCAN_BITS);
  tracker_init(&c.fine, model, ufm__bits_for_digits(digits, GUARD_BITS));
  status = scan(&c);
  tracker_clear(&c.coarse);
  tracker_clear(&c.fine);
  *swaps = c.swaps;
  *count = c.count;
  if (status != UFM_OK) {
    ufm__swaps_free(c.swaps, c.count);
    *swaps = NULL;
    *count = 0;
  }
  return status;
}

void ufm__swaps_free(ufm__swap *swaps, size_t count)
{
  for (size_t i = 0; i < count; i++)
    mpfr_clears(swaps[i].lower, swaps[i].upper, (mpfr_ptr)NULL);
  free(swaps);
}
