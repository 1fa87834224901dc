/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counts of the classes: a list, one number for all, or a profile. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/suggest.h"
#include "problem/profile.h"
#include "spec/spec.h"

/* A count beyond this is a slip; N stays far from overflow. */
static const size_t max_count = (size_t)1 << 50;

/* A class costs about 40 numbers in all: count, group, column, weight. */
static ufm_status counts_alloc(size_t K, size_t **counts, ufm_error *error)
{
  ufm_status status;

  if (K < 2)
    return ufm__fail(error, UFM_EINVAL, "classes: got %zu, want at least 2", K);
  status = ufm__check_doubles_fit(K > SIZE_MAX / 40 ? SIZE_MAX : 40 * K,
                                  "classes", error);
  if (status != UFM_OK)
    return status;
  *counts = calloc(K, sizeof **counts);
  return *counts != NULL ? UFM_OK : ufm__no_memory(error, "counts");
}

typedef struct count_list {
  size_t *counts;
  ufm_error *error;
} count_list;

static ufm_status read_count(const char *text, size_t i, void *user)
{
  count_list *list = user;

  return ufm__parse_size(text, "counts", 1, max_count, &list->counts[i],
                         list->error);
}

static ufm_status counts_from_list(const char *text, size_t *K, size_t **counts,
                                   ufm_error *error)
{
  count_list list = {NULL, error};
  ufm_status status;

  *K = ufm__pieces(text, ',');
  if (*K < 2)
    return ufm__fail(error, UFM_EINVAL,
                     "counts: got 1 class ('%.80s'), want at least 2", text);
  status = counts_alloc(*K, counts, error);
  if (status != UFM_OK)
    return status;
  list.counts = *counts;
  return ufm__split(text, ',', read_count, &list, error);
}

static ufm_status counts_from_classes(const ufm_spec *spec, size_t *K,
                                      size_t **counts, ufm_error *error)
{
  size_t n = 1;
  ufm_status status = ufm_spec_size(spec, "classes", 0, SIZE_MAX, K, error);

  if (status == UFM_OK)
    status = ufm_spec_size(spec, "per-class", 1, max_count, &n, error);
  if (status == UFM_OK)
    status = counts_alloc(*K, counts, error);
  for (size_t k = 0; status == UFM_OK && k < *K; k++)
    (*counts)[k] = n;
  return status;
}

/* The fields of a profile, still as text. */
enum { MAX_FIELDS = 5, FIELD_LENGTH = 80 };

typedef struct profile_text {
  char field[MAX_FIELDS][FIELD_LENGTH];
  size_t fields;
} profile_text;

static ufm_status read_field(const char *text, size_t i, void *user)
{
  profile_text *p = user;
  size_t length = strlen(text);

  p->fields = i + 1;
  if (i >= MAX_FIELDS || length >= FIELD_LENGTH)
    return UFM_EINVAL;
  memcpy(p->field[i], text, length + 1);
  return UFM_OK;
}

typedef struct profile_kind {
  const char *name, *form;
  size_t least, most;     /* number of fields, the name included */
  const char *real_name;  /* the fourth field */
  unsigned long real_min; /* and its least value */
} profile_kind;

static const profile_kind kinds[] = {
    {"exp", "exp:K:NMAX:RATIO", 4, 4, "profile: RATIO", 1},
    {"step", "step:K:NMAX:RATIO:MINORITY", 5, 5, "profile: RATIO", 1},
    {"zipf", "zipf:K:NMAX[:EXPONENT]", 3, 4, "profile: EXPONENT", 0}};

static ufm_status find_kind(const char *name, const profile_kind **kind,
                            ufm_error *error)
{
  const char *names[3];

  for (size_t i = 0; i < 3; i++) {
    names[i] = kinds[i].name;
    *kind = &kinds[i];
    if (strcmp(name, kinds[i].name) == 0)
      return UFM_OK;
  }
  return ufm__unknown_name(error, "profile", name, names, 3);
}

/* RATIO or EXPONENT: at least `min`, and small enough in numerator and
   denominator (2^20) for the powers that decide a floor. */
static ufm_status read_real(const char *text, const profile_kind *kind,
                            mpq_t out, ufm_error *error)
{
  ufm_status status = ufm__parse_rational(text, kind->real_name, out, error);

  if (status == UFM_OK && (mpq_cmp_ui(out, kind->real_min, 1) < 0 ||
                           mpz_sizeinbase(mpq_numref(out), 2) > 20 ||
                           mpz_sizeinbase(mpq_denref(out), 2) > 20))
    status = ufm__fail(error, UFM_EINVAL,
                       "%s: got %s, want at least %lu, with numerator and "
                       "denominator below 2^20",
                       kind->real_name, text, kind->real_min);
  return status;
}

static ufm_status fill_profile(const profile_text *p, const profile_kind *kind,
                               size_t K, size_t top, mpq_srcptr real,
                               size_t *counts, ufm_error *error)
{
  size_t minority = 0;
  ufm_status status = UFM_OK;

  if (strcmp(kind->name, "exp") == 0) {
    ufm__profile_exp(K, top, real, counts);
  } else if (strcmp(kind->name, "zipf") == 0) {
    ufm__profile_zipf(K, top, real, counts);
  } else {
    status = ufm__parse_size(p->field[4], "profile: MINORITY", 0, K, &minority,
                             error);
    if (status == UFM_OK)
      ufm__profile_step(K, top, real, minority, counts);
  }
  for (size_t k = 0; status == UFM_OK && k < K; k++)
    if (counts[k] == 0)
      status =
          ufm__fail(error, UFM_EINVAL,
                    "profile: class %zu gets 0 samples, want at least 1", k);
  return status;
}

static ufm_status counts_from_profile(const char *text, size_t *K,
                                      size_t **counts, ufm_error *error)
{
  const profile_kind *kind = NULL;
  profile_text p = {.fields = 0};
  size_t top = 0;
  mpq_t real;
  ufm_status status = ufm__split(text, ':', read_field, &p, NULL);

  if (p.fields > 0) {
    ufm_status known = find_kind(p.field[0], &kind, error);

    if (known != UFM_OK)
      return known;
  }
  if (status != UFM_OK || kind == NULL || p.fields < kind->least ||
      p.fields > kind->most)
    return ufm__fail(error, UFM_EINVAL, "profile: got '%.80s', want %s", text,
                     kind != NULL ? kind->form : kinds[0].form);
  mpq_init(real);
  mpq_set_ui(real, 1, 1);
  status = ufm__parse_size(p.field[1], "profile: K", 2, SIZE_MAX, K, error);
  if (status == UFM_OK)
    status =
        ufm__parse_size(p.field[2], "profile: NMAX", 1, max_count, &top, error);
  if (status == UFM_OK && p.fields > 3)
    status = read_real(p.field[3], kind, real, error);
  if (status == UFM_OK)
    status = counts_alloc(*K, counts, error);
  if (status == UFM_OK)
    status = fill_profile(&p, kind, *K, top, real, *counts, error);
  mpq_clear(real);
  return status;
}

/* One sample of each row of a target matrix. */
static ufm_status counts_from_rows(size_t classes, size_t *K, size_t **counts,
                                   ufm_error *error)
{
  ufm_status status = counts_alloc(classes, counts, error);

  *K = classes;
  for (size_t k = 0; status == UFM_OK && k < classes; k++)
    (*counts)[k] = 1;
  return status;
}

ufm_status ufm__spec_counts(const ufm_spec *spec, size_t classes, size_t *K,
                            size_t **counts, ufm_error *error)
{
  static const char *const ways[] = {"counts", "classes", "profile"};
  ufm__origin best = UFM__ORIGIN_UNSET;
  size_t way = 0, found = 0;
  ufm_status status;

  /* The command line overrides the file also across the three ways. */
  for (size_t i = 0; i < 3; i++) {
    ufm__origin origin = ufm__spec_origin(spec, ways[i]);

    if (origin > best) {
      best = origin;
      found = 0;
    }
    if (origin == best && origin != UFM__ORIGIN_UNSET) {
      way = i;
      found++;
    }
  }
  *counts = NULL;
  if (found == 0 && classes > 0)
    return counts_from_rows(classes, K, counts, error);
  if (found == 0)
    return ufm__fail(error, UFM_EINVAL,
                     "counts: missing, want counts, classes or profile");
  if (found > 1)
    return ufm__fail(error, UFM_EINVAL,
                     "counts: got %zu of counts, classes and profile, want "
                     "exactly one",
                     found);
  if (way != 1 && ufm__spec_origin(spec, "per-class") == best)
    return ufm__fail(error, UFM_EINVAL, "per-class: want it only with classes");
  if (way == 0)
    status = counts_from_list(ufm_spec_get(spec, "counts"), K, counts, error);
  else if (way == 1)
    status = counts_from_classes(spec, K, counts, error);
  else
    status =
        counts_from_profile(ufm_spec_get(spec, "profile"), K, counts, error);
  if (status == UFM_OK && classes > 0 && *K != classes)
    status = ufm__fail(error, UFM_EINVAL,
                       "targets: got a matrix of %zu rows, want one per class, "
                       "%zu",
                       classes, *K);
  if (status != UFM_OK) {
    free(*counts);
    *counts = NULL;
  }
  return status;
}
