/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of option values, as the files of this room see it. */
#ifndef UFM_SPEC_SPEC_H
#define UFM_SPEC_SPEC_H

#include <ufm/spec.h>

/* Where a value came from; the command line overrides the file. */
typedef enum ufm__origin {
  UFM__ORIGIN_UNSET,
  UFM__ORIGIN_FILE,
  UFM__ORIGIN_SET
} ufm__origin;

typedef struct ufm__value {
  ufm__origin origin;
  char *text;
} ufm__value;

struct ufm_spec {
  ufm__value *value; /* one per entry of ufm_option_list */
};

/* Like ufm_spec_set, for a value of the given origin. */
UFM_MUST_CHECK ufm_status ufm__spec_put(ufm_spec *spec, const char *name,
                                        const char *text, ufm__origin origin,
                                        ufm_error *error);

/* The entry of ufm_option_list; '_' and '-' are the same.  UFM_EINVAL, with the
   closest name, for an unknown one. */
UFM_MUST_CHECK ufm_status ufm__option_find(const ufm_option **out,
                                           const char *name, ufm_error *error);

/* `hash`, continued over names and texts of all options that are set. */
uint64_t ufm__spec_hash(uint64_t hash, const ufm_spec *spec);

ufm__origin ufm__spec_origin(const ufm_spec *spec, const char *name);

/* The counts of the classes from counts, classes and per-class, or profile;
   `classes` when a target matrix has that many rows (else 0): they must agree,
   and without any of the three every class has count 1.  *counts is the
   caller's to free. */
UFM_MUST_CHECK ufm_status ufm__spec_counts(const ufm_spec *spec, size_t classes,
                                           size_t *K, size_t **counts,
                                           ufm_error *error);

/* Calls item(text of the item, its index, user) for each piece of a list
   separated by `separator`; stops at the first failure. */
UFM_MUST_CHECK ufm_status ufm__split(const char *text, char separator,
                                     ufm_status (*item)(const char *text,
                                                        size_t i, void *user),
                                     void *user, ufm_error *error);

/* Number of pieces of such a list. */
size_t ufm__pieces(const char *text, char separator);

#endif
