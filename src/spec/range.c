/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes of grids: linear and logarithmic ranges. */
#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mpfr.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/suggest.h"
#include "spec/axis.h"
#include "spec/json.h"

#include <ufm/grid.h>

/* RATIO of a profile takes fractions below 2^20: six digits always fit. */
enum { MAX_DIGITS = 1000 };
static const char default_digits[] = "6";

/* A range, read. */
typedef struct range {
  mpq_t from, to;
  size_t n, digits;
  bool logarithmic;
} range;

static ufm_status read_member(const json_t *object, const char *key,
                              const char *fallback, char **text,
                              ufm_error *error)
{
  const json_t *value = json_object_get(object, key);

  if (value != NULL)
    return ufm__json_option_text(value, key, text, error);
  if (fallback == NULL)
    return ufm__fail(error, UFM_EINVAL,
                     "missing '%s', want a list or {\"from\": a, \"to\": b, "
                     "\"n\": n, \"scale\": \"lin\"|\"log\"}",
                     key);
  *text = strdup(fallback);
  return *text != NULL ? UFM_OK : ufm__no_memory(error, "axis");
}

static ufm_status read_end(const json_t *object, const char *key, mpq_t out,
                           ufm_error *error)
{
  char *text = NULL;
  ufm_status status = read_member(object, key, NULL, &text, error);

  if (status == UFM_OK)
    status = ufm__parse_rational(text, key, out, error);
  free(text);
  return status;
}

static ufm_status read_count(const json_t *object, const char *key,
                             const char *fallback, size_t most, size_t *out,
                             ufm_error *error)
{
  char *text = NULL;
  ufm_status status = read_member(object, key, fallback, &text, error);

  if (status == UFM_OK)
    status = ufm__parse_size(text, key, 1, most, out, error);
  free(text);
  return status;
}

static ufm_status read_scale(const json_t *object, range *r, ufm_error *error)
{
  static const char *const names[] = {"lin", "log"};
  char *text = NULL;
  ufm_status status = read_member(object, "scale", "lin", &text, error);

  if (status != UFM_OK)
    return status;
  r->logarithmic = strcmp(text, "log") == 0;
  if (!r->logarithmic && strcmp(text, "lin") != 0)
    status = ufm__unknown_name(error, "scale", text, names, 2);
  free(text);
  return status;
}

static ufm_status read_range(const json_t *object, range *r, ufm_error *error)
{
  ufm_status status = read_end(object, "from", r->from, error);

  if (status == UFM_OK)
    status = read_end(object, "to", r->to, error);
  if (status == UFM_OK)
    status = read_count(object, "n", NULL, UFM_GRID_MAX, &r->n, error);
  if (status == UFM_OK)
    status = read_scale(object, r, error);
  if (status == UFM_OK)
    status = read_count(object, "digits", default_digits, MAX_DIGITS,
                        &r->digits, error);
  if (status == UFM_OK && r->logarithmic &&
      (mpq_sgn(r->from) <= 0 || mpq_sgn(r->to) <= 0))
    status =
        ufm__fail(error, UFM_EINVAL, "scale: log wants from and to above 0");
  if (status == UFM_OK && r->n == 1 && !mpq_equal(r->from, r->to))
    status = ufm__fail(error, UFM_EINVAL,
                       "n: got 1 with different from and to, want at least 2");
  return status;
}

static char *rational_text(mpq_srcptr x)
{
  void (*release)(void *, size_t);
  char *text = NULL, *copy = NULL;

  if (gmp_asprintf(&text, "%Qd", x) < 0)
    return NULL;
  copy = strdup(text);
  mp_get_memory_functions(NULL, NULL, &release);
  release(text, strlen(text) + 1);
  return copy;
}

/* from + (to - from) i/(n-1), exactly. */
static char *linear_text(const range *r, size_t i)
{
  char *text;
  mpq_t x, t;

  mpq_inits(x, t, (mpq_ptr)NULL);
  mpq_set_ui(t, i, r->n - 1);
  mpq_canonicalize(t);
  mpq_sub(x, r->to, r->from);
  mpq_mul(x, x, t);
  mpq_add(x, x, r->from);
  text = rational_text(x);
  mpq_clears(x, t, (mpq_ptr)NULL);
  return text;
}

/* from (to/from)^(i/(n-1)), to the digits wanted: MPFR rounds each function
   correctly, so all machines agree. */
static char *logarithmic_text(const range *r, size_t i)
{
  mpfr_prec_t bits = ufm__bits_for_digits(r->digits, 64);
  char *number = NULL, *text = NULL;
  mpfr_t x, base;
  mpq_t q;

  mpfr_inits2(bits, x, base, (mpfr_ptr)NULL);
  mpq_init(q);
  mpq_div(q, r->to, r->from);
  mpfr_set_q(base, q, MPFR_RNDN);
  mpq_set_ui(q, i, r->n - 1);
  mpq_canonicalize(q);
  mpfr_set_q(x, q, MPFR_RNDN);
  mpfr_pow(x, base, x, MPFR_RNDN);
  mpfr_mul_q(x, x, r->from, MPFR_RNDN);
  if (mpfr_asprintf(&number, "%.*Rg", (int)r->digits, x) >= 0) {
    text = strdup(number);
    mpfr_free_str(number);
  }
  mpq_clear(q);
  mpfr_clears(x, base, (mpfr_ptr)NULL);
  return text;
}

static ufm_status fill_range(ufm__axis *axis, const range *r, ufm_error *error)
{
  ufm_status status = ufm__axis_reserve(axis, r->n, error);

  for (size_t i = 0; status == UFM_OK && i < r->n; i++) {
    if (i == 0)
      axis->value[i] = rational_text(r->from);
    else if (i == r->n - 1)
      axis->value[i] = rational_text(r->to);
    else
      axis->value[i] =
          r->logarithmic ? logarithmic_text(r, i) : linear_text(r, i);
    if (axis->value[i] == NULL)
      status = ufm__no_memory(error, "axis");
  }
  return status;
}

ufm_status ufm__axis_range(ufm__axis *axis, const json_t *object,
                           ufm_error *error)
{
  range r = {.n = 0};
  ufm_status status;

  mpq_inits(r.from, r.to, (mpq_ptr)NULL);
  status = read_range(object, &r, error);
  if (status == UFM_OK)
    status = fill_range(axis, &r, error);
  mpq_clears(r.from, r.to, (mpq_ptr)NULL);
  return status;
}
