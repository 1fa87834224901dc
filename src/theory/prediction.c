/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Storage of predictions. */
#include <config.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory.h"
#include "theory/prediction.h"

mpfr_t *ufm__mpfr_array_new(size_t n, mpfr_prec_t bits)
{
  mpfr_t *array = calloc(n > 0 ? n : 1, sizeof *array);

  for (size_t i = 0; array != NULL && i < n; i++) {
    mpfr_init2(array[i], bits);
    mpfr_set_zero(array[i], 1);
  }
  return array;
}

void ufm__mpfr_array_free(mpfr_t *array, size_t n)
{
  for (size_t i = 0; array != NULL && i < n; i++)
    mpfr_clear(array[i]);
  free(array);
}

ufm_status ufm__prediction_new(ufm_prediction **out, const ufm_problem *problem,
                               const ufm_theorem *theorem, size_t digits,
                               mpfr_prec_t bits, ufm_error *error)
{
  ufm_prediction *p = calloc(1, sizeof *p);

  *out = NULL;
  if (p == NULL)
    return ufm__no_memory(error, "prediction");
  p->theorem = theorem->name;
  p->source = theorem->source;
  p->K = ufm_problem_classes(problem);
  p->M = ufm_problem_depth(problem);
  p->groups = ufm_problem_groups(problem);
  p->digits = digits;
  p->bits = bits;
  mpfr_inits2(bits, p->objective, p->kappa, p->g, (mpfr_ptr)NULL);
  *out = p;
  return UFM_OK;
}

ufm_status ufm__prediction_directions(ufm_prediction *p, size_t n,
                                      ufm_error *error)
{
  p->direction = calloc(n > 0 ? n : 1, sizeof *p->direction);
  if (p->direction == NULL)
    return ufm__no_memory(error, "directions of a prediction");
  for (; p->directions < n; p->directions++) {
    ufm_direction *d = &p->direction[p->directions];

    mpfr_inits2(p->bits, d->m, d->c, d->t, d->one_minus_t, (mpfr_ptr)NULL);
  }
  return UFM_OK;
}

ufm_status ufm__prediction_spectra(ufm_prediction *p, size_t n,
                                   ufm_error *error)
{
  p->spectra = n;
  p->sv_multiplicity = calloc(n > 0 ? n : 1, sizeof *p->sv_multiplicity);
  p->sv = ufm__mpfr_array_new((p->M + 2) * n, p->bits);
  if (p->sv_multiplicity == NULL || p->sv == NULL)
    return ufm__no_memory(error, "singular values of a prediction");
  return UFM_OK;
}

/* Refuses matrices that this machine cannot hold.  An entry is a header, the
   words of its mantissa, and about two words of the allocator. */
static ufm_status check_matrices_fit(size_t G, mpfr_prec_t bits,
                                     ufm_error *error)
{
  size_t words = 0, word = sizeof(double);
  size_t entry = (sizeof(mpfr_t) + (size_t)bits / 8) / word + 3;

  if (G > SIZE_MAX / sizeof(mpfr_t) / G ||
      !ufm__add_product(&words, 3 * entry, G * G))
    return ufm__fail(error, UFM_ERANGE,
                     "prediction: %zu groups make matrices too large", G);
  return ufm__check_doubles_fit(words, "prediction", error);
}

static ufm_status block_matrix_init(ufm_block_matrix *matrix, size_t G,
                                    mpfr_prec_t bits, ufm_error *error)
{
  matrix->G = G;
  matrix->block = ufm__mpfr_array_new(G * G, bits);
  matrix->extra = ufm__mpfr_array_new(G, bits);
  if (matrix->block == NULL || matrix->extra == NULL)
    return ufm__no_memory(error, "matrices of a prediction");
  return UFM_OK;
}

static void block_matrix_clear(ufm_block_matrix *matrix)
{
  ufm__mpfr_array_free(matrix->block, matrix->G * matrix->G);
  ufm__mpfr_array_free(matrix->extra, matrix->G);
}

ufm_status ufm__prediction_grams(ufm_prediction *p, ufm_error *error)
{
  size_t G = p->groups->G;
  ufm_status status = check_matrices_fit(G, p->bits, error);

  if (status == UFM_OK)
    status = block_matrix_init(&p->gram_w, G, p->bits, error);
  if (status == UFM_OK)
    status = block_matrix_init(&p->gram_h, G, p->bits, error);
  if (status == UFM_OK)
    status = block_matrix_init(&p->logits, G, p->bits, error);
  p->grams = status == UFM_OK;
  return status;
}

ufm_status ufm__prediction_bias(ufm_prediction *p, ufm_error *error)
{
  p->bias = ufm__mpfr_array_new(p->groups->G, p->bits);
  return p->bias != NULL ? UFM_OK
                         : ufm__no_memory(error, "bias of a prediction");
}

ufm_status ufm__prediction_candidates(ufm_prediction *p, size_t n,
                                      ufm_error *error)
{
  p->candidate = calloc(n > 0 ? n : 1, sizeof *p->candidate);
  if (p->candidate == NULL)
    return ufm__no_memory(error, "candidates of a prediction");
  for (; p->candidates < n; p->candidates++) {
    ufm_candidate *c = &p->candidate[p->candidates];

    mpfr_inits2(p->bits, c->scale, c->singular_value, c->objective,
                (mpfr_ptr)NULL);
  }
  return UFM_OK;
}

ufm_status ufm__prediction_pairs(ufm_prediction *p, size_t n, ufm_error *error)
{
  p->pair = calloc(n > 0 ? n : 1, sizeof *p->pair);
  if (p->pair == NULL)
    return ufm__no_memory(error, "pairs of a prediction");
  for (; p->pairs < n; p->pairs++) {
    ufm_pair *c = &p->pair[p->pairs];

    mpfr_inits2(p->bits, c->lam, c->weight, c->p_i, c->p_j, c->coef_wi,
                c->coef_wj, c->norm_h, c->value, (mpfr_ptr)NULL);
  }
  return UFM_OK;
}

ufm_status ufm__prediction_columns(ufm_prediction *p, size_t n,
                                   ufm_error *error)
{
  p->column = calloc(n > 0 ? n : 1, sizeof *p->column);
  if (p->column == NULL)
    return ufm__no_memory(error, "columns of a prediction");
  for (; p->columns < n; p->columns++) {
    ufm_column_optimum *c = &p->column[p->columns];

    mpfr_inits2(p->bits, c->weight, c->norm_h, c->value, (mpfr_ptr)NULL);
  }
  for (size_t j = 0; j < n; j++) {
    p->column[j].p = ufm__mpfr_array_new(p->K, p->bits);
    p->column[j].z = ufm__mpfr_array_new(p->K, p->bits);
    if (p->column[j].p == NULL || p->column[j].z == NULL)
      return ufm__no_memory(error, "columns of a prediction");
  }
  return UFM_OK;
}

static void soft_clear(ufm_prediction *p)
{
  for (size_t i = 0; i < p->pairs; i++) {
    ufm_pair *c = &p->pair[i];

    mpfr_clears(c->lam, c->weight, c->p_i, c->p_j, c->coef_wi, c->coef_wj,
                c->norm_h, c->value, (mpfr_ptr)NULL);
  }
  for (size_t j = 0; j < p->columns; j++) {
    ufm_column_optimum *c = &p->column[j];

    mpfr_clears(c->weight, c->norm_h, c->value, (mpfr_ptr)NULL);
    ufm__mpfr_array_free(c->p, p->K);
    ufm__mpfr_array_free(c->z, p->K);
  }
  free(p->pair);
  free(p->column);
}

ufm_status ufm__prediction_note(ufm_prediction *p, ufm_error *error,
                                const char *format, ...)
{
  char text[512];
  va_list values;

  va_start(values, format);
  if (vsnprintf(text, sizeof text, format, values) < 0)
    text[0] = '\0';
  va_end(values);
  free(p->note);
  p->note = strdup(text);
  return p->note != NULL ? UFM_OK
                         : ufm__no_memory(error, "note of a prediction");
}

void ufm_prediction_free(ufm_prediction *p)
{
  if (p == NULL)
    return;
  for (size_t i = 0; i < p->directions; i++) {
    ufm_direction *d = &p->direction[i];

    mpfr_clears(d->m, d->c, d->t, d->one_minus_t, (mpfr_ptr)NULL);
  }
  for (size_t i = 0; i < p->candidates; i++) {
    ufm_candidate *c = &p->candidate[i];

    mpfr_clears(c->scale, c->singular_value, c->objective, (mpfr_ptr)NULL);
  }
  ufm__mpfr_array_free(p->sv, (p->M + 2) * p->spectra);
  ufm__mpfr_array_free(p->bias, p->groups->G);
  block_matrix_clear(&p->gram_w);
  block_matrix_clear(&p->gram_h);
  block_matrix_clear(&p->logits);
  soft_clear(p);
  mpfr_clears(p->objective, p->kappa, p->g, (mpfr_ptr)NULL);
  free(p->direction);
  free(p->candidate);
  free(p->sv_multiplicity);
  free(p->note);
  free(p);
}

void ufm_prediction_entry(const ufm_prediction *prediction,
                          const ufm_block_matrix *matrix, size_t i, size_t k,
                          mpfr_t out)
{
  size_t gi = prediction->groups->of[i], gk = prediction->groups->of[k];

  mpfr_set(out, matrix->block[gi * matrix->G + gk], MPFR_RNDN);
  if (i == k)
    mpfr_add(out, out, matrix->extra[gi], MPFR_RNDN);
}

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;

const char *ufm_claim_name(ufm_claim claim)
{
  switch (claim) {
    UFM_CLAIM_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_direction_state_name(ufm_direction_state state)
{
  switch (state) {
    UFM_DIRECTION_LIST(CASE_TEXT)
  }
  return "unknown";
}
