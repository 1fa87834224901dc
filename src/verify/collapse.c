/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact collapse (doc/certificates.md, section 5).  Let the data treat the
   classes of a group C alike.  At depth 1 and sufficient width Z* and W W^T are
   unique, hence act as one number on the centred vectors of C, and the rows of
   W in C are exactly equal iff

     pull := (1/2) sum_j (pi_j^2/nu_j) (t_kj - t_lj)^2 <= omega,   k, l in C,

   for one-hot labels n_C <= N^2 lambda_W lambda_H.

   Proof: E_kj - E_lj = (t_kj - t_lj) - (p_kj - p_lj).  If the rows are equal,
   p_kj = p_lj and pull = v^T S(E*) v <= omega, v = (e_k - e_l)/sqrt(2).  If
   not, v^T S(E*) v = omega; z_kj - z_lj, and with it p_kj - p_lj, is a positive
   multiple of E_kj - E_lj, so |t_kj - t_lj| is larger than |E_kj - E_lj|
   wherever that is not 0, and pull > omega. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"

static void pull_between(const ufm__model *model, size_t k, size_t l, mpq_t out)
{
  mpq_t term;

  mpq_init(term);
  mpq_set_ui(out, 0, 1);
  for (size_t j = 0; j < model->J; j++) {
    mpq_sub(term, model->target[j * model->K + k],
            model->target[j * model->K + l]);
    mpq_mul(term, term, term);
    mpq_mul(term, term, model->pi[j]);
    mpq_add(out, out, term);
  }
  mpq_div(out, out, model->ratio); /* pi_j^2/nu_j = pi_j/ratio */
  mpq_div_2exp(out, out, 1);
  mpq_clear(term);
}

/* Whether column i is column j with classes k and l exchanged. */
static bool exchanged(const ufm__model *model, size_t i, size_t j, size_t k,
                      size_t l)
{
  mpq_t *a = model->target + i * model->K, *b = model->target + j * model->K;

  if (!mpq_equal(a[k], b[l]) || !mpq_equal(a[l], b[k]) ||
      !mpq_equal(model->pi[i], model->pi[j]))
    return false;
  for (size_t c = 0; c < model->K; c++)
    if (c != k && c != l && !mpq_equal(a[c], b[c]))
      return false;
  return true;
}

/* Whether exchanging classes k and l maps the columns to themselves. */
static bool alike(const ufm__model *model, size_t k, size_t l)
{
  for (size_t j = 0; j < model->J; j++) {
    bool found = exchanged(model, j, j, k, l);

    for (size_t i = 0; i < model->J && !found; i++)
      found = exchanged(model, i, j, k, l);
    if (!found)
      return false;
  }
  return true;
}

/* of[k] = the first class that is like k.  Being alike is an equivalence
   relation: transpositions (k l) and (l m) generate (k m). */
static void find_groups(const ufm__model *model, size_t *of)
{
  for (size_t l = 0; l < model->K; l++) {
    of[l] = l;
    for (size_t k = 0; k < l && of[l] == l; k++)
      if (of[k] == k && alike(model, k, l))
        of[l] = k;
  }
}

ufm_status ufm__collapsed_groups(ufm_certificate *certificate, ufm_error *error)
{
  enum { MOST_COLUMNS = 2000 }; /* the search is quadratic in the columns */
  const ufm__model *model = &certificate->proof->model;
  size_t K = model->K, merged = 0, split = 0;
  size_t most = ufm__model_rank_possible(model);
  size_t *of;
  mpq_t pull;

  if (model->J > MOST_COLUMNS || model->width[0] < certificate->rank_hi)
    return UFM_OK;
  of = malloc(K * sizeof *of);
  if (of == NULL)
    return ufm__no_memory(error, "verify: collapse");
  certificate->collapsed = of;
  find_groups(model, of);
  mpq_init(pull);
  for (size_t l = K; l-- > 0;) { /* backwards: of[l] < l stays meaningful */
    if (of[l] == l)
      continue;
    pull_between(model, of[l], l, pull);
    if (mpq_cmp(pull, certificate->proof->omega) <= 0) {
      merged++;
    } else {
      split++;
      of[l] = l;
    }
  }
  mpq_clear(pull);
  for (size_t l = K; l-- > 0;)
    if (of[l] == l) {
      bool alone = true;

      for (size_t k = l + 1; k < K && alone; k++)
        alone = of[k] != l;
      if (alone)
        of[l] = UFM_NO_LABEL;
    }
  if (certificate->rank_lo + merged > most || split > certificate->rank_hi)
    return ufm__fail(error, UFM_EINTERNAL,
                     "verify: rank %zu to %zu contradicts %zu collapsed and "
                     "%zu separate directions",
                     certificate->rank_lo, certificate->rank_hi, merged, split);
  return UFM_OK;
}
