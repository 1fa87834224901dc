/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of orbits against the same ones written out class by class and
   column by column: ufm-check says the same about both, for the same reason. */
#include <config.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <mpfr.h>

#include "../check/expansion.h"
#include "../check/oracle.h"
#include "../check/random_orbits.h"
#include "../prop/rounds.h"
#include "check/verify.h"
#include "run.h"

typedef struct verdict {
  chk_outcome outcome;
  char reason[200]; /* without the place in brackets */
} verdict;

static verdict ask(const json_t *root)
{
  char *text = json_dumps(root, JSON_COMPACT);
  chk_result result;
  verdict v;

  ck_assert_ptr_nonnull(text);
  chk_result_init(&result);
  chk_verify(&result, text, strlen(text), &chk_default_limits);
  v.outcome = result.session.outcome;
  snprintf(v.reason, sizeof v.reason, "%s", result.session.reason);
  v.reason[strcspn(v.reason, "(")] = '\0';
  chk_result_clear(&result);
  free(text);
  return v;
}

/* The verdict on both; they differ in nothing but the place. */
static verdict agree(const json_t *orbits, const json_t *dual, const char *what)
{
  verdict v = ask(orbits), w = ask(dual);
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
static verdict bound(json_t *orbits, json_t *dual, double up, double down,
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
    verdict v;

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
      verdict v;

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

int main(void)
{
  TCase *tests = tcase_create("expansion");
  int failed;

  tcase_add_test(tests, bounds_and_conditions_are_those_of_all_columns);
  tcase_add_test(tests, norms_are_those_of_all_columns);
  tcase_add_test(tests, groups_collapse_when_their_classes_do);
  failed = run_case("check-expansion", tests);
  mpfr_free_cache();
  return failed;
}
