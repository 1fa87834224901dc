/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

/* A value and the container that holds it; key is NULL in arrays. */
typedef struct place {
  json_t *parent, *value;
  const char *key;
  size_t index;
} place;

static unsigned long below(gmp_randstate_t random, unsigned long n)
{
  return gmp_urandomm_ui(random, n);
}

static size_t count_values(json_t *value)
{
  size_t total = 1, index;
  const char *key;
  json_t *child;

  if (json_is_object(value))
    json_object_foreach(value, key, child) total += count_values(child);
  else
    json_array_foreach(value, index, child) total += count_values(child);
  return total;
}

/* Finds value number *left below `parent`, counted depth first. */
static bool find_value(json_t *parent, size_t *left, place *out)
{
  size_t index = 0;
  const char *key;
  json_t *child;

  if (json_is_object(parent)) {
    json_object_foreach(parent, key, child)
    {
      if ((*left)-- == 0) {
        *out = (place){parent, child, key, 0};
        return true;
      }
      if (find_value(child, left, out))
        return true;
    }
  } else {
    json_array_foreach(parent, index, child)
    {
      if ((*left)-- == 0) {
        *out = (place){parent, child, NULL, index};
        return true;
      }
      if (find_value(child, left, out))
        return true;
    }
  }
  return false;
}

static bool pick(json_t *root, gmp_randstate_t random, place *out)
{
  size_t count = count_values(root) - 1, left;

  if (count == 0)
    return false;
  left = below(random, count);
  return find_value(root, &left, out);
}

/* Takes the reference to `value`; NULL (out of memory, or a text that is not
   UTF-8) changes nothing. */
static void put(const place *at, json_t *value)
{
  if (value == NULL)
    return;
  if (at->key != NULL)
    json_object_set_new(at->parent, at->key, value);
  else
    json_array_set_new(at->parent, at->index, value);
}

/* A digit of a string exchanged, doubled or dropped. */
static json_t *other_digit(const json_t *value, gmp_randstate_t random)
{
  static const char digits[] = "0123456789abcdef-/.px";
  const char *text = json_string_value(value);
  size_t length = strlen(text), at;
  char *changed = malloc(length + 2);
  json_t *result;

  if (changed == NULL || length == 0) {
    free(changed);
    return json_string("0");
  }
  at = below(random, length);
  memcpy(changed, text, at + 1);
  switch (below(random, 3)) {
  case 0:
    changed[at] = digits[below(random, below(random, 8) == 0 ? 21 : 10)];
    memcpy(changed + at + 1, text + at + 1, length - at);
    break;
  case 1:
    memcpy(changed + at + 1, text + at, length - at + 1);
    break;
  default:
    memcpy(changed + at, text + at + 1, length - at);
  }
  result = json_string(changed);
  free(changed);
  return result;
}

/* -x, written by the sign. */
static json_t *negated(const json_t *value)
{
  const char *text = json_string_value(value);
  char *changed;
  json_t *result;

  if (json_is_integer(value))
    return json_integer(-json_integer_value(value));
  if (text[0] == '-')
    return json_string(text + 1);
  changed = malloc(strlen(text) + 2);
  if (changed == NULL)
    return NULL;
  sprintf(changed, "-%s", text);
  result = json_string(changed);
  free(changed);
  return result;
}

/* x +- 2^-k for a fraction or an integer; other numbers become 2^-k. */
static json_t *shifted(const json_t *value, gmp_randstate_t random)
{
  const char *text = json_string_value(value);
  char number[64], *sum;
  json_t *result;
  mpq_t x, step;

  mpq_inits(x, step, (mpq_ptr)NULL);
  mpq_set_ui(step, 1, 1);
  mpq_div_2exp(step, step, below(random, 400));
  if (below(random, 2) == 0)
    mpq_neg(step, step);
  if (json_is_integer(value)) {
    snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
             json_integer_value(value));
    text = number;
  }
  if (mpq_set_str(x, text, 10) == 0 && mpz_sgn(mpq_denref(x)) != 0)
    mpq_canonicalize(x);
  else
    mpq_set_ui(x, 0, 1);
  mpq_add(x, x, step);
  sum = mpq_get_str(NULL, 10, x);
  result = json_string(sum);
  free(sum);
  mpq_clears(x, step, (mpq_ptr)NULL);
  return result;
}

/* Values that fit nowhere, or hardly anywhere. */
static json_t *strange(gmp_randstate_t random)
{
  static const char *const texts[] = {"",
                                      "0",
                                      "-0x0p+0",
                                      "1/0",
                                      "0/7",
                                      "0x1p+1000",
                                      "0x1p-5000",
                                      "0x1p-262144",
                                      "0x1p+99999999999",
                                      "-0x1p-99999999999999999999",
                                      "0x.p0",
                                      "nan",
                                      "class:0",
                                      "class:99999999"};
  static const json_int_t counts[] = {
      0, 1, -1, 2, 3, 64, 65, 1 << 24, (1 << 24) + 1, 4294967296, 1LL << 53};
  size_t depth;
  json_t *nest;

  switch (below(random, 5)) {
  case 0:
    return json_integer(counts[below(random, sizeof counts / sizeof *counts)]);
  case 1:
    nest = json_array();
    depth = below(random, 40);
    for (size_t i = 0; i < depth; i++)
      nest = json_pack("[o]", nest);
    return nest;
  case 2:
    return below(random, 2) == 0 ? json_null() : json_real(0.5);
  case 3:
    return json_object();
  default:
    return json_string(texts[below(random, sizeof texts / sizeof *texts)]);
  }
}

static void remove_value(const place *at)
{
  if (at->key != NULL)
    json_object_del(at->parent, at->key);
  else
    json_array_remove(at->parent, at->index);
}

/* The value exchanged with another one of its container. */
static void exchange(const place *at, gmp_randstate_t random)
{
  size_t left = json_is_array(at->parent) ? json_array_size(at->parent)
                                          : json_object_size(at->parent);
  place other = *at;
  json_t *here;

  left = below(random, left);
  if (json_is_array(at->parent)) {
    other.index = left;
    other.value = json_array_get(at->parent, left);
  } else {
    json_object_foreach(at->parent, other.key,
                        other.value) if (left-- == 0) break;
  }
  here = json_deep_copy(at->value);
  put(at, json_deep_copy(other.value));
  put(&other, here);
}

void mutate(json_t *root, gmp_randstate_t random)
{
  place at, other;
  bool number;

  if (!pick(root, random, &at))
    return;
  number = json_is_integer(at.value) || json_is_string(at.value);
  switch (below(random, 10)) {
  case 0:
  case 1:
    put(&at, json_is_string(at.value) ? other_digit(at.value, random)
                                      : strange(random));
    break;
  case 2:
    put(&at, number ? negated(at.value) : strange(random));
    break;
  case 3:
  case 4:
    put(&at, number ? shifted(at.value, random) : strange(random));
    break;
  case 5:
    put(&at, strange(random));
    break;
  case 6:
    remove_value(&at);
    break;
  case 7:
    if (json_is_array(at.parent))
      json_array_insert_new(at.parent, at.index, json_deep_copy(at.value));
    break;
  case 8:
    exchange(&at, random);
    break;
  default:
    if (pick(root, random, &other))
      put(&at, json_deep_copy(other.value));
  }
}
