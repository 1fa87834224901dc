/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a sweep or a diagram a record stands, and the options that make it
 * again. */
#include <config.h>

#include <string.h>

#include "record/json.h"
#include "record/place.h"

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;
#define CASE_HELP(name, text, help)                                            \
  case name:                                                                   \
    return help;

const char *ufm_point_status_name(ufm_point_status status)
{
  switch (status) {
    UFM_POINT_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_point_status_meaning(ufm_point_status status)
{
  switch (status) {
    UFM_POINT_LIST(CASE_HELP)
  }
  return "unknown";
}

/* An option's name as in SPEC files. */
static const char *key_of(const char *name, char key[static 64])
{
  size_t i = 0;

  for (; name[i] != '\0' && i < 63; i++)
    key[i] = name[i] == '-' ? '_' : name[i];
  key[i] = '\0';
  return key;
}

static json_t *axes(const ufm_grid *grid)
{
  json_t *list = json_array();
  char key[64];

  for (size_t i = 0; list != NULL && i < ufm_grid_axes(grid); i++)
    if (json_array_append_new(
            list, json_string(key_of(ufm_grid_axis(grid, i), key))) != 0) {
      json_decref(list);
      return NULL;
    }
  return list;
}

/* All options of the point: a SPEC file of its own. */
static json_t *options(const ufm_spec *spec)
{
  json_t *o = json_object();
  char key[64];

  for (const ufm_option *i = ufm_option_list(); o != NULL && i->name != NULL;
       i++) {
    const char *text = ufm_spec_get(spec, i->name);

    if (text != NULL &&
        !ufm__json_put(o, key_of(i->name, key), json_string(text))) {
      json_decref(o);
      return NULL;
    }
  }
  return o;
}

bool ufm__json_put_place(json_t *root, const ufm_place *place)
{
  if (place == NULL)
    return true;
  return ufm__json_put(root, "index", json_integer((json_int_t)place->index)) &&
         ufm__json_put(root, "spec_hash", json_string(place->hash)) &&
         (place->grid == NULL ||
          ufm__json_put(root, "axes", axes(place->grid))) &&
         (place->ratio == 0.0 ||
          ufm__json_put(root, "ratio", json_real(place->ratio))) &&
         ufm__json_put(root, "options", options(place->spec)) &&
         ufm__json_put(root, "status",
                       json_string(ufm_point_status_name(place->status))) &&
         ufm__json_put(root, "reason",
                       place->reason != NULL ? json_string(place->reason)
                                             : json_null()) &&
         ufm__json_put(root, "seconds", ufm__json_real(place->seconds));
}
