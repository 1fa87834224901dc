/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value of a record as the text of a table.  Decimal strings and doubles
   become exact rationals first, so the only rounding is the one shown; bounds
   keep their direction. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/decimal.h>

#include "record/cell.h"
#include "record/fail.h"

/* More digits of a double are those of its binary fraction. */
enum { DOUBLE_DIGITS = 17 };

static ufm_rounding direction(const char *name)
{
  if (strcmp(name, "lower") == 0)
    return UFM_ROUND_DOWN;
  return strcmp(name, "upper") == 0 || strcmp(name, "gap") == 0 ||
                 strcmp(name, "cosine_error") == 0
             ? UFM_ROUND_UP
             : UFM_ROUND_NEAREST;
}

/* The exact value of a number or of a decimal string; false for other things,
   fractions included, which are shown as they stand. */
static bool exact_value(const json_t *value, mpq_t out)
{
  if (json_is_integer(value)) {
    char text[32];

    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT,
             json_integer_value(value));
    return mpq_set_str(out, text, 10) == 0;
  }
  if (json_is_real(value)) {
    mpq_set_d(out, json_real_value(value)); /* JSON has no infinity */
    return true;
  }
  return json_is_string(value) &&
         strchr(json_string_value(value), '/') == NULL &&
         ufm_decimal_read(json_string_value(value), "", out, NULL) == UFM_OK;
}

static char *number_text(mpq_srcptr x, ufm__form form, size_t digits,
                         ufm_rounding rounding)
{
  return form == UFM__FORM_FIXED ? ufm_decimal_fixed(x, digits, rounding)
                                 : ufm_decimal_text(x, digits, rounding);
}

/* The value as the record has it: doubles with all their digits. */
static char *plain_text(const json_t *value)
{
  return json_is_string(value)
             ? strdup(json_string_value(value))
             : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
                                     JSON_REAL_PRECISION(DOUBLE_DIGITS));
}

static ufm__cell scalar(const json_t *value, const char *name, ufm__form form,
                        size_t digits)
{
  ufm__cell cell = {NULL, false};
  mpq_t x;

  mpq_init(x);
  cell.number = form != UFM__FORM_TEXT && exact_value(value, x);
  if (!cell.number || (json_is_integer(value) && form == UFM__FORM_DIGITS))
    cell.text = plain_text(value);
  else
    cell.text = number_text(x, form,
                            json_is_real(value) && form == UFM__FORM_DIGITS &&
                                    digits > DOUBLE_DIGITS
                                ? DOUBLE_DIGITS
                                : digits,
                            direction(name));
  mpq_clear(x);
  return cell;
}

/* "500, 300, 50 (x2)": equal neighbours once. */
static char *list_text(const json_t *list, ufm__form form, size_t digits,
                       const char *name)
{
  char *all = NULL;
  size_t length = 0, size = json_array_size(list);
  FILE *stream = open_memstream(&all, &length);
  bool good = stream != NULL;

  for (size_t i = 0, run; good && i < size; i += run) {
    json_t *item = json_array_get(list, i);
    ufm__cell cell = scalar(item, name, form, digits);

    good = cell.text != NULL;
    for (run = 1;
         i + run < size && json_equal(item, json_array_get(list, i + run));)
      run++;
    if (good)
      fprintf(stream, "%s%s", i > 0 ? ", " : "",
              json_is_null(item) ? "-" : cell.text);
    if (good && run > 1)
      fprintf(stream, " (x%zu)", run);
    free(cell.text);
  }
  if (stream != NULL && fclose(stream) == 0 && good)
    return all;
  free(all);
  return NULL;
}

/* An interval: with a bar when it is proved, else its ends, rounded outward. */
static ufm__cell interval(const json_t *object, bool proved, ufm__form form,
                          size_t digits)
{
  const char *status = json_string_value(json_object_get(object, "status"));
  ufm__cell cell = {NULL, false};
  mpq_t lower, upper;

  mpq_inits(lower, upper, (mpq_ptr)NULL);
  if (!exact_value(json_object_get(object, "lower"), lower) ||
      !exact_value(json_object_get(object, "upper"), upper) ||
      mpq_cmp(lower, upper) > 0) {
    /* refused, or one-sided: nothing to show */
  } else if (status != NULL ? strcmp(status, "proved") == 0 : proved) {
    cell.text = ufm_decimal_enclosure(lower, upper, digits);
    cell.number = true;
  } else {
    char *lo = number_text(lower, form, digits, UFM_ROUND_DOWN);
    char *hi = number_text(upper, form, digits, UFM_ROUND_UP);

    if (lo == NULL || hi == NULL ||
        asprintf(&cell.text, "[%s, %s]", lo, hi) < 0)
      cell.text = NULL;
    free(lo);
    free(hi);
  }
  mpq_clears(lower, upper, (mpq_ptr)NULL);
  return cell;
}

ufm_status ufm__cell_new(ufm__cell *out, ufm__found found, ufm__form form,
                         size_t digits, const char *where, ufm_error *error)
{
  const json_t *value = found.value;

  *out = (ufm__cell){NULL, false};
  if (value == NULL || json_is_null(value))
    return UFM_OK;
  if (found.size) {
    out->number = true;
    if (asprintf(&out->text, "%zu", json_array_size(value)) < 0)
      out->text = NULL;
    return out->text != NULL ? UFM_OK : ufm__record_no_memory(error);
  }
  if (json_is_object(value)) {
    if (json_object_get(value, "lower") == NULL ||
        json_object_get(value, "upper") == NULL)
      return ufm__record_fail(error, UFM_EINVAL,
                              "%s: column '%.120s' has members, name one of "
                              "them",
                              where, found.name);
    *out = interval(value, found.proved, form, digits);
    return UFM_OK;
  }
  if (json_is_array(value))
    out->text = list_text(value, form, digits, found.name);
  else
    *out = scalar(value, found.name, form, digits);
  return out->text != NULL ? UFM_OK : ufm__record_no_memory(error);
}
