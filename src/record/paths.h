/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a record by dotted path. */
#ifndef UFM_RECORD_PATHS_H
#define UFM_RECORD_PATHS_H

#include <stdbool.h>

#include <jansson.h>

#include <ufm/status.h>

/* What a path leads to. */
typedef struct ufm__found {
  const json_t *value; /* NULL: the record has no such part */
  const char *name;    /* last word of the path */
  bool proved;         /* the nearest "evidence" on the way is "proved" */
  bool size;           /* asked for is the number of items of this list */
} ufm__found;

/* "certificate.lower", "geometry.norm_w.0": members by name, items by number,
   -1 for the last, # for how many there are. */
ufm__found ufm__path_find(const json_t *record, const char *path);

/* True for a path that can be one: no empty word. */
bool ufm__path_valid(const char *path);

/* Adds the paths of all members of a record to a set (a JSON object whose keys
   are the paths); items of lists have no names.  False when memory ran out. */
bool ufm__path_collect(json_t *names, json_t *record);

/* UFM_EINVAL: WHAT 'PATH' is in no record, with the nearest of `names`. */
ufm_status ufm__path_unknown(ufm_error *error, const char *what,
                             const char *path, json_t *names);

#endif
