/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-check on certificates: valid ones pass, everything else does not. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <mpfr.h>

#include "../check/samples.h"
#include "run.h"
#include "verdict.h"

static void expect(const json_t *root, chk_outcome outcome, const char *reason,
                   const char *what)
{
  char got[200];
  chk_outcome found = verdict(root, got, sizeof got);

  ck_assert_msg(found == outcome, "%s: outcome %d (%s), want %d", what, found,
                got, outcome);
  ck_assert_msg(reason == NULL || strncmp(got, reason, strlen(reason)) == 0,
                "%s: got '%s', want '%s'", what, got, reason);
}

static size_t find(const char *name)
{
  for (size_t i = 0; i < sample_count(); i++)
    if (strcmp(sample_name(i), name) == 0)
      return i;
  ck_abort_msg("no sample %s", name);
}

static json_t *sample(const char *name)
{
  return sample_make(find(name));
}

/* root["a"]["b"]... with indices for arrays, as in "dual.M.3". */
static json_t *member(json_t *root, const char *path)
{
  char part[64];

  while (*path != '\0') {
    size_t length = strcspn(path, ".");

    snprintf(part, sizeof part, "%.*s", (int)length, path);
    path += length + (path[length] == '.');
    root = json_is_array(root) ? json_array_get(root, strtoul(part, NULL, 10))
                               : json_object_get(root, part);
  }
  ck_assert_ptr_nonnull(root);
  return root;
}

static void set(json_t *root, const char *path, json_t *value)
{
  const char *dot = strrchr(path, '.');
  char parent[128] = "";

  if (dot != NULL)
    snprintf(parent, sizeof parent, "%.*s", (int)(dot - path), path);
  root = member(root, parent);
  dot = dot == NULL ? path : dot + 1;
  if (json_is_array(root))
    json_array_set_new(root, strtoul(dot, NULL, 10), value);
  else
    json_object_set_new(root, dot, value);
}

/* x + y for numbers of the format, as p/q. */
static json_t *plus(const json_t *x, const char *y)
{
  const char *text = json_string_value(x);
  mpq_t a, b;
  mpfr_t exact;
  json_t *sum;
  char *out;

  mpq_inits(a, b, (mpq_ptr)NULL);
  mpfr_init2(exact, 4096);
  if (json_is_integer(x)) {
    mpq_set_si(a, (long)json_integer_value(x), 1);
  } else if (strstr(text, "0x") != NULL) {
    ck_assert_int_eq(mpfr_set_str(exact, text, 16, MPFR_RNDN), 0);
    mpfr_get_q(a, exact);
  } else {
    ck_assert_int_eq(mpq_set_str(a, text, 10), 0);
    mpq_canonicalize(a);
  }
  if (strstr(y, "0x") != NULL) {
    ck_assert_int_eq(mpfr_set_str(exact, y, 16, MPFR_RNDN), 0);
    mpfr_get_q(b, exact);
  } else {
    ck_assert_int_eq(mpq_set_str(b, y, 10), 0);
    mpq_canonicalize(b);
  }
  mpq_add(a, a, b);
  out = mpq_get_str(NULL, 10, a);
  sum = json_string(out);
  free(out);
  mpfr_clear(exact);
  mpq_clears(a, b, (mpq_ptr)NULL);
  return sum;
}

static void shift(json_t *root, const char *path, const char *by)
{
  set(root, path, plus(member(root, path), by));
}

START_TEST(samples_are_verified)
{
  for (size_t i = 0; i < sample_count(); i++) {
    json_t *root = sample_make(i);

    expect(root, CHK_VERIFIED, NULL, sample_name(i));
    json_decref(root);
  }
}
END_TEST

/* Bounds come from MPFR and are loosened by 2^-240 only; tightened by 2^-238
   they are false, and both programs agree to that precision. */
START_TEST(bounds_are_sharp)
{
  for (size_t i = 0; i < sample_count(); i++) {
    json_t *root = sample_make(i);

    shift(root, "claim.lower", "0x1p-238");
    expect(root, CHK_REJECTED, "lower not implied", sample_name(i));
    json_decref(root);
    root = sample_make(i);
    shift(root, "claim.upper", "-0x1p-238");
    expect(root, CHK_REJECTED, "upper not implied", sample_name(i));
    json_decref(root);
  }
}
END_TEST

START_TEST(random_problems_are_verified)
{
  static const char *const biases[] = {"none", "free", "ridge"};

  for (unsigned long seed = 1; seed <= 90; seed++) {
    bool ce = seed % 2 == 0;
    size_t K = 2 + seed % 4, J = K + seed / 7 % 5, depth = 1 + seed / 30;
    json_t *root = sample_random(seed, ce, biases[seed % 3], K, J, depth);
    char what[64];

    snprintf(what, sizeof what, "seed %lu", seed);
    expect(root, CHK_VERIFIED, NULL, what);
    shift(root, "claim.lower", "0x1p-238");
    expect(root, CHK_REJECTED, "lower not implied", what);
    json_decref(root);
  }
}
END_TEST

typedef struct tampering {
  const char *sample, *path, *by; /* by NULL: `to` is set instead */
  const char *to, *reason;
} tampering;

/* One change each, with the reason that must be given. */
static const tampering changes[] = {
    {"ce-6-free", "dual.s", NULL, "1", "spectral norm"},
    {"mse-3-free", "dual.s", NULL, "1", "spectral norm"},
    {"ce-3-free", "dual.s", NULL, "0", "scale"},
    {"ce-3-free", "dual.s", NULL, "-1/2", "scale"},
    {"ce-3-free", "dual.s", NULL, "0x1.0000000000001p+0", "scale"},
    {"ce-3-free", "dual.s", NULL, "1/2", "lower not implied"},
    {"ce-2-none", "dual.M.1", "0x1p-320", NULL, "column sum (column 1)"},
    {"ce-3-free", "primal.W.0", "1/1000", NULL, "upper not implied"},
    {"ce-3-free", "primal.W.0", "0x1p-100", NULL, "upper not implied"},
    {"ce-3-free", "primal.H.5", "0x1p-100", NULL, "upper not implied"},
    {"ce-3-free", "primal.b.1", "0x1p-100", NULL, "upper not implied"},
    {"mse-4-ridge", "primal.b.0", "0x1p-100", NULL, "upper not implied"},
    {"mse-3-free", "dual.M.0", "0x1p-300", NULL, "row sum (row 0)"},
    {"ce-3-free", "problem.lambda_H", "1/100000", NULL, "upper not implied"},
    {"ce-3-free", "problem.lambda_W", "-1/100000", NULL, "spectral norm"},
    {"ce-3-free", "problem.columns.0.weight", NULL, "11", "lower not implied"},
    {"ce-3-free", "tolerance", NULL, "0x1p-300", "gap above tolerance"},
    {"ce-3-free", "claim.lower", "-0x1p-140", NULL, "gap above tolerance"},
    {"ce-3-free", "claim.lower", "1", NULL, "lower and upper"},
    {"ce-3-free", "cosines.0.lower", "0x1p-59", NULL, "cosines not implied"},
    {"ce-3-free", "cosines.1.upper", "-0x1p-59", NULL, "cosines not implied"},
    {"ce-3-free", "grams.0.lower", "0x1p-59", NULL, "grams not implied"},
    {"ce-3-free", "grams.1.upper", "-0x1p-59", NULL, "grams not implied"},
    {"mse-collapse", "grams.0.upper", "-0x1p-59", NULL, "grams not implied"},
    {"spectral-none-2", "spectral.eigenvalues.1", "1/100", NULL, "eigenvalues"},
    {"spectral-none-2", "spectral.eigenvalues.3", "2", NULL, "eigenvalues"},
    {"spectral-free-2", "spectral.eigenvalues.1", "0x1p-190", NULL,
     "eigenvalues"},
    {"spectral-smooth-2", "spectral.eigenvalues.2", "0x1p-190", NULL,
     "eigenvalues"},
    {"spectral-none-2", "spectral.directions.0.u.0", "0x1p-200", NULL,
     "direction 0"},
    {"spectral-none-2", "spectral.directions.0.u.1", "-0x1p-200", NULL,
     "direction 0"},
    {"spectral-none-2", "spectral.directions.1.u.0", "-1/100", NULL,
     "lower not implied"},
    {"spectral-none-2", "spectral.directions.0.state", NULL, "zero",
     "direction 0"},
    {"spectral-none-2", "primal.W.0.0", "1/1000", NULL, "upper not implied"},
    {"envelope", "lines.9.mu", "-0x1p-190", NULL, "spectral norm"},
    {"envelope", "lines.9.mu", "1/10", NULL, "lower not implied"},
    {"envelope", "pieces.19.to", "-9", NULL, "pieces"},
    {"envelope", "pieces.3.to", "1/4", NULL, "lower not implied"},
    {"refutation", "pieces.20.q", NULL, "1/10", "lower not implied"},
    {"refutation", "claim.upper", "1", NULL, "lower and upper"},
    {"deep-ce-free", "dual.M.0", "0x1p-300", NULL, "column sum (column 0)"},
};

START_TEST(every_reason_is_given)
{
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    const tampering *t = &changes[i];
    json_t *root = sample(t->sample);
    char got[200], what[200];
    chk_outcome outcome;

    snprintf(what, sizeof what, "%s: %s", t->sample, t->path);
    if (t->by != NULL)
      shift(root, t->path, t->by);
    else
      set(root, t->path, json_string(t->to));
    outcome = verdict(root, got, sizeof got);
    ck_assert_msg(outcome != CHK_VERIFIED, "%s verified", what);
    ck_assert_msg(strncmp(got, t->reason, strlen(t->reason)) == 0,
                  "%s: got '%s', want '%s'", what, got, t->reason);
    json_decref(root);
  }
}
END_TEST

/* Row and column sums stay, but one probability becomes negative. */
START_TEST(negative_probabilities_are_seen)
{
  json_t *root = sample("ce-3-free");

  shift(root, "dual.M.1", "1");
  shift(root, "dual.M.4", "-1");
  shift(root, "dual.M.2", "-1");
  shift(root, "dual.M.5", "1");
  expect(root, CHK_REJECTED, "simplex (row 0, column 1)", "simplex");
  json_decref(root);
  root = sample("ce-3-free");
  shift(root, "dual.M.0", "-0x1p-300"); /* column sum kept, row sum not */
  shift(root, "dual.M.3", "0x1p-300");
  expect(root, CHK_REJECTED, "row sum (row 0)", "row sum");
  json_decref(root);
}
END_TEST

START_TEST(swapped_counts_are_seen)
{
  json_t *root = sample("mse-collapse");

  set(root, "problem.columns.0.weight", json_integer(4));
  set(root, "problem.columns.0.multiplicity", json_string("4"));
  set(root, "problem.columns.1.weight", json_integer(8));
  set(root, "problem.columns.1.multiplicity", json_string("8"));
  ck_assert_int_eq(verdict(root, NULL, 0), CHK_REJECTED);
  json_decref(root);
}
END_TEST

START_TEST(ranks_and_groups_are_recomputed)
{
  static const int ranks[][2] = {{0, 1}, {2, 1}, {3, 3}, {3, 4}, {0, 0}};
  static const int groups[][2] = {{0, 1}, {1, 2}, {0, 3}};
  json_t *root = sample("mse-collapse");

  for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
    set(root, "rank", json_pack("[i,i]", ranks[i][0], ranks[i][1]));
    expect(root, CHK_REJECTED, "rank not implied", "rank");
  }
  set(root, "rank", json_pack("[i,i]", 0, 4)); /* weaker, but true */
  expect(root, CHK_VERIFIED, NULL, "weak rank");
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
    set(root, "collapsed", json_pack("[[i,i]]", groups[i][0], groups[i][1]));
    expect(root, CHK_REJECTED, "collapsed", "group");
  }
  json_decref(root);
  root = sample("mse-3-free"); /* classes alike, but apart */
  set(root, "collapsed", json_pack("[[i,i]]", 0, 1));
  expect(root, CHK_REJECTED, "collapsed", "separate classes");
  json_decref(root);
}
END_TEST

/* A width below the rank makes claims on the optimum void. */
START_TEST(narrow_points_carry_no_claims)
{
  json_t *root = sample("mse-3-free"), *W = json_array(), *H = json_array();

  for (int i = 0; i < 3; i++) {
    json_array_append_new(W, json_string("0"));
    json_array_append_new(H, json_string("0"));
  }
  set(root, "problem.d", json_integer(1));
  set(root, "primal.W", W);
  set(root, "primal.H", H);
  set(root, "claim.upper", json_string("1"));
  set(root, "status", json_string("bracketed"));
  json_object_del(root, "tolerance");
  json_object_del(root, "cosines");
  json_object_del(root, "grams");
  set(root, "rank", json_pack("[i,i]", 0, 3));
  expect(root, CHK_REJECTED, "claims not implied (width", "narrow");
  json_object_del(root, "rank");
  expect(root, CHK_VERIFIED, NULL, "narrow without claims");
  json_decref(root);
}
END_TEST

/* Everything that may be said about one number, tried at every number. */
static json_t *mutate(const json_t *value, int kind)
{
  mpq_t q;
  json_t *twice, *result;
  char *text;

  switch (kind) {
  case 0:
    return plus(value, "1/16");
  case 1:
    return plus(value, "-1/16");
  case 2: /* -x */
    mpq_init(q);
    twice = plus(value, "0");
    mpq_set_str(q, json_string_value(twice), 10);
    json_decref(twice);
    mpq_neg(q, q);
    text = mpq_get_str(NULL, 10, q);
    result = json_string(text);
    free(text);
    mpq_clear(q);
    return result;
  case 3:
    return json_null();
  case 4:
    return json_real(0.25);
  case 5:
    return json_string("0x1p-5000");
  case 6:
    return json_string("0x1p+1000");
  default:
    return json_array();
  }
}

enum { MUTATIONS = 8 };

static bool is_number(const json_t *value)
{
  return json_is_integer(value) ||
         (json_is_string(value) &&
          strspn(json_string_value(value), "-0123456789") > 0);
}

/* Changes that may leave a true statement: looser bounds and claims, zeros
   (and rounding errors below 2^-200) negated or replaced by tiny values,
   penalties of a zero bias. */
static bool may_pass(const json_t *value, const char *path, int kind)
{
  json_t *exact;
  mpq_t q;
  bool is_zero;

  if (strstr(path, "tolerance") != NULL || strstr(path, "claim.") != NULL ||
      strstr(path, "cosines") != NULL || strstr(path, "grams") != NULL ||
      strstr(path, "rank") != NULL || strstr(path, "lambda_b") != NULL)
    return kind < 3 || kind == 5 || kind == 6;
  exact = plus(value, "0");
  mpq_init(q);
  mpq_set_str(q, json_string_value(exact), 10);
  is_zero =
      mpz_sizeinbase(mpq_denref(q), 2) > 200 + mpz_sizeinbase(mpq_numref(q), 2);
  is_zero = is_zero || mpq_sgn(q) == 0;
  mpq_clear(q);
  json_decref(exact);
  return is_zero && (kind == 2 || kind == 5);
}

static size_t tamper(const json_t *original, json_t *node, const char *path,
                     const char *name)
{
  size_t tried = 0;
  size_t index;
  const char *key;
  json_t *value;
  char below[128];

  if (is_number(node)) {
    for (int kind = 0; kind < MUTATIONS; kind++) {
      json_t *root = json_deep_copy(original);
      char what[256], reason[200];

      set(root, path, mutate(node, kind));
      snprintf(what, sizeof what, "%s: %s, mutation %d", name, path, kind);
      ck_assert_msg(verdict(root, reason, sizeof reason) != CHK_VERIFIED ||
                        may_pass(node, path, kind),
                    "%s verified", what);
      json_decref(root);
      tried++;
    }
  } else if (json_is_object(node)) {
    json_object_foreach(node, key, value)
    {
      json_t *root = json_deep_copy(original);

      json_object_del(member(root, path), key);
      ck_assert_msg(verdict(root, NULL, 0) == CHK_MALFORMED ||
                        strcmp(key, "cosines") == 0 ||
                        strcmp(key, "grams") == 0 || strcmp(key, "rank") == 0 ||
                        strcmp(key, "collapsed") == 0 ||
                        (strcmp(key, "kind") == 0 &&
                         verdict(root, NULL, 0) != CHK_VERIFIED),
                    "%s: %s.%s is not missed", name, path, key);
      json_decref(root);
      snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", key);
      tried += 1 + tamper(original, value, below, name);
    }
  } else if (json_is_array(node)) {
    json_array_foreach(node, index, value)
    {
      json_t *root = json_deep_copy(original);

      json_array_remove(member(root, path), index);
      ck_assert_msg(verdict(root, NULL, 0) != CHK_VERIFIED ||
                        strstr(path, "cosines") || strstr(path, "grams") ||
                        strstr(path, "collapsed"),
                    "%s: %s[%zu] is not missed", name, path, index);
      json_decref(root);
      snprintf(below, sizeof below, "%s.%zu", path, index);
      tried += 1 + tamper(original, value, below, name);
    }
  }
  return tried;
}

START_TEST(no_change_of_a_tight_certificate_passes)
{
  static const char *const names[] = {
      "ce-2-none",   "ce-3-free",       "ce-4-ridge",
      "mse-2-none",  "mse-3-free",      "mse-4-ridge",
      "ce-3-smooth", "spectral-none-2", "mse-collapse"};
  json_t *root = sample(names[_i]);
  size_t tried = tamper(root, root, "", names[_i]);

  ck_assert_msg(tried > 150, "only %zu changes of %s", tried, names[_i]);
  json_decref(root);
}
END_TEST

/* Words that name things. */
START_TEST(unknown_words_are_refused)
{
  static const char *const paths[] = {"format",
                                      "status",
                                      "problem.loss",
                                      "problem.bias",
                                      "problem.columns.0.target",
                                      "cosines.0.what",
                                      "grams.1.what"};
  static const char *const words[] = {"",         "CE",        "class:3",
                                      "class:-1", "class:0x0", "w0.w9",
                                      "w0",       "h0.w1",     "w0.w1 "};

  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
      json_t *root = sample("ce-3-free");

      set(root, paths[i], json_string(words[k]));
      expect(root, CHK_MALFORMED, NULL, paths[i]);
      json_decref(root);
    }
}
END_TEST

START_TEST(truncated_files_are_malformed)
{
  json_t *root = sample("mse-2-none");
  char *text = json_dumps(root, JSON_COMPACT);
  size_t length = strlen(text);

  for (size_t size = 0; size < length; size++) {
    chk_result result;

    chk_result_init(&result);
    chk_verify(&result, text, size, &chk_default_limits);
    ck_assert_int_eq(result.session.outcome, CHK_MALFORMED);
    chk_result_clear(&result);
  }
  free(text);
  json_decref(root);
}
END_TEST

static void expect_text(const char *text, chk_outcome outcome)
{
  chk_result result;

  chk_result_init(&result);
  chk_verify(&result, text, strlen(text), &chk_default_limits);
  ck_assert_msg(result.session.outcome == outcome, "%.60s: %s", text,
                result.session.reason);
  chk_result_clear(&result);
}

START_TEST(strange_files_are_malformed)
{
  enum { DEPTH = 100000 };
  char *deep = malloc(DEPTH + 1);

  expect_text("", CHK_MALFORMED);
  expect_text("{}", CHK_MALFORMED);
  expect_text("[]", CHK_MALFORMED);
  expect_text("null", CHK_MALFORMED);
  expect_text("{\"format\": \"ufm-certificate-2\"}", CHK_MALFORMED);
  expect_text("{\"format\": 1, \"format\": 1}", CHK_MALFORMED);
  expect_text("{\"format\": 1e999999999}", CHK_MALFORMED);
  expect_text("{\"format\": 99999999999999999999999}", CHK_MALFORMED);
  expect_text("{\"format\": \"\xff\xfe\"}", CHK_MALFORMED);
  ck_assert_ptr_nonnull(deep);
  memset(deep, '[', DEPTH);
  deep[DEPTH] = '\0';
  expect_text(deep, CHK_MALFORMED);
  free(deep);
}
END_TEST

/* Sizes that do not fit the arrays, and numbers that fit nowhere. */
START_TEST(sizes_and_lengths_are_limited)
{
  static const char *const sizes[] = {"problem.K", "problem.d"};
  static const json_int_t values[] = {0, -1, 4, 1 << 24, (json_int_t)1 << 62};
  json_t *root;

  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < 5; k++) {
      root = sample("ce-3-free");
      set(root, sizes[i], json_integer(values[k]));
      expect(root, CHK_MALFORMED, NULL, sizes[i]);
      json_decref(root);
    }
  root = sample("spectral-none-2");
  set(root, "problem.depth", json_integer(65));
  expect(root, CHK_MALFORMED, "problem.depth", "depth");
  json_decref(root);
  /* one far digit in every matrix: either refused or plainly wrong, at once */
  root = sample("ce-6-free");
  set(root, "primal.W.0", json_string("0x1p-262144"));
  set(root, "primal.H.0", json_string("0x1p-262144"));
  set(root, "dual.M.0", json_string("0x1p-262144"));
  ck_assert_int_ne(verdict(root, NULL, 0), CHK_VERIFIED);
  json_decref(root);
}
END_TEST

START_TEST(work_is_limited)
{
  chk_limits small = {.work_base = 1000.0, .memory_base = 1e9};
  json_t *root = sample("ce-6-free");
  char *text = json_dumps(root, 0);
  chk_result result;

  chk_result_init(&result);
  chk_verify(&result, text, strlen(text), &small);
  ck_assert_int_eq(result.session.outcome, CHK_MALFORMED);
  ck_assert_str_eq(result.session.reason,
                   "too much work for a file of this size");
  chk_result_clear(&result);
  free(text);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("certificate");
  int failed;

  tcase_add_test(tests, samples_are_verified);
  tcase_add_test(tests, bounds_are_sharp);
  tcase_add_test(tests, random_problems_are_verified);
  tcase_add_test(tests, every_reason_is_given);
  tcase_add_test(tests, negative_probabilities_are_seen);
  tcase_add_test(tests, swapped_counts_are_seen);
  tcase_add_test(tests, ranks_and_groups_are_recomputed);
  tcase_add_test(tests, narrow_points_carry_no_claims);
  tcase_add_loop_test(tests, no_change_of_a_tight_certificate_passes, 0, 9);
  tcase_add_test(tests, unknown_words_are_refused);
  tcase_add_test(tests, truncated_files_are_malformed);
  tcase_add_test(tests, strange_files_are_malformed);
  tcase_add_test(tests, sizes_and_lengths_are_limited);
  tcase_add_test(tests, work_is_limited);
  failed = run_case("check-certificate", tests);
  mpfr_free_cache();
  return failed;
}
