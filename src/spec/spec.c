/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of option values, and typed reading of one of them. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/hash.h"
#include "core/number.h"
#include "core/suggest.h"
#include "spec/spec.h"

enum { MAX_OPTIONS = 64 };

static size_t option_count(void)
{
  size_t n = 0;

  while (ufm_option_list()[n].name != NULL)
    n++;
  return n;
}

/* '_' and '-' are the same in names. */
static bool same_name(const char *a, const char *b)
{
  for (; *a != '\0' && *b != '\0'; a++, b++)
    if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
      return false;
  return *a == *b;
}

/* Index in ufm_option_list; option_count() when unknown. */
static size_t option_index(const char *name)
{
  const ufm_option *list = ufm_option_list();
  size_t i = 0;

  while (list[i].name != NULL && !same_name(list[i].name, name))
    i++;
  return i;
}

ufm_status ufm_spec_new(ufm_spec **out, ufm_error *error)
{
  ufm_spec *spec = calloc(1, sizeof *spec);

  *out = NULL;
  if (spec == NULL)
    return ufm__no_memory(error, "options");
  spec->value = calloc(option_count(), sizeof *spec->value);
  if (spec->value == NULL) {
    free(spec);
    return ufm__no_memory(error, "options");
  }
  *out = spec;
  return UFM_OK;
}

ufm_status ufm_spec_copy(ufm_spec **out, const ufm_spec *spec, ufm_error *error)
{
  ufm_status status = ufm_spec_new(out, error);

  for (size_t i = 0; status == UFM_OK && i < option_count(); i++) {
    const ufm__value *value = &spec->value[i];

    if (value->text == NULL)
      continue;
    (*out)->value[i] = (ufm__value){value->origin, strdup(value->text)};
    if ((*out)->value[i].text == NULL)
      status = ufm__no_memory(error, "options");
  }
  if (status != UFM_OK) {
    ufm_spec_free(*out);
    *out = NULL;
  }
  return status;
}

void ufm_spec_free(ufm_spec *spec)
{
  if (spec == NULL)
    return;
  for (size_t i = 0; i < option_count(); i++)
    free(spec->value[i].text);
  free(spec->value);
  free(spec);
}

/* *index is that in ufm_option_list. */
static ufm_status find_option(const char *name, size_t *index, ufm_error *error)
{
  const ufm_option *list = ufm_option_list();
  const char *names[MAX_OPTIONS];
  size_t n = option_count();

  *index = option_index(name);
  if (*index < n)
    return UFM_OK;
  for (size_t k = 0; k < n; k++)
    names[k] = list[k].name;
  return ufm__unknown_name(error, "option", name, names, n);
}

ufm_status ufm__option_find(const ufm_option **out, const char *name,
                            ufm_error *error)
{
  size_t index;
  ufm_status status = find_option(name, &index, error);

  *out = &ufm_option_list()[index];
  return status;
}

ufm_status ufm__spec_put(ufm_spec *spec, const char *name, const char *text,
                         ufm__origin origin, ufm_error *error)
{
  const ufm_option *list = ufm_option_list();
  size_t i;
  char *copy;
  ufm_status status = find_option(name, &i, error);

  if (status != UFM_OK)
    return status;
  if (list[i].argument == NULL && strcmp(text, "true") != 0 &&
      strcmp(text, "false") != 0)
    return ufm__fail(error, UFM_EINVAL, "%s: got '%.80s', want true or false",
                     list[i].name, text);
  if (spec->value[i].origin > origin)
    return UFM_OK;
  copy = strdup(text);
  if (copy == NULL)
    return ufm__no_memory(error, "options");
  free(spec->value[i].text);
  spec->value[i] = (ufm__value){origin, copy};
  return UFM_OK;
}

ufm_status ufm_spec_set(ufm_spec *spec, const char *name, const char *value,
                        ufm_error *error)
{
  return ufm__spec_put(spec, name, value, UFM__ORIGIN_SET, error);
}

const char *ufm_spec_get(const ufm_spec *spec, const char *name)
{
  size_t i = option_index(name);

  return ufm_option_list()[i].name != NULL ? spec->value[i].text : NULL;
}

uint64_t ufm__spec_hash(uint64_t hash, const ufm_spec *spec)
{
  const ufm_option *list = ufm_option_list();

  for (size_t i = 0; list[i].name != NULL; i++)
    if (spec->value[i].text != NULL)
      hash = ufm__hash_text(ufm__hash_text(hash, list[i].name),
                            spec->value[i].text);
  return hash;
}

void ufm_spec_hash(const ufm_spec *spec, char hash[17])
{
  ufm__hash_digits(ufm__spec_hash(UFM__HASH_START, spec), hash);
}

ufm__origin ufm__spec_origin(const ufm_spec *spec, const char *name)
{
  return spec->value[option_index(name)].origin;
}

ufm_status ufm_spec_size(const ufm_spec *spec, const char *name, size_t lo,
                         size_t hi, size_t *out, ufm_error *error)
{
  const char *text = ufm_spec_get(spec, name);

  return text != NULL ? ufm__parse_size(text, name, lo, hi, out, error)
                      : UFM_OK;
}

ufm_status ufm_spec_u64(const ufm_spec *spec, const char *name, uint64_t *out,
                        ufm_error *error)
{
  const char *text = ufm_spec_get(spec, name);

  return text != NULL ? ufm__parse_u64(text, name, out, error) : UFM_OK;
}

ufm_status ufm_spec_positive(const ufm_spec *spec, const char *name,
                             double *out, ufm_error *error)
{
  const char *text = ufm_spec_get(spec, name);

  return text != NULL ? ufm__parse_positive(text, name, out, error) : UFM_OK;
}

size_t ufm__pieces(const char *text, char separator)
{
  size_t n = 1;

  for (; *text != '\0'; text++)
    n += *text == separator;
  return n;
}

ufm_status ufm__split(const char *text, char separator,
                      ufm_status (*item)(const char *text, size_t i,
                                         void *user),
                      void *user, ufm_error *error)
{
  char *copy = strdup(text), *at = copy;
  ufm_status status = UFM_OK;

  if (copy == NULL)
    return ufm__no_memory(error, "list");
  for (size_t i = 0; at != NULL && status == UFM_OK; i++) {
    char *end = strchr(at, separator);

    if (end != NULL)
      *end++ = '\0';
    status = item(at, i, user);
    at = end;
  }
  free(copy);
  return status;
}
