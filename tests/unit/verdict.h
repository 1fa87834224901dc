/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-check on certificates in memory. */
#ifndef UFM_TESTS_VERDICT_H
#define UFM_TESTS_VERDICT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/verify.h"

/* The reason is copied when it is not NULL. */
static inline chk_outcome verdict(const json_t *root, char *reason, size_t size)
{
  char *text = json_dumps(root, JSON_COMPACT);
  chk_result result;
  chk_outcome outcome;

  ck_assert_ptr_nonnull(text);
  chk_result_init(&result);
  chk_verify(&result, text, strlen(text), &chk_default_limits);
  outcome = result.session.outcome;
  if (reason != NULL)
    snprintf(reason, size, "%s", result.session.reason);
  chk_result_clear(&result);
  free(text);
  return outcome;
}

/* A certificate of tests/fuzz/corpus/verified, which is left as it is. */
static inline json_t *load_verified(const char *name)
{
  const char *srcdir = getenv("srcdir");
  char path[4096];
  json_t *root;

  snprintf(path, sizeof path, "%s/tests/fuzz/corpus/verified/%s.json",
           srcdir != NULL ? srcdir : ".", name);
  root = json_load_file(path, 0, NULL);
  ck_assert_msg(root != NULL, "cannot read %s", path);
  return root;
}

#endif
