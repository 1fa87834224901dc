/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kind "refutation": no simplex ETF Z = alpha (I - J/K) with constant bias is
   a global optimum.  CE, one column per class, weights and multiplicities n
   equal.  The objective of the family at alpha = x >= 0 is
     log(1 + (K-1) exp(-x)) + g(x),  g(x) = gamma (K-1) (sqrt(n) x)^(2/L),
   the logarithm at least h(q) + q log(K-1) - q x for every q in (0, 1), h(q) =
   -q log q - (1-q) log(1-q).  On a piece that bound plus the concave g is
   smallest at an end; beyond the last piece g alone exceeds the bound, and a
   negative alpha is worse than 0. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/pieces.h"

typedef struct piece {
  mpq_t to, q;
} piece;

typedef struct family {
  size_t K, count;
  chk_penalty g;
  piece *pieces;
} family;

static void family_clear(family *a)
{
  for (size_t i = 0; i < a->count; i++)
    mpq_clears(a->pieces[i].to, a->pieces[i].q, (mpq_ptr)NULL);
  free(a->pieces);
  mpq_clear(a->g.product);
}

/* One column per class, all with the same weight and multiplicity. */
static bool symmetric_problem(const chk_problem *p, chk_session *session)
{
  bool good = p->loss == CHK_CE && p->bias != CHK_RIDGE && p->M >= 2 &&
              p->K >= 2 && p->J == p->K;
  bool *seen = chk_alloc(p->K, sizeof *seen);

  for (size_t j = 0; j < p->J && good; j++) {
    const chk_column *column = &p->columns[j], *first = &p->columns[0];

    good = column->one_hot && !seen[column->label] &&
           mpz_cmp(column->weight, first->weight) == 0 &&
           mpz_cmp(column->multiple.p, first->multiple.p) == 0 &&
           mpz_cmp(column->multiple.q, first->multiple.q) == 0 &&
           column->multiple.e == first->multiple.e;
    if (good)
      seen[column->label] = true;
  }
  free(seen);
  return good ||
         chk_malformed(session, "kind refutation: want ce without ridge, depth "
                                ">= 2, and one equal column per class");
}

static bool read_pieces(family *a, const json_t *pieces, chk_session *session)
{
  bool good = true;
  size_t count;
  mpq_t zero;

  if (!chk_read_array(&count, pieces, 1, "pieces", session))
    return false;
  a->pieces = chk_alloc(count, sizeof *a->pieces);
  mpq_init(zero);
  for (size_t i = 0; i < count && good; i++) {
    const json_t *value = json_array_get(pieces, i);
    piece *now = &a->pieces[i];

    mpq_inits(now->to, now->q, (mpq_ptr)NULL);
    a->count++;
    good = chk_read_end(now->to, i == 0 ? zero : now[-1].to, value, session) &&
           chk_read_key_fraction(now->q, value, "q", "pieces", session);
    if (good && (mpq_sgn(now->q) <= 0 || mpq_cmp_ui(now->q, 1, 1) >= 0))
      good = chk_malformed(session, "pieces: want q between 0 and 1");
  }
  mpq_clear(zero);
  return good;
}

/* product = (L/2)^L lambda_1..lambda_H (K-1)^L n. */
static bool family_set(family *a, const chk_problem *p, chk_session *session)
{
  bool good;
  mpq_t factor;

  a->K = p->K;
  a->g.L = (unsigned long)p->M + 1;
  mpq_init(factor);
  good = chk_penalty_product(a->g.product, p, session);
  chk_number_get_mpq(factor, &p->columns[0].multiple);
  mpq_mul(a->g.product, a->g.product, factor);
  mpz_ui_pow_ui(mpq_numref(factor), (unsigned long)p->K - 1, a->g.L);
  mpz_set_ui(mpq_denref(factor), 1);
  mpq_mul(a->g.product, a->g.product, factor);
  mpq_clear(factor);
  return good;
}

/* h(q) + q log(K-1). */
static void intercept(chk_interval *out, const family *a, mpq_srcptr q,
                      chk_explog *t)
{
  chk_interval x, one, log;

  chk_interval_init(&x);
  chk_interval_init(&one);
  chk_interval_init(&log);
  chk_interval_set_si(&log, (long)a->K - 1, t->f);
  chk_log(&log, &log, t);
  chk_interval_set_rational(&x, q, t->f);
  chk_interval_mul(&log, &log, &x, t->f);
  chk_entropy(out, &x, t);
  chk_interval_add(out, out, &log);
  chk_interval_set_si(&one, 1, t->f);
  chk_interval_sub(&x, &one, &x);
  chk_entropy(&x, &x, t);
  chk_interval_add(out, out, &x);
  chk_interval_clear(&x);
  chk_interval_clear(&one);
  chk_interval_clear(&log);
}

static bool enclose(chk_interval *out, const void *data, chk_explog *t,
                    chk_session *session)
{
  const family *a = data;
  chk_interval level, from, to;
  bool good =
      chk_penalty_at(out, &a->g, a->pieces[a->count - 1].to, t->f, session);
  mpq_t zero;

  chk_interval_init(&level);
  chk_interval_init(&from); /* g(0) = 0 */
  chk_interval_init(&to);
  mpq_init(zero);
  for (size_t i = 0; i < a->count && good; i++) {
    const piece *now = &a->pieces[i];

    good = chk_penalty_at(&to, &a->g, now->to, t->f, session) &&
           chk_spend(session, 5.0 * chk_explog_cost(t->f), (double)t->w);
    if (!good)
      break;
    intercept(&level, a, now->q, t);
    chk_lower_by(out, &level, now->q, i == 0 ? zero : now[-1].to, &from, t->f);
    chk_lower_by(out, &level, now->q, now->to, &to, t->f);
    chk_interval_set(&from, &to);
  }
  mpq_clear(zero);
  chk_interval_clear(&level);
  chk_interval_clear(&from);
  chk_interval_clear(&to);
  return good;
}

bool chk_check_refutation(const chk_certificate *c, chk_session *session)
{
  static const char *const families[] = {"etf"};
  family a = {0};
  json_t *name, *pieces;
  size_t unused;
  bool good;

  if (!symmetric_problem(&c->problem, session) ||
      !chk_read_key(&name, c->root, "family", "certificate", session) ||
      !chk_read_name(&unused, name, families, 1, "family", session) ||
      !chk_read_key(&pieces, c->root, "pieces", "certificate", session))
    return false;
  mpq_init(a.g.product);
  good = family_set(&a, &c->problem, session) &&
         read_pieces(&a, pieces, session) &&
         chk_decide_lower(c, enclose, &a, session);
  family_clear(&a);
  return good;
}
