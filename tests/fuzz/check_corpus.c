/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-check on a corpus of small certificates, and on changes of them: it
   always ends with a verdict and a reason, and verifies no false claim.
   corpus/verified holds certificates of `ufm solve --certificate` for tiny
   problems and some made from closed forms; corpus/refused what fuzzing found,
   the smallest file for every reason, named after the reason. */
#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <mpfr.h>

#include "../check/expansion.h"
#include "../check/oracle.h"
#include "../prop/rounds.h"
#include "../unit/run.h"
#include "check/verify.h"
#include "mutate.h"
#include "truth.h"

enum { MOST_FILES = 200, LONGEST = 1 << 16, NAME_ROOM = 73 };

typedef struct corpus {
  size_t count;
  struct {
    char name[512];
    char *text;
    size_t size;
  } file[MOST_FILES];
} corpus;

static void read_corpus(corpus *out, const char *folder)
{
  const char *srcdir = getenv("srcdir");
  char path[4096];
  struct dirent *entry;
  DIR *directory;

  out->count = 0;
  snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s",
           srcdir != NULL ? srcdir : ".", folder);
  directory = opendir(path);
  ck_assert_msg(directory != NULL, "no folder %s", path);
  while ((entry = readdir(directory)) != NULL) {
    char name[8192];
    FILE *file;

    if (entry->d_name[0] == '.')
      continue;
    ck_assert_uint_lt(out->count, MOST_FILES);
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    snprintf(out->file[out->count].name, 512, "%s", entry->d_name);
    file = fopen(name, "rb");
    ck_assert_msg(file != NULL, "cannot open %s", name);
    out->file[out->count].text = malloc(LONGEST);
    ck_assert_ptr_nonnull(out->file[out->count].text);
    out->file[out->count].size =
        fread(out->file[out->count].text, 1, LONGEST, file);
    ck_assert_uint_lt(out->file[out->count].size, LONGEST);
    fclose(file);
    out->count++;
  }
  closedir(directory);
}

static void free_corpus(corpus *c)
{
  for (size_t i = 0; i < c->count; i++)
    free(c->file[i].text);
}

static chk_outcome verdict(const char *text, size_t size, const char *what,
                           char *reason, size_t room)
{
  chk_result result;
  chk_outcome outcome;

  chk_result_init(&result);
  chk_verify(&result, text, size, &chk_default_limits);
  outcome = result.session.outcome;
  ck_assert_msg(outcome == CHK_VERIFIED || outcome == CHK_REJECTED ||
                    outcome == CHK_MALFORMED,
                "%s: outcome %d", what, outcome);
  ck_assert_msg((outcome == CHK_VERIFIED) == (result.session.reason[0] == '\0'),
                "%s: outcome %d with reason '%s'", what, outcome,
                result.session.reason);
  if (reason != NULL)
    snprintf(reason, room, "%s", result.session.reason);
  chk_result_clear(&result);
  return outcome;
}

/* A claim that was verified is not false. */
static chk_outcome judge(const json_t *root, const char *what)
{
  char *text = json_dumps(root, JSON_COMPACT);
  chk_outcome outcome;

  ck_assert_ptr_nonnull(text);
  outcome = verdict(text, strlen(text), what, NULL, 0);
  ck_assert_msg(outcome != CHK_VERIFIED || !claim_is_false(root),
                "%s: a false claim was verified: %s", what, text);
  free(text);
  return outcome;
}

/* Letters in lower case, everything else one '-': a file name for a reason. */
static void reason_name(const char *reason, char *out, size_t room)
{
  size_t n = 0;

  for (; *reason != '\0' && n + 1 < room; reason++)
    if (isalpha((unsigned char)*reason))
      out[n++] = (char)tolower((unsigned char)*reason);
    else if (n > 0 && out[n - 1] != '-')
      out[n++] = '-';
  while (n > 0 && out[n - 1] == '-')
    n--;
  out[n] = '\0';
}

START_TEST(the_corpus_has_its_verdicts)
{
  corpus c;

  read_corpus(&c, "verified");
  ck_assert_uint_ge(c.count, 20);
  for (size_t i = 0; i < c.count; i++) {
    json_t *root = json_loadb(c.file[i].text, c.file[i].size, 0, NULL);

    ck_assert_ptr_nonnull(root);
    ck_assert_msg(judge(root, c.file[i].name) == CHK_VERIFIED, "%s",
                  c.file[i].name);
    json_decref(root);
  }
  free_corpus(&c);
  read_corpus(&c, "refused");
  ck_assert_uint_ge(c.count, 100);
  for (size_t i = 0; i < c.count; i++) {
    char reason[200], name[NAME_ROOM];

    ck_assert_int_ne(verdict(c.file[i].text, c.file[i].size, c.file[i].name,
                             reason, sizeof reason),
                     CHK_VERIFIED);
    /* what comes after "not JSON" is Jansson's */
    if (strncmp(reason, "not JSON", 8) == 0)
      reason[8] = '\0';
    reason_name(reason, name, sizeof name);
    ck_assert_msg(strcmp(name, c.file[i].name) == 0, "%s: got '%s'",
                  c.file[i].name, reason);
  }
  free_corpus(&c);
}
END_TEST

START_TEST(a_part_of_a_file_is_malformed)
{
  corpus c;

  read_corpus(&c, "verified");
  for (size_t i = 0; i < c.count; i++) {
    /* the last bytes may be white space */
    const char *end = strrchr(c.file[i].text, '}');
    size_t size = (size_t)(end - c.file[i].text);

    for (size_t n = 0; n <= size; n += 64)
      ck_assert_int_eq(verdict(c.file[i].text, n, c.file[i].name, NULL, 0),
                       CHK_MALFORMED);
    ck_assert_int_eq(verdict(c.file[i].text, size, c.file[i].name, NULL, 0),
                     CHK_MALFORMED);
  }
  free_corpus(&c);
}
END_TEST

/* Every key of a file written twice, whatever its value. */
START_TEST(keys_written_twice_are_malformed)
{
  corpus c;

  read_corpus(&c, "verified");
  for (size_t i = 0; i < c.count; i++) {
    json_t *root = json_loadb(c.file[i].text, c.file[i].size, 0, NULL);
    char *text = json_dumps(root, JSON_COMPACT), *twice = malloc(2 * LONGEST);
    size_t tried = 0;

    ck_assert(text != NULL && twice != NULL);
    for (const char *at = text; (at = strchr(at, '{')) != NULL; at++) {
      size_t head = (size_t)(at + 1 - text), key = strcspn(at + 2, "\"") + 2;
      int size = snprintf(twice, 2 * LONGEST, "%.*s%.*s:7,%s", (int)head, text,
                          (int)key, at + 1, at + 1);

      ck_assert_int_eq(verdict(twice, (size_t)size, c.file[i].name, NULL, 0),
                       CHK_MALFORMED);
      tried++;
    }
    ck_assert_uint_ge(tried, 5);
    free(twice);
    free(text);
    json_decref(root);
  }
  free_corpus(&c);
}
END_TEST

static void set_bound(json_t *root, const char *key, mpfr_srcptr value)
{
  char *text = NULL;

  ck_assert_int_gt(mpfr_asprintf(&text, "%Ra", value), 0);
  json_object_set_new(json_object_get(root, "claim"), key, json_string(text));
  mpfr_free_str(text);
}

/* The masses of a dual point, K x J, column by column of the oracle. */
static json_t *written_out(const json_t *root)
{
  const json_t *dual = json_object_get(root, "dual");
  json_t *masses = json_incref(json_object_get(dual, "M")), *expanded;
  expansion *x;

  if (json_object_get(json_object_get(root, "problem"), "groups") == NULL)
    return masses;
  json_decref(masses);
  x = expansion_new(root);
  expanded = expansion_json(x, root);
  masses = json_incref(json_object_get(json_object_get(expanded, "dual"), "M"));
  json_decref(expanded);
  expansion_free(x);
  return masses;
}

/* Bounds moved past the objective of the point, and the lower bound past the
   value of its dual point, by 2^-300 of it. */
static void tighten(const json_t *original, const char *name)
{
  const json_t *dual = json_object_get(original, "dual");
  const char *kind = json_string_value(json_object_get(original, "kind"));
  oracle *o = oracle_new(original);
  mpfr_t value, step;
  json_t *root;

  mpfr_inits2(PRECISION, value, step, (mpfr_ptr)NULL);
  mpfr_set_ui_2exp(step, 1, -300, MPFR_RNDN);
  oracle_primal(value, o);
  root = json_deep_copy(original);
  mpfr_sub(value, value, step, MPFR_RNDN);
  set_bound(root, "upper", value);
  ck_assert(claim_is_false(root));
  ck_assert_msg(judge(root, name) == CHK_REJECTED, "%s: upper", name);
  json_decref(root);
  root = json_deep_copy(original);
  mpfr_add(value, value, step, MPFR_RNDN);
  set_bound(root, "upper", value);
  mpfr_add(value, value, step, MPFR_RNDN);
  set_bound(root, "lower", value);
  ck_assert_msg(judge(root, name) == CHK_REJECTED ||
                    (kind != NULL && strcmp(kind, "refutation") == 0),
                "%s: lower above the point", name);
  json_decref(root);
  if (kind != NULL && strcmp(kind, "refutation") == 0) {
    root = json_deep_copy(original); /* far above the best simplex ETF */
    number_value(value,
                 json_object_get(json_object_get(root, "claim"), "lower"));
    mpfr_mul_2ui(value, value, 1, MPFR_RNDN);
    set_bound(root, "lower", value);
    ck_assert(claim_is_false(root));
    ck_assert_msg(judge(root, name) == CHK_REJECTED, "%s: lower", name);
    json_decref(root);
  }
  if (dual != NULL && (kind == NULL || strcmp(kind, "dual") == 0 ||
                       strcmp(kind, "orbits") == 0)) {
    json_t *masses = written_out(original);

    root = json_deep_copy(original);
    json_object_del(root, "status");
    json_object_set_new(root, "status", json_string("bracketed"));
    json_object_del(root, "tolerance");
    json_object_del(root, "cosines"); /* as sharp as the gap allows */
    json_object_del(root, "grams");
    oracle_dual(value, o, masses, json_object_get(dual, "s"));
    json_decref(masses);
    mpfr_sub(value, value, step, MPFR_RNDN);
    set_bound(root, "lower", value);
    ck_assert_msg(judge(root, name) == CHK_VERIFIED, "%s: all it proves", name);
    mpfr_add(value, value, step, MPFR_RNDN);
    mpfr_add(value, value, step, MPFR_RNDN);
    set_bound(root, "lower", value);
    ck_assert_msg(judge(root, name) == CHK_REJECTED, "%s: more", name);
    json_decref(root);
  }
  mpfr_clears(value, step, (mpfr_ptr)NULL);
  oracle_free(o);
}

START_TEST(tightened_bounds_are_rejected)
{
  corpus c;

  read_corpus(&c, "verified");
  for (size_t i = 0; i < c.count; i++) {
    json_t *root = json_loadb(c.file[i].text, c.file[i].size, 0, NULL);

    tighten(root, c.file[i].name);
    json_decref(root);
  }
  free_corpus(&c);
}
END_TEST

/* One to three random changes; some are harmless, so only the claim counts. */
START_TEST(no_false_claim_is_verified)
{
  size_t outcomes[3] = {0, 0, 0};
  corpus c;

  read_corpus(&c, "verified");
  for (size_t i = 0; i < c.count; i++) {
    json_t *original = json_loadb(c.file[i].text, c.file[i].size, 0, NULL);

    for (unsigned long seed = 1; seed <= (unsigned long)rounds(300); seed++) {
      json_t *root = json_deep_copy(original);
      gmp_randstate_t random;
      char what[600];

      snprintf(what, sizeof what, "%s, seed %lu", c.file[i].name, seed);
      gmp_randinit_lc_2exp_size(random, 64);
      gmp_randseed_ui(random, 1000 * seed + i);
      for (unsigned long n = 1 + gmp_urandomm_ui(random, 3); n > 0; n--)
        mutate(root, random);
      outcomes[judge(root, what)]++;
      gmp_randclear(random);
      json_decref(root);
    }
    json_decref(original);
  }
  free_corpus(&c);
  /* changes of every sort are tried: harmless, false, senseless */
  ck_assert_msg(outcomes[CHK_VERIFIED] > 50 && outcomes[CHK_REJECTED] > 500 &&
                    outcomes[CHK_MALFORMED] > 500,
                "%zu verified, %zu rejected, %zu malformed",
                outcomes[CHK_VERIFIED], outcomes[CHK_REJECTED],
                outcomes[CHK_MALFORMED]);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("corpus");
  int failed;

  tcase_add_test(tests, the_corpus_has_its_verdicts);
  tcase_add_test(tests, a_part_of_a_file_is_malformed);
  tcase_add_test(tests, keys_written_twice_are_malformed);
  tcase_add_test(tests, tightened_bounds_are_rejected);
  tcase_add_test(tests, no_false_claim_is_verified);
  failed = run_case("check-corpus", tests);
  mpfr_free_cache();
  return failed;
}
