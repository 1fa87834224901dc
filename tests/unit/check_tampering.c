/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of mixup in orbits with one number changed: ufm-check refuses
   them, unless the new number says less, or means nothing. */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../check/expansion.h"
#include "run.h"
#include "verdict.h"

enum { CHANGES = 5, PATH_ROOM = 128 };

static const char *const names[] = {
    "orbits-mixup-ce-collapse", "orbits-mixup-ce-free", "orbits-mixup-ce-ridge",
    "orbits-mixup-mse", "orbits-mixup-mse-free"};

static bool is_number(const json_t *value)
{
  const char *text = json_string_value(value);

  return json_is_integer(value) ||
         (text != NULL &&
          text[strspn(text, "-0123456789abcdefxp./+")] == '\0' &&
          strpbrk(text, "0123456789") != NULL);
}

/* x + 1, x (1 + 2^-30), -x, 0, 2 x; NULL when that is x again. */
static json_t *change(const json_t *value, int kind)
{
  json_t *result = NULL;
  mpq_t x, y, one;
  char *text;

  mpq_inits(x, y, one, (mpq_ptr)NULL);
  mpq_set_ui(one, 1, 1);
  exact_number(x, value);
  if (kind == 0)
    mpq_add(y, x, one);
  else if (kind == 1)
    mpq_div_2exp(y, x, 30);
  else if (kind == 2)
    mpq_neg(y, x);
  else if (kind == 4)
    mpq_mul_2exp(y, x, 1);
  if (kind == 1)
    mpq_add(y, y, x);
  if (!mpq_equal(x, y) && json_is_integer(value) &&
      mpz_cmp_ui(mpq_denref(y), 1) == 0) {
    result = json_integer((json_int_t)mpz_get_si(mpq_numref(y)));
  } else if (!mpq_equal(x, y)) {
    text = mpq_get_str(NULL, 10, y);
    result = json_string(text);
    free(text);
  }
  mpq_clears(x, y, one, (mpq_ptr)NULL);
  return result;
}

/* root["a"][3]... = value for the path "a.3". */
static void set_member(json_t *root, const char *path, json_t *value)
{
  char part[PATH_ROOM];

  for (;;) {
    size_t length = strcspn(path, ".");
    bool last = path[length] == '\0';

    snprintf(part, sizeof part, "%.*s", (int)length, path);
    if (json_is_array(root)) {
      size_t i = strtoul(part, NULL, 10);

      if (last)
        json_array_set_new(root, i, value);
      root = json_array_get(root, i);
    } else {
      if (last)
        json_object_set_new(root, part, value);
      root = json_object_get(root, part);
    }
    ck_assert_ptr_nonnull(root);
    if (last)
      return;
    path += length + 1;
  }
}

static size_t size_at(const json_t *list, size_t i)
{
  return (size_t)json_integer_value(json_array_get(list, i));
}

/* Numbers of the point that stand for no contrast: w_g of a group of one class;
   h of a mark in such a group, and of a sum of both classes of a group of two
   (e_q = 0). */
static bool means_nothing(const json_t *root, const char *path)
{
  const json_t *problem = json_object_get(root, "problem"), *column;
  const json_t *groups = json_object_get(problem, "groups");
  size_t at = 0, first = 0, index;

  if (sscanf(path, "primal.w.%zu", &at) == 1)
    return size_at(groups, at) == 1;
  if (sscanf(path, "primal.h.%zu", &at) != 1)
    return false;
  json_array_foreach(json_object_get(problem, "columns"), index, column)
  {
    const json_t *marks = json_object_get(column, "marks");
    const json_t *targets = json_object_get(column, "targets");
    size_t count = json_array_size(marks), g = size_at(marks, 0);
    bool same = count == 2 && g == size_at(marks, 1);
    bool unordered = same && json_equal(json_array_get(targets, 0),
                                        json_array_get(targets, 1));

    if (at < first + (unordered ? 1 : count)) {
      g = size_at(marks, at - first);
      return size_at(groups, g) == 1 ||
             (same && at == first && size_at(groups, g) == 2);
    }
    first += unordered ? 1 : count;
  }
  return false;
}

/* A bound that moved away, a width the point still fits. */
static bool says_less(const char *path, const json_t *value,
                      const json_t *changed)
{
  bool below = strstr(path, "lower") != NULL, less, allowed;
  mpq_t x, y;

  allowed = strcmp(path, "tolerance") == 0 || strcmp(path, "problem.d") == 0 ||
            strncmp(path, "claim.", 6) == 0 ||
            strncmp(path, "cosines.", 8) == 0;
  mpq_inits(x, y, (mpq_ptr)NULL);
  exact_number(x, value);
  exact_number(y, changed);
  less = mpq_cmp(y, x) < 0;
  mpq_clears(x, y, (mpq_ptr)NULL);
  return allowed && less == below;
}

typedef struct tally {
  size_t tried, harmless;
} tally;

/* Every number at or below `node`, which is root at `path`. */
static void tamper(json_t *root, json_t *node, const char *path,
                   const char *name, tally *t)
{
  char below[PATH_ROOM];
  const char *key;
  size_t index;
  json_t *value;

  json_object_foreach(node, key, value)
  {
    snprintf(below, sizeof below, "%s%s%s", path, *path != '\0' ? "." : "",
             key);
    if (strcmp(key, "note") != 0)
      tamper(root, value, below, name, t);
  }
  json_array_foreach(node, index, value)
  {
    snprintf(below, sizeof below, "%s.%zu", path, index);
    tamper(root, value, below, name, t);
  }
  for (int kind = 0; kind < CHANGES && is_number(node); kind++) {
    json_t *changed = change(node, kind), *copy;

    if (changed == NULL)
      continue;
    copy = json_deep_copy(root);
    set_member(copy, path, changed);
    t->tried++;
    if (verdict(copy, NULL, 0) == CHK_VERIFIED) {
      ck_assert_msg(says_less(path, node, changed) || means_nothing(root, path),
                    "%s: %s, change %d is verified", name, path, kind);
      t->harmless++;
    }
    json_decref(copy);
  }
}

START_TEST(a_changed_number_proves_nothing_else)
{
  json_t *root = load_verified(names[_i]);
  tally t = {0, 0};

  ck_assert_int_eq(verdict(root, NULL, 0), CHK_VERIFIED);
  tamper(root, root, "", names[_i], &t);
  ck_assert_msg(t.tried > 200 && t.harmless > 5 && t.harmless < t.tried / 4,
                "%s: %zu harmless of %zu", names[_i], t.harmless, t.tried);
  json_decref(root);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("tampering");

  tcase_add_loop_test(tests, a_changed_number_proves_nothing_else, 0,
                      sizeof names / sizeof *names);
  return run_case("check-tampering", tests);
}
