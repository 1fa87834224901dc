/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optional claims on the optimum, recomputed from the gap.  They speak of
   the optimum at a width that is at least its rank, so the width must be at
   least a proved bound of that rank. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/claims.h"
#include "check/collapse.h"
#include "check/decide.h"
#include "check/rank.h"

static const char *const keys[] = {"cosines", "grams", "rank", "collapsed"};

bool chk_has_claims(const chk_certificate *c)
{
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (json_object_get(c->root, keys[i]) != NULL)
      return true;
  return false;
}

/* "w8.w9", "h3.h4", "w2.h3". */
typedef struct pair {
  char left, right;
  size_t i, j;
} pair;

static bool parse_index(const char **text, char *letter, size_t *index,
                        const chk_problem *p)
{
  const char *s = *text;
  size_t limit;

  if (*s != 'w' && *s != 'h')
    return false;
  *letter = *s++;
  limit = *letter == 'w' ? p->K : p->J;
  if (*s < '0' || *s > '9')
    return false;
  for (*index = 0; *s >= '0' && *s <= '9' && *index <= CHK_MAX_SIZE; s++)
    *index = 10 * *index + (size_t)(*s - '0');
  *text = s;
  return *index < limit;
}

static bool parse_pair(pair *out, const json_t *value, const chk_problem *p)
{
  const char *text = json_string_value(value);

  if (text == NULL || !parse_index(&text, &out->left, &out->i, p) ||
      *text++ != '.' || !parse_index(&text, &out->right, &out->j, p) ||
      *text != '\0')
    return false;
  return out->left == 'w' || out->right == 'h';
}

static void gram(chk_interval *out, const chk_bars *x, char left, char right,
                 size_t i, size_t j)
{
  if (left != right)
    chk_bars_wh(out, x, i, j);
  else if (left == 'w')
    chk_bars_ww(out, x, i, j);
  else
    chk_bars_hh(out, x, i, j);
}

/* gram / (norm norm), cut to [-1, 1]; false when a norm may be 0. */
static bool cosine(chk_interval *out, const chk_bars *x, const pair *what)
{
  chk_interval a, b;
  bool good;

  chk_interval_init(&a);
  chk_interval_init(&b);
  gram(&a, x, what->left, what->left, what->i, what->i);
  gram(&b, x, what->right, what->right, what->j, what->j);
  chk_interval_sqrt(&a, &a, x->f);
  chk_interval_sqrt(&b, &b, x->f);
  chk_interval_mul(&a, &a, &b, x->f);
  good = mpz_sgn(a.lo) > 0;
  if (good) {
    gram(out, x, what->left, what->right, what->i, what->j);
    chk_interval_div(out, out, &a, x->f);
    chk_interval_set_si(&b, 1, x->f);
    mpz_neg(b.lo, b.lo);
    chk_interval_meet(out, out, &b);
  }
  chk_interval_clear(&a);
  chk_interval_clear(&b);
  return good;
}

/* { "what", "lower", "upper" } with lower <= computed <= upper. */
static bool check_product(const json_t *value, const chk_bars *x,
                          bool is_cosine, const char *name,
                          chk_session *session)
{
  json_t *what;
  pair which;
  chk_interval computed, claimed;
  bool good, known = true;
  mpq_t lower, upper;

  if (!chk_read_key(&what, value, "what", name, session))
    return false;
  if (!parse_pair(&which, what, x->problem) ||
      (is_cosine && which.left != which.right))
    return chk_malformed(session, "%s: unknown \"what\"", name);
  chk_interval_init(&computed);
  chk_interval_init(&claimed);
  mpq_inits(lower, upper, (mpq_ptr)NULL);
  good = chk_read_key_fraction(lower, value, "lower", name, session) &&
         chk_read_key_fraction(upper, value, "upper", name, session) &&
         chk_spend(session, 32.0 * (double)(x->problem->K + x->problem->J),
                   (double)x->f);
  if (good) {
    if (is_cosine)
      known = cosine(&computed, x, &which);
    else
      gram(&computed, x, which.left, which.right, which.i, which.j);
    chk_rational_ceil(claimed.lo, lower, x->f);
    chk_rational_floor(claimed.hi, upper, x->f);
    if (!known || mpz_cmp(claimed.lo, computed.lo) > 0 ||
        mpz_cmp(claimed.hi, computed.hi) < 0)
      good = chk_reject(session, "%s not implied (%c%zu.%c%zu)", name,
                        which.left, which.i, which.right, which.j);
  }
  mpq_clears(lower, upper, (mpq_ptr)NULL);
  chk_interval_clear(&computed);
  chk_interval_clear(&claimed);
  return good;
}

static bool check_products(const chk_certificate *c, const chk_bars *x,
                           const char *name, bool is_cosine,
                           chk_session *session)
{
  const json_t *list = json_object_get(c->root, name);
  size_t count;

  if (list == NULL)
    return true;
  if (!chk_read_array(&count, list, 0, name, session))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!check_product(json_array_get(list, i), x, is_cosine, name, session))
      return false;
  return true;
}

/* [lo, hi] around the rank, which is at most `above`. */
static bool check_rank(const chk_certificate *c, const chk_bars *x,
                       size_t above, chk_session *session)
{
  const json_t *rank = json_object_get(c->root, "rank");
  const json_t *lo = json_array_get(rank, 0), *hi = json_array_get(rank, 1);
  size_t below = 0;

  if (rank == NULL)
    return true;
  if (json_array_size(rank) != 2 || !json_is_integer(lo) ||
      !json_is_integer(hi) || json_integer_value(lo) < 0)
    return chk_malformed(session, "rank: want two integers");
  if (json_integer_value(hi) < (json_int_t)above)
    return chk_reject(session, "rank not implied (upper)");
  if (json_integer_value(lo) > 0 && !chk_rank_below(&below, x, session))
    return false;
  if (json_integer_value(lo) > (json_int_t)below)
    return chk_reject(session, "rank not implied (lower)");
  return true;
}

/* Arrays of classes with equal rows; with rank 0 all rows are 0. */
static bool check_collapsed(const chk_certificate *c, size_t above,
                            chk_session *session)
{
  const json_t *groups = json_object_get(c->root, "collapsed");
  size_t count, size;

  if (groups == NULL)
    return true;
  if (!chk_read_array(&count, groups, 0, "collapsed", session))
    return false;
  for (size_t i = 0; i < count; i++) {
    const json_t *list = json_array_get(groups, i);
    size_t *group;
    bool good;

    if (!chk_read_array(&size, list, 2, "collapsed", session))
      return false;
    group = chk_alloc(size, sizeof *group);
    good = true;
    for (size_t k = 0; k < size && good; k++) {
      const json_t *value = json_array_get(list, k);
      json_int_t class = json_integer_value(value);

      if (!json_is_integer(value) || class < 0 ||
          class >= (json_int_t)c->problem.K)
        good = chk_malformed(session, "collapsed: want classes");
      else
        group[k] = (size_t) class;
    }
    if (good && above > 0)
      good = chk_group_collapses(&c->problem, group, size, session);
    free(group);
    if (!good)
      return false;
  }
  return true;
}

/* A class without target mass and a free bias have no optimum (ce). */
static bool attained(const chk_problem *p)
{
  bool *hit = chk_alloc(p->K, sizeof *hit);
  bool good = true;

  for (size_t j = 0; j < p->J; j++) {
    const chk_column *column = &p->columns[j];

    for (size_t i = 0; i < p->K; i++)
      if (column->one_hot ? column->label == i : mpz_sgn(column->t.x[i]) > 0)
        hit[i] = true;
  }
  for (size_t i = 0; i < p->K; i++)
    good = good && hit[i];
  free(hit);
  return good || p->loss == CHK_MSE || p->bias != CHK_FREE;
}

/* Only inner products and a positive lower bound of the rank need bars. */
static bool needs_bars(const chk_certificate *c)
{
  const json_t *rank = json_object_get(c->root, "rank");

  return json_object_get(c->root, "cosines") != NULL ||
         json_object_get(c->root, "grams") != NULL ||
         json_integer_value(json_array_get(rank, 0)) > 0;
}

bool chk_check_claims(const chk_certificate *c, const chk_witness *w,
                      chk_session *session)
{
  chk_bars bars = {.problem = &c->problem};
  size_t above;
  bool good;

  if (!chk_has_claims(c))
    return true;
  if (!attained(&c->problem))
    return chk_reject(session, "claims not implied (no optimum)");
  if (!chk_rank_above(&above, c, w, session))
    return false;
  if (above > c->problem.width[0])
    return chk_reject(session, "claims not implied (width below the rank)");
  good = !needs_bars(c) ||
         chk_bars_set(&bars, c, w, chk_claim_digits(c) + 64, session);
  good = good && check_products(c, &bars, "cosines", true, session) &&
         check_products(c, &bars, "grams", false, session) &&
         check_rank(c, &bars, above, session) &&
         check_collapsed(c, above, session);
  chk_bars_clear(&bars);
  return good;
}
