/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict reading of JSON values. */
#include <config.h>

#include <string.h>

#include "check/reader.h"

bool chk_read_key(json_t **out, const json_t *object, const char *key,
                  const char *where, chk_session *session)
{
  if (!json_is_object(object))
    return chk_malformed(session, "%s: want an object", where);
  *out = json_object_get(object, key);
  if (*out == NULL)
    return chk_malformed(session, "%s: key \"%s\" is missing", where, key);
  return true;
}

bool chk_read_size(size_t *out, const json_t *value, const char *where,
                   chk_session *session)
{
  json_int_t number = json_integer_value(value); /* 0 for other types */

  if (number < 1 || number > CHK_MAX_SIZE)
    return chk_malformed(session, "%s: want an integer from 1 to %d", where,
                         CHK_MAX_SIZE);
  *out = (size_t)number;
  return true;
}

bool chk_read_index(size_t *out, const json_t *value, size_t limit,
                    const char *where, chk_session *session)
{
  json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;

  if (number < 0 || number >= (json_int_t)limit)
    return chk_malformed(session, "%s: want an integer from 0 to %zu", where,
                         limit - 1);
  *out = (size_t)number;
  return true;
}

bool chk_read_number(chk_number *out, const json_t *value, const char *where,
                     chk_session *session)
{
  if (json_is_integer(value)) {
    chk_number_set_si(out, (long)json_integer_value(value));
    return true;
  }
  if (!json_is_string(value) ||
      strlen(json_string_value(value)) != json_string_length(value) ||
      !chk_number_parse(out, json_string_value(value)))
    return chk_malformed(session,
                         "%s: want an exact number (integer, \"p/q\" or "
                         "\"0x...p...\") within the limits",
                         where);
  return true;
}

bool chk_read_fraction(mpq_t out, const json_t *value, const char *where,
                       chk_session *session)
{
  chk_number number;
  bool good;

  chk_number_init(&number);
  good = chk_read_number(&number, value, where, session);
  if (good)
    chk_number_get_mpq(out, &number);
  good = good && chk_hold(session, 1.0,
                          (double)(mpz_sizeinbase(mpq_numref(out), 2) +
                                   mpz_sizeinbase(mpq_denref(out), 2)));
  chk_number_clear(&number);
  return good;
}

bool chk_read_positive(mpq_t out, const json_t *value, const char *where,
                       chk_session *session)
{
  if (!chk_read_fraction(out, value, where, session))
    return false;
  if (mpq_sgn(out) <= 0)
    return chk_malformed(session, "%s: want a positive number", where);
  return true;
}

bool chk_read_key_fraction(mpq_t out, const json_t *object, const char *key,
                           const char *where, chk_session *session)
{
  char place[64];
  json_t *value;

  snprintf(place, sizeof place, "%s.%s", where, key);
  return chk_read_key(&value, object, key, where, session) &&
         chk_read_fraction(out, value, place, session);
}

bool chk_read_array(size_t *size, const json_t *value, size_t least,
                    const char *where, chk_session *session)
{
  *size = json_array_size(value); /* 0 for other types */
  if (!json_is_array(value) || *size < least || *size > CHK_MAX_SIZE)
    return chk_malformed(session, "%s: want an array of at least %zu", where,
                         least);
  return true;
}

bool chk_read_grid(chk_grid *out, const json_t *value, size_t rows, size_t cols,
                   const char *where, chk_session *session)
{
  size_t count = rows * cols; /* each at most 2^24 */
  chk_number *numbers;
  bool good = true;

  if (!json_is_array(value) || json_array_size(value) != count)
    return chk_malformed(session, "%s: want an array of %zu x %zu numbers",
                         where, rows, cols);
  numbers = chk_numbers_new(count);
  for (size_t i = 0; i < count && good; i++) {
    char place[64];

    snprintf(place, sizeof place, "%s[%zu]", where, i);
    good =
        chk_read_number(&numbers[i], json_array_get(value, i), place, session);
  }
  good = good && chk_grid_set(out, numbers, rows, cols, session);
  chk_numbers_free(numbers, count);
  return good;
}

bool chk_read_name(size_t *out, const json_t *value, const char *const *names,
                   size_t count, const char *where, chk_session *session)
{
  const char *text = json_string_value(value);

  for (size_t i = 0; text != NULL && i < count; i++)
    if (strcmp(text, names[i]) == 0) {
      *out = i;
      return true;
    }
  return chk_malformed(session, "%s: unknown value", where);
}
