/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a certificate proves.  Bounds are rounded outward again when they become
   decimals. */
#include <config.h>

#include <ufm/families.h>

#include "record/json.h"

/* Digits beyond those of the gap would be noise of one end or the other. */
static size_t bound_digits(const ufm_certificate *c)
{
  return (size_t)((double)c->bits * 0.30103) + 2;
}

static json_t *decimal(mpfr_srcptr x, size_t digits, mpfr_rnd_t direction)
{
  char *text = NULL;
  json_t *value = NULL;
  int code;

  if (!mpfr_number_p(x))
    return json_null();
  code = direction == MPFR_RNDD
             ? mpfr_asprintf(&text, "%.*RDg", (int)digits, x)
             : mpfr_asprintf(&text, "%.*RUg", (int)digits, x);
  if (code >= 0) {
    value = json_string(text);
    mpfr_free_str(text);
  }
  return value;
}

static json_t *notes(const ufm_certificate *c)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < c->notes; i++)
    if (json_array_append_new(list, json_string(c->note[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* Lists over more classes than this are left out; a note names the groups. */
enum { COLLAPSED_MAX = 65536 };

static json_t *collapsed(const ufm_certificate *c, size_t K)
{
  json_t *list;

  if (c->collapsed == NULL || K > COLLAPSED_MAX)
    return json_null();
  list = json_array();
  for (size_t k = 0; list != NULL && k < K; k++)
    if (json_array_append_new(
            list, c->collapsed[k] == UFM_NO_LABEL
                      ? json_null()
                      : json_integer((json_int_t)c->collapsed[k])) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *family(const ufm_family *at, size_t digits)
{
  json_t *o = json_pack("{s:s, s:b, s:I}", "name", at->name, "zero",
                        (int)at->zero, "rank", (json_int_t)at->rank);

  if (o == NULL ||
      !ufm__json_put(o, "lower", decimal(at->lower, digits, MPFR_RNDD)) ||
      !ufm__json_put(o, "upper", decimal(at->upper, digits, MPFR_RNDU)) ||
      !ufm__json_put(o, "scale_lower",
                     decimal(at->scale_lo, digits, MPFR_RNDD)) ||
      !ufm__json_put(o, "scale_upper",
                     decimal(at->scale_hi, digits, MPFR_RNDU))) {
    json_decref(o);
    return NULL;
  }
  return o;
}

/* Null for problems without named candidates. */
static json_t *families(const ufm_families *all, size_t digits)
{
  json_t *list;

  if (all == NULL)
    return json_null();
  list = json_array();
  for (size_t i = 0; list != NULL && i < all->count; i++)
    if (json_array_append_new(list, family(&all->at[i], digits)) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* Families proved not to contain an optimum: the point, or another family, is
   below the least objective. */
static json_t *refuted(const ufm_certificate *c)
{
  json_t *list;

  if (c->families == NULL)
    return json_null();
  list = json_array();
  for (size_t i = 0; list != NULL && i < c->families->count; i++)
    if (ufm_certificate_refutes(c, &c->families->at[i]) &&
        json_array_append_new(list, json_string(c->families->at[i].name)) !=
            0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

json_t *ufm__json_certificate(const ufm_certificate *c, size_t K)
{
  size_t digits;
  json_t *o;

  if (c == NULL)
    return json_null();
  o = json_pack("{s:s, s:s, s:I}", "status", ufm_proof_status_name(c->status),
                "evidence", "proved", "bits", (json_int_t)c->bits);
  digits = bound_digits(c);
  if (o == NULL ||
      !ufm__json_put(o, "lower", decimal(c->lower, digits, MPFR_RNDD)) ||
      !ufm__json_put(o, "upper", decimal(c->upper, digits, MPFR_RNDU)) ||
      !ufm__json_put(o, "gap", decimal(c->gap, 3, MPFR_RNDU)) ||
      !ufm__json_put(o, "bound",
                     json_string(c->status == UFM_PROOF_REFUSED
                                     ? "none"
                                     : ufm_proof_kind_name(c->kind))) ||
      !ufm__json_put(o, "cosine_error",
                     c->bars ? decimal(c->cosine_error, 3, MPFR_RNDU)
                             : json_null()) ||
      !ufm__json_put(o, "rank",
                     c->ranked ? json_pack("[I, I]", (json_int_t)c->rank_lo,
                                           (json_int_t)c->rank_hi)
                               : json_null()) ||
      !ufm__json_put(o, "collapsed", collapsed(c, K)) ||
      !ufm__json_put(o, "families", families(c->families, digits)) ||
      !ufm__json_put(o, "refuted", refuted(c)) ||
      !ufm__json_put(o, "notes", notes(c))) {
    json_decref(o);
    return NULL;
  }
  return o;
}
