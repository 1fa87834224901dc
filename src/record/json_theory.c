/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A closed form as decimal strings. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "record/json.h"

/* Matrices over classes are written up to this many classes, lists up to that
   many, as the counts of the problem are. */
enum { MATRIX_MAX = 64, LIST_MAX = 65536 };

/* Appends `times` copies of a value (one reference each). */
static bool append(json_t *list, json_t *value, size_t times)
{
  bool good = value != NULL;

  for (size_t i = 0; good && i < times; i++)
    good = json_array_append(list, value) == 0;
  json_decref(value);
  return good;
}

/* K values of factor f, descending in Z, padded with zeros. */
static json_t *spectrum(const ufm_prediction *p, size_t f)
{
  json_t *list = p->K <= LIST_MAX ? json_array() : NULL;
  size_t written = 0;
  bool good = list != NULL;

  if (p->K > LIST_MAX)
    return json_null();

  for (size_t s = 0; good && s < p->spectra; s++) {
    good = append(list, ufm__json_decimal(p->sv[f * p->spectra + s], p->digits),
                  p->sv_multiplicity[s]);
    written += p->sv_multiplicity[s];
  }
  if (good && written < p->K)
    good = append(list, json_string("0"), p->K - written);
  if (!good) {
    json_decref(list);
    return NULL;
  }
  return list;
}

static json_t *spectra(const ufm_prediction *p)
{
  json_t *o = json_object();

  for (size_t f = 0; o != NULL && f < p->M + 2; f++) {
    char name[32];

    if (f == 0 || f == p->M + 1)
      snprintf(name, sizeof name, "%s", f == 0 ? "Z" : "H");
    else
      snprintf(name, sizeof name, "W%zu", f);
    if (!ufm__json_put(o, name, spectrum(p, f))) {
      json_decref(o);
      return NULL;
    }
  }
  return o;
}

/* One value per class from one per group. */
static json_t *per_class(const ufm_prediction *p, mpfr_t *value)
{
  json_t *list = p->K <= LIST_MAX ? json_array() : NULL;
  bool good = list != NULL;

  if (p->K > LIST_MAX)
    return json_null();

  for (size_t k = 0; good && k < p->K; k++)
    good =
        append(list, ufm__json_decimal(value[p->groups->of[k]], p->digits), 1);
  if (!good) {
    json_decref(list);
    return NULL;
  }
  return list;
}

static json_t *norms(const ufm_prediction *p, const ufm_block_matrix *gram)
{
  size_t G = p->groups->G;
  mpfr_t *norm;
  json_t *list = NULL;

  if (!p->grams)
    return json_null();
  norm = calloc(G, sizeof *norm);
  if (norm == NULL)
    return NULL;
  for (size_t g = 0; g < G; g++)
    mpfr_init2(norm[g], p->bits);
  ufm_prediction_norms(p, gram, norm);
  list = per_class(p, norm);
  for (size_t g = 0; g < G; g++)
    mpfr_clear(norm[g]);
  free(norm);
  return list;
}

static json_t *cosines(const ufm_prediction *p, const ufm_block_matrix *gram)
{
  json_t *o = NULL;
  mpfr_t min, max, mean;

  if (!p->grams)
    return json_null();
  mpfr_inits2(p->bits, min, max, mean, (mpfr_ptr)NULL);
  if (ufm_prediction_cosines(p, gram, min, max, mean))
    o = json_pack("{s:o, s:o, s:o}", "min", ufm__json_decimal(min, p->digits),
                  "max", ufm__json_decimal(max, p->digits), "mean",
                  ufm__json_decimal(mean, p->digits));
  else
    o = json_null();
  mpfr_clears(min, max, mean, (mpfr_ptr)NULL);
  return o;
}

/* K x K, or null where undetermined or too large. */
static json_t *matrix(const ufm_prediction *p, const ufm_block_matrix *m)
{
  json_t *rows = json_array();
  bool good = rows != NULL;
  mpfr_t entry;

  if (!p->grams || p->K > MATRIX_MAX) {
    json_decref(rows);
    return json_null();
  }
  mpfr_init2(entry, p->bits);
  for (size_t i = 0; good && i < p->K; i++) {
    json_t *row = json_array();

    for (size_t k = 0; good && k < p->K; k++) {
      ufm_prediction_entry(p, m, i, k, entry);
      good = append(row, ufm__json_decimal(entry, p->digits), 1);
    }
    good = json_array_append_new(rows, row) == 0 && good;
  }
  mpfr_clear(entry);
  if (!good) {
    json_decref(rows);
    return NULL;
  }
  return rows;
}

static json_t *direction(const ufm_prediction *p, size_t i)
{
  const ufm_direction *d = &p->direction[i];

  return json_pack("{s:I, s:s, s:o, s:o, s:o, s:o}", "multiplicity",
                   (json_int_t)d->multiplicity, "status",
                   ufm_direction_state_name(d->state), "tau2",
                   ufm__json_decimal(d->m, p->digits), "c",
                   ufm__json_decimal(d->c, p->digits), "t",
                   ufm__json_decimal(d->t, p->digits), "one_minus_t",
                   ufm__json_decimal(d->one_minus_t, p->digits));
}

static json_t *candidate(const ufm_prediction *p, size_t i)
{
  const ufm_candidate *c = &p->candidate[i];

  return json_pack(
      "{s:s, s:I, s:o, s:o, s:o}", "family", c->family, "rank",
      (json_int_t)c->rank, "scale",
      c->scaled ? ufm__json_decimal(c->scale, p->digits) : json_null(),
      "singular_value", ufm__json_decimal(c->singular_value, p->digits),
      "objective", ufm__json_decimal(c->objective, p->digits));
}

/* The list, or NULL after freeing it when a member could not be added. */
static json_t *list_of(size_t n,
                       json_t *(*member)(const ufm_prediction *, size_t),
                       const ufm_prediction *p)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < n; i++)
    if (json_array_append_new(list, member(p, i)) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *pair(const ufm_prediction *p, size_t i)
{
  const ufm_pair *c = &p->pair[i];

  return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "same",
                   (int)c->same, "lam", ufm__json_decimal(c->lam, p->digits),
                   "weight", ufm__json_decimal(c->weight, p->digits), "p_i",
                   ufm__json_decimal(c->p_i, p->digits), "p_j",
                   ufm__json_decimal(c->p_j, p->digits), "coef_wi",
                   ufm__json_decimal(c->coef_wi, p->digits), "coef_wj",
                   ufm__json_decimal(c->coef_wj, p->digits), "norm_h",
                   ufm__json_decimal(c->norm_h, p->digits), "value",
                   ufm__json_decimal(c->value, p->digits));
}

static json_t *numbers(const ufm_prediction *p, mpfr_t *value)
{
  json_t *list = json_array();
  bool good = list != NULL;

  for (size_t k = 0; good && k < p->K; k++)
    good = append(list, ufm__json_decimal(value[k], p->digits), 1);
  if (!good) {
    json_decref(list);
    return NULL;
  }
  return list;
}

static json_t *column(const ufm_prediction *p, size_t j)
{
  const ufm_column_optimum *c = &p->column[j];

  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "weight",
                   ufm__json_decimal(c->weight, p->digits), "p",
                   numbers(p, c->p), "z", numbers(p, c->z), "norm_h",
                   ufm__json_decimal(c->norm_h, p->digits), "value",
                   ufm__json_decimal(c->value, p->digits));
}

/* Both conventions of the size of the frame: W = sqrt(g)(I - J/K), and the
   length of its rows. */
static bool put_frame(json_t *o, const ufm_prediction *p)
{
  bool good;
  mpfr_t m, row;

  if (!p->etf)
    return ufm__json_put(o, "kappa", json_null()) &&
           ufm__json_put(o, "g", json_null());
  mpfr_inits2(p->bits, m, row, (mpfr_ptr)NULL);
  mpfr_sqrt(m, p->g, MPFR_RNDN);
  mpfr_mul_ui(row, p->g, p->K - 1, MPFR_RNDN);
  mpfr_div_ui(row, row, p->K, MPFR_RNDN);
  mpfr_sqrt(row, row, MPFR_RNDN);
  good = ufm__json_put(o, "kappa", ufm__json_decimal(p->kappa, p->digits)) &&
         ufm__json_put(o, "g", ufm__json_decimal(p->g, p->digits)) &&
         ufm__json_put(o, "multiplier", ufm__json_decimal(m, p->digits)) &&
         ufm__json_put(o, "row_norm", ufm__json_decimal(row, p->digits)) &&
         ufm__json_put(o, "pairs", list_of(p->pairs, pair, p)) &&
         ufm__json_put(o, "columns",
                       p->columns > 0 ? list_of(p->columns, column, p)
                                      : json_null());
  mpfr_clears(m, row, (mpfr_ptr)NULL);
  return good;
}

json_t *ufm__json_theory(const ufm_prediction *p)
{
  json_t *o;

  if (p == NULL)
    return json_null();
  o = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:I, s:I}", "theorem", p->theorem,
                "source", p->source, "status", ufm_claim_name(p->claim),
                "evidence", "refined", "note", p->note, "digits",
                (json_int_t)p->digits, "rank", (json_int_t)p->rank);
  if (o == NULL ||
      !ufm__json_put(o, "objective",
                     ufm__json_decimal(p->objective, p->digits)) ||
      !ufm__json_put(o, "singular_values", spectra(p)) ||
      !ufm__json_put(o, "norm_w", norms(p, &p->gram_w)) ||
      !ufm__json_put(o, "norm_h", norms(p, &p->gram_h)) ||
      !ufm__json_put(o, "cos_w", cosines(p, &p->gram_w)) ||
      !ufm__json_put(o, "cos_h", cosines(p, &p->gram_h)) ||
      !ufm__json_put(o, "gram_w", matrix(p, &p->gram_w)) ||
      !ufm__json_put(o, "gram_h", matrix(p, &p->gram_h)) ||
      !ufm__json_put(o, "logits", matrix(p, &p->logits)) ||
      !ufm__json_put(o, "bias",
                     p->bias != NULL ? per_class(p, p->bias) : json_null()) ||
      !ufm__json_put(o, "directions", list_of(p->directions, direction, p)) ||
      !ufm__json_put(o, "candidates", list_of(p->candidates, candidate, p)) ||
      !put_frame(o, p)) {
    json_decref(o);
    return NULL;
  }
  return o;
}
