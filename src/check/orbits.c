/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a certificate of groups, and its verdict. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/orbits.h"

void chk_orbits_many(mpz_t out, const chk_orbits *x, size_t g, size_t f)
{
  if (f == x->G)
    mpz_set_ui(out, 1);
  else
    mpz_sub_ui(out, x->groups[f].classes, f == g);
}

void chk_orbits_init(chk_orbits *x)
{
  memset(x, 0, sizeof *x);
  chk_problem_init(&x->head);
  mpq_init(x->on);
  mpq_init(x->off);
  chk_grid_init(&x->w);
  chk_grid_init(&x->h);
  chk_grid_init(&x->V);
  chk_grid_init(&x->Y);
  chk_grid_init(&x->b);
  chk_grid_init(&x->m);
  chk_number_init(&x->s);
}

void chk_orbits_clear(chk_orbits *x)
{
  for (size_t g = 0; x->groups != NULL && g < x->G; g++) {
    mpz_clear(x->groups[g].classes);
    mpz_clear(x->groups[g].weight);
    mpq_clear(x->groups[g].multiple);
  }
  free(x->groups);
  for (size_t i = 0; x->outputs != NULL && i < x->G * (x->G + 1); i++)
    mpq_clear(x->outputs[i]);
  free(x->outputs);
  chk_problem_clear(&x->head);
  mpq_clear(x->on);
  mpq_clear(x->off);
  chk_grid_clear(&x->w);
  chk_grid_clear(&x->h);
  chk_grid_clear(&x->V);
  chk_grid_clear(&x->Y);
  chk_grid_clear(&x->b);
  chk_grid_clear(&x->m);
  chk_number_clear(&x->s);
}

static bool read_group(chk_group *group, const json_t *value, size_t g,
                       chk_session *session)
{
  json_t *classes, *weight, *multiple;
  size_t count;
  char where[64];

  snprintf(where, sizeof where, "problem.groups[%zu]", g);
  if (!chk_read_key(&classes, value, "classes", where, session) ||
      !chk_read_key(&weight, value, "weight", where, session) ||
      !chk_read_key(&multiple, value, "multiplicity", where, session) ||
      !chk_read_size(&count, classes, where, session) ||
      !chk_read_weight(group->weight, weight, where, session) ||
      !chk_read_positive(group->multiple, multiple, where, session))
    return false;
  mpz_set_ui(group->classes, count);
  return chk_hold(session, 1.0, (double)mpz_sizeinbase(group->weight, 2));
}

static bool read_groups(chk_orbits *x, const json_t *value,
                        chk_session *session)
{
  json_t *groups;
  mpz_t sum;
  bool good = true;

  if (!chk_read_key(&groups, value, "groups", "problem", session) ||
      !chk_read_array(&x->G, groups, 1, "problem.groups", session))
    return false;
  x->groups = chk_alloc(x->G, sizeof *x->groups);
  for (size_t g = 0; g < x->G; g++) {
    mpz_init(x->groups[g].classes);
    mpz_init(x->groups[g].weight);
    mpq_init(x->groups[g].multiple);
  }
  mpz_init(sum);
  for (size_t g = 0; g < x->G && good; g++) {
    good = read_group(&x->groups[g], json_array_get(groups, g), g, session);
    mpz_add(sum, sum, x->groups[g].classes);
    mpz_addmul(x->head.total, x->groups[g].classes, x->groups[g].weight);
  }
  if (good && mpz_cmp_ui(sum, x->head.K) != 0)
    good =
        chk_malformed(session, "problem.groups: want %zu classes", x->head.K);
  mpz_clear(sum);
  return good;
}

/* eps in [0, 1): t = (1 - eps) e_k + (eps/K) 1. */
static bool read_targets(chk_orbits *x, const json_t *value,
                         chk_session *session)
{
  if (!chk_read_key_fraction(x->off, value, "smoothing", "problem", session))
    return false;
  if (mpq_sgn(x->off) < 0 || mpq_cmp_ui(x->off, 1, 1) >= 0)
    return chk_malformed(session, "problem.smoothing: want 0 <= eps < 1");
  mpq_set_ui(x->on, 1, 1);
  mpq_sub(x->on, x->on, x->off);
  mpz_mul_ui(mpq_denref(x->off), mpq_denref(x->off), x->head.K);
  mpq_canonicalize(x->off);
  mpq_add(x->on, x->on, x->off);
  return true;
}

/* rows x cols numbers; with none of them an empty array. */
static bool read_matrix(chk_grid *out, const json_t *value, const char *where,
                        const char *key, size_t rows, size_t cols,
                        chk_session *session)
{
  json_t *list;

  if (!chk_read_key(&list, value, key, where, session))
    return false;
  if (rows * cols > 0)
    return chk_read_grid(out, list, rows, cols, key, session);
  if (!json_is_array(list) || json_array_size(list) != 0)
    return chk_malformed(session, "%s: want an empty array", key);
  return true;
}

static bool read_point(chk_orbits *x, const json_t *value, chk_session *session)
{
  json_t *r = json_object_get(value, "r"), *b;

  if (!json_is_integer(r) || json_integer_value(r) < 0 ||
      json_integer_value(r) > CHK_MAX_SIZE)
    return chk_malformed(session, "primal.r: want an integer >= 0");
  x->r = (size_t)json_integer_value(r);
  if (!chk_read_key(&b, value, "b", "primal", session) ||
      !read_matrix(&x->w, value, "primal", "w", x->G, 1, session) ||
      !read_matrix(&x->h, value, "primal", "h", x->G, 1, session) ||
      !read_matrix(&x->V, value, "primal", "V", x->G, x->r, session) ||
      !read_matrix(&x->Y, value, "primal", "Y", x->r, x->G, session))
    return false;
  if (x->head.bias != CHK_NONE)
    return chk_read_grid(&x->b, b, x->G, 1, "b", session);
  return json_is_null(b) || chk_malformed(session, "b: want null");
}

/* r dimensions, and K_g - 1 for the contrasts of a group unless they are 0. */
static bool fits(const chk_orbits *x, chk_session *session)
{
  mpz_t sum;
  bool good;

  mpz_init_set_ui(sum, x->r);
  for (size_t g = 0; g < x->G; g++)
    if (mpz_sgn(x->w.x[g]) != 0 || mpz_sgn(x->h.x[g]) != 0) {
      mpz_add(sum, sum, x->groups[g].classes);
      mpz_sub_ui(sum, sum, 1);
    }
  good = mpz_cmp_ui(sum, x->head.width[0]) <= 0;
  mpz_clear(sum);
  return good || chk_reject(session, "width (the point has more dimensions)");
}

bool chk_orbits_read(chk_orbits *x, const chk_certificate *c,
                     chk_session *session)
{
  json_t *problem = json_object_get(c->root, "problem");
  json_t *primal = json_object_get(c->root, "primal"), *dual, *s;

  if (!chk_problem_read_head(&x->head, problem, session))
    return false;
  if (x->head.M != 1 || x->head.fixed)
    return chk_malformed(session,
                         "problem: want depth 1 and a free classifier");
  return read_groups(x, problem, session) &&
         read_targets(x, problem, session) && read_point(x, primal, session) &&
         chk_read_key(&dual, c->root, "dual", "certificate", session) &&
         read_matrix(&x->m, dual, "dual", "M", x->G + 1, x->G, session) &&
         chk_read_key(&s, dual, "s", "dual", session) &&
         chk_read_number(&x->s, s, "s", session) && fits(x, session);
}

/* "collapsed": groups whose classes are exactly equal at every optimum, which
   they are iff (1 - eps)^2 pi_g^2/nu_g <= omega (check/collapse.c). */
static bool collapses(const chk_orbits *x, const chk_group *group,
                      chk_session *session)
{
  bool good = mpz_cmp_ui(group->classes, 2) >= 0;
  mpq_t pull, share;

  mpq_init(pull);
  mpq_init(share);
  mpz_set(mpq_numref(share), group->weight);
  mpz_set(mpq_denref(share), x->head.total);
  mpq_canonicalize(share);
  mpq_sub(pull, x->on, x->off);
  mpq_mul(pull, pull, share);
  mpq_mul(pull, pull, pull);
  mpq_div(pull, pull, group->multiple);
  mpq_mul(share, x->head.lambda_w[0], x->head.lambda_h);
  good = chk_spend_on(session, pull) && good && mpq_cmp(pull, share) <= 0;
  mpq_clear(pull);
  mpq_clear(share);
  return good;
}

static bool check_collapsed(const chk_certificate *c, const chk_orbits *x,
                            chk_session *session)
{
  const json_t *list = json_object_get(c->root, "collapsed");
  size_t count;

  if (list == NULL)
    return true;
  if (!chk_read_array(&count, list, 0, "collapsed", session))
    return false;
  for (size_t i = 0; i < count; i++) {
    const json_t *value = json_array_get(list, i);
    json_int_t g = json_integer_value(value);

    if (!json_is_integer(value) || g < 0 || g >= (json_int_t)x->G)
      return chk_malformed(session, "collapsed: want groups");
    if (!collapses(x, &x->groups[g], session))
      return chk_reject(session, "collapsed not implied (group %zu)",
                        (size_t)g);
  }
  return true;
}

/* Claims speak of the optimum at a width that does not bind. */
static bool check_claims(const chk_certificate *c, const chk_orbits *x,
                         chk_session *session)
{
  static const char *const others[] = {"grams", "rank"};
  size_t least =
      x->head.K - (x->head.loss == CHK_CE || x->head.bias == CHK_FREE);

  for (size_t i = 0; i < 2; i++)
    if (json_object_get(c->root, others[i]) != NULL)
      return chk_malformed(session, "%s: not for kind \"orbits\"", others[i]);
  if (x->head.width[0] < least &&
      (json_array_size(json_object_get(c->root, "collapsed")) > 0 ||
       json_array_size(json_object_get(c->root, "cosines")) > 0))
    return chk_reject(session, "claims not implied (width below the rank)");
  return check_collapsed(c, x, session) &&
         chk_orbits_check_cosines(c, x, session);
}

static bool enclose_upper(chk_interval *out, const void *data, chk_explog *t,
                          chk_session *session)
{
  return chk_orbits_value(out, data, t, session);
}

static bool enclose_lower(chk_interval *out, const void *data, chk_explog *t,
                          chk_session *session)
{
  return chk_orbits_dual_value(out, data, t, session);
}

bool chk_check_orbits(const chk_certificate *c, chk_session *session)
{
  chk_orbits x;
  bool good;

  chk_orbits_init(&x);
  good = chk_orbits_read(&x, c, session) && chk_orbits_form(&x, session) &&
         chk_decide_upper(c, enclose_upper, &x, session) &&
         chk_orbits_feasible(&x, session) &&
         chk_decide_lower(c, enclose_lower, &x, session) &&
         check_claims(c, &x, session);
  chk_orbits_clear(&x);
  return good;
}
