/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of mixing values: checked, sorted, normalised, copied. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "problem/mixing.h"

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;

const char *ufm_mixing_rule_name(ufm_mixing_rule rule)
{
  switch (rule) {
    UFM_MIXING_RULE_LIST(CASE_TEXT)
  }
  return "unknown";
}

ufm_status ufm__mixing_new(ufm_mixing **out, ufm_mixing_rule rule, size_t nodes,
                           ufm_error *error)
{
  ufm_mixing *m = calloc(1, sizeof *m);

  *out = NULL;
  if (m == NULL)
    return ufm__no_memory(error, "mixing law");
  m->rule = rule;
  m->moment_error = (double)NAN;
  mpq_inits(m->alpha, m->moment, m->same, (mpq_ptr)NULL);
  m->lam = calloc(nodes, sizeof *m->lam);
  m->weight = calloc(nodes, sizeof *m->weight);
  if (m->lam == NULL || m->weight == NULL) {
    ufm_mixing_free(m);
    return ufm__no_memory(error, "mixing law");
  }
  for (; m->nodes < nodes; m->nodes++)
    mpq_inits(m->lam[m->nodes], m->weight[m->nodes], (mpq_ptr)NULL);
  *out = m;
  return UFM_OK;
}

void ufm_mixing_free(ufm_mixing *mixing)
{
  if (mixing == NULL)
    return;
  for (size_t l = 0; l < mixing->nodes; l++)
    mpq_clears(mixing->lam[l], mixing->weight[l], (mpq_ptr)NULL);
  mpq_clears(mixing->alpha, mixing->moment, mixing->same, (mpq_ptr)NULL);
  free(mixing->lam);
  free(mixing->weight);
  free(mixing);
}

/* Ascending in lam; insertion, as lists are short or sorted already. */
static void sort(ufm_mixing *m)
{
  for (size_t i = 1; i < m->nodes; i++)
    for (size_t l = i; l > 0 && mpq_cmp(m->lam[l], m->lam[l - 1]) < 0; l--) {
      mpq_swap(m->lam[l], m->lam[l - 1]);
      mpq_swap(m->weight[l], m->weight[l - 1]);
    }
}

/* Adds up equal values and drops those without weight. */
static void merge(ufm_mixing *m)
{
  size_t kept = 0;

  for (size_t l = 0; l < m->nodes; l++) {
    if (mpq_sgn(m->weight[l]) == 0)
      continue;
    if (kept > 0 && mpq_equal(m->lam[kept - 1], m->lam[l])) {
      mpq_add(m->weight[kept - 1], m->weight[kept - 1], m->weight[l]);
      continue;
    }
    mpq_swap(m->lam[kept], m->lam[l]);
    mpq_swap(m->weight[kept], m->weight[l]);
    kept++;
  }
  for (size_t l = kept; l < m->nodes; l++)
    mpq_clears(m->lam[l], m->weight[l], (mpq_ptr)NULL);
  m->nodes = kept;
}

/* lam^2 + (1 - lam)^2 = 1 - 2 lam (1 - lam) */
static void set_moment(ufm_mixing *m)
{
  mpq_t term, one;

  mpq_inits(term, one, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  mpq_set_ui(m->moment, 1, 1);
  for (size_t l = 0; l < m->nodes; l++) {
    mpq_sub(term, one, m->lam[l]);
    mpq_mul(term, term, m->lam[l]);
    mpq_mul(term, term, m->weight[l]);
    mpq_mul_2exp(term, term, 1);
    mpq_sub(m->moment, m->moment, term);
  }
  mpq_clears(term, one, (mpq_ptr)NULL);
}

void ufm__mixing_finish(ufm_mixing *m)
{
  mpq_t sum;

  mpq_init(sum);
  sort(m);
  merge(m);
  for (size_t l = 0; l < m->nodes; l++)
    mpq_add(sum, sum, m->weight[l]);
  for (size_t l = 0; l < m->nodes; l++)
    mpq_div(m->weight[l], m->weight[l], sum);
  mpq_clear(sum);
  set_moment(m);
}

static ufm_status check_node(size_t l, mpq_srcptr lam, mpq_srcptr weight,
                             ufm_error *error)
{
  char text[64];

  if (mpq_sgn(lam) < 0 || mpq_cmp_ui(lam, 1, 1) > 0) {
    gmp_snprintf(text, sizeof text, "%Qd", lam);
    return ufm__fail(error, UFM_EINVAL,
                     "targets: mixing value %zu: got %s, want 0 to 1", l + 1,
                     text);
  }
  if (weight != NULL && mpq_sgn(weight) < 0) {
    gmp_snprintf(text, sizeof text, "%Qd", weight);
    return ufm__fail(error, UFM_EINVAL,
                     "targets: weight of mixing value %zu: got %s, want at "
                     "least 0",
                     l + 1, text);
  }
  return UFM_OK;
}

ufm_status ufm_mixing_grid(ufm_mixing **out, size_t nodes, const mpq_t *lam,
                           const mpq_t *weight, ufm_error *error)
{
  bool positive = false;
  ufm_status status = UFM_OK;

  *out = NULL;
  for (size_t l = 0; l < nodes && status == UFM_OK; l++) {
    status = check_node(l, lam[l], weight != NULL ? weight[l] : NULL, error);
    positive = positive || weight == NULL || mpq_sgn(weight[l]) > 0;
  }
  if (status == UFM_OK && !positive)
    status = ufm__fail(error, UFM_EINVAL,
                       "targets: the weights of the mixing values sum to 0, "
                       "want a positive sum");
  if (status == UFM_OK)
    status = ufm__mixing_new(out, UFM_MIXING_GRID, nodes, error);
  if (status != UFM_OK)
    return status;
  for (size_t l = 0; l < nodes; l++) {
    mpq_set((*out)->lam[l], lam[l]);
    if (weight != NULL)
      mpq_set((*out)->weight[l], weight[l]);
    else
      mpq_set_ui((*out)->weight[l], 1, 1);
  }
  ufm__mixing_finish(*out);
  return UFM_OK;
}

ufm_status ufm_mixing_set_same(ufm_mixing *mixing, mpq_srcptr same,
                               ufm_error *error)
{
  if (mpq_sgn(same) < 0 || mpq_cmp_ui(same, 1, 1) > 0) {
    char text[64];

    gmp_snprintf(text, sizeof text, "%Qd", same);
    return ufm__fail(error, UFM_EINVAL,
                     "targets: same: got %s, want 0 to 1, the weight of all "
                     "same-class pairs",
                     text);
  }
  mpq_set(mixing->same, same);
  mixing->same_given = true;
  return UFM_OK;
}

ufm_status ufm_mixing_copy(ufm_mixing **out, const ufm_mixing *mixing,
                           ufm_error *error)
{
  ufm_status status = ufm__mixing_new(out, mixing->rule, mixing->nodes, error);

  if (status != UFM_OK)
    return status;
  for (size_t l = 0; l < mixing->nodes; l++) {
    mpq_set((*out)->lam[l], mixing->lam[l]);
    mpq_set((*out)->weight[l], mixing->weight[l]);
  }
  mpq_set((*out)->alpha, mixing->alpha);
  mpq_set((*out)->moment, mixing->moment);
  mpq_set((*out)->same, mixing->same);
  (*out)->moment_error = mixing->moment_error;
  (*out)->same_given = mixing->same_given;
  return UFM_OK;
}
