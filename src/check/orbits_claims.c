/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims on the optimum of a problem of orbits: groups whose classes are equal,
   and cosines.  They speak of the optimum at a width that does not bind, which
   is there and unique. */
#include <config.h>

#include <stdlib.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/orbits_bars.h"

/* At the optimum 1^T Z = 0 (ce), and Z nu = 0 (free bias). */
static bool wide(const chk_orbits *x)
{
  bool less = x->head.loss == CHK_CE;
  mpz_t columns;

  mpz_init(columns);
  for (size_t c = 0; c < x->C; c++)
    mpz_add(columns, columns, x->orbit[c].columns);
  less = less || (x->head.bias == CHK_FREE &&
                  mpz_cmp_ui(columns, (unsigned long)x->head.K) <= 0);
  mpz_clear(columns);
  return x->head.width[0] >= x->head.K - less;
}

/* Classes without target mass and a free bias have no optimum (ce). */
static bool attained(const chk_orbits *x)
{
  bool *hit = chk_alloc(x->G, sizeof *hit), good = true;

  for (size_t c = 0; c < x->C; c++) {
    const chk_orbit *o = &x->orbit[c];

    for (size_t l = 0; l < o->marks; l++)
      if (mpq_sgn(o->target[l]) > 0)
        hit[o->group[l]] = true;
    for (size_t u = 0; u < x->G && mpq_sgn(o->background) > 0; u++)
      if (chk_orbit_many(x, o, u) > 0)
        hit[u] = true;
  }
  for (size_t u = 0; u < x->G; u++)
    good = good && hit[u];
  free(hit);
  return good || x->head.loss == CHK_MSE || x->head.bias != CHK_FREE;
}

/* "collapsed": groups whose classes are equal at every optimum, which they are
   iff their targets alone do not pull their contrasts out of bounds
   (check/collapse.c). */
static bool check_collapsed(const json_t *list, const chk_orbits *x,
                            chk_session *session)
{
  bool *weak, good;
  size_t count, g;

  if (!chk_read_array(&count, list, 0, "collapsed", session))
    return false;
  if (count == 0)
    return true;
  weak = chk_alloc(x->G, sizeof *weak);
  good = chk_orbits_weak(weak, x, CHK_PULL_TARGETS, session);
  for (size_t i = 0; i < count && good; i++) {
    good =
        chk_read_index(&g, json_array_get(list, i), x->G, "collapsed", session);
    if (good && (x->size[g] < 2 || !weak[g]))
      good = chk_reject(session, "collapsed not implied (group %zu)", g);
  }
  free(weak);
  return good;
}

/* A cosine: of rows of W of classes of two groups, or of features of columns of
   two orbits. */
typedef struct cosine {
  char letter;
  size_t group[2], at[2]; /* at: the groups again, or the orbits */
} cosine;

/* The only orbit with one mark in group g, or C. */
static size_t find_single(const chk_orbits *x, size_t g)
{
  size_t found = x->C;

  for (size_t c = 0; c < x->C; c++)
    if (x->orbit[c].marks == 1 && x->orbit[c].group[0] == g) {
      if (found < x->C)
        return x->C;
      found = c;
    }
  return found;
}

/* "w0.w2", "h1.h1": classes of groups 0 and 2, two classes of group 1. */
static bool parse(cosine *out, const chk_orbits *x, const json_t *value)
{
  const char *text = json_string_value(value);

  if (text == NULL || (text[0] != 'w' && text[0] != 'h'))
    return false;
  out->letter = text[0];
  for (int i = 0; i < 2; i++) {
    size_t *g = &out->group[i];

    if (*text++ != out->letter || *text < '0' || *text > '9')
      return false;
    for (*g = 0; *text >= '0' && *text <= '9' && *g < x->G; text++)
      *g = 10 * *g + (size_t)(*text - '0');
    if (*g >= x->G || (i == 0 && *text++ != '.'))
      return false;
    out->at[i] = out->letter == 'w' ? *g : find_single(x, *g);
    if (out->letter == 'h' && out->at[i] == x->C)
      return false;
  }
  return *text == '\0' &&
         (out->group[0] != out->group[1] || x->size[out->group[0]] > 1);
}

/* The norms that have been asked for. */
typedef struct norms {
  chk_interval *w, *h; /* of a class of each group, of each orbit */
  bool *known_w, *known_h;
} norms;

static void gram(chk_interval *out, const chk_orbit_bars *b, const cosine *what,
                 size_t i, size_t j, bool same)
{
  if (what->letter == 'w')
    chk_orbit_gram_w(out, b, i, j, same);
  else
    chk_orbit_gram_h(out, b, i, j, same);
}

/* Cut to [-1, 1]; false when a norm may be 0. */
static bool enclose(chk_interval *out, norms *n, const chk_orbit_bars *b,
                    const cosine *what)
{
  chk_interval *norm = what->letter == 'w' ? n->w : n->h;
  bool *known = what->letter == 'w' ? n->known_w : n->known_h;
  chk_interval product;
  bool good = true;

  for (int i = 0; i < 2 && good; i++) {
    size_t at = what->at[i];

    if (!known[at]) {
      gram(&norm[at], b, what, at, at, true);
      if (mpz_sgn(norm[at].lo) > 0)
        chk_interval_sqrt(&norm[at], &norm[at], b->f);
      known[at] = true;
    }
    good = mpz_sgn(norm[at].lo) > 0;
  }
  if (!good)
    return false;
  chk_interval_init(&product);
  chk_interval_mul(&product, &norm[what->at[0]], &norm[what->at[1]], b->f);
  good = mpz_sgn(product.lo) > 0;
  if (good) {
    gram(out, b, what, what->at[0], what->at[1], false);
    chk_interval_div(out, out, &product, b->f);
    chk_interval_set_si(&product, 1, b->f);
    mpz_neg(product.lo, product.lo);
    chk_interval_meet(out, out, &product);
  }
  chk_interval_clear(&product);
  return good;
}

static bool check_cosine(const chk_orbit_bars *b, norms *n, const json_t *value,
                         chk_session *session)
{
  const chk_orbits *x = b->x;
  chk_interval computed, claimed;
  cosine which;
  json_t *what;
  bool good;
  mpq_t lower, upper;

  if (!chk_read_key(&what, value, "what", "cosines", session))
    return false;
  if (!parse(&which, x, what))
    return chk_malformed(session, "cosines: unknown \"what\"");
  chk_interval_init(&computed);
  chk_interval_init(&claimed);
  mpq_inits(lower, upper, (mpq_ptr)NULL);
  good = chk_read_key_fraction(lower, value, "lower", "cosines", session) &&
         chk_read_key_fraction(upper, value, "upper", "cosines", session) &&
         chk_spend(session, 64.0 * ((double)x->G + (double)x->C + 1.0),
                   (double)b->f);
  if (good) {
    chk_rational_ceil(claimed.lo, lower, b->f);
    chk_rational_floor(claimed.hi, upper, b->f);
    if (!enclose(&computed, n, b, &which) ||
        mpz_cmp(claimed.lo, computed.lo) > 0 ||
        mpz_cmp(claimed.hi, computed.hi) < 0)
      good =
          chk_reject(session, "cosines not implied (%c%zu.%c%zu)", which.letter,
                     which.group[0], which.letter, which.group[1]);
  }
  mpq_clears(lower, upper, (mpq_ptr)NULL);
  chk_interval_clear(&computed);
  chk_interval_clear(&claimed);
  return good;
}

/* nu_c/a_c is the same for all orbits. */
static bool proportional(const chk_orbits *x)
{
  const chk_orbit *first = &x->orbit[0];
  bool good = true;
  mpq_t left, right;

  mpq_inits(left, right, (mpq_ptr)NULL);
  for (size_t c = 1; c < x->C && good; c++) {
    mpq_set_z(left, first->weight);
    mpq_mul(left, left, x->orbit[c].multiple);
    mpq_set_z(right, x->orbit[c].weight);
    mpq_mul(right, right, first->multiple);
    good = mpq_equal(left, right);
  }
  mpq_clears(left, right, (mpq_ptr)NULL);
  return good;
}

static bool check_cosines(const chk_certificate *c, const json_t *list,
                          const chk_orbits *x, chk_session *session)
{
  chk_orbit_bars bars;
  size_t count;
  norms n;
  bool good;

  if (!chk_read_array(&count, list, 0, "cosines", session))
    return false;
  if (count == 0)
    return true;
  if (x->head.bias == CHK_FREE && !proportional(x))
    return chk_reject(session, "claims not implied (multiplicities)");
  good = chk_orbit_bars_set(&bars, x, c, chk_claim_digits(c) + 64, session);
  n = (norms){.w = chk_intervals_new(x->G),
              .h = chk_intervals_new(x->C),
              .known_w = chk_alloc(x->G, sizeof(bool)),
              .known_h = chk_alloc(x->C, sizeof(bool))};
  for (size_t i = 0; i < count && good; i++)
    good = check_cosine(&bars, &n, json_array_get(list, i), session);
  chk_intervals_free(n.w, x->G);
  chk_intervals_free(n.h, x->C);
  free(n.known_w);
  free(n.known_h);
  chk_orbit_bars_clear(&bars);
  return good;
}

bool chk_orbits_check_claims(const chk_certificate *c, const chk_orbits *x,
                             chk_session *session)
{
  static const char *const others[] = {"grams", "rank"};
  const json_t *collapsed = json_object_get(c->root, "collapsed");
  const json_t *cosines = json_object_get(c->root, "cosines");

  for (size_t i = 0; i < 2; i++)
    if (json_object_get(c->root, others[i]) != NULL)
      return chk_malformed(session, "%s: not for kind \"orbits\"", others[i]);
  if (json_array_size(collapsed) > 0 || json_array_size(cosines) > 0) {
    if (!attained(x))
      return chk_reject(session, "claims not implied (no optimum)");
    if (!wide(x))
      return chk_reject(session, "claims not implied (width below the rank)");
  }
  return (collapsed == NULL || check_collapsed(collapsed, x, session)) &&
         (cosines == NULL || check_cosines(c, cosines, x, session));
}
