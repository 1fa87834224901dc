/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact collapse of a group C of classes that the data treat alike, that is,
   the columns are the same after any exchange of two classes of C.  Claim: if
     (1/2) sum_j (pi_j^2/nu_j) (t_kj - t_lj)^2 <= omega   for k, l in C,
   then the rows of W in C are equal at the optimum.
   Proof: minimise over logits (and biases) with equal rows in C.  At that
   minimum the dual matrix S = sum_j (pi_j^2/nu_j) E_j E_j^T commutes with
   permutations of C, so it is one number on the centred vectors of C, namely
   v^T S v for v = (e_k - e_l)/sqrt(2).  As v.p_j = 0 (ce) or v.(z_j + b) = 0
   (mse), v.E_j = v.t_j and the number is the left side above; elsewhere S <=
   omega I holds by optimality.  So the point is optimal without the
   restriction, and the optimal logits are unique. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/collapse.h"

/* A column with classes k and l exchanged (k = l: as it is). */
typedef struct view {
  const chk_column *column;
  size_t K, k, l;
} view;

static size_t through(const view *v, size_t i)
{
  return i == v->k ? v->l : i == v->l ? v->k : i;
}

static int compare_entries(const view *a, const view *b, size_t i)
{
  size_t at_a = through(a, i), at_b = through(b, i);
  int order;
  mpq_t x, y;

  if (a->column->one_hot && b->column->one_hot)
    return (a->column->label == at_a) - (b->column->label == at_b);
  mpq_inits(x, y, (mpq_ptr)NULL);
  chk_target_rational(x, a->column, at_a);
  chk_target_rational(y, b->column, at_b);
  order = mpq_cmp(x, y);
  mpq_clears(x, y, (mpq_ptr)NULL);
  return order;
}

static int compare_numbers(const chk_number *a, const chk_number *b)
{
  int order = mpz_cmp(a->p, b->p);

  /* any order will do; equal numbers have equal parts */
  if (order == 0)
    order = mpz_cmp(a->q, b->q);
  if (order == 0)
    order = (a->e > b->e) - (a->e < b->e);
  return order;
}

static int compare_views(const void *left, const void *right)
{
  const view *a = left, *b = right;
  int order = mpz_cmp(a->column->weight, b->column->weight);

  if (order == 0)
    order = compare_numbers(&a->column->multiple, &b->column->multiple);
  for (size_t i = 0; i < a->K && order == 0; i++)
    order = compare_entries(a, b, i);
  return order;
}

/* Whether exchanging k and l maps the list of columns to itself. */
static bool alike(const chk_problem *p, size_t k, size_t l)
{
  view *plain = chk_alloc(p->J, sizeof *plain);
  view *swapped = chk_alloc(p->J, sizeof *swapped);
  bool good = true;

  for (size_t j = 0; j < p->J; j++) {
    plain[j] = (view){&p->columns[j], p->K, 0, 0};
    swapped[j] = (view){&p->columns[j], p->K, k, l};
  }
  qsort(plain, p->J, sizeof *plain, compare_views);
  qsort(swapped, p->J, sizeof *swapped, compare_views);
  for (size_t j = 0; j < p->J && good; j++)
    good = compare_views(&plain[j], &swapped[j]) == 0;
  free(plain);
  free(swapped);
  return good;
}

/* (1/2) sum_j (pi_j^2/nu_j) (t_kj - t_lj)^2 <= lambda_W lambda_H. */
static bool weak_pull(const chk_problem *p, size_t k, size_t l,
                      chk_session *session)
{
  mpq_t pull, term, other;
  bool good = true;

  mpq_inits(pull, term, other, (mpq_ptr)NULL);
  for (size_t j = 0; j < p->J && good; j++) {
    const chk_column *column = &p->columns[j];

    chk_target_rational(term, column, k);
    chk_target_rational(other, column, l);
    mpq_sub(term, term, other);
    if (mpq_sgn(term) == 0)
      continue;
    mpz_set(mpq_numref(other), column->weight);
    mpz_set(mpq_denref(other), p->total);
    mpq_canonicalize(other);
    mpq_mul(term, term, other);
    mpq_mul(term, term, term);
    chk_number_get_mpq(other, &column->multiple);
    mpq_div(term, term, other);
    mpq_add(pull, pull, term);
    good = chk_spend_on(session, pull);
  }
  mpq_mul(term, p->lambda_w[0], p->lambda_h);
  mpq_mul_2exp(term, term, 1);
  good = good && (mpq_cmp(pull, term) <= 0 || chk_reject(session, "collapsed"));
  mpq_clears(pull, term, other, (mpq_ptr)NULL);
  return good;
}

bool chk_group_collapses(const chk_problem *p, const size_t *group,
                         size_t count, chk_session *session)
{
  double J = (double)p->J, K = (double)p->K, longest = 64.0, rounds = 1.0;

  for (size_t j = 0; j < p->J; j++) {
    if (!p->columns[j].one_hot && chk_grid_span(&p->columns[j].t) > longest)
      longest = chk_grid_span(&p->columns[j].t);
    if ((size_t)1 << j < p->J && j < 32)
      rounds = (double)j + 2.0; /* about log2 J */
  }
  for (size_t i = 0; i + 1 < count; i++) {
    if (!chk_spend(session, 2.0 * rounds * J * K, longest))
      return false;
    if (!alike(p, group[i], group[i + 1]))
      return chk_reject(session, "collapsed (classes %zu and %zu differ)",
                        group[i], group[i + 1]);
    if (!weak_pull(p, group[i], group[i + 1], session))
      return false;
  }
  return true;
}
