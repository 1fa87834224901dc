/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of orbits against the same ones written out class by class and
   column by column: ufm-check says the same about both, for the same reason. */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <mpfr.h>

#include "../check/expansion.h"
#include "../check/oracle.h"
#include "../check/random_orbits.h"
#include "../prop/rounds.h"
#include "run.h"
#include "verdict.h"

typedef struct answer {
  chk_outcome outcome;
  char reason[200]; /* without the place in brackets */
} answer;

static answer ask(const json_t *root)
{
  answer a;

  a.outcome = verdict(root, a.reason, sizeof a.reason);
  a.reason[strcspn(a.reason, "(")] = '\0';
  return a;
}

/* The verdict on both; they differ in nothing but the place. */
static answer agree(const json_t *orbits, const json_t *dual, const char *what)
{
  answer v = ask(orbits), w = ask(dual);
  size_t n = strcspn(w.reason, " ");
  char *text = NULL;

  if (v.outcome != w.outcome || strncmp(v.reason, w.reason, n) != 0)
    text = json_dumps(orbits, JSON_COMPACT);
  ck_assert_msg(text == NULL, "%s: '%s' (%d), written out '%s' (%d)\n%s", what,
                v.reason, v.outcome, w.reason, w.outcome, text);
  return v;
}

static void set_number(json_t *root, const char *where, const char *key,
                       mpfr_srcptr x)
{
  char *text = NULL;

  ck_assert_int_gt(mpfr_asprintf(&text, "%Ra", x), 0);
  json_object_set_new(json_object_get(root, where), key, json_string(text));
  mpfr_free_str(text);
}

/* Bounds `up` above the value of the point and `down` below that of the dual
   point. */
static answer bound(json_t *orbits, json_t *dual, double up, double down,
                    const char *what)
{
  oracle *o = oracle_new(dual);
  json_t *point = json_object_get(dual, "dual");
  mpfr_t value, step;

  ck_assert_ptr_nonnull(o);
  mpfr_inits2(PRECISION, value, step, (mpfr_ptr)NULL);
  mpfr_set_d(step, up, MPFR_RNDN);
  oracle_primal(value, o);
  mpfr_add(value, value, step, MPFR_RNDN);
  set_number(orbits, "claim", "upper", value);
  mpfr_set_d(step, down, MPFR_RNDN);
  oracle_dual(value, o, json_object_get(point, "M"),
              json_object_get(point, "s"));
  mpfr_sub(value, value, step, MPFR_RNDN);
  set_number(orbits, "claim", "lower", value);
  json_object_set(dual, "claim", json_object_get(orbits, "claim"));
  mpfr_clears(value, step, (mpfr_ptr)NULL);
  oracle_free(o);
  return agree(orbits, dual, what);
}

static json_t *write_out(const json_t *root)
{
  expansion *x = expansion_new(root);
  json_t *dual;

  ck_assert_ptr_nonnull(x);
  dual = expansion_json(x, root);
  expansion_free(x);
  return dual;
}

/* Both values, to 2^-100, and every condition of the dual point. */
START_TEST(bounds_and_conditions_are_those_of_all_columns)
{
  size_t good = 0, simplex = 0, norm = 0, sums = 0;

  for (unsigned long seed = 1; seed <= (unsigned long)rounds(300); seed++) {
    json_t *orbits = random_orbits(seed), *dual = write_out(orbits);
    char what[64];
    answer v;

    snprintf(what, sizeof what, "seed %lu", seed);
    v = bound(orbits, dual, 0x1p-100, 0x1p-100, what);
    good += v.outcome == CHK_VERIFIED;
    simplex += strncmp(v.reason, "simplex", 7) == 0;
    norm += strncmp(v.reason, "spectral", 8) == 0;
    sums += strstr(v.reason, " sum") != NULL;
    ck_assert_str_ne(v.reason, "upper not implied");
    ck_assert_str_ne(v.reason, "lower not implied");
    v = bound(orbits, dual, -0x1p-100, 1e6, what);
    ck_assert_str_eq(v.reason, "upper not implied");
    v = bound(orbits, dual, 1e6, -0x1p-100, what);
    ck_assert_int_ne(v.outcome, CHK_VERIFIED);
    json_decref(orbits);
    json_decref(dual);
  }
  ck_assert_msg(good > 60 && simplex > 10 && norm > 10 && sums > 10,
                "%zu verified, %zu simplex, %zu norm, %zu sums", good, simplex,
                norm, sums);
}
END_TEST

/* The largest scale of the dual point that passes, to 2^-12. */
START_TEST(norms_are_those_of_all_columns)
{
  size_t inside = 0;

  for (unsigned long seed = 1; seed <= (unsigned long)rounds(60); seed++) {
    json_t *orbits = random_orbits(1000 + seed), *dual = write_out(orbits);
    double low = 0.0, high = 1.0;
    char what[64];

    snprintf(what, sizeof what, "seed %lu", seed);
    bound(orbits, dual, 0x1p-100, 0x1p-100, what);
    json_object_set_new(json_object_get(orbits, "claim"), "lower",
                        json_string("-1000000"));
    for (int i = 0; i < 12; i++) {
      mpfr_t s;
      answer v;

      mpfr_init2(s, 53);
      mpfr_set_d(s, (low + high) / 2.0, MPFR_RNDN);
      set_number(orbits, "dual", "s", s);
      set_number(dual, "dual", "s", s);
      v = agree(orbits, dual, what);
      if (v.outcome == CHK_VERIFIED)
        low = mpfr_get_d(s, MPFR_RNDN);
      else
        high = mpfr_get_d(s, MPFR_RNDN);
      mpfr_clear(s);
    }
    inside += low > 0.0 && high < 1.0;
    json_decref(orbits);
    json_decref(dual);
  }
  ck_assert_msg(inside >= 10, "%zu inside", inside);
}
END_TEST

/* A claim "collapsed" for each group in turn. */
START_TEST(groups_collapse_when_their_classes_do)
{
  size_t equal = 0, different = 0;

  for (unsigned long seed = 1; seed <= (unsigned long)rounds(150); seed++) {
    json_t *orbits = random_orbits(2000 + seed), *dual = write_out(orbits);
    const json_t *groups =
        json_object_get(json_object_get(orbits, "problem"), "groups");
    size_t first = 0;
    char what[64];

    snprintf(what, sizeof what, "seed %lu", seed);
    if (bound(orbits, dual, 0x1p-100, 0x1p-100, what).outcome != CHK_VERIFIED)
      groups = NULL;
    for (size_t g = 0; g < json_array_size(groups); g++) {
      size_t size = (size_t)json_integer_value(json_array_get(groups, g));
      json_t *classes = json_array();

      for (size_t k = 0; k < size; k++)
        json_array_append_new(classes, json_integer((json_int_t)(first + k)));
      first += size;
      json_object_set_new(orbits, "collapsed", json_pack("[I]", (json_int_t)g));
      json_object_set_new(dual, "collapsed", json_pack("[o]", classes));
      if (size < 2) {
        ck_assert_int_eq(ask(orbits).outcome, CHK_REJECTED);
        continue;
      }
      if (agree(orbits, dual, what).outcome == CHK_VERIFIED)
        equal++;
      else
        different++;
    }
    json_decref(orbits);
    json_decref(dual);
  }
  ck_assert_msg(equal > 10 && different > 10, "%zu equal, %zu different", equal,
                different);
}
END_TEST

/* A class of group g, or the column that has only this class as a mark; the
   second of the group when `other`. */
static size_t member(const expansion *x, const json_t *root, char letter,
                     size_t g, bool other)
{
  const json_t *columns =
      json_object_get(json_object_get(root, "problem"), "columns");
  size_t k = x->start[g] + other;

  for (size_t j = 0; letter == 'h' && j < x->J; j++)
    if (x->marks[j][0] == k && x->marks[j][1] == k &&
        json_array_size(json_object_get(json_array_get(columns, x->orbit[j]),
                                        "marks")) == 1)
      return j;
  ck_assert_int_eq(letter, 'w');
  return k;
}

/* The claim about groups as one about classes, moved by `shift` times its width
   and widened by `margin` times that: written out, the error bars of a column
   do not know that equal columns share them. */
static json_t *spell_out(const expansion *x, const json_t *root,
                         const json_t *claim, long shift, long margin,
                         json_t **moved)
{
  const char *what = json_string_value(json_object_get(claim, "what"));
  char *end, letter = what[0];
  size_t f = strtoul(what + 1, &end, 10), g = strtoul(end + 2, NULL, 10);
  mpfr_t lower, upper, width, by;
  char *low = NULL, *high = NULL;
  json_t *out;

  mpfr_inits2(PRECISION, lower, upper, width, by, (mpfr_ptr)NULL);
  number_value(lower, json_object_get(claim, "lower"));
  number_value(upper, json_object_get(claim, "upper"));
  mpfr_sub(width, upper, lower, MPFR_RNDN);
  mpfr_mul_si(by, width, shift, MPFR_RNDN);
  mpfr_add(lower, lower, by, MPFR_RNDN);
  mpfr_add(upper, upper, by, MPFR_RNDN);
  mpfr_asprintf(&low, "%Ra", lower);
  mpfr_asprintf(&high, "%Ra", upper);
  *moved =
      json_pack("{s:s, s:s, s:s}", "what", what, "lower", low, "upper", high);
  mpfr_free_str(low);
  mpfr_free_str(high);
  mpfr_mul_si(width, width, margin, MPFR_RNDN);
  mpfr_sub(lower, lower, width, MPFR_RNDN);
  mpfr_add(upper, upper, width, MPFR_RNDN);
  mpfr_asprintf(&low, "%Ra", lower);
  mpfr_asprintf(&high, "%Ra", upper);
  out = json_pack("{s:o, s:s, s:s}", "what",
                  json_sprintf("%c%zu.%c%zu", letter,
                               member(x, root, letter, f, false), letter,
                               member(x, root, letter, g, f == g)),
                  "lower", low, "upper", high);
  mpfr_free_str(low);
  mpfr_free_str(high);
  mpfr_clears(lower, upper, width, by, (mpfr_ptr)NULL);
  return out;
}

/* Certificates of optima with their cosines, all orders of marks among them. */
START_TEST(cosines_are_those_of_classes_and_columns)
{
  static const char *const names[] = {
      "orbits-ce-free",           "orbits-mse-free",
      "orbits-mse-ridge",         "orbits-mixup-ce-free",
      "orbits-mixup-ce-collapse", "orbits-mixup-ce-ridge",
      "orbits-mixup-mse",         "orbits-mixup-mse-free"};
  static const long shifts[] = {0, 1000, -1000};
  size_t claims = 0;

  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    json_t *root = load_verified(names[n]);
    json_t *cosines = json_incref(json_object_get(root, "cosines"));
    expansion *x = expansion_new(root);
    json_t *dual = expansion_json(x, root);

    for (size_t i = 0; i < json_array_size(cosines); i++)
      for (int k = 0; k < 3; k++) {
        json_t *moved, *spelt = spell_out(x, root, json_array_get(cosines, i),
                                          shifts[k], 100, &moved);

        json_object_set_new(root, "cosines", json_pack("[o]", moved));
        json_object_set_new(dual, "cosines", json_pack("[o]", spelt));
        ck_assert_int_eq(agree(root, dual, names[n]).outcome,
                         k == 0 ? CHK_VERIFIED : CHK_REJECTED);
        claims++;
      }
    json_decref(cosines);
    json_decref(dual);
    json_decref(root);
    expansion_free(x);
  }
  ck_assert_uint_ge(claims, 100);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("expansion");
  int failed;

  tcase_add_test(tests, bounds_and_conditions_are_those_of_all_columns);
  tcase_add_test(tests, norms_are_those_of_all_columns);
  tcase_add_test(tests, groups_collapse_when_their_classes_do);
  tcase_add_test(tests, cosines_are_those_of_classes_and_columns);
  failed = run_case("check-expansion", tests);
  mpfr_free_cache();
  return failed;
}
