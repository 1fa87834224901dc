/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored reference values: files of decimal strings. */
#ifndef UFM_TESTS_THEORY_CE_REFS_H
#define UFM_TESTS_THEORY_CE_REFS_H

#include <stdio.h>

#include <jansson.h>

#include "theory_ce.h"

/* Digits asked for, and digits compared (the files have 40 or more). */
enum { DIGITS = 40, COMPARED = 38 };

static inline json_t *load(const char *name)
{
  const char *srcdir = getenv("srcdir");
  char path[1024];
  json_error_t where;
  json_t *root;

  snprintf(path, sizeof path, "%s/tests/data/%s", srcdir ? srcdir : ".", name);
  root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
  ck_assert_msg(root != NULL, "%s: %s", path, where.text);
  return root;
}

/* `want` is the stored decimal; 0 must be matched exactly. */
static inline void check_number(const char *name, const char *key,
                                mpfr_srcptr got, const json_t *want)
{
  mpfr_t reference;

  ck_assert_msg(json_is_string(want), "%s: %s is not a string", name, key);
  mpfr_init2(reference, 200);
  ck_assert_int_eq(
      mpfr_set_str(reference, json_string_value(want), 10, MPFR_RNDN), 0);
  if (!same_digits(got, reference, COMPARED)) {
    char text[80];

    mpfr_snprintf(text, sizeof text, "%.45Rg", got);
    ck_abort_msg("%s: %s is %s, want %s", name, key, text,
                 json_string_value(want));
  }
  mpfr_clear(reference);
}

static inline const char *member_string(const json_t *instance, const char *key)
{
  return json_string_value(json_object_get(instance, key));
}

#endif
