/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exchangeable laws of targets, exactly. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/soft.h"

ufm_status ufm_soft_law_new(ufm_soft_law **out, size_t K, ufm_error *error)
{
  ufm_status status = ufm__soft_check_classes(K, error);

  *out = NULL;
  if (status != UFM_OK)
    return status;
  *out = calloc(1, sizeof **out);
  if (*out == NULL)
    return ufm__no_memory(error, "soft targets");
  (*out)->K = K;
  return UFM_OK;
}

static void type_clear(ufm_soft_type *type)
{
  if (type->t != NULL)
    for (size_t a = 0; a < type->n; a++)
      mpq_clear(type->t[a]);
  free(type->t);
  free(type->multiplicity);
  mpq_clear(type->weight);
}

void ufm_soft_law_free(ufm_soft_law *law)
{
  if (law == NULL)
    return;
  for (size_t i = 0; i < law->types; i++)
    type_clear(&law->type[i]);
  free(law->type);
  free(law);
}

ufm_status ufm__soft_check_exact(size_t n, const mpq_t *t,
                                 const size_t *multiplicity, size_t *K,
                                 ufm_error *error)
{
  ufm_status status = UFM_OK;
  mpq_t sum, term;

  mpq_inits(sum, term, (mpq_ptr)NULL);
  *K = 0;
  for (size_t a = 0; a < n && status == UFM_OK; a++) {
    if (mpq_sgn(t[a]) < 0)
      status = ufm__fail(error, UFM_EINVAL,
                         "soft targets: entry %zu is %g, want at least 0", a,
                         mpq_get_d(t[a]));
    else if (multiplicity[a] < 1 ||
             multiplicity[a] > UFM_SOFT_MOST_CLASSES - *K)
      status = ufm__fail(error, UFM_EINVAL,
                         "soft targets: entry %zu stands in %zu classes, want "
                         "1 to %zu",
                         a, multiplicity[a], UFM_SOFT_MOST_CLASSES - *K);
    else {
      *K += multiplicity[a];
      mpq_set_ui(term, multiplicity[a], 1);
      mpq_mul(term, term, t[a]);
      mpq_add(sum, sum, term);
    }
  }
  if (status == UFM_OK && mpq_cmp_ui(sum, 1, 1) != 0)
    status = ufm__fail(error, UFM_EINVAL,
                       "soft targets: the entries sum to %.17g, want exactly 1",
                       mpq_get_d(sum));
  mpq_clears(sum, term, (mpq_ptr)NULL);
  return status == UFM_OK ? ufm__soft_check_classes(*K, error) : status;
}

/* Room for one more type: the array doubles at powers of two. */
static bool grow(ufm_soft_law *law)
{
  size_t used = law->types;
  ufm_soft_type *more;

  if ((used & (used - 1)) != 0)
    return true;
  more = realloc(law->type, (used == 0 ? 1 : 2 * used) * sizeof *more);
  if (more != NULL)
    law->type = more;
  return more != NULL;
}

ufm_status ufm_soft_law_add(ufm_soft_law *law, size_t n, const mpq_t *t,
                            const size_t *multiplicity, mpq_srcptr weight,
                            ufm_error *error)
{
  ufm_soft_type type = {.n = n};
  size_t K;
  ufm_status status = ufm__soft_check_exact(n, t, multiplicity, &K, error);

  if (status != UFM_OK)
    return status;
  if (K != law->K)
    return ufm__fail(error, UFM_EDIM,
                     "soft targets: a target of %zu classes, want %zu", K,
                     law->K);
  if (mpq_sgn(weight) < 0)
    return ufm__fail(error, UFM_EINVAL,
                     "soft targets: got a weight of %g, want at least 0",
                     mpq_get_d(weight));
  type.t = malloc(n * sizeof *type.t);
  type.multiplicity = malloc(n * sizeof *type.multiplicity);
  if (type.t == NULL || type.multiplicity == NULL || !grow(law)) {
    free(type.t);
    free(type.multiplicity);
    return ufm__no_memory(error, "soft targets");
  }
  for (size_t a = 0; a < n; a++) {
    mpq_init(type.t[a]);
    mpq_set(type.t[a], t[a]);
    type.multiplicity[a] = multiplicity[a];
  }
  mpq_init(type.weight);
  mpq_set(type.weight, weight);
  law->type[law->types++] = type;
  return UFM_OK;
}

/* Adds (1 - eps) (lam e_i + (1 - lam) e_j) + eps/K; for same-class targets,
   lam = 1, without a group for j. */
static ufm_status add_pair(ufm_soft_law *law, mpq_srcptr lam, bool same,
                           mpq_srcptr eps, mpq_srcptr weight, ufm_error *error)
{
  size_t K = law->K, n = 0, multiplicity[3];
  ufm_status status;
  mpq_t t[3], rest;

  mpq_inits(t[0], t[1], t[2], rest, (mpq_ptr)NULL);
  multiplicity[n] = 1;
  mpq_set(t[n++], lam);
  if (!same) {
    multiplicity[n] = 1;
    mpq_set_ui(rest, 1, 1);
    mpq_sub(t[n++], rest, lam);
  }
  if (K > n) {
    multiplicity[n] = K - n;
    n++;
  }
  mpq_set_ui(rest, 1, 1);
  mpq_sub(rest, rest, eps);
  for (size_t a = 0; a < n; a++)
    mpq_mul(t[a], t[a], rest);
  mpq_set_ui(rest, 1, K);
  mpq_mul(rest, rest, eps);
  for (size_t a = 0; a < n; a++)
    mpq_add(t[a], t[a], rest);
  status = ufm_soft_law_add(law, n, t, multiplicity, weight, error);
  mpq_clears(t[0], t[1], t[2], rest, (mpq_ptr)NULL);
  return status;
}

static ufm_status check_fraction(const char *name, mpq_srcptr x,
                                 ufm_error *error)
{
  if (mpq_sgn(x) < 0 || mpq_cmp_ui(x, 1, 1) > 0)
    return ufm__fail(error, UFM_EINVAL, "mixing: got %s = %g, want 0 to 1",
                     name, mpq_get_d(x));
  return UFM_OK;
}

/* sum_l weight[l]; a law that gives weight to pairs needs a positive one. */
static ufm_status weigh(mpq_srcptr same, size_t nodes, const mpq_t *weight,
                        mpq_t total, ufm_error *error)
{
  mpq_set_ui(total, weight == NULL ? nodes : 0, 1);
  for (size_t l = 0; weight != NULL && l < nodes; l++) {
    if (mpq_sgn(weight[l]) < 0)
      return ufm__fail(error, UFM_EINVAL,
                       "mixing: weight %zu is %g, want at least 0", l,
                       mpq_get_d(weight[l]));
    mpq_add(total, total, weight[l]);
  }
  if (mpq_sgn(total) == 0 && (nodes > 0 || mpq_cmp_ui(same, 1, 1) != 0))
    return ufm__fail(error, UFM_EINVAL,
                     "mixing: the weights of %zu nodes sum to 0, want more",
                     nodes);
  return UFM_OK;
}

ufm_status ufm_soft_law_mixing(ufm_soft_law **out, size_t K, mpq_srcptr same,
                               size_t nodes, const mpq_t *lam,
                               const mpq_t *weight, mpq_srcptr eps,
                               ufm_error *error)
{
  ufm_soft_law *law;
  ufm_status status = ufm_soft_law_new(&law, K, error);
  mpq_t total, part, one, smooth;

  *out = NULL;
  if (status != UFM_OK)
    return status;
  mpq_inits(total, part, one, smooth, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  if (eps != NULL)
    mpq_set(smooth, eps);
  status = check_fraction("same", same, error);
  if (status == UFM_OK)
    status = check_fraction("eps", smooth, error);
  if (status == UFM_OK)
    status = weigh(same, nodes, weight, total, error);
  if (status == UFM_OK)
    status = add_pair(law, one, true, smooth, same, error);
  for (size_t l = 0; l < nodes && status == UFM_OK; l++) {
    status = check_fraction("lam", lam[l], error);
    mpq_sub(part, one, same);
    mpq_div(part, part, total);
    if (weight != NULL)
      mpq_mul(part, part, weight[l]);
    if (status == UFM_OK)
      status = add_pair(law, lam[l], false, smooth, part, error);
  }
  mpq_clears(total, part, one, smooth, (mpq_ptr)NULL);
  if (status == UFM_OK)
    *out = law;
  else
    ufm_soft_law_free(law);
  return status;
}

void ufm__soft_law_total(const ufm_soft_law *law, mpq_t out)
{
  mpq_set_ui(out, 0, 1);
  for (size_t i = 0; i < law->types; i++)
    mpq_add(out, out, law->type[i].weight);
}

void ufm_soft_law_threshold(const ufm_soft_law *law, mpq_t out)
{
  mpq_t total, square, x;

  mpq_inits(total, square, x, (mpq_ptr)NULL);
  ufm__soft_law_total(law, total);
  mpq_set_ui(out, 0, 1);
  for (size_t i = 0; i < law->types; i++) {
    const ufm_soft_type *type = &law->type[i];

    mpq_set_ui(square, 0, 1);
    for (size_t a = 0; a < type->n; a++) {
      mpq_set_ui(x, type->multiplicity[a], 1);
      mpq_mul(x, x, type->t[a]);
      mpq_mul(x, x, type->t[a]);
      mpq_add(square, square, x);
    }
    mpq_mul(square, square, type->weight);
    mpq_add(out, out, square);
  }
  if (mpq_sgn(total) > 0) {
    mpq_div(out, out, total);
    mpq_set_ui(x, 1, law->K);
    mpq_sub(out, out, x);
    mpq_set_ui(x, law->K - 1, 1);
    mpq_div(out, out, x);
  }
  mpq_clears(total, square, x, (mpq_ptr)NULL);
}

ufm_status ufm__soft_collapse(const ufm_soft_law *law, mpq_srcptr lambda_w,
                              mpq_srcptr lambda_h, mpq_t mu_sq, mpq_t threshold,
                              ufm_error *error)
{
  ufm_status status = UFM_OK;

  ufm__soft_law_total(law, mu_sq);
  if (mpq_sgn(lambda_w) <= 0 || mpq_sgn(lambda_h) <= 0)
    status = ufm__fail(error, UFM_EINVAL,
                       "soft targets: got lambda_W = %g and lambda_H = %g, "
                       "want positive numbers",
                       mpq_get_d(lambda_w), mpq_get_d(lambda_h));
  else if (mpq_sgn(mu_sq) == 0)
    status = ufm__fail(error, UFM_EINVAL,
                       "soft targets: a law of %zu targets without weight",
                       law->types);
  mpq_mul(mu_sq, lambda_w, lambda_h);
  ufm_soft_law_threshold(law, threshold);
  return status;
}
