/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of orbits for the oracle: written out, then as any other. */
#include <config.h>

#include <stdlib.h>

#include "expansion.h"
#include "oracle.h"

static mpfr_t *round_all(mpq_t *x, size_t n)
{
  mpfr_t *out = reals_new(n);

  for (size_t i = 0; i < n; i++)
    mpfr_set_q(out[i], x[i], MPFR_RNDN);
  return out;
}

bool oracle_expand(oracle *o, const json_t *root)
{
  expansion *x = expansion_new(root);

  if (x == NULL)
    return false;
  o->M = 1;
  o->J = x->J;
  o->d = calloc(2, sizeof *o->d);
  o->W = calloc(1, sizeof *o->W);
  if (o->d == NULL || o->W == NULL)
    abort();
  o->d[0] = x->d;
  o->d[1] = x->K;
  o->lambda = reals_new(1);
  number_value(o->lambda[0],
               json_object_get(json_object_get(root, "problem"), "lambda_W"));
  o->t = round_all(x->t, x->K * x->J);
  o->a = round_all(x->a, x->J);
  o->nu = round_all(x->nu, x->J);
  for (size_t j = 0; j < x->J; j++)
    mpfr_add(o->A, o->A, o->a[j], MPFR_RNDN);
  o->W[0] = round_all(x->W, x->K * x->d);
  o->H = round_all(x->H, x->d * x->J);
  o->b = round_all(x->b, x->K);
  expansion_free(x);
  return true;
}
