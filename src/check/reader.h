/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_READER_H
#define UFM_CHECK_READER_H

#include <jansson.h>

#include "check/grid.h"

/* Strict reading of JSON values.  `where` names the value in messages; every
   function returns false, with the verdict "malformed", on anything odd. */

enum { CHK_MAX_SIZE = 1 << 24 }; /* largest size or count */

/* The value of a key, which must be there. */
bool chk_read_key(json_t **out, const json_t *object, const char *key,
                  const char *where, chk_session *session);

/* A JSON integer from 1 to CHK_MAX_SIZE. */
bool chk_read_size(size_t *out, const json_t *value, const char *where,
                   chk_session *session);

/* A JSON integer from 0 to limit - 1. */
bool chk_read_index(size_t *out, const json_t *value, size_t limit,
                    const char *where, chk_session *session);

/* A JSON integer, or a string with an exact number. */
bool chk_read_number(chk_number *out, const json_t *value, const char *where,
                     chk_session *session);

/* The same for a few numbers, as fractions: any; > 0; the value of a key. */
bool chk_read_fraction(mpq_t out, const json_t *value, const char *where,
                       chk_session *session);
bool chk_read_positive(mpq_t out, const json_t *value, const char *where,
                       chk_session *session);
bool chk_read_key_fraction(mpq_t out, const json_t *object, const char *key,
                           const char *where, chk_session *session);

/* A flat array of rows x cols numbers on their common grid. */
bool chk_read_grid(chk_grid *out, const json_t *value, size_t rows, size_t cols,
                   const char *where, chk_session *session);

/* An array; *size is its length, at least `least`. */
bool chk_read_array(size_t *size, const json_t *value, size_t least,
                    const char *where, chk_session *session);

/* The position of the string in the list of `count` names. */
bool chk_read_name(size_t *out, const json_t *value, const char *const *names,
                   size_t count, const char *where, chk_session *session);

#endif
